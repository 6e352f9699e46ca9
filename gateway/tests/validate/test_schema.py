"""Checks by URI: built once, refused clearly, never brought down by a value."""

from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Violation
from gateway.tests.validate.build import URI, at, ref, schema_set
from gateway.validate import schema
from gateway.validate.schema import SchemaError, SchemaSet, constraints
from gateway.validate.trace import keywords

NODE = {"type": "object", "additionalProperties": ref("Node")}


def test_checks_are_built_once_and_counted() -> None:
    """Asking again builds nothing, and judging builds nothing."""
    schemas = schema_set(A={"type": "integer"}, Alias={"$ref": "#/components/schemas/A", "description": "d"})
    before = schema.built
    check = schemas.check(at("A"))
    assert schemas.check(at("A")) is check
    assert schemas.check(at("Alias")) is check
    assert check.is_valid(1)
    assert check.violations("x", "body")
    assert schema.built == before + 1


def test_schemas_built_together_share_a_validator() -> None:
    """Each check judges by its own schema alone, says nothing of the others, and finds what was built before."""
    schemas = schema_set(A={"type": "integer"}, B=ref("A"), C={"items": ref("A")}, D={"not": {}})
    first = schemas.check(at("A"))
    before = schema.built
    schemas.build([at("B"), at("C"), at("C"), at("D"), at("nowhere")])
    assert schema.built == before + 1
    assert schemas.check(at("B")) is first
    assert [schemas.check(at(name)).is_valid(1) for name in "ACD"] == [True, True, False]
    assert schemas.check(at("C")).violations([1, "x"], "body") == [
        Violation("body", "", "/1", "type", "must be an integer")
    ]
    assert schemas.check(at("D")).violations(1, "body") == [Violation("body", "", "", "not", "is not allowed")]
    assert schema.built == before + 1
    with pytest.raises(SchemaError, match="no schema"):
        schemas.check(at("nowhere"))


@pytest.mark.parametrize("position", range(5))
def test_the_one_at_fault_is_found_among_many(position: int) -> None:
    """Built together, schemas are as good as the worst of them, and that one is named."""
    broken = {f"S{n}": {"pattern": "(" if n >= position else ""} for n in range(5)}
    with pytest.raises(SchemaError) as caught:
        schema_set(**broken).build([at(name) for name in broken])
    assert caught.value.uri == at(f"S{position}")
    assert "regex" in caught.value.message


def test_building_grows_with_the_number_of_schemas() -> None:
    """A thousand schemas that all lead to each other take one validator."""
    ring = {f"S{n}": {"properties": {"next": ref(f"S{(n + 1) % 1000}"), "n": {"const": n}}} for n in range(1000)}
    schemas = schema_set(**ring)
    before = schema.built
    schemas.build(map(at, ring))
    assert schema.built == before + 1
    [violation] = schemas.check(at("S998")).violations({"next": {"next": {"n": 7}}}, "body")
    assert violation[2:] == ("/next/next/n", "const", "must be 0")


def test_schemas_that_say_the_same_are_judged_as_one() -> None:
    """Wherever they stand, as long as they are simple; each check tells where its own stands."""
    schemas = schema_set(A={"type": "integer"}, B={"type": "integer"}, C={"type": "string"}, D=ref("B"))
    before = schema.built
    first, second = schemas.check(at("A")), schemas.check(at("B"))
    assert schema.built == before + 1
    assert schemas.check(at("D")) is second
    with keywords() as found:
        assert second.violations("x", "query", "b") == [Violation("query", "b", "", "type", "must be an integer")]
        assert not first.violations(1, "query", "a")
        first.violations("x", "query", "a")
    assert list(found.values()) == [at("B") + "/type", at("A") + "/type"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"enum": [1]}, {"enum": [True]}),
        ({"const": 1}, {"const": "1"}),
        ({"type": "string"}, {"type": ["string"]}),
        ({"minimum": 1}, {"minimum": 1.5}),
        ({"not": {"type": "string"}}, {"not": {"type": "integer"}}),
        (ref("one") | {"minimum": 1}, ref("other") | {"minimum": 1}),
        ({}, True),
    ],
)
def test_schemas_that_differ_or_hold_others_stay_apart(one: Any, other: Any) -> None:
    """`1` and `true` are equal in Python, not in JSON."""
    schemas = schema_set(A=one, B=other, one={"type": "integer"}, other={"type": "string"})
    assert (schemas.same(at("A")), schemas.same(at("B"))) == (at("A"), at("B"))


def test_what_was_found_about_a_schema_is_not_looked_for_again() -> None:
    """Nor about another that says the same."""
    schemas = schema_set(A={"type": "integer"}, B={"type": "integer"}, C={"type": "string"})
    asked: list[str] = []

    def find(_: SchemaSet, uri: str) -> str:
        asked.append(uri)
        return uri

    found = [schemas.found(find, at(name)) for name in "ABCA"]
    assert found == [at("A"), at("A"), at("C"), at("A")]
    assert asked == [at("A"), at("C")]


def test_documents_refer_to_each_other() -> None:
    """A reference to another document of the set is followed; formats and nested references hold."""
    schemas = SchemaSet(
        {
            "urn:a:0": {"A": {"$ref": "urn:a:1#/B"}},
            "urn:a:1": {"B": {"items": {"$ref": "#/C"}}, "C": {"format": "uuid"}},
        }
    )
    check = schemas.check("urn:a:0#/A")
    assert check.is_valid(["9b2d1f9e-1f5c-4c8e-9c89-0c3ef16a2f59"])
    assert check.violations(["x"], "body") == [Violation("body", "", "/0", "format", "must have the format uuid")]


