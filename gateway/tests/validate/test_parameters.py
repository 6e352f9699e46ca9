"""Parameters: every style that is decoded, and everything that can be wrong with one."""

from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Validate
from gateway.errors import Violation
from gateway.tests.validate.build import header, parameter, schema_set
from gateway.validate import schema
from gateway.validate.parameter import compile_header
from gateway.validate.parameters import ParameterCheck, compile_parameters
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms

SCHEMAS: dict[str, Any] = {
    "int": {"type": "integer", "minimum": 1},
    "str": {"type": "string"},
    "word": {"type": "string", "pattern": "^[a-z]+$"},
    "any": {},
    "unit": {"enum": ["metric", "imperial"]},
    "flag": {"type": "boolean"},
    "maybe": {"type": ["integer", "null"]},
    "ints": {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
    "strs": {"type": "array", "items": {"type": "string"}},
    "list": {"type": "array"},
    "least": {"minimum": 5},
    "patterned": {"pattern": "^a"},
    "short": {"type": "string", "minLength": 3, "maxLength": 3},
    "spread": {"type": "object", "properties": {"R": {"type": "integer"}}},
    "deep": {"type": "object"},
    "object": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
    "objects": {"type": "array", "items": {"$ref": "#/components/schemas/object"}},
    "date": {"type": "string", "format": "date-time"},
}


def check(
    *parameters: Any, names: tuple[str, ...] = ("p",), unknown: str = "refuse", passes: tuple[str, ...] = ()
) -> ParameterCheck:
    """The check of an operation with these parameters."""
    return compile_parameters(
        parameters, names, schema_set(**SCHEMAS), Terms(frozenset(passes), Validate(unknown_query=unknown))
    )


def judge(compiled: ParameterCheck, place: str, raw: str | bytes | None) -> list[Violation]:
    """Judge one raw text as the whole path value, query, cookie field or value of the header `p`."""
    if place == "path":
        assert isinstance(raw, str)
        return compiled([raw], None, {})
    data = raw.encode() if isinstance(raw, str) else raw
    if place == "query":
        return compiled(["1"], data, {})
    return compiled(["1"], None, {} if data is None else {b"p" if place == "header" else b"cookie": data})


def decoded(compiled: ParameterCheck, place: str, raw: str) -> object:
    """The one value that comes out."""
    data = raw.encode()
    lookup = {b"p": data} if place == "header" else {b"cookie": data}
    [(found_place, name, value)] = compiled.decode([raw], data if place == "query" else None, lookup)
    assert (found_place, name) == (place, "p")
    return value


def test_only_a_query_reads_plus_as_a_space() -> None:
    """Cookies, paths and header fields mean a plus."""
    read = {
        place: decoded(check(parameter(place, "str")), place, raw)
        for place, raw in [("query", "p=a+b"), ("cookie", "p=a+b"), ("path", "a+b"), ("header", "a+b")]
    }
    assert read == {"query": "a b", "cookie": "a+b", "path": "a+b", "header": "a+b"}


NO_COMMA = st.text(st.characters(codec="utf-8", exclude_characters=","), min_size=1)
FIELD = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"], exclude_characters=","), min_size=1)


@pytest.mark.parametrize("place", ["path", "query", "header", "cookie"])
@given(st.integers())
def test_integers_survive_every_place(place: str, value: int) -> None:
    """The decoded value is the number that was sent."""
    compiled = check(parameter(place, "maybe"))
    raw = str(value) if place in ("path", "header") else f"p={value}"
    assert decoded(compiled, place, raw) == value
    assert judge(compiled, place, raw) == []


@given(st.text(st.characters(codec="utf-8")), NO_COMMA, FIELD)
def test_strings_survive_every_place(text: str, path: str, field: str) -> None:
    """Path, query and cookie values are percent-encoded, header values are as they are."""
    assert decoded(check(parameter("query", "str")), "query", "p=" + quote_plus(text)) == text
    assert decoded(check(parameter("cookie", "str")), "cookie", "p=" + quote(text, safe="")) == text
    assert decoded(check(parameter("path", "str")), "path", quote(path, safe="")) == path
    assert decoded(check(parameter("header", "str")), "header", field) == field


@pytest.mark.parametrize(
    ("place", "schema_name", "changes", "raw"),
    [
        ("path", "int", {}, "42"),
        ("path", "ints", {}, "1,2,3"),
        ("path", "word", {}, "abc"),
        ("query", "int", {}, "p=42"),
        ("query", "int", {}, "p=%34%32"),
        ("query", "int", {}, "%70=42"),
        ("query", "int", {}, "&&p=42&"),
        ("query", "str", {}, "p="),
        ("query", "str", {}, "p"),
        ("query", "str", {}, "p=a=b"),
        ("query", "any", {}, "p=1"),
        ("query", "unit", {}, "p=%6detric"),
        ("query", "flag", {}, "p=true"),
        ("query", "ints", {}, "p=1&p=2"),
        ("query", "ints", {}, "p=1"),
        ("query", "ints", {"explode": False}, "p=1,2"),
        ("query", "list", {}, "p=a&p=b"),
        ("query", "date", {}, "p=2026-11-22T08:00:00%2B01:00"),
        ("query", "int", {"allow_empty": True}, "p="),
        ("query", "int", {"allow_empty": True}, "p"),
        ("query", "object", {"content": "application/json", "style": ""}, "p=%7B%22n%22:1%7D"),
        ("query", "object", {"content": "application/vnd.x+json", "style": ""}, 'p={"n":1}'),
        ("header", "int", {}, "42"),
        ("header", "int", {}, " 42\t"),
        ("header", "ints", {}, "1, 2 ,3"),
        ("header", "str", {}, "100%"),
        ("header", "str", {}, "é"),
        ("header", "object", {"content": "application/json", "style": ""}, '{"n": 1}'),
        ("cookie", "int", {}, "a=b; p=42; c=d"),
        ("cookie", "str", {}, "p=a+b"),
        ("cookie", "str", {}, 'p="a"'),
        ("cookie", "int", {}, "nonsense; other=%zz"),
        ("query", "int", {}, ""),
        ("query", "int", {}, None),
        ("header", "int", {}, None),
    ],
)
def test_what_is_fine(place: str, schema_name: str, changes: dict[str, Any], raw: str | None) -> None:
    """No violation."""
    assert judge(check(parameter(place, schema_name, **changes)), place, raw) == []


@pytest.mark.parametrize(
    ("place", "schema_name", "changes", "raw", "expected"),
    [
        ("path", "int", {}, "x", ("", "type")),
        ("path", "int", {}, "0", ("", "minimum")),
        ("path", "word", {}, "A", ("", "pattern")),
        ("path", "ints", {}, "1,x", ("/1", "type")),
        ("path", "ints", {}, "1,,2", ("/1", "type")),
        ("query", "int", {}, "p=", ("", "type")),
        ("query", "int", {}, "p", ("", "type")),
        ("query", "int", {}, "p=1.0", ("", "type")),
        ("query", "int", {}, "p=+1", ("", "type")),
        ("query", "int", {}, "p=1&p=1", ("", "syntax")),
        ("query", "int", {}, "p=1&%70=2", ("", "syntax")),
        ("query", "int", {}, "p=1%", ("", "syntax")),
        ("query", "str", {}, "p=%zz", ("", "syntax")),
        ("query", "str", {}, "p=%ff", ("", "syntax")),
        ("query", "str", {}, b"p=\xff", ("", "syntax")),
        ("query", "unit", {}, "p=Metric", ("", "enum")),
        ("query", "flag", {}, "p=1", ("", "type")),
        ("query", "maybe", {}, "p=null", ("", "type")),
        ("query", "ints", {}, "p=1&p=2&p=3&p=4", ("", "maxItems")),
        ("query", "ints", {}, "p=1,2", ("/0", "type")),
        ("query", "ints", {"explode": False}, "p=1,2&p=3", ("", "syntax")),
        ("query", "ints", {"explode": False}, "p=1%2C2", ("/0", "type")),
        ("query", "ints", {"explode": False}, "p=1,%zz", ("/1", "syntax")),
        ("query", "ints", {}, "p=", ("/0", "type")),
        ("query", "date", {}, "p=yesterday", ("", "format")),
        ("query", "int", {"allow_empty": True}, "p=x", ("", "type")),
        ("query", "int", {"required": True}, "", ("", "required")),
        ("query", "int", {"required": True}, None, ("", "required")),
        ("query", "int", {"required": True}, "&", ("", "required")),
        ("query", "object", {"content": "application/json", "style": ""}, "p={", ("", "syntax")),
        ("query", "object", {"content": "application/json", "style": ""}, 'p={"n":1,"n":2}', ("", "syntax")),
        ("query", "object", {"content": "application/json", "style": ""}, 'p={"n":"x"}', ("/n", "type")),
        ("header", "int", {}, "1, 2", ("", "type")),
        ("header", "int", {}, "", ("", "type")),
        ("header", "str", {}, b"\xff", ("", "syntax")),
        ("header", "int", {"required": True}, None, ("", "required")),
        ("cookie", "int", {}, "p=x", ("", "type")),
        ("cookie", "int", {}, "p=1; p=2", ("", "syntax")),
        ("cookie", "str", {}, "p=%zz", ("", "syntax")),
        ("cookie", "int", {"required": True}, "P=1", ("", "required")),
        ("cookie", "int", {"required": True}, None, ("", "required")),
    ],
)
def test_what_is_wrong(
    place: str, schema_name: str, changes: dict[str, Any], raw: Any, expected: tuple[str, str]
) -> None:
    """Exactly one violation, with the place in the value and the keyword."""
    [violation] = judge(check(parameter(place, schema_name, **changes)), place, raw)
    assert (violation.place, violation.name) == (place, "p")
    assert (violation.pointer, violation.keyword) == expected


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (b"q=1", ["q"]),
        (b"P=1", ["P"]),
        (b"p=1&q=1&r", ["q", "r"]),
        (b"q[]=1", ["q[]"]),
        (b"%71=1", ["q"]),
        (b"=1", [""]),
        (b"a%0Ab=1", ["ab"]),
        (b"q" * 500, ["q" * 63 + "…"]),
        (b"q=1&q=2", ["q"]),
    ],
)
def test_unknown_query_parameters(query: bytes, names: list[str]) -> None:
    """Refused by name, or let through, as the setting says; names are bounded and printable."""
    found = check(parameter("query", "int"))(["1"], query, {})
    assert [violation[:4] for violation in found] == [("query", name, "", "unknown") for name in names]
    assert check(parameter("query", "int"), unknown="allow")(["1"], query, {}) == []


