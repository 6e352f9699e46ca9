"""URIs that documents and schemas give themselves."""

from typing import Any

import pytest

from gateway.contract.findings import LoadError
from gateway.contract.identity import Identity, identities, may_identify
from gateway.tests.contract.sources import FOLDER, in_use, openapi, source_of, swagger

REF = "$ref"
TREE = "https://schemas.example/tree"


def identified(version: str, **schemas: Any) -> dict[str, Any]:
    return openapi(version, components={"schemas": schemas})


def test_identities_of_a_document() -> None:
    """Outer before inner, names of properties and data left out."""
    document = identified(
        "3.1.0",
        A={
            "$id": "a",
            "properties": {"default": {"$anchor": "x"}, "$id": {"type": "string"}},
            "default": {"$id": "data"},
            "examples": [{"$id": "data"}],
            "allOf": [{"$dynamicAnchor": "y"}],
        },
    )
    found = list(identities(document, "3.1"))
    base = "/components/schemas/A"
    assert found[0] == Identity(base, "$id", "a")
    assert set(found[1:]) == {
        Identity(f"{base}/properties/default", "$anchor", "x"),
        Identity(f"{base}/allOf/0", "$dynamicAnchor", "y"),
    }


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_before_3_1_nothing_has_an_identity(version: str) -> None:
    """There `$id` is an unknown key."""
    assert list(identities(identified("3.0.3", A={"$id": "a", "$anchor": "b"}), version)) == []


def test_only_3_2_has_self() -> None:
    """And only in a whole document."""
    document = {"$self": "https://a.example/x", "openapi": "3.2.0"}
    assert list(identities(document, "3.2")) == [Identity("", "$self", "https://a.example/x")]
    assert list(identities(document, "3.1")) == []
    assert list(identities({"$self": "https://a.example/x"}, "3.2")) == []


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b'{"$ref": "#/a"}', False),
        (b"$id: x", True),
        (b'{"$anchor": "x"}', True),
        (b'{"$dynamicAnchor": "x"}', True),
        (b"$self: x", True),
        (rb'{"\u0024id": "x"}', True),
        (rb'"\x24id": x', True),
    ],
)
def test_files_that_need_a_closer_look(data: bytes, answer: bool) -> None:
    """Escapes do not hide an identity."""
    assert may_identify(data) is answer


@pytest.mark.parametrize(
    ("ref", "pointer"),
    [
        (TREE, ""),
        (f"{TREE}#", ""),
        (f"{TREE}#/properties/kids", "/properties/kids"),
        (f"{TREE}#leaf", "/properties/leaf"),
        ("#/components/schemas/Tree/properties/leaf", "/properties/leaf"),
        ("https://schemas.example/sub/inner#/items", "/properties/inner/items"),
        ("https://schemas.example/sub/inner#here", "/properties/inner/items"),
    ],
)
def test_references_to_a_resource(ref: str, pointer: str) -> None:
    """By its URI, with a pointer or an anchor below it, and still by its place in the file; nothing is fetched."""
    tree = {
        "$id": TREE,
        "properties": {
            "kids": {"items": {REF: "#"}},
            "leaf": {"$anchor": "leaf", "type": "string"},
            "inner": {"$id": "sub/inner", "items": {"$anchor": "here"}},
        },
    }
    source = source_of(identified("3.1.0", Tree=tree, Use={REF: ref}))
    assert source.resolve(source.uri, "/components/schemas/Use", ref)[1] == f"/components/schemas/Tree{pointer}"


def test_a_reference_means_what_its_resource_says() -> None:
    """The same text leads elsewhere inside a schema with `$id`; its own `$id` counts for a `$ref` beside it."""
    inner = {"$id": "https://s.example/a/b", "$defs": {"x": {"type": "integer"}}, "items": {REF: "#/$defs/x"}}
    other = {"$id": "https://s.example/c", "type": "boolean"}
    source = source_of(identified("3.1.0", A=inner, B=other, C={"$id": "https://s.example/z/", REF: "../c"}))
    base = "/components/schemas"
    assert source.resolve(source.uri, f"{base}/A/items", "#/$defs/x")[1] == f"{base}/A/$defs/x"
    assert source.resolve(source.uri, f"{base}/A/items", "../c")[1] == f"{base}/B"
    assert source.resolve(source.uri, f"{base}/C", "../c")[1] == f"{base}/B"
    assert source.resolve(source.uri, f"{base}/B", "#")[1] == f"{base}/B"
    assert source.resolve(source.uri, "", "#")[1] == ""


def flaws(document: Any, **files: Any) -> list[tuple[str, str]]:
    with pytest.raises(LoadError) as caught:
        source_of(in_use(document), **files)
    return [(finding.rule, finding.where.pointer) for finding in caught.value.findings]


