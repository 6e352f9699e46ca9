"""Opaque tokens: a real server is asked, rarely, and nobody gets in without its answer."""

import asyncio
import contextlib
import gc
import json
import logging
import socket
import threading
import weakref
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from gateway.config import Introspection, Issuer
from gateway.security import introspect
from gateway.security.introspect import ByForm, Introspector, judge_answer, principal_of
from gateway.security.principal import ForeignToken, InvalidToken, Principal
from gateway.security.scheme import Unavailable
from gateway.security.token_endpoint import Endpoint, Failed
from gateway.tests.security.issuing import AUDIENCE, ISSUER, NOW

TOKEN = b"2YotnFZFEjr1zCsicMWpAA"
GOOD = {"active": True, "aud": AUDIENCE, "sub": "anna", "scope": "a b", "exp": NOW + 100}


class Server:
    """An introspection endpoint whose answers a test sets; `gate` holds them back."""

    def __init__(self) -> None:
        self.status = 200
        self.body: bytes = b"{}"
        self.asked: list[dict[str, list[str]]] = []
        self.authorization: list[str | None] = []
        self.gate = threading.Event()
        self.gate.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                server.asked.append(parse_qs(form))
                server.authorization.append(self.headers["Authorization"])
                server.gate.wait(20)
                with contextlib.suppress(OSError):
                    self.send_response(server.status)
                    self.send_header("Content-Length", str(len(server.body)))
                    self.end_headers()
                    self.wfile.write(server.body)

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/introspect"

    def say(self, answer: Any, status: int = 200) -> None:
        """Answer so from now on."""
        self.status = status
        self.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    """A running server that knows one good token."""
    running = Server()
    running.say(GOOD)
    thread = threading.Thread(target=running.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.gate.set()
        running.http.shutdown()
        running.http.server_close()
        thread.join()


def issuer(url: str = "http://127.0.0.1:9/introspect", **changes: Any) -> Issuer:
    """Settings of an issuer of opaque tokens."""
    asked = {"url": url, "client_id": "the gateway", "client_secret": "env:X", "timeout": 20.0, **changes}
    return Issuer(ISSUER, (AUDIENCE,), leeway=0.0, introspection=Introspection(**asked))


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time


def test_one_question_for_two_hundred_requests(server: Server) -> None:
    """And none for those that come later, until the answer is too old."""
    clock = Clock()
    subject = Introspector("main", issuer(server.url, cache=60.0), "se cret", clock)

    async def scenario() -> None:
        server.gate.clear()
        requests = [asyncio.create_task(subject.verify(TOKEN)) for _ in range(200)]
        await asyncio.sleep(0.05)
        server.gate.set()
        principals = await asyncio.gather(*requests)
        assert {(principal.subject, principal.scopes) for principal in principals} == {("anna", frozenset("ab"))}
        assert subject.recall(TOKEN) == await subject.verify(TOKEN) and len(server.asked) == 1
        clock.time += 60
        assert subject.recall(TOKEN) is None
        await subject.verify(TOKEN)
        assert len(server.asked) == 2

    asyncio.run(scenario())
    assert server.asked[0] == {"token": [TOKEN.decode()], "token_type_hint": ["access_token"]}
    assert server.authorization[0] == "Basic " + b64encode(b"the+gateway:se+cret").decode()


def test_an_answer_is_not_believed_longer_than_the_token_lives(server: Server) -> None:
    """The earlier of `exp` and `cache`."""
    clock = Clock()
    subject = Introspector("main", issuer(server.url, cache=1000.0), "s", clock)

    async def scenario() -> None:
        await subject.verify(TOKEN)
        clock.time = NOW + 99.9
        assert subject.recall(TOKEN) is not None
        clock.time = NOW + 100
        assert subject.recall(TOKEN) is None
        with pytest.raises(InvalidToken, match="expired"):
            await subject.verify(TOKEN)

    asyncio.run(scenario())


def test_a_bad_token_is_remembered_for_a_moment(server: Server) -> None:
    """It costs one question, and counts as soon as it is good and the moment has passed."""
    server.say({"active": False})
    clock = Clock()
    subject = Introspector("main", issuer(server.url, negative_cache=5.0), "s", clock)

    async def scenario() -> None:
        for _ in range(50):
            with pytest.raises(ForeignToken, match="not active"):
                await subject.verify(TOKEN)
        assert len(server.asked) == 1
        server.say(GOOD)
        clock.time += 5
        assert (await subject.verify(TOKEN)).subject == "anna"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (GOOD, 500),
        (GOOD, 201),
        (GOOD, 302),
        ({"error": "invalid_client"}, 401),
        (b"", 200),
        (b"null", 200),
        (b"[true]", 200),
        (b'{"active": true, "active": false}', 200),
        ({"active": "true"}, 200),
        ({"active": 1}, 200),
        ({}, 200),
        (b"\xff", 200),
        (b'{"active": true' + b" " * 100_000 + b"}", 200),
    ],
)
def test_nobody_gets_in_without_an_answer(
    server: Server, caplog: pytest.LogCaptureFixture, answer: Any, status: int
) -> None:
    """What is no answer is no refusal either; it is logged once, without the token, and not remembered."""
    server.say(answer, status)
    subject = Introspector("main", issuer(server.url), "s3cret", Clock())

    async def scenario() -> None:
        for _ in range(2):
            with pytest.raises(Unavailable, match="main: introspection"):
                await subject.verify(TOKEN)
        server.say(GOOD)
        assert (await subject.verify(TOKEN)).subject == "anna"

    asyncio.run(scenario())
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    assert TOKEN.decode() not in caplog.text and "s3cret" not in caplog.text