@pytest.mark.parametrize(("query", "name"), [(b"%zz=1", "%zz"), (b"%ff=1", "%ff"), (b"a\xff=1", "a"), (b"%=1", "%")])
def test_broken_query_names_are_always_refused(query: bytes, name: str) -> None:
    """What two readers decode differently is nobody's parameter, also where unknown ones may pass."""
    for unknown in ("refuse", "allow"):
        [violation] = check(parameter("query", "int"), unknown=unknown)(["1"], query, {})
        assert violation[:4] == ("query", name, "", "syntax")


@pytest.mark.parametrize("unknown", ["refuse", "allow"])
@pytest.mark.parametrize(
    ("query", "names"),
    [
        (b"p=1&p[]=2", ["p[]"]),
        (b"p%5Bx%5D=2", ["p[x]"]),
        (b"R[]=2", ["R[]"]),
        (b"l[]=2", []),
        (b"d[x]=2", []),
        (b"s=a;p=2", ["s"]),
        (b"s=a%3Bp=2", []),
        (b"s=a&;p=2", [""]),
        (b"r=a;b", []),
        (b"x[]=;", []),
    ],
)
def test_what_readers_would_read_otherwise(query: bytes, names: list[str], unknown: str) -> None:
    """Brackets behind a name that has none, and ";" where nothing allows it: no backend finds an unjudged value."""
    judge = check(
        parameter("query", "int"),
        parameter("query", "spread", "o"),
        parameter("query", "str", "l[]"),
        parameter("query", "deep", "d", style="deepObject"),
        parameter("query", "str", "s"),
        parameter("query", "str", "r", allow_reserved=True),
        parameter("query", "str", "x"),
        unknown=unknown,
        passes=("parameter:query.x",),
    )
    found = judge(["1"], query, {})
    assert [violation.name for violation in found if violation.keyword == "syntax"] == names
    assert {violation.keyword for violation in found} <= ({"syntax", "unknown"} if b";p" in query else {"syntax"})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"p=5", []),
        (b"p=3", [("p", "minimum")]),
        (b"p=x", []),
        (b"p=5&p=6", [("p", "syntax")]),
        (b"q=ab&q=ab", [("q", "syntax")]),
        (b"q=b", [("q", "pattern")]),
    ],
)
def test_keywords_of_single_values_say_that_it_is_one(query: bytes, expected: list[tuple[str, str]]) -> None:
    """Without a `type`: else a text would be no number, and a repeated one no string, and both beyond the keyword."""
    judge = check(parameter("query", "least"), parameter("query", "patterned", "q"))
    assert [(violation.name, violation.keyword) for violation in judge(["1"], query, {})] == expected


