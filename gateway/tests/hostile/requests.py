"""Hostile requests as data: tables of what may be wrong in one place of an otherwise good request.

Behind every one comes `BEHIND`, a request of its own for a documented operation. Of a sequence that has to be refused
it must not arrive either: another reader could take it for a part of the body, and the other way round (request
smuggling, RFC 9112 section 11.2).
"""

from collections.abc import Iterator
from typing import NamedTuple

BEHIND = b"GET /v1/smuggled HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n"


class Sequence(NamedTuple):
    """`passes` is the body with which it may arrive, and then what is behind it; None when it has to be refused.

    `alone`: what is behind a refused one is a request in its own right. `waits`: more could come, so it takes its time.
    """

    id: str
    data: bytes
    why: str
    passes: bytes | None = None
    alone: bool = False
    waits: bool = False


HOST = b"Host: api.example\r\n"
TYPE = b"Content-Type: application/octet-stream\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def get(fields: bytes = b"", line: bytes = b"GET /v1/things HTTP/1.1") -> bytes:
    """A request without a body. `fields` are whole lines."""
    return line + b"\r\n" + HOST + fields + b"\r\n"


def post(fields: bytes, body: bytes, path: bytes = b"/v1/blobs") -> bytes:
    """A request with a body. `fields` hold its framing."""
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + TYPE + fields + b"\r\n" + body


# RFC 9112 section 6.1. Each value is sent with a chunked body.
CODINGS = [
    b"", b" ", b",", b"chunked\t", b"identity", b"xchunked", b"chunkedx", b"chunked2", b"0chunked", b"cow", b"gzip",
    b"deflate", b"x-gzip", b"chunked, identity", b"identity, chunked", b"identity,chunked", b"chunked, gzip",
    b"gzip, chunked", b"chunked, chunked", b"chunked,chunked", b"chunked,", b",chunked", b"chunked, ", b", chunked",
    b"chunked,,", b"chunked chunked", b"chunked identity", b"chunked;", b"chunked; q=1", b"chunked;a=b",
    b"chunked; q=0", b'"chunked"', b"'chunked'", b'chunked"', b"(comment) chunked", b"chunked (comment)", b"chu nked",
    b"chu\tnked", b"\x0bchunked", b"chunked\x0b", b"\x0cchunked", b"chunked\x0c", b"\x00chunked", b"chunked\x00",
    b"chun\x00ked", b"chunked\x7f", b"\x01chunked", b"chunked\x1f", b"\x08chunked", b"\x1b[0mchunked", b"\xa0chunked",
    b"chunked\xa0", b"\xc2\xa0chunked", b"chun\xe2\x84\xaaed", b"\xef\xbd\x83hunked", b"chunked\xff", b"\\chunked",
    b"chunked\\", b"chunked#", b"/chunked", b"=chunked", b"chunked=1", b"{chunked}", b"trailers, chunked", b"hunked",
    b"chunke",
]  # fmt: skip
GOOD_CODINGS = [b"Chunked", b"CHUNKED", b"chunKed", b"\tchunked", b"  chunked  "]

