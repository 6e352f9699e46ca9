"""`text/event-stream` cut into events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.pieces import cut
from gateway.tests.validate.test_sequences import items
from gateway.validate.events import Events

CASES: list[tuple[bytes, list[object]]] = [
    (b"", []),
    (b"data: a\n\n", [{"data": "a"}]),
    (b"data:a\n\n", [{"data": "a"}]),
    (b"data:  a\n\n", [{"data": " a"}]),
    (b"data\n\n", [{"data": ""}]),
    (b"data\ndata\n\n", [{"data": "\n"}]),
    (b"data: a\ndata: b\n\ndata: c\n\n", [{"data": "a\nb"}, {"data": "c"}]),
    (b"data: a\r\rdata: b\r\r", [{"data": "a"}, {"data": "b"}]),
    (b"data: a\r\n\r\ndata: b\r\n\r\n", [{"data": "a"}, {"data": "b"}]),
    (b"data: a\r\ndata: b\r\n\r\n", [{"data": "a\nb"}]),
    (b"data: a\n\r\ndata: b\r\n\n", [{"data": "a"}, {"data": "b"}]),
    (b"\xef\xbb\xbfdata: a\n\n", [{"data": "a"}]),
    (b"\n\xef\xbb\xbfdata: a\n\n", []),
    (b":comment\n\n:\ndata: a\n:\n\n", [{"data": "a"}]),
    (b"event: e\nid: 1\nretry: 20\ndata: a\n\n", [{"data": "a", "event": "e", "id": "1", "retry": 20}]),
    (b"event: e\n\ndata: a\n\n", [{"data": "a"}]),
    (b"event: e\nevent: f\ndata: a\nother: x\nDATA: y\n\n", [{"data": "a", "event": "f"}]),
    (b"retry: 1x\nid: \x00\ndata: a\n\n", [{"data": "a"}]),
    (b"retry: \xd9\xa1\ndata: a\n\n", [{"data": "a"}]),
    (b'data: {"a": "b:c"}\n\n', [{"data": '{"a": "b:c"}'}]),
    (b"data: \xc3\xa9\n\n", [{"data": "\u00e9"}]),
    (b"data: a", [{"data": "a"}]),
    (b"data: a\n", [{"data": "a"}]),
    (b"event: a\n", []),
]


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_events_are_cut(data: bytes, expected: list[object]) -> None:
    """As a browser does, but that the end of the stream ends an event; byte by byte, too."""
    assert items(Events(100), [data]) == items(Events(100), cut(data, [1] * len(data))) == (expected, "")


@pytest.mark.parametrize(
    ("data", "keyword"),
    [
        (b"data: a\n\ndata: \xff\n\n", "syntax"),
        (b"data: a\n\ndata: " + b"x" * 95 + b"\n\n", "too-large"),
        (b"data: a\n\n" + b"data: x\n" * 13 + b"\n", "too-large"),
        (b"data: a\n\n" + b"event: x\n" * 13 + b"\n", "too-large"),
        (b"data: a\n\n:" + b"x" * 101, "too-large"),
    ],
)
def test_what_cannot_go_on_ends_the_stream(data: bytes, keyword: str) -> None:
    """After the events before it."""
    for pieces in ([data], cut(data, [1] * len(data))):
        assert items(Events(100), pieces) == ([{"data": "a"}], keyword)


def test_an_event_is_given_with_its_blank_line() -> None:
    """Not with the next event: its end must not be passed on unjudged."""
    for end in (b"\n", b"\r", b"\r\n"):
        events = Events(100)
        assert list(events.feed(b"data: a" + end)) == []
        assert list(events.feed(end)) == [{"data": "a"}]


def test_comments_are_not_held() -> None:
    """However many keep the connection alive."""
    events = Events(100)
    for _ in range(1000):
        assert list(events.feed(b": still here\n" * 50)) == []
    assert len(events._line) == 0 and events._size == 0


@given(
    st.lists(st.sampled_from([b"data", b":", b" ", b"\n", b"\r", b"a", b"\xef\xbb\xbf", b"\xff", b"id"])).map(b"".join),
    st.lists(st.integers(0, 5)),
)
def test_any_bytes_are_cut_alike_however_they_come(data: bytes, sizes: list[int]) -> None:
    """And raise nothing."""
    assert items(Events(50), [data]) == items(Events(50), cut(data, sizes))