@pytest.mark.parametrize(
    ("field", "names"),
    [
        (b'a="; p=5; b="', ["a", "b"]),
        (b'a="x\\"; p=5; b="y"', ["a"]),
        (b'a="x"y"; p=5', ["a"]),
        (b'a="x"; p=5', []),
        (b'a="x\\"y\\054"; p=5', []),
        (b'a=x"y; p=5', []),
        (b'p=5; a={"b":1}', []),
        (b'p=5; "a=b', []),
    ],
)
def test_quotes_in_cookies(field: bytes, names: list[str]) -> None:
    """One that goes on behind a ";" would hide cookies from some readers, and only from some."""
    found = check(parameter("cookie", "int"))(["1"], None, {b"cookie": field})
    assert [(violation.place, violation.name) for violation in found] == [("cookie", name) for name in names]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({b"x-api-id": b"1"}, []),
        ({b"x-api-id": b"1", b"x_api_id": b"2"}, ["x_api_id"]),
        ({b"x-api_id": b"2"}, ["x-api_id"]),
        ({b"x_other": b"2", b"y_z": b"3"}, []),
    ],
)
def test_header_names_that_backends_cannot_tell_apart(fields: dict[bytes, bytes], names: list[str]) -> None:
    """CGI and WSGI write "-" as "_", so that an unjudged field would be read as a documented one."""
    judge = check(parameter("header", "int", "X-Api-Id"), parameter("header", "int", "Y_Z"))
    found = judge(["1"], None, fields)
    assert [(violation.place, violation.name) for violation in found] == [("header", name) for name in names]


