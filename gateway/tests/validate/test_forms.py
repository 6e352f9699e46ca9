"""Urlencoded forms as objects."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.model import Encoding
from gateway.tests.validate.build import WHERE, at, ref, schema_set
from gateway.validate.forms import MAX_FIELDS, Form, compile_form
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms

TOKEN = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"enum": ["client_credentials"]},
        "age": {"type": "integer"},
        "scope": {"type": "array", "items": {"type": "integer"}},
        "note": {"type": "string", "maxLength": 5},
        "a/b": {"type": "boolean"},
    },
    "additionalProperties": {"type": "string"},
}
TEXT = st.text(st.characters(codec="utf-8"))


def form(schema: Any, encoding: dict[str, Encoding] | None = None, **others: Any) -> Form:
    """A form whose object satisfies the schema."""
    return compile_form(at("A"), encoding or {}, schema_set(A=schema, **others), Terms())


def judge(data: bytes, schema: Any = TOKEN) -> list[tuple[str, str]]:
    """(pointer, keyword) of each violation."""
    found = form(schema).violations(data)
    assert all(violation[:2] == ("body", "") for violation in found)
    return [(violation.pointer, violation.keyword) for violation in found]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"grant_type=client_credentials", []),
        (b"grant_type=client%5Fcredentials&age=7&scope=1&scope=2&note=a+b", []),
        (b"grant_type=client_credentials&other=x", []),
        (b"grant%5Ftype=client_credentials&a%2Fb=true", []),
        (b"", [("/grant_type", "required")]),
        (b"grant_type=password", [("/grant_type", "enum")]),
        (b"grant_type=client_credentials&age=x", [("/age", "type")]),
        (b"grant_type=client_credentials&age=", [("/age", "type")]),
        (b"grant_type=client_credentials&age=1&age=1", [("/age", "syntax")]),
        (b"grant_type=client_credentials&scope=1&scope=x", [("/scope/1", "type")]),
        (b"grant_type=client_credentials&note=%zz", [("/note", "syntax")]),
        (b"grant_type=client_credentials&note=123456", [("/note", "maxLength")]),
        (b"grant_type=client_credentials&a%2Fb=1", [("/a~1b", "type")]),
        (b"grant_type=client_credentials&other=x&other=y", [("/other", "syntax")]),
        (b"grant_type=client_credentials&%ff=1", [("", "syntax")]),
        (b"grant_type=client_credentials&\xff=1", [("", "syntax")]),
        (b"age=x&note=%zz", [("/age", "type"), ("/note", "syntax")]),
        (b'{"grant_type": "client_credentials"}', [("/grant_type", "required")]),
        (b"a&" * MAX_FIELDS, [("", "syntax")]),
    ],
)
def test_forms(data: bytes, expected: list[tuple[str, str]]) -> None:
    """The schema decides the type of each field; fields it does not name are strings."""
    assert judge(data) == expected


@given(st.dictionaries(TEXT.filter(bool), TEXT))
def test_every_form_of_strings_is_read_as_sent(fields: dict[str, str]) -> None:
    """Exactly these names and values satisfy a schema that demands them."""
    exact = {"properties": {name: {"const": value} for name, value in fields.items()}, "required": list(fields)}
    assert judge(urlencode(fields).encode(), exact | {"additionalProperties": False}) == []


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        (b"a=1&a[]=2", ["/a[]"]),
        (b"a%5Bb%5D=2", ["/a[b]"]),
        (b"b[]=2", []),
        (b"b[]=2&x[]=3", []),
        (b"c[]=2", []),
        (b"s=x;a=2", ["/s"]),
        (b"s=x%3Ba=2", []),
        (b"r=x;y", []),
        (b"r=x;y&other=;", ["/other"]),
        (b"r=x&s;t=x", []),
        (b"d[x]=1;2", []),
        (b"d[x]=1&e[x]=;", ["/e[x]"]),
    ],
)
def test_what_readers_would_read_otherwise(data: bytes, pointers: list[str]) -> None:
    """Brackets behind a name that has none, and ";" where nothing allows it: also in forms that allow any field."""
    text = {"type": "string"}
    names = {"a": {"type": "integer"}, "b[]": text, "s": text, "r": text, "d": {"type": "object"}}
    said = {"r": encoding(reserved=True), "d": encoding("deepObject", reserved=True)}
    found = form({"type": "object", "properties": names}, said).violations(data)
    assert [violation.pointer for violation in found] == pointers
    assert {violation.keyword for violation in found} <= {"syntax"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"kind=cat&v=1", []),
        (b"kind=dog&v=x", []),
        (b"kind=cat&v=x", ["/v"]),
        (b"kind=cow&v=x", ["/kind"]),
    ],
)
def test_a_discriminator_chooses_the_types(data: bytes, expected: list[str]) -> None:
    """Of fields that are written alike in all its schemas."""
    types = {"cat": {"type": "integer"}, "dog": {"type": "string"}}
    cases = [
        {"if": {"properties": {"kind": {"const": name}}}, "then": {"properties": {"v": schema}}}
        for name, schema in types.items()
    ]
    pet = {"type": "object", "properties": {"kind": {"enum": ["cat", "dog"]}}, "allOf": cases}
    assert [pointer for pointer, _ in judge(data, pet)] == expected


def test_a_semicolon_in_a_name() -> None:
    """Where no value may hold reserved characters, it is none of a value."""
    assert judge(b"s;t=x", {"type": "object"}) == [("", "syntax")]


def test_alternatives_of_properties() -> None:
    """Fields of `oneOf` branches are typed, too."""
    schema = {"oneOf": [{"required": ["n"], "properties": {"n": {"type": "integer"}}}, ref("Other")]}
    compiled = form(schema, Other={"required": ["s"], "properties": {"s": {}}}).violations
    assert compiled(b"n=1") == []
    assert compiled(b"s=1") == []
    assert [violation.pointer for violation in compiled(b"n=x")] == ["/n"]
    assert [violation.keyword for violation in compiled(b"z=1")] == ["oneOf"]


def encoding(
    style: str | None = None, explode: bool | None = None, content_type: str = "", reserved: bool | None = None
) -> Encoding:
    """An Encoding Object."""
    return Encoding(content_type, (), style, explode, reserved, WHERE)


OBJECT = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}}
INTS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("schema", "said", "data", "expected"),
    [
        (OBJECT, None, b'o={"n":1,"s":"a"}', {"n": 1, "s": "a"}),
        (OBJECT, None, b"o=%7B%22n%22%3A+1%7D", {"n": 1}),
        ({"type": "array", "items": OBJECT}, None, b'o={"n":1}&o={"n":2}', [{"n": 1}, {"n": 2}]),
        ({"type": "array", "items": INTS}, None, b"o=[1,2]&o=[]", [[1, 2], []]),
        (INTS, None, b"o=1&o=2", [1, 2]),
        ({"anyOf": [{"type": "integer"}, OBJECT]}, None, b"o=7", 7),
        ({"anyOf": [{"type": "integer"}, OBJECT]}, None, b'o={"n":7}', {"n": 7}),
        (INTS, encoding("form", False), b"o=1,2", [1, 2]),
        (INTS, encoding("form"), b"o=1&o=2", [1, 2]),
        (INTS, encoding(None, False), b"o=1,2", [1, 2]),
        (INTS, encoding("pipeDelimited"), b"o=1|2%7C3", [1, 2, 3]),
        (INTS, encoding("spaceDelimited"), b"o=1+2%203", [1, 2, 3]),
        (OBJECT, encoding("form"), b"n=1&s=a", {"n": 1, "s": "a"}),
        (OBJECT, encoding("form", False), b"o=n,1,s,a", {"n": 1, "s": "a"}),
        (OBJECT, encoding("deepObject"), b"o[n]=1&o%5Bs%5D=a", {"n": 1, "s": "a"}),
        (OBJECT, encoding(content_type="application/json"), b'o={"n":1}', {"n": 1}),
        ({"type": "integer"}, encoding(content_type="application/json"), b"o=1", 1),
        ({"type": "string"}, encoding(content_type="application/json"), b"o=%22a%22", "a"),
        (INTS, encoding(content_type="application/json"), b"o=1&o=2", [1, 2]),
        (INTS, encoding(content_type="application/json"), b"o=[1,2]", [1, 2]),
        ({"type": "integer"}, encoding(content_type="text/plain"), b"o=1", 1),
        ({"type": "string"}, encoding(content_type="image/png, image/jpeg"), b"o=aWNvbg%3D%3D", "aWNvbg=="),
    ],
)
def test_a_field_is_written_as_its_encoding_says(
    schema: Any, said: Encoding | None, data: bytes, expected: object
) -> None:
    """In a style, as content of a media type, or by default by its type (OpenAPI 3.2.0, Encoding Object)."""
    compiled = form({"type": "object", "properties": {"o": schema}}, {"o": said} if said else {})
    assert compiled.value(data) == {"o": expected}
    assert compiled.violations(data) == []


@pytest.mark.parametrize(
    ("schema", "said", "data", "expected"),
    [
        (OBJECT, None, b"o={", ("/o", "syntax")),
        (OBJECT, None, b'o={"n":1,"n":2}', ("/o", "syntax")),
        (OBJECT, None, b'o={"n":"x"}', ("/o/n", "type")),
        (OBJECT, None, b"o[n]=1", ("/o[n]", "syntax")),
        (OBJECT, encoding("form"), b"n[]=1", ("/n[]", "syntax")),
        (OBJECT, encoding("deepObject"), b"o[n]=x", ("/o/n", "type")),
        (OBJECT, encoding("deepObject"), b"o[n=1", ("/o", "syntax")),
        (OBJECT, encoding("deepObject"), b"o[\xff]=1", ("/o", "syntax")),
        (OBJECT, encoding("deepObject"), b"o=1&o[n]=1", ("/o", "syntax")),
        (OBJECT, encoding("form"), b"n=x", ("/o/n", "type")),
        (INTS, encoding("form", False), b"o=1&o=2", ("/o", "syntax")),
        (INTS, encoding(content_type="application/json"), b"o=x", ("/o", "syntax")),
    ],
)
def test_a_field_that_is_written_otherwise(
    schema: Any, said: Encoding | None, data: bytes, expected: tuple[str, str]
) -> None:
    """One violation at the place of the field."""
    whole = {"type": "object", "properties": {"o": schema}, "additionalProperties": False}
    [violation] = form(whole, {"o": said} if said else {}).violations(data)
    assert (violation.pointer, violation.keyword) == expected


def test_the_alternatives_of_a_form_decide_its_types() -> None:
    """The same text is a number in one branch and a string in the other."""
    branches = [
        {"properties": {"kind": {"const": kind}, "v": {"type": type_}}, "required": ["kind", "v"]}
        for kind, type_ in (("n", "integer"), ("s", "string"))
    ]
    compiled = form({"type": "object", "oneOf": branches})
    assert compiled.value(b"kind=n&v=7") == {"kind": "n", "v": 7}
    assert compiled.value(b"kind=s&v=7") == {"kind": "s", "v": "7"}
    assert compiled.violations(b"kind=n&v=x") != []


def test_additional_properties_are_typed() -> None:
    """By the schema of those that have no name, or a pattern."""
    compiled = form({"patternProperties": {"^s_": {"type": "string"}}, "additionalProperties": INTS})
    assert compiled.value(b"s_a=1&b=2&b=3") == {"s_a": "1", "b": [2, 3]}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "array", "items": OBJECT}, encoding("form")),
        (OBJECT, encoding("matrix")),
        (OBJECT, encoding(content_type="application/pdf")),
    ],
)
def test_what_has_no_notation_does_not_compile(schema: Any, said: Encoding) -> None:
    """Fail closed."""
    with pytest.raises(SchemaError):
        form({"properties": {"o": schema}}, {"o": said})
    with pytest.raises(SchemaError, match="a form is an object"):
        form({"type": "array"})


@given(st.binary())
def test_no_bytes_break_the_judge(data: bytes) -> None:
    """Any body gets its violations."""
    for violation in form(TOKEN).violations(data):
        assert violation.message.isprintable()
