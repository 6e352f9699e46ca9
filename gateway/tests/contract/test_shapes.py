"""What stands where in a published document."""

from typing import Any

import pytest

from gateway.contract.grammar import GRAMMARS
from gateway.contract.shapes import SECTIONS, SHAPES, put_operation


def test_every_field_with_schemas_is_known() -> None:
    """What the grammar of the newest version knows to hold a schema is followed when it is published."""
    names = {"mediaType": "media"}
    for kind in ("parameter", "header", "mediaType", "encoding", "response", "requestBody"):
        assert set(GRAMMARS["3.2"][kind]) <= set(SHAPES[names.get(kind, kind)])


def test_sections_are_unique() -> None:
    """Two kinds in one section would get each other's names."""
    assert len(set(SECTIONS.values())) == len(SECTIONS)


@pytest.mark.parametrize(
    ("method", "item"),
    [
        ("GET", {"get": 1}),
        ("QUERY", {"query": 1}),
        ("COPY", {"additionalOperations": {"COPY": 1}}),
        ("get", {"additionalOperations": {"get": 1}}),
    ],
)
def test_operations_stand_in_their_field(method: str, item: dict[str, Any]) -> None:
    """Methods are case-sensitive: `get` is none that has a field."""
    made: dict[str, Any] = {}
    put_operation(made, method, 1)
    assert made == item
