"""Bytes of a client connection to request heads and bodies, within the limits on heads and framing.

llhttp does the splitting; what it lets pass and what nobody should forward is refused by `gateway.wire.framing`. The
reader knows nothing of turns, answers or deadlines: it tells a `Sink` what it has read.
"""

from typing import Protocol

import httptools

from gateway.config import Limits
from gateway.errors import Kind, Refusal
from gateway.server.http1 import body_parser
from gateway.wire.framing import malformed, request_head
from gateway.wire.message import ClientCertificate, Field, RequestHead, lookup_of

PIECE = 8192  # bytes that are read at once, so that few requests come at once
FRAMING_SLACK = 65536  # bytes of chunk framing and trailers beyond twice the body


class Sink(Protocol):
    """Who is told of requests, in the order of the bytes."""

    def head_received(
        self, head: RequestHead, length: int | None, keep_alive: bool, version_11: bool, expects: bool
    ) -> None:
        """A head that passed all rules. `length` is that of the body, None when it is chunked."""

    def body_received(self, data: bytes) -> None:
        """A piece of the body of the last head."""

    def message_received(self) -> None:
        """The request is complete."""


class RequestReader:
    """Reads one connection. `in_message` is True from the first byte of a request to its last.

    While `paused`, which is the sink's to set, what comes is kept in `unread`.
    `finished` says that nothing behind the last request is HTTP, since that asks for an upgrade. `rest` is what came
    behind it.
    """

    def __init__(self, sink: Sink, limits: Limits) -> None:
        self.peer = ""
        self.certificate: ClientCertificate | None = None  # of the client; it holds for the whole connection
        self.in_message = False
        self.paused = False
        self.unread = b""
        self.finished = False
        self.rest = b""
        self._sink = sink
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._wire_bytes = 0
        self._begin()

    def _begin(self) -> None:
        self._target = b""
        self._fields: list[Field] = []
        self._head_done = False
        self._body_bytes = 0
        self._length: int | None = 0
        self._upgrading = False  # a body is to come behind a head that asks for an upgrade

    def feed(self, data: bytes) -> None:
        """More bytes came; b"" to go on with those that were kept. Raises Refusal when nothing after them can be
        understood any more."""
        if len(data) <= max(PIECE, self._due()) and not self.unread and not self.paused:
            self._read(data)
            return
        data = self.unread + data
        view, at = memoryview(data), 0
        while at < len(data) and not self.finished and (self._in_body or not self.paused):
            end = at + max(PIECE, self._due())
            self._read(view[at:end])
            at = end
        self.unread = data[at:]
        if self.finished:
            self.rest, self.unread = self.rest + self.unread, b""

    def _due(self) -> int:
        """The rest of a body may come at once, however long: it is a single request's, and not kept here."""
        return (self._length or 0) - self._body_bytes

    @property
    def _in_body(self) -> bool:
        return self.in_message and self._head_done

    def _read(self, data: bytes | memoryview) -> None:
        if not self.in_message:
            self.in_message = True
            self._wire_bytes = 0
        self._wire_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserError as error:
            raise _refusal_for(error) from None
        if self.in_message:
            self._check_sizes()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read on as if Upgrade were not there (RFC 9110 section 7.8), up to the end of this request.

        The parser leaves out the body too, so another one takes over behind the head.
        """
        if not self._upgrading:
            self.finished = True
            self.rest = rest
            return
        self._upgrading = False
        self._parser = body_parser(self, self._length)
        try:
            self._parser.feed_data(rest)
        except httptools.HttpParserError as error:
            raise _refusal_for(error) from None

    def _check_sizes(self) -> None:
        limits = self._limits
        if not self._head_done:
            if self._wire_bytes > limits.request_line + limits.header_bytes:
                raise Refusal(Kind.FIELDS_TOO_LARGE, "The request head is too large.")
        elif self._wire_bytes > 2 * self._body_bytes + FRAMING_SLACK + limits.header_bytes:
            raise malformed("The body consists of framing more than of content.")

    # -- httptools callbacks

    def on_message_begin(self) -> None:
        if not self.in_message:
            # Another message ended in this read; its bytes are not this one's: counting starts with the next read.
            self._wire_bytes = 0
        self._begin()
        self.in_message = True

    def on_url(self, target: bytes) -> None:
        self._target += target
        if len(self._target) > self._limits.request_line:
            raise Refusal(Kind.URI_TOO_LONG, "The request target is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name, value))
        if len(self._fields) > self._limits.header_count:
            raise Refusal(Kind.FIELDS_TOO_LARGE, "There are too many header fields.")

    def on_headers_complete(self) -> None:
        fields, limits = self._fields, self._limits
        if _size(fields) > limits.header_bytes:
            raise Refusal(Kind.FIELDS_TOO_LARGE, "The header fields are too large.")
        self._head_done = True
        self._fields = []  # what follows are trailers: counted, but never header fields (RFC 9110 section 6.5.1)
        parser = self._parser
        version = parser.get_http_version()
        lookup = lookup_of(fields)
        head = request_head(parser.get_method(), self._target, version, fields, lookup, self.peer, self.certificate)
        expect = lookup.get(b"expect")
        if expect is not None and expect.lower() != b"100-continue":
            raise Refusal(Kind.EXPECTATION_FAILED, "The only expectation understood is 100-continue.")
        self._length = length = None if b"transfer-encoding" in lookup else int(lookup.get(b"content-length", b"0"))
        keep_alive = parser.should_keep_alive()
        if b"upgrade" in lookup and parser.should_upgrade():
            keep_alive = False
            self._upgrading = length != 0
        version_11 = version == "1.1"
        expects = expect is not None and length != 0 and version_11
        self._sink.head_received(head, length, keep_alive, version_11, expects)

    def on_body(self, data: bytes) -> None:
        self._body_bytes += len(data)
        self._sink.body_received(data)

    def on_message_complete(self) -> None:
        if not self._upgrading:
            self._length = 0
            self.in_message = False
            self._sink.message_received()


def _size(fields: list[Field]) -> int:
    """Bytes of the field lines, with colon, blank and line end."""
    return sum(len(name) + len(value) + 4 for name, value in fields)


def _refusal_for(error: httptools.HttpParserError) -> Refusal:
    """What a callback raised, or that the bytes made no sense."""
    cause = error.__context__
    return cause if isinstance(cause, Refusal) else malformed("The bytes received are not a well-formed HTTP request.")
