"""The generated schema and page of the settings."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from gateway.config import file as config_file
from gateway.config import schema as config_schema

DOCS = Path(__file__).parents[3] / "docs"


def test_the_committed_files_are_the_generated_ones(tmp_path: Path) -> None:
    """`python -m gateway.config.schema docs` was run after the last change of a setting."""
    config_schema.write(tmp_path)
    for name in ("settings.md", "gateway.schema.json"):
        assert (DOCS / name).read_text() == (tmp_path / name).read_text(), f"{name} is stale"


def test_every_variable_is_on_the_page() -> None:
    """A setting that can be set by the environment says how."""
    page = config_schema.page()
    assert [name for name in config_file.variables() if f"`{name}`" not in page] == []


def test_the_example_of_the_page_is_valid() -> None:
    """Readers copy it."""
    example = config_schema.INTRODUCTION.split("```yaml\n")[1].split("```")[0]
    jsonschema_rs.validate(config_schema.schema(), yaml.safe_load(example))


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"limits": {"body": "10MiB"}}, True),
        ({"timeouts": {"idle": "500ms"}}, True),
        ({"timeouts": {"idle": 0}}, False),
        ({"limits": {"body": "10MB"}}, False),
        ({"lisen": ":80"}, False),
        ({"workers": 0}, False),
        ({"apis": [{"contract": "a.yaml"}]}, False),
        ({"apis": [{"contract": "a", "upstream": "b", "limits": {"idle": 1}}]}, False),
        ({"apis": [{"contract": "a", "upstream": "b", "path": None, "pass": ["media:a/b"]}]}, True),
        ({"validate": {"response": "blok"}}, False),
        ({"issuers": {"a": {"algorithms": ["none"]}}}, False),
    ],
)
def test_schema(change: dict[str, object], valid: bool) -> None:
    """The schema knows keys, types, choices and bounds."""
    schema = json.loads(json.dumps(config_schema.schema()))
    document = {"apis": [{"contract": "a.yaml", "upstream": "http://h"}], **change}
    assert jsonschema_rs.is_valid(schema, document) is valid