# RFC 9112 section 5. Each is a whole line (or two) that somebody takes for a transfer coding; the body is chunked.
CODING_LINES = [
    b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding\t: chunked\r\n", b" Transfer-Encoding: chunked\r\n",
    b"\tTransfer-Encoding: chunked\r\n", b"Transfer-Encoding\x0b: chunked\r\n", b"Transfer-Encoding\x00: chunked\r\n",
    b"\x00Transfer-Encoding: chunked\r\n", b"Transfer\x00-Encoding: chunked\r\n", b"Transfer-Encoding\r: chunked\r\n",
    b"Transfer\r-Encoding: chunked\r\n", b"\rTransfer-Encoding: chunked\r\n", b"Transfer-\r\n Encoding: chunked\r\n",
    b"Transfer-Encoding\r\n : chunked\r\n", b"Transfer-Encoding:\r\n chunked\r\n", b"Transfer-Encoding:\n chunked\r\n",
    b"Transfer-Encoding: chun\r\n ked\r\n", b"Transfer-Encoding: identity\r\n chunked\r\n",
    b"Transfer-Encoding: chunked\r\n \r\n", b"Transfer-Encoding: chunked\r\n\t, identity\r\n",
    b"X: a\nTransfer-Encoding: chunked\r\n", b"X: a\rTransfer-Encoding: chunked\r\n",
    b"X: a\r\rTransfer-Encoding: chunked\r\n", b"X: a\n\rTransfer-Encoding: chunked\r\n",
    b"X: a\x00\r\nTransfer-Encoding: chunked\r\n", b"X: a\r\n Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\n", b"Transfer-Encoding: chunked\r", b"Transfer-Encoding: chunked\r\r\n",
    b"\xefTransfer-Encoding: chunked\r\n", b"Transfer\xe2\x80\x93Encoding: chunked\r\n", b": chunked\r\n",
    b'"Transfer-Encoding": chunked\r\n', b":Transfer-Encoding: chunked\r\n", b"Transfer Encoding: chunked\r\n",
    b"Transfer-Encoding chunked\r\n", b"Transfer-Encoding\r\n", b"Transfer-Encoding=chunked\r\n",
    b"Transfer-Encoding:: chunked\r\n", b"(Transfer-Encoding): chunked\r\n", b"Transfer/Encoding: chunked\r\n",
    b"Transfer-Encoding@: chunked\r\n", b"Transfer-Encoding;: chunked\r\n", b"[Transfer-Encoding]: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n",
    b"Transfer-Encoding: \r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\ntransfer-encoding: x\r\n",
    b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
]  # fmt: skip
GOOD_CODING_LINES = [
    b"Transfer-Encoding:chunked\r\n", b"transfer-encoding: chunked\r\n", b"TRANSFER-ENCODING: chunked\r\n",
    b"Transfer-Encoding:\tchunked \r\n", b"TE: trailers\r\nTransfer-Encoding: chunked\r\n",
]  # fmt: skip

# RFC 9112 section 6.3 item 3: a length beside a transfer coding. The body is chunked.
BOTH = [
    CHUNKED + b"Content-Length: 5\r\n", b"Content-Length: 5\r\n" + CHUNKED, b"Content-Length: 0\r\n" + CHUNKED,
    CHUNKED + b"Content-Length: 0\r\n", CHUNKED + b"Content-Length: 15\r\n", b"Content-Length: 200\r\n" + CHUNKED,
    CHUNKED + b"Content-Length: \r\n", CHUNKED + b"Content-Length: x\r\n", b"Content-Length : 5\r\n" + CHUNKED,
    CHUNKED + b"content-length: 5\r\n", b"Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
    b"Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n", b"Content-Length: 5\r\nTransfer-Encoding: \r\n",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n",
    b"Content-Length: 5\r\nTransfer-Encoding\t: chunked\r\n", b"Content-Length: 5\r\nTransfer-Encoding:\x0bchunked\r\n",
    b"Content-Length: 5\r\n\x0bTransfer-Encoding: chunked\r\n",
    b"Connection: Content-Length\r\nContent-Length: 5\r\n" + CHUNKED,
    b"Connection: Transfer-Encoding\r\nContent-Length: 5\r\n" + CHUNKED,
    b"Content-Length: 5\r\nX: a\rTransfer-Encoding: chunked\r\n",
    b"Content-Length: 5\r\nX: a\nTransfer-Encoding: chunked\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 5\r\n" + CHUNKED,
]  # fmt: skip

# RFC 9110 section 8.6. The body is "hello".
LENGTHS = [
    b"", b" ", b"+5", b"-5", b"-0", b"--5", b"5,5", b"5, 5", b"5,", b",5", b"5 5", b"5;5", b"5,6", b"0,5", b"0x5",
    b"0X5", b"0o5", b"0b101", b"5_0", b"5.0", b"5e0", b"5e1", b"05h", b"5h", b"five", b"5\x00", b"\x005", b"5\x0b",
    b"\x0b5", b"\x0c5", b"5\x0c", b"\x0d5", b"5\r", b"5\xa0", b"\xc2\xa05", b"\xd9\xa5", b"\xef\xbc\x95", b"\xb2",
    b'"5"', b"'5'", b"(5)", b"5 (five)", b"5#", b"=5", b"1 5", b"\xff5", b"NaN", b"inf", b"null", b"undefined", b"5\t5",
    b"18446744073709551616", b"18446744073709551621", b"9223372036854775808", b"99999999999999999999999999",
    b"4294967301\x20\x20x", b"340282366920938463463374607431768211461", b"1" + b"0" * 400,
]  # fmt: skip
GOOD_LENGTHS = [b" 5", b"5 ", b"\t5\t", b"05", b"0000000005"]

