"""Every cell of style, explode, place and type: what is encoded comes back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.tests.validate.build import parameter, schema_set
from gateway.tests.validate.encode import encoded
from gateway.validate.parameters import ParameterCheck, compile_parameters
from gateway.validate.styles import alternating, assigned, only, splitter, style_of
from gateway.validate.terms import Terms
from gateway.validate.text import BadText

CELLS = [
    *[("path", style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)],
    *[("query", style, explode) for style in ("form", "spaceDelimited", "pipeDelimited") for explode in (False, True)],
    ("query", "tabDelimited", False),
    ("query", "deepObject", True),
    ("header", "simple", False),
    ("header", "simple", True),
    *[("cookie", style, explode) for style in ("form", "cookie") for explode in (False, True)],
]
# What a style cannot escape cannot stand in its texts: delimiters that are escaped themselves or never are.
FORBIDDEN = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t", "label": ".", "deepObject": "[]"}

SCALARS: dict[str, Any] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "mixed": {"type": ["integer", "boolean", "null"]},
}


def texts(place: str, style: str, explode: bool) -> st.SearchStrategy[str]:
    """Strings that a cell can write."""
    if place == "header" or style == "cookie":
        return st.text("abcXYZ012-_.%+é/ü", min_size=1)
    forbidden = "" if style in ("spaceDelimited", "pipeDelimited") and explode else FORBIDDEN.get(style, "")
    return st.text(st.characters(codec="utf-8", exclude_characters=forbidden), min_size=int(style == "deepObject"))


def scalars(kind: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of one type."""
    return {
        "string": texts,
        "integer": st.integers(),
        "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "mixed": st.integers() | st.booleans(),
    }[kind]


def compiled(place: str, style: str, explode: bool, schema: Any) -> ParameterCheck:
    """The check of one parameter `p`."""
    one = parameter(place, "S", style=style, explode=explode)
    return compile_parameters([one], ("p",), schema_set(S=schema), Terms())


def come_back(check: ParameterCheck, place: str, raw: str) -> Any:
    """The decoded value; there must be no violation."""
    query = raw.encode() if place == "query" else None
    lookup = {b"p" if place == "header" else b"cookie": raw.encode()} if place in ("header", "cookie") else {}
    path = [raw if place == "path" else "x"]
    assert check(path, query, lookup) == []
    [(_, name, value)] = check.decode(path, query, lookup)
    assert name == "p"
    return value


@pytest.mark.parametrize("kind", SCALARS)
@pytest.mark.parametrize(("place", "style", "explode"), CELLS)
@settings(max_examples=20)
@given(st.data())
def test_single_values_come_back(place: str, style: str, explode: bool, kind: str, data: st.DataObject) -> None:
    """Also in the styles that OpenAPI has for arrays and objects only."""
    if style == "label" and kind == "number":
        return  # "1.5" has a dot, but a single label is not split: see the next test
    value = data.draw(scalars(kind, texts(place, style, explode)))
    style_of_text = "form" if style in ("deepObject", "tabDelimited") or "Delimited" in style else style
    raw = encoded(place, style_of_text, explode, "p", value)
    assert come_back(compiled(place, style, explode, SCALARS[kind]), place, raw) == value


@pytest.mark.parametrize("kind", SCALARS)
@pytest.mark.parametrize(("place", "style", "explode"), CELLS)
@settings(max_examples=20)
@given(st.data())
def test_arrays_come_back(place: str, style: str, explode: bool, kind: str, data: st.DataObject) -> None:
    """An item may be empty, and may hold what separates items elsewhere."""
    if style == "label" and explode and kind == "number":
        return  # the dot of "1.5" is the delimiter
    value = data.draw(st.lists(scalars(kind, texts(place, style, explode)), min_size=1))
    raw = encoded(place, style, explode, "p", value)
    check = compiled(place, style, explode, {"type": "array", "items": SCALARS[kind]})
    assert come_back(check, place, raw) == value