@pytest.mark.parametrize(
    "broken",
    [
        {"pattern": "("},
        {"items": {"$ref": "#/nowhere"}},
        {"items": {"$ref": "urn:elsewhere#/x"}},
        {"items": {"$ref": "http://127.0.0.1:9/x"}},
        {"items": {"$ref": "file:///etc/passwd"}},
        {"type": "nonsense"},
        {"minimum": "x"},
        {"properties": {"a": {"pattern": "[z-a]"}}},
    ],
)
def test_what_cannot_be_built_names_the_schema(broken: dict[str, Any]) -> None:
    """Nothing is fetched, nothing is skipped: one line that says which schema and why."""
    with pytest.raises(SchemaError) as caught:
        schema_set(A=broken).check(at("A"))
    assert caught.value.uri == at("A")
    assert caught.value.message
    assert "\n" not in str(caught.value)


def test_no_file_is_read(tmp_path: Path) -> None:
    """A reference to a schema that is there for the taking is refused like any other."""
    schema_file = tmp_path / "schema.json"
    schema_file.write_text('{"type": "integer"}')
    with pytest.raises(SchemaError, match="retriev"):
        schema_set(A={"items": {"$ref": schema_file.as_uri()}}).check(at("A"))


@pytest.mark.parametrize("uri", [at("B"), "urn:other", f"{URI}#/components/schemas/A/type", "x"])
def test_a_place_without_schema_is_an_error(uri: str) -> None:
    """Neither a missing place nor a string is a schema; also behind a reference, it is the place that is named."""
    with pytest.raises(SchemaError, match="no schema"):
        schema_set(A={"type": "integer"}).check(uri)
    with pytest.raises(SchemaError) as caught:
        schema_set(A={"type": "integer"}, Ref={"$ref": uri}).check(at("Ref"))
    assert caught.value.uri == uri


def test_references_are_followed_past_annotations_only() -> None:
    """A constraint beside `$ref` counts, so it must not get lost."""
    schemas = schema_set(
        A={"$ref": "#/components/schemas/B", "description": "d", "x-y": 1},
        B={"$ref": "#/components/schemas/C"},
        C={"type": "integer"},
        D={"$ref": "#/components/schemas/C", "maximum": 5},
        E=ref("E"),
    )
    assert schemas.resolve(at("A")) == (at("C"), {"type": "integer"})
    assert schemas.resolve(at("D"))[0] == at("D")
    with pytest.raises(SchemaError, match="back to itself"):
        schemas.resolve(at("E"))


def test_constraints_are_the_keywords_that_can_fail() -> None:
    """Annotations and extensions are not among them."""
    assert constraints({"type": "string", "example": 1, "x-a": 2, "default": 3, "readOnly": True}) == {"type"}
    assert constraints(True) == frozenset()


def nested(depth: int) -> dict[str, Any]:
    """An object with `depth` levels."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        {"\ud800": {}},
        {1: {}},
        float("nan"),
        float("inf"),
        nested(5000),
        "x" * 100_000,
        10**4000,
        {"a": nested(300) | {"b": 1}},
    ],
    ids=["surrogate", "surrogate-name", "number-name", "nan", "inf", "deep", "long", "huge", "deep-and-wrong"],
)
def test_no_value_is_too_strange(value: object) -> None:
    """Whatever comes, there is a verdict, and a refused value has at least one violation."""
    check = schema_set(Node=NODE).check(at("Node"))
    assert bool(check.violations(value, "body")) is not check.is_valid(value)


def test_a_pattern_that_explodes_is_a_violation() -> None:
    """The engine gives up after a bounded number of steps, and that is a no."""
    check = schema_set(A={"pattern": "(?:(a|a?)+)+\\1b"}).check(at("A"))
    [violation] = check.violations("a" * 50 + "c", "query", "q")
    assert violation[2:] == ("", "pattern", "takes too many steps to match against its pattern")


def test_an_integer_may_be_written_with_a_fraction_of_zero() -> None:
    """Draft 2020-12: 1.0 is an integer, 1.5 and true are not."""
    check = schema_set(A={"type": "integer"}).check(at("A"))
    assert [check.is_valid(value) for value in (1, 1.0, 1.5, True, 2**70)] == [True, True, False, False, True]


def test_a_document_with_dynamic_anchors_is_not_left() -> None:
    """Which of them counts depends on whether a value went through it."""
    anchored = {"$defs": {"x": {"$dynamicAnchor": "n", "$ref": "urn:outer#/x"}}, "x": {"type": "string"}}
    inner = {"$defs": {"x": {"$dynamicAnchor": "n", "$ref": "urn:inner#/x"}}, "x": {}, "s": {"$dynamicRef": "#n"}}
    schemas = SchemaSet({"urn:outer": {**anchored, "s": {"$ref": "urn:inner#/s"}}, "urn:inner": inner})
    assert schemas.resolve("urn:outer#/s")[0] == "urn:outer#/s"
    assert not schemas.check("urn:outer#/s").is_valid(1)
    assert schemas.check("urn:inner#/s").is_valid(1)


def test_a_document_may_be_a_boolean_schema() -> None:
    """A file that says only `false`."""
    assert not SchemaSet({"urn:a": False, "urn:b": {"$ref": "urn:a"}}).check("urn:b").is_valid(1)  # type: ignore
