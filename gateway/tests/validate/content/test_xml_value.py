"""XML to values, by schemas of every version."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.content.xml_plan import compile_xml
from gateway.validate.media import decoded
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def named(name: str, **schema: Any) -> dict[str, Any]:
    """A string with this XML name."""
    return {"type": "string", "xml": {"name": name}, **schema}


def root(**properties: Any) -> dict[str, Any]:
    """An object whose element is `r`."""
    return {"type": "object", "xml": {"name": "r"}, "properties": properties}


def array(items: Any, **xml: Any) -> dict[str, Any]:
    """An array with an XML Object."""
    return {"type": "array", "items": items, "xml": xml}


def value(schema: Any, document: str, **others: Any) -> Any:
    """What a document is."""
    decode = compile_xml(at("Root"), schema_set(Root=schema, **others), Terms())(Media("application", "xml"))
    assert decode
    return decode(document.encode())


def violations(schema: Any, document: str) -> list[tuple[str, str]]:
    """What is wrong with a document."""
    schemas = schema_set(Root=schema)
    decode = compile_xml(at("Root"), schemas, Terms())(Media("application", "xml"))
    assert decode
    found = decoded(schemas.check(at("Root")), decode).violations(document.encode())
    return [(violation.pointer, violation.keyword) for violation in found]


@pytest.mark.parametrize(
    ("schema", "document", "expected"),
    [
        # names
        (root(a=STRING), "<r><a>x</a></r>", {"a": "x"}),
        (root(a=named("b")), "<r><b>x</b></r>", {"a": "x"}),
        ({"type": "object", "properties": {"a": INTEGER}}, "<Root><a> 7 </a></Root>", {"a": 7}),
        ({**STRING, "xml": {"name": "r"}}, "<r> x </r>", " x "),
        (root(a={"type": "boolean"}, b={"type": "number"}), "<r><b>1.5</b><a>true</a></r>", {"a": True, "b": 1.5}),
        (root(a={"type": ["integer", "string"]}), "<r><a>7</a></r>", {"a": 7}),
        # attributes, text, CDATA
        (root(a={**INTEGER, "xml": {"attribute": True}}), '<r a="3"/>', {"a": 3}),
        (root(a={**INTEGER, "xml": {"nodeType": "attribute", "name": "b"}}), '<r b="3"/>', {"a": 3}),
        (
            root(a={"xml": {"nodeType": "attribute"}}, t={**INTEGER, "xml": {"nodeType": "text"}}),
            '<r a="x"> 42 </r>',
            {"a": "x", "t": 42},
        ),
        (root(t={**STRING, "xml": {"nodeType": "text"}}, a=STRING), "<r>\n <a>x</a>\n</r>", {"a": "x"}),
        (root(t={**STRING, "xml": {"nodeType": "text"}}, a=STRING), "<r>y<a>x</a>z</r>", {"a": "x", "t": "yz"}),
        (root(t={**STRING, "xml": {"nodeType": "cdata"}}), "<r>\n <![CDATA[<b> ]]>\n</r>", {"t": "<b> "}),
        (root(t={**STRING, "xml": {"nodeType": "cdata"}}), "<r> x </r>", {"t": " x "}),
        (
            root(t={**STRING, "xml": {"nodeType": "text"}}, c={**STRING, "xml": {"nodeType": "cdata"}}),
            "<r>x<![CDATA[y]]>z</r>",
            {"t": "xz", "c": "y"},
        ),
        (root(t={**STRING, "xml": {"nodeType": "text"}}), "<r>x<![CDATA[y]]>z</r>", {"t": "xyz"}),
        (root(t={**STRING, "xml": {"nodeType": "cdata"}}), "<r>x<![CDATA[y]]></r>", {"t": "y", "#text": "x"}),
        (root(a={**STRING, "xml": {"nodeType": "none"}}), "<r/>", {}),
        # arrays
        (root(a=array(STRING)), "<r><a>1</a><a>2</a></r>", {"a": ["1", "2"]}),
        (root(a=array(STRING, name="ignored")), "<r><a>1</a></r>", {"a": ["1"]}),
        (root(a=array(named("b"))), "<r><b>1</b><b>2</b></r>", {"a": ["1", "2"]}),
        (root(a=array(STRING, wrapped=True)), "<r><a><a>1</a></a></r>", {"a": ["1"]}),
        (root(a=array(named("b"), wrapped=True, name="c")), "<r><c><b>1</b></c></r>", {"a": ["1"]}),
        (root(a=array(STRING, nodeType="element", name="c")), "<r><c><c>1</c></c></r>", {"a": ["1"]}),
        (root(a=array(STRING, wrapped=True)), "<r><a/></r>", {"a": []}),
        (root(a=array(STRING)), "<r/>", {}),
        ({**root(a=array(STRING)), "required": ["a"]}, "<r/>", {"a": []}),
        (root(a=array(INTEGER), b=STRING), "<r><a>1</a><b>x</b><a>2</a></r>", {"a": [1, 2], "b": "x"}),
        (array(named("b"), name="r", nodeType="element"), "<r><b>1</b><b>2</b></r>", ["1", "2"]),
        (array(named("b")), "<Root><b>1</b></Root>", ["1"]),
        (root(a={"oneOf": [INTEGER, array(INTEGER)]}), "<r><a>1</a></r>", {"a": 1}),
        (root(a={"oneOf": [INTEGER, array(INTEGER)]}), "<r><a>1</a><a>2</a></r>", {"a": [1, 2]}),
        (root(a={}), "<r><a>1</a><a>2</a></r>", {"a": ["1", "2"]}),
        # order
        (
            {"type": "array", "xml": {"nodeType": "element", "name": "r"}, "prefixItems": [named("a"), named("b")]},
            "<r>\n<a>1</a>\n<b>2</b>\n</r>",
            ["1", "2"],
        ),
        (
            {
                "type": "array",
                "xml": {"nodeType": "element", "name": "r"},
                "prefixItems": [{"xml": {"nodeType": "text"}}, {**INTEGER, "xml": {"name": "n"}}],
                "items": {"xml": {"nodeType": "text"}},
            },
            "<r>before <n>7</n> after</r>",
            ["before ", 7, " after"],
        ),
        # namespaces
        (root(a=named("a", xml={"namespace": "u", "prefix": "x"})), '<r><p:a xmlns:p="u">1</p:a></r>', {"a": "1"}),
        (root(a=named("a", xml={"prefix": "x"})), '<r xmlns:x="u"><x:a>1</x:a></r>', {"a": "1"}),
        ({**root(a=STRING), "xml": {"name": "r", "namespace": "u"}}, '<r xmlns="u"><a>1</a></r>', {"a": "1"}),
        ({**root(a=STRING), "xml": {"name": "r", "namespace": "u"}}, '<p:r xmlns:p="u"><p:a>1</p:a></p:r>', {"a": "1"}),
        (
            root(a={**INTEGER, "xml": {"attribute": True, "namespace": "u"}}),
            '<r xmlns:p="u" p:a="1" a="x"/>',
            {"a": 1, "@a": "x"},
        ),
        # null
        (root(a={"type": ["string", "null"]}), f'<r {XSI}><a xsi:nil="true"/></r>', {"a": None}),
        (root(a={"type": ["string", "null"]}), f'<r {XSI}><a xsi:nil="false">x</a></r>', {"a": "x"}),
        (root(a={"type": ["integer", "null"], "xml": {"attribute": True}}), "<r/>", {"a": None}),
        (root(a={"type": ["array", "null"], "items": STRING}), f'<r {XSI}><a xsi:nil="1"/></r>', {"a": None}),
        (root(a={"type": "object"}), "<r><a/></r>", {"a": {}}),
        # objects without an element of their own
        (
            root(a={**root(b=STRING, c=STRING), "xml": {"nodeType": "none"}}, d=STRING),
            "<r><b>1</b><d>2</d><c>3</c></r>",
            {"a": {"b": "1", "c": "3"}, "d": "2"},
        ),
        # what is not documented
        (
            root(a=STRING),
            '<r><b x="1">2</b><c><d/></c><c/></r>',
            {"b": {"@x": "1", "#text": "2"}, "c": [{"d": ""}, ""]},
        ),
        (root(a=named("b")), "<r><a>1</a></r>", {"<a>": "1"}),
        (root(a={"xml": {"attribute": True}}), "<r><a>1</a></r>", {"<a>": "1"}),
        (root(a=STRING), '<r xmlns:p="u" p:x="1"><p:a>2</p:a></r>', {"@{u}x": "1", "{u}a": "2"}),
        ({"type": "object", "xml": {"name": "r"}, "additionalProperties": INTEGER}, "<r><k>1</k></r>", {"k": 1}),
        (
            {"type": "object", "xml": {"name": "r"}, "additionalProperties": array(INTEGER)},
            "<r><k>1</k><k>2</k></r>",
            {"k": [1, 2]},
        ),
        (root(a=STRING), "<r> x </r>", {"#text": " x "}),
        ({"xml": {"name": "r"}}, "<r><a>1</a></r>", {"a": "1"}),
        ({"xml": {"name": "r"}}, "<r>1</r>", "1"),
    ],
)
def test_documents_are_values(schema: Any, document: str, expected: Any) -> None:
    """By name, kind of node, order, namespace; what no property takes is there under a name that no property has."""
    assert value(schema, document) == expected


def test_references_name_elements() -> None:
    """By the property, as before 3.2, or by the component, as in 3.2; a name in an XML Object goes before both."""
    others = {"Pet": root(n=INTEGER) | {"xml": {}}, "Tag": root(n=INTEGER) | {"xml": {"name": "tag"}}}
    schema = root(pet=ref("Pet"), tags=array(ref("Tag"), wrapped=True), home=ref("Pet"))
    expected = {"pet": {"n": 1}, "tags": [{"n": 2}]}
    for name in ("pet", "Pet"):
        document = f"<r><{name}><n>1</n></{name}><tags><tag><n>2</n></tag></tags></r>"
        assert value(schema, document, **others) == expected
    assert value(schema, "<r><home/></r>", **others) == {"home": {}}


def test_alternatives_are_read_together() -> None:
    """Each property gets the type of the alternative that it is valid for."""
    schema = {
        "xml": {"name": "r"},
        "oneOf": [
            {"type": "object", "required": ["a"], "properties": {"a": INTEGER}},
            {"type": "object", "required": ["b"], "properties": {"b": {"type": "boolean"}}},
        ],
    }
    assert value(schema, "<r><a>1</a></r>") == {"a": 1} and value(schema, "<r><b>true</b></r>") == {"b": True}


@pytest.mark.parametrize(
    ("schema", "document", "expected"),
    [
        (root(a=STRING), "<x/>", [("", "unknown")]),
        (root(a=STRING), '<r xmlns="u"/>', [("", "unknown")]),
        (root(a=INTEGER), "<r><a>x</a></r>", [("/a", "type")]),
        (root(a=INTEGER), "<r><a/></r>", [("/a", "type")]),
        (root(a={**INTEGER, "maximum": 3}), "<r><a>4</a></r>", [("/a", "maximum")]),
        (root(a=STRING), "<r><a/><a/></r>", [("/a", "syntax")]),
        (root(a=STRING), "<r><a><b/></a></r>", [("/a", "type")]),
        (root(a=STRING), '<r><a b="1"/></r>', [("/a", "additionalProperties")]),
        (root(a=array(INTEGER)), "<r><a>1</a><a>x</a></r>", [("/a/1", "type")]),
        (root(a=array(INTEGER, wrapped=True)), "<r><a><b/></a></r>", [("/a/0", "unknown")]),
        (root(a=array(INTEGER, wrapped=True)), "<r><a>1</a></r>", [("/a/0", "type")]),
        (root(a=array(INTEGER, wrapped=True)), '<r><a n="1"/></r>', [("/a", "additionalProperties")]),
        (root(a=array(root(b=INTEGER))), "<r><r><b>x</b></r></r>", [("/a/0/b", "type")]),
        ({**root(a=STRING), "required": ["a"]}, "<r/>", [("/a", "required")]),
        ({**root(a={**STRING, "xml": {"nodeType": "text"}}), "required": ["a"]}, "<r/>", []),
        (
            {**root(a={**STRING, "minLength": 1, "xml": {"nodeType": "text"}}), "required": ["a"]},
            "<r/>",
            [("/a", "minLength")],
        ),
        ({**root(a=array(STRING)), "required": ["a"]}, "<r/>", []),
        ({**root(a=STRING), "additionalProperties": False}, "<r><b/></r>", [("/b", "additionalProperties")]),
        ({**root(a=STRING), "additionalProperties": False}, '<r b="1"/>', [("/@b", "additionalProperties")]),
        ({**root(a=STRING), "additionalProperties": False}, "<r>x</r>", [("/#text", "additionalProperties")]),
        ({**root(a=named("b")), "additionalProperties": False}, "<r><a/></r>", [("/<a>", "additionalProperties")]),
        (root(a=False), "<r><a/></r>", [("/a", "not")]),
        (root(a=False), '<r a=""/>', [("/a", "not")]),
        (root(a=STRING), f'<r {XSI}><a xsi:nil="true"/></r>', [("/a", "type")]),
        (root(a=STRING), f'<r {XSI}><a xsi:nil="true">x</a></r>', [("/a", "syntax")]),
        (root(a=STRING), f'<r {XSI}><a xsi:nil="yes"/></r>', [("/a", "syntax")]),
        (root(a=STRING), f'<r {XSI} xsi:schemaLocation="u http://127.0.0.1/"/>', [("", "syntax")]),
        (root(a=STRING), f'<r><a {XSI} xsi:noNamespaceSchemaLocation="u"/></r>', [("/a", "additionalProperties")]),
        (
            {"type": "array", "xml": {"nodeType": "element", "name": "r"}, "prefixItems": [named("a"), named("b")]},
            "<r><b/><a/></r>",
            [("/0", "unknown")],
        ),
        ({"type": "object"}, "<!DOCTYPE r><Root/>", [("", "syntax")]),
    ],
)
def test_violations_lead_to_the_property(schema: Any, document: str, expected: list[tuple[str, str]]) -> None:
    """With a pointer into the value, not into the document."""
    assert violations(schema, document) == expected


def test_documents_may_be_as_deep_as_they_may() -> None:
    """The interpreter's stack is not what bounds them."""
    schema = {"type": "object", "properties": {"Root": array(ref("Root"))}}
    assert value(schema, "<Root>" * 100 + "</Root>" * 100)
    with pytest.raises(BadText, match="deeper"):
        value(schema, "<Root>" * 101 + "</Root>" * 101)