def test_an_anchor_is_known_in_its_resource_only() -> None:
    """Neither around nor inside another one."""
    schemas = {
        "A": {"$id": "https://s.example/a", "$defs": {"x": {"$anchor": "x"}}, "items": {REF: "#x"}},
        "B": {REF: "#x"},
    }
    assert flaws(identified("3.1.0", **schemas)) == [("reference-dangling", "/components/schemas/B/$ref")]


def test_identities_in_other_files_are_found_before_anything_is_fetched() -> None:
    """A reference by URI comes first in the document, the file that holds the resource is read for another reason."""
    root = identified("3.1.0", A={REF: TREE}, B={REF: "b.yaml#/Whatever"})
    source = source_of(root, b_yaml={"Whatever": {}, "Tree": {"$id": TREE, "type": "string"}})
    assert source.resolve(source.uri, "/components/schemas/A", TREE)[:2] == (FOLDER + "b.yaml", "/Tree")


def test_an_unknown_uri_is_a_remote_reference() -> None:
    """It is refused unless its prefix is allowed."""
    assert flaws(identified("3.1.0", A={REF: TREE})) == [("reference-remote", "/components/schemas/A/$ref")]
    urn = identified("3.1.0", A={REF: "urn:example:x"})
    assert flaws(urn) == [("reference-outside", "/components/schemas/A/$ref")]


def test_a_urn_may_name_a_schema() -> None:
    """No scheme is special once the resource is there."""
    source_of(identified("3.1.0", A={REF: "urn:example:x#/$defs/y"}, X={"$id": "urn:example:x", "$defs": {"y": {}}}))


def test_a_file_beside_stands_for_its_published_uri() -> None:
    """Relative references below a `$self` or `$id` find the file that lies at the same place on disk."""
    root = openapi(
        "3.2.0",
        components={"schemas": {"A": {REF: "parts.yaml#/A"}}},
    )
    source = source_of(root | {"$self": "https://a.example/v1/api.yaml"}, parts_yaml={"A": {"type": "string"}})
    assert list(source.files) == [FOLDER + "api.yaml", FOLDER + "parts.yaml"]


def test_documents_know_each_other_by_self() -> None:
    """An absolute or a relative reference leads to the document that calls itself so."""
    shared = openapi("3.2.0", components={"schemas": {"S": {REF: "api#/components/schemas/Own"}, "T": {}}})
    root = openapi(
        "3.2.0",
        components={
            "schemas": {
                "A": {REF: "shared.yaml#/components/schemas/S"},
                "B": {REF: "https://a.example/shared#/components/schemas/T"},
                "Own": {"type": "string"},
            }
        },
    )
    files = {"shared_yaml": shared | {"$self": "https://a.example/shared"}}
    source = source_of(root | {"$self": "https://a.example/api"}, **files)
    own = source.resolve(FOLDER + "shared.yaml", "/components/schemas/S", "api#/components/schemas/Own")
    assert own[:2] == (source.uri, "/components/schemas/Own")


def test_one_uri_for_several_schemas_is_a_flaw_when_it_is_used() -> None:
    """By a reference to it or inside it; copies that nobody refers to do no harm."""
    copy = {"$id": TREE, "type": "string"}
    source_of(identified("3.1.0", A=copy, B=copy))
    base = "/components/schemas"
    assert flaws(identified("3.1.0", A=copy, B=copy, C={REF: TREE})) == [("reference-ambiguous", f"{base}/C/$ref")]
    inner = {"$id": TREE, "$defs": {"x": {}}, "items": {REF: "#/$defs/x"}}
    assert flaws(identified("3.1.0", A=copy, B=inner)) == [("reference-ambiguous", f"{base}/B/items/$ref")]


def test_names_of_components_are_those_of_the_document() -> None:
    """A discriminator maps to them inside a schema with a base of its own, too."""
    pet = {
        "$id": "https://s.example/pet",
        "discriminator": {"propertyName": "kind", "mapping": {"d": "Dog"}},
        "oneOf": [{REF: "https://s.example/dog"}],
    }
    source = source_of(
        identified("3.1.0", Pet=pet, Dog={"$id": "dog", "type": "object"} | {"$id": "https://s.example/dog"})
    )
    assert source.mapped(source.uri, "/components/schemas/Pet", "Dog")[1] == "/components/schemas/Dog"


def test_2_0_ignores_what_it_does_not_know() -> None:
    """`$id` moves no reference there."""
    source = source_of(
        swagger(definitions={"A": {"$id": "https://x.example/", "allOf": [{REF: "#/definitions/B"}]}, "B": {}})
    )
    assert source.resolve(source.uri, "/definitions/A/allOf/0", "#/definitions/B")[1] == "/definitions/B"
