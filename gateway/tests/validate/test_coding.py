"""Content codings: what decodes, what does not, and that a bomb costs nothing."""

import gzip
import random
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Violation
from gateway.validate.coding import BadCoding, CodedJudge, Decoding, codings, decoded, judge_whole, open_judge
from gateway.validate.media import MediaCheck

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b'{"id": 1, "name": "Eliud"}' * 20


def raw_deflate(data: bytes) -> bytes:
    """Without the zlib header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
ONE = [*ENCODERS.items(), ("deflate", raw_deflate)]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, ()),
        (b"", ()),
        (b"identity", ()),
        (b"gzip", ("gzip",)),
        (b"GZip", ("gzip",)),
        (b"gzip, br", ("br", "gzip")),
        (b"identity , zstd", ("zstd",)),
        (b"compress", None),
        (b"gzip, dcb", None),
        (b"gzip;q=1", None),
        (b"\xffgzip", None),
        (b"gzip,gzip,gzip,gzip", ("gzip",) * 4),
        (b"gzip,gzip,gzip,gzip,gzip", None),
    ],
)
def test_the_field_names_what_has_to_be_undone(value: bytes | None, names: tuple[str, ...] | None) -> None:
    """The last coding first; None for what nobody here can decode."""
    assert codings(value) == names


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` cut at these places."""
    marks = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(marks)]


@pytest.mark.parametrize(("name", "encode"), ONE)
@given(content=st.binary(max_size=2000), cuts=st.lists(st.integers(0, 5000), max_size=8))
@settings(max_examples=25, deadline=None)
def test_what_was_encoded_comes_back(
    name: str, encode: Callable[[bytes], bytes], content: bytes, cuts: list[int]
) -> None:
    """Whole, and however it is cut into pieces."""
    wire = encode(content)
    assert decoded((name,), wire, 10_000, 1000) == content
    decoding = Decoding((name,), 1000)
    assert b"".join(out for piece in pieces(wire, cuts) for out in decoding.feed(piece)) == content
    decoding.end()


@pytest.mark.parametrize(("name", "encode"), ONE)
def test_a_byte_at_a_time_is_enough(name: str, encode: Callable[[bytes], bytes]) -> None:
    """No decoder needs its input in one piece."""
    decoding = Decoding((name,), 100)
    assert b"".join(out for byte in encode(TEXT) for out in decoding.feed(bytes([byte]))) == TEXT
    decoding.end()


@pytest.mark.parametrize(("name", "encode"), ONE)
def test_what_is_cut_short_is_refused(name: str, encode: Callable[[bytes], bytes]) -> None:
    """At every byte: half a content must not pass for a whole one."""
    wire = encode(TEXT)
    for end in range(1, len(wire)):
        with pytest.raises(BadCoding, match=r"end before|decodable"):
            decoded((name,), wire[:end], 10_000, 1000)


@pytest.mark.parametrize(("name", "encode"), ONE)
@pytest.mark.parametrize("tail", [b"x", b"\0", b"\0" * 512, b'{"id": 2}'])
def test_nothing_may_follow(name: str, encode: Callable[[bytes], bytes], tail: bytes) -> None:
    """In the same piece or in a later one: some readers would ignore it and others not."""
    with pytest.raises(BadCoding):
        decoded((name,), encode(TEXT) + tail, 10_000, 1000)
    decoding = Decoding((name,), 100)
    for byte in encode(TEXT):
        list(decoding.feed(bytes([byte])))
    with pytest.raises(BadCoding):
        list(decoding.feed(tail))
        decoding.end()


@pytest.mark.parametrize(("name", "encode"), [(name, ENCODERS[name]) for name in ("gzip", "zstd")])
def test_members_may_follow_each_other(name: str, encode: Callable[[bytes], bytes]) -> None:
    """RFC 1952 section 2.2 and RFC 8878 section 3.1 make a sequence of them one content."""
    assert decoded((name,), encode(b"one") + encode(b"") + encode(b"two"), 100, 100) == b"onetwo"


@pytest.mark.parametrize(("name", "encode"), [(name, ENCODERS[name]) for name in ("gzip", "zstd")])
def test_thousands_of_tiny_members_are_refused(name: str, encode: Callable[[bytes], bytes]) -> None:
    """Each costs a new decoder."""
    with pytest.raises(BadCoding) as caught:
        decoded((name,), encode(b"") * 5000, 100, 100)
    assert caught.value.keyword == "too-large"


def test_codings_may_be_combined() -> None:
    """In the order in which they were applied."""
    names = codings(b"deflate, gzip, zstd")
    assert names is not None
    assert decoded(names, zstd.compress(gzip.compress(zlib.compress(TEXT))), 10_000, 100) == TEXT


