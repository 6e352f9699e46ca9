"""Multipart bodies taken apart: what all readers agree on, and nothing else."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.pieces import cut
from gateway.validate.multipart import MAX_FIELDS, MAX_HEAD, Fields, Splitter, boundary_of, is_multipart
from gateway.validate.text import BadText
from gateway.wire.media import Media, parse

Part = tuple[dict[bytes, bytes], bytes]


class Parts:
    """Collects what a splitter gives."""

    def __init__(self) -> None:
        self.found: list[Part] = []
        self.open: tuple[dict[bytes, bytes], bytearray] | None = None

    def part(self, fields: Fields) -> None:
        """Remember the fields."""
        assert self.open is None
        self.open = dict(fields), bytearray()

    def data(self, piece: bytes) -> None:
        """Join the pieces."""
        assert self.open is not None and piece
        self.open[1].extend(piece)

    def part_end(self) -> None:
        """The part is complete."""
        assert self.open is not None
        self.found.append((self.open[0], bytes(self.open[1])))
        self.open = None


def split(pieces: Iterable[bytes], boundary: bytes = b"b") -> list[Part]:
    """The parts of a body. Raises BadText."""
    parts = Parts()
    splitter = Splitter(boundary, parts)
    for piece in pieces:
        splitter.feed(piece)
    splitter.end()
    return parts.found


def written(parts: Iterable[Part], boundary: bytes = b"b") -> bytes:
    """A body, by a second writer."""
    body = b""
    for fields, content in parts:
        head = b"".join(b"%b: %b\r\n" % field for field in fields.items())
        body += b"--%b\r\n%b\r\n%b\r\n" % (boundary, head, content)
    return body + b"--%b--\r\n" % boundary


GOOD: list[tuple[bytes, list[Part]]] = [
    (b"--b--", []),
    (b"--b--\r\n", []),
    (b"\r\n--b\r\n\r\nx\r\n--b--\r\n", [({}, b"x")]),
    (b"--b\r\n\r\n\r\n--b--", [({}, b"")]),
    (b"--b\r\n\r\nx\r\n--b--\r\n", [({}, b"x")]),
    (b"--b\r\nA: 1\r\nB:2 \r\n\r\nx\r\n--b--", [({b"a": b"1", b"b": b"2"}, b"x")]),
    (b"--b\r\nA:\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--", [({b"a": b""}, b"x"), ({}, b"y")]),
    (b"--b\r\n\r\n\r\n\r\n--b--", [({}, b"\r\n")]),
    (b"--b\r\n\r\n--c\r\n--\n-b\r\n--b--", [({}, b"--c\r\n--\n-b")]),
    (b"--b\r\n\r\nx--b\r\n-b\r\r\n--b--", [({}, b"x--b\r\n-b\r")]),
    (b"--b\r\nA: \xc3\xa9\r\n\r\n\x00\xff\r\n--b--", [({b"a": b"\xc3\xa9"}, b"\x00\xff")]),
]

BAD = {
    "nothing": b"",
    "a preamble": b"preamble\r\n--b\r\n\r\nx\r\n--b--",
    "two line ends first": b"\r\n\r\n--b\r\n\r\nx\r\n--b--",
    "a line feed first": b"\n--b\r\n\r\nx\r\n--b--",
    "a carriage return first": b"\r--b\r\n\r\nx\r\n--b--",
    "a line end alone": b"\r\n",
    "another boundary": b"--c\r\n\r\nx\r\n--c--",
    "an epilogue": b"--b\r\n\r\nx\r\n--b--\r\nepilogue",
    "an epilogue without a line end": b"--b\r\n\r\nx\r\n--b--x",
    "two line ends at the end": b"--b\r\n\r\nx\r\n--b--\r\n\r\n",
    "half a line end at the end": b"--b\r\n\r\nx\r\n--b--\r",
    "a line feed at the end": b"--b\r\n\r\nx\r\n--b--\n",
    "another part behind the last": b"--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--",
    "no last boundary": b"--b\r\n\r\nx\r\n--b\r\n",
    "half a last boundary": b"--b\r\n\r\nx\r\n--b-",
    "content cut off": b"--b\r\n\r\nx",
    "head cut off": b"--b\r\nA: 1",
    "blanks behind a boundary": b"--b \r\n\r\nx\r\n--b--",
    "a longer boundary": b"--b\r\n\r\nx\r\n--bc\r\n--b--",
    "line feeds for line ends": b"--b\n\nx\n--b--\n",
    "a line feed before a boundary": b"--b\r\n\r\nx\n--b\r\n\r\ny\r\n--b--",
    "a line feed before the last boundary": b"--b\r\n\r\nx\n--b--\r\n",
    "a carriage return before a boundary": b"--b\r\n\r\nx\r--b\r\n\r\ny\r\n--b--",
    "a line feed behind a boundary": b"--b\r\n\r\nx\r\n--b\n\r\ny\r\n--b--",
    "no blank line": b"--b\r\nA: 1\r\n--b--",
    "a boundary for content": b"--b\r\nA: 1\r\n\r\n--b--",
    "a boundary for content without fields": b"--b\r\n\r\n--b--",
    "a boundary in the head": b"--b\r\nA: 1\r\n--b: 2\r\n\r\nx\r\n--b--",
    "a folded field": b"--b\r\nA: 1\r\n B: 2\r\n\r\nx\r\n--b--",
    "a field without colon": b"--b\r\nA\r\n\r\nx\r\n--b--",
    "a field without name": b"--b\r\n: 1\r\n\r\nx\r\n--b--",
    "a blank before the colon": b"--b\r\nA : 1\r\n\r\nx\r\n--b--",
    "a field twice": b"--b\r\nA: 1\r\na: 1\r\n\r\nx\r\n--b--",
    "a line feed in a field": b"--b\r\nA: 1\nB: 2\r\n\r\nx\r\n--b--",
    "a carriage return in a field": b"--b\r\nA: 1\rB: 2\r\n\r\nx\r\n--b--",
    "a zero byte in a field": b"--b\r\nA: \x00\r\n\r\nx\r\n--b--",
    "too many fields": written([({b"a%d" % n: b"" for n in range(MAX_FIELDS + 1)}, b"")]),
    "a head that is too long": written([({b"a": b"x" * MAX_HEAD}, b"")]),
    "a head without end": b"--b\r\nA: " + b"x" * (MAX_HEAD + 1),
}


@pytest.mark.parametrize(("body", "parts"), GOOD)
def test_parts_are_found(body: bytes, parts: list[Part]) -> None:
    """Whole and byte by byte."""
    assert split([body]) == parts
    assert split(cut(body, [1] * len(body))) == parts


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_readers_could_take_for_something_else_is_refused(body: bytes) -> None:
    """Whole and byte by byte."""
    for pieces in ([body], cut(body, [1] * len(body))):
        with pytest.raises(BadText):
            split(pieces)


@pytest.mark.parametrize("body", [b"--b\r\n\r\n--b", b"--b\r\nA: 1\r\n\r\n--b", b"--c", b"--b x"])
def test_what_is_wrong_is_said_at_once(body: bytes) -> None:
    """Not only at the end, which may be far."""
    with pytest.raises(BadText):
        Splitter(b"b", Parts()).feed(body)


_CONTENT = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"--", b"-", b"b", b"b0", b"x", b"\x00"])).map(b"".join)


@given(st.lists(_CONTENT, max_size=4), st.integers(0, 2**32))
def test_what_was_written_is_read(contents: list[bytes], seed: int) -> None:
    """Any content in which nobody could see a boundary, in any pieces."""
    boundary = b"b0"
    contents = [content for content in contents if boundary not in content]
    parts: list[Part] = [({b"n": b"%d" % n}, content) for n, content in enumerate(contents)]
    body = written(parts, boundary)
    sizes = random.Random(seed).choices(range(1, 9), k=len(body))
    assert split([body], boundary) == split(cut(body, sizes), boundary) == parts


@given(_CONTENT, st.lists(st.integers(1, 5)))
def test_any_bytes_are_split_or_refused(body: bytes, sizes: list[int]) -> None:
    """With the same answer however they come, and nothing but BadText."""
    answers: list[list[Part] | None] = []
    for pieces in ([b"--b0\r\n\r\n" + body + b"\r\n--b0--"], cut(b"--b0\r\n\r\n" + body + b"\r\n--b0--", sizes)):
        try:
            answers.append(split(pieces, b"b0"))
        except BadText:
            answers.append(None)
    assert answers[0] == answers[1]


def test_of_content_less_than_a_boundary_is_held() -> None:
    """However much of it comes."""
    parts = Parts()
    splitter = Splitter(b"b" * 70, parts)
    splitter.feed(b"--" + b"b" * 70 + b"\r\n\r\n")
    for _ in range(50):
        splitter.feed(b"\r\n--b" * 1000)
        assert len(splitter._data) - splitter._at < 75
    assert parts.open is not None and len(parts.open[1]) > 249_900


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"multipart/form-data; boundary=x", b"x"),
        (b'multipart/form-data; boundary="a b"', None),
        (b'multipart/form-data; boundary="a=?:/"', b"a=?:/"),
        (b"multipart/form-data; BOUNDARY=X", b"X"),
        (b"multipart/form-data; boundary=" + b"x" * 70, b"x" * 70),
        (b"multipart/form-data; boundary=" + b"x" * 71, None),
        (b"multipart/form-data", None),
        (b'multipart/form-data; boundary=""', None),
        (b'multipart/form-data; boundary="a\\"b"', None),
        (b'multipart/form-data; boundary="\xe4"', None),
        (b"multipart/form-data; boundary=x; boundary*=utf-8''y", None),
        (b"multipart/form-data; boundary=x; boundary*0=y", None),
    ],
)
def test_the_boundary_is_taken_from_the_media_type(content_type: bytes, expected: bytes | None) -> None:
    """When it is one by the grammar, and the only one."""
    media = parse(content_type)
    assert media is not None and boundary_of(media) == expected


def test_all_multipart_types_are_made_of_parts() -> None:
    """And no others."""
    assert is_multipart(Media("multipart", "mixed")) and not is_multipart(Media("application", "json"))
