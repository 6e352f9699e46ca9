"""Values to XML by the XML Objects of their schemas (OpenAPI 3.2.0, "XML Object")."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # these write XML and read none  # nosec B406

from gateway.validate.content.xml_names import Node, Wanted, node_of
from gateway.validate.content.xml_tree import XSI
from gateway.validate.outline import Outline, Uris, outline
from gateway.validate.schema import SchemaSet
from gateway.verify.write_styles import text_of

_ROOT = Wanted("root")  # where the schema has no name for it, any will do
_NIL = {"xmlns:xsi": XSI, "xsi:nil": "true"}


def document(value: Any, uri: str, schemas: SchemaSet) -> str:
    """The element that the schema at `uri` makes of `value`."""
    node = node_of(schemas, (uri,), "")
    return _Writer(schemas).element(_name(node), value, (uri,))


def _name(node: Node) -> Wanted:
    return node.names[0] if node.names else _ROOT


class _Writer:
    """Elements inside of elements; `uris` are the schemas of a value."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._prefixes: dict[str, str] = {}  # by namespace

    def element(self, name: Wanted, value: Any, uris: Uris) -> str:
        """The element of one value."""
        tag, fields = self._tag(name)
        inside = ""
        if value is None:
            fields |= _NIL
        elif isinstance(value, dict):
            inside = "".join(self._members(value, outline(self._schemas, uris), fields))
        elif isinstance(value, list):
            inside = "".join(self._items(value, outline(self._schemas, uris), name.local))
        else:
            inside = _text(value)
        attributes = "".join(f" {field}={quoteattr(text)}" for field, text in fields.items())
        return f"<{tag}{attributes}>{inside}</{tag}>"

    def _members(self, value: dict[str, Any], said: Outline, fields: dict[str, str]) -> Iterator[str]:
        """What the properties are inside of the element; attributes are added to `fields`."""
        for name, inner in value.items():
            uris = said.properties.get(name, said.additional)
            node = node_of(self._schemas, uris, name) if name in said.properties else Node("", (Wanted(name),), False)
            if node.node == "attribute":
                field, declared = self._tag(_name(node))
                fields |= {**declared, field: text_of(inner)}
            elif node.node == "cdata":
                yield f"<![CDATA[{text_of(inner)}]]>"
            elif node.node == "text":
                yield _text(inner)
            elif node.node == "none" and isinstance(inner, dict):
                yield from self._members(inner, outline(self._schemas, uris), fields)
            elif isinstance(inner, list) and node.node != "element":
                yield from self._items(inner, outline(self._schemas, uris), name)
            elif node.node != "none":
                yield self.element(_name(node), inner, uris)

    def _items(self, value: list[Any], said: Outline, inherited: str) -> Iterator[str]:
        """The items of an array; `inherited` is the name of those that have none."""
        for index, item in enumerate(value):
            uris = said.positions[index] if index < len(said.positions) else said.items
            node = node_of(self._schemas, uris, inherited)
            yield _text(item) if node.node in ("text", "cdata") else self.element(_name(node), item, uris)

    def _tag(self, name: Wanted) -> tuple[str, dict[str, str]]:
        """A qualified name, and the attribute that declares its prefix."""
        if name.namespace:
            prefix = self._prefixes.setdefault(name.namespace, f"ns{len(self._prefixes)}")
            return f"{prefix}:{name.local}", {f"xmlns:{prefix}": name.namespace}
        if name.prefix:
            return f"{name.prefix}:{name.local}", {f"xmlns:{name.prefix}": f"urn:{name.prefix}"}
        return name.local, {}


def _text(value: Any) -> str:
    return escape(text_of(value), {"\r": "&#13;"})
