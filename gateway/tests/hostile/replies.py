"""Hostile replies as data: what a backend may send instead of an answer (RFC 9112 sections 4, 6 and 7).

Each is asked for twice: where the gateway waits for the whole body, and where it streams. `evil` stands where it must
never be read as an answer, a field or the beginning of one.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Reply(NamedTuple):
    """`passes` is (status, body) with which it may be passed on; None when it must become a 502, 504 or a cut.
    Fields with the value `hop` end at the proxy.

    `pieces` are sent one after the other. `keeps`: the connection may be used again.
    """

    id: str
    method: bytes
    target: bytes
    pieces: list[bytes]
    closes: bool
    passes: tuple[int, bytes] | None
    keeps: bool


BODY = b'"hello"'
OK = b"HTTP/1.1 200 OK\r\n"
TYPE = b"Content-Type: application/json\r\n"
LENGTH = b"Content-Length: 7\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b'7\r\n"hello"\r\n0\r\n\r\n'
EVIL = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n"evil"'
GOOD = (200, BODY)


def whole(fields: bytes = b"", body: bytes = BODY, line: bytes = OK) -> bytes:
    """A reply with a type; `fields` hold its framing."""
    return line + TYPE + fields + b"\r\n" + body


# What no client may see, each whole reply in one piece.
BAD = {
    "CL and TE": whole(LENGTH + CHUNKED, CHUNKS + EVIL),
    "TE and CL": whole(CHUNKED + LENGTH, CHUNKS + EVIL),
    "TE and CL 0": whole(CHUNKED + b"Content-Length: 0\r\n", CHUNKS + EVIL),
    "two CL": whole(LENGTH * 2),
    "two differing CL": whole(LENGTH + b"Content-Length: 0\r\n", BODY + EVIL),
    "CL list": whole(b"Content-Length: 7, 7\r\n"),
    "CL differing list": whole(b"Content-Length: 7, 0\r\n"),
    "CL with sign": whole(b"Content-Length: +7\r\n"),
    "CL negative": whole(b"Content-Length: -7\r\n"),
    "CL hexadecimal": whole(b"Content-Length: 0x7\r\n"),
    "CL with blank": whole(b"Content-Length: 0 7\r\n"),
    "CL letters": whole(b"Content-Length: seven\r\n"),
    "CL empty": whole(b"Content-Length: \r\n"),
    "CL overflow": whole(b"Content-Length: 18446744073709551623\r\n"),
    "CL endless": whole(b"Content-Length: " + b"9" * 300 + b"\r\n"),
    "CL of zeros": whole(b"Content-Length: " + b"0" * 5000 + b"7\r\n"),
    "CL name with blank": whole(b"Content-Length : 7\r\n"),
    "CL with NUL": whole(b"Content-Length: 7\x00\r\n"),
    "TE gzip": whole(b"Transfer-Encoding: gzip\r\n", CHUNKS),
    "TE gzip, chunked": whole(b"Transfer-Encoding: gzip, chunked\r\n", CHUNKS),
    "TE identity": whole(b"Transfer-Encoding: identity\r\n", BODY),
    "TE chunked, identity": whole(b"Transfer-Encoding: chunked, identity\r\n", CHUNKS),
    "TE xchunked": whole(b"Transfer-Encoding: xchunked\r\n", CHUNKS),
    "TE twice": whole(CHUNKED * 2, CHUNKS),
    "TE twice, second identity": whole(CHUNKED + b"Transfer-Encoding: identity\r\n", CHUNKS),
    "TE with vertical tab": whole(b"Transfer-Encoding: \x0bchunked\r\n", CHUNKS),
    "TE name with blank": whole(b"Transfer-Encoding : chunked\r\n", CHUNKS),
    "TE folded": whole(b"Transfer-Encoding:\r\n chunked\r\n", CHUNKS),
    "TE in 1.0": whole(CHUNKED, CHUNKS, b"HTTP/1.0 200 OK\r\n"),
    "chunk size not hexadecimal": whole(CHUNKED, b'zz\r\n"hello"\r\n0\r\n\r\n'),
    "chunk size with 0x": whole(CHUNKED, b'0x7\r\n"hello"\r\n0\r\n\r\n'),
    "chunk size negative": whole(CHUNKED, b'-7\r\n"hello"\r\n0\r\n\r\n'),
    "chunk size with blank": whole(CHUNKED, b' 7\r\n"hello"\r\n0\r\n\r\n'),
    "chunk size empty": whole(CHUNKED, b'\r\n"hello"\r\n0\r\n\r\n'),
    "chunk size overflow": whole(CHUNKED, b'10000000000000007\r\n"hello"\r\n0\r\n\r\n'),
    "chunk too long": whole(CHUNKED, b'6\r\n"hello"\r\n0\r\n\r\n'),
    "chunk without its end": whole(CHUNKED, b'7\r\n"hello"0\r\n\r\n'),
    "chunk with bare LF": whole(CHUNKED, b'7\n"hello"\n0\n\n'),
    "chunk with bare CR": whole(CHUNKED, b'7\r"hello"\r0\r\r'),
    "chunk extension with LF": whole(CHUNKED, b'7;a\nb\r\n"hello"\r\n0\r\n\r\n'),
    "trailer with NUL": whole(CHUNKED, b'7\r\n"hello"\r\n0\r\nX: \x00evil\r\n\r\n'),
    "trailer with bare CR": whole(CHUNKED, b'7\r\n"hello"\r\n0\r\nX: a\rY: evil\r\n\r\n'),
    "NUL in a value": whole(LENGTH + b"X: a\x00evil\r\n"),
    "CR in a value": whole(LENGTH + b"X: a\rSet-Cookie: evil\r\n"),
    "LF in a value": whole(LENGTH + b"X: a\nSet-Cookie: evil\r\n"),
    "control in a value": whole(LENGTH + b"X: a\x01b\r\n"),
    "DEL in a value": whole(LENGTH + b"X: a\x7fb\r\n"),
    "folded value": whole(LENGTH + b"X: a\r\n evil\r\n"),
    "NUL in a name": whole(LENGTH + b"X\x00: a\r\n"),
    "name with blank": whole(LENGTH + b"X : a\r\n"),
    "name with bytes beyond ASCII": whole(LENGTH + b"\xc3\xa4: a\r\n"),
    "no name": whole(LENGTH + b": a\r\n"),
    "no colon": whole(LENGTH + b"X\r\n"),
    "blank before the first field": OK + b" X: a\r\n" + LENGTH + b"\r\n" + BODY,
    "bare LF throughout": b'HTTP/1.1 200 OK\nContent-Length: 7\n\n"hello"',
    "bare CR throughout": b'HTTP/1.1 200 OK\rContent-Length: 7\r\r"hello"',
    "bare LF at the end of the head": OK + TYPE + LENGTH + b"\n" + BODY,
    "status 99": whole(LENGTH, line=b"HTTP/1.1 99 Odd\r\n"),
    "status 000": whole(LENGTH, line=b"HTTP/1.1 000 Odd\r\n"),
    "status 600": whole(LENGTH, line=b"HTTP/1.1 600 Odd\r\n"),
    "status 1000": whole(LENGTH, line=b"HTTP/1.1 1000 Odd\r\n"),
    "status with letters": whole(LENGTH, line=b"HTTP/1.1 2x0 OK\r\n"),
    "status negative": whole(LENGTH, line=b"HTTP/1.1 -200 OK\r\n"),
    "no status": whole(LENGTH, line=b"HTTP/1.1 OK\r\n"),
    "no status line": TYPE + LENGTH + b"\r\n" + BODY,
    "101 that nobody asked for": whole(
        b"Upgrade: x\r\nConnection: upgrade\r\n", b"evil", b"HTTP/1.1 101 Switching\r\n"
    ),
    "101 without upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + EVIL,
    "HTTP/0.9": b'"hello"\n',
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2 settings": b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64\0\4\0\0\xff\xff",
    "HTTP/2.0 in the line": whole(LENGTH, line=b"HTTP/2.0 200 OK\r\n"),
    "HTTP/1.10": whole(LENGTH, line=b"HTTP/1.10 200 OK\r\n"),
    "http/1.1 in small letters": whole(LENGTH, line=b"http/1.1 200 OK\r\n"),
    "ICY": whole(LENGTH, line=b"ICY 200 OK\r\n"),
    "SSH": b"SSH-2.0-OpenSSH_9\r\n",
    "TLS alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "a request": b"GET /v1/things HTTP/1.1\r\nHost: a\r\n\r\n",
    "NULs": b"\0" * 64,
    "a huge field": whole(LENGTH + b"X: " + b"a" * 100_000 + b"\r\n"),
    "many fields": whole(LENGTH + b"X: a\r\n" * 2000),
    "a huge reason": whole(LENGTH, line=b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\n"),
    "1xx flood": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 200 + whole(LENGTH),
    "100 flood": b"HTTP/1.1 100 Continue\r\n\r\n" * 200 + whole(LENGTH),
}

# The same, and the backend closes: what came is not a whole answer.
BROKEN_OFF = {
    "nothing": b"",
    "half a status line": b"HTTP/1.1 20",
    "half a head": OK + TYPE,
    "no body": whole(LENGTH, b""),
    "half a body": whole(LENGTH, b'"hel'),
    "no chunk": whole(CHUNKED, b""),
    "half a chunk": whole(CHUNKED, b'7\r\n"he'),
    "no last chunk": whole(CHUNKED, b'7\r\n"hello"\r\n'),
    "half a last chunk": whole(CHUNKED, b'7\r\n"hello"\r\n0\r\n'),
    "interim only": b"HTTP/1.1 103 Early Hints\r\n\r\n",
}

# The same, in pieces; the backend neither goes on nor closes.
HANGING = {
    "nothing": [b""],
    "half a head": [OK + TYPE],
    "half a body": [whole(LENGTH, b'"hel')],
    "half a chunk": [whole(CHUNKED, b'7\r\n"he')],
}
ENDLESS = {
    "an endless head": [OK] + [b"X-%d: a\r\n" % number for number in range(300)],
    "an endless value": [OK + b"X: "] + [b"a" * 2000] * 50,
    "an endless status line": [b"HTTP/1.1 200 "] + [b"a" * 2000] * 50,
    "a chunk extension without end": [whole(CHUNKED, b"7;")] + [b"a" * 60_000] * 40,
    "trailers without end": [whole(CHUNKED, b'7\r\n"hello"\r\n0\r\n')] + [b"X: " + b"a" * 60_000 + b"\r\n"] * 40,
}

# What a client may see, as it should; behind some of it comes what nobody may see. (bytes, what passes, kept)
FINE = {
    "length": (whole(LENGTH), GOOD, True),
    "chunks": (whole(CHUNKED, CHUNKS), GOOD, True),
    "chunk extension": (whole(CHUNKED, b'7;a="b"\r\n"hello"\r\n0\r\n\r\n'), GOOD, True),
    "trailers": (whole(CHUNKED, b'7\r\n"hello"\r\n0\r\nSet-Cookie: evil\r\n\r\n'), GOOD, True),
    "Connection names a field": (whole(LENGTH + b"Connection: x-hop\r\nX-Hop: hop\r\n"), GOOD, True),
    "hop-by-hop fields": (
        whole(LENGTH + b"Keep-Alive: hop\r\nTrailer: hop\r\nTE: hop\r\nUpgrade: hop\r\n"),
        GOOD,
        True,
    ),
    "reason with controls": (whole(LENGTH, line=b"HTTP/1.1 200 \x1b[31mevil\r\n"), GOOD, True),
    "empty reason": (whole(LENGTH, line=b"HTTP/1.1 200 \r\n"), GOOD, True),
    "interim before": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + whole(LENGTH), GOOD, True),
    "Connection: close": (whole(LENGTH + b"Connection: close\r\n"), GOOD, False),
    "HTTP/1.0": (whole(LENGTH, line=b"HTTP/1.0 200 OK\r\n"), GOOD, False),
    "an answer behind a length": (whole(LENGTH) + EVIL, GOOD, False),
    "an answer behind chunks": (whole(CHUNKED, CHUNKS) + EVIL, GOOD, False),
    "rubbish behind a length": (whole(LENGTH) + b"evil", GOOD, False),
    "rubbish behind chunks": (whole(CHUNKED, CHUNKS) + b"evil", GOOD, False),
    "an interim behind": (whole(LENGTH) + b"HTTP/1.1 103 evil\r\nX: evil\r\n\r\n", GOOD, False),
    "a line end behind": (whole(LENGTH) + b"\r\n", GOOD, True),
    "NUL behind": (whole(LENGTH) + b"\0", GOOD, False),
    "204 with a body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", (204, b""), False),
    "204 with chunks": (b"HTTP/1.1 204 No Content\r\n" + CHUNKED + b"\r\n4\r\nevil\r\n0\r\n\r\n", (204, b""), False),
    "304 with a body": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil", (304, b""), False),
    "204 and an answer": (b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL, (204, b""), False),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b""), True),
    "304": (b"HTTP/1.1 304 Not Modified\r\n\r\n", (304, b""), True),
}
TO_HEAD = {
    "a body": (whole(LENGTH, b"evil123"), (200, b""), False),
    "chunks": (whole(CHUNKED, b"4\r\nevil\r\n0\r\n\r\n"), (200, b""), False),
    "another answer": (whole(LENGTH, EVIL), (200, b""), False),
    "a length": (whole(LENGTH, b""), (200, b""), True),
}


def corpus() -> Iterator[Reply]:
    """Every reply, judged whole and streamed."""
    for place in (b"/v1/replies/", b"/v1/streams/"):
        for number, (name, method, pieces, closes, passes, keeps) in enumerate(_table()):
            if place == b"/v1/streams/":
                pieces = [piece.replace(b"application/json", b"application/octet-stream") for piece in pieces]
            label = f"{'whole' if place == b'/v1/replies/' else 'streamed'}: {name}"
            yield Reply(label, method, place + b"%d" % number, pieces, closes, passes, keeps)


def _table() -> Iterator[tuple[str, bytes, list[bytes], bool, tuple[int, bytes] | None, bool]]:
    for name, data in BAD.items():
        yield name, b"GET", [data], False, None, False
    for name, data in BROKEN_OFF.items():
        yield f"broken off: {name}", b"GET", [data], True, None, False
    for name, pieces in HANGING.items():
        yield f"hanging: {name}", b"GET", pieces, False, None, False
    for name, pieces in ENDLESS.items():
        yield name, b"GET", pieces, False, None, False
    for name, (data, passes, keeps) in FINE.items():
        yield name, b"GET", [data], False, passes, keeps
        if not keeps and data.endswith((b"evil", EVIL)):
            cut = data.rfind(b"HTTP/1.1") if data.endswith(EVIL) else len(data) - 4
            yield f"{name}, late", b"GET", [data[:cut], data[cut:]], False, passes, False
    for name, (data, passes, keeps) in TO_HEAD.items():
        yield f"to HEAD: {name}", b"HEAD", [data], False, passes, keeps


CORPUS = tuple(corpus())
BY_TARGET = {reply.target: reply for reply in CORPUS}
