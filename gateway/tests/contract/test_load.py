"""Reading all files of a contract."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.config import References
from gateway.contract.findings import LoadError
from gateway.contract.load import load
from gateway.contract.reading import MAX_BYTES, fetch_url
from gateway.tests.contract.sources import FOLDER, in_use, openapi, source_of, swagger

REF = "$ref"


def flaws(root: Any, **files: Any) -> list[tuple[str, str]]:
    """(rule, pointer) of each finding of a document that must not load."""
    with pytest.raises(LoadError) as caught:
        source_of(in_use(root), **files)
    return [(finding.rule, finding.where.pointer) for finding in caught.value.findings]


def schemas(**named: Any) -> dict[str, Any]:
    return openapi(components={"schemas": named})


def test_a_document_and_what_it_refers_to() -> None:
    """Files are read once each, the root first, and named as the user named the root."""
    source = source_of(
        schemas(A={REF: "common.yaml#/A"}, B={REF: "common.yaml#/A/properties/b"}),
        common_yaml={
            "A": {"properties": {"b": {REF: "#/C"}, "root": {REF: "api.yaml#/components/schemas/A"}}},
            "C": {},
        },
    )
    assert list(source.files) == [FOLDER + "api.yaml", FOLDER + "common.yaml"]
    assert source.dialect == "3.0"
    assert source.resolve(source.uri, "", "common.yaml#/A/properties/b")[1] == "/A/properties/b"
    assert source.follow(source.uri, "", {REF: "#/components/schemas/B"}) == (FOLDER + "common.yaml", "/C", {})
    assert source.locate(FOLDER + "common.yaml", "/C").file == FOLDER + "common.yaml"


@pytest.mark.parametrize(
    ("root", "dialect"),
    [(swagger(), "2.0"), (openapi(), "3.0"), (openapi("3.1.0"), "3.1"), ('{"openapi": "3.1.1"}', "3.1")],
)
def test_dialects(root: Any, dialect: str) -> None:
    """JSON or YAML, each version is told."""
    assert source_of(root).dialect == dialect


def test_the_digest_is_that_of_all_bytes() -> None:
    """A changed byte in any file changes it; reading again does not."""
    root = schemas(A={REF: "a.yaml"})
    digests = [source_of(root, a_yaml=text).digest for text in ("type: string", "type: string", "type: string ")]
    assert digests[0] == digests[1] != digests[2]


def test_places_are_those_of_the_text() -> None:
    """A finding can name line and column of any node of any file, or of the nearest parent."""
    source = source_of("openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n")
    place = source.locate(source.uri, "/paths/~1a/get")
    assert (place.line, place.column, place.pointer) == (4, 5, "/paths/~1a/get")
    assert source.locate(source.uri, "/paths/~1a/get/responses").line == 4


def test_all_reference_flaws_at_once() -> None:
    """Each dangling, escaping, remote or malformed `$ref` is a finding where it is written."""
    found = flaws(
        openapi(
            paths={
                "/a": {REF: "#/paths/~1nope"},
                "/b": {"get": {"parameters": [{REF: "#/components/parameters/P"}]}},
                "/c": {"get": {"responses": {"200": {REF: "#/components/responses/R"}, "x-note": {REF: "#/nope"}}}},
            },
            components={
                "schemas": {
                    "A": {REF: "#/components/schemas/Nope"},
                    "B": {"properties": {"b": {"items": {REF: "nope.yaml#/X"}}}},
                    "C": {REF: "../secret.yaml"},
                    "D": {REF: "/etc/passwd"},
                    "E": {REF: "https://a.example/x.yaml"},
                    "F": {REF: 5},
                    "G": {REF: "#/info/title"},
                    "H": {"oneOf": [], "discriminator": {"propertyName": "k", "mapping": {"v": "#/nope"}}},
                }
            },
        )
    )
    base = "/components/schemas/"
    assert sorted(found) == [
        ("document-unreadable", base + "B/properties/b/items/$ref"),
        ("reference-dangling", base + "A/$ref"),
        ("reference-dangling", base + "H/discriminator/mapping/v"),
        ("reference-dangling", "/paths/~1a/$ref"),
        ("reference-dangling", "/paths/~1b/get/parameters/0/$ref"),
        ("reference-dangling", "/paths/~1c/get/responses/200/$ref"),
        ("reference-invalid", base + "F/$ref"),
        ("reference-invalid", base + "G/$ref"),
        ("reference-outside", base + "C/$ref"),
        ("reference-outside", base + "D/$ref"),
        ("reference-remote", base + "E/$ref"),
    ]


def test_data_and_names_are_no_references() -> None:
    """`$ref` in an example, in `enum` and as the name of a property means nothing."""
    source_of(
        schemas(
            A={
                "properties": {REF: {"type": "string"}, "default": {"type": "object", "default": {REF: "#/nope"}}},
                "example": {REF: "#/nope"},
                "enum": [{REF: "#/nope"}],
            }
        )
    )


def test_siblings_of_a_reference_count_in_3_1_only() -> None:
    """What 3.0 ignores is not searched for references."""
    siblings = {"A": {REF: "#/components/schemas/B", "properties": {"x": {REF: "#/nope"}}}, "B": {}}
    source_of(openapi(components={"schemas": siblings}))
    assert flaws(openapi("3.1.0", components={"schemas": siblings})) == [
        ("reference-dangling", "/components/schemas/A/properties/x/$ref")
    ]


def test_loops_of_references() -> None:
    """A `$ref` to itself, a circle, and whatever leads into one are findings."""
    base = "/components/schemas/"
    found = flaws(
        schemas(
            A={REF: f"#{base}A"},
            B={REF: f"#{base}C"},
            C={REF: "loop.yaml#/D"},
            E={REF: f"#{base}B"},
            F={"type": "object", "properties": {"f": {REF: f"#{base}F"}}},
        ),
        loop_yaml={"D": {REF: f"api.yaml#{base}B"}},
    )
    assert [each for each in found if each[1].startswith((base, "/D"))] == [
        *(("reference-loop", f"{base}{name}/$ref") for name in "ABCE"),
        ("reference-loop", "/D/$ref"),
    ]


def test_recursive_schemas_are_fine() -> None:
    """Through properties, items and across files."""
    source_of(
        schemas(
            Tree={
                "type": "object",
                "properties": {"kids": {"type": "array", "items": {REF: "#/components/schemas/Tree"}}},
            },
            List={REF: "list.yaml"},
        ),
        list_yaml={
            "type": "object",
            "properties": {"next": {REF: "#"}, "tree": {REF: "api.yaml#/components/schemas/Tree"}},
        },
    )


def test_flaws_inside_other_files() -> None:
    """They are found in the file that has them, once, and do not hide those of the root."""
    found = flaws(schemas(A={REF: "bad.yaml#/A"}, B={REF: "bad.yaml#/B"}, C={REF: "#/nope"}), bad_yaml="A: 1\nA: 2\n")
    assert sorted(found) == [("duplicate-key", "/A"), ("reference-dangling", "/components/schemas/C/$ref")]


def test_duplicate_keys_name_both_lines() -> None:
    """The message names the first, the place is the second."""
    with pytest.raises(LoadError) as caught:
        source_of("openapi: 3.0.3\npaths: {}\ninfo: {}\npaths: {}\n")
    [finding] = caught.value.findings
    assert (finding.where.line, finding.rule) == (4, "duplicate-key")
    assert "`paths`" in finding.message
    assert "line 2" in finding.message


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (b"", "document-empty", 1),
        (b"openapi: 3.0.3\ninfo: \xff", "document-encoding", 2),
        ("openapi: 3.0.3\npaths: [\n", "document-syntax", 3),
        ("openapi: 3.0.3\n---\nopenapi: 3.0.3\n", "document-syntax", 2),
        ("info: {}\nopenapi: 4.0.0\n", "document-version", 2),
        ("info: {}\nopenapi: 3.0\n", "document-version", 2),
        ("- openapi", "document-version", 1),
        ("just words", "document-version", 1),
        ("paths: {}", "document-version", 1),
    ],
)
def test_documents_that_are_none(text: bytes | str, rule: str, line: int) -> None:
    """One finding each, with a line and something to do."""
    with pytest.raises(LoadError) as caught:
        source_of(text)
    [finding] = caught.value.findings
    assert (finding.rule, finding.where.line) == (rule, line)


def test_remote_files_come_from_allowed_places_only() -> None:
    """What a remote file refers to is remote too and asked for again."""
    root = in_use(schemas(A={REF: "https://a.example/specs/a.yaml"}))
    allowed = References(remote=("https://a.example/specs/",))
    source = source_of(root, allowed, a_yaml={REF: "b.yaml"}, b_yaml={"type": "string"})
    assert list(source.files)[1:] == ["https://a.example/specs/a.yaml", "https://a.example/specs/b.yaml"]
    with pytest.raises(LoadError, match="network"):
        source_of(root, allowed, a_yaml={REF: "../b.yaml"}, b_yaml={"type": "string"})


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe, a device: a finding each, at once and without a traceback."""
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "missing.yaml", tmp_path, tmp_path / "pipe.yaml", "/dev/zero", "a\0b", ""):
        with pytest.raises(LoadError) as caught:
            load(str(path))
        assert [finding.rule for finding in caught.value.findings] == ["document-unreadable"]


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    """Nothing of it is read."""
    with open(tmp_path / "huge.yaml", "wb") as file:
        file.truncate(100_000_000_000)
    with pytest.raises(LoadError, match="64 MiB"):
        load(str(tmp_path / "huge.yaml"))