def test_blanks_around_a_header_field_are_none_of_its_value() -> None:
    """RFC 9112 section 5.1: also where a fast test decides."""
    judge = check(parameter("header", "short"))
    assert judge(["1"], None, {b"p": b"abc \t"}) == []
    assert judge(["1"], None, {b"p": b"ab "})[0].keyword == "minLength"


def test_unknown_headers_and_cookies_are_nobodys_business() -> None:
    """Only query keys have to be documented."""
    assert check(parameter("cookie", "int"))(["1"], None, {b"cookie": b"x=1", b"x-y": b"z"}) == []


def test_several_parameters_give_all_their_violations() -> None:
    """Path values are matched by name, header names without regard to case."""
    compiled = check(
        parameter("path", "int", "b"),
        parameter("path", "unit", "a"),
        parameter("query", "int", "q", required=True),
        parameter("header", "int", "X-Number"),
        names=("a", "b"),
    )
    assert compiled(["metric", "1"], b"q=1", {b"x-number": b"1"}) == []
    found = compiled(["1", "metric"], b"z", {b"x-number": b"0"})
    assert [(v.place, v.name, v.keyword) for v in found] == [
        ("path", "a", "enum"),
        ("path", "b", "type"),
        ("query", "z", "unknown"),
        ("query", "q", "required"),
        ("header", "X-Number", "minimum"),
    ]


