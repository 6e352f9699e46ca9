"""What references fetch is what the lock says."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gateway.config import References
from gateway.contract.findings import LoadError
from gateway.contract.load import load
from gateway.contract.lock import Entry, entry, parse, recorder, text


class Site:
    """A server on the loopback: what it answers, and how often it was asked."""

    def __init__(self) -> None:
        self.files = {"/a.yaml": b"A: {$ref: 'b.yaml'}\n", "/b.yaml": b"type: string\n"}
        self.asked = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                body = site.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("content-length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    """Two files, one refers to the other."""
    site = Site()
    yield site
    site.close()


@pytest.fixture
def references(site: Site, tmp_path: Path) -> References:
    """Settings with a lock that fits."""
    schema = f"{{$ref: '{site.url}/a.yaml#/A'}}"
    responses = f"{{'200': {{description: '', content: {{application/json: {{schema: {schema}}}}}}}}}"
    root = f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{/a: {{get: {{responses: {responses}}}}}}}\n"
    (tmp_path / "api.yaml").write_text(root)
    references = References(
        remote=(site.url,), lock=str(tmp_path / "openapi.lock"), cache=str(tmp_path / "cache" / "gateway")
    )
    seen: dict[str, Entry] = {}
    load(str(tmp_path / "api.yaml"), references, fetch=recorder(seen))
    Path(references.lock).write_text(text(seen))
    site.asked = 0
    return references


def rules(tmp_path: Path, references: References) -> list[tuple[str, str]]:
    with pytest.raises(LoadError) as caught:
        load(str(tmp_path / "api.yaml"), references)
    return [(finding.rule, finding.where.file.rpartition("/")[2]) for finding in caught.value.findings]


def test_the_first_load_fetches_and_the_next_does_not(site: Site, references: References, tmp_path: Path) -> None:
    """With the server gone the cache is enough, and the contract the same."""
    first = load(str(tmp_path / "api.yaml"), references)
    assert site.asked == 2
    site.close()
    again = load(str(tmp_path / "api.yaml"), references)
    assert again.digest == first.digest
    assert list(again.files) == [str(tmp_path / "api.yaml"), f"{site.url}/a.yaml", f"{site.url}/b.yaml"]


def test_without_cache_and_server_it_cannot_be_read(site: Site, references: References, tmp_path: Path) -> None:
    """A finding where the reference stands."""
    site.close()
    assert rules(tmp_path, references) == [("document-unreadable", "api.yaml")]


@pytest.mark.parametrize("name", ["a.yaml", "b.yaml"])
def test_changed_content_is_refused(site: Site, references: References, tmp_path: Path, name: str) -> None:
    """At the reference to it, with what to do."""
    site.files[f"/{name}"] += b"# changed\n"
    where = {"a.yaml": "api.yaml", "b.yaml": "a.yaml"}[name]
    assert rules(tmp_path, references) == [("reference-changed", where)]
    with pytest.raises(LoadError, match="gateway check --update-lock"):
        load(str(tmp_path / "api.yaml"), references)


def test_what_is_not_in_the_lock_is_not_fetched(site: Site, references: References, tmp_path: Path) -> None:
    """Nobody is asked for it."""
    lock = json.loads(Path(references.lock).read_text())
    del lock["files"][f"{site.url}/a.yaml"]
    Path(references.lock).write_text(json.dumps(lock))
    assert rules(tmp_path, references) == [("reference-unlocked", "api.yaml")]
    assert site.asked == 0


def test_spoilt_cached_content_is_fetched_again(site: Site, references: References, tmp_path: Path) -> None:
    """The cache is believed only when its content has the digest of the lock."""
    load(str(tmp_path / "api.yaml"), references)
    for file in Path(references.cache).iterdir():
        file.write_bytes(file.read_bytes()[:-1] + b"!")
    load(str(tmp_path / "api.yaml"), references)
    assert site.asked == 4


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"version": 2, "files": {}}', b'{"version": 1, "files": {"u": {}}}', b"\xff"]
)
def test_what_is_no_lock(references: References, tmp_path: Path, content: bytes) -> None:
    """It locks nothing, so nothing is fetched."""
    with pytest.raises(ValueError):
        parse(content)
    Path(references.lock).write_bytes(content)
    assert rules(tmp_path, references) == [("reference-unlocked", "api.yaml")]


def test_a_lock_is_written_as_it_is_read() -> None:
    """Sorted, so that a change of one file is a change of a few lines."""
    lock = {"https://b.example/": entry(b"b"), "https://a.example/": entry(b"a")}
    assert parse(text(lock).encode()) == lock
    assert text(lock).index("a.example") < text(lock).index("b.example")
