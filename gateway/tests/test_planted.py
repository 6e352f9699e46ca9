"""A gateway with everything on: every refusal for a reason of security is told to the audit log, and no secret to
anybody."""

import gzip
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

from gateway.errors import CAUSES
from gateway.tests.leaks import leaks
from gateway.tests.planted import GUESSES, Scene, scene
from gateway.tests.processes import PATIENCE
from gateway.tests.redis_server import needs_redis

pytestmark = needs_redis
HOST, JSON = b"Host: api.example\r\n", b"Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all tests here: what is written by any of them is searched by the last."""
    with scene(tmp_path_factory.mktemp("planted")) as made:
        yield made


class Case(NamedTuple):
    """One way to be refused. `ask` gives the status and request id of the refusal, 0 and "" for a closed connection."""

    cause: str
    ask: Callable[[Scene], tuple[int, str]]
    status: int
    operation: str = ""
    subject: str = ""
    key: bool = False  # the id of the API key is known


BOMB = gzip.compress(bytes(1_000_000))[:1000]
BOMB_HEAD = b"POST /v1/upload HTTP/1.1\r\n" + HOST + JSON + b"Content-Encoding: gzip\r\nConnection: close\r\n"
BOMB_HEAD += b"Content-Length: %d\r\n\r\n" % len(BOMB)
SEEN: list[bytes] = []  # every answer, head and body


def keep(answer: requests.Response) -> tuple[int, str]:
    """Status and request id."""
    SEEN.append(repr(answer.headers).encode() + answer.content)
    return answer.status_code, answer.headers.get("X-Request-Id", "")


def get(path: str, credential: str = "", method: str = "GET", **fields: str) -> Callable[[Scene], tuple[int, str]]:
    """A request with one of the planted credentials, and further fields."""

    def ask(scene: Scene) -> tuple[int, str]:
        given = (scene.fields(credential) if credential else {}) | {
            name.replace("_", "-"): value for name, value in fields.items()
        }
        return keep(requests.request(method, f"{scene.gateway.url}/v1{path}", headers=given, timeout=PATIENCE))

    return ask


def address(scene: Scene) -> tuple[str, int]:
    """Where it listens."""
    host, _, port = scene.gateway.url.removeprefix("http://").partition(":")
    return host, int(port)


def raw(data: bytes) -> Callable[[Scene], tuple[int, str]]:
    """Bytes; the first answer to them, or a closed connection."""

    def ask(scene: Scene) -> tuple[int, str]:
        with socket.create_connection(address(scene), timeout=PATIENCE) as connection:
            connection.sendall(data)
            return first_of(connection)

    return ask


def first_of(connection: socket.socket) -> tuple[int, str]:
    """Status and request id of what comes until the end."""
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass
    SEEN.append(answer)
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    return int(lines[0][9:12] or 0), fields.get("x-request-id", "")


def second(path: str) -> Callable[[Scene], tuple[int, str]]:
    """The one that is too much, after one that passed."""

    def ask(scene: Scene) -> tuple[int, str]:
        assert get(path, "token")(scene)[0] == 200
        return get(path, "token")(scene)

    return ask


def beside_another(scene: Scene) -> tuple[int, str]:
    """While another request has the only slot."""
    scene.backend.delay = 3.0
    before = scene.backend.count
    try:
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(get("/single", "token"), scene)
            while scene.backend.count == before:
                time.sleep(0.02)
            refused = get("/single", "token")(scene)
            assert other.result()[0] == 200
            return refused
    finally:
        scene.backend.delay = 0.0


def crowded(number: int) -> Callable[[Scene], tuple[int, str]]:
    """A connection beside `number` others, none of them with a request: the last one's answer, if it gets one."""

    def ask(scene: Scene) -> tuple[int, str]:
        with ExitStack() as stack:
            for _ in range(number):
                stack.enter_context(socket.create_connection(address(scene), PATIENCE))
            refused = first_of(stack.enter_context(socket.create_connection(address(scene), PATIENCE)))
        while scene.gateway.metric("gateway_open_connections"):
            time.sleep(0.02)
        return refused

    return ask


def guessed(scene: Scene) -> tuple[int, str]:
    """The wrong password after which nobody compares another."""
    for number in range(GUESSES + 20):
        wrong = requests.get(
            f"{scene.gateway.url}/v1/basic", auth=("guessed", f"{scene.secrets['password']}{number}"), timeout=PATIENCE
        )
        if keep(wrong)[0] == 503:
            return wrong.status_code, wrong.headers["X-Request-Id"]
    raise AssertionError("guessing goes on")


def unanswered(scene: Scene) -> tuple[int, str]:
    """The issuer says nothing of use about an opaque token."""
    said = scene.tokens.answer
    scene.tokens.answer = lambda form: (500, b"down: " + scene.secrets["introspection"].encode())
    try:
        return get("/token", "opaque")(scene)
    finally:
        scene.tokens.answer = said


