"""Schema Objects of any OpenAPI version to JSON Schema draft 2020-12, once per direction.

Only schemas are rewritten: what stands in `enum`, `const`, `default` or `example` is data, and a property may be
called `nullable`. Annotations are dropped. References point into the rewritten documents, which hold every schema
under the pointer it has in its file; schemas without a place of their own live in one document more.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from gateway.contract import pointer as pointers
from gateway.contract.grammar import GRAMMARS
from gateway.contract.load import Source
from gateway.contract.model import Document

REQUEST = "request"
RESPONSE = "response"
# A property with this mark has no business in a message of the direction.
_MARK = {REQUEST: "readOnly", RESPONSE: "writeOnly"}

# fmt: off
_ASSERTIONS_20 = frozenset((
    "type", "enum", "format", "required", "pattern", "multipleOf",
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
    "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties",
))
# fmt: on
_ASSERTIONS_31 = _ASSERTIONS_20 | {"const", "minContains", "maxContains", "dependentRequired"}
_ASSERTIONS: Mapping[str, frozenset[str]] = {
    "2.0": _ASSERTIONS_20,
    "3.0": _ASSERTIONS_20,
    "3.1": _ASSERTIONS_31,
    "3.2": _ASSERTIONS_31,
}
_INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}

_FRAGMENT_SAFE = "/~!$&'()*+,;=:@?-._"


class SchemaStore:
    """The schemas of one contract: gives each its URI, and the documents behind the URIs."""

    def __init__(self, source: Source, api: str) -> None:
        self.source = source
        self._base = f"urn:contract:{quote(api, safe='')}:"
        self._number = {uri: str(index) for index, uri in enumerate(source.files)}
        self._inline: list[Callable[[_Writer], Any]] = []
        self._nested: dict[tuple[str, str], str] = {}
        for uri, schemas in source.schemas.items():
            for pointer in schemas:
                if _has_parent(pointer, schemas):
                    self._nested[uri, pointer] = self._add(_writer_of(uri, pointer, schemas[pointer]))

    def uri(self, uri: str, pointer: str) -> str:
        """The URI of the schema at `pointer` of the file `uri`."""
        nested = self._nested.get((uri, pointer))
        return nested or f"{self._base}{self._number[uri]}#{quote(pointer, safe=_FRAGMENT_SAFE)}"

    def add(self, schema: Mapping[str, Any], uri: str, pointer: str) -> str:
        """The URI of a schema that no file holds in this form; its references are relative to the file `uri`."""
        return self._add(_writer_of(uri, pointer, schema))

    def add_object(self, properties: Mapping[str, str], required: list[str]) -> str:
        """The URI of an object schema whose properties are schemas of this store, given by URI."""
        schema = {"type": "object", "properties": {name: {"$ref": uri} for name, uri in properties.items()}}
        return self._add(lambda _: {**schema, "required": required} if required else schema)

    def _add(self, write: Callable[["_Writer"], Any]) -> str:
        self._inline.append(write)
        return f"{self._base}inline#/{len(self._inline) - 1}"

    def documents(self) -> tuple[Mapping[str, Document], Mapping[str, Document]]:
        """The documents for requests and for responses; the same object when no schema tells them apart."""
        writer = _Writer(self, REQUEST)
        requests = self._written(writer)
        return requests, self._written(_Writer(self, RESPONSE)) if writer.directional else requests

    def _written(self, writer: "_Writer") -> dict[str, Document]:
        documents: dict[str, Document] = {}
        for uri, schemas in self.source.schemas.items():
            document: dict[str, Any] = {}
            for pointer, schema in schemas.items():
                if (uri, pointer) not in self._nested:
                    written = writer.schema(schema, uri, pointer)
                    document = _placed(document, pointers.split(pointer), written)
            documents[self._base + self._number[uri]] = document
        if self._inline:
            inline = {str(index): write(writer) for index, write in enumerate(self._inline)}
            documents[self._base + "inline"] = inline
        return documents


def _has_parent(pointer: str, schemas: Mapping[str, Any]) -> bool:
    """Whether one of the schemas contains the one at `pointer`."""
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in schemas:
            return True
    return False


def _placed(document: dict[str, Any], tokens: list[str], schema: Any) -> Any:
    if not tokens:
        return schema
    node = document
    for token in tokens[:-1]:
        node = node.setdefault(token, {})
    node[tokens[-1]] = schema
    return document


def _writer_of(uri: str, pointer: str, schema: Any) -> Callable[["_Writer"], Any]:
    return lambda writer: writer.schema(schema, uri, pointer)


class _Writer:
    """Rewrites for one direction."""

    def __init__(self, store: SchemaStore, direction: str) -> None:
        self.directional = False  # whether a mark of either direction was seen
        self._store = store
        self._source = store.source
        self._mark = _MARK[direction]
        self._old = store.source.dialect in ("2.0", "3.0")
        self._kept = _ASSERTIONS[store.source.dialect]
        self._fields = GRAMMARS[store.source.dialect]["schema"]
        self._hidden_in: dict[tuple[str, str], frozenset[str]] = {}

    def schema(self, node: Any, uri: str, pointer: str, hidden: frozenset[str] = frozenset()) -> Any:
        """The schema in draft 2020-12. `hidden` names properties that a surrounding `allOf` hides.

        What is no schema is handed on as it is: building its validator fails and says why.
        """
        if not isinstance(node, dict):
            return node
        if "readOnly" in node or "writeOnly" in node:
            self.directional = True
        written: dict[str, Any] = {}
        if isinstance(node.get("$ref"), str):
            written["$ref"] = self._store.uri(*self._source.resolve(uri, pointer, node["$ref"])[:2])
            if self._old:
                return written
        if "required" in node or "allOf" in node:
            hidden = hidden | self._hidden(node, uri, pointer)
        for keyword, value in node.items():
            if keyword in self._kept:
                written[keyword] = value
            elif keyword in self._fields:
                written[keyword] = self._applied(keyword, value, uri, pointers.join(pointer, keyword), hidden)
        self._assertions(node, written, hidden)
        self._dispatch(node, written, uri, pointer)
        return written

    def _applied(self, keyword: str, value: Any, uri: str, pointer: str, hidden: frozenset[str]) -> Any:
        """The value of a keyword that holds schemas."""
        shape = self._fields[keyword][0]
        passed_on = hidden if keyword == "allOf" else frozenset[str]()
        if shape == "[" and isinstance(value, list):
            return [self.schema(item, uri, f"{pointer}/{index}", passed_on) for index, item in enumerate(value)]
        if shape == "{" and isinstance(value, dict):
            return {
                name: False
                if keyword == "properties" and self._marked(item, uri, pointers.join(pointer, name))
                else self.schema(item, uri, pointers.join(pointer, name))
                for name, item in value.items()
            }
        return self.schema(value, uri, pointer)

    def _assertions(self, node: dict[str, Any], written: dict[str, Any], hidden: frozenset[str]) -> None:
        _numeric_exclusive(written, "exclusiveMinimum", "minimum")
        _numeric_exclusive(written, "exclusiveMaximum", "maximum")
        if self._old:
            if node.get("nullable") is True and self._source.dialect == "3.0" and "type" in node:
                written["type"] = [*_types(node), "null"]
            if node.get("type") == "file":
                del written["type"]
        bounds = _INTEGER_BOUNDS.get(str(node.get("format")))
        if bounds and "integer" in _types(node):
            _bound(written, *bounds)
        if hidden and isinstance(node.get("required"), list):
            written["required"] = [name for name in node["required"] if name not in hidden]

    # readOnly and writeOnly

    def _marked(self, node: Any, uri: str, pointer: str) -> bool:
        """Whether a property's schema, or the one it refers to, is marked for the other direction."""
        while isinstance(node, dict):
            if node.get(self._mark) is True and not (self._old and "$ref" in node):
                self.directional = True
                return True
            if not isinstance(node.get("$ref"), str):
                return False
            uri, pointer, node = self._source.resolve(uri, pointer, node["$ref"])
        return False

    def _hidden(self, node: dict[str, Any], uri: str, pointer: str) -> frozenset[str]:
        """Names of marked properties of an object schema, its `allOf` included."""
        known = self._hidden_in.get((uri, pointer))
        if known is not None:
            return known
        self._hidden_in[uri, pointer] = frozenset()  # an `allOf` may lead back here
        properties = node.get("properties")
        names = {name for name, item in _items(properties) if self._marked(item, uri, f"{pointer}/properties/{name}")}
        branches = node.get("allOf")
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            target = self._source.follow(uri, f"{pointer}/allOf/{index}", branch)
            if isinstance(target[2], dict):
                names |= self._hidden(target[2], target[0], target[1])
        self._hidden_in[uri, pointer] = frozenset(names)
        return self._hidden_in[uri, pointer]

    # Discriminator

    def _dispatch(self, node: dict[str, Any], written: dict[str, Any], uri: str, pointer: str) -> None:
        """Replace `oneOf` or `anyOf` beside a discriminator by one condition per value: errors are then those of
        the schema the value names. The value is required, an unknown one is refused."""
        discriminator = node.get("discriminator")
        keyword = next((each for each in ("oneOf", "anyOf") if isinstance(node.get(each), list)), None)
        if keyword is None or not isinstance(discriminator, dict):
            return
        name = discriminator.get("propertyName")
        if not isinstance(name, str):
            return
        branches = node[keyword]
        if not all(isinstance(branch, dict) and isinstance(branch.get("$ref"), str) for branch in branches):
            return
        values = self._values(discriminator.get("mapping"), branches, uri, pointer)
        cases = [
            {"if": {"required": [name], "properties": {name: {"enum": names}}}, "then": then}
            for names, then in zip(values, written.pop(keyword), strict=True)
            if names
        ]
        known = {"enum": [value for names in values for value in names]}
        choice = {"type": "object", "required": [name], "properties": {name: known}, "allOf": cases}
        written["allOf"] = [*written.get("allOf", ()), choice]

    def _values(self, mapping: Any, branches: list[dict[str, Any]], uri: str, pointer: str) -> list[list[str]]:
        """For each branch the discriminator values that choose it: those mapped to it, then its own name."""
        explicit = {
            value: self._source.follow(*self._source.mapped(uri, pointer, name))[:2]
            for value, name in _items(mapping)
            if isinstance(name, str)
        }
        values = []
        for branch in branches:
            target = self._source.resolve(uri, pointer, branch["$ref"])
            end = self._source.follow(*target)[:2]
            names = [value for value, chosen in explicit.items() if chosen == end]
            own = pointers.split(target[1])[-1:]
            values.append(names + [name for name in own if name not in explicit])
        return values


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _types(node: Mapping[str, Any]) -> list[str]:
    types = node.get("type")
    return types if isinstance(types, list) else [types] if isinstance(types, str) else []


def _numeric_exclusive(written: dict[str, Any], exclusive: str, limit: str) -> None:
    """`exclusiveMinimum: true` beside `minimum: 1` becomes `exclusiveMinimum: 1`; in 3.1 too, where it is a common
    mistake that can mean nothing else."""
    flag = written.get(exclusive)
    if isinstance(flag, bool):
        del written[exclusive]
        if flag and limit in written:
            written[exclusive] = written.pop(limit)


def _bound(written: dict[str, Any], least: int, most: int) -> None:
    """Narrow to the range of an integer format."""
    del written["format"]
    minimum, maximum = written.get("minimum", least), written.get("maximum", most)
    if isinstance(minimum, int | float) and isinstance(maximum, int | float):
        written["minimum"], written["maximum"] = max(minimum, least), min(maximum, most)
