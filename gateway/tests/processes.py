"""The gateway as a process, and a backend in threads, for tests of what users run."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from gateway.tests.harness import DOCUMENT, OK
from gateway.tests.leaks import leaks, referred

PATIENCE = 20.0


class Backend:
    """A threaded backend of raw bytes; answers every request with `reply` after `delay` seconds."""

    def __init__(self, reply=OK, delay=0.0):
        self.reply = reply
        self.delay = delay
        self.count = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while connection.recv(65536):
                self.count += 1
                time.sleep(self.delay)
                connection.sendall(self.reply)

    def close(self):
        self._socket.close()


class Process:
    """`gateway run` in a folder of its own."""

    def __init__(
        self, folder: Path, backend: Backend, *arguments: str, document: str = DOCUMENT, more: str = "", api: str = ""
    ):
        self.document = folder / "api.yaml"
        self.document.write_text(document)
        self.config = folder / "gateway.yaml"
        self.access = folder / "access.log"
        self.config.write_text(
            f"listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nlog: {{access: {self.access}}}\n{more}\n"
            f"apis: [{{contract: api.yaml, upstream: 'http://127.0.0.1:{backend.port}', {api}}}]\n"
        )
        self.errors, self.output = folder / "stderr", folder / "stdout"
        with self.errors.open("wb") as errors, self.output.open("wb") as output:
            command = [sys.executable, "-m", "gateway", "run", "--config", str(self.config), *arguments]
            self.process = subprocess.Popen(command, stderr=errors, stdout=output)
        self.url, self.admin = self._announced()

    def _announced(self):
        line = self.wait_for("gateway listening on ")
        public, admin = line.removeprefix("gateway listening on ").split(", admin on ")
        return public, admin

    def wait_for(self, text):
        """The first line on stderr that holds `text`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.errors.read_text().splitlines():
                if text in line:
                    return line
            assert self.process.poll() is None, self.errors.read_text()
            time.sleep(0.02)
        raise AssertionError(f"{text!r} not in {self.errors.read_text()}")

    def ready(self):
        """What /ready says."""
        return requests.get(f"{self.admin}/ready", timeout=5).json()

    def until(self, condition):
        """Poll /ready until `condition` holds of it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            state = self.ready()
            if condition(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f"still {state}; {self.errors.read_text()}")

    def metric(self, start):
        """The sum of the samples whose line starts so."""
        text = requests.get(f"{self.admin}/metrics", timeout=5).text
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(start))

    def leaked(self):
        """The secrets of its settings that it wrote somewhere."""
        places = (self.errors, self.output, self.access)
        written = b"".join(place.read_bytes() for place in places if place.exists())
        return leaks(written, referred(self.config))

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)
