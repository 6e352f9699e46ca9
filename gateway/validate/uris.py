"""Places in documents, named by URI with a JSON Pointer as fragment (RFC 6901 section 6)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote


def at(documents: Mapping[str, Any], uri: str) -> Any:
    """What stands at `uri`; None when nothing does."""
    base, _, fragment = uri.partition("#")
    node: Any = documents.get(base)
    pointer = unquote(fragment) if "%" in fragment else fragment
    escaped = "~" in pointer
    try:
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~") if escaped else token
            node = node[int(key)] if isinstance(node, list) else node[key]
    except (KeyError, IndexError, ValueError, TypeError):
        return None
    return node


def absolute(reference: str, base: str) -> str:
    """`reference` as it stands in the document of `base`; references to other documents are absolute already."""
    return base.partition("#")[0] + reference if reference.startswith("#") else reference


def child(uri: str, *tokens: str | int) -> str:
    """The URI of a place below `uri`, given the unescaped steps to it."""
    steps = "".join("/" + quote(str(token).replace("~", "~0").replace("/", "~1"), safe="~") for token in tokens)
    return f"{uri}{steps}" if "#" in uri else f"{uri}#{steps}"


def anchors(document: Any) -> dict[str, Any]:
    """The schemas with a dynamic anchor in a rewritten document, by name: they all stand in its `$defs`."""
    definitions = document.get("$defs") if isinstance(document, Mapping) else None
    return {
        schema["$dynamicAnchor"]: schema
        for schema in (definitions.values() if isinstance(definitions, dict) else ())
        if isinstance(schema, dict) and "$dynamicAnchor" in schema
    }
