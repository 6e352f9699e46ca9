"""JSON that every parser reads alike."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.validate.strict_json import NotJson, loads, refuse_rounding

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(st.characters(codec="utf-8")) | st.sampled_from(["a", ":", '"', "\\", "{", "}", ",", "\\u003a"])
VALUES = st.recursive(SCALARS | NAMES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20)


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_reads_what_the_standard_library_writes(value: Any, escaped: bool, indent: int | None) -> None:
    """Every value comes back, integers of any size exactly, however it is escaped and laid out."""
    assert loads(json.dumps(value, ensure_ascii=escaped, indent=indent).encode()) == value


def members(value: list[tuple[str, str]]) -> st.SearchStrategy[str]:
    """JSON texts of an object: its members, some of them repeated, each name escaped or not."""
    texts = []
    for name, inner in value:
        plain = json.dumps(name, ensure_ascii=False)
        escaped = '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in name) + '"'
        texts.append(st.tuples(st.sampled_from([plain, escaped]), st.just(inner)).map(":".join))
    return st.tuples(*texts).map(lambda parts: "{" + ",".join(parts) + "}")


OBJECTS = st.recursive(
    st.sampled_from(["1", '"x"', '"\\u003a"', '":"', "[]", "{}", '"a\\"b"', "null"]),
    lambda inner: (
        st.lists(st.tuples(st.sampled_from(["a", "b", ":", ""]), inner), max_size=4).flatmap(members)
        | st.lists(inner, max_size=3).map(lambda parts: "[" + ",".join(parts) + "]")
    ),
    max_leaves=12,
)


@given(OBJECTS)
@example('{"a":1,"a":"\\u003a"}')
@example('{"a":{"b":1},"a":{"b":"\\u003A:"}}')
@example('[{"a":1},{"a":1}]')
@example('{"a":"b","b":"a"}')
def test_refuses_exactly_the_texts_that_repeat_a_name(text: str) -> None:
    """A name given twice in one object is found wherever it is, also when an escaped colon evens the count."""
    repeated = False

    def note(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        repeated |= len(dict(found)) < len(found)
        return dict(found)

    expected = json.loads(text, object_pairs_hook=note)
    if repeated:
        with pytest.raises(NotJson, match="repeats a member name"):
            loads(text.encode())
    else:
        assert loads(text.encode()) == expected


def test_says_where_a_name_is_repeated() -> None:
    """Line and column of the second one, never the name."""
    with pytest.raises(NotJson) as caught:
        loads(b'{\n "secret": 1,\n  "secret": 2}')
    assert str(caught.value) == "repeats a member name within one object (line 3, column 3)"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"18446744073709551616", 2**64),
        (b"-9223372036854775809", -(2**63) - 1),
        (b"[1" + b"0" * 300 + b"]", [10**300]),
        (b'{"id":12345678901234567890123}', {"id": 12345678901234567890123}),
        (b'["1234567890123456789012"]', ["1234567890123456789012"]),
        (b"1.0000000000000000000001", 1.0),
    ],
)
def test_long_integers_stay_exact(text: bytes, value: object) -> None:
    """No integer becomes a float."""
    found = loads(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b'{"secret":}',
        b"[1,]",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"01",
        b"'secret'",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'"\\ud800"',
        b'"secret\nsecret"',
        b'["secret\xff"]',
        b"[1] secret",
        b"[" * 100_000,
        b"[" * 1025 + b"]" * 1025,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"1" * 5000,
        b"[" * 1000 + b"18446744073709551616" + b"]" * 1000,
    ],
)
def test_broken_texts_are_refused_without_quoting_them(text: bytes) -> None:
    """Syntax, encoding, depth and size: one clear exception, no byte of the text in it."""
    with pytest.raises(NotJson) as caught:
        loads(text)
    assert "secret" not in str(caught.value)


def test_deep_objects_are_searched_without_recursion() -> None:
    """A thousand levels are within the limit and are all looked at."""
    deep = b'{"a":' * 1000 + b'{"b":1,"b":2}' + b"}" * 1000
    with pytest.raises(NotJson, match="repeats"):
        loads(deep)
    assert loads(deep.replace(b'"b":2', b'"c":2'))


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("0.1", True),
        ("1e23", True),
        ("9007199254740992", True),
        ("9007199254740993", False),
        ("1152921504606846976", True),
        ("123456789012345678", False),
        ("0.30000000000000004", True),
        ("0.3000000000000000444", False),
        ("0.10000000000000001", False),
        ("0.1000000000000000055511151231257827021181583404541015625", True),
        ("1.00000000000000000000", True),
        ("5e-324", True),
        ("4.9e-324", False),
        ("1e-400", False),
        ("1E-400", False),
        ("1e-9999999999999999999999", False),
        ('"9007199254740993"', True),
        ('{"9007199254740993": "\\"9007199254740993"}', True),
        ("-9007199254740993", False),
        ('[1, {"a": 12345678901234567890123}]', False),
    ],
)
def test_numbers_that_would_be_rounded_are_found(text: str, fine: bool) -> None:
    """A double either has the written value, or its shortest notation is what is written."""
    data = text.encode()
    loads(data)
    if fine:
        refuse_rounding(data)
    else:
        with pytest.raises(NotJson, match="double precision"):
            refuse_rounding(data)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53))
def test_what_doubles_hold_passes(value: float) -> None:
    """Written by the standard library."""
    refuse_rounding(json.dumps(value).encode())
