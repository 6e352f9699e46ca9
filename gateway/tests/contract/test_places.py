"""Where schemas stand in rewritten documents."""

import pytest

from gateway.contract.places import Anchor, Places, origin
from gateway.tests.contract.sources import openapi, source_of

REF = "$ref"
RESOURCE = {"$id": "https://a.example/r", "$defs": {"d": {"$dynamicAnchor": "d"}, "e": {REF: "#/$defs/f"}, "f": {}}}
SCHEMAS = {
    "A": {"properties": {"x": {}, "y": {REF: "#/components/schemas/A/properties/x"}}},
    "R": RESOURCE,
    "B": {REF: "https://a.example/r#/$defs/f"},
    "C": {REF: "c.yaml"},
}
SOURCE = source_of(
    openapi("3.1.0", components={"schemas": SCHEMAS}), c_yaml={"$recursiveAnchor": True, "$dynamicAnchor": "c"}
)
PLACES = Places(SOURCE, "my api")
FILE = "urn:contract:my%20api:0"


@pytest.mark.parametrize(
    ("pointer", "schema", "target"),
    [
        ("/components/schemas/A", "#/components/schemas/A", "#/components/schemas/A"),
        (
            "/components/schemas/A/properties/x",
            "#/$nested/~1components~1schemas~1A~1properties~1x",
            "#/$nested/~1components~1schemas~1A~1properties~1x",
        ),
        ("/components/schemas/R", "#/components/schemas/R", ";/components/schemas/R"),
        (
            "/components/schemas/R/$defs/f",
            ";/components/schemas/R#/$nested/~1components~1schemas~1R~1$defs~1f",
            ";/components/schemas/R#/$nested/~1components~1schemas~1R~1$defs~1f",
        ),
    ],
)
def test_uris(pointer: str, schema: str, target: str) -> None:
    """For what is no schema itself, and for a reference between schemas, which leads right into a resource."""
    assert PLACES.schema(SOURCE.uri, pointer) == FILE + schema
    assert PLACES.target(SOURCE.uri, pointer) == FILE + target
    for uri in (FILE + schema, FILE + target):
        assert origin(uri) == (0, pointer)


def test_further_forms_have_places_of_their_own() -> None:
    """In the document of the same resource."""
    uri = PLACES.target(SOURCE.uri, "/components/schemas/A", "inherited a,b")
    assert uri == FILE + "#/$nested/inherited%20a,b/~1components~1schemas~1A"
    assert origin(uri) == (0, "/components/schemas/A")
    assert origin(uri + "/properties/a~1b") == (0, "/components/schemas/A/properties/a~1b")


def test_places_below_a_schema_that_moved() -> None:
    """They lead back to where they were in the file, also in a file that is one schema."""
    moved = PLACES.schema(SOURCE.uri, "/components/schemas/A/properties/x")
    assert origin(moved + "/not") == (0, "/components/schemas/A/properties/x/not")
    assert origin(PLACES.moved("/contracts/c.yaml", "") + "/not") == (1, "/not")


def test_dynamic_anchors_belong_to_their_resource() -> None:
    """Those of the older draft have one name."""
    assert set(PLACES.anchors()) == {
        Anchor(FILE + ";/components/schemas/R", "d", SOURCE.uri, "/components/schemas/R/$defs/d"),
        Anchor("urn:contract:my%20api:1", "recursive", "/contracts/c.yaml", ""),
        Anchor("urn:contract:my%20api:1", "c", "/contracts/c.yaml", ""),
    }


def test_made_up_schemas_have_no_origin() -> None:
    """No file holds them."""
    assert origin("urn:contract:a:inline#/3") is None


def test_files_that_are_recursive_anchors_share_no_document() -> None:
    """Each is a resource of its own, though it has no `$id`."""
    tree = {"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveAnchor": True}
    source = source_of(
        openapi("3.1.0", components={"schemas": {"A": {REF: "a.yaml"}, "B": {REF: "b.yaml"}}}), a_yaml=tree, b_yaml=tree
    )
    documents = [anchor.document for anchor in Places(source, "t").anchors()]
    assert len(documents) == len(set(documents)) == 2
