"""Bytes of files; those of URLs are read in test_load and test_lock."""

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gateway.contract.reading import TooLarge, fetch_url, read_file


def test_at_most_the_limit(tmp_path: Path) -> None:
    """A file of the limit is read, a larger one is not."""
    (tmp_path / "x").write_bytes(b"12345")
    assert read_file(str(tmp_path / "x"), 5) == b"12345"
    with pytest.raises(TooLarge):
        read_file(str(tmp_path / "x"), 4)


def test_the_body_of_a_redirect_is_not_read() -> None:
    """However long it is: whoever would send it for ever is left at once."""

    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(b"x" * 65536)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Endless) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(OSError, match="status 302"):
            fetch_url(f"http://127.0.0.1:{server.server_port}/a.yaml", 100)
        thread.join()
