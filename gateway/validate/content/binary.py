"""Content that no decoder reads: its length is all that a schema can say about it.

`minLength` and `maxLength` of raw binary content count octets, and may be judged while it passes (OpenAPI 3.2.0,
"Binary Streams").
"""

from gateway.contract.model import MediaType
from gateway.errors import Violation
from gateway.validate.media import OPAQUE, Bind, MediaCheck, whole
from gateway.validate.schema import SchemaError, SchemaSet, constraints
from gateway.validate.shape import kinds
from gateway.validate.terms import Terms

_LENGTHS = frozenset(("minLength", "maxLength"))
_SAYABLE = _LENGTHS | {"type", "format", "contentMediaType", "contentEncoding"}


def compile_binary(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    """The judge of content by its length. Raises SchemaError when the schema says more."""
    uri, schema = schemas.resolve(whole(documented))
    said = constraints(schema)
    admitted = kinds(schemas, uri)
    if isinstance(schema, bool) or said - _SAYABLE or not (admitted is None or "string" in admitted):
        raise SchemaError(uri, f"content of type {documented.range} cannot be judged by a schema")
    if not said & _LENGTHS:
        return lambda media: OPAQUE
    check = octets(schema.get("minLength", 0), schema.get("maxLength"))
    return lambda media: check


def octets(least: int, most: int | None) -> MediaCheck:
    """Content of `least` to `most` octets, judged while it passes."""
    return MediaCheck(None, lambda: _Count(least, most))


class _Count:
    """A judge that holds nothing but a number."""

    __slots__ = ("_least", "_most", "_seen")

    def __init__(self, least: int, most: int | None) -> None:
        self._least = least
        self._most = most
        self._seen = 0

    def feed(self, data: bytes) -> list[Violation]:
        """A violation as soon as there is too much."""
        self._seen += len(data)
        if self._most is None or self._seen <= self._most:
            return []
        return [Violation("body", "", "", "maxLength", f"must have at most {self._most} octets")]

    def end(self) -> list[Violation]:
        """A violation when there was too little."""
        if self._seen >= self._least:
            return []
        return [Violation("body", "", "", "minLength", f"must have at least {self._least} octets")]