@pytest.mark.parametrize("kind", SCALARS)
@pytest.mark.parametrize(("place", "style", "explode"), CELLS)
@settings(max_examples=20)
@given(st.data())
def test_objects_come_back(place: str, style: str, explode: bool, kind: str, data: st.DataObject) -> None:
    """Named properties have their own types, all others that of `additionalProperties`."""
    if style == "label" and explode and kind == "number":
        return
    names = texts(place, style, explode).filter(lambda name: name not in ("", "n", "s") and "=" not in name)
    others = (
        st.just({})
        if place == "cookie" and explode
        else st.dictionaries(names, scalars(kind, texts(place, style, explode)))
    )
    value: dict[str, Any] = data.draw(others)
    value |= {"n": data.draw(st.integers())} | {"s": data.draw(texts(place, style, explode))}
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "s": {"type": "string"}},
        "required": ["n", "s"],
        "additionalProperties": SCALARS[kind],
    }
    raw = encoded(place, style, explode, "p", value)
    assert come_back(compiled(place, style, explode, schema), place, raw) == value


@settings(max_examples=50)
@given(st.data())
def test_nested_values_come_back(data: st.DataObject) -> None:
    """`deepObject` with objects and arrays inside, to any depth that is allowed."""
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "list": {"type": "array", "items": {"$ref": "#/components/schemas/S"}},
            "inner": {"$ref": "#/components/schemas/S"},
        },
        "additionalProperties": {"type": "array", "items": {"type": "boolean"}},
        "minProperties": 1,
    }
    leaf = st.fixed_dictionaries({"n": st.integers()})
    names = texts("query", "deepObject", True).filter(lambda name: name not in ("n", "list", "inner"))
    more = st.dictionaries(names, st.lists(st.booleans(), min_size=1))
    value = data.draw(
        st.recursive(
            st.builds(lambda a, b: {**b, **a}, leaf, more),
            lambda inner: st.fixed_dictionaries(
                {"n": st.integers(), "inner": inner, "list": st.lists(inner, min_size=1)}
            ),
            max_leaves=4,
        )
    )
    assert (
        come_back(
            compiled("query", "deepObject", True, schema), "query", encoded("query", "deepObject", True, "p", value)
        )
        == value
    )


@pytest.mark.parametrize(
    ("place", "style", "explode", "raw", "expected"),
    [
        # OpenAPI 3.2.0, "Style Examples", with `color` called `p`
        ("path", "matrix", False, ";p=R,100,G,200,B,150", {"R": 100, "G": 200, "B": 150}),
        ("path", "matrix", True, ";R=100;G=200;B=150", {"R": 100, "G": 200, "B": 150}),
        ("path", "label", False, ".R,100,G,200,B,150", {"R": 100, "G": 200, "B": 150}),
        ("path", "label", True, ".R=100.G=200.B=150", {"R": 100, "G": 200, "B": 150}),
        ("path", "simple", False, "R,100,G,200,B,150", {"R": 100, "G": 200, "B": 150}),
        ("path", "simple", True, "R=100,G=200,B=150", {"R": 100, "G": 200, "B": 150}),
        ("header", "simple", True, "R=100, G=200 ,B=150", {"R": 100, "G": 200, "B": 150}),
        ("query", "form", False, "p=R,100,G,200,B,150", {"R": 100, "G": 200, "B": 150}),
        ("query", "form", True, "R=100&G=200&B=150", {"R": 100, "G": 200, "B": 150}),
        ("query", "spaceDelimited", False, "p=R%20100%20G%20200", {"R": 100, "G": 200}),
        ("query", "spaceDelimited", False, "p=R+100+G+200", {"R": 100, "G": 200}),
        ("query", "pipeDelimited", False, "p=R%7C100%7cG|200", {"R": 100, "G": 200}),
        ("query", "deepObject", True, "p%5BR%5D=100&p[G]=200", {"R": 100, "G": 200}),
        ("cookie", "form", False, "p=R,100,G,200", {"R": 100, "G": 200}),
        ("cookie", "cookie", False, "p=R,100,G,200", {"R": 100, "G": 200}),
        ("cookie", "cookie", True, "R=100; G=200; B=150", {"R": 100, "G": 200, "B": 150}),
        ("path", "label", False, ".blue,black,brown", ["blue", "black", "brown"]),
        ("path", "label", True, ".blue.black.brown", ["blue", "black", "brown"]),
        ("path", "label", True, ".blue", "blue"),
        ("path", "matrix", False, ";p=blue,black", ["blue", "black"]),
        ("path", "matrix", True, ";p=blue;p=black", ["blue", "black"]),
        ("path", "matrix", False, ";p", ""),
        ("path", "matrix", True, ";p;p=a", ["", "a"]),
        ("path", "spaceDelimited", False, "a%20b", ["a", "b"]),
        ("header", "tabDelimited", False, "a\tb", ["a", "b"]),
        ("header", "pipeDelimited", False, "a%7C|b", ["a%7C", "b"]),
        ("path", "simple", False, "a%2Cb,c", ["a,b", "c"]),
        ("query", "form", False, "p=a%2Cb,c", ["a,b", "c"]),
        ("query", "form", False, "p=a/b?c:d@e!$'()*", "a/b?c:d@e!$'()*"),
        ("header", "simple", False, "a%2Cb", "a%2Cb"),
        ("cookie", "cookie", False, "p=a%2Cb", "a%2Cb"),
    ],
)
def test_written_examples(place: str, style: str, explode: bool, raw: str, expected: object) -> None:
    """What the specification shows, and what stands beside it."""
    of_objects = {"R": {"type": "integer"}, "G": {"type": "integer"}, "B": {"type": "integer"}}
    schema = {
        dict: {"type": "object", "properties": of_objects},
        list: {"type": "array", "items": {"type": "string"}},
        str: {"type": "string"},
    }[type(expected)]
    assert come_back(compiled(place, style, explode, schema), place, raw) == expected


