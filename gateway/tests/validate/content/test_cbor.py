"""CBOR, good and hostile."""

import tracemalloc
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.content.test_values import VALUES
from gateway.validate.content.cbor import compile_cbor, decode_cbor
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media


@given(VALUES)
def test_reads_what_an_encoder_writes(value: Any) -> None:
    """Every JSON value comes back, big integers exactly."""
    assert decode_cbor(cbor2.dumps(value)) == value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("1864", 100),
        ("f93e00", 1.5),
        ("9f0102ff", [1, 2]),
        ("bf6161 01ff", {"a": 1}),
        ("7f6161 6162ff", "ab"),
        ("44 01020304", "AQIDBA=="),
        ("c0 6a 323032302d30312d3031", "2020-01-01"),
        ("c1 1a 00000010", 16),
        ("c2 49 010000000000000000", 1 << 64),
        ("d8 20 63 613a62", "a:b"),
        ("d9 d9f7 80", []),
    ],
)
def test_values_in_other_notations(data: str, expected: object) -> None:
    """Indefinite lengths, byte strings, tags that leave their content what it is."""
    assert decode_cbor(bytes.fromhex(data)) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "empty"),
        ("18", "too early"),
        ("9f01", "too early"),
        ("62 61", "too early"),
        ("01 02", "behind"),
        ("a2 6161 01 6161 02", "not valid"),
        ("bf 6161 01 6161 02 ff", "not valid"),
        ("a1 01 01", "not valid"),
        ("a1 41 61 01", "key"),
        ("61 ff", "not valid"),
        ("63 eda080", "not valid"),
        ("7f 41 61 ff", "not valid"),
        ("f7", "does not know"),
        ("f0", "does not know"),
        ("f8 18", "not valid"),
        ("ff", "not valid"),
        ("1c", "not valid"),
        ("f97e00", "finite"),
        ("fb7ff0000000000000", "finite"),
        ("c482 21 19 6ab3", "tag"),
        ("d81c 81 d81d 00", "tag"),
        ("d9 0102 81 01", "tag"),
        ("d823 61 5b", "tag"),
        ("d825 50" + "00" * 16, "tag"),
        ("9a ffffffff", "too early"),
        ("9b ffffffffffffffff", "too early"),
        ("bb ffffffffffffffff", "too early"),
        ("5b ffffffffffffffff", "too early"),
        ("7b 00000000ffffffff", "too early"),
        ("c2 59 2710" + "ff" * 10_000, "too long"),
        ("81" * 201 + "00", "not valid"),
        ("81" * 100_000, "not valid"),
        ("c1" * 100_000, "not valid"),
        ("9f" * 100_000, "not valid"),
        ("d9ffff" * 100_000, "not valid"),
    ],
)
def test_what_readers_could_take_differently_is_refused(data: str, reason: str) -> None:
    """Broken, truncated, repeated, shared, tagged, deep and huge content; memory follows what came, not what is
    declared."""
    content = bytes.fromhex(data)
    tracemalloc.start()
    with pytest.raises(BadText, match=reason):
        decode_cbor(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@given(st.binary(max_size=80))
def test_no_bytes_break_it(data: bytes) -> None:
    """A value or BadText."""
    try:
        decode_cbor(data)
    except BadText as error:
        assert error.message.isprintable()


def test_the_media_type_says_no_more() -> None:
    """Parameters do not matter."""
    assert compile_cbor("", SchemaSet({}), Terms())(Media("application", "cbor", (("charset", "x"),))) is decode_cbor