def test_a_server_that_is_not_there_or_says_nothing() -> None:
    """Refused connections at once, silence after `timeout`; a good answer of before still counts."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        subject = Introspector("main", issuer(f"http://127.0.0.1:{port}/", timeout=0.1), "s", Clock())
        with pytest.raises(Unavailable, match=r"no answer|not complete"):
            asyncio.run(subject.verify(TOKEN))
    subject = Introspector("main", issuer(f"http://127.0.0.1:{port}/"), "s", Clock())
    with pytest.raises(Unavailable, match="no connection"):
        asyncio.run(subject.verify(TOKEN))


def answering(answer: Mapping[str, Any]) -> Callable[[Endpoint, Mapping[str, str]], tuple[int, bytes]]:
    """An endpoint without a wire."""
    return lambda endpoint, form: (200, json.dumps(answer).encode())


def test_a_request_waits_for_a_bounded_time() -> None:
    """Also where the question waits behind others."""
    gate = threading.Event()

    def ask(endpoint: Endpoint, form: Mapping[str, str]) -> tuple[int, bytes]:
        assert gate.wait(20)
        return 200, json.dumps(GOOD).encode()

    async def scenario() -> None:
        subject = Introspector("main", issuer(timeout=0.02), "s", Clock(), ask)
        with pytest.raises(Unavailable, match="too many questions wait"):
            await subject.verify(TOKEN)
        gate.set()
        while subject.recall(TOKEN) is None:
            await asyncio.sleep(0.005)

    asyncio.run(scenario())


def test_questions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes on top is turned away at once; the others get their answers."""
    monkeypatch.setattr(introspect, "MOST", 3)
    gate = threading.Event()

    def ask(endpoint: Endpoint, form: Mapping[str, str]) -> tuple[int, bytes]:
        assert gate.wait(20)
        return 200, json.dumps(GOOD).encode()

    subject = Introspector("main", issuer(), "s", Clock(), ask)

    async def scenario() -> None:
        tasks = [asyncio.create_task(subject.verify(b"token%d" % n)) for n in range(4)]
        with pytest.raises(Unavailable, match="questions"):
            await tasks[3]
        gate.set()
        assert len(await asyncio.gather(*tasks[:3])) == 3

    asyncio.run(scenario())


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tokens come, and none of them is in it."""
    monkeypatch.setattr(introspect, "CACHE_ENTRIES", 5)

    async def scenario(answer: Mapping[str, Any]) -> Introspector:
        subject = Introspector("main", issuer(), "s", Clock(), answering(answer))
        for n in range(20):
            with contextlib.suppress(InvalidToken):
                await subject.verify(b"%s%d" % (TOKEN, n))
        assert len(subject._good) + len(subject._bad) == 5
        assert TOKEN not in b"".join([*subject._good, *subject._bad])
        return subject

    for answer in (GOOD, {"active": False}):
        asyncio.run(scenario(answer))


def test_what_is_remembered_of_a_bad_token_holds_no_request(server: Server) -> None:
    """A flood of bad tokens would otherwise keep all the heads they came in."""
    server.say({"active": False})
    subject = Introspector("main", issuer(server.url), "x", Clock())

    class Head:
        """Something that a frame of the request holds."""

    async def request() -> "weakref.ref[Head]":
        head = Head()
        with pytest.raises(ForeignToken):
            await subject.verify(TOKEN)
        return weakref.ref(head)

    held = asyncio.run(request())
    gc.collect()
    assert held() is None and len(server.asked) == 1


def test_a_request_that_gives_up_takes_nothing_with_it() -> None:
    """The question goes on for the others."""
    gate = threading.Event()

    def ask(endpoint: Endpoint, form: Mapping[str, str]) -> tuple[int, bytes]:
        assert gate.wait(20)
        return 200, json.dumps(GOOD).encode()

    async def scenario() -> None:
        subject = Introspector("main", issuer(), "s", Clock(), ask)
        first, second = asyncio.create_task(subject.verify(TOKEN)), asyncio.create_task(subject.verify(TOKEN))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait([first])
        gate.set()
        assert (await second).subject == "anna"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"iss": "https://other.example"}, "another issuer"),
        ({"aud": "other"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"exp": NOW}, "expired"),
        ({"exp": "soon"}, "not a date"),
        ({"nbf": NOW + 1}, "not valid yet"),
        ({"scope": 7}, "no list of scopes"),
        ({"active": False}, "not active"),
    ],
)
def test_an_active_token_is_judged_like_a_signed_one(changes: dict[str, Any], message: str) -> None:
    """What the issuer says of it has to fit this gateway."""
    answer = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    with pytest.raises(InvalidToken, match=message):
        principal_of(answer, "main", issuer(), NOW)


@pytest.mark.parametrize(
    ("demanded", "said", "good"),
    [
        ({"clients": ("app",)}, {"client_id": "app"}, True),
        ({"clients": ("app",)}, {"client_id": "other"}, False),
        ({"claims": {"tenant": ("one", "two")}}, {"tenant": "two"}, True),
        ({"claims": {"tenant": ("one", "two")}}, {}, False),
        ({"binding": "required"}, {"cnf": {"x5t#S256": "A" * 43}}, True),
        ({"binding": "required"}, {}, False),
    ],
)
def test_what_the_settings_demand_of_tokens_holds_for_opaque_ones(
    demanded: dict[str, Any], said: dict[str, Any], good: bool
) -> None:
    """Clients, claims and a binding, as for signed ones."""
    settings = replace(issuer(), **demanded)
    with contextlib.nullcontext() if good else pytest.raises(InvalidToken):
        principal_of({**GOOD, **said}, "main", settings, NOW)


@pytest.mark.parametrize("changes", [{}, {"iss": ISSUER}, {"exp": None}, {"sub": None, "client_id": "batch"}])
def test_what_may_be_left_out(changes: dict[str, Any]) -> None:
    """Issuer and expiry are optional in RFC 7662, and the client may stand for the subject."""
    answer = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    principal = principal_of(answer, "main", issuer(), NOW)
    assert principal.subject in ("anna", "batch") and principal.expires > NOW


def test_without_an_issuer_the_endpoint_is_the_authority() -> None:
    """There is nothing to compare `iss` with; the name in the settings stands in when it is not said."""
    unnamed = replace(issuer(), issuer="")
    assert principal_of(GOOD, "main", unnamed, NOW).issuer == "main"
    assert principal_of({**GOOD, "iss": "https://any.example"}, "main", unnamed, NOW).issuer == "https://any.example"


def test_what_is_no_answer() -> None:
    """A refused client is told what to check."""
    with pytest.raises(Failed, match="client-secret"):
        judge_answer(401, b"{}")


@pytest.mark.parametrize("token", [b"a" * 5000, b""])
def test_tokens_that_are_not_asked_about(token: bytes) -> None:
    """A megabyte is not sent on; nothing at all is simply not active."""
    subject = Introspector("main", issuer(), "s", Clock(), answering({"active": False}))
    with pytest.raises(InvalidToken):
        asyncio.run(subject.verify(token))


@pytest.mark.parametrize(
    ("token", "signed"),
    [(b"eyJhbGciOiJSUzI1NiJ9.e30.AA", True), (TOKEN, False), (b"a.b.c", False), (b"eyJ9.x", False), (b"", False)],
)
def test_an_issuer_of_both(token: bytes, signed: bool) -> None:
    """The form of the token decides who judges it."""

    class Judge:
        def __init__(self, name: str) -> None:
            self.name = name
            self.principal = Principal(name, "main", frozenset(), {}, NOW)

        def start(self) -> None:
            raise AssertionError

        def recall(self, token: bytes) -> Principal | None:
            return self.principal

        async def verify(self, token: bytes) -> Principal:
            return self.principal

    both = ByForm(Judge("signed"), Judge("opaque"))  # type: ignore[arg-type]
    expected = "signed" if signed else "opaque"
    recalled = both.recall(token)
    assert recalled is not None and recalled.subject == expected
    assert asyncio.run(both.verify(token)).subject == expected
