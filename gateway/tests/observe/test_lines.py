"""Lines in batches, and a sink that stands still."""

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.observe.lines import BATCH, DELAY, Batches, Writer, sink_of

LINE = b'{"id":"4bf92f"}\n'


class Clock:
    """A scheduler that fires when told to."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.cancelled = 0

    def __call__(self, delay: float, call: Callable[[], None]) -> "Clock":
        self.timers.append((delay, call))
        return self

    def cancel(self) -> None:
        """Forget the timer that waits."""
        self.cancelled += 1
        self.timers.pop()


class Sink:
    """Takes batches; says that `lost` lines were lost."""

    def __init__(self, lost: int = 0) -> None:
        self.batches: list[bytes] = []
        self.lost = lost

    def __call__(self, batch: bytes) -> int:
        self.batches.append(batch)
        return self.lost


def test_batches_wait_for_the_timer() -> None:
    """The first line starts the timer, the others join, the timer hands on, and the next line starts it anew."""
    sink, clock = Sink(), Clock()
    log = Batches(sink, clock)
    for _ in range(3):
        log.add(LINE)
    assert [delay for delay, _ in clock.timers] == [DELAY]
    assert sink.batches == []
    clock.timers[0][1]()
    assert [batch.count(b"\n") for batch in sink.batches] == [3]
    log.add(LINE)
    assert len(clock.timers) == 1


def test_a_full_batch_does_not_wait() -> None:
    """A batch that is large enough goes at once, and its timer is cancelled."""
    sink, clock = Sink(), Clock()
    log = Batches(sink, clock)
    while not sink.batches:
        log.add(LINE)
    assert BATCH <= len(sink.batches[0]) < BATCH + 1000
    assert (clock.cancelled, clock.timers) == (1, [])


def test_nothing_to_flush() -> None:
    """An empty batch is not written."""
    sink = Sink()
    Batches(sink, Clock()).flush()
    assert sink.batches == []


def test_lost_lines_are_told() -> None:
    """What the writer lost is passed on to the metrics."""
    told: list[int] = []
    log = Batches(Sink(lost=3), Clock(), told.append)
    log.add(LINE)
    log.flush()
    assert told == [3]


def test_the_scheduler_of_asyncio(tmp_path: Path) -> None:
    """With a real loop and a real file a line arrives by itself."""

    async def scenario() -> None:
        writer = Writer(sink_of(str(tmp_path / "access.log")))
        log = Batches(writer.write, asyncio.get_running_loop().call_later)
        log.add(LINE)
        while not (tmp_path / "access.log").read_bytes():
            await asyncio.sleep(0.01)
        writer.close()

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert (tmp_path / "access.log").read_bytes() == LINE


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    """A restart keeps the old lines; others may not read them."""
    path = tmp_path / "access.log"
    for text in (b"one\n", b"two\n"):
        writer = Writer(sink_of(str(path)))
        assert writer.write(text) == 0
        writer.close()
    assert path.read_bytes() == b"one\ntwo\n"
    assert path.stat().st_mode & 0o007 == 0


def test_rotation(tmp_path: Path) -> None:
    """After `reopen` lines go into a new file of the same name; nothing is lost."""
    path = tmp_path / "access.log"
    writer = Writer(sink_of(str(path)))
    writer.write(b"one\n")
    while not path.read_bytes():
        pass
    path.rename(tmp_path / "access.log.1")
    writer.reopen()
    writer.write(b"two\n")
    writer.close()
    assert (tmp_path / "access.log.1").read_bytes() == b"one\n"
    assert path.read_bytes() == b"two\n"


def test_rotation_that_fails_keeps_the_old_file(tmp_path: Path) -> None:
    """A line in the wrong file beats no line."""
    folder = tmp_path / "logs"
    folder.mkdir()
    writer = Writer(sink_of(str(folder / "access.log")))
    folder.rename(tmp_path / "moved")
    writer.reopen()
    writer.write(b"one\n")
    writer.close()
    assert (tmp_path / "moved/access.log").read_bytes() == b"one\n"


def test_a_sink_that_cannot_be_opened(tmp_path: Path) -> None:
    """The caller learns it at once."""
    with pytest.raises(OSError):
        Writer(sink_of(str(tmp_path / "no/access.log")))


def test_a_reader_that_stands_still() -> None:
    """The writer never blocks: it takes a bounded number of bytes, counts what it refused, and then goes on."""
    read, write = os.pipe()
    writer = Writer(lambda: os.dup(write), waiting=200_000)
    batch = b"x" * 999 + b"\n"
    lost = sum(writer.write(batch) for _ in range(1000))
    assert lost > 700  # neither the pipe nor the queue holds a megabyte
    received: list[bytes] = []
    os.close(write)
    reader = threading.Thread(target=lambda: received.extend(iter(lambda: os.read(read, 65536), b"")))
    reader.start()
    writer.close(10)
    reader.join(10)
    os.close(read)
    assert b"".join(received) == batch * (1000 - lost)


def test_a_reader_that_left() -> None:
    """Lines for a closed pipe are counted as lost when the next batch comes."""
    read, write = os.pipe()
    writer = Writer(lambda: write)
    os.close(read)
    assert writer.write(b"one\ntwo\n") == 0
    writer.close()
    assert writer.write(b"late\n") == 3


def test_written_batches_make_room(tmp_path: Path) -> None:
    """The bound is on what waits, not on what was ever written."""
    path = tmp_path / "access.log"
    writer = Writer(sink_of(str(path)), waiting=100)
    for _ in range(5):
        taken = (writer.write(b"x" * 79 + b"\n") == 0 or time.sleep(0.01) for _ in range(500))
        assert any(taken), "what is written already still counts"
    writer.close()
    assert path.stat().st_size == 400


def test_lines_of_several_processes_do_not_mix() -> None:
    """Batches of many workers on one pipe keep their lines whole."""
    read, write = os.pipe()
    children = []
    for worker in range(4):
        if (pid := os.fork()) == 0:
            writer = Writer(lambda: write)
            writer.write(b"".join(b"%d" % worker * 150 + b"\n" for _ in range(2000)))
            writer.close(30)
            os._exit(0)
        children.append(pid)
    os.close(write)
    received = b"".join(iter(lambda: os.read(read, 65536), b""))
    os.close(read)
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0
    lines = received.decode().splitlines()
    assert len(lines) == 8000
    assert all(re.fullmatch(r"(\d)\1{149}", text) for text in lines)


def test_after_close_lines_are_lost_and_counted(tmp_path: Path) -> None:
    """A late line is no crash."""
    writer = Writer(sink_of(str(tmp_path / "access.log")))
    writer.close()
    assert writer.write(b"late\n") == 1


def test_stdout_is_left_open(capfd: pytest.CaptureFixture[str]) -> None:
    """Closing the log closes a copy of standard output, not standard output."""
    writer = Writer(lambda: os.dup(1))
    writer.write(b"one\n")
    writer.close()
    os.write(1, b"two\n")
    assert capfd.readouterr().out == "one\ntwo\n"


def test_without_a_standard_output_lines_go_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Least of all to whatever has descriptor 1 by now."""
    monkeypatch.setattr("sys.__stdout__", None)
    sink = sink_of("stdout")()
    try:
        assert os.readlink(f"/proc/self/fd/{sink}") == os.devnull
    finally:
        os.close(sink)
