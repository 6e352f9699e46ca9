"""Discriminator Objects: which value of a property chooses which schema.

Beside `oneOf` or `anyOf` the value chooses a branch: by `mapping`, by the branch's component name, or for an inline
branch by the constant that it asks the property for. In OpenAPI 2.0 a schema with a `discriminator` stands for itself
and for all that inherit it by `allOf`. In 3.x that form chooses nothing: "validation with the parent schema [...] does
not perform a search for child schemas" (3.0.4, 3.1.1 and 3.2.0, Discriminator Object).
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from gateway.contract import pointer as pointers
from gateway.contract.load import Source
from gateway.contract.references import ReferenceFlaw, Target

Place = tuple[str, str]  # URI of the file, pointer
Members = dict[str, Any]


class Choice(NamedTuple):
    """`names` holds for each branch of `keyword` the values of `property` that choose it. `default` is the place of the
    schema for every other value and for objects without the property. `apart` are branches for what is no object."""

    property: str
    keyword: str
    names: list[list[str]]
    apart: list[int]
    default: Target | None


class Family(NamedTuple):
    """Of a parent of 2.0: its property, the value that names each child, and the value that names the parent."""

    property: str
    own: str
    children: list[tuple[str, Target]]


class Discriminators:
    """Those of one source."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def choice(self, node: Members, uri: str, pointer: str) -> Choice | None:
        """What the discriminator of a schema chooses between; None when there is none, or a branch has no name."""
        discriminator = node.get("discriminator")
        keyword = next((each for each in ("oneOf", "anyOf") if isinstance(node.get(each), list)), None)
        if keyword is None or not isinstance(discriminator, dict):
            return None
        name = discriminator.get("propertyName")
        if not isinstance(name, str):
            return None
        names: list[list[str]] = []
        apart: list[int] = []
        explicit = self._mapped(discriminator, uri, pointer)
        for index, branch in enumerate(node[keyword]):
            known = self._names(branch, uri, f"{pointer}/{keyword}/{index}", name, explicit)
            if known is None and not _holds_no_object(branch):
                return None
            apart += [] if known is not None else [index]
            names.append(known or [])
        return Choice(name, keyword, names, apart, self._default(discriminator, uri, pointer)) if any(names) else None

    def _mapped(self, discriminator: Members, uri: str, pointer: str) -> dict[str, Place]:
        mapping = discriminator.get("mapping")
        return {
            value: self._end(self._source.mapped(uri, pointer, name))
            for value, name in (mapping.items() if isinstance(mapping, dict) else ())
            if isinstance(name, str)
        }

    def _end(self, target: Target) -> Place:
        return self._source.follow(*target)[:2]

    def _default(self, discriminator: Members, uri: str, pointer: str) -> Target | None:
        """`defaultMapping`, since 3.2."""
        given = discriminator.get("defaultMapping")
        if not isinstance(given, str) or self._source.dialect != "3.2":
            return None
        return self._source.mapped(uri, pointer, given)

    def _names(self, branch: Any, uri: str, pointer: str, name: str, explicit: Mapping[str, Place]) -> list[str] | None:
        """The values that choose a branch: those mapped to it, then its own name. None for a branch without any.

        Where nothing is mapped to a branch whose own constants exclude its name, these choose it: a discriminator
        must not refuse what its schemas allow (3.1.1, Discriminator Object).
        """
        if not isinstance(branch, dict):
            return None
        constants = list(self._constants(branch, uri, pointer, name))
        if not isinstance(branch.get("$ref"), str):
            return None if len(constants) != 1 else constants[0]
        target = self._source.resolve(uri, pointer, branch["$ref"])
        end = self._end(target)
        own = pointers.split(target[1])[-1:]
        mapped = [value for value, chosen in explicit.items() if chosen == end]
        if not mapped and len(constants) == 1 and constants[0] and not set(own) & set(constants[0]):
            return [value for value in constants[0] if value not in explicit]
        return mapped + [value for value in own if value not in explicit]

    def _constants(
        self, branch: Any, uri: str, pointer: str, name: str, within: frozenset[Place] = frozenset()
    ) -> Iterator[list[str]]:
        """The values that an inline schema, or a part of its `allOf`, asks a property for; a part of itself, none."""
        uri, pointer, branch = self._source.follow(uri, pointer, branch)
        if not isinstance(branch, dict) or (uri, pointer) in within:
            return
        properties = branch.get("properties")
        if isinstance(properties, dict) and name in properties:
            where = pointers.join(pointer, "properties", name)
            schema = self._source.follow(uri, where, properties[name])[2]
            if isinstance(schema, dict) and ("const" in schema or isinstance(schema.get("enum"), list)):
                values = [schema["const"]] if "const" in schema else schema["enum"]
                yield [value for value in values if isinstance(value, str)]
        parts = branch.get("allOf")
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from self._constants(part, uri, f"{pointer}/allOf/{index}", name, within | {(uri, pointer)})

    # Inheritance, in 2.0

    def family(self, node: Members, uri: str, pointer: str) -> Family | None:
        """A parent of 2.0 with those that inherit it, directly or not; None when nothing does."""
        name = node.get("discriminator")
        if self._source.dialect != "2.0" or not isinstance(name, str):
            return None
        children, todo = dict[Place, Members](), [(uri, pointer)]
        while todo:
            for place, child in self._children.get(todo.pop(), ()):
                if place not in children and place != (uri, pointer):
                    children[place] = child
                    todo.append(place)
        if not children:
            return None
        named = [(_name(child, place[1]), (*place, child)) for place, child in children.items()]
        return Family(name, _name(node, pointer), named)

    @cached_property
    def _children(self) -> dict[Place, list[tuple[Place, Members]]]:
        """Schemas by those that their `allOf` refers to; only schemas with a name can be chosen by it."""
        found: dict[Place, list[tuple[Place, Members]]] = {}
        for uri, schemas in self._source.schemas.items():
            for pointer, schema in schemas.items():
                parts = schema.get("allOf") if isinstance(schema, dict) and is_named(pointer) else None
                for part in parts if isinstance(parts, list) else ():
                    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
                        try:
                            parent = self._end(self._source.resolve(uri, pointer, part["$ref"]))
                        except ReferenceFlaw:
                            continue
                        found.setdefault(parent, []).append(((uri, pointer), schema))
        return found


def is_named(pointer: str) -> bool:
    """Whether this is the place of a schema with a name, in a document of 2.0 or in a file of schemas."""
    return pointer.count("/") <= 1 or (pointer.startswith("/definitions/") and pointer.count("/") == 2)


def _name(schema: Members, pointer: str) -> str:
    """The value that stands for a schema of 2.0: its name, unless the author's generator says otherwise."""
    given = schema.get("x-ms-discriminator-value")
    return given if isinstance(given, str) else pointers.split(pointer)[-1] if pointer else ""


def _holds_no_object(branch: Any) -> bool:
    """A branch such as `type: "null"`, which no object satisfies."""
    types = branch.get("type") if isinstance(branch, dict) else None
    return isinstance(types, str | list) and "object" not in ([types] if isinstance(types, str) else types)
