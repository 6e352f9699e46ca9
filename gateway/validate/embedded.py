"""Strings with content: `contentEncoding`, `contentMediaType` and `contentSchema` (JSON Schema draft 2020-12,
validation section 8), which are assertions here.

Judged is content in a known encoding, and JSON among the media types. Other content, such as an image, is only asked
for its encoding.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.validate.encodings import ENCODINGS, Decode, as_it_is
from gateway.validate.strict_json import NotJson, loads
from gateway.wire.media import is_json, parse

KEYWORDS = ("contentEncoding", "contentMediaType")
CONTENT = frozenset((*KEYWORDS, "contentSchema"))

Judge = Callable[[Any], bool]  # whether the value that JSON content holds satisfies `contentSchema`


def known_encoding(value: object) -> bool:
    """Whether content in this `contentEncoding` can be decoded."""
    return isinstance(value, str) and value.lower() in ENCODINGS


def known_type(value: object) -> bool:
    """Whether content of this `contentMediaType` can be judged: JSON."""
    media = parse(value.encode(errors="replace")) if isinstance(value, str) else None
    return media is not None and is_json(media)


def judges(schema: Mapping[str, Any]) -> bool:
    """Whether the content keywords of a schema object say anything that is judged."""
    return known_encoding(schema.get("contentEncoding")) or known_type(schema.get("contentMediaType"))


Find = Callable[[Any], Judge | None]  # `contentSchema` to its judge; None when it says nothing


def keyword(name: str, find: Find) -> type:
    """A keyword of the schema engine, which makes an object of it for each place where `name` stands. Only the first
    of the content keywords of a schema judges, the other would do it again."""

    class Content:
        """One string with content."""

        def __init__(self, schema: dict[str, Any], value: Any, path: list[str | int]) -> None:
            encoding, media = schema.get("contentEncoding"), schema.get("contentMediaType")
            self._decode: Decode | None = as_it_is
            if isinstance(encoding, str):
                self._decode = ENCODINGS.get(encoding.lower())
            if name == "contentMediaType" and known_encoding(encoding):
                self._decode = None
            self._encoding = encoding
            self._json = known_type(media)
            self._judge = find(schema.get("contentSchema")) if self._json and self._decode else None

        def validate(self, instance: Any) -> None:
            """Raises ValueError with the reason."""
            if not isinstance(instance, str) or self._decode is None:
                return
            data = self._decode(instance)
            if data is None:
                raise ValueError(f"must be encoded in {self._encoding or 'UTF-8'}")
            if self._json:
                self._validate_json(data)

        def _validate_json(self, data: bytes) -> None:
            try:
                value = loads(data)
            except NotJson:
                raise ValueError("must hold JSON") from None
            if self._judge is not None and not self._judge(value):
                raise ValueError("holds JSON that does not match the schema of its content")

    return Content
