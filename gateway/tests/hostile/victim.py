"""A gateway under attack: what it uses, and whether others are still answered."""

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

from gateway.tests.hostile import usage
from gateway.tests.processes import Process

PATIENCE = 20.0  # seconds that a good request may take meanwhile, on a machine that does other things too
ANSWER = 60.0
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
GOOD = b"GET /v1/things HTTP/1.1\r\nHost: a\r\n\r\n"


class Victim:
    """A running gateway with one worker, and somebody who asks it for something good all the time."""

    def __init__(self, process: Process) -> None:
        self.port = urlsplit(process.url).port
        assert self.status(GOOD) == 200
        self.pids = usage.family(process.process.pid)
        self.slowest = 0.0
        self.failures: list[str] = []
        self._stopped = threading.Event()
        self._asker = threading.Thread(target=self._keep_asking)
        self._asker.start()

    def _keep_asking(self) -> None:
        while not self._stopped.wait(0.02):
            begun = time.monotonic()
            try:
                with self.connect(PATIENCE) as sock:
                    sock.sendall(GOOD)
                    answer = sock.recv(65536)
            except OSError as error:
                answer = repr(error).encode()
            if not answer.startswith(b"HTTP/1.1 200"):
                self.failures.append(answer.decode("latin-1"))
            self.slowest = max(self.slowest, time.monotonic() - begun)

    def connect(self, patience: float = ANSWER) -> socket.socket:
        """A raw connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=patience)

    def status(self, data: bytes) -> int:
        """The status of the answer to raw bytes; 0 without one."""
        with self.connect() as sock:
            with contextlib.suppress(OSError):  # it was refused before it was there
                sock.sendall(data)
            answer = b""
            while b"\r\n" not in answer:
                piece = sock.recv(65536)
                if not piece:
                    return 0
                answer += piece
        return int(answer[9:12])

    def stop(self) -> None:
        """No further questions."""
        self._stopped.set()
        self._asker.join()