LENGTH_LINES = [
    b"Content-Length: 5\r\nContent-Length: 5\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 0\r\nContent-Length: 5\r\n", b"Content-Length: 5\r\nContent-Length: 0\r\n",
    b"Content-Length: 5\r\ncontent-length: 50\r\n", b"Content-Length: \r\nContent-Length: 5\r\n",
    b"Content-Length : 5\r\n", b"Content-Length\t: 5\r\n", b" Content-Length: 5\r\n", b"Content-Length\x00: 5\r\n",
    b"Content-Length\x0b: 5\r\n", b"Content-Length:\r\n 5\r\n", b"Content-Length: 5\r\n 0\r\n", b"Content-Length:5\n",
    b"X: a\nContent-Length: 5\r\n", b"X: a\rContent-Length: 5\r\n", b"Content Length: 5\r\n", b"Content-Length 5\r\n",
    b'"Content-Length": 5\r\n', b"Content-Length\r\n", b"\x00Content-Length: 5\r\n", b"Content\r\n -Length: 5\r\n",
    b"Content-Length: 5\r\nX: a\x00Content-Length: 0\r\n", b"Content-Length: 5\r\n\tContent-Length: 0\r\n",
]  # fmt: skip

# RFC 9112 section 7.1. Each is the whole body.
CHUNK_BODIES = [
    b"0x5\r\nhello\r\n0\r\n\r\n", b"0X5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n",
    b"-5\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n", b"\t5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
    b"5\t\r\nhello\r\n0\r\n\r\n", b"5 5\r\nhello\r\n0\r\n\r\n", b"5\x0b\r\nhello\r\n0\r\n\r\n",
    b"5\x00\r\nhello\r\n0\r\n\r\n", b"5,\r\nhello\r\n0\r\n\r\n", b"5.0\r\nhello\r\n0\r\n\r\n",
    b"5_\r\nhello\r\n0\r\n\r\n", b"5h\r\nhello\r\n0\r\n\r\n", b"g\r\nhello\r\n0\r\n\r\n", b"\r\nhello\r\n0\r\n\r\n",
    b";\r\nhello\r\n0\r\n\r\n", b"\xef\xbc\x95\r\nhello\r\n0\r\n\r\n", b'"5"\r\nhello\r\n0\r\n\r\n',
    b"10000000000000005\r\nhello\r\n0\r\n\r\n", b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    b"1000000000000000000000005\r\nhello\r\n0\r\n\r\n", b"-1\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n",
    b"5\rhello\r\n0\r\n\r\n", b"5\n\rhello\r\n0\r\n\r\n", b"5\r\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n",
    b"5\r\nhello\r0\r\n\r\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n", b"5\r\nhello\r\r\n0\r\n\r\n",
    b"4\r\nhello\r\n0\r\n\r\n", b"6\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0\r\n\n", b"5\r\nhello\r\n0\n\r\n",
    b"5\r\nhello\r\n0\n\n", b"5\r\nhello\r\n0\r\r\n\r\n", b"5\r\nhello\r\n-0\r\n\r\n", b"5\r\nhello\r\n0x0\r\n\r\n",
    b"5\r\nhello\r\n\r\n", b"5\r\nhello\r\n 0\r\n\r\n", b"5\r\nhello\r\n0 \r\n\r\n", b"5\r\nhello\r\n0\r\nX\r\n\r\n",
    b"5;\r\nhello\r\n0\r\n\r\n", b"5;\nhello\r\n0\r\n\r\n", b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    b"5;a\rb\r\nhello\r\n0\r\n\r\n", b"5;a=\x00\r\nhello\r\n0\r\n\r\n", b'5;a="\r\nhello\r\n0\r\n\r\n',
    b'5;a="b\nc"\r\nhello\r\n0\r\n\r\n', b'5;a="b\r\nhello\r\n0\r\n\r\n"', b"5;a=b\n\r\nhello\r\n0\r\n\r\n",
    b"5;a=\x7f\r\nhello\r\n0\r\n\r\n", b"5 a\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0;\n\r\n",
    b"5\r\nhello\r\n0\r\n X: a\r\n\r\n", b"5\r\nhello\r\n0\r\nX : a\r\n\r\n", b"5\r\nhello\r\n0\r\nX: a\x00\r\n\r\n",
    b"5\r\nhello\r\n0\r\nX: a\rY: b\r\n\r\n", b"5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n",
    b"5\r\nhello\r\n0\r\n: a\r\n\r\n", b"5\r\nhello\r\n0\r\nX: a\n\r\n",
    b"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
]  # fmt: skip
GOOD_CHUNK_BODIES = [
    CHUNKS, b"005\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n000\r\n\r\n", b"5;a\r\nhello\r\n0\r\n\r\n",
    b"5;a=b\r\nhello\r\n0\r\n\r\n", b'5;a="b;c"\r\nhello\r\n0\r\n\r\n', b"5\r\nhello\r\n0;a=b\r\n\r\n",
    b"5\r\nhello\r\n0\r\nX: a\r\n\r\n", b"5\r\nhello\r\n0\r\nHost: evil.example\r\nAuthorization: evil\r\n\r\n",
    b"1\r\nh\r\n4\r\nello\r\n0\r\n\r\n", b"5;" + b"a" * 4000 + b"\r\nhello\r\n0\r\n\r\n",
]  # fmt: skip

