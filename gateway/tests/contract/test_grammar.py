"""Which object stands where."""

from gateway.contract.grammar import GRAMMARS, REFERABLE, children


def test_every_kind_is_defined() -> None:
    """No grammar names a kind it says nothing about."""
    for grammar in GRAMMARS.values():
        named = {shape.strip("[]{}<>*") for fields in grammar.values() for shape in fields.values()}
        assert named <= set(grammar)


def test_what_can_be_referred_to_exists() -> None:
    """Each referable kind is known to some version."""
    assert {kind for grammar in GRAMMARS.values() for kind in grammar} >= REFERABLE


def test_children_of_each_shape() -> None:
    """One, list, map, and a map that skips extensions; data of the wrong type is passed over."""
    fields = {"one": "info", "many": "[info]", "named": "{info}", "patterned": "<info>", "absent": "info"}
    node = {
        "one": {"n": 1},
        "many": [{"n": 2}, "no"],
        "named": {"x-a": {"n": 3}, "b": None},
        "patterned": {"x-a": {"n": 4}, "c": {"n": 5}},
        "other": {"n": 6},
    }
    assert [(tokens, item["n"]) for tokens, _, item in children(node, fields)] == [
        (("one",), 1),
        (("many", "0"), 2),
        (("named", "x-a"), 3),
        (("patterned", "c"), 5),
    ]
    assert not list(children({"one": [], "many": {}, "named": [], "patterned": 1}, fields))


def test_boolean_schemas_are_schemas() -> None:
    """`additionalProperties: false` is one."""
    assert list(children({"items": False}, GRAMMARS["3.1"]["schema"])) == [(("items",), "schema", False)]
