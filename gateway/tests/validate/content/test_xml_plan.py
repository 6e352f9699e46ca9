"""Plans for reading XML: what can be planned, and for which media types."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.content.xml_plan import compile_xml, is_element
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.wire.media import Media

NODE = {"type": "object", "properties": {"v": {"type": "integer"}}}


def compiled(schema: Any) -> Any:
    """The decoder for a schema with the name `X`."""
    return compile_xml(at("X"), schema_set(X=schema, Node=NODE), Terms())


def properties(**schemas: Any) -> dict[str, Any]:
    """An object with these."""
    return {"type": "object", "properties": schemas}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (properties(a={"type": "string", "xml": {"name": "x"}}, b={"type": "string", "xml": {"name": "x"}}), "element"),
        (properties(a={"type": "string", "xml": {"nodeType": "text"}}, b={"xml": {"nodeType": "text"}}), "the text"),
        (properties(a={"xml": {"nodeType": "cdata"}}, b={"xml": {"nodeType": "cdata"}}), "the cdata"),
        (properties(a={"xml": {"attribute": True}}, b={"xml": {"attribute": True, "name": "a"}}), "attribute"),
        (properties(a={"type": "object", "xml": {"attribute": True}}), "cannot be attribute"),
        (properties(a={"type": "array", "xml": {"nodeType": "text"}}), "cannot be text"),
        (properties(a={"type": "array", "prefixItems": [{"type": "string"}]}), "nodeType: element"),
        ({"type": "array", "items": {"xml": {"attribute": True}}}, "cannot be an attribute"),
        ({"type": "object", "xml": {"nodeType": "comment"}}, "nodeType"),
    ],
)
def test_contradictions_are_found_at_load(schema: Any, reason: str) -> None:
    """Fail closed."""
    with pytest.raises(SchemaError, match=reason):
        compiled(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        properties(a=ref("Node"), b=ref("Node")),
        properties(self=ref("X"), list={"type": "array", "items": ref("X")}),
        {"oneOf": [ref("Node"), {"type": "string"}]},
        properties(a=False),
    ],
)
def test_everything_else_is_planned(schema: Any) -> None:
    """Schemas that contain themselves, too."""
    assert compiled(schema)(Media("application", "xml")) is not None


def test_charsets_choose_the_decoder() -> None:
    """An unknown one is 415; one charset has one function."""
    decode = compiled(NODE)
    assert decode(Media("text", "xml", (("charset", "rot13"),))) is None
    assert decode(Media("text", "xml", (("charset", "utf-8"),)))(b"<X/>") == {}
    assert decode(Media("text", "xml")) is decode(Media("application", "xml", (("v", "1"),)))


def test_a_string_with_an_xml_object_is_an_element() -> None:
    """Without, it is the document as it stands."""
    schemas = schema_set(X={"type": "string", "xml": {"name": "x"}}, Y={"type": "string"})
    assert is_element(at("X"), schemas) and not is_element(at("Y"), schemas)
