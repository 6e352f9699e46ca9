"""The service of `runnerly.yaml`: honest, in memory, in as little code as shows what drifted in the others."""

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import yaml
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

DOCUMENT = Path(__file__).with_name("runnerly.yaml")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Answer = tuple[int, Any]


@cache
def document() -> dict[str, Any]:
    """The document as data."""
    content: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    return content


@cache
def signing_key() -> RSAPrivateKey:
    """One key for all; making one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def problem(status: int) -> Answer:
    """An error answer."""
    return status, {"title": HTTPStatus(status).phrase, "status": status}


def number(text: str, least: int, most: int) -> int | None:
    """A path value as the document wants it; None when it is not."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) and least <= int(text) <= most else None


class Service:
    """Keeps the document. Each drift is a subclass that replaces one method."""

    base = "/api"

    def __init__(self) -> None:
        self.users = [{"id": 1, "email": "ada@example.com"}, {"id": 2, "email": "emil@example.com"}]
        self.clients = {"strava": "river"}
        self.runs = [(1, {"strava_id": 1, "date": "2017-01-14"}), (1, {"strava_id": 2, "date": "2017-07-02"})]

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Route and answer."""
        if not path.startswith(self.base):
            return problem(404)
        match method, path.removeprefix(self.base).split("/"):
            case "POST", ["", "oauth", "token"]:
                return self.create_token(headers, body)
            case "GET", ["", "jwks"]:
                return self.get_jwks()
            case "GET", ["", "users"]:
                return self.get_users(headers)
            case "POST", ["", "add_runs"]:
                return self.add_runs(headers, body)
            case "GET", ["", "runs", runner, year, month]:
                return self.get_runs(runner, year, month)
        return problem(404)

    def create_token(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """createToken"""
        if headers.get("Content-Type") != FORM:
            return problem(415)
        try:
            form = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            return problem(400)
        id, secret = form.get("client_id", []), form.get("client_secret", [])
        if b"%z" in body or len(id) != 1 or len(secret) != 1 or max(len(id[0]), len(secret[0])) > 40:
            return problem(400)
        if self.clients.get(id[0]) != secret[0]:
            return self.wrong_secret()
        claims = {"sub": id[0], "exp": int(time.time()) + 600}
        return self.token(jwt.encode(claims, signing_key(), "RS256", headers={"kid": "1"}))

    def wrong_secret(self) -> Answer:
        """Somebody is not who they claim to be."""
        return problem(401)

    def token(self, token: str) -> Answer:
        """The answer that a token comes in."""
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 600}

    def get_jwks(self) -> Answer:
        """getJwks"""
        numbers = signing_key().public_key().public_numbers()
        e, n = (
            base64.urlsafe_b64encode(each.to_bytes((each.bit_length() + 7) // 8)).rstrip(b"=").decode()
            for each in (numbers.e, numbers.n)
        )
        return 200, {"keys": [{"kty": "RSA", "kid": "1", "n": n, "e": e}]}

    def verified(self, headers: Mapping[str, str]) -> bool:
        """Whether there is a good token."""
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            jwt.decode(token, signing_key().public_key(), algorithms=["RS256"])
        except jwt.PyJWTError:
            return False
        return True

    def get_users(self, headers: Mapping[str, str]) -> Answer:
        """getUsers"""
        return (200, self.users) if self.verified(headers) else problem(401)

    def add_runs(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """addRuns"""
        if headers.get("Content-Type") != JSON:
            return problem(415)
        try:
            batch = json.loads(body, object_pairs_hook=self.unique)
        except ValueError:
            return problem(400)
        if not self.is_batch(batch):
            return problem(400)
        if not self.knows(batch["runner_id"]):
            return problem(404)
        return 200, self.stored(batch["runner_id"], batch["runs"])

    def unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """A JSON object that holds no name twice."""
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name is there twice")
        return dict(pairs)

    def is_batch(self, batch: Any) -> bool:
        """Whether the body is as documented."""
        schemas = {"components": document()["components"], "$ref": "#/components/schemas/Batch"}
        return bool(Draft4Validator(schemas).is_valid(batch))

    def knows(self, runner: int) -> bool:
        """Whether there is such a runner."""
        return any(user["id"] == runner for user in self.users)

    def stored(self, runner: int, runs: list[dict[str, Any]]) -> dict[str, int]:
        """Keep the runs that are new."""
        added = 0
        for run in runs:
            if self.is_new(runner, run):
                self.runs.append((runner, run))
                added += 1
        return {"added": added, "skipped": len(runs) - added}

    def is_new(self, runner: int, run: dict[str, Any]) -> bool:
        """Whether the run is not there yet."""
        return all(run["strava_id"] != known["strava_id"] for owner, known in self.runs if owner == runner)

    def get_runs(self, runner: str, year: str, month: str) -> Answer:
        """getRuns"""
        chosen = number(runner, 1, 1000000), number(year, 1970, 9998), number(month, 1, 12)
        if None in chosen:
            return problem(400)
        if not self.knows(chosen[0] or 0):
            return problem(404)
        start = f"{chosen[1]:04}-{chosen[2]:02}-"
        return 200, [run for owner, run in self.runs if owner == chosen[0] and str(run["date"]).startswith(start)]


@contextmanager
def served(service: Service) -> Iterator[str]:
    """The service on a free loopback port; its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body leave together

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            try:
                path, fields = self.path.partition("?")[0], dict(self.headers.items())
                status, content = service.answer(self.command, path, fields, body)
            except Exception:  # what a framework does with a handler that fails
                status, content = problem(500)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
