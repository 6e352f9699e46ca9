"""The engine that will judge messages, asked about the values that a document itself holds.

A validator holds everything its schema refers to, so one validator for each of many schemas that refer to each other
would take time and memory in the square of their number. Here one validator serves all: an object with a property for
each schema.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.contract.model import Document
from gateway.contract.rewrite import SchemaStore
from gateway.contract.rules.node import Node
from gateway.contract.rules.view import View
from gateway.errors import Violation
from gateway.validate.schema import SchemaSet
from gateway.validate.uris import at

REQUEST, RESPONSE, EITHER = (0,), (1,), (0, 1)
_NOT_SCHEMA = frozenset({"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"})
_ALL = "urn:contract:all"


class Together:
    """Many schemas of one set of documents behind one validator."""

    def __init__(self, documents: Mapping[str, Document], uris: Iterable[str]) -> None:
        """Leaves out the URIs that name nothing. Raises SchemaError when one of the schemas cannot be built."""
        known = (uri for uri in dict.fromkeys(uris) if isinstance(at(documents, uri), dict | bool))
        self._key = {uri: str(number) for number, uri in enumerate(known)}
        every = {"properties": {key: {"$ref": uri} for uri, key in self._key.items()}}
        self._check = SchemaSet({**documents, _ALL: every}).check(f"{_ALL}#")

    def violations(self, uri: str, value: Any) -> list[Violation] | None:
        """Why the schema at `uri` refuses the value; empty when it does not, None when there is no such schema."""
        key = self._key.get(uri)
        if key is None:
            return None
        found = self._check.violations({key: value}, "body")
        return [violation._replace(pointer=violation.pointer.removeprefix(f"/{key}")) for violation in found]


class Judge:
    """Some schemas of one document, rewritten as they will be served."""

    def __init__(self, view: View, schemas: Iterable[Node]) -> None:
        """Raises SchemaError when one of the schemas cannot be built."""
        self._store = SchemaStore(view.source, "rules")
        self._uris = {id(schema.value): self._uri(schema, view.old) for schema in schemas}
        self._directions = [Together(documents, self._uris.values()) for documents in self._store.documents()]

    def _uri(self, schema: Node, old: bool) -> str:
        """A parameter of 2.0 is its own schema."""
        if not old or not schema.text("in"):
            return self._store.uri(schema.uri, schema.pointer)
        keywords = {key: value for key, value in schema.value.items() if key not in _NOT_SCHEMA}
        return self._store.add(keywords, schema.uri, schema.pointer)

    def violations(self, schema: Node, value: Any, directions: Sequence[int]) -> list[Violation]:
        """Why the value is refused in every one of the directions; empty when it is valid in one of them."""
        uri = self._uris[id(schema.value)]
        verdicts = [self._directions[direction].violations(uri, value) for direction in directions]
        given = [verdict for verdict in verdicts if verdict is not None]
        return min(given, key=len, default=[])
