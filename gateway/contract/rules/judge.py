"""The engine that will judge messages, asked about the values that a document itself holds."""

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.contract.rewrite import SchemaStore
from gateway.contract.rules.node import Node
from gateway.contract.rules.view import View
from gateway.errors import Violation
from gateway.validate.schema import SchemaError, SchemaSet

REQUEST, RESPONSE, EITHER = (0,), (1,), (0, 1)
_NOT_SCHEMA = frozenset({"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"})


class Judge:
    """Some schemas of one document, rewritten as they will be served."""

    def __init__(self, view: View, schemas: Iterable[Node]) -> None:
        """Raises SchemaError when one of the schemas cannot be built."""
        self._store = SchemaStore(view.source, "rules")
        self._uris = {id(schema.value): self._uri(schema, view.old) for schema in schemas}
        self._directions = [SchemaSet(documents) for documents in self._store.documents()]
        for direction in self._directions:
            direction.build(self._uris.values())

    def _uri(self, schema: Node, old: bool) -> str:
        """A parameter of 2.0 is its own schema."""
        if not old or not schema.text("in"):
            return self._store.uri(schema.uri, schema.pointer)
        keywords = {key: value for key, value in schema.value.items() if key not in _NOT_SCHEMA}
        return self._store.add(keywords, schema.uri, schema.pointer)

    def violations(self, schema: Node, value: Any, directions: Sequence[int]) -> list[Violation]:
        """Why the value is refused in every one of the directions; empty when it is valid in one of them."""
        verdicts = [self._verdict(direction, schema, value) for direction in directions]
        return min((verdict for verdict in verdicts if verdict is not None), key=len, default=[])

    def _verdict(self, direction: int, schema: Node, value: Any) -> list[Violation] | None:
        """None where the direction has no such schema: below a property that is marked for the other one."""
        try:
            check = self._directions[direction].check(self._uris[id(schema.value)])
        except SchemaError:
            return None
        return check.violations(value, "body")
