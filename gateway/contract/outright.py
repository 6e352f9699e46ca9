"""What a published schema has to say itself, because what said it around it is not published.

A published component stands in a document without resources: its `$id` is gone, and so is the `jsonSchemaDialect` or
`$schema` of what it stood in.
"""

from collections.abc import Mapping
from typing import Any

from gateway.contract import pointer as pointers
from gateway.contract.drafts import DRAFT_2020, KNOWN, around, of_file, of_uri
from gateway.contract.references import Resolver


def dialect(documents: Mapping[str, Any], version: str, uri: str, pointer: str) -> str:
    """The `$schema` that the schema at `pointer` of the file `uri` needs; "" where it is the usual one."""
    root = next(iter(documents.values()))
    draft = around(documents[uri], pointer, of_file(documents[uri], root, version))
    return next((known for known in KNOWN if of_uri(known) is draft and draft is not DRAFT_2020), "")


def bound(resolver: Resolver, documents: Mapping[str, Any], ref: str) -> tuple[tuple[str, str], ...]:
    """(URI of the file, pointer) of each schema that a `$dynamicRef` may mean: those with its `$dynamicAnchor`."""
    name = ref.partition("#")[2]
    found = {
        (uri, pointer): pointers.walk(document, pointers.split(pointer))
        for uri, document in documents.items()
        for _, anchor, pointer in resolver.anchors(uri)
        if anchor == name != ""
    }
    return tuple(place for place, node in found.items() if node.get("$dynamicAnchor") == name)
