"""Pages of other origins in a real browser, asking a gateway."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the browser test needs selenium")
from selenium import webdriver

from gateway.tests.processes import Backend, Process
from gateway.tests.server.test_docs_in_browser import CHROMIUM, DRIVER, browser, log

__all__ = ("browser",)

pytestmark = [pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed")]

REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\nX-Rank: 7\r\nX-Hidden: 8\r\n"
    b'Access-Control-Allow-Origin: *\r\n\r\n{"id":1}'
)
ASK = """
const [url, options, done] = arguments;
fetch(url, options).then(
  async answer => done({
    status: answer.status, rank: answer.headers.get("x-rank"), hidden: answer.headers.get("x-hidden"),
    id: answer.headers.get("x-request-id"), body: await answer.text()}),
  error => done({error: String(error)}));
"""


class _Blank(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *arguments: object) -> None: ...


@contextlib.contextmanager
def site() -> Iterator[str]:
    """The origin of a web site with empty pages."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def ask(browser: webdriver.Chrome, url: str, **options: Any) -> dict[str, Any]:
    """What `fetch` gives the page that is open."""
    answer: dict[str, Any] = browser.execute_async_script(ASK, url, options)  # type: ignore[no-untyped-call]
    return answer


def preflights(browser: webdriver.Chrome) -> int:
    """How many questions the browser has asked since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
    return sum(
        message["method"] == "Network.requestWillBeSent" and message["params"]["request"]["method"] == "OPTIONS"
        for message in messages
    )


PUT = {"method": "PUT", "headers": {"Content-Type": "application/json"}, "body": '{"id": 1}'}


def test_pages_ask_and_the_browser_obeys(tmp_path: Path, browser: webdriver.Chrome) -> None:
    """Allowed, refused, with credentials, asked before, exposed or not, and refusals that can be read."""
    with site() as ours, site() as theirs:
        backend = Backend(REPLY)
        cors = f"cors: {{origins: ['{ours}'], credentials: true, headers: X-Own}}"
        gateway = Process(tmp_path, backend, more="validate: {response: 'off'}", api=cors)
        try:
            thing = f"{gateway.url}/v1/things/1"
            browser.get(f"{ours}/")
            browser.add_cookie({"name": "visit", "value": "1"})  # cookies do not tell ports apart
            preflights(browser)
            answer = ask(browser, thing, credentials="include")
            assert (answer["status"], answer["body"], answer["rank"], answer["hidden"]) == (200, '{"id":1}', "7", None)
            assert answer["id"] and preflights(browser) == 0
            assert ask(browser, thing, credentials="include", **PUT)["status"] == 200
            assert preflights(browser) >= 1
            assert ask(browser, thing, headers={"X-Own": "1"})["status"] == 200
            asked = backend.count
            assert "error" in ask(browser, thing, headers={"X-Other": "1"})
            assert "error" in ask(browser, thing, method="PATCH")
            assert backend.count == asked
            refused = ask(browser, f"{gateway.url}/v1/things/0")
            assert refused["status"] == 400 and json.loads(refused["body"])["errors"]
            browser.get(f"{theirs}/")
            asked = backend.count
            assert "error" in ask(browser, thing, **PUT) and backend.count == asked
            assert "error" in ask(browser, thing)
        finally:
            gateway.stop()
            backend.close()
