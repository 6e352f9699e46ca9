"""Documents and settings that the command tests work on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import cli

DOCUMENT = """\
openapi: 3.0.3
info: {title: Notes, version: "1"}
servers: [{url: "https://api.example/v1"}]
paths:
  /notes:
    get:
      operationId: listNotes
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 50}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {}}}}}}
    post:
      operationId: addNote
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [text], properties: {text: {type: string}}}
      responses: {"201": {description: made}}
  /notes/{id}:
    delete:
      operationId: deleteNote
      security: [{jwt: []}]
      x-gateway: {pass: ["security:jwt"]}
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"204": {description: gone}}
components: {securitySchemes: {jwt: {type: http, scheme: bearer}}}
"""
SETTINGS = """\
admin: off
apis:
  - {contract: notes.yaml, upstream: "http://127.0.0.1:8102", path: /public}
"""

Gateway = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with notes.yaml."""
    (tmp_path / "notes.yaml").write_text(DOCUMENT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gateway(folder: Path) -> Gateway:
    """Runs the command in `folder`."""

    def run(*args: str) -> Result:
        result = CliRunner().invoke(cli, args)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run
