"""Findings about the settings get their place in the file."""

from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.config import file as config_file
from gateway.contract.compile import compile_settings
from gateway.contract.findings import Finding, Severity
from gateway.contract.in_settings import in_settings, placed
from gateway.contract.model import Location

ROOT, KEYS = Location("my.yaml", 1, 1, ""), Location("my.yaml", 7, 3, "/keys/partners")
OTHER = Location("api.yaml", 3, 5, "/paths")


@pytest.mark.parametrize(
    ("where", "places", "expected"),
    [
        (in_settings("/keys/partners"), {"": ROOT, "/keys/partners": KEYS}, "my.yaml:7:3"),
        (in_settings("/keys/partners/pepper"), {"": ROOT, "/keys/partners": KEYS}, "my.yaml:7:3"),
        (in_settings("/revocation/file"), {"": ROOT, "/keys/partners": KEYS}, "my.yaml:1:1"),
        (in_settings("/revocation/file"), {}, "gateway.yaml:1:1"),
        (OTHER, {"": ROOT, "/paths": KEYS}, "api.yaml:3:5"),
    ],
)
def test_places(where: Location, places: dict[str, Location], expected: str) -> None:
    """The setting itself, or what it would be in; findings about documents stay where they are."""
    (found,) = placed([Finding(where, Severity.ERROR, "credentials", "wrong")], places)
    assert found.text().startswith(f"{expected}: error: credentials: wrong")
    assert found.where.pointer == where.pointer


def test_what_is_compiled_knows_its_file(tmp_path: Path) -> None:
    """By its own name, and the line in it."""
    (tmp_path / "api.yaml").write_text('{openapi: 3.0.3, info: {title: A, version: "1"}, paths: {}}')
    file = tmp_path / "mine.yaml"
    file.write_text("apis: [{contract: api.yaml, upstream: 'http://h'}]\nrevocation:\n  file: nothing\n")
    settings = config_file.read(file, {})
    (finding,) = compile_settings(settings).findings
    assert (finding.where.file, finding.where.line) == (str(file), 3)
    assert settings == Settings(apis=settings.apis, revocation=settings.revocation)
