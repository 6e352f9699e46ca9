"""Asking a token endpoint: what is sent, what counts as an answer, and that secrets stay secret."""

import socket
import threading
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from gateway.security.token_endpoint import ANSWER_BYTES, UNSAID, Endpoint, Failed, Grant, Refused, ask, judge
from gateway.tests.security.token_server import token_server

SECRET = "s%cret: +é"
GOOD = b'{"access_token": "abc.def", "token_type": "bearer", "expires_in": 60}'


def endpoint(url: str, timeout: float = 10.0) -> Endpoint:
    return Endpoint(url, "the gateway", SECRET, timeout)


def test_id_and_secret_are_form_encoded_before_they_are_basic() -> None:
    """RFC 6749 section 2.3.1; they are nowhere else, and `~/.netrc` is not looked at."""
    with token_server() as server:
        grant = ask(endpoint(server.url), {"grant_type": "client_credentials", "scope": "a b"})
        assert grant == Grant(b"token-1", 3600.0)
        assert server.forms == [{"grant_type": "client_credentials", "scope": "a b"}]
        assert server.credentials == ["Basic " + b64encode(b"the+gateway:s%25cret%3A+%2B%C3%A9").decode()]


def test_netrc_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password for the host would take the place of the gateway's own."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password wrong\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with token_server() as server:
        ask(endpoint(server.url), {"a": "b"})
        assert server.credentials[0].startswith("Basic dGhl")


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (500, GOOD, "answers 500"),
        (302, GOOD, "answers 302"),
        (401, b'{"error": "invalid_client"}', "answers 401"),
        (200, b"<html>", "no JSON object"),
        (200, b"[]", "no JSON object"),
        (200, b"{}", "no access token"),
        (200, b'{"access_token": "a\\r\\nX-Evil: 1", "token_type": "Bearer"}', "no access token"),
        (200, b'{"access_token": "a", "access_token": "b", "token_type": "Bearer"}', "no JSON object"),
        (200, b'{"access_token": "a"}', "not of type Bearer"),
        (200, b'{"access_token": "a", "token_type": "DPoP"}', "not of type Bearer"),
        (200, b'{"access_token": "a", "token_type": "Bearer", "expires_in": "60"}', "expires_in"),
        (200, b'{"access_token": "a", "token_type": "Bearer", "expires_in": 0}', "expires_in"),
        (200, b'{"access_token": "a", "token_type": "Bearer", "expires_in": true}', "expires_in"),
        (200, b'{"access_token": "a", "token_type": "Bearer", "expires_in": 1e300}', "expires_in"),
        (400, b'{"error": "<script>"}', "without an error code"),
        (400, b"{}", "without an error code"),
    ],
)
def test_what_is_no_grant_is_a_failure(status: int, body: bytes, word: str) -> None:
    """And its text names the place and none of what was said."""
    with pytest.raises(Failed, match=word) as caught:
        judge(status, body, "https://id.example/token")
    assert "https://id.example/token" in str(caught.value)
    assert "script" not in str(caught.value) and "Evil" not in str(caught.value)


def test_without_a_time_a_token_is_good_for_a_minute() -> None:
    """RFC 6749 section 5.1 leaves it to the client."""
    assert judge(200, b'{"access_token": "a", "token_type": "BEARER"}', "") == Grant(b"a", UNSAID)


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_is_told_from_a_failure(status: int) -> None:
    """By the error codes of RFC 6749 section 5.2; the description is not repeated."""
    with pytest.raises(Refused) as caught:
        judge(status, b'{"error": "invalid_grant", "error_description": "secret"}', "https://id.example/token")
    assert str(caught.value) == "invalid_grant"


def test_redirects_are_not_followed() -> None:
    """The secret goes to the place that was configured, and to no other."""
    with token_server() as server:
        server.answer = lambda form: (307, {})
        with pytest.raises(Failed, match="answers 307"):
            ask(endpoint(server.url), {"a": "b"})
        assert len(server.forms) == 1


def test_an_endless_answer_is_given_up() -> None:
    """It has a bound."""
    with token_server() as server:
        server.answer = lambda form: (200, b" " * (ANSWER_BYTES + 1))
        with pytest.raises(Failed, match="more than"):
            ask(endpoint(server.url), {"a": "b"})


def test_nobody_there_and_nobody_answering() -> None:
    """Each is a failure in bounded time, whose text holds no part of what was sent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/token"
        with pytest.raises(Failed, match=r"no answer within 0\.2 s") as slow:
            ask(endpoint(url, 0.2), {"subject_token": "hidden"})
    with pytest.raises(Failed, match="no connection") as gone:
        ask(endpoint(url), {"subject_token": "hidden"})
    for text in (str(slow.value), str(gone.value), repr(endpoint(url))):
        assert SECRET not in text and "hidden" not in text


def test_a_trickle_is_noticed() -> None:
    """Bytes that drip win nothing: the time is for the whole answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def drip() -> None:
            connection: Any = server.accept()[0]
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not done.wait(0.05):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(Failed, match="not complete within"):
            ask(endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/token", 0.5), {"a": "b"})
        done.set()
        thread.join()
