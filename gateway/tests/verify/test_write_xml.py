"""Values as XML by the XML Objects of their schemas."""

from typing import Any

import pytest

from gateway.validate.content.xml_plan import compile_xml
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.verify.write_xml import document
from gateway.wire.media import Media

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NOTE: Schema = {"type": "integer", "xml": {"name": "note"}}


def of(schema: Schema, **root: Any) -> Schema:
    return {"type": "object", "xml": {"name": "book", **root}, "properties": schema}


CASES: list[tuple[Schema, Any, str]] = [
    ({"type": "string", "xml": {"name": "t"}}, "a<&>\r", "<t>a&lt;&amp;&gt;&#13;</t>"),
    (of({"a": TEXT, "n": {"type": "number"}}), {"a": "x", "n": 2.5}, "<book><a>x</a><n>2.5</n></book>"),
    (of({"id": {"type": "integer", "xml": {"attribute": True}}}), {"id": 7}, '<book id="7"></book>'),
    (of({"a": {"type": "string", "xml": {"attribute": True}}}), {"a": 'x"<'}, "<book a='x\"&lt;'></book>"),
    (of({"l": {"type": "array", "items": NOTE}}), {"l": [1, 2]}, "<book><note>1</note><note>2</note></book>"),
    (
        of({"l": {"type": "array", "xml": {"wrapped": True, "name": "all"}, "items": NOTE}}),
        {"l": [1]},
        "<book><all><note>1</note></all></book>",
    ),
    (of({"n": {"type": ["string", "null"]}}), {"n": None},
     '<book><n xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"></n></book>'),
    (of({"t": {"type": "string", "xml": {"nodeType": "text"}}}), {"t": "x"}, "<book>x</book>"),
    (of({"t": {"type": "string", "xml": {"nodeType": "cdata"}}}), {"t": "<x>"}, "<book><![CDATA[<x>]]></book>"),
    (of({"in": {"type": "object", "xml": {"nodeType": "none"}, "properties": {"a": TEXT}}}), {"in": {"a": "x"}},
     "<book><a>x</a></book>"),
    (of({"a": {"type": "string", "xml": {"namespace": "urn:a"}}}, namespace="urn:b"), {"a": "x"},
     '<ns0:book xmlns:ns0="urn:b"><ns1:a xmlns:ns1="urn:a">x</ns1:a></ns0:book>'),
    (of({"a": {"type": "string", "xml": {"prefix": "p"}}}), {"a": "x"},
     '<book><p:a xmlns:p="urn:p">x</p:a></book>'),
    (of({}), {"other": ["x", "y"]}, "<book><other>x</other><other>y</other></book>"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "text"), CASES)
def test_a_value_is_written_as_its_schema_says(schema: Schema, value: Any, text: str) -> None:
    """And the decoder reads the same value from it."""
    schemas = SchemaSet({"urn:test": {"schema": schema}})
    assert document(value, "urn:test#/schema", schemas) == text
    decode = compile_xml("urn:test#/schema", schemas, Terms())(Media("application", "xml"))
    assert decode is not None
    assert decode(text.encode()) == value