def test_passed_parameters_are_known_and_not_judged() -> None:
    """Also in the bracket notation that `deepObject` gives them, and where nothing could decode them."""
    deep = parameter("query", "object", "filter", style="deepObject", required=True)
    compiled = check(deep, passes=("parameter:query.filter",))
    assert compiled(["1"], b"filter[n]=x&filter=y", {}) == []
    assert [v.name for v in compiled(["1"], b"filters=1", {})] == ["filters"]


def test_a_passed_exploded_object_makes_every_key_possible() -> None:
    """Its property names are query keys; which ones is not judged."""
    spread = parameter("query", "object", "filter")
    compiled = check(spread, parameter("query", "int"), passes=("parameter:query.filter",))
    assert compiled(["1"], b"whatever=1", {}) == []
    assert [v.name for v in compiled(["1"], b"whatever=1&p=x", {})] == ["p"]


@pytest.mark.parametrize(
    "undecodable",
    [
        parameter("path", "int", style="form"),
        parameter("header", "ints", style="matrix"),
        parameter("cookie", "object", style="deepObject", explode=False),
        parameter("query", "objects"),
        parameter("query", "object", content="application/pdf", style=""),
        parameter("query", "object", content="nonsense", style=""),
        parameter("query", "missing"),
    ],
)
def test_what_cannot_be_decoded_does_not_compile(undecodable: Any) -> None:
    """Fail closed: an error at load, not a parameter that nobody looks at."""
    with pytest.raises(SchemaError):
        check(undecodable)


def test_nothing_to_judge() -> None:
    """No parameters and no query is fine, with the violations list of each call its own."""
    compiled = check()
    first = compiled([], None, {})
    first.append(Violation("query", "x", "", "unknown", ""))
    assert compiled([], None, {}) == []
    assert compiled([], b"", {}) == []


def test_explanations_show_what_decodes() -> None:
    """In the order of the places; what is missing or broken is left out."""
    compiled = check(
        parameter("path", "int"),
        parameter("query", "ints", "q"),
        parameter("query", "int", "broken"),
        parameter("header", "flag", "h"),
        parameter("cookie", "str", "c"),
    )
    found = compiled.decode(["7"], b"q=1&q=2&broken=x&z=1", {b"h": b"true", b"cookie": b"d=1"})
    assert found == [("path", "p", 7), ("query", "q", [1, 2]), ("header", "h", True)]


def test_judging_builds_no_validator() -> None:
    """Neither for good nor for bad requests."""
    compiled = check(parameter("path", "int"), parameter("query", "word", "q"))
    before = schema.built
    for query in (b"q=a", b"q=A", b"x=1"):
        compiled(["1"], query, {})
        compiled(["x"], query, {})
    assert schema.built == before


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_bytes_break_the_judge(query: bytes, cookie: bytes) -> None:
    """Any query and any cookie field get a list of violations, none of which quotes a value."""
    compiled = check(parameter("query", "ints"), parameter("cookie", "word", "c"))
    for violation in compiled(["1"], b"p=" + query, {b"cookie": b"c=" + cookie}):
        assert violation.message.isprintable()
        assert len(violation.message) < 120


