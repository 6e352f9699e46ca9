"""The bytes of one file to a value and the places of its nodes, and which version of OpenAPI it claims to be."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from gateway.contract import json_text, yaml_text
from gateway.contract.json_text import TextFlaw
from gateway.contract.positions import Place

_VERSION = re.compile(r"3\.[0-2]\.[0-9]+(-.+)?\Z")
_WRITE = 'write `openapi: "3.2.0"`, or 3.1 or 3.0, or `swagger: "2.0"`'


class _Top(Place):
    """The beginning of a file that has no structure."""

    def members(self) -> Iterator[tuple[str, Place]]:
        return iter(())


TOP: Place = _Top(1, 1)


def parse(data: bytes, name: str) -> tuple[Any, Callable[[], Place]]:
    """The value in `data` and a function giving the root's place. JSON is read as JSON: when the file's name
    ends so, or when it starts like an object and is one. Raises `TextFlaw` or `RepeatedKeys`."""
    text = _decode(data)
    if not text.strip():
        raise TextFlaw(1, 1, "the file is empty", "write an OpenAPI document", "document-empty")
    named = name.lower().endswith(".json")
    if named or text.lstrip()[0] in "{[":
        try:
            return json_text.parse(text), cache(lambda: json_text.place(text))
        except TextFlaw:
            if named:
                raise
    node = yaml_text.compose(text)
    if node is None:
        raise TextFlaw(1, 1, "the file is empty", "write an OpenAPI document", "document-empty")
    return yaml_text.value_of(node), cache(lambda: yaml_text.place(node))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"not UTF-8: byte {error.start} is 0x{data[error.start]:02x}"
        raise TextFlaw(line, column, message, "save the file as UTF-8", "document-encoding") from None


def version_flaw(document: Any) -> tuple[str, str, str] | None:
    """(key, message, hint) when the document is none that can be served, None when it is 2.0, 3.0.x, 3.1.x or 3.2.x."""
    if not isinstance(document, dict):
        return "", f"an OpenAPI document is a mapping, this is a {_KINDS.get(type(document), 'value')}", _WRITE
    keys = [key for key in ("openapi", "swagger") if key in document]
    if not keys:
        return "", "neither `openapi` nor `swagger` says which version this is", _WRITE
    if len(keys) == 2:
        return "swagger", "both `openapi` and `swagger` are given", "keep one of the two"
    key, version = keys[0], document[keys[0]]
    if not isinstance(version, str):
        return key, f"`{key}` has to be a string, {version!r:.40} is none", _WRITE
    if (key == "swagger" and version == "2.0") or (key == "openapi" and _VERSION.match(version)):
        return None
    return key, f"version {version[:40]!r} is not supported", _WRITE


_KINDS = {list: "list", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
