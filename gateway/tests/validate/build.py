"""Inputs for the judges' tests: one document of schemas, and model values that point into it."""

from typing import Any

from gateway.contract.model import Header, Location, MediaType, Parameter
from gateway.validate.schema import SchemaSet

URI = "urn:test:0"
WHERE = Location("test.yaml", 1, 1, "")


def schema_set(**schemas: Any) -> SchemaSet:
    """A document with these component schemas."""
    return SchemaSet({URI: {"components": {"schemas": schemas}}})


def at(name: str) -> str:
    """The URI of a component schema."""
    return f"{URI}#/components/schemas/{name}"


def ref(name: str) -> dict[str, str]:
    """A reference to a component schema from inside the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(place: str, schema: str | None, name: str = "p", **changes: Any) -> Parameter:
    """A parameter in the default style of its place; `schema` is a component's name."""
    style = "form" if place in ("query", "cookie") else "simple"
    facts: dict[str, Any] = {
        "name": name,
        "place": place,
        "required": place == "path",
        "schema": at(schema) if schema else None,
        "style": style,
        "explode": style == "form",
        "content": "",
        "allow_empty": False,
        "deprecated": False,
        "where": WHERE,
    }
    return Parameter(**{**facts, **changes})


def header(schema: str | None, name: str = "X-H", required: bool = False, content: str = "") -> Header:
    """A response header."""
    return Header(name, required, at(schema) if schema else None, False, content, WHERE)


def media(range_: str, schema: str | None = None) -> MediaType:
    """One key of a Content Object."""
    return MediaType(range_, at(schema) if schema else None, WHERE)
