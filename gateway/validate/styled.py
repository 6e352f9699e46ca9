"""Parts of `multipart/form-data` that a style of RFC 6570 writes: the names of parts are keys, as those of a query are.

"URI percent-encoding MUST NOT be applied" there (OpenAPI 3.2.0, "Fixed Fields for RFC6570-style Serialization"), so
content is taken as it is, and a delimiter cannot be part of a value.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from gateway.contract.model import Encoding
from gateway.validate.explain import pointer_of
from gateway.validate.keyed import Keys, Pairs, keys_of
from gateway.validate.media import Decode
from gateway.validate.parts import PartReader
from gateway.validate.schema import SchemaError, SchemaSet
from gateway.validate.styles import Style, delimited, repeated, splitter
from gateway.validate.text import BadText
from gateway.validate.values import Read, compile_read
from gateway.wire.media import Media, is_utf8

_DELIMITED = frozenset(("form", "spaceDelimited", "pipeDelimited"))
_TEXT = Media("text", "plain")


class Styled(NamedTuple):
    """One property: the parts that it is made of, and its value."""

    name: str
    keys: Keys
    read: Read

    def value(self, given: Pairs) -> object:
        """The value of what is given; None when nothing is. Raises BadText."""
        try:
            source = self.keys.collect(given, ())
            return None if source is None else self.read(source)
        except BadText as error:
            raise BadText(error.message, error.keyword, pointer_of([self.name]) + error.pointer) from None


class _Alone:
    """All parts of one name."""

    open = False
    traceless = False

    def __init__(self, name: str) -> None:
        self._name = name.encode()

    def names(self, key: bytes) -> bool:
        """See Keys."""
        return key == self._name

    def collect(self, given: Pairs, free: Iterable[bytes]) -> Any:
        """See Keys."""
        return given.get(self._name)


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadText("is not valid UTF-8") from None


def _raw(data: bytes) -> object:
    return data


def _as_it_is(media: Media) -> Decode | None:
    if not is_utf8(media):
        raise BadText("has a charset that is not understood", "media-type")
    return _raw


# The content type is nothing that the document says (3.2.0, Encoding Object, `style`): it is text.
READER = PartReader(((_TEXT, _as_it_is),), _TEXT, "", (), None)


def compile_styled(name: str, uri: str, said: Encoding, schemas: SchemaSet) -> Styled:
    """The property `name`, whose value is at `uri`. Raises SchemaError for a style that no part can have."""
    style = said.style or "form"
    explode = style == "form" if said.explode is None else said.explode
    if style not in _DELIMITED | {"deepObject"}:
        raise SchemaError(uri, f"style {style} is not one of a part")
    found = keys_of(schemas, uri, style, explode, name, _utf8, open=False)
    if found is not None:
        return Styled(name, found[0], compile_read(schemas, uri, found[1]))
    return Styled(name, _Alone(name), compile_read(schemas, uri, _style(style, explode)))


def _style(style: str, explode: bool) -> Style:
    return repeated(_utf8) if explode else delimited(style, _utf8, splitter("header", style))
