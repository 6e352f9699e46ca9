"""XML Objects: what each schema is in a document, and by which names (OpenAPI 3.2.0, "XML Object").

What 2.0 to 3.1 say with `attribute` and `wrapped` is said with `nodeType` here.
"""

from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from gateway.validate.content.xml_tree import Name
from gateway.validate.outline import Uris
from gateway.validate.schema import SchemaError, SchemaSet
from gateway.validate.uris import absolute, child

_NODES = ("element", "attribute", "text", "cdata", "none")
_COMPONENTS = ("components/schemas", "definitions")


class Wanted(NamedTuple):
    """A name to look for. Without namespace and prefix it is in none, or in that of the element around it."""

    local: str
    namespace: str | None = None
    prefix: str | None = None


class Node(NamedTuple):
    """One schema in its place. `node` is a `nodeType`, "" when the schema leaves it to its type; `names` are those
    that its element or attribute may have, the one that counts first; none when any name will do. `said`: the schema
    itself has an XML Object."""

    node: str
    names: tuple[Wanted, ...]
    said: bool


def node_of(schemas: SchemaSet, uris: Uris, inherited: str) -> Node:
    """How the schemas at `uris` stand in a document where `inherited` is the name of the property that they are of,
    or "". Raises SchemaError for a `nodeType` that does not exist.

    Where only a component has a name, both it and the property's count: versions before 3.2 and 3.2 differ.
    """
    said: dict[str, Any] = {}
    component = ""
    for uri in uris:
        found, name = _said(schemas, uri)
        said = found | said
        component = component or name
    node = said.get("nodeType", "")
    if node not in ("", *_NODES):
        raise SchemaError(uris[0], "xml.nodeType has to be one of " + ", ".join(_NODES))
    if not node:
        node = "attribute" if said.get("attribute") is True else "element" if said.get("wrapped") is True else ""
    locals_ = [said["name"]] if isinstance(said.get("name"), str) else [name for name in (inherited, component) if name]
    space, prefix = said.get("namespace"), said.get("prefix")
    names = tuple(Wanted(local, space, None if space else prefix) for local in dict.fromkeys(locals_))
    return Node(node, names, bool(said))


def _said(schemas: SchemaSet, uri: str) -> tuple[dict[str, Any], str]:
    """The XML Object in force at `uri`, and the name of the component that it leads to, or ""."""
    said: dict[str, Any] = {}
    component = ""
    seen = set[str]()
    while uri not in seen:
        seen.add(uri)
        component = component or _component(uri)
        schema = schemas.lookup(uri)
        if not isinstance(schema, dict):
            break
        if isinstance(schema.get("xml"), dict):
            said = schema["xml"] | said
        if isinstance(schema.get("$ref"), str):
            uri = absolute(schema["$ref"], uri)
        elif isinstance(schema.get("allOf"), list) and len(schema["allOf"]) == 1:
            uri = child(uri, "allOf", 0)
    return said, component


def _component(uri: str) -> str:
    holder, _, name = uri.partition("#/")[2].rpartition("/")
    return unquote(name).replace("~1", "/").replace("~0", "~") if holder in _COMPONENTS else ""


T = TypeVar("T")


class Claims(Generic[T]):
    """Who takes the elements, or the attributes, of which name."""

    __slots__ = ("_exact", "_plain", "_prefixed")

    def __init__(self) -> None:
        self._exact: dict[tuple[str, str], T] = {}
        self._prefixed: dict[tuple[str, str], T] = {}
        self._plain: dict[str, T] = {}

    def add(self, wanted: Wanted, taker: T) -> bool:
        """False when somebody else has the name already."""
        if wanted.namespace is not None:
            return self._exact.setdefault((wanted.namespace, wanted.local), taker) is taker
        if wanted.prefix is not None:
            return self._prefixed.setdefault((wanted.prefix, wanted.local), taker) is taker
        return self._plain.setdefault(wanted.local, taker) is taker

    def lost(self, wanted: Wanted, taker: T) -> bool:
        """Whether somebody else has a name."""
        return not self.add(wanted, taker)

    def find(self, name: Name, around: str) -> T | None:
        """Who takes `name`; `around` is the namespace of the element that it stands in."""
        found = self._exact.get((name.namespace, name.local)) or self._prefixed.get((name.prefix, name.local))
        return found or (self._plain.get(name.local) if name.namespace in ("", around) else None)
