"""The requests of the benchmark and its document belong together."""

import json

import jsonschema_rs
import pytest
import yaml

from benchmarks import workloads

SCHEMAS = yaml.safe_load(workloads.DOCUMENT.read_text())["components"]["schemas"]


@pytest.mark.parametrize(
    "body", [workloads.RUN_JSON, workloads.NEW_RUN_JSON, workloads.BROKEN_RUN_JSON], ids=["run", "new", "broken"]
)
def test_every_body_has_the_published_size(body: bytes) -> None:
    """240 bytes, as the documentation says."""
    assert len(body) == workloads.JSON_SIZE


@pytest.mark.parametrize(
    ("schema", "body", "valid"),
    [
        ("Run", workloads.RUN_JSON, True),
        ("NewRun", workloads.NEW_RUN_JSON, True),
        ("Run", workloads.BROKEN_RUN_JSON, False),
        ("NewRun", b'{"title":"x"}', False),
    ],
)
def test_bodies_are_what_they_claim_to_be(schema: str, body: bytes, valid: bool) -> None:
    """Good bodies obey the document, broken ones do not."""
    assert jsonschema_rs.is_valid(SCHEMAS[schema], json.loads(body)) is valid


def test_every_peer_is_asked_for_both_workloads() -> None:
    """What is timed has been compared first."""
    asked = {(e.method, e.target, e.body or b"") for e in workloads.EXPECTATIONS if e.concerns == "all" and e.answer}
    assert {(w.method, w.target, w.body) for w in workloads.WORKLOADS} <= asked
