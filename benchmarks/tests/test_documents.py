"""Documents made for one measurement are good documents of the promised size."""

import json
from collections.abc import Callable

import pytest
import yaml
from openapi_spec_validator import validate

from benchmarks import documents
from benchmarks.documents import Document


@pytest.mark.parametrize(
    "document",
    [documents.base(), documents.with_paths(30), documents.streams(), documents.batches(),
     documents.of_size(30_000, documents.to_json)],
    ids=["base", "paths", "streams", "batches", "size"],
)  # fmt: skip
def test_every_document_is_valid(document: Document) -> None:
    """The specification's own schema finds nothing."""
    validate(document)


@pytest.mark.parametrize("count", [1, 2, 609])
def test_many_paths_are_as_many_as_asked_for(count: int) -> None:
    """All different, and the measured one is among them."""
    paths = documents.with_paths(count)["paths"]
    assert len(paths) == count
    assert "/runs/{id}" in paths


@pytest.mark.parametrize(
    ("dump", "load"), [(documents.to_json, json.loads), (documents.to_yaml, yaml.safe_load)], ids=["json", "yaml"]
)
def test_a_large_document_has_the_size_asked_for(
    dump: Callable[[Document], str], load: Callable[[str], Document]
) -> None:
    """Within a tenth, in either format, and it reads back as itself."""
    document = documents.of_size(300_000, dump)
    text = dump(document)
    assert abs(len(text) - 300_000) < 30_000
    assert load(text) == document


def test_a_guarded_document_asks_for_all_at_once() -> None:
    """And has an operation that costs as much as is wanted."""
    document = documents.guarded(("token", "key"), 7)
    assert document["security"] == [{"token": ["runs:read"], "key": []}]
    assert document["paths"]["/everything"]["get"]["x-gateway"] == {"cost": 7}
    assert documents.guarded()["security"] == []
