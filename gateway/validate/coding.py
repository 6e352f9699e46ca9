"""Content codings (RFC 9110 section 8.4.1), undone for judging only: what is forwarded stays as it came.

Decoding is incremental and suspicious. No call yields more than one bounded piece at a time, no stage may become more
than `ratio` times as large as what was sent, and a backend that is laxer than this must not see another content: what
is cut short, corrupt or followed by anything else is a violation.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from gateway.errors import Violation
from gateway.validate.media import MediaCheck, PieceJudge

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 65536  # bytes that one step decodes, and about as many that it yields
GRACE = 65536  # bytes before the ratio is looked at: short texts compress well
MAX_CODINGS = 4
_MEMBERS = 100  # so many may be short; more of them must hold _MEMBER_BYTES on average, or decoding costs too much
_MEMBER_BYTES = 1024
# RFC 9659: content codings use no window of more than 8 MB.
_ZSTD: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class BadCoding(Exception):
    """The content cannot be decoded, or grows too much. `keyword` is that of the violation."""

    def __init__(self, message: str, keyword: str = "syntax") -> None:
        super().__init__(message)
        self.keyword = keyword


class _Member(Protocol):
    """One gzip member, zstd frame, zlib or brotli stream."""

    done: bool
    rest: bytes  # what followed the end

    def pull(self, data: bytes) -> bytes:
        """About PIECE bytes at most; call with b"" until nothing comes."""


class _Zlib:
    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)
        self.done = False
        self.rest = b""

    def pull(self, data: bytes) -> bytes:
        inner = self._inner
        piece = inner.decompress(inner.unconsumed_tail + data, PIECE)
        self.done, self.rest = inner.eof, inner.unused_data
        return piece


class _Deflate:
    """With a zlib header as RFC 9110 wants it, or without as some senders do."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Zlib | None = None
        self.done = False
        self.rest = b""

    def pull(self, data: bytes) -> bytes:
        if self._inner is None:
            self._head += data
            if len(self._head) < 2:
                return b""
            head, data = self._head, self._head
            is_zlib = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0  # RFC 1950 section 2.2
            self._inner = _Zlib(15 if is_zlib else -15)
        piece = self._inner.pull(data)
        self.done, self.rest = self._inner.done, self._inner.rest
        return piece


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstd.ZstdDecompressor(options=_ZSTD)
        self.done = False
        self.rest = b""

    def pull(self, data: bytes) -> bytes:
        if self._inner.eof:
            return b""
        piece = self._inner.decompress(data, PIECE)
        self.done, self.rest = self._inner.eof, self._inner.unused_data
        return piece


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self.done = False
        self.rest = b""

    def pull(self, data: bytes) -> bytes:
        piece: bytes = self._inner.process(data, output_buffer_limit=PIECE)  # refuses what follows the end
        self.done = self._inner.is_finished()
        return piece


# name -> what makes the decoder of one member, and whether several may follow each other
_DECODERS: dict[str, tuple[Callable[[], _Member], bool]] = {
    "gzip": (lambda: _Zlib(31), True),
    "x-gzip": (lambda: _Zlib(31), True),
    "deflate": (_Deflate, False),
    "br": (_Brotli, False),
    "zstd": (_Zstd, True),
}
ACCEPTED = b"gzip, deflate, br, zstd, identity"  # as `Accept-Encoding` says it
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)


def codings(value: bytes | None) -> tuple[str, ...] | None:
    """A `Content-Encoding` field value as codings in the order of decoding, without `identity`; None when one of them
    is unknown or there are more than MAX_CODINGS."""
    if value is None:
        return ()
    names = [name.strip(" \t").lower() for name in value.decode("latin-1").split(",")]
    coded = tuple(name for name in reversed(names) if name not in ("", "identity"))
    return coded if len(coded) <= MAX_CODINGS and all(name in _DECODERS for name in coded) else None