def test_a_file_that_grows_is_refused_too() -> None:
    """Whoever reads may hand over one byte more than the limit, no document is made of it."""
    with pytest.raises(LoadError, match="64 MiB"):
        load("api.yaml", read=lambda path, limit: bytes(limit + 1))
    assert MAX_BYTES == 64 << 20


class _Remote(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = {"/moved": 302, "/gone": 404}.get(self.path, 200)
        self.send_response(status)
        self.send_header("location", "/a.yaml")
        self.end_headers()
        self.wfile.write(b"type: string\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def remote() -> Iterator[str]:
    """URL of a server on the loopback."""
    server = HTTPServer(("127.0.0.1", 0), _Remote)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_fetching(remote: str, tmp_path: Path) -> None:
    """A 200 answer is a file; redirects, errors and dead hosts are findings at the `$ref`."""
    assert fetch_url(f"{remote}/a.yaml", 100) == b"type: string\n"
    root = tmp_path / "api.yaml"
    for path, message in (("moved", "status 302"), ("gone", "status 404")):
        root.write_text(f"openapi: 3.0.3\npaths: {{/a: {{$ref: '{remote}/{path}'}}}}\n")
        with pytest.raises(LoadError, match=message) as caught:
            load(str(root), References(remote=(remote,)))
        assert caught.value.findings[0].where.line == 2
    root.write_text("openapi: 3.0.3\npaths: {/a: {$ref: 'http://127.0.0.1:9/x'}}\n")
    with pytest.raises(LoadError, match="cannot be read"):
        load(str(root), References(remote=("http://127.0.0.1:9/",)))
