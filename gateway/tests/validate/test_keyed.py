"""Which keys of a query belong to an object."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, schema_set
from gateway.validate.keyed import Deep, Keys, Spread, free_keys, keys_of
from gateway.validate.styles import Scattered, decoder
from gateway.validate.text import BadText

INT = {"type": "integer"}
GIVEN = {b"a": [b"1"], b"x": [b"2", b"3"], b"p[a]": [b"4"], b"p": [b"5"]}


def keys(schema: Any, style: str = "form", explode: bool = True, open_: bool = True) -> Keys | None:
    """The keys of the value `p`."""
    found = keys_of(schema_set(A=schema), at("A"), style, explode, "p", decoder("query", style), open_)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("schema", "style", "explode", "expected"),
    [
        ({"type": "object"}, "form", True, Spread),
        ({"anyOf": [INT, {"type": "object"}]}, "form", True, Spread),
        ({"type": "object"}, "pipeDelimited", True, Spread),
        ({"type": "object"}, "form", False, None),
        ({"type": "array"}, "form", True, None),
        ({}, "form", True, None),
        (INT, "deepObject", False, Deep),
    ],
)
def test_which_values_lie_scattered(schema: Any, style: str, explode: bool, expected: type | None) -> None:
    """Exploded objects, and all in style `deepObject`."""
    found = keys(schema, style, explode)
    assert (type(found) if found else None) is expected


def test_the_keys_of_a_deep_object() -> None:
    """Its name, alone or before a bracket."""
    deep = keys({}, "deepObject")
    assert deep is not None
    assert [key for key in (b"p", b"p[", b"p[a]", b"pp", b"q[a]", b"") if deep.names(key)] == [b"p", b"p[", b"p[a]"]
    assert not deep.open
    assert deep.collect({b"q[a]": [b"1"]}, ()) is None


@pytest.mark.parametrize(
    ("schema", "names", "open_", "traceless"),
    [
        ({"properties": {"a": INT}}, {b"a"}, False, True),
        ({"properties": {"a": INT}, "additionalProperties": INT}, {b"a"}, True, True),
        ({"type": "object"}, set(), True, True),
        ({"anyOf": [INT, {"properties": {"a": INT}}]}, {b"a", b"p"}, False, False),
        ({"properties": {"p": INT}}, {b"p"}, False, True),
        ({"oneOf": [{"properties": {"a": INT}}, {"properties": {"x": INT}}]}, {b"a", b"x"}, False, True),
    ],
)
def test_the_keys_of_an_exploded_object(schema: Any, names: set[bytes], open_: bool, traceless: bool) -> None:
    """Its properties; its own name only where the value may be something else."""
    found = keys(schema)
    assert found is not None
    assert {key for key in GIVEN if found.names(key)} == names
    assert (found.open, found.traceless) == (open_, traceless)
    closed = keys(schema, open_=False)
    assert closed is not None
    assert not closed.open


def test_what_an_exploded_object_collects() -> None:
    """Named keys, and the free ones where it is open."""
    schema = {"properties": {"a": INT}, "additionalProperties": INT}
    spread = keys(schema)
    assert spread is not None
    assert spread.collect(GIVEN, [b"x"]) == Scattered((), {"a": [b"1"], "x": [b"2", b"3"]})
    assert spread.collect({}, ()) is None
    with pytest.raises(BadText, match="not valid UTF-8"):
        spread.collect({b"\xff": [b"1"]}, [b"\xff"])


def test_free_keys_are_named_by_nobody() -> None:
    """Neither as a parameter nor as part of one; a key that does not decode is never free."""
    deep = keys({}, "deepObject")
    assert deep is not None
    assert free_keys({**GIVEN, b"\xff%zz": [b"1"]}, {b"a"}, [deep]) == [b"x"]
