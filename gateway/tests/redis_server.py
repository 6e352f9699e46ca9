"""A real Redis server for tests: on a free port, in a folder of its own, killed and started again at will."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import hiredis
import pytest

PROGRAM = shutil.which("redis-server")
PATIENCE = 20.0

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed")


class RedisServer:
    """Stopped at the end by whoever started it. `options` are those of its command line."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._password = ""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        """As the settings want it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        """Until it answers."""
        places = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder))
        memory_only = ("--save", "", "--appendonly", "no", "--daemonize", "no")
        command = [str(PROGRAM), *places, *memory_only, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                self.ask(b"PING")
                return self
            except OSError:
                assert self._process.poll() is None, "redis-server ended"
                time.sleep(0.02)
        raise AssertionError("redis-server does not answer")

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self, stopped: bool) -> None:
        """SIGSTOP, or SIGCONT: connections stay open, nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)

    def ask(self, *words: bytes) -> object:
        """One command on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(hiredis.pack_command(words))  # type: ignore[arg-type]
            reader = hiredis.Reader()
            while (reply := reader.gets()) is False:
                data = connection.recv(65536)
                if not data:
                    raise ConnectionError("closed")
                reader.feed(data)
            return reply
