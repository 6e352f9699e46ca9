"""`gateway demo`: the reference services and the gateway in front of them, in one command."""

import shlex
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import click
import requests
import yaml

from gateway.cli.common import FINDINGS, UNREADABLE
from gateway.cli.processes import Program, ProgramFailed, Programs, free_ports, taken
from gateway.config.address import parse_address

FC = TypeVar("FC", Callable[..., Any], click.Command)

ROOT = Path(__file__).parents[2]
CONFIG = Path("backends") / "gateway.yaml"
CLIENT, SECRET = "demo", "demo-secret"
HOST = "127.0.0.1"
PORTS = {"tokendealer": 8101, "dataservice": 8102, "legacy": 8107}  # as in backends/gateway.yaml
LISTEN, ADMIN = "127.0.0.1:8080", "127.0.0.1:8081"
WATCH_SECONDS = 0.5


class Refused(click.ClickException):
    """The demo cannot be started here; the message says what to do."""

    exit_code = UNREADABLE


@dataclass(frozen=True, slots=True)
class Plan:
    """Who listens where: `HOST:PORT` of the gateway's two listeners, ports of the services."""

    listen: str
    admin: str
    ports: Mapping[str, int]

    @property
    def base(self) -> str:
        """URL of the public listener."""
        return f"http://{self.listen}"

    def backend(self, name: str) -> str:
        """URL of a service."""
        return f"http://{HOST}:{self.ports[name]}"


