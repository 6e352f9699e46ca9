"""Round trips seen from another process."""

import sys
import time
from pathlib import Path

from benchmarks import ping, processes
from benchmarks.http import answers

SLOW = """
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0
    def do_GET(self):
        Handler.count += 1
        time.sleep(0.3 if Handler.count == 4 else 0)
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_the_longest_round_trip_is_found(tmp_path: Path) -> None:
    """One request of many is held up for 300 ms; that one is reported."""
    port = processes.free_port()
    with processes.running([sys.executable, "-c", SLOW, str(port)], 0, tmp_path / "log") as process:
        processes.wait_until(lambda: answers(port, "/"), process, tmp_path / "log")
        assert ping.longest(port, "/", 0, lambda: time.sleep(1)) >= 0.3
