"""The megabyte body."""

import json

import jsonschema_rs

from benchmarks import documents, large_body


def test_the_body_is_valid_and_just_below_its_size() -> None:
    """An array of runs, none of which breaks the document."""
    body = large_body.batch(large_body.SIZE)
    assert large_body.SIZE - 300 < len(body) <= large_body.SIZE
    schema = documents.base()["components"]["schemas"]["NewRun"]
    assert jsonschema_rs.is_valid({"type": "array", "items": schema}, json.loads(body))