# RFC 9112 section 5 and RFC 9110 section 5: lines of the head that mean nothing, or two things.
FIELD_LINES = [
    b"X : a\r\n", b"X\t: a\r\n", b" X: a\r\n", b"\tX: a\r\n", b"X: a\r\n b\r\n", b"X: a\r\n\tb\r\n", b"X: a\r\n \r\n",
    b": a\r\n", b"X\r\n", b"X a\r\n", b"X(: a\r\n", b"X): a\r\n", b"X<: a\r\n", b"X@: a\r\n", b"X,: a\r\n",
    b"X;: a\r\n", b"X\\: a\r\n", b'X": a\r\n', b"X/: a\r\n", b"X[]: a\r\n", b"X?: a\r\n", b"X=: a\r\n", b"X{}: a\r\n",
    b"X\x00: a\r\n", b"X\x01: a\r\n", b"X\x7f: a\r\n", b"X\x80: a\r\n", b"\xc3\xa4: a\r\n", b"X\r: a\r\n",
    b"X\n: a\r\n", b"X: a\x00b\r\n", b"X: \x00\r\n", b"X: a\x01b\r\n", b"X: a\x08b\r\n", b"X: a\x0bb\r\n",
    b"X: a\x0cb\r\n", b"X: a\x1bb\r\n", b"X: a\x7fb\r\n", b"X: a\rb\r\n", b"X: a\nb\r\n", b"X: a\r\r\n", b"X: a\n",
    b"X: a\r", b"X: a\n\r\n", b"X: a\r\nY: b\n", b"X: \r", b"X:\n", b"X: a\n\nGET /v1/smuggled HTTP/1.1\r\n" + HOST,
    b"X: a\r\rGET /v1/smuggled HTTP/1.1\r\n" + HOST, b"X: a\n\rGET /v1/smuggled HTTP/1.1\r\n" + HOST,
    b"X: a\r\n\rGET /v1/smuggled HTTP/1.1\r\n", b"X: a\x00\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"\x85X: a\r\n",
    b"Content-Type: text/plain\r\nContent-Type: application/json\r\n",
    b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", b"Expect: 200-ok\r\n",
    b"Expect: 100-continue, 200-ok\r\n", b"Expect: 100-continue\r\nExpect: 100-continue\r\n",
]  # fmt: skip