CASES = [
    Case("credentials-missing", get("/token"), 401, "token"),
    Case("credentials-missing", get("/key", "token"), 401, "key"),
    Case("credentials-invalid", get("/token", "expired token"), 401, "token"),
    Case("credentials-invalid", get("/token", "foreign token"), 401, "token"),
    Case("credentials-invalid", get("/token", Authorization="Bearer planted-but-unknown"), 401, "token"),
    Case("credentials-invalid", get("/key", X_Api_Key="gk_aaaaaaaaaaaa_" + "b" * 43), 401, "key"),
    Case("credentials-invalid", get("/basic", Authorization="Basic YW5uYTp3cm9uZw=="), 401, "basic"),
    Case("credentials-revoked", get("/token", "revoked token"), 401, "token", subject="anna"),
    Case("credentials-revoked", get("/key", "revoked key"), 401, "key", subject="owner", key=True),
    Case("credentials-unverified", unanswered, 503, "token"),
    Case("credentials-unverified", guessed, 503, "basic"),
    Case("scope", get("/token", "poor token"), 403, "token", subject="anna"),
    Case("owner", get("/users/bert", "token"), 403, "user", subject="anna"),
    Case("address", get("/inside", "token"), 403, "inside"),
    Case("filter", get("/open", X_Filter="yes"), 403, "open"),
    Case("filter", get("/open", X_Filter="fail"), 500, "open"),
    Case(
        "origin",
        get("/open", method="OPTIONS", Origin="https://bad.example", Access_Control_Request_Method="GET"),
        403,
    ),
    Case("rate-limit", second("/rated"), 429, "rated", subject="anna"),
    Case("concurrency", beside_another, 503, "single", subject="anna"),
    Case("connections", crowded(20), 503),
    Case("connections", crowded(24), 0),
    Case("malformed", raw(b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400),
    Case("malformed", raw(b"\x00\xff\x16\x03 planted-in-garbage\r\n\r\n"), 400),
    Case("malformed", raw(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n"), 501),
    Case("malformed", raw(b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"), 505),
    Case("malformed", raw(b"GET / HTTP/1.1\r\nExpect: 200-maybe\r\n" + HOST + b"\r\n"), 417),
    Case("malformed", get("/open/..%2ftoken"), 400),
    Case("too-large", get("/open", X_Large="x" * 8000), 431),
    Case("too-large", raw(b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"), 414),
    Case(
        "too-large", raw(b"POST /v1/upload HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: 5000\r\n\r\n"), 413, "upload"
    ),
    Case("too-large", raw(BOMB_HEAD + BOMB), 413, "upload"),
    Case("too-slow", raw(b"GET /v1/open HTTP/1.1\r\n" + HOST), 408),
]


def told(scene: Scene, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The line of the audit log for which `found` holds, once it is written."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in map(json.loads, scene.audit.read_text().splitlines()):
            if found(line):
                return dict(line)
        time.sleep(0.05)
    raise AssertionError(scene.audit.read_text()[-3000:])


def counted(scene: Scene, cause: str) -> float:
    """How often `cause` was counted, be it of a request or of a connection from one address among too many."""
    text = requests.get(f"{scene.gateway.admin}/metrics", timeout=PATIENCE).text
    wanted = ("gateway_refused_total", f'cause="{cause}"')
    door = ("gateway_connections_refused_total", 'cause="address"') if cause == "connections" else wanted
    return sum(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        for name, label in {wanted, door}
        if line.startswith(name) and label in line
    )


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case.cause}" for n, case in enumerate(CASES)])
def test_a_refusal_is_in_the_audit_log(running: Scene, case: Case) -> None:
    """Who, what, why and the request id; and it is counted."""
    before = counted(running, case.cause)
    status, id = case.ask(running)
    assert status == case.status and bool(id) is (status > 0)
    line = told(running, lambda line: line.get("id", "") == id and line["cause"] == case.cause)
    assert line["reason"] and line["client"] == "127.0.0.1" and line.get("status", 0) == status
    assert line.get("operation", "") == case.operation
    assert line.get("subject", "").startswith(case.subject) and bool(line.get("subject")) is bool(case.subject)
    assert bool(line.get("key")) is case.key
    more = counted(running, case.cause) - before
    assert more == 1 or (case.cause == "connections" and more > 1)  # there, others are refused on the way


def test_every_cause_was_seen() -> None:
    """All there are, but the one that stands in for refusals nobody has thought of."""
    assert {case.cause for case in CASES} == {*CAUSES} - {"forbidden"}


def out_of_order(scene: Scene) -> None:
    """What else can fail while credentials are at hand: everything that the gateway asks, and its own settings."""
    url, secrets = scene.gateway.url, scene.secrets
    for name in secrets:
        if name.endswith(("key", "token", "password")) or name == "opaque":
            for path in ("/token", "/key", "/basic", "/open", "/nowhere", "/upload"):
                get(path, name)(scene)
    for path in ("/query-key", "/open", "/nowhere", "/upload"):
        keep(requests.get(f"{url}/v1{path}", params={"api_key": secrets["key"]}, timeout=PATIENCE))
        keep(requests.get(f"{url}/v1{path}", cookies={"session": secrets["key"]}, timeout=PATIENCE))
    for text in (secrets["key"], secrets["password"], secrets["token"]):
        for path in ("/open?units=", "/open?unknown=", "/open/", "/users/"):
            keep(requests.get(f"{url}/v1{path}{text}", headers=scene.fields("token"), timeout=PATIENCE))
        for body in ('"%s', '["%s"]', '{"id": "%s"}', '{"id": 1, "id": "%s"}', '{"%s"', "\xff%s"):
            headers = {"Content-Type": "application/json"}
            keep(requests.post(f"{url}/v1/upload", (body % text).encode("latin-1"), headers=headers, timeout=PATIENCE))
    for header in (b"Authorization: Bearer ", b"Authorization: Basic ", b"X-Api-Key: ", b"Cookie: session="):
        for name in ("key", "password", "token"):
            for around in (b"%b\r\n%b\r\n", b"%b\xff\r\n%b\r\n", b"%b\x00\r\n%b\r\n", b"%b\r\n%b\x01: 1\r\n\r\n"):
                data = around % (header + secrets[name].encode(), HOST + b"Connection: close\r\n")
                raw(b"GET /v1/open?a=%zz HTTP/1.1\r\n" + data)(scene)
                raw(b"GET /v1/key HTTP/1.1\r\n" + data)(scene)
    scene.redis.kill()
    assert get("/rated", "other token")(scene)[0] == 503
    scene.tokens.answer = lambda form: (401, {"error": "invalid_client", "error_description": secrets["client"]})
    get("/token", "opaque")(scene)
    scene.backend.close()
    get("/open")(scene)
    get("/token", "token")(scene)
    config = scene.gateway.config.read_text()
    scene.gateway.config.write_text(config.replace("env:PLANTED_PEPPER", secrets["pepper"]))
    scene.gateway.process.send_signal(signal.SIGHUP)
    scene.gateway.until(lambda state: str(state["reload"]).startswith("failed"))
    scene.gateway.config.write_text(config)


def pages(scene: Scene) -> bytes:
    """Everything that can be fetched without credentials."""
    public = ("/docs", "/openapi.json", "/openapi.yaml")
    admin = ("/live", "/ready", "/metrics", "/routes", "/jwks.json", "/nowhere")
    urls = [scene.gateway.url + path for path in public] + [scene.gateway.admin + path for path in admin]
    return b"".join(requests.get(url, timeout=PATIENCE).content for url in urls)


def titles(scene: Scene) -> bytes:
    """What the system shows everybody of the processes."""
    pid = scene.gateway.process.pid
    ours = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    assert len(ours) > 1
    return b"".join(Path(f"/proc/{each}/{name}").read_bytes() for each in ours for name in ("cmdline", "comm"))


def commands(scene: Scene) -> bytes:
    """What the commands print about the same settings."""
    config = ("--config", str(scene.gateway.config))
    bearer = f"Authorization: Bearer {scene.secrets['token']}"
    lines = [
        ("config", "show", *config),
        ("config", "show", "--format", "json", *config),
        ("routes", "--format", "json", *config),
        ("check", str(scene.folder / "api.yaml")),
        ("keys", "list", *config),
        ("passwords", "list", *config),
        ("explain", "GET", "/v1/token", "-H", bearer, *config),
        ("explain", "GET", "/v1/token", "-H", bearer, "--format", "json", *config),
        ("explain", "GET", "/v1/key", "-H", f"X-Api-Key: {scene.secrets['key']}", *config),
        ("explain", "GET", f"/v1/query-key?api_key={scene.secrets['key']}", *config),
        ("explain", "GET", "/v1/cookie-key", "-H", f"Cookie: session={scene.secrets['key']}", *config),
        ("explain", "GET", "/v1/basic", "-H", f"Authorization: {scene.fields('password')['Authorization']}", *config),
    ]
    printed = b""
    for line in lines:
        done = subprocess.run([sys.executable, "-m", "gateway", *line], capture_output=True, timeout=60)
        assert done.returncode < 2, done.stderr
        printed += done.stdout + done.stderr
    assert b"env:PLANTED_PEPPER" in printed
    return printed


def test_no_secret_comes_out(running: Scene) -> None:
    """Not in logs, answers, pages, metrics, process titles or commands, in none of the usual forms.

    This test is the last here, and searches what the others have caused, too.
    """
    out_of_order(running)
    everything = {
        "answers": b"".join(SEEN),
        "pages": pages(running),
        "titles": titles(running),
        "commands": commands(running),
    }
    assert running.gateway.stop() == 0
    gateway = running.gateway
    for name, path in (("stderr", gateway.errors), ("stdout", gateway.output), ("access", gateway.access)):
        everything[name] = path.read_bytes()
    everything["audit"] = running.audit.read_bytes()
    assert all(everything[name] for name in everything if name != "stdout") and b"DEBUG" in everything["stderr"]
    secrets = [text.encode() for text in running.secrets.values()]
    assert {name: found for name, text in everything.items() if (found := leaks(text, secrets))} == {}
