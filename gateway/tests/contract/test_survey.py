"""Which schemas a contract consists of; the flaws of references are shown in test_load."""

from typing import Any

import pytest

from gateway.contract.findings import LoadError, Severity
from gateway.contract.survey import mapping_reference
from gateway.tests.contract.sources import FOLDER, in_use, openapi, source_of, swagger

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


NOWHERE = {REF: "#/nope"}
OPERATION = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {}}}}}}


def warned(document: Any, **files: Any) -> list[tuple[str, str]]:
    """(rule, pointer) of what is wrong with a document that loads all the same."""
    source = source_of(document, **files)
    assert {finding.severity for finding in source.findings} <= {Severity.WARNING}
    return [(finding.rule, finding.where.pointer) for finding in source.findings]


@pytest.mark.parametrize(
    "kind", ["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"]
)
def test_a_reference_in_a_component_that_nothing_uses_does_no_harm(kind: str) -> None:
    """It is named all the same."""
    found = warned(openapi(paths={"/a": {"get": OPERATION}}, components={kind: {"A": NOWHERE}}))
    assert found == [("reference-dangling", f"/components/{kind}/A/$ref")]


@pytest.mark.parametrize("target", ["gone.yaml", "broken.yaml", "../x.yaml", "https://a.example/x", "#/nope"])
def test_neither_does_a_file_that_only_such_a_component_needs(target: str) -> None:
    """Whatever is wrong with it."""
    document = openapi(paths={"/a": {"get": OPERATION}}, components={"schemas": {"A": {"allOf": [{REF: target}]}}})
    assert len(warned(document, broken_yaml="a: [")) == 1


@pytest.mark.parametrize(
    "part",
    [
        {"responses": {"200": {"description": "", "links": {"a": NOWHERE}}}},
        {"callbacks": {"a": NOWHERE}},
        {"callbacks": {"a": {"{$url}": NOWHERE}}},
        {"callbacks": {"a": {"{$url}": {"post": {"requestBody": NOWHERE}}}}},
        {"parameters": [{"name": "q", "in": "query", "schema": {}, "examples": {"a": NOWHERE}}]},
    ],
)
def test_links_callbacks_and_examples_may_lead_nowhere(part: Any) -> None:
    """Nothing is enforced about them."""
    assert [rule for rule, _ in warned(openapi(paths={"/a": {"get": {**OPERATION, **part}}}))] == ["reference-dangling"]


@pytest.mark.parametrize(
    ("schema", "harmless"),
    [
        ({"discriminator": {"propertyName": "k", "mapping": {"a": "Gone"}}}, True),
        ({"oneOf": [{}], "discriminator": {"propertyName": "k", "mapping": {"a": "Gone"}}}, False),
        ({"oneOf": [{}], "discriminator": {"propertyName": "k", "defaultMapping": "Gone"}}, False),
    ],
)
def test_a_mapping_counts_where_there_is_something_to_choose(schema: Any, harmless: bool) -> None:
    """A name that is neither a schema's nor a file's is called a name."""
    document = openapi("3.2.0", components={"schemas": {"A": schema}})
    assert [rule for rule, _ in warned(document)] == ["reference-dangling"]
    if harmless:
        assert [rule for rule, _ in warned(in_use(document))] == ["reference-dangling"]
    else:
        with pytest.raises(LoadError, match="names neither"):
            source_of(in_use(document))


@pytest.mark.parametrize("where", ["root", "operation"])
def test_a_security_scheme_that_is_asked_for_has_to_be_there(where: str) -> None:
    """Nobody must get past it."""
    security = {"security": [{"a": []}]}
    operation = {**OPERATION, **(security if where == "operation" else {})}
    parts = {"components": {"securitySchemes": {"a": NOWHERE}}, **(security if where == "root" else {})}
    with pytest.raises(LoadError, match="leads to nothing"):
        source_of(openapi(paths={"/a": {"get": operation}}, **parts))


def test_a_file_that_is_used_twice_is_judged_by_its_better_use() -> None:
    """An example may not excuse the flaws of a file that a schema needs."""
    broken = {"schema": {REF: "broken.yaml"}, "examples": {"a": {REF: "broken.yaml"}}}
    content = {"application/json": broken}
    with pytest.raises(LoadError, match="document-syntax"):
        source_of(
            openapi(paths={"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}}),
            broken_yaml="a: [",
        )


def test_all_that_may_inherit_from_a_parent_of_2_0_is_in_use() -> None:
    """Values choose among them by name, no reference leads there."""
    parent = {"type": "object", "discriminator": "k"}
    child = {"allOf": [{REF: "#/definitions/P"}, NOWHERE]}
    response = {"200": {"description": "", "schema": {REF: "#/definitions/P"}}}
    with pytest.raises(LoadError, match="leads to nothing"):
        source_of(swagger(paths={"/a": {"get": {"responses": response}}}, definitions={"P": parent, "C": child}))


def test_which_components_are_idle() -> None:
    """Those that no operation leads to, and files that only they name."""
    document = openapi(
        paths={"/a": {"get": {"responses": {"200": {REF: "#/components/responses/R"}}}}},
        components={
            "responses": {"R": {"description": "", "content": {"a/json": {"schema": {REF: "used.yaml#/A"}}}}},
            "schemas": {"A": {"items": {REF: "idle.yaml"}}},
        },
    )
    source = source_of(document, used_yaml={"A": {}, "B": {}}, idle_yaml={})
    assert source.idle(source.uri, "/components/schemas/A/items")
    assert source.idle(FOLDER + "idle.yaml", "")
    assert not source.idle(source.uri, "/components/responses/R/content")
    assert not source.idle(source.uri, "/paths/~1b")
    assert not source.idle(FOLDER + "used.yaml", "/B")
