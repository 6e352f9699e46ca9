"""Questions to servers: what is sent, and that every end is an answer or a reason."""

import socket
import threading

import pytest

from gateway.security.web import NoAnswer, ask


def told(answer: bytes, **given: object) -> tuple[tuple[int, bytes], bytes]:
    """What comes of a question to a server that answers with these bytes, and what it was sent."""
    heard: list[bytes] = []

    def serve() -> None:
        connection = server.accept()[0]
        with connection:
            heard.append(connection.recv(65536))
            if b"POST" in heard[0] and not heard[0].endswith(b"token=t"):
                heard[0] += connection.recv(65536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            return ask(f"http://127.0.0.1:{server.getsockname()[1]}/x", 10.0, 100, **given), heard[0]  # type: ignore[arg-type]
        finally:
            thread.join()


def test_asking() -> None:
    """GET without a form, POST with one; any status is an answer; nothing is followed or decoded."""
    answer, sent = told(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 2\r\n\r\n{}")
    assert answer == (302, b"{}")
    assert sent.startswith(b"GET /x HTTP/1.1\r\n") and b"Accept-Encoding: identity" in sent
    answer, sent = told(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", form={"token": "t"})
    assert answer == (200, b"{}")
    assert sent.startswith(b"POST /x HTTP/1.1\r\n") and sent.endswith(b"\r\n\r\ntoken=t")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + b"x" * 101, "its answer has more than 100 bytes"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 101\r\n\r\n" + b"x" * 101,
            "its answer has more than 100 bytes",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", "broken off"),
        (b"nonsense\r\n\r\n", "no connection|broken off"),
    ],
)
def test_no_answer(answer: bytes, reason: str) -> None:
    """The reason names the place, in our own words."""
    with pytest.raises(NoAnswer, match=rf"^http://127\.0\.0\.1:\d+/x: ({reason})"):
        told(answer)
