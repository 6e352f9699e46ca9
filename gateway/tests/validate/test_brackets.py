"""Keys with brackets: what they hold, and what two readers would not agree on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.build import at, schema_set
from gateway.validate.brackets import MAX_DEPTH, deep_object, tree
from gateway.validate.text import BadText, pairs, percent_decode
from gateway.validate.values import compile_read

INNER = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}}
INTS = {"type": "array", "items": {"type": "integer"}}
SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": "integer"},
        "inner": INNER,
        "ints": INTS,
        "list": {"type": "array", "items": INNER},
        "grid": {"type": "array", "items": INTS},
        "either": {"anyOf": [{"type": "integer"}, INTS, INNER]},
        "free": {},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


def read(query: str, schema: Any = SCHEMA) -> object:
    """The value of `f` in a query."""
    style = deep_object(lambda raw: percent_decode(raw, plus=True))
    branch = tree(b"f", pairs(query.encode()))
    assert branch is not None
    return compile_read(schema_set(A=schema), at("A"), style)(branch)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f[n]=1", {"n": 1}),
        ("f%5Bn%5D=1", {"n": 1}),
        ("g=1&f[n]=1&ff[n]=2&f.n=3", {"n": 1}),
        ("f[inner][n]=1&f[inner][s]=a+b%5B", {"inner": {"n": 1, "s": "a b["}}),
        ("f[ints]=1", {"ints": [1]}),
        ("f[ints]=1&f[ints]=2", {"ints": [1, 2]}),
        ("f[ints][]=1&f[ints][]=2", {"ints": [1, 2]}),
        ("f[ints][1]=2&f[ints][0]=1", {"ints": [1, 2]}),
        ("f[list][0][n]=1&f[list][1][n]=2&f[list][0][s]=x", {"list": [{"n": 1, "s": "x"}, {"n": 2}]}),
        ("f[grid][0][]=1&f[grid][1][]=2", {"grid": [[1], [2]]}),
        ("f[either]=1", {"either": 1}),
        ("f[either][]=1", {"either": [1]}),
        ("f[either]=1&f[either]=2", {"either": [1, 2]}),
        ("f[either][n]=1", {"either": {"n": 1}}),
        ("f[free]=1", {"free": "1"}),
        ("f[free]=1&f[free]=2", {"free": ["1", "2"]}),
        ("f[free][a][]=1&f[free][b][0]=2&f[free][c][d]=3", {"free": {"a": ["1"], "b": ["2"], "c": {"d": "3"}}}),
        ("f[map][x]=1&f[map][0]=2", {"map": {"x": 1, "0": 2}}),
        ("f[__proto__]=1&f[constructor][prototype]=2", {"__proto__": "1", "constructor": {"prototype": "2"}}),
        ("f[%C3%A4]=1", {"ä": "1"}),
        ("f[a%26b%3D]=1", {"a&b=": "1"}),
    ],
)
def test_what_clients_send(query: str, expected: object) -> None:
    """Names, `[]`, indexes and repetition, to any depth; the schema decides the types."""
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "pointer", "keyword"),
    [
        ("f=1", "", "type"),
        ("f[n]=x", "/n", "type"),
        ("f[n]=1&f[n]=2", "/n", "syntax"),
        ("f[n][x]=1", "/n", "type"),
        ("f[n][]=1", "/n", "type"),
        ("f[inner]=1", "/inner", "type"),
        ("f[inner][]=1", "/inner", "type"),
        ("f[ints][a]=1", "/ints", "type"),
        ("f[ints][0]=1&f[ints][2]=2", "/ints", "syntax"),
        ("f[ints][1]=1", "/ints", "syntax"),
        ("f[ints][999999999]=1", "/ints", "type"),
        ("f[ints][00]=1", "/ints", "type"),
        ("f[ints][-1]=1", "/ints", "type"),
        ("f[ints][]=1&f[ints][0]=2", "/ints", "type"),
        ("f[ints][]=1&f[ints][]=x", "/ints/1", "type"),
        ("f[list][][n]=1", "/list", "syntax"),
        ("f[inner][n]=1&f[inner]=2", "", "syntax"),
        ("f[inner]=2&f[inner][n]=1", "", "syntax"),
        ("f=1&f[n]=1", "", "syntax"),
        ("f[n=1", "", "syntax"),
        ("f[n]x=1", "", "syntax"),
        ("f[n]]=1", "", "syntax"),
        ("f[[n]]=1", "", "syntax"),
        ("f[n][=1", "", "syntax"),
        ("f[]=1", "", "type"),
        ("f[" + "a][" * MAX_DEPTH + "a]=1", "", "syntax"),
        ("f" + "[a]" * 5000 + "=1", "", "syntax"),
        ("f[free][0]=1&f[free][7]=1", "/free", "syntax"),
        ("f[n]=%ff", "/n", "syntax"),
    ],
)
def test_what_is_refused(query: str, pointer: str, keyword: str) -> None:
    """Contradictions, gaps, and more than the bounds."""
    with pytest.raises(BadText) as caught:
        read(query)
    assert (caught.value.pointer, caught.value.keyword) == (pointer, keyword)


def test_depth_up_to_the_bound() -> None:
    """As many brackets as are allowed."""
    value = read("f" + "[a]" * MAX_DEPTH + "=1", {})
    for _ in range(MAX_DEPTH):
        assert isinstance(value, dict)
        value = value["a"]
    assert value == "1"


def test_alternatives_do_not_multiply_with_depth() -> None:
    """Each place of the tree is read once by each schema, however many branches lead there."""
    again = {"$ref": "#/components/schemas/A"}
    schema = {
        "oneOf": [{"type": "object", "properties": {"a": again}, "required": [f"r{n}"]} for n in range(20)]
        + [{"type": "object", "properties": {"a": {"anyOf": [again, {"type": "integer"}]}}}],
    }
    assert read("f" + "[a]" * (MAX_DEPTH - 1) + "=1", schema) is not None


@pytest.mark.parametrize(
    ("query", "expected"),
    [("f=1", [1]), ("f=1&f=2", [1, 2]), ("f[]=1", [1]), ("f[0]=1", [1]), ("f[0][0]=1", [[1]]), ("f=x", None)],
)
def test_arrays_in_arrays_end(query: str, expected: object) -> None:
    """A text under a key is at most one array, also where the schema is that of arrays in arrays without end."""
    lists = {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "integer"}]}}
    if expected is not None:
        assert read(query, lists) == expected
    else:
        with pytest.raises(BadText, match="must be an"):
            read(query, lists)


def test_nothing_of_it() -> None:
    """None, which is not an empty object."""
    assert tree(b"f", {b"g[a]": [b"1"], b"ff": [b"1"]}) is None


@given(st.lists(st.tuples(st.text("f[]ab019%\xff", max_size=12), st.text("1a%", max_size=3))))
def test_any_keys_are_read_or_refused(given_pairs: list[tuple[str, str]]) -> None:
    """Nothing but BadText is raised."""
    query = "&".join(f"f{key}={value}" for key, value in [("", ""), *given_pairs])
    for schema in (SCHEMA, {}, INTS):
        try:
            read(query, schema)
        except BadText as error:
            assert error.message.isprintable()
