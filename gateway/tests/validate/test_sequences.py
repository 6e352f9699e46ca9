"""Streams of JSON texts cut into items."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.pieces import cut
from gateway.validate.sequences import Cutter, Lines, Sequence
from gateway.validate.text import BadText

Items = list[object]


def items(cutter: Cutter, pieces: list[bytes]) -> tuple[Items, str]:
    """The items of a stream, and by which keyword it ended early."""
    found: Items = []
    try:
        for piece in pieces:
            found += cutter.feed(piece)
        found += cutter.end()
    except BadText as error:
        return found, error.keyword
    return found, ""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n", []),
        (b"1\n2\n", [b"1", b"2"]),
        (b"1\r\n2\r\n", [b"1", b"2"]),
        (b"1\n2", [b"1", b"2"]),
        (b"1\n2\r", [b"1", b"2"]),
        (b"\n\n1\n \t\r\n\n2\n\n", [b"1", b"2"]),
        (b'{"a":\n1}', [b'{"a":', b"1}"]),
        (b'"\xc3\xa9"\n', [b'"\xc3\xa9"']),
        (b"\xef\xbb\xbf1\n", [b"\xef\xbb\xbf1"]),
    ],
)
def test_lines_are_items(data: bytes, expected: Items) -> None:
    """Blank ones are none; byte by byte, too."""
    assert items(Lines(100), [data]) == items(Lines(100), cut(data, [1] * len(data))) == (expected, "")


@pytest.mark.parametrize("data", [b"1\n1\r2\n3\n", b"1\n1\r\r\n3"])
def test_a_carriage_return_within_a_line_is_refused(data: bytes) -> None:
    """It ends a line for some readers; what came before is given."""
    assert items(Lines(100), [data]) == items(Lines(100), cut(data, [1] * len(data))) == ([b"1"], "syntax")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n ", []),
        (b"\x1e", []),
        (b"\x1e\x1e1\n", [b"1\n"]),
        (b"\x1e\n{}\n\x1e \r\n2\n", [b"\n{}\n", b" \r\n2\n"]),
        (b"\x1e1\n\x1e2\n", [b"1\n", b"2\n"]),
        (b'\x1e{"a":\n{"b": "}\\"{"}\n}\n\x1e[\n[]\n]\n', [b'{"a":\n{"b": "}\\"{"}\n}\n', b"[\n[]\n]\n"]),
        (b'\x1e"\\\\"\n\x1e"\\""\n', [b'"\\\\"\n', b'"\\""\n']),
    ],
)
def test_texts_stand_between_separator_and_line_feed(data: bytes, expected: Items) -> None:
    """Line feeds within a text do not end it."""
    assert items(Sequence(100), [data]) == items(Sequence(100), cut(data, [1] * len(data))) == (expected, "")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1\n", []),
        (b"\xef\xbb\xbf\x1e1\n", []),
        (b"\x1e1\n\x1e2", [b"1\n"]),
        (b'\x1e1\n\x1e{"a":1}', [b"1\n"]),
        (b"\x1e1\n\x1e2\x1e3\n", [b"1\n"]),
    ],
)
def test_what_may_be_cut_off_is_refused(data: bytes, expected: Items) -> None:
    """And what does not begin with a separator."""
    assert items(Sequence(100), [data]) == items(Sequence(100), cut(data, [1] * len(data))) == (expected, "syntax")


def test_a_text_is_given_as_soon_as_it_is_complete() -> None:
    """Not only when the next begins: its end must not be passed on unjudged."""
    sequence = Sequence(100)
    assert list(sequence.feed(b'\x1e{"a":[')) == []
    assert list(sequence.feed(b'\n"\\')) == []
    assert list(sequence.feed(b'"]"]\n')) == []
    assert list(sequence.feed(b"}")) == []
    assert list(sequence.feed(b"\n")) == [b'{"a":[\n"\\"]"]\n}\n']


@pytest.mark.parametrize("make", [Lines, Sequence])
@pytest.mark.parametrize(("size", "keyword"), [(8, ""), (9, "too-large")])
def test_an_item_has_a_limit(make: Callable[[int], Cutter], size: int, keyword: str) -> None:
    """However it comes, complete or not; the items before are given."""
    item = b"1" * (size - 1) + (b"\n" if make is Sequence else b"1\n")
    data = (b"\x1e1\n\x1e" if make is Sequence else b"1\n") + item
    for pieces in ([data], cut(data, [1] * len(data))):
        found, ended = items(make(8), pieces)
        assert ended == keyword and len(found) == (1 if keyword else 2)


@pytest.mark.parametrize("make", [Lines, Sequence])
def test_an_item_without_end_is_refused_while_it_comes(make: Callable[[int], Cutter]) -> None:
    """Not held until the end."""
    cutter = make(8)
    with pytest.raises(BadText):
        list(cutter.feed(b"\x1e" + b"1" * 9))


@pytest.mark.parametrize("make", [Lines, Sequence])
def test_no_more_than_one_item_is_held(make: Callable[[int], Cutter]) -> None:
    """Of 50 MB."""
    cutter = make(1000)
    item = b'\x1e{"a": "bbbbbbbbbbbbbbbbbbbbbbbbbbbb"}\n'
    stream = item * 1800
    held = 0
    for _ in range(750):
        for piece in (stream[:-20], stream[-20:]):
            for found in cutter.feed(piece):
                assert isinstance(found, bytes) and len(found) <= len(item)
            held = max(held, len(getattr(cutter, "_open") or b""))  # noqa: B009
    assert 0 < held <= len(item)


@given(st.lists(st.sampled_from([b"\x1e", b"\n", b"\r", b"1", b"{", b"}", b'"', b"\\", b" ", b"\xff"])).map(b"".join),
       st.lists(st.integers(1, 5)), st.sampled_from([Lines, Sequence]))  # fmt: skip
def test_any_bytes_are_cut_alike_however_they_come(
    data: bytes, sizes: list[int], make: Callable[[int], Cutter]
) -> None:
    """Of texts that are no JSON the pieces may decide where they end; nothing else is raised."""
    whole, pieces = items(make(20), [data]), items(make(20), cut(data, sizes))
    if make is Lines:
        assert whole == pieces