@pytest.mark.parametrize(
    "wire",
    [
        zlib.compress(b"x", wbits=31)[:-8] + bytes(8),
        bytes.fromhex("1f8b0800"),
        b"not gzip at all",
    ],
)
def test_a_corrupt_gzip_is_refused(wire: bytes) -> None:
    """A wrong check sum, half a header, no header."""
    with pytest.raises(BadCoding):
        decoded(("gzip",), wire, 100, 100)


def test_a_zstd_dictionary_is_refused() -> None:
    """Nobody but the sender has it."""
    learnt = zstd.train_dict([b"hello world %d" % number for number in range(1000)], 1000)
    with pytest.raises(BadCoding):
        decoded(("zstd",), zstd.compress(b"hello world 5", zstd_dict=learnt), 100, 100)


def test_a_large_zstd_window_is_refused() -> None:
    """It would be memory that the peer decides on (RFC 9659)."""
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    wire = packer.compress(random.Random(1).randbytes(1000)) + packer.flush()
    with pytest.raises(BadCoding):
        decoded(("zstd",), wire, 10_000, 100)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_refused_in_bounded_memory(name: str) -> None:
    """64 MB that were some kilobytes: neither as a whole nor in pieces does more than a little of it appear."""
    wire = ENCODERS[name](bytes(64 * 2**20))
    tracemalloc.start()
    assert decoded((name,), wire, 2**20, 10**6) is None
    with pytest.raises(BadCoding) as caught:
        for _ in Decoding((name,), 20).feed(wire):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.keyword == "too-large"
    assert peak < 4 * 2**20


def test_a_bomb_inside_a_coding_is_refused() -> None:
    """Also when the outer coding decodes to much and the inner one to nothing."""
    nothing = bytes.fromhex("502a4d18") + (2**24).to_bytes(4, "little") + bytes(2**24)  # a skippable zstd frame
    with pytest.raises(BadCoding) as caught:
        decoded(("gzip", "zstd"), gzip.compress(nothing), 2**20, 100)
    assert caught.value.keyword == "too-large"


@pytest.mark.parametrize("name", ENCODERS)
@given(data=st.binary(min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_random_bytes_raise_nothing_else(name: str, data: bytes) -> None:
    """Whatever comes is decoded or refused."""
    try:
        decoded((name,), data, 1000, 100)
    except BadCoding as error:
        assert error.keyword in ("syntax", "too-large")


class Letters:
    """A judge that finds fault with every `x`, and at the end with having seen nothing."""

    def __init__(self) -> None:
        self.seen = b""

    def feed(self, data: bytes) -> list[Violation]:
        """See `PieceJudge`."""
        self.seen += data
        return [Violation("body", "", "", "enum", "no x")] if b"x" in data else []

    def end(self) -> list[Violation]:
        """See `PieceJudge`."""
        return [] if self.seen else [Violation("body", "", "", "required", "nothing")]


@pytest.mark.parametrize(
    ("wire", "keywords"),
    [
        (gzip.compress(b"abc"), []),
        (gzip.compress(b"axc"), ["enum"]),
        (gzip.compress(b""), ["required"]),
        (gzip.compress(b"abc")[:-1], ["syntax"]),
        (b"abc", ["syntax"]),
        (b"", ["required"]),
        (gzip.compress(bytes(2**20)), ["too-large"]),
    ],
)
def test_a_judge_is_fed_the_content_and_not_its_coding(wire: bytes, keywords: list[str]) -> None:
    """Both kinds of judging say the same; flaws of the coding are violations of the body."""
    media = MediaCheck(None, Letters)
    judge = open_judge(Letters, ("gzip",), 100)
    assert isinstance(judge, CodedJudge)
    assert [found.keyword for found in judge.feed(wire) or judge.end()] == keywords
    whole = judge_whole(media, ("gzip",), wire, 2**21, 100)
    assert whole is not None and [found.keyword for found in whole] == keywords


def test_uncoded_content_is_judged_directly() -> None:
    """No wrapper stands in its way."""
    assert isinstance(open_judge(Letters, (), 100), Letters)
    assert judge_whole(MediaCheck(None, Letters), (), b"abc", 2, 100) == []


def test_what_is_too_long_once_decoded_is_not_judged() -> None:
    """The caller decides what that means."""
    wire = gzip.compress(b"a" * 100)
    assert judge_whole(MediaCheck(lambda data: []), ("gzip",), wire, 99, 100) is None
    assert judge_whole(MediaCheck(None, Letters), ("gzip",), wire, 99, 100) == []  # never needs to hold it
