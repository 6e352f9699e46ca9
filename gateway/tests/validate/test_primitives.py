"""Single texts to values."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.primitives import boolean, certain, converter, integer, number
from gateway.validate.schema import SchemaError
from gateway.validate.text import BadText, percent_decode


@given(st.integers())
def test_integers_come_back_exactly(value: int) -> None:
    """Of any size, as integers and as numbers."""
    assert integer(str(value)) == value
    assert number(str(value)) == value
    assert type(number(str(value))) is int


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(value: float) -> None:
    """In the notation of JSON."""
    assert number(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("convert", "text"),
    [
        *[
            (convert, text)
            for convert in (integer, number)
            for text in (
                "",
                " 1",
                "1 ",
                "+1",
                "01",
                "1_000",
                "0x1",
                "١",
                "1\n",
                "--1",
                "-",
                "one",
                "Infinity",
                "NaN",
                "9" * 5000,
            )
        ],
        *[(integer, text) for text in ("1.0", "1e3", "1.")],
        *[(number, text) for text in ("1.", ".5", "1e", "1e999", "-1e999", "1,5", "01.5")],
        *[(boolean, text) for text in ("", "True", "TRUE", "1", "yes", "on", " true")],
    ],
)
def test_other_notations_are_refused(convert: Callable[[str], object], text: str) -> None:
    """Nothing that a backend may read differently gets a value."""
    with pytest.raises(BadText) as caught:
        convert(text)
    assert caught.value.keyword == "type"


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        ({"type": "integer"}, "-0", 0),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "boolean"}, "false", False),
        ({"type": "string"}, "7", "7"),
        ({}, "7", "7"),
        ({"type": ["integer", "null"]}, "7", 7),
        ({"type": ["string", "integer"]}, "7", 7),
        ({"type": ["string", "integer"]}, "07", "07"),
        ({"anyOf": [{"type": "integer", "maximum": 10}, {"type": "string", "minLength": 2}]}, "42", "42"),
        ({"oneOf": [{"type": "boolean"}, {"type": "number"}]}, "true", True),
        ({"enum": ["1", 2]}, "1", "1"),
        ({"enum": ["1", 2]}, "2", 2),
        ({"allOf": [ref("Int"), {"minimum": 1}]}, "7", 7),
        ({"type": "null"}, "null", "null"),
    ],
)
def test_the_schema_decides_the_type(schema: Any, text: str, expected: object) -> None:
    """The first valid reading in the order integer, number, boolean, string counts."""
    value = converter(schema_set(A=schema, Int={"type": "integer"}), at("A"))(text)
    assert value == expected
    assert type(value) is type(expected)


def test_no_reading_at_all_names_the_types() -> None:
    """The sentence is that of the alternatives, null left out."""
    convert = converter(schema_set(A={"type": ["integer", "boolean", "null"]}), at("A"))
    with pytest.raises(BadText, match="must be an integer or true or false"):
        convert("x")
    with pytest.raises(SchemaError):
        converter(schema_set(A={"type": "object"}), at("A"))


BOUNDS = st.integers(-30, 30) | st.floats(-30, 30) | st.sampled_from([2**53, -(2**63), 2**63 - 1, 10**20, 0.1])
SMALL = st.integers(0, 5)
SCHEMAS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("integer")}, optional={"minimum": BOUNDS, "maximum": BOUNDS, "format": st.just("int64")}
    ),
    st.fixed_dictionaries({"type": st.just("integer"), "multipleOf": st.integers(1, 5)}),
    st.fixed_dictionaries(
        {"type": st.just("string")}, optional={"minLength": SMALL, "maxLength": SMALL, "example": SMALL}
    ),
    st.fixed_dictionaries({"type": st.just("string"), "pattern": st.sampled_from(["^a", "b$", "^.$"])}),
    st.fixed_dictionaries(
        {"enum": st.lists(st.sampled_from(["a", "b+", "%41", "", "é", 1, 2.5, True, None, "1"]), min_size=1)},
        optional={"maxLength": SMALL},
    ),
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": "number", "maximum": 3},
            {"const": "x"},
            {"type": ["integer", "string"], "maxLength": 2},
        ]
    ),
)
RAWS = (
    st.integers(-40, 40).map(str)
    | st.integers().map(str)
    | st.text("ab+%41é0-. ", max_size=7)
    | st.sampled_from(
        [
            "true",
            "false",
            "a",
            "b+",
            "b%2B",
            "%41",
            "1",
            "1.0",
            "2.5",
            "null",
            "",
            "9223372036854775807",
            "100000000000000000000",
        ]
    )
)


@settings(max_examples=1000)
@given(SCHEMAS, st.lists(RAWS, min_size=1, max_size=20))
def test_what_is_certain_is_valid(schema: Any, texts: list[str]) -> None:
    """The fast test never admits what decoding and the engine refuse, neither in a path nor in a query."""
    schemas = schema_set(A=schema)
    check, convert = schemas.check(at("A")), converter(schemas, at("A"))

    def exact(text: str) -> bool:
        try:
            return check.is_valid(convert(text))
        except BadText:
            return False

    def exact_raw(raw: bytes) -> bool:
        try:
            return exact(percent_decode(raw, plus=True))
        except BadText:
            return False

    in_path, in_query = certain(schemas, at("A"), str, exact), certain(schemas, at("A"), bytes, exact_raw)
    for text in texts:
        assert exact(text) or not in_path(text)
        assert exact_raw(text.encode()) or not in_query(text.encode())


@pytest.mark.parametrize(
    ("schema", "yes", "no"),
    [
        ({"type": "integer", "minimum": 1}, ["1", "999999999999999999"], ["0", "-1", "x", "01"]),
        ({"type": "string", "maxLength": 3}, ["", "abc"], ["abcd", "a%2", "é"]),
        ({"type": "string", "enum": ["metric", "imperial"]}, ["metric"], ["Metric", ""]),
        ({"type": "boolean"}, ["true", "false"], ["1"]),
        ({"$ref": "#/components/schemas/B"}, ["7"], ["8"]),
    ],
)
def test_common_parameters_are_decided_fast(schema: Any, yes: list[str], no: list[str]) -> None:
    """Without decoding and without the engine, which here would fail the test."""
    schemas = schema_set(A=schema, B={"enum": [7]})
    seen: list[str] = []

    def exact(text: str) -> bool:
        seen.append(text)
        return text in yes or text in ("metric", "imperial", "true", "false", "7")

    test = certain(schemas, at("A"), str, exact)
    seen.clear()
    assert all(map(test, yes)) and not any(map(test, no))
    assert not seen
