"""Where schemas stand in the rewritten documents."""

import pytest

from gateway.contract.places import Places, filed, origin
from gateway.tests.contract.sources import FOLDER, openapi, source_of

REF = "$ref"


def test_files_share_a_document_unless_they_have_identities() -> None:
    """Circles of references through many documents would take the engine for ever."""
    source = source_of(
        openapi("3.1.0", components={"schemas": {"A": {REF: "a.yaml#/A"}, "B": {REF: "b.yaml"}, "C": {REF: "c.yaml"}}}),
        a_yaml={"A": {}},
        b_yaml={},
        c_yaml={"$id": "https://c.example/", "type": "string"},
    )
    places, root = Places(source, "x"), source.uri
    number = {uri: index for index, uri in enumerate(source.files)}
    base = "urn:contract:x:"
    assert places.schema(root, "/components/schemas/A") == f"{base}files#/0/components/schemas/A"
    assert places.schema(FOLDER + "a.yaml", "/A") == f"{base}files#/{number[FOLDER + 'a.yaml']}/A"
    assert places.schema(FOLDER + "b.yaml", "") == f"{base}files#/{number[FOLDER + 'b.yaml']}"
    assert places.schema(FOLDER + "c.yaml", "") == f"{base}{number[FOLDER + 'c.yaml']}#"


def test_a_single_file_has_its_own() -> None:
    """Nothing else can be meant."""
    source = source_of(openapi(components={"schemas": {"A": {}}}))
    assert Places(source, "x").schema(source.uri, "/components/schemas/A") == "urn:contract:x:0#/components/schemas/A"


@pytest.mark.parametrize(
    ("uri", "parts", "place"),
    [
        ("urn:contract:x:0#/a/b%20c", (0, "", "/a/b c"), (0, "/a/b c")),
        ("urn:contract:x:2;/a#/b", (2, "/a", "/b"), (2, "/a/b")),
        ("urn:contract:x:files#/3/a/b", (3, "", "/a/b"), (3, "/a/b")),
        ("urn:contract:x:files#/3", (3, "", ""), (3, "")),
        ("urn:contract:x:files#/3/$nested/~1a~1b", (3, "", "/$nested/~1a~1b"), (3, "/a/b")),
        ("urn:contract:x:inline#/0", None, None),
    ],
)
def test_the_way_back(uri: str, parts: object, place: object) -> None:
    """From the URI of a schema to the file that holds it."""
    assert filed(uri) == parts
    assert origin(uri) == place
