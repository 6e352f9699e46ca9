"""Services as processes: starting, refusing to start, draining."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from backends.tests.conftest import Start

BASIC = ("demo", "demo-secret")
GRANT = {"grant_type": "client_credentials"}


def command(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a service that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", f"backends.{name}", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | environment,
    )


def test_dealer_and_data_service_work_together(start: Start, tmp_path: Path) -> None:
    """As processes of their own: a token from one opens the other, which verifies it itself."""
    _, dealer = start("tokendealer", "--demo", "--data", str(tmp_path / "a"))
    judge = ["--jwks", f"{dealer}/auth/.well-known/jwks.json", "--issuer", f"{dealer}/auth"]
    _, data = start("dataservice", "--demo", "--data", str(tmp_path / "b"), *judge)
    token = requests.post(f"{dealer}/auth/oauth/token", data=GRANT, auth=BASIC, timeout=10).json()["access_token"]
    users = requests.get(f"{data}/data/users", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert [user["id"] for user in users.json()["items"]] == [1, 2, 3]
    assert requests.get(f"{data}/data/users", timeout=10).status_code == 401
    assert requests.head(f"{data}/data/users", headers={"Authorization": f"Bearer {token}"}, timeout=10).ok


def test_chunked_requests_reach_the_operation(start: Start, tmp_path: Path) -> None:
    """On a real server, too, a body needs no length."""
    _, dealer = start("tokendealer", "--demo", "--data", str(tmp_path))
    form = iter([b"grant_type=client", b"_credentials"])
    fields = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{dealer}/auth/oauth/token", data=form, headers=fields, auth=BASIC, timeout=10)
    assert answer.status_code == 200


def test_data_outlives_the_process(start: Start, tmp_path: Path) -> None:
    """What was stored before SIGTERM is there after a new start; demonstration data come once."""
    process, url = start("dataservice", "--demo", "--data", str(tmp_path))
    new = {"email": "a@b.c", "password": "12345678", "firstname": "A", "lastname": "B"}
    assert requests.post(f"{url}/data/users", json=new, timeout=10).status_code == 201
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    _, url = start("dataservice", "--demo", "--data", str(tmp_path))
    assert len(requests.get(f"{url}/data/users", timeout=10).json()["items"]) == 4


def test_requests_in_flight_are_finished(start: Start, tmp_path: Path) -> None:
    """SIGTERM in the middle of a body: the request is still answered, then the process ends."""
    process, url = start("tokendealer", "--demo", "--data", str(tmp_path))
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /auth/oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 29\r\nConnection: close\r\n"
            b"Authorization: Basic ZGVtbzpkZW1vLXNlY3JldA==\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")  # the worker waits for the body
        process.send_signal(signal.SIGTERM)
        rest = threading.Timer(0.5, connection.sendall, [b"grant_type=client_credentials"])
        rest.start()
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        rest.join()
    assert process.wait(20) == 0


def test_legacy_starts_and_says_that_the_gateway_is_away(start: Start) -> None:
    """It needs nobody to start, and answers 502 as long as there is no gateway."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        _, url = start("legacy", "--demo", "--gateway", f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert requests.get(f"{url}/api/users", timeout=20).status_code == 502


def test_taken_port_is_named() -> None:
    """One line with the address and the remedy, exit code 2, no traceback."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = command("liar", "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("dataservice", ["--host", "0.0.0.0", "--data", "{folder}"], "--jwks"),
        ("dataservice", ["--jwks", "http://x/", "--data", "{folder}"], "--issuer"),
        ("dataservice", [], "--data"),
        ("legacy", ["--host", "0.0.0.0", "--demo"], "--jwks"),
        ("legacy", [], "LEGACY_CLIENT_SECRET"),
        ("tokendealer", ["--data", "{folder}"], "keygen"),
    ],
)
def test_unsafe_or_incomplete_commands_are_refused(
    tmp_path: Path, name: str, arguments: list[str], message: str
) -> None:
    """A service that could not be trusted, or could not work, does not start."""
    done = command(name, *(word.format(folder=tmp_path) for word in arguments), LEGACY_CLIENT_SECRET="")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
