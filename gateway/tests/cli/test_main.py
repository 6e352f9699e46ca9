"""The console entry point in real processes: exit codes, and never a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway import __version__, cli

COMMAND = [sys.executable, "-m", "gateway"]
DOCUMENTS = 'openapi: 3.0.3\ninfo: {title: T, version: "1"}\nservers: [{url: "http://h/"}]\npaths: {%s}\n'


def gateway(*args: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """A run of the command, at most half a minute."""
    env = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])}
    return subprocess.run([*COMMAND, *args], capture_output=True, text=True, timeout=30, cwd=cwd, env=env, check=False)


def test_version() -> None:
    """One line."""
    result = gateway("--version")
    assert (result.returncode, result.stdout) == (0, f"gateway {__version__}\n")


@pytest.mark.parametrize(
    ("args", "code"),
    [([], 2), (["frob"], 2), (["run", "--frob"], 2), (["check", "nope.yaml"], 2), (["routes"], 2), (["--help"], 0)],
)
def test_exit_codes(args: list[str], code: int, tmp_path: Path) -> None:
    """Bad usage and unreadable input are 2; nothing ends in a traceback."""
    result = gateway(*args, cwd=tmp_path)
    assert result.returncode == code
    assert "Traceback" not in result.stdout + result.stderr


def test_help_lists_all_commands() -> None:
    """Each with what it is for, although none is imported before it is chosen."""
    result = gateway("--help")
    listed = [line.split(maxsplit=1) for line in result.stdout.partition("Commands:\n")[2].splitlines()]
    assert [name for name, _ in listed] == sorted(cli.COMMANDS)
    assert all(len(text) > 20 for _, text in listed)
    loaded = subprocess.run(
        [sys.executable, "-c", "import gateway.cli, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {f"gateway.cli.{name}" for name in cli.COMMANDS}.isdisjoint(loaded)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_help_has_an_example(name: str) -> None:
    """`--help` shows how the command is used."""
    result = CliRunner().invoke(cli.cli, [name, "--help"])
    assert "Example" in result.output
    assert f"gateway {name}" in result.output.split("Example")[1]


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    """`gateway check | head -1` is quiet."""
    paths = ", ".join(
        f"/p{n}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}" for n in range(3000)
    )  # a warning for each
    (tmp_path / "many.yaml").write_text(DOCUMENTS % paths)
    env = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])}
    process = subprocess.Popen(
        [*COMMAND, "check", "--all", "many.yaml"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=env
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"many.yaml:4:")
    process.stdout.close()
    assert process.wait(30) == 1
    assert process.stderr.read() == b""
    process.stderr.close()


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is exit code 130, without a word."""

    @click.command()
    def wait() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setitem(cli.cli.commands, "wait", wait)
    with pytest.raises(SystemExit) as ended:
        cli.main(["wait"])
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == ""


def test_what_nobody_foresaw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A defect is two lines that say where, exit code 70."""

    @click.command()
    def crash() -> None:
        raise KeyError("spam")

    monkeypatch.setitem(cli.cli.commands, "crash", crash)
    with pytest.raises(SystemExit) as ended:
        cli.main(["crash"])
    assert ended.value.code == 70
    error = capsys.readouterr().err
    assert error.startswith("gateway: KeyError at test_main.py:")
    assert "report" in error
    assert "Traceback" not in error
