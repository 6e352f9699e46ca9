"""Places in documents by URI."""

import pytest

from gateway.validate.uris import absolute, anchors, at, child

DOCUMENTS = {"urn:a": {"paths": {"/u/{id}~x": {"get": [{"p a%": 1}]}}, "": 2}}


def test_a_child_is_found_where_it_was_named() -> None:
    """Every character that a document can use in a key survives the way into a URI and back."""
    uri = child("urn:a", "paths", "/u/{id}~x", "get", 0, "p a%")
    assert uri == "urn:a#/paths/~1u~1%7Bid%7D~0x/get/0/p%20a%25"
    assert at(DOCUMENTS, uri) == 1
    assert at(DOCUMENTS, child(child("urn:a", "paths"), "/u/{id}~x")) == {"get": [{"p a%": 1}]}


@pytest.mark.parametrize(("uri", "expected"), [("urn:a", DOCUMENTS["urn:a"]), ("urn:a#/", 2)])
def test_the_root_and_the_empty_key(uri: str, expected: object) -> None:
    """No fragment is the whole document; "#/" is the member with the empty name (RFC 6901 section 5)."""
    assert at(DOCUMENTS, uri) == expected


@pytest.mark.parametrize(
    "uri", ["urn:b", "urn:a#/nope", "urn:a#/paths/x/y", "urn:a#//x", "urn:a#/paths/~1u~1{id}~0x/get/7"]
)
def test_nothing_is_none(uri: str) -> None:
    """A place that does not exist is None, whatever stands on the way."""
    assert at(DOCUMENTS, uri) is None


def test_references_are_taken_from_where_they_stand() -> None:
    """A fragment refers to the same document; a whole URI to itself."""
    assert absolute("#/x", "urn:a#/y") == "urn:a#/x"
    assert absolute("urn:b#/x", "urn:a#/y") == "urn:b#/x"


@pytest.mark.parametrize("document", [{}, True, {"$defs": []}, {"$defs": {"a": True, "b": {"$anchor": "b"}}}])
def test_a_document_without_dynamic_anchors(document: object) -> None:
    """Whatever it is."""
    assert anchors(document) == {}


def test_dynamic_anchors_by_name() -> None:
    """They stand in the `$defs` of a rewritten document."""
    anchored = {"$dynamicAnchor": "n", "$ref": "urn:a#/b"}
    assert anchors({"$defs": {"x": anchored, "y": {}}, "n": {"$dynamicAnchor": "m"}}) == {"n": anchored}
