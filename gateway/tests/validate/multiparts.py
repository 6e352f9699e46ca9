"""Multipart bodies and their checks, for the tests of what reads and judges them."""

from typing import Any

from gateway.config import Limits
from gateway.contract.model import Encoding, Header, MediaType
from gateway.tests.validate.build import URI, WHERE, schema_set
from gateway.validate.formdata import compile_multipart
from gateway.validate.media import MediaCheck
from gateway.validate.parts import Context
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.wire.media import Media

FILE = {"type": "string", "format": "binary"}


def encoding(content_type: str = "", *headers: Header, **changes: Any) -> Encoding:
    """An Encoding Object."""
    facts: dict[str, Any] = {"style": None, "explode": None, "allow_reserved": None, **changes}
    return Encoding(content_type, headers, where=WHERE, **facts)


def multipart(
    schema: Any = None, item: Any = None, type_: str = "form-data", limits: Limits | None = None, **changes: Any
) -> MediaCheck:
    """The check of a multipart body with the boundary `b`. Raises SchemaError."""
    given = {name: value for name, value in (("Whole", schema), ("Item", item)) if value is not None}
    uris = {name: f"{URI}#/components/schemas/{name}" for name in given}
    extra = changes.pop("components", {})
    documented = MediaType(f"multipart/{type_}", uris.get("Whole"), WHERE, uris.get("Item"), **changes)
    terms = Terms(limits=limits or Limits())
    bind = compile_multipart(documented, schema_set(**given, **extra), terms)
    check = bind(Media("multipart", type_, (("boundary", "b"),)))
    assert check is not None
    return check


def part(content: bytes = b"", name: str | None = None, type_: str | None = None, *lines: str) -> bytes:
    """One part with its boundary, `form-data` when it has a name."""
    fields = [f'Content-Disposition: form-data; name="{name}"'] if name is not None else []
    fields += [f"Content-Type: {type_}"] if type_ is not None else []
    head = "".join(line + "\r\n" for line in (*fields, *lines))
    return b"--b\r\n" + head.encode() + b"\r\n" + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    """A whole body."""
    return b"".join(parts) + b"--b--\r\n"


def no_context(schemas: SchemaSet) -> Context:
    """To compile parts that are not multipart themselves."""

    def nested(uri: str, said: Encoding) -> Any:
        raise AssertionError(uri)

    return Context(schemas, Terms(), nested)
