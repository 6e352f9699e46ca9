"""Which parts of a document have a URI of their own: schemas with `$id`, and anchors inside them (JSON Schema draft
2020-12 section 8.2), and since OpenAPI 3.2 a whole document (`$self`).

What stands under a keyword that holds data is no schema, so it has no identity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.contract import pointer as pointers
from gateway.contract.drafts import DRAFT_2020, Draft, of_uri

# Versions whose schemas are resources; before, `$id` and `$anchor` meant nothing.
IDENTIFYING = frozenset(("3.1", "3.2"))
_DATA = frozenset(("enum", "const", "default", "example", "examples", "value"))
# Maps whose keys are names: a property called `default` is a schema.
_NAMED = frozenset(
    ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas", "responses", "headers")
)
# What the bytes of a file with an identity contain. Draft 4 has `id`, which is in every other document, too; the last
# two are escapes that could spell one.
_SIGNS = (b"$id", b"$anchor", b"$dynamicAnchor", b"$self", b"draft-04/schema", b"\\u0024", b"\\x24")


@dataclass(frozen=True, slots=True)
class Identity:
    """`keyword` of the object at `pointer` says `value`; `$id` and `$self` give a URI, the others an anchor."""

    pointer: str
    keyword: str
    value: str


def may_identify(data: bytes) -> bool:
    """Whether a file of these bytes has to be looked through; False for nearly all."""
    return any(sign in data for sign in _SIGNS)


def identities(document: Any, dialect: str, default: Draft = DRAFT_2020) -> Iterator[Identity]:
    """The identities in a file of a contract of this version, those of outer objects before those of inner ones.
    `default` is the dialect of schemas without `$schema`."""
    if dialect not in IDENTIFYING:
        return
    own = document.get("$self") if isinstance(document, dict) and "openapi" in document else None
    if dialect == "3.2" and isinstance(own, str):
        yield Identity("", "$self", own)
    todo: list[tuple[str, Any, bool, Draft]] = [("", document, False, default)]
    while todo:
        pointer, node, named, draft = todo.pop()
        if isinstance(node, dict):
            draft = of_uri(node.get("$schema")) or draft
            yield from _of(pointer, node, draft)
            todo.extend(
                (pointers.join(pointer, key), child, key in _NAMED and not named, draft)
                for key, child in node.items()
                if (named or key not in _DATA) and isinstance(child, dict | list)
            )
        elif isinstance(node, list):
            todo.extend((f"{pointer}/{index}", item, False, draft) for index, item in enumerate(node))


def _of(pointer: str, node: dict[str, Any], draft: Draft) -> Iterator[Identity]:
    if not draft.siblings and "$ref" in node:
        return
    if isinstance(value := node.get(draft.identifier), str) and value:
        yield Identity(pointer, "$id", value)
    for keyword in draft.anchors:
        if isinstance(value := node.get(keyword), str) and value:
            yield Identity(pointer, keyword, value)