@pytest.mark.parametrize(
    ("place", "style", "explode", "shape", "raw", "message"),
    [
        ("path", "label", False, "string", "blue", "must start with '.'"),
        ("path", "label", True, "object", ".R", "without '='"),
        ("path", "matrix", False, "string", "p=blue", "must start with ';'"),
        ("path", "matrix", False, "string", ";q=blue", "with the name of the parameter"),
        ("path", "matrix", False, "string", ";p=1;p=2", "more than once"),
        ("path", "matrix", True, "array", ";p=1;q=2", "with the name of the parameter"),
        ("path", "simple", False, "object", "R,100,G", "a name without a value"),
        ("path", "simple", True, "object", "R=100,G", "without '='"),
        ("path", "simple", True, "object", "R=1,R=2", "gives a property more than once"),
        ("path", "simple", True, "object", "R=1,%52=2", "gives a property more than once"),
        ("query", "form", False, "object", "p=R,1,R,2", "gives a property more than once"),
        ("query", "form", False, "array", "p=1,%zz", "percent sign"),
        ("query", "form", False, "array", "p=a&p=b", "more than once"),
        ("header", "simple", False, "object", "R, 1, G", "a name without a value"),
    ],
)
def test_what_is_not_in_the_style(place: str, style: str, explode: bool, shape: str, raw: str, message: str) -> None:
    """One violation that says what the notation lacks."""
    check = compiled(place, style, explode, {"type": shape})
    query = raw.encode() if place == "query" else None
    [violation] = check([raw], query, {b"p": raw.encode()})
    assert message in violation.message
    assert violation.name == "p"


@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize(
    ("place", "styles"),
    [
        ("path", {"simple", "label", "matrix", "spaceDelimited", "pipeDelimited", "tabDelimited"}),
        ("query", {"form", "spaceDelimited", "pipeDelimited", "tabDelimited"}),
        ("header", {"simple", "spaceDelimited", "pipeDelimited", "tabDelimited"}),
        ("cookie", {"form", "cookie"}),
        ("querystring", set()),
    ],
)
def test_places_have_their_styles(place: str, styles: set[str], explode: bool) -> None:
    """All others are nobody's; `deepObject` has no text under its own name."""
    every = {"simple", "label", "matrix", "form", "cookie", "deepObject", "nonsense"} | styles
    assert {style for style in every if style_of(place, style, explode, "p")} == styles


def test_empty_texts() -> None:
    """No text is no pair, but one empty item."""
    assert alternating([b""]) == assigned([b""]) == []
    assert splitter("query", "form")(b"") == [b""]
    assert only([b""]) == b""
    with pytest.raises(BadText, match="more than once"):
        only([b"", b""])
