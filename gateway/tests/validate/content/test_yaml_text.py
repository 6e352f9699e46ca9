"""YAML content, good and hostile."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.content.yaml_text import compile_yaml, decode_yaml
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufeff"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@given(VALUES, st.sampled_from([None, 2]))
def test_json_is_yaml(value: Any, indent: int | None) -> None:
    """What an encoder writes comes back, integers exactly; control characters and pairs of surrogates aside."""
    assert decode_yaml(json.dumps([value], ensure_ascii=False, indent=indent).encode()) == [value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, 2.5, ~]", {"a": 1, "b": ["x", 2.5, None]}),
        ("- on\n- no\n- 2020-01-01\n- 1_000\n- 0b1\n- 1:30", ["on", "no", "2020-01-01", "1_000", "0b1", "1:30"]),
        ("- 012\n- 0o12\n- 0xA\n- +1\n- .5\n- 1.\n- 1e3", [12, 10, 10, 1, 0.5, 1.0, 1000.0]),
        ("- true\n- False\n- Null\n-", [True, False, None, None]),
        ("- '1'\n- \"true\"\n- |\n  12\n- >-\n  ~", ["1", "true", "12\n", "~"]),
        ("200: x\ntrue: y\n~: z", {"200": "x", "true": "y", "~": "z"}),
        ("'<<': 1", {"<<": 1}),
        ("? a\n: b", {"a": "b"}),
        ("&a x", "x"),
        ("--- a\n...\n", "a"),
        ("---\n", None),
        ("\ufeffa", "a"),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, expected: object) -> None:
    """Its core schema, with keys that are always strings."""
    found = decode_yaml(text.encode())
    assert found == expected and json.dumps(found) == json.dumps(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("# nothing", "empty"),
        ("a: 1\na: 2", "repeats"),
        ("{a: 1, 'a': 2}", "repeats"),
        ("a: &x 1\nb: *x", "alias"),
        ("&a [*a]", "alias"),
        ("<<: {a: 1}", "merge"),
        ("!!python/object:os.system x", "tag"),
        ("!!str 1", "tag"),
        ("! a", "tag"),
        ("%YAML 1.1\n---\na", "directive"),
        ("a\n...\n%TAG ! x\n---\nb", "directive"),
        ("a\n---\nb", "more than one"),
        ("{[a]: 1}", "key"),
        ("? {a: 1}\n: 1", "key"),
        ("[.inf]", "finite"),
        ("-.INF", "finite"),
        (".nan", "finite"),
        ("1e999", "too large"),
        ("9" * 5000, "too long"),
        ("0x" + "f" * 5000, "too long"),
        ('"\\ud800"', "not valid"),
        ("\x01", "not valid"),
        ("# a\u2028b: 1", "line break"),
        ("b: 1 # a\u2029c: 1", "line break"),
        ("# a\x85b: 1", "line break"),
        ("[1, 2", "not valid"),
        ("a: b: c", "not valid"),
        ("\t- a", "not valid"),
        ("[" * 100_000, "deeper"),
        ("- " * 100_000, "deeper"),
        ("{a: " * 100_000, "deeper"),
        ("? " * 100_000, "key"),
        ("\n".join(f"%TAG !a{n}! b" for n in range(50_000)), "directive"),
    ],
)
def test_what_readers_could_take_differently_is_refused(text: str, reason: str) -> None:
    """Broken, repeated, tagged, shared, deep and huge content."""
    with pytest.raises(BadText, match=reason) as caught:
        decode_yaml(text.encode())
    assert len(caught.value.message) < 100


@given(st.binary(max_size=80) | st.text(alphabet="-:?{}[]&*!|>'\"%@` \n#ab,.~0", max_size=60).map(str.encode))
def test_no_bytes_break_it(data: bytes) -> None:
    """A value or BadText."""
    try:
        decode_yaml(data)
    except BadText as error:
        assert error.message.isprintable()


def test_yaml_is_utf_8() -> None:
    """Another charset has no decoder."""
    decode = compile_yaml("", SchemaSet({}), Terms())
    assert decode(Media("application", "yaml")) is decode_yaml
    assert decode(Media("application", "yaml", (("charset", "utf-16"),))) is None
