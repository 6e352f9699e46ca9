"""Bytes to heads and bodies: the same whole and byte by byte."""

import pytest

from gateway.config import Limits
from gateway.errors import Kind, Refusal
from gateway.server.reader import FRAMING_SLACK, PIECE, RequestReader
from gateway.wire.message import RequestHead

DEFAULT = Limits()


class Told:
    """Writes down what a reader tells."""

    def __init__(self) -> None:
        self.events: list[tuple[object, ...]] = []

    def head_received(
        self, head: RequestHead, length: int | None, keep_alive: bool, version_11: bool, expects: bool
    ) -> None:
        """A head."""
        self.events.append((head.method, head.path, length, keep_alive, version_11, expects))

    def body_received(self, data: bytes) -> None:
        """A piece of a body; pieces that follow each other are one."""
        if self.events and self.events[-1][0] == "body":
            data = bytes(self.events.pop()[1]) + data  # type: ignore[call-overload]
        self.events.append(("body", data))

    def message_received(self) -> None:
        """The end of a request."""
        self.events.append(("end",))


def read(data: bytes, size: int, limits: Limits = DEFAULT) -> tuple[Told, RequestReader]:
    """Feed `data` in pieces of `size` bytes."""
    told = Told()
    reader = RequestReader(told, limits)
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    return told, reader


GET = b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n"
UPGRADE = b"Connection: upgrade\r\nUpgrade: x\r\n"

STORIES = [
    (GET, [(b"GET", b"/a", 0, True, True, False), ("end",)]),
    (GET + GET, [(b"GET", b"/a", 0, True, True, False), ("end",)] * 2),
    (POST, [(b"POST", b"/a", 3, True, True, False), ("body", b"abc"), ("end",)]),
    (CHUNKED + GET, [(b"POST", b"/a", None, True, True, False), ("body", b"abc"), ("end",),
                     (b"GET", b"/a", 0, True, True, False), ("end",)]),
    (GET.replace(b"1.1", b"1.0"), [(b"GET", b"/a", 0, False, False, False), ("end",)]),
    (GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), [(b"GET", b"/a", 0, False, True, False), ("end",)]),
    (POST.replace(b"Content", b"Expect: 100-continue\r\nContent"),
     [(b"POST", b"/a", 3, True, True, True), ("body", b"abc"), ("end",)]),
    (POST.replace(b"Content", UPGRADE + b"Content"),
     [(b"POST", b"/a", 3, False, True, False), ("body", b"abc"), ("end",)]),
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 100000])
@pytest.mark.parametrize(("data", "events"), STORIES)
def test_each_request_is_told_in_order(data: bytes, events: list[tuple[object, ...]], size: int) -> None:
    """However the bytes are cut."""
    told, reader = read(data, size)
    assert told.events == events
    assert not reader.in_message


def test_nothing_behind_an_upgrade_without_a_body_is_read() -> None:
    """It is another protocol's."""
    told, reader = read(GET.replace(b"\r\n\r\n", b"\r\n" + UPGRADE + b"\r\n") + GET, 100000)
    assert len(told.events) == 2
    assert reader.finished


SMALL = Limits(request_line=64, header_bytes=256, header_count=4)
TOO_MUCH = [
    (b"GET /" + b"a" * 64 + b" HTTP/1.1\r\nHost: x\r\n\r\n", Kind.URI_TOO_LONG),
    (GET.replace(b"\r\n\r\n", b"\r\nA: " + b"a" * 256 + b"\r\n\r\n"), Kind.FIELDS_TOO_LARGE),
    (GET.replace(b"\r\n\r\n", b"\r\nA: a" * 5 + b"\r\n\r\n"), Kind.FIELDS_TOO_LARGE),
    (b"GET / HTTP/1.1\r\nA: " + b"a" * 320, Kind.FIELDS_TOO_LARGE),
    (CHUNKED.replace(b"Trailer: 1\r\n", b"A: a\r\n" * 5), Kind.FIELDS_TOO_LARGE),
    (b"nonsense\r\n\r\n", Kind.MALFORMED_REQUEST),
    (GET.replace(b"\r\n\r\n", b"\r\nExpect: wonders\r\n\r\n"), Kind.EXPECTATION_FAILED),
]


@pytest.mark.parametrize("size", [61, 100000])
@pytest.mark.parametrize(("data", "kind"), TOO_MUCH)
def test_limits_hold_however_the_bytes_are_cut(data: bytes, kind: Kind, size: int) -> None:
    """The same refusal for slow and fast clients."""
    with pytest.raises(Refusal) as caught:
        read(data, size, SMALL)
    assert caught.value.kind is kind


def test_framing_may_not_outweigh_the_body() -> None:
    """A chunk extension that never ends is cut off."""
    with pytest.raises(Refusal) as caught:
        read(CHUNKED.replace(b";x", b";" + b"x" * (FRAMING_SLACK + 1000)), 1000, SMALL)
    assert caught.value.kind is Kind.MALFORMED_REQUEST


def test_a_sink_that_has_enough_is_told_little_more() -> None:
    """However many requests came at once; the rest is kept, and told when the sink wants more."""

    class Full(Told):
        def message_received(self) -> None:
            super().message_received()
            reader.paused = True

    told = Full()
    reader = RequestReader(told, DEFAULT)
    reader.feed(GET * 5000)
    assert told.events.count(("end",)) <= PIECE // len(GET) + 1
    rounds = 0
    while reader.unread:
        reader.paused = False
        reader.feed(b"")
        rounds += 1
    assert rounds > 10 and told.events.count(("end",)) == 5000


def test_a_body_that_came_is_told_to_its_end_even_to_a_sink_that_has_enough() -> None:
    """It takes memory here as there; and when it is refused, the connection can go on behind it."""
    told = Told()
    reader = RequestReader(told, DEFAULT)
    reader.feed(CHUNKED[: CHUNKED.index(b"3;x")])
    reader.paused = True
    reader.feed(b"%x\r\n%b\r\n0\r\n\r\n" % (10 * PIECE, b"x" * 10 * PIECE) + GET * 1000)
    assert told.events[1] == ("body", b"x" * 10 * PIECE) and told.events[2] == ("end",)
    assert len(told.events) < PIECE // len(GET) * 2 + 5 and reader.unread
