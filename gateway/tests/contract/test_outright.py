"""What schemas say once their surroundings are gone."""

import pytest

from gateway.contract.outright import bound, dialect
from gateway.contract.references import Resolver

DRAFT_7 = "http://json-schema.org/draft-07/schema"


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ({"openapi": "3.1.0"}, ""),
        ({"openapi": "3.1.0", "jsonSchemaDialect": DRAFT_7 + "#"}, DRAFT_7),
        ({"openapi": "3.1.0", "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema"}, ""),
    ],
)
def test_the_dialect_of_a_file(root: dict[str, str], expected: str) -> None:
    """The usual one needs no word."""
    assert dialect({"/api.yaml": root, "/b.yaml": {"A": {}}}, "3.1", "/b.yaml", "/A") == expected


def test_the_dialect_around_a_schema() -> None:
    """A schema inside of one that names its dialect has that, too; 3.0 knows no dialects."""
    documents = {"/api.yaml": {"A": {"$schema": DRAFT_7, "definitions": {"x": {}}}}}
    assert dialect(documents, "3.1", "/api.yaml", "/A/definitions/x") == DRAFT_7
    assert dialect(documents, "3.0", "/api.yaml", "/A/definitions/x") == ""


def test_what_a_dynamic_reference_may_mean() -> None:
    """Every schema with that dynamic anchor; a plain anchor is none."""
    components = {
        "A": {"$id": "https://a.example/a", "$dynamicAnchor": "n", "$defs": {"x": {"$anchor": "m"}}},
        "B": {"$id": "https://a.example/b", "$dynamicAnchor": "n"},
    }
    documents = {"/api.yaml": {"openapi": "3.1.0", "components": {"schemas": components}}}
    resolver = Resolver.over(documents, "3.1")
    base = "/components/schemas"
    assert set(bound(resolver, documents, "#n")) == {("/api.yaml", f"{base}/A"), ("/api.yaml", f"{base}/B")}
    assert bound(resolver, documents, "#m") == bound(resolver, documents, "#") == ()
