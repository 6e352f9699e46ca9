"""`gateway demo`, up to the real thing."""

import re
import shlex
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import requests
import yaml
from click.testing import CliRunner, Result

from gateway.cli.demo import PORTS, ROOT, Plan, configuration
from gateway.cli.processes import free_ports
from gateway.config import file as config_file

module = import_module("gateway.cli.demo")  # `gateway.cli.demo` as an attribute is the command
pytestmark = pytest.mark.skipif(not (ROOT / "backends").is_dir(), reason="the reference services are not here")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(module.demo, arguments)


def running(text: str) -> list[str]:
    """The command lines of running programs that hold `text`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started the message names the address, whose it would be, and what to do; exit code 2."""
    monkeypatch.setattr(module, "PORTS", dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        result = invoke("--listen", f"127.0.0.1:{free_ports(1)[0]}", "--admin", address)
    assert result.exit_code == 2
    assert f"In use by another program: {address} (its admin port)." in result.output
    assert "--ephemeral" in result.output and "Starting" not in result.output


@pytest.mark.parametrize("address", ["8080", "localhost:port", "[::1:80", "a b:80"])
def test_an_address_has_host_and_port(address: str) -> None:
    """Anything else is bad usage."""
    result = invoke("--listen", address)
    assert result.exit_code == 2 and "Traceback" not in result.output


def test_without_sources_it_says_where_to_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The installed package alone has no services to show."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    result = invoke()
    assert result.exit_code == 2
    assert "needs the source tree" in result.output


def test_without_connexion_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services need more than the gateway does."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    result = invoke()
    assert result.exit_code == 2
    assert "[demo]" in result.output


def test_a_service_that_dies_stops_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last lines are shown, everything is stopped, exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True)) | {"tokendealer": other.getsockname()[1]}
        plan = Plan("127.0.0.1:1", "127.0.0.1:2", ports)
        monkeypatch.setattr(module, "_free_plan", lambda: plan)
        monkeypatch.setattr(module, "_refuse_taken", lambda plan: None)
        result = invoke("--ephemeral")
    assert result.exit_code == 1
    assert "tokendealer ended with code 2" in result.output
    assert f"cannot listen on 127.0.0.1:{ports['tokendealer']}" in result.output
    assert not any(running(f"--port {port} ") for port in ports.values())


def test_the_configuration_is_that_of_the_tree(tmp_path: Path) -> None:
    """backends/gateway.yaml with the addresses of the run; it reads without a finding."""
    plan = Plan("127.0.0.1:7000", "127.0.0.1:7001", {"tokendealer": 7002, "dataservice": 7003, "legacy": 7004})
    made = configuration(plan)
    path = tmp_path / "gateway.yaml"
    path.write_text(yaml.safe_dump(made))
    settings = config_file.read(path, {})
    assert (settings.listen, settings.admin) == (plan.listen, plan.admin)
    assert [api.upstream for api in settings.apis] == [f"http://127.0.0.1:{port}" for port in (7002, 7003, 7004)]
    assert settings.issuers["runnerly"].issuer == "http://127.0.0.1:7000/auth"
    assert settings.issuers["runnerly"].jwks.startswith("http://127.0.0.1:7002/")
    assert all(Path(api.contract).is_file() for api in settings.apis)
    assert config_file.read(ROOT / module.CONFIG, {}).apis


def test_what_it_prints_works_and_nothing_is_left() -> None:
    """Each printed command does what its heading says; Ctrl-C ends everything with exit code 0."""
    command = [sys.executable, "-m", "gateway", "demo", "--ephemeral"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "grant_type" in line:
                    break
            text = "".join(lines)
            folder = Path(re.search(r"Access log +(\S+)", text)[1]).parent  # type: ignore[index]
            commands = re.findall(r"^  curl (.*)$", text, re.MULTILINE)
            token = re.search(r"TOKEN=(\S+)", text)[1]  # type: ignore[index]
            answers = [curl(arguments.replace("$TOKEN", token)) for arguments in commands]
            assert [answer.status_code for answer in answers] == [200, 401, 400, 200]
            assert answers[1].headers["WWW-Authenticate"].startswith("Bearer")
            assert {"/age", "/email", "/password"} <= {error["pointer"] for error in answers[2].json()["errors"]}
            assert requests.get(re.search(r"http\S+/docs", text)[0], timeout=10).ok  # type: ignore[index]
            assert requests.get(re.search(r"http\S+/metrics", text)[0], timeout=10).ok  # type: ignore[index]
            assert running(str(folder))
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not running(str(folder)) and not folder.exists()


def curl(arguments: str) -> requests.Response:
    """What the shell would do with these arguments of curl, as far as the demo uses them."""
    words = iter(shlex.split(arguments))
    headers, data, auth, url = {}, None, None, ""
    for word in words:
        match word:
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                data = next(words)
            case "-u":
                user, _, password = next(words).partition(":")
                auth = (user, password)
            case "-i":
                pass
            case _:
                url = word
    if data is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return requests.request("POST" if data else "GET", url, headers=headers, data=data, auth=auth, timeout=10)
