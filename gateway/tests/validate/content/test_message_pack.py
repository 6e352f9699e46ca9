"""MessagePack, good and hostile."""

import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.content.message_pack import compile_message_pack, decode_message_pack
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_reads_what_an_encoder_writes(value: Any) -> None:
    """Every JSON value comes back."""
    assert decode_message_pack(msgpack.packb(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": b"\x00\xff"}, {"a": "AP8="}),
        (msgpack.Timestamp(0, 0), "1970-01-01T00:00:00Z"),
        ([msgpack.Timestamp(1_600_000_000, 500_000_000)], ["2020-09-13T12:26:40.5Z"]),
        (msgpack.Timestamp(-62_135_596_800, 1), "0001-01-01T00:00:00.000000001Z"),
    ],
)
def test_values_that_json_has_not(value: Any, expected: object) -> None:
    """Byte strings as base64, timestamps as date-time."""
    assert decode_message_pack(msgpack.packb(value)) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xcd\x01", "too early"),
        (b"\x92\x01", "too early"),
        (b"\xa2a", "too early"),
        (b"\x01\x02", "behind"),
        (b"\xc1", "not valid"),
        (b"\x82\xa1a\x01\xa1a\x02", "repeats"),
        (b"\x81\x01\x02", "not valid"),
        (b"\x81\xc4\x01a\x02", "key"),
        (b"\x81\x90\x02", "not valid"),
        (b"\xa1\xff", "not valid"),
        (b"\xa3\xed\xa0\x80", "not valid"),
        (b"\xd4\x05x", "extension"),
        (b"\xd5\xff\x00\x00", "not valid"),
        (msgpack.packb(msgpack.Timestamp(1 << 40, 0)), "years"),
        (msgpack.packb([float("nan")]), "finite"),
        (msgpack.packb(float("-inf")), "finite"),
        (b"\xdd\xff\xff\xff\xff", "too early"),
        (b"\xdf\xff\xff\xff\xff", "too early"),
        (b"\xdb\xff\xff\xff\xff", "too early"),
        (b"\xc9\xff\xff\xff\xff\x01", "behind"),
        (b"\xdd\x00\x01\x00\x00" * 1000 + b"\x00" * 50_000, "too early"),
        (b"\x91" * 1030 + b"\x00", "deeply"),
        (b"\x91" * 100_000, "deeply"),
        (b"\xdd\x00\x0f\xff\xff" * 100_000, "deeply"),
    ],
)
def test_what_readers_could_take_differently_is_refused(data: bytes, reason: str) -> None:
    """Broken, truncated, repeated, deep and huge content; memory follows what came, not what is declared."""
    tracemalloc.start()
    with pytest.raises(BadText, match=reason):
        decode_message_pack(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


@given(st.binary(max_size=80))
def test_no_bytes_break_it(data: bytes) -> None:
    """A value or BadText."""
    try:
        decode_message_pack(data)
    except BadText as error:
        assert error.message.isprintable()


def test_the_media_type_says_no_more() -> None:
    """Parameters do not matter."""
    decode = compile_message_pack("", SchemaSet({}), Terms())
    assert decode(Media("application", "msgpack", (("v", "1"),))) is decode_message_pack
