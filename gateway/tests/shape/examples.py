"""The examples of a page: fenced blocks, and a shell that runs them.

A block whose first line is `# NAME.EXT` is a file. In a `console` block lines with `$ ` are commands, the others what
they print; `...` stands for anything, and any white space for any other. A command that ends in `&` goes on running;
the next one waits until it has printed what it should.
"""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

SECONDS = 60.0
MARK = "--- the command has ended ---"
_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.\w+)\n")


@dataclass(frozen=True)
class Block:
    """A fenced block. `line` is where its fence stands."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def file(self) -> str:
        """The name of the file that it is; "" when it is none."""
        found = _FILE.match(self.text)
        return found[1] if found else ""

    def commands(self) -> Iterator[tuple[str, str]]:
        """Each command with what it prints."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    text = page.read_text("utf-8")
    return [Block(page, text.count("\n", 0, m.start()) + 1, m[1], m[2]) for m in _FENCE.finditer(text)]


def as_expected(expected: str, printed: str) -> bool:
    """Whether a command printed what the page says."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in expected.strip().split("...")]
    return re.fullmatch(r"\s*" + r"\s*.*?\s*".join(parts) + r"\s*", printed, re.DOTALL) is not None


@dataclass
class Shell:
    """One bash in `folder`; what it started ends with it. `replace` maps text of the page to that of this run."""

    folder: Path
    replace: Mapping[str, str]
    _process: "subprocess.Popen[bytes]" = field(init=False)
    _started: int = 0

    def __enter__(self) -> "Shell":
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def adapted(self, text: str) -> str:
        """Text of the page as it has to be here."""
        for old, new in self.replace.items():
            text = text.replace(old, new)
        return text

    def run(self, command: str, expected: str) -> None:
        """Run a command. Raises AssertionError when it prints something else."""
        command, expected = self.adapted(command), self.adapted(expected)
        if command.endswith("&"):
            printed = self._start(command.removesuffix("&"), expected)
        else:
            self._write(f"{command}\necho; echo {MARK}")
            printed = self._read_to_mark()
        assert as_expected(expected, printed), f"$ {command}\nprinted\n{printed}\ninstead of\n{expected}"

    def _start(self, command: str, expected: str) -> str:
        """What a command that goes on running has printed as soon as it is as expected, or time is up."""
        self._started += 1
        log = self.folder / f"started-{self._started}.log"
        log.touch()
        self._write(f"{command} >{log} 2>&1 &")
        deadline = time.monotonic() + SECONDS
        while not as_expected(expected, log.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return log.read_text()

    def _read_to_mark(self) -> str:
        printed, deadline = "", time.monotonic() + SECONDS
        assert self._process.stdout is not None
        while MARK not in printed and time.monotonic() < deadline:
            if select.select([self._process.stdout], [], [], 0.2)[0]:
                printed += os.read(self._process.stdout.fileno(), 65536).decode()
        return printed.replace(MARK, "")

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode() + b"\n")
        self._process.stdin.flush()
