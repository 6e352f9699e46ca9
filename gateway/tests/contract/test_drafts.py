"""Which dialect of JSON Schema is in force."""

import pytest

from gateway.contract.drafts import (
    DRAFT_4,
    DRAFT_7,
    DRAFT_2019,
    DRAFT_2020,
    OPENAPI_2,
    OPENAPI_3,
    Draft,
    around,
    of_file,
    of_uri,
    of_version,
    switched,
)
from gateway.tests.contract.schemas import DRAFT


@pytest.mark.parametrize(
    ("uri", "draft"),
    [
        ("http://json-schema.org/draft-04/schema#", DRAFT_4),
        ("http://json-schema.org/draft-07/schema", DRAFT_7),
        ("https://json-schema.org/draft/2019-09/schema", DRAFT_2019),
        ("https://json-schema.org/draft/2020-12/schema#", DRAFT_2020),
        ("https://spec.openapis.org/oas/3.1/dialect/base", DRAFT_2020),
        ("https://spec.openapis.org/oas/3.2/dialect/2025-09-17", DRAFT_2020),
        ("https://spec.openapis.org/oas/3.1/dialectic", None),
        ("http://json-schema.org/draft-03/schema#", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_uris(uri: object, draft: Draft | None) -> None:
    """Each dialect has one, with or without the empty fragment."""
    assert of_uri(uri) is draft


@pytest.mark.parametrize(
    ("version", "draft"), [("2.0", OPENAPI_2), ("3.0", OPENAPI_3), ("3.1", DRAFT_2020), ("3.2", DRAFT_2020)]
)
def test_versions(version: str, draft: Draft) -> None:
    """What schemas are written in when nothing says otherwise."""
    assert of_version(version) is draft


ROOT = {"openapi": "3.1.0", "jsonSchemaDialect": DRAFT[7]}


@pytest.mark.parametrize(
    ("document", "version", "draft"),
    [
        (ROOT, "3.1", DRAFT_7),
        ({"type": "object"}, "3.1", DRAFT_7),
        (True, "3.1", DRAFT_7),
        ({"openapi": "3.1.0", "jsonSchemaDialect": DRAFT[4]}, "3.1", DRAFT_4),
        ({"openapi": "3.1.0", "jsonSchemaDialect": "urn:x"}, "3.1", DRAFT_2020),
        (ROOT, "3.0", OPENAPI_3),
    ],
)
def test_files(document: object, version: str, draft: Draft) -> None:
    """A document of its own says it, other files have the root's; before 3.1 nothing can be said."""
    assert of_file(document, ROOT, version) is draft


def test_a_schema_says_it_for_all_below_it() -> None:
    """The nearest `$schema` around a schema counts; its own is a matter of the schema itself."""
    document = {"a": {"$schema": DRAFT[7], "b": {"$schema": DRAFT[4], "c": {}}, "d": {"$schema": "urn:x", "e": {}}}}
    wanted = {"": DRAFT_2020, "/a": DRAFT_2020, "/a/b": DRAFT_7, "/a/b/c": DRAFT_4, "/a/d": DRAFT_7, "/a/d/e": DRAFT_7}
    assert {pointer: around(document, pointer, DRAFT_2020) for pointer in wanted} == wanted


def test_the_old_versions_know_no_dialects() -> None:
    """`$schema` means nothing in 3.0."""
    assert switched({"$schema": DRAFT[7]}, OPENAPI_3) is OPENAPI_3
    assert around({"a": {"$schema": DRAFT[7], "b": {}}}, "/a/b", OPENAPI_3) is OPENAPI_3
