"""The whole system as processes on free loopback ports: backends, counting relays, gateway."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contract_tests.counter import Counters
from gateway.cli.processes import Program, Programs, free_ports

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
BACKENDS = ("tokendealer", "dataservice", "legacy", "liar")
CLIENT = "contract-tests"
STRICT = "/strict"  # the liar once more, where the gateway blocks what it says against its contract
SCOPES = (
    *("users:read", "users:write", "users:authenticate", "runs:read", "runs:write"),
    *("strava:link", "strava:read"),
)


@dataclass(frozen=True)
class System:
    """Where everything is. `backends` are asked directly; the gateway asks them through the relays."""

    gateway: str
    backends: Mapping[str, str]
    counters: Counters | None
    client: str
    secret: str
    token_url: str
    key_file: Path | None


def configuration(gateway: str, admin: str, upstreams: Mapping[str, str], issuer_base: str) -> dict[str, Any]:
    """`gateway.yaml` for these addresses (HOST:PORT; URLs of the backends)."""
    apis = [{"contract": str(ROOT / "specs" / f"{name}.yaml"), "upstream": upstreams[name]} for name in BACKENDS]
    strict = {"name": "strict", "path": STRICT, "validate": {"response": "block"}}
    return {
        "listen": gateway,
        "admin": admin,
        "apis": [*apis, apis[-1] | strict],
        "issuers": {
            "runnerly": {
                "issuer": f"http://{gateway}/auth",
                "audience": "runnerly",
                "jwks": f"{issuer_base}/auth/.well-known/jwks.json",
            }
        },
    }


@contextmanager
def started(folder: Path) -> Iterator[System]:
    """Start everything; leave nothing running."""
    listen, admin, *rest = free_ports(2 + len(BACKENDS))
    ports = dict(zip(BACKENDS, rest, strict=True))
    urls = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
    base = f"http://{HOST}:{listen}"
    secret = add_client(folder / "tokendealer")
    with Programs(folder, ROOT) as programs, Counters() as counters:
        for name, arguments in options(folder, base, urls).items():
            command = ("-m", f"backends.{name}", "--port", str(ports[name]), *arguments)
            programs.start(Program(name, command, urls[name]))
        programs.wait_until_ready(lambda: True)
        fronts = {name: f"http://{HOST}:{counters.front(name, port)}" for name, port in ports.items()}
        config = folder / "gateway.yaml"
        settings = configuration(f"{HOST}:{listen}", f"{HOST}:{admin}", fronts, urls["tokendealer"])
        config.write_text(yaml.safe_dump(settings), "utf-8")
        run = ("-m", "gateway", "run", "--config", str(config))
        programs.start(Program("gateway", run, f"http://{HOST}:{admin}/ready", strict=True))
        programs.wait_until_ready(lambda: True)
        key_file = folder / "tokendealer" / "keys.json"
        yield System(base, urls, counters, CLIENT, secret, f"{base}/auth/oauth/token", key_file)


def options(folder: Path, gateway: str, urls: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The command lines of the backends. The data service verifies tokens itself, as nothing stands before the
    operations that are internal."""
    issuer, jwks = f"{gateway}/auth", f"{urls['tokendealer']}/auth/.well-known/jwks.json"
    return {
        "tokendealer": ("--demo", "--data", str(folder / "tokendealer"), "--issuer", issuer),
        "dataservice": ("--demo", "--data", str(folder / "dataservice"), "--jwks", jwks, "--issuer", issuer),
        "legacy": ("--demo", "--gateway", gateway),
        "liar": (),
    }


def add_client(data: Path) -> str:
    """Register a client that may do everything; its secret."""
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    command = [sys.executable, "-m", "backends.tokendealer", "add-client", CLIENT, "--data", str(data), *scopes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