def _address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """`HOST:PORT` as in gateway.yaml, with a host that one can connect to."""
    try:
        host, port = parse_address(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    host = HOST if host == "0.0.0.0" else host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address_option(name: str, default: str, help: str) -> Callable[[FC], FC]:
    return click.option(name, default=default, callback=_address, show_default=True, metavar="HOST:PORT", help=help)


@click.command()
@_address_option("--listen", LISTEN, "Public address.")
@_address_option("--admin", ADMIN, "Health checks and metrics.")
@click.option("--ephemeral", is_flag=True, help="Take free ports everywhere.")
@click.pass_context
def demo(ctx: click.Context, listen: str, admin: str, ephemeral: bool) -> None:
    """Run the reference services and the gateway in front of them; Ctrl-C stops everything.

    Data lives in a temporary folder and is gone afterwards.

    \b
    Examples:
      gateway demo
      gateway demo --ephemeral
    """
    _refuse_without_sources()
    plan = _free_plan() if ephemeral else Plan(listen, admin, PORTS)
    _refuse_taken(plan)
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as name, _stop_signals() as stop:
        folder = Path(name)
        try:
            run(plan, folder, stop)
        except ProgramFailed as failure:
            click.echo(f"The demo was stopped: {failure}", err=True)
            ctx.exit(FINDINGS)


class Stop:
    """Whether a signal came. A plain flag: a lock taken in a signal handler hangs when a second signal nests in it."""

    def __init__(self) -> None:
        self.asked = False

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until a signal; returns `asked`."""
        deadline = time.monotonic() + seconds
        while not self.asked and time.monotonic() < deadline:
            time.sleep(min(0.05, seconds))
        return self.asked


def run(plan: Plan, folder: Path, stop: Stop) -> None:
    """Start everything, say what to try, and wait for `stop`. Raises ProgramFailed; nothing is left running."""
    config = folder / "gateway.yaml"
    config.write_text(yaml.safe_dump(configuration(plan), sort_keys=False), "utf-8")
    with Programs(folder, ROOT) as programs:
        click.echo("Starting the services and the gateway ...")
        for program in services(plan, folder):
            programs.start(program)
        if not programs.wait_until_ready(lambda: not stop.asked):
            return
        arguments = ("-m", "gateway", "run", "--config", str(config))
        programs.start(Program("gateway", arguments, f"http://{plan.admin}/ready", strict=True))
        if not programs.wait_until_ready(lambda: not stop.asked):
            return
        click.echo(guide(plan, first_calls(plan.base), programs.log("gateway")))
        while not stop.wait(WATCH_SECONDS):
            programs.check()
        click.echo("Stopping ...")


def services(plan: Plan, folder: Path) -> list[Program]:
    """The reference services. The token dealer speaks of itself by its public address."""
    extra = {
        "tokendealer": ("--data", str(folder / "tokendealer"), "--issuer", f"{plan.base}/auth"),
        "dataservice": ("--data", str(folder / "dataservice")),
        "legacy": ("--gateway", plan.base),
    }
    return [
        Program(
            name,
            ("-m", f"backends.{name}", "--port", str(port), "--demo", *extra[name]),
            plan.backend(name),
        )
        for name, port in plan.ports.items()
    ]


def configuration(plan: Plan) -> dict[str, Any]:
    """`backends/gateway.yaml` with the addresses of this run and absolute paths."""
    text = (ROOT / CONFIG).read_text("utf-8").replace(f"http://{LISTEN}", plan.base)
    for name, port in PORTS.items():
        text = text.replace(f"http://{HOST}:{port}", plan.backend(name))
    settings: dict[str, Any] = yaml.safe_load(text)
    for api in settings["apis"]:
        api["contract"] = str((ROOT / CONFIG.parent / api["contract"]).resolve())
    return settings | {"listen": plan.listen, "admin": plan.admin}


def first_calls(base: str) -> str:
    """Get a token and use it, both through the gateway; the token. Raises ProgramFailed."""
    form = {"grant_type": "client_credentials"}
    token: str = _call("POST", f"{base}/auth/oauth/token", data=form, auth=(CLIENT, SECRET))["access_token"]
    _call("GET", f"{base}/data/users/1", headers={"Authorization": f"Bearer {token}"})
    return token


def _call(method: str, url: str, **arguments: Any) -> Any:
    try:
        answer = requests.request(method, url, timeout=10, **arguments)
    except requests.RequestException as error:
        raise ProgramFailed(f"{method} {url} failed: {error}") from None
    if not answer.ok:
        raise ProgramFailed(f"{method} {url} was answered with {answer.status_code}: {answer.text[:500]}")
    return answer.json()


def guide(plan: Plan, token: str, log: Path) -> str:
    """What to look at and what to try."""
    base = plan.base
    bearer = '-H "Authorization: Bearer $TOKEN"'
    bad = shlex.quote('{"email": "ada", "age": "old"}')
    return f"""
Everything runs. Ctrl-C stops it.

  Documentation   {base}/docs   (Authorize with client_id {CLIENT}, client_secret {SECRET})
  Document        {base}/openapi.json
  Metrics         http://{plan.admin}/metrics
  Access log      {log}

A token, good for ten minutes:
  TOKEN={token}

A call:
  curl {bearer} {base}/data/users/1/runs

Without a token, 401:
  curl -i {base}/data/users

A body that breaks the contract, 400 with a pointer to each violation:
  curl {bearer} -H "Content-Type: application/json" -d {bad} {base}/data/users

Another token:
  curl -u {CLIENT}:{SECRET} -d grant_type=client_credentials {base}/auth/oauth/token
"""


def _free_plan() -> Plan:
    listen, admin, *rest = free_ports(2 + len(PORTS))
    return Plan(f"{HOST}:{listen}", f"{HOST}:{admin}", dict(zip(PORTS, rest, strict=True)))


def _refuse_without_sources() -> None:
    """The services are no part of the installed package, and need more libraries than the gateway."""
    if not (ROOT / CONFIG).is_file():
        raise Refused(
            "The demo needs the source tree: the reference services are not part of the installed package.\n"
            "Get the sources of the project and run `gateway demo` there."
        )
    if find_spec("connexion") is None:
        raise Refused("The reference services need Connexion. Install the extra: pip install -e '.[demo]'")


def _refuse_taken(plan: Plan) -> None:
    wanted = {"the gateway": plan.listen, "its admin port": plan.admin}
    wanted |= {name: f"{HOST}:{port}" for name, port in plan.ports.items()}
    used = [f"{address} ({name})" for name, address in wanted.items() if taken(parse_address(address))]
    if used:
        raise Refused(
            f"In use by another program: {', '.join(used)}.\n"
            "Stop it, choose other addresses with --listen and --admin, or add --ephemeral for free ports everywhere."
        )


@contextmanager
def _stop_signals() -> Iterator[Stop]:
    """A flag that SIGINT, SIGTERM and SIGHUP set, from here until everything has been stopped."""
    stop = Stop()

    def ask(*_: object) -> None:
        stop.asked = True

    numbers: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
