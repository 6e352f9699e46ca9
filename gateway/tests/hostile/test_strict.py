"""The judge itself: what it takes, and that it takes nothing else."""

import pytest

from gateway.tests.hostile import strict

HOST = b"Host: a.example:80\r\n"
GET = b"GET /v1/a%20b?c[]=d HTTP/1.1\r\n" + HOST + b"X: a b\r\n\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"


@pytest.mark.parametrize(("data", "body"), [(GET, b""), (POST, b"abc"), (CHUNKED, b"abc0123456789")])
def test_well_formed_requests_are_taken_and_what_follows_is_left(data: bytes, body: bytes) -> None:
    """One at a time; every beginning of one is incomplete and not dirty."""
    found, rest = strict.request(data + GET)
    assert found is not None and found.body == body and rest == GET
    assert all(strict.request(data[:end])[0] is None for end in range(len(data)))


DIRTY = [
    GET.replace(b"HTTP/1.1", b"HTTP/1.0"),
    GET.replace(b"GET ", b"GET  "),
    GET.replace(b"GET", b"G\x00T"),
    GET.replace(b"/v1", b"http://a/v1"),
    GET.replace(b"%20", b"%g0"),
    GET.replace(b"/v1", b"/\\"),
    GET.replace(b"?c", b"#c"),
    GET.replace(b"X: a", b"X : a"),
    GET.replace(b"X: a", b"X: \x7f"),
    GET.replace(b"X: a b\r\n", b"X: a\nb\r\n"),
    GET.replace(b"X: a b\r\n", b"X: a\rb\r\n"),
    GET.replace(b"X: a b\r\n", b"X: a\r\n b\r\n"),
    GET.replace(b"X: a b\r\n", b"X\r\n"),
    GET.replace(b"X: a b\r\n", b": b\r\n"),
    GET.replace(b"X: a b\r\n", b"Content_Length: 3\r\n"),
    GET.replace(HOST, b""),
    GET.replace(HOST, HOST + HOST),
    GET.replace(b"a.example:80", b"a b"),
    POST.replace(b": 3", b": +3"),
    POST.replace(b": 3", b": 3, 3"),
    POST.replace(b"Content-Length: 3", b"Content-Length: 3\r\nContent-Length: 3"),
    CHUNKED.replace(b"chunked", b"Chunked"),
    CHUNKED.replace(b"chunked", b"chunked\r\nContent-Length: 3"),
    CHUNKED.replace(b"\r\n\r\n3\r\n", b"\r\n\r\n3;a\r\n"),
    CHUNKED.replace(b"\r\n\r\n3\r\n", b"\r\n\r\n0x3\r\n"),
    CHUNKED.replace(b"abc\r\n", b"abcd\r\n"),
    CHUNKED.replace(b"0\r\n\r\n", b"0\r\nX: a\r\n\r\n"),
]


@pytest.mark.parametrize("data", DIRTY)
def test_nothing_else_is_taken(data: bytes) -> None:
    """Not even what a lenient reader would understand."""
    with pytest.raises(strict.Dirty):
        strict.request(data)


def test_responses_are_judged_alike() -> None:
    """Their end too, where nothing says their length."""
    assert strict.response(b"HTTP/1.1 204 \r\n\r\n")[0] is not None
    assert strict.response(b"HTTP/1.1 200 OK\r\n\r\nabc")[0] is None
    found, _ = strict.response(b"HTTP/1.1 200 OK\r\n\r\nabc", ended=True)
    assert found is not None and found.body == b"abc"
    for data in (b"HTTP/1.1 99 \r\n\r\n", b"HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200\r\n\r\n"):
        with pytest.raises(strict.Dirty):
            strict.response(data)