def test_a_response_header_is_judged_like_a_parameter() -> None:
    """The decoding of header parameters, for the other direction."""
    compiled = compile_header(header("ints", "X-Ids"), schema_set(**SCHEMAS))
    assert compiled.holds(b"1, 2") and not compiled.holds(b"1, x")
    assert compiled.violations([b"1, x"])[0][:4] == ("header", "X-Ids", "/1", "type")
    assert compile_header(header(None), schema_set(**SCHEMAS)).holds(b"anything")


def test_references_in_parameter_schemas() -> None:
    """A schema behind a reference decides the type as if it stood there."""
    schemas = schema_set(a={"$ref": "#/components/schemas/b"}, b={"allOf": [{"type": "integer"}, {"maximum": 5}]})
    compiled = compile_parameters([parameter("query", "a")], [], schemas, Terms())
    assert compiled([], b"p=5", {}) == []
    assert [v.keyword for v in compiled([], b"p=6", {})] == ["maximum"]


SPREAD = {"type": "object", "properties": {"a": {"type": "integer"}}}
MORE: dict[str, Any] = SCHEMAS | {
    "spread": SPREAD,
    "strict": SPREAD | {"additionalProperties": False, "required": ["a"]},
    "further": SPREAD | {"additionalProperties": {"type": "integer"}},
    "range": {"anyOf": [{"type": "integer"}, {"type": "object", "additionalProperties": {"type": "integer"}}]},
}


def of_query(*parameters: Any, unknown: str = "refuse", passes: tuple[str, ...] = ()) -> ParameterCheck:
    """The check of query parameters over more schemas."""
    terms = Terms(frozenset(passes), Validate(unknown_query=unknown))
    return compile_parameters(parameters, (), schema_set(**MORE), terms)


@pytest.mark.parametrize(
    ("schemas", "query", "refused", "allowed"),
    [
        (["spread"], b"a=1&p=2", [], []),
        (["spread"], b"x=1", [("x", "unknown")], []),
        (["spread"], b"a=x&x=1", [("x", "unknown"), ("o", "type")], [("o", "type")]),
        (["strict"], b"", [("o", "required")], [("o", "required")]),
        (["strict"], b"a=1&x=1", [("x", "unknown")], []),
        (["further"], b"a=1&x=1", [], []),
        (["further"], b"a=1&x=y", [("o", "type")], [("o", "type")]),
        (["further"], b"p=1", [], []),
        (["further"], b"%zz=1", [("%zz", "syntax")], [("%zz", "syntax")]),
        (["further"], b"x=1&x=2", [("o", "syntax")], [("o", "syntax")]),
        (["object"], b"n=1&n=2", [("o", "syntax")], [("o", "syntax")]),
    ],
)
def test_exploded_objects_in_a_query(
    schemas: list[str], query: bytes, refused: list[tuple[str, str]], allowed: list[tuple[str, str]]
) -> None:
    """Named keys always belong to the object; others are unknown, or its own where it speaks of them."""
    [schema_name] = schemas
    spread = parameter("query", schema_name, "o", required=schema_name == "strict")
    for unknown, expected in (("refuse", refused), ("allow", allowed)):
        check = of_query(spread, parameter("query", "int"), unknown=unknown)
        found = check([], query, {})
        assert [(violation.name, violation.keyword) for violation in found] == expected


def test_deep_objects_in_a_query() -> None:
    """Among other parameters; a key of another name with brackets is unknown."""
    check = of_query(parameter("query", "range", "r", style="deepObject"), parameter("query", "int"))
    assert check([], b"r[gte]=1&p=1&r%5Blt%5D=2", {}) == []
    assert check([], b"r=1", {}) == []
    assert check.decode([], b"r[gte]=1&p=1", {}) == [("query", "p", 1), ("query", "r", {"gte": 1})]
    assert [(v.name, v.pointer, v.keyword) for v in check([], b"r[gte]=x&s[a]=1", {})] == [
        ("s[a]", "", "unknown"),
        ("r", "/gte", "type"),
    ]


