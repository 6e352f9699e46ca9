"""Programs are started, watched and stopped together."""

import os
import socket
import sys
import textwrap
import time
from pathlib import Path

import pytest

from gateway.cli import processes
from gateway.cli.processes import Program, ProgramFailed, Programs, free_ports, taken


def web(name: str, port: int) -> Program:
    """A program that answers HTTP."""
    arguments = ("-m", "http.server", str(port), "--bind", "127.0.0.1")
    return Program(name, arguments, f"http://127.0.0.1:{port}/")


def script(name: str, code: str, port: int) -> Program:
    return Program(name, ("-c", textwrap.dedent(code)), f"http://127.0.0.1:{port}/")


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_all_answer_and_all_are_stopped(folder: Path) -> None:
    """`wait_until_ready` returns when every program answers; afterwards their ports are free again."""
    ports = free_ports(2)
    with Programs(folder, folder) as programs:
        for number, port in enumerate(ports):
            programs.start(web(f"web{number}", port))
        assert programs.wait_until_ready(lambda: True)
        assert all(taken(("127.0.0.1", port)) for port in ports)
    assert not any(taken(("127.0.0.1", port)) for port in ports)


def test_a_program_that_dies_shows_its_last_lines(folder: Path) -> None:
    """The message holds name, exit code and the end of what it printed; the others are stopped."""
    first, second = free_ports(2)
    with pytest.raises(ProgramFailed) as failure, Programs(folder, folder) as programs:
        programs.start(web("web", first))
        programs.start(script("broken", "print('no database'); raise SystemExit(3)", second))
        programs.wait_until_ready(lambda: True)
    assert "broken ended with code 3" in str(failure.value)
    assert "no database" in str(failure.value)
    assert not taken(("127.0.0.1", first))


def test_a_program_that_never_answers_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the deadline the message says who does not answer, and where."""
    monkeypatch.setattr(processes, "START_SECONDS", 0.5)
    (port,) = free_ports(1)
    with pytest.raises(ProgramFailed, match=f"mute does not answer at http://127.0.0.1:{port}/"):  # noqa: SIM117
        with Programs(folder, folder) as programs:
            programs.start(script("mute", "import time; time.sleep(60)", port))
            programs.wait_until_ready(lambda: True)


def test_waiting_ends_when_nobody_wants_it(folder: Path) -> None:
    """A stop request while programs start is heeded."""
    (port,) = free_ports(1)
    with Programs(folder, folder) as programs:
        programs.start(script("mute", "import time; time.sleep(60)", port))
        assert not programs.wait_until_ready(lambda: False)


def test_no_orphans(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ignores SIGTERM is killed, and so are the programs that it started itself."""
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.5)
    (port,) = free_ports(1)
    code = f"""
        import signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        open({str(folder / "pid.new")!r}, "w").write(str(child.pid))
        import os; os.rename({str(folder / "pid.new")!r}, {str(folder / "pid")!r})
        time.sleep(60)
    """
    with Programs(folder, folder) as programs:
        programs.start(script("stubborn", code, port))
        while not (folder / "pid").exists():
            time.sleep(0.01)
        child = int((folder / "pid").read_text())
        assert alive(child)
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:  # the kernel ends it in its own time
        time.sleep(0.01)
    assert not alive(child)


def test_strict_readiness_means_200(folder: Path) -> None:
    """A strict program is ready at 200 only, any other as soon as it answers without failing."""
    (port,) = free_ports(1)
    absent = f"http://127.0.0.1:{port}/absent"
    lenient = Program("web", web("web", port).arguments, absent)
    with Programs(folder, folder) as programs:
        programs.start(lenient)
        assert programs.wait_until_ready(lambda: True)
        rounds = iter([True, True, True, False])
        programs.start(Program("same", ("-c", "import time; time.sleep(60)"), absent, strict=True))
        assert not programs.wait_until_ready(lambda: next(rounds))


def test_taken() -> None:
    """A port is taken while somebody listens, and an address that is not ours cannot be had."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()[:2]
        assert taken(address)
    assert not taken(address)
    assert taken(("192.0.2.1", 80))


def test_the_programs_run_this_python(folder: Path) -> None:
    """The virtual environment of the command is that of the programs."""
    (port,) = free_ports(1)
    with pytest.raises(ProgramFailed, match=os.path.basename(sys.prefix)), Programs(folder, folder) as programs:
        programs.start(script("prefix", "import sys; raise SystemExit(sys.prefix)", port))
        programs.wait_until_ready(lambda: True)
