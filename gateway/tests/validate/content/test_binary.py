"""Content judged by its length."""

import pytest

from gateway.tests.validate.build import media, schema_set
from gateway.validate.content.binary import compile_binary, octets
from gateway.validate.media import MediaCheck
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.wire.media import Media

PNG = Media("image", "png")
SCHEMAS = schema_set(
    Old={"type": "string", "format": "binary", "maxLength": 4, "minLength": 2},
    New={"contentMediaType": "image/png", "maxLength": 4, "minLength": 2},
    Alias={"$ref": "#/components/schemas/New"},
    Any={"type": "string", "format": "binary"},
    Pattern={"type": "string", "pattern": "a"},
    Object={"type": "object"},
    All={"allOf": [{"maxLength": 3}]},
    Never=False,
)


def check(schema: str) -> MediaCheck:
    """The judge of a picture."""
    found = compile_binary(media("image/png", schema), SCHEMAS, Terms())(PNG)
    assert found
    return found


@pytest.mark.parametrize("schema", ["Old", "New", "Alias"])
@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", "minLength"), (b"\xff", "minLength"), (b"\xff" * 2, ""), (b"\xff" * 4, ""), (b"\xff" * 5, "maxLength")],
)
def test_lengths_count_octets(schema: str, data: bytes, expected: str) -> None:
    """As a whole and byte by byte alike."""
    judge = check(schema)
    assert [found.keyword for found in judge.violations(data)] == [expected][: bool(expected)]
    assert judge.open
    counting = judge.open()
    found = next((found for n in range(len(data)) if (found := counting.feed(data[n : n + 1]))), None)
    assert [each.keyword for each in found or counting.end()] == [expected][: bool(expected)]


def test_without_limits_there_is_nothing_to_judge() -> None:
    """Then it streams."""
    assert check("Any").streams and not check("Old").streams


@pytest.mark.parametrize("schema", ["Pattern", "Object", "All", "Never"])
def test_more_than_a_length_cannot_be_judged(schema: str) -> None:
    """Fail closed."""
    with pytest.raises(SchemaError):
        check(schema)


def test_messages_count_on_their_own() -> None:
    """One judge for each."""
    judge = octets(0, 3)
    assert all(judge.violations(b"abc") == [] for _ in range(3))