def test_keys_passed_on_purpose_belong_to_no_object() -> None:
    """Neither the name nor its bracketed keys."""
    further, passed = parameter("query", "further", "o"), parameter("query", "object", "q", style="deepObject")
    check = of_query(further, passed, passes=("parameter:query.q",))
    assert check([], b"a=1&q=x&q[z]=y", {}) == []


def test_exploded_objects_in_cookies() -> None:
    """They are missing like any other parameter; cookies that nobody documents pass."""
    check = of_query(parameter("cookie", "strict", "o", required=True))
    assert check([], None, {b"cookie": b"a=1; session=x"}) == []
    assert [(v.name, v.pointer) for v in check([], None, {})] == [("o", "/a")]


def test_a_whole_query_is_one_parameter() -> None:
    """`in: querystring`: no key is unknown."""
    form = {"content": "application/x-www-form-urlencoded", "style": ""}
    check = of_query(parameter("querystring", "object", "q", required=True, **form))
    assert check([], b"n=1&anything=2", {}) == []
    assert [(v.place, v.name, v.pointer) for v in check([], b"n=x", {})] == [("query", "q", "/n")]
    assert [(v.name, v.keyword) for v in check([], None, {})] == [("q", "required")]
    assert check.decode([], b"n=1", {}) == [("query", "q", {"n": 1})]
    assert check.decode([], None, {}) == []
    assert of_query(parameter("querystring", "object", "q", **form))([], None, {}) == []
    passed = of_query(parameter("querystring", "object", "q", **form), passes=("parameter:querystring.q",))
    assert passed([], b"whatever=1", {}) == []


HOSTILE = [
    b"&".join(b"k%d=%d" % (n, n) for n in range(10_001)),
    b"&".join(b"r[%d]=1" % n for n in range(10_000)),
    b"&".join(b"r[a][%d]=1" % n for n in range(10_000)),
    b"r" + b"[a]" * 20_000 + b"=1",
    b"&".join(b"r" + b"[a]" * n + b"=1" for n in range(200)),
    b"r[999999999]=1&r[0]=1",
    b"r[a]=1&r=1&r[a][b]=2",
    b"r[__proto__][constructor]=1&__proto__=1&a=1",
    b"r[%ff]=1&%ff=1&a=%ff",
    b"r[" + b"9" * 10_000 + b"]=" + b"9" * 10_000,
    b"a=" + b"9" * 100_000,
    b"list=" + b",".join([b"1"] * 20_000),
    b"[[[=]]]&[]=&r[=&r]=&r[]]=1",
    b"&&&=&=&a&a=",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries(query: bytes) -> None:
    """Violations, and nothing else."""
    parameters = [
        parameter("query", "further", "o"),
        parameter("query", "object", "r", style="deepObject"),
        parameter("query", "strs", "list", explode=False),
    ]
    found = of_query(*parameters)([], query, {})
    assert found
    assert all(len(violation.name) <= 64 and violation.message.isprintable() for violation in found)


@given(st.text("ra[]0=&,%F.;+1x", max_size=40))
def test_any_query_is_judged(query: str) -> None:
    """No exception, whatever the keys."""
    check = of_query(
        parameter("query", "range", "r", style="deepObject"),
        parameter("query", "further", "o"),
        parameter("query", "strs", "x", style="pipeDelimited", explode=False),
        parameter("cookie", "spread", "c"),
        parameter("path", "ints", style="matrix", explode=True),
    )
    data = query.encode()
    for violation in check([query], data, {b"cookie": data}):
        assert violation.message.isprintable()
    check.decode([query], data, {b"cookie": data})
