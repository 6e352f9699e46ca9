"""The engine that will judge messages, asked about the values that a document itself holds."""

from typing import Any

from gateway.contract.rewrite import SchemaStore
from gateway.contract.rules.node import Node
from gateway.contract.rules.view import View
from gateway.errors import Violation
from gateway.validate.schema import SchemaSet

REQUEST, RESPONSE, EITHER = (0,), (1,), (0, 1)
_NOT_SCHEMA = frozenset({"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"})


class Judge:
    """Schemas of one document, rewritten as they will be served; checks are built when first asked for."""

    def __init__(self, view: View) -> None:
        self._store = SchemaStore(view.source, "rules")
        self._added = {id(node.value): self._add(node) for node in view.schema_roots if view.old and node.text("in")}
        self._sets = [SchemaSet(documents) for documents in self._store.documents()]

    def _add(self, node: Node) -> str:
        """A parameter of 2.0 is its own schema."""
        schema = {key: value for key, value in node.value.items() if key not in _NOT_SCHEMA}
        return self._store.add(schema, node.uri, node.pointer)

    def violations(self, schema: Node, value: Any, directions: tuple[int, ...]) -> list[Violation]:
        """Why the value is refused in every one of the directions; empty when it is valid in one of them.

        Raises SchemaError when the schema cannot be judged by.
        """
        uri = self._added.get(id(schema.value)) or self._store.uri(schema.uri, schema.pointer)
        found: list[Violation] = []
        for direction in directions:
            found = self._sets[direction].check(uri).violations(value, "body")
            if not found:
                break
        return found