class _Stage:
    """One coding of one message."""

    def __init__(self, name: str) -> None:
        self._new, self._many = _DECODERS[name]
        self._member = self._new()
        self._members = 1
        self._received = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raises BadCoding."""
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            self._received += len(piece)
            try:
                yield from self._slice(piece)
            except _ERRORS:
                raise BadCoding("must be decodable as Content-Encoding says") from None

    def _slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.done:
                self._next_member()
            while piece := self._member.pull(data):
                data = b""
                yield piece
            data = self._member.rest

    def _next_member(self) -> None:
        self._members += 1
        if not self._many:
            raise BadCoding("must end where its Content-Encoding ends")
        if self._members > _MEMBERS and self._members * _MEMBER_BYTES > self._received:
            raise BadCoding("must not be cut into so many compressed pieces", "too-large")
        self._member = self._new()

    @property
    def complete(self) -> bool:
        """Whether the content may end here."""
        return self._member.done or not self._received


class Decoding:
    """The content of one message, decoded as it comes. `names` are what `codings` gave."""

    def __init__(self, names: tuple[str, ...], ratio: int) -> None:
        self._stages = [_Stage(name) for name in names]
        self._sizes = [0] * len(names)
        self._ratio = ratio
        self._received = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to, in pieces of about PIECE bytes. Raises BadCoding."""
        self._received += len(data)
        return reduce(self._through, range(len(self._stages)), iter((data,)))

    def _through(self, pieces: Iterator[bytes], index: int) -> Iterator[bytes]:
        """Every stage is bounded, since one may swallow what another has blown up."""
        for piece in pieces:
            for decoded in self._stages[index].feed(piece):
                self._sizes[index] += len(decoded)
                if self._sizes[index] > max(GRACE, self._ratio * self._received):
                    raise BadCoding(f"must not become more than {self._ratio} times larger decoded", "too-large")
                yield decoded

    def end(self) -> None:
        """Raises BadCoding when something is missing."""
        if not all(stage.complete for stage in self._stages):
            raise BadCoding("must not end before its Content-Encoding ends")


def decoded(names: tuple[str, ...], data: bytes, limit: int, ratio: int) -> bytes | None:
    """The whole content decoded; None when it is longer than `limit` bytes. Raises BadCoding."""
    decoding = Decoding(names, ratio)
    pieces, size = [], 0
    for piece in decoding.feed(data):
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    decoding.end()
    return b"".join(pieces)


def judge_whole(
    media: MediaCheck, names: tuple[str, ...], data: bytes, limit: int, ratio: int
) -> list[Violation] | None:
    """What is wrong with the content; None when it has to be judged whole and is longer than `limit` bytes decoded."""
    if not names or not data:
        return media.violations(data)
    if media.open is not None:
        judge = CodedJudge(media.open(), names, ratio)
        return judge.feed(data) or judge.end()
    try:
        plain = decoded(names, data, limit, ratio)
    except BadCoding as error:
        return [_violation(error)]
    return None if plain is None else media.violations(plain)


class CodedJudge:
    """A `PieceJudge` of coded content: feeds another one what it decodes to."""

    def __init__(self, judge: PieceJudge, names: tuple[str, ...], ratio: int) -> None:
        self._judge = judge
        self._decoding = Decoding(names, ratio)

    def feed(self, data: bytes) -> list[Violation]:
        """See `PieceJudge.feed`."""
        try:
            for piece in self._decoding.feed(data):
                if found := self._judge.feed(piece):
                    return found
        except BadCoding as error:
            return [_violation(error)]
        return []

    def end(self) -> list[Violation]:
        """See `PieceJudge.end`."""
        try:
            self._decoding.end()
        except BadCoding as error:
            return [_violation(error)]
        return self._judge.end()


def open_judge(opener: Callable[[], PieceJudge], names: tuple[str, ...], ratio: int) -> PieceJudge:
    """A judge of one message's content as it comes on the wire."""
    return CodedJudge(opener(), names, ratio) if names else opener()


def _violation(error: BadCoding) -> Violation:
    return Violation("body", "", "", error.keyword, str(error))
