"""`gateway routes`: the operations that are served."""

import json
from pathlib import Path

from gateway.cli.routes import table
from gateway.tests.cli.conftest import DOCUMENT, SETTINGS, Gateway


def test_text(gateway: Gateway, folder: Path) -> None:
    """Public paths in order, with backend, security and modes."""
    (folder / "gateway.yaml").write_text(SETTINGS)
    result = gateway("routes")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1:] == [
        ["GET", "/public/notes", "listNotes", "http://127.0.0.1:8102/v1/notes", "open", "block/observe"],
        ["POST", "/public/notes", "addNote", "http://127.0.0.1:8102/v1/notes", "open", "block/observe", "1048576"],
        ["DELETE", "/public/notes/{id}", "deleteNote", "http://127.0.0.1:8102/v1/notes/{id}", "open", "block/observe"],
    ]


def test_json(gateway: Gateway) -> None:
    """All facts as data; a lone FILE needs no backend to be looked at."""
    result = gateway("routes", "notes.yaml", "--format", "json")
    assert json.loads(result.stdout)["routes"][1] == {
        "method": "POST",
        "path": "/v1/notes",
        "operation": "addNote",
        "api": "notes",
        "mount": "/v1",
        "backend": "http://backend.invalid/v1/notes",
        "upstream": "http://backend.invalid",
        "upstream_path": "/v1/notes",
        "security": "open",
        "request": "block",
        "response": "observe",
        "body_limit": 1048576,
        "response_limit": 1048576,
    }


def test_servers_of_operations_are_shown(gateway: Gateway, folder: Path) -> None:
    """Where each operation is mounted, and where it leads."""
    own = "operationId: addNote\n      servers: [{url: https://other.example/notes-v2}]"
    (folder / "notes.yaml").write_text(DOCUMENT.replace("operationId: addNote", own))
    rows = [line.split()[:4] for line in gateway("routes", "notes.yaml").stdout.splitlines()]
    assert ["POST", "/notes-v2/notes", "addNote", "http://backend.invalid/notes-v2/notes"] in rows
    assert ["GET", "/v1/notes", "listNotes", "http://backend.invalid/v1/notes"] in rows


def test_security_is_shown(gateway: Gateway, folder: Path) -> None:
    """Scopes that a token needs, and alternatives."""
    secured = DOCUMENT.replace('      x-gateway: {pass: ["security:jwt"]}\n', "")
    (folder / "notes.yaml").write_text(secured.replace("security: [{jwt: []}]", "security: [{jwt: []}, {}]"))
    (folder / "gateway.yaml").write_text(
        SETTINGS + "issuers: {dealer: {audience: notes, issuer: 'https://i.example', jwks: keys.json}}\n"
    )
    (folder / "keys.json").write_text('{"keys": []}')
    result = gateway("routes")
    assert "token or anonymous" in result.stdout


def test_documents_with_errors(gateway: Gateway, folder: Path) -> None:
    """There is no table then: exit code 1 and the findings."""
    (folder / "notes.yaml").write_text(DOCUMENT.replace("jwt: []", "jwd: []"))
    result = gateway("routes", "notes.yaml")
    assert result.exit_code == 1
    assert "jwd" in result.stderr


def test_table() -> None:
    """Columns are aligned, and lines end with text."""
    assert table([("A", "LONG", ""), ("bbb", "c", "d")]) == "A    LONG\nbbb  c     d"
