"""JSON Pointers (RFC 6901) as strings."""

from collections.abc import Iterable
from typing import Any


def escape(token: str) -> str:
    """One reference token as it is written in a pointer (section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def join(pointer: str, *tokens: str | int) -> str:
    """`pointer` extended by tokens: `join("/paths", "/a")` is `/paths/~1a`."""
    for token in tokens:
        pointer += "/" + escape(str(token))
    return pointer


def split(pointer: str) -> list[str]:
    """The tokens of a pointer; raises ValueError when it is neither empty nor starts with a slash."""
    if not pointer:
        return []
    if pointer[0] != "/":
        raise ValueError(f"{pointer!r} is no JSON Pointer: it has to start with '/'")
    tokens = pointer[1:].split("/")
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens] if "~" in pointer else tokens


def step(node: Any, token: str) -> Any:
    """The child of `node` named by one token; raises LookupError when there is none (section 4)."""
    if isinstance(node, dict):
        return node[token]
    if isinstance(node, list) and token.isascii() and token.isdigit() and str(int(token)) == token:
        return node[int(token)]
    raise LookupError(token)


def walk(document: Any, tokens: Iterable[str]) -> Any:
    """The node that `tokens` lead to; raises LookupError when they lead nowhere."""
    for token in tokens:
        document = step(document, token)
    return document