# RFC 9112 section 3.2. Each stands in place of the good Host line.
HOST_LINES = [
    b"", b"Host:\r\n", b"Host: \r\n", b"Host: a\r\nHost: a\r\n", b"Host: a\r\nHost: b\r\n", b"Host: a\r\nhost: b\r\n",
    b"Host: a, b\r\n", b"Host: a b\r\n", b"Host: a\tb\r\n", b"Host: user@a\r\n", b"Host: user:pass@a\r\n",
    b"Host: a/b\r\n", b"Host: http://a\r\n", b"Host: a?b\r\n", b"Host: a#b\r\n", b"Host: a:b\r\n", b"Host: a:80:80\r\n",
    b"Host: :80\r\n", b"Host: a:-1\r\n", b"Host: a:999999\r\n", b"Host: [::1\r\n", b"Host: ::1\r\n", b"Host: []\r\n",
    b"Host: [g]\r\n", b"Host: a\x00b\r\n", b"Host: a\xff\r\n", b"Host: \xc3\xa4\r\n", b"Host: a%00\r\n",
    b"Host: a%2e\r\n", b"Host: a\\b\r\n", b"Host: a<b>\r\n", b"Host: a;b\r\n", b'Host: "a"\r\n', b"Host: a'\r\n",
    b"Host : a\r\n", b" Host: a\r\n", b"Host\r\n", b"Host: a\r\n b\r\n", b"Host: a\nHost: b\r\n",
    b"Host: a\rHost: b\r\n", b"H\x00ost: a\r\n", b"Host: ${jndi:x}\r\n", b"Host: a\r\nHost : b\r\n", b"Host: (a)\r\n",
    b"Host: a`b`\r\n", b"Host: a|b\r\n", b"Host: *\r\n",
]  # fmt: skip

