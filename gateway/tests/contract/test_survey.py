"""Which schemas a contract consists of; the flaws of references are shown in test_load."""

from gateway.contract.survey import mapping_reference
from gateway.tests.contract.sources import FOLDER, openapi, source_of

REF = "$ref"


def test_schemas_in_use() -> None:
    """Those with no schema above them, and those that a reference names, wherever it stands."""
    source = source_of(
        openapi(
            components={"schemas": {"A": {"properties": {"b": {"type": "string"}}}, "B": {REF: "b.yaml#/X/items"}}}
        ),
        b_yaml={"X": {"items": {"type": "integer"}}, "Unused": {}},
    )
    assert source.schemas[source.uri].keys() == {"/components/schemas/A", "/components/schemas/B"}
    assert source.schemas[FOLDER + "b.yaml"] == {"/X/items": {"type": "integer"}}


def test_files_are_read_in_the_order_of_their_references() -> None:
    """One after the other, and those that only they name after them."""
    source = source_of(
        openapi(paths={"/a": {REF: "a.yaml"}, "/b": {REF: "b.yaml"}}),
        a_yaml={"get": {"responses": {"200": {REF: "c.yaml"}}}},
        b_yaml={},
        c_yaml={"description": "x"},
    )
    names = [uri.removeprefix(FOLDER) for uri in source.files]
    assert names[0] == "api.yaml"
    assert names[-1] == "c.yaml"
    assert sorted(names) == ["a.yaml", "api.yaml", "b.yaml", "c.yaml"]


def test_names_of_components_win_in_mappings() -> None:
    """Anything else is a reference."""
    document = {"components": {"schemas": {"a/b": {}}}}
    assert mapping_reference(document, "a/b") == "#/components/schemas/a~1b"
    assert mapping_reference(document, "c.yaml") == "c.yaml"
    assert mapping_reference(None, "a/b") == "a/b"
