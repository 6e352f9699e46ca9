"""Components of several APIs under one roof."""

from typing import Any

import pytest

from gateway.contract.bundle import Bundle, collect
from gateway.contract.merge import merge, name_operations
from gateway.tests.contract.contracts import contract

DOCUMENT = """
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      operationId: {id}
      responses:
        '200':
          description: OK
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}
          links: {{next: {{operationId: {id}}}}}
components:
  schemas: {{{schemas}}}
"""
REF = "{{$ref: '#/components/schemas/{}'}}".format


def bundle(api: str, schemas: str, id: str = "a") -> Bundle:
    return collect(contract(api, DOCUMENT.format(schemas=schemas, id=id)), f"/{api}", "3.0")


def schemas_of(*bundles: Bundle, reserved: dict[str, Any] | None = None) -> dict[str, Any]:
    return merge(bundles, {"schemas": reserved} if reserved else {}).get("schemas", {})


def target(one: Bundle) -> str:
    """The name that the operation's answer refers to after the merge."""
    reference: str = one.operations[0].node["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    return reference.removeprefix("#/components/schemas/")


LIST_1 = "A: {type: array, items: " + REF("A") + "}"
CHAIN_1 = "A: {properties: {b: " + REF("B") + "}}, B: {properties: {c: " + REF("C") + "}}, C: {type: string}"
CHAIN_2 = CHAIN_1.replace("string", "integer")
CIRCLE = "A: {properties: {b: " + REF("B") + "}}, B: {properties: {a: " + REF("A") + "}}"


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("A: {type: string}", "A: {type: string}", {"A"}),
        ("A: {type: string, title: T}", "A: {title: T, type: string}", {"A"}),  # order means nothing
        ("A: {type: string}", "A: {type: integer}", {"x_A", "y_A"}),
        ("A: {default: true}", "A: {default: 1}", {"x_A", "y_A"}),  # equal to Python, not to JSON
        (LIST_1, LIST_1, {"A"}),
        (CIRCLE, CIRCLE, {"A", "B"}),
        (CHAIN_1, CHAIN_1, {"A", "B", "C"}),
        (CHAIN_1, CHAIN_2, {"x_A", "y_A", "x_B", "y_B", "x_C", "y_C"}),  # differ at the far end only
        (CHAIN_1, "A: {type: string}", {"x_A", "y_A", "B", "C"}),
    ],
)
def test_equal_components_are_one(first: str, second: str, names: set[str]) -> None:
    """Components are shared when they are equal down to the last reference, else named after their APIs."""
    one, two = bundle("x", first), bundle("y", second)
    merged = schemas_of(one, two)
    assert merged.keys() == names
    assert {target(one), target(two)} == {name for name in names if name.endswith("A")}


def test_apis_that_agree_share_one_name() -> None:
    """Of three APIs two agree: they share a component, named after the first of them."""
    bundles = [bundle("x", "A: {type: string}"), bundle("y", "A: {type: integer}"), bundle("z", "A: {type: string}")]
    assert schemas_of(*bundles).keys() == {"x_A", "y_A"}
    assert [target(one) for one in bundles] == ["x_A", "y_A", "x_A"]


def test_every_reference_leads_to_its_own() -> None:
    """Inside renamed components too."""
    merged = schemas_of(bundle("x", CHAIN_1), bundle("y", CHAIN_2))
    b = merged["y_A"]["properties"]["b"]["$ref"].rpartition("/")[2]
    c = merged[b]["properties"]["c"]["$ref"].rpartition("/")[2]
    assert merged[c] == {"type": "integer"}


def test_reserved_names_are_kept_free() -> None:
    """Another component of a reserved name moves, an equal one is shared."""
    ours = {"A": {"type": "string"}}
    other, same = bundle("x", "A: {type: integer}"), bundle("y", "A: {type: string}")
    merged = schemas_of(other, same, reserved=ours)
    assert merged == {"A": {"type": "string"}, "x_A": {"type": "integer"}}
    assert (target(other), target(same)) == ("x_A", "A")


def test_a_new_name_is_new() -> None:
    """The name made of API and component may itself be in use."""
    one, two = bundle("x", "A: {properties: {b: " + REF("x_A") + "}}, x_A: {type: string}"), bundle("y", "A: {}")
    merged = schemas_of(one, two)
    assert merged.keys() == {"x_A", "x_A_", "y_A"}
    assert merged["x_A"] == {"type": "string"} and target(one) == "x_A_"


def test_names_that_no_key_may_have() -> None:
    """The API's name becomes a part of a component's name and is cleaned first."""
    merged = schemas_of(bundle("my api", "A: {type: string}"), bundle("y", "A: {}"))
    assert merged.keys() == {"my_api_A", "y_A"}


def test_operation_ids() -> None:
    """An id of several APIs gets the API's name in front, in links too; a taken name is avoided."""
    bundles = [bundle("x", "A: {}", "get"), bundle("y", "A: {}", "get"), bundle("z", "A: {}", "x_get")]
    name_operations(bundles)
    ids = [one.operations[0].node["operationId"] for one in bundles]
    assert ids == ["x_get_", "y_get", "x_get"]
    assert [one.follow_ups[0]["operationId"] for one in bundles] == ids
