"""A token endpoint to test against: an HTTP server in threads that says what it is told to."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

Answer = tuple[int, Any]  # status; what becomes JSON, or bytes as they are


class TokenServer:
    """`answer` makes of a form what is said; `forms` and `credentials` are what was asked, and as whom."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/token"
        self.forms: list[dict[str, str]] = []
        self.credentials: list[str] = []
        self.answer: Callable[[dict[str, str]], Answer] = self.numbered
        self.gate = threading.Event()  # nothing is said before it is set
        self.gate.set()

    def numbered(self, form: dict[str, str]) -> Answer:
        """A token with a number, good for an hour."""
        return 200, {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer", "expires_in": 3600}


@contextlib.contextmanager
def token_server() -> Iterator[TokenServer]:
    """One that runs on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body, strict_parsing=True))
            server.forms.append(form)
            server.credentials.append(self.headers.get("Authorization", ""))
            server.gate.wait(30)
            status, said = server.answer(form)
            data = said if isinstance(said, bytes) else json.dumps(said).encode()
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                if status in (301, 302, 307, 308):
                    self.send_header("Location", server.url)
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        request_queue_size = 256

    listener = Listener(("127.0.0.1", 0), Handler)
    server = TokenServer(listener.server_port)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
