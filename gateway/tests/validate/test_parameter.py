"""One parameter or header."""

from typing import Any

import pytest

from gateway.contract.model import Encoding, Header
from gateway.tests.validate.build import WHERE, at, header, parameter, schema_set
from gateway.validate.parameter import KeyedCheck, TextCheck, compile_header, compile_parameter, compile_text
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.validate.text import BadText

SCHEMAS: dict[str, Any] = {
    "int": {"type": "integer", "minimum": 1},
    "str": {"type": "string"},
    "ints": {"type": "array", "items": {"type": "integer"}},
    "object": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
    "either": {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"n": {"type": "integer"}}}]},
}


def text(place: str, schema: str | None, **changes: Any) -> TextCheck:
    """The check of a parameter under its own name."""
    return compile_text(parameter(place, schema, **changes), schema_set(**SCHEMAS), Terms())


def keyed(schema: str, **changes: Any) -> KeyedCheck:
    """The check of a query parameter with keys of its own."""
    check = compile_parameter(parameter("query", schema, **changes), schema_set(**SCHEMAS), Terms())
    assert isinstance(check, KeyedCheck)
    return check


@pytest.mark.parametrize(
    ("content", "schema", "raw", "expected"),
    [
        ("application/json", "object", b'{"n": 1}', {"n": 1}),
        ("application/json", "object", b"%7B%22n%22%3A1%7D", {"n": 1}),
        ("application/json", None, b"[1]", [1]),
        ("application/vnd.a+json", "ints", b"[1,2]", [1, 2]),
        ("text/plain", "int", b"7", 7),
        ("text/plain", "str", b"a+b", "a b"),
        ("application/x-www-form-urlencoded", "object", b"n%3D1", {"n": 1}),
        ("application/pdf", None, b"anything", None),
    ],
)
def test_content(content: str, schema: str | None, raw: bytes, expected: object) -> None:
    """What decodes bodies decodes parameters; without a schema, only JSON is read."""
    check = text("query", schema, content=content, style="")
    assert check.value([raw]) == expected
    assert check.violations([raw]) == []


@pytest.mark.parametrize(
    ("content", "schema", "query", "expected"),
    [
        ("application/x-www-form-urlencoded", "object", b"n=1&x=a+b", {"n": 1, "x": "a b"}),
        ("application/json", "object", b"%7B%22n%22:1%7D", {"n": 1}),
        ("text/plain", "str", b"a+b%20c&d=e", "a+b c&d=e"),
    ],
)
def test_a_whole_query(content: str, schema: str, query: bytes, expected: object) -> None:
    """`in: querystring`: a form is read as one, anything else is percent-encoded and has no "+" for a space."""
    check = text("querystring", schema, content=content, style="")
    assert check.value([query]) == expected
    assert check.place == "query"


def test_a_form_in_a_query_has_its_encoding() -> None:
    """As in a body."""
    said = {"ints": Encoding("", (), "pipeDelimited", None, None, WHERE)}
    schemas = schema_set(A={"properties": {"ints": SCHEMAS["ints"]}})
    whole = parameter("querystring", "A", content="application/x-www-form-urlencoded", style="", encoding=said)
    assert compile_text(whole, schemas, Terms()).value([b"ints=1|2"]) == {"ints": [1, 2]}


@pytest.mark.parametrize(
    ("schema", "raw", "pointer", "keyword"),
    [
        ("object", b"{", "", "syntax"),
        ("object", b"", "", "required"),
        ("object", b'{"n":"x"}', "/n", "type"),
        ("object", b'{"n":1,"n":1}', "", "syntax"),
        ("object", b"\xff", "", "syntax"),
        (None, b"{", "", "syntax"),
    ],
)
def test_content_that_is_wrong(schema: str | None, raw: bytes, pointer: str, keyword: str) -> None:
    """One violation."""
    [violation] = text("query", schema, content="application/json", style="").violations([raw])
    assert (violation.pointer, violation.keyword) == (pointer, keyword)


@pytest.mark.parametrize(
    "changes",
    [
        {"content": "application/pdf", "style": ""},
        {"content": "nonsense", "style": ""},
        {"content": "application/json; charset=ebcdic", "style": ""},
        {"style": "simple"},
        {"style": "deepObject"},
    ],
)
def test_what_is_not_decoded_does_not_compile(changes: dict[str, Any]) -> None:
    """Fail closed."""
    with pytest.raises(SchemaError):
        text("query", "object", **changes)


def test_the_fast_way_and_the_exact_way_agree() -> None:
    """In the path the raw text is a str, elsewhere bytes."""
    path, query = text("path", "int"), text("query", "int")
    for raw, good in (("7", True), ("%37", True), ("0", False), ("x", False)):
        assert (path.certainly(raw) or not path.violations([raw.encode()])) is good
        assert query.holds(raw.encode()) is good


def test_keys_of_its_own() -> None:
    """Exploded objects and `deepObject` are judged over all pairs."""
    spread, deep = keyed("object"), keyed("object", style="deepObject", explode=False)
    assert spread.violations({b"n": [b"1"]}, ()) == deep.violations({b"p[n]": [b"1"]}, ()) == []
    assert spread.value({b"n": [b"1"]}, ()) == deep.value({b"p[n]": [b"1"]}, ()) == {"n": 1}
    assert spread.value({}, ()) is deep.value({}, ()) is None
    assert [v.pointer for v in spread.violations({b"n": [b"x"]}, ())] == ["/n"]
    with pytest.raises(BadText):
        deep.value({b"p[n": [b"1"]}, ())


@pytest.mark.parametrize(
    ("schema", "style", "expected"),
    [
        ("object", "form", [("/n", "required")]),
        ("either", "form", [("", "required")]),
        ("object", "deepObject", [("", "required")]),
    ],
)
def test_a_required_object_that_is_not_there(schema: str, style: str, expected: list[tuple[str, str]]) -> None:
    """An exploded object without properties leaves no trace: it is judged as an empty one."""
    found = keyed(schema, style=style, required=True).violations({}, ())
    assert [(violation.pointer, violation.keyword) for violation in found] == expected
    assert keyed(schema, style=style).violations({}, ()) == []


@pytest.mark.parametrize("style", ["form", "deepObject"])
def test_an_empty_value_may_stand_for_an_object(style: str) -> None:
    """Where `allowEmptyValue` says so, and alone."""
    check = keyed("either", style=style, allow_empty=True)
    assert check.violations({b"p": [b""]}, ()) == []
    assert check.violations({b"p": [b"x"]}, ()) != []
    member = b"p[n]" if style == "deepObject" else b"n"
    assert check.violations({b"p": [b""], member: [b"x"]}, ()) != []
    assert keyed("either", style=style).violations({b"p": [b""]}, ()) != []


def test_response_headers() -> None:
    """Style `simple`, the collections of 2.0, or content."""
    schemas = schema_set(**SCHEMAS)
    assert compile_header(header("ints"), schemas).value([b"1, 2"]) == [1, 2]
    spaced = Header("X-H", False, at("ints"), False, "", WHERE, "spaceDelimited")
    assert compile_header(spaced, schemas).value([b"1 2"]) == [1, 2]
    assert compile_header(header("object", content="application/json"), schemas).value([b'{"n":1}']) == {"n": 1}
    assert compile_header(header("int"), schemas).missing().keyword == "required"