# RFC 9112 sections 2.3 and 3. Each stands in place of the request line, without its end.
REQUEST_LINES = [
    b"GET /v1/things", b"GET", b"GET ", b" GET /v1/things HTTP/1.1", b"\tGET /v1/things HTTP/1.1",
    b"/v1/things HTTP/1.1", b"GET\t/v1/things HTTP/1.1", b"GET /v1/things\tHTTP/1.1", b"GET /v1/things HTTP/1.1 ",
    b"GET /v1/things HTTP/1.1\t", b"GET /v1/things HTTP/1.1 x", b"GET /v1/things HTTP/1.1\r",
    b"GET\x0b/v1/things HTTP/1.1", b"GET\x0c/v1/things\x0cHTTP/1.1", b"GET\r/v1/things HTTP/1.1",
    b"GET\x00/v1/things HTTP/1.1", b"G\x00ET /v1/things HTTP/1.1", b"G\xc3\x84T /v1/things HTTP/1.1",
    b"get /v1/things HTTP/1.1", b"Get /v1/things HTTP/1.1", b"GE /v1/things HTTP/1.1", b"GETGET /v1/things HTTP/1.1",
    b"G(T /v1/things HTTP/1.1", b"G:T /v1/things HTTP/1.1", b"G,T /v1/things HTTP/1.1", b"G/T /v1/things HTTP/1.1",
    b'"GET" /v1/things HTTP/1.1', b"{} /v1/things HTTP/1.1", b"GET /v1/things HTTP", b"GET /v1/things HTTP/",
    b"GET /v1/things HTTP/1", b"GET /v1/things HTTP/1.", b"GET /v1/things HTTP/.1", b"GET /v1/things http/1.1",
    b"GET /v1/things Http/1.1", b"GET /v1/things HTTP/1.2", b"GET /v1/things HTTP/1.10", b"GET /v1/things HTTP/01.1",
    b"GET /v1/things HTTP/1.01", b"GET /v1/things HTTP/11.1", b"GET /v1/things HTTP/+1.1", b"GET /v1/things HTTP/1,1",
    b"GET /v1/things HTTP/ 1.1", b"GET /v1/things HTTP/1 .1", b"GET /v1/things HTTP/1.1.1", b"GET /v1/things HTTP/2",
    b"GET /v1/things HTTP/2.0", b"GET /v1/things HTTP/3.0", b"GET /v1/things HTTP/0.9", b"GET /v1/things HTTP/9.9",
    b"GET /v1/things HTTP/1.x", b"GET /v1/things HTTP/\xc2\xb9.1", b"GET /v1/things HTTPS/1.1",
    b"GET /v1/things HTTP/1.1\x00", b"GET /v1/things RTSP/2.0", b"GET /v1/things HTP/1.1", b"PRI * HTTP/2.0",
    b"CONNECT api.example:443 HTTP/1.1", b"CONNECT /v1/things HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET * HTTP/1.1",
    b"GET api.example:80 HTTP/1.1", b"GET v1/things HTTP/1.1", b"GET ?a HTTP/1.1", b"GET #a HTTP/1.1",
    b"GET http:/v1/things HTTP/1.1", b"GET http://evil.example/v1/things HTTP/1.1", b"GET http:///v1/things HTTP/1.1",
    b"GET http://user@api.example/v1/things HTTP/1.1", b"GET http://api.example@evil.example/v1/things HTTP/1.1",
    b"GET http://api.example:81/v1/things HTTP/1.1", b"GET ftp://api.example/v1/things HTTP/1.1",
    b"GET file:///etc/passwd HTTP/1.1", b"GET javascript:alert(1) HTTP/1.1", b"GET \\v1\\things HTTP/1.1",
    b"GET /v1\\things HTTP/1.1", b"GET /v1/things#a HTTP/1.1", b"GET /v1/things?a#b HTTP/1.1",
    b"GET /v1/thi ngs HTTP/1.1", b"GET /v1/things\x00 HTTP/1.1", b"GET /v1/things\x01 HTTP/1.1",
    b"GET /v1/things\x7f HTTP/1.1", b"GET /v1/things\xff HTTP/1.1", b"GET /v1/th\xc3\xa4ngs HTTP/1.1",
    b"GET /v1/things?\xc3\xa4 HTTP/1.1", b"GET /v1/things?\x00 HTTP/1.1", b"GET /v1/things%00 HTTP/1.1",
    b"GET /v1/things?a=%00 HTTP/1.1", b"GET /v1/things% HTTP/1.1", b"GET /v1/things%2 HTTP/1.1",
    b"GET /v1/things%zz HTTP/1.1", b"GET /v1/things%u0041 HTTP/1.1", b"GET /v1/things?a=%g1 HTTP/1.1",
    b'GET /v1/"things" HTTP/1.1', b"GET /v1/<things> HTTP/1.1", b"GET /v1/{things} HTTP/1.1",
    b"GET /v1/things^ HTTP/1.1", b"GET /v1/things` HTTP/1.1", b"GET /v1/things| HTTP/1.1",
    b"GET /v1/../v1/things HTTP/1.1", b"GET /v1/./things HTTP/1.1", b"GET /v1/things/.. HTTP/1.1",
    b"GET /../../etc/passwd HTTP/1.1", b"GET /v1/%2e%2e/v1/things HTTP/1.1", b"GET /v1/%2E./v1/things HTTP/1.1",
    b"GET /v1/..;/v1/things HTTP/1.1", b"GET /v1/..%2fthings HTTP/1.1", b"GET /v1/..%5cthings HTTP/1.1",
    b"GET /v1/things\r\n\r\nGET /v1/smuggled HTTP/1.1", b"GET /v1/things\rGET /v1/smuggled HTTP/1.1",
    b"GET /v1/things\nGET /v1/smuggled HTTP/1.1", b"GET /v1/things HTTP/1.1\nX: a", b"GET /v1/things HTTP/1.1\rX: a",
    b"GET /v1/things HTTP/1.1\n\rX: a", b"HTTP/1.1 200 OK", b"\xff\xfe",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2", b"\r\n\r\n\r\n",
    b"M-SEARCH * HTTP/1.1", b"SSH-2.0-x", b"{\"json\": 1}", b"<xml/>", b"\x00" * 16,
]  # fmt: skip