SCHEMA = {
    "type": "object",
    "xml": {"name": "doc", "namespace": "urn:d"},
    "properties": {
        "id": {**INTEGER, "xml": {"attribute": True}},
        "ratio": {"type": "number"},
        "on": {"type": ["boolean", "null"]},
        "flat": array(STRING),
        "boxed": array({**INTEGER, "xml": {"name": "n"}}, wrapped=True),
        "body": {
            "type": "object",
            "properties": {"k": {"xml": {"attribute": True}}, "t": {"xml": {"nodeType": "text"}}},
        },
    },
}
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(),
        "ratio": st.floats(allow_nan=False, allow_infinity=False),
        "on": st.booleans() | st.none(),
        "flat": st.lists(TEXTS, min_size=1),
        "boxed": st.lists(st.integers()),
        "body": st.fixed_dictionaries({}, optional={"k": TEXTS, "t": TEXTS}),
    },
)


def encoded(document: dict[str, Any]) -> str:
    """The document as text, written by other means than it is read."""
    parts = []
    for name, item in document.items():
        if name == "flat":
            parts += [f"<flat>{escape(each)}</flat>" for each in item]
        elif name == "boxed":
            parts.append("<boxed>" + "".join(f"<n>{each}</n>" for each in item) + "</boxed>")
        elif name == "body":
            key = f" k={quoteattr(item['k'])}" if "k" in item else ""
            parts.append(f"<body{key}>{escape(item.get('t', ''))}</body>")
        elif name != "id":
            nil = f' {XSI} xsi:nil="true"' if item is None else ""
            text = "" if item is None else str(item).lower()
            parts.append(f"<{name}{nil}>{text}</{name}>")
    key = f' id="{document["id"]}"' if "id" in document else ""
    return f'<doc xmlns="urn:d"{key}>' + "".join(parts) + "</doc>"


@given(DOCUMENTS)
def test_what_is_written_is_read(document: dict[str, Any]) -> None:
    """Every kind of node, every type."""
    assert value(SCHEMA, encoded(document)) == document


@given(st.text(alphabet="<>/r a='1xb&;", max_size=60).map(lambda text: f"<doc xmlns='urn:d'>{text}</doc>"))
def test_no_document_breaks_the_judge(document: str) -> None:
    """Any gets a verdict."""
    violations(SCHEMA, document)
