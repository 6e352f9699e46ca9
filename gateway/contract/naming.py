"""Names for components, which have to match `^[a-zA-Z0-9\\.\\-_]+$` (OpenAPI 3.1.0, Components Object)."""

import re
from collections.abc import Iterator

from gateway.contract.pointer import split

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


def component_name(text: str) -> str:
    """`text` as a key of the Components Object."""
    return _NOT_A_NAME.sub("_", text) or "_"


def candidates(last: str, stem: str) -> Iterator[str]:
    """Names for what the token `last` names in a file called `stem`, the best first, without end."""
    name = component_name(last or stem)
    yield name
    yield (name := component_name(f"{stem}_{last}"))
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def last_token(pointer: str) -> str:
    """The last token of a pointer, "" for the whole document."""
    return split(pointer)[-1] if pointer else ""