# Whole requests.
VERSION_10 = b"POST /v1/blobs HTTP/1.0\r\n" + HOST + TYPE
OTHERS = [
    ("bare LF throughout", b"GET /v1/things HTTP/1.1\nHost: api.example\n\n"),
    ("bare LF at the end of the head", b"GET /v1/things HTTP/1.1\r\nHost: api.example\r\n\n"),
    ("bare CR throughout", b"GET /v1/things HTTP/1.1\rHost: api.example\r\r"),
    ("LF CR throughout", b"GET /v1/things HTTP/1.1\n\rHost: api.example\n\r\n\r"),
    ("HTTP/0.9", b"GET /v1/things\r\n"),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
    ("h2c prior knowledge, no preface", b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64"),
    ("a response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ("absolute target without Host", b"GET http://api.example/v1/things HTTP/1.1\r\n\r\n"),
    ("absolute target in HTTP/1.0 without Host", b"GET http://api.example/v1/things HTTP/1.0\r\n\r\n"),
    ("control bytes before the request line", b"\x00" + get()),
    ("a BOM before the request line", b"\xef\xbb\xbf" + get()),
    ("bare LF with blank before the request line", b"\n \n" + get()),
    ("a field before the request line", b"X: a\r\n" + get()),
]
OTHER_FRAMING = [
    ("transfer coding in HTTP/1.0", VERSION_10 + CHUNKED + b"\r\n" + CHUNKS),
    (
        "transfer coding in HTTP/1.0, keep-alive",
        VERSION_10 + b"Connection: keep-alive\r\n" + CHUNKED + b"\r\n" + CHUNKS,
    ),
    ("both in HTTP/1.0", VERSION_10 + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n" + CHUNKS),
    (
        "TE.CL with the rest in a chunk",
        post(CHUNKED + b"Content-Length: 4\r\n", b"5c\r\n" + b"x" * 92 + b"\r\n0\r\n\r\n"),
    ),
    ("CL.TE with one byte left", post(b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\nG")),
    ("CL.0 behind a coding", post(b"Content-Length: 0\r\nTransfer-Encoding: chunked;\r\n", CHUNKS)),
]
ENDLESS = [
    ("a chunk of 2^64 - 1 bytes", post(CHUNKED, b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n")),
    ("a chunk of 2^63 + 5 bytes", post(CHUNKED, b"8000000000000005\r\nhello\r\n0\r\n\r\n")),
]
ALONE = [
    ("a body with GET that is not documented", get(b"Content-Length: 5\r\n") + b"hello"),
    ("chunks with GET that are not documented", get(CHUNKED) + CHUNKS),
    ("overlong UTF-8", get(line=b"GET /v1/%c0%ae%c0%ae/things HTTP/1.1")),
    ("not UTF-8", get(line=b"GET /v1/replies/%ff HTTP/1.1")),
    ("no such path", get(line=b"GET /v1/th%69ngs%2F HTTP/1.1")),
    ("no such method there", get(b"Content-Length: 0\r\n", b"DELETE /v1/things HTTP/1.1")),
    ("parameters in the path", get(line=b"GET /v1/things;a=b HTTP/1.1")),
    ("empty segments", get(line=b"GET //v1//things HTTP/1.1")),
]
GOOD_OTHERS = [
    ("two blanks in the request line", get(line=b"GET  /v1/things  HTTP/1.1"), b""),
    ("one empty line before", b"\r\n" + get(), b""),
    ("several empty lines before", b"\r\n\r\n\r\n" + get(), b""),
    ("absolute target", get(line=b"GET http://api.example/v1/things HTTP/1.1"), b""),
    ("absolute target in capitals", get(line=b"GET HTTP://API.EXAMPLE/v1/things HTTP/1.1"), b""),
    ("query with brackets", get(line=b"GET /v1/things?a[]=b&c={d}|e HTTP/1.1"), b""),
    (
        "names that look like framing, with _",
        get(b"Content_Length: 5\r\nTransfer_Encoding: chunked\r\nHost_: a\r\n"),
        b"",
    ),
    ("Connection names what was judged", get(b"Connection: Host, Content-Length, X-Forwarded-For\r\n"), b""),
    ("empty and strange values", get(b"X:\r\nY: \t \r\nZ: a\tb\xc3\xa4\r\n"), b""),
    (
        "identity headers and method override",
        get(b"X-Forwarded-For: 1.2.3.4\r\nX-HTTP-Method-Override: DELETE\r\n"),
        b"",
    ),
    (
        "length in HTTP/1.0, keep-alive",
        VERSION_10 + b"Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    ("a request inside a body with a length", post(b"Content-Length: %d\r\n" % len(BEHIND), BEHIND), BEHIND),
    ("a request inside a chunk", post(CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(BEHIND), BEHIND)), BEHIND),
    ("chunks inside a body with a length", post(b"Content-Length: 5\r\n", b"0\r\n\r\n"), b"0\r\n\r\n"),
    ("zero length", post(b"Content-Length: 0\r\n", b""), b""),
    ("upgrade that nobody grants, behind a length", post(b"Content-Length: 5\r\nUpgrade: x\r\n", b"hello"), b"hello"),
    ("HTTP2-Settings", get(b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n"), b""),
    ("Proxy-Connection and Keep-Alive", get(b"Proxy-Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"), b""),
    ("trailer announced", post(b"Trailer: Host\r\n" + CHUNKED, CHUNKS), b"hello"),
]

_TE = "RFC 9112 6.1: a transfer coding that only some readers see"
_LINE = "RFC 9112 5.1 and 5.2: a field line that only some readers see"
_CL = "RFC 9110 8.6: a length that readers understand differently"
_CHUNK = "RFC 9112 7.1: chunks that readers split differently"


def corpus() -> Iterator[Sequence]:
    """Every sequence once."""
    yield from _each("coding", _TE, [post(b"Transfer-Encoding:%b\r\n" % each, CHUNKS) for each in _blank(CODINGS)])
    goods = [post(b"Transfer-Encoding:%b\r\n" % each, CHUNKS) for each in _blank(GOOD_CODINGS)]
    yield from _each("good-coding", "RFC 9112 7: names of codings have no case", goods, b"hello")
    yield from _each("coding-line", _LINE, [post(each, CHUNKS) for each in CODING_LINES])
    with_length = [post(b"Content-Length: %d\r\n" % len(CHUNKS) + each, CHUNKS) for each in CODING_LINES]
    yield from _each("coding-line-and-length", _LINE, with_length)
    yield from _each("good-coding-line", "RFC 9112 5", [post(each, CHUNKS) for each in GOOD_CODING_LINES], b"hello")
    yield from _each("both", "RFC 9112 6.3: a length beside a transfer coding", [post(each, CHUNKS) for each in BOTH])
    yield from _each("length", _CL, [post(b"Content-Length:%b\r\n" % each, b"hello") for each in _blank(LENGTHS)])
    goods = [post(b"Content-Length:%b\r\n" % each, b"hello") for each in _blank(GOOD_LENGTHS)]
    yield from _each("good-length", "RFC 9110 8.6: digits only, blanks around them", goods, b"hello")
    yield from _each("length-line", _CL, [post(each, b"hello") for each in LENGTH_LINES])
    yield from _each("chunk", _CHUNK, [post(CHUNKED, each) for each in CHUNK_BODIES])
    things = [post(CHUNKED, each, b"/v1/things") for each in CHUNK_BODIES]
    yield from _each("chunk-judged-whole", _CHUNK, things)
    goods = [post(CHUNKED, each) for each in GOOD_CHUNK_BODIES]
    yield from _each("good-chunk", "RFC 9112 7.1: extensions and trailers end here", goods, b"hello")
    yield from _each("field", "RFC 9112 5, RFC 9110 5", [get(each) for each in FIELD_LINES])
    hosts = [b"GET /v1/things HTTP/1.1\r\n" + each + b"\r\n" for each in HOST_LINES]
    yield from _each("host", "RFC 9112 3.2: one valid Host", hosts)
    lines = [get(line=each) for each in REQUEST_LINES]
    yield from _each("request-line", "RFC 9112 2.3 and 3: method, target, version", lines)
    for name, data in OTHERS:
        yield Sequence(f"other: {name}", data, name)
    for name, data in OTHER_FRAMING:
        yield Sequence(f"framing: {name}", data, name)
    for name, data in ENDLESS:
        yield Sequence(f"endless: {name}", data, name, waits=True)
    for name, data in ALONE:
        yield Sequence(f"refused alone: {name}", data, name, alone=True)
    for name, data, body in GOOD_OTHERS:
        yield Sequence(f"good: {name}", data, name, passes=body)


def _blank(values: list[bytes]) -> list[bytes]:
    return [b" " + value for value in values]


def _each(group: str, why: str, sequences: list[bytes], passes: bytes | None = None) -> Iterator[Sequence]:
    for number, data in enumerate(sequences):
        yield Sequence(f"{group}-{number}", data, why, passes)


CORPUS = tuple(corpus())
