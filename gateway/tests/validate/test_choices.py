"""What the specification leaves open: each answer of the table in docs/supported-openapi.md, shown."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.contract.model import Parameter
from gateway.tests.validate.build import parameter, schema_set
from gateway.validate.parameters import compile_parameters
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms

PAGE = Path(__file__).parents[3] / "docs" / "supported-openapi.md"
INT, STR = {"type": "integer"}, {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "int": INT,
    "str": STR,
    "maybe": {"type": ["integer", "null"]},
    "strs": {"type": "array", "items": STR},
    "ints": {"type": "array", "items": INT},
    "either": {"oneOf": [INT, {"type": "array", "items": INT}]},
    "rg": {"type": "object", "properties": {"R": INT, "G": INT}},
    "needs": {"type": "object", "properties": {"R": INT}, "required": ["R"]},
    "open": {"type": "object", "properties": {"R": INT}, "additionalProperties": INT},
    "free": {"type": "object"},
    "lists": {"type": "object", "properties": {"R": {"type": "array", "items": INT}}},
    "deep": {"type": "object", "properties": {"R": {"$ref": "#/components/schemas/rgOrInts"}}},
    "rgOrInts": {"anyOf": [{"$ref": "#/components/schemas/rg"}, {"$ref": "#/components/schemas/ints"}]},
    "closed": {"type": "object", "additionalProperties": False},
}


class Sent(NamedTuple):
    """A text, and either what it means by parameter or the (name, keyword) of its violation."""

    parameters: Parameter | tuple[Parameter, ...]
    raw: str | None
    expected: dict[str, Any] | tuple[str, str]


def query(schema: str, name: str = "p", **changes: Any) -> Parameter:
    """A query parameter, exploded if not said otherwise."""
    return parameter("query", schema, name, **changes)


DEEP = {"style": "deepObject"}
SPACES, PIPES = {"style": "spaceDelimited", "explode": False}, {"style": "pipeDelimited", "explode": False}
COOKIE_STYLE = {"style": "cookie", "explode": False}

CHOICES: dict[str, list[Sent]] = {
    "`p=null`, where null is allowed": [Sent(query("maybe"), "p=null", ("p", "type"))],
    "`p=a%2Cb` in an array that is not exploded": [Sent(query("strs", explode=False), "p=a%2Cb", {"p": ["a,b"]})],
    "`p=a%20b`, `p=a+b`, `p=a%7Cb` in `spaceDelimited` and `pipeDelimited`": [
        Sent(query("strs", **SPACES), "p=a%20b", {"p": ["a", "b"]}),
        Sent(query("strs", **SPACES), "p=a+b", {"p": ["a", "b"]}),
        Sent(query("strs", **PIPES), "p=a%7Cb", {"p": ["a", "b"]}),
    ],
    "`explode: true` with `spaceDelimited` or `pipeDelimited`": [
        Sent(query("strs", style="spaceDelimited", explode=True), "p=a+b&p=c", {"p": ["a b", "c"]}),
        Sent(query("rg", style="pipeDelimited", explode=True), "R=1&G=2", {"p": {"R": 1, "G": 2}}),
    ],
    "a primitive in `spaceDelimited`, `pipeDelimited` or `deepObject`": [
        Sent(query("int", **SPACES), "p=1", {"p": 1}),
        Sent(query("int", **PIPES), "p=1", {"p": 1}),
        Sent(query("int", **DEEP), "p=1", {"p": 1}),
    ],
    "`p=` for an array": [
        Sent(query("strs"), "p=", {"p": [""]}),
        Sent(query("strs", explode=False), "p=", {"p": [""]}),
        Sent(query("ints", explode=False), "p=", ("p", "type")),
    ],
    "`p=` for an object that is not exploded": [Sent(query("rg", explode=False), "p=", {"p": {}})],
    "a required array that is not there": [Sent(query("ints", required=True), None, ("p", "required"))],
    "a required exploded object of which nothing is there": [
        Sent(query("rg", required=True), None, {}),
        Sent(query("needs", required=True), None, ("p", "required")),
    ],
    "query keys that an exploded object does not name": [
        Sent(query("rg"), "R=1&x=2", ("x", "unknown")),
        Sent(query("open"), "R=1&x=2", {"p": {"R": 1, "x": 2}}),
        Sent(query("open"), "R=1&x=y", ("p", "type")),
        Sent(query("free"), "x=2", {"p": {"x": "2"}}),
    ],
    "a key that is a parameter and a property of an exploded object": [
        Sent((query("int", "R"), query("rg")), "R=1", {"R": 1, "p": {"R": 1}}),
        Sent((query("str", "R"), query("rg")), "R=x", ("p", "type")),
    ],
    "cookies that an exploded object does not name": [
        Sent(parameter("cookie", "open"), "R=1; x=y", {"p": {"R": 1}}),
    ],
    "exploded arrays in cookies, `style: form`": [
        Sent(parameter("cookie", "strs"), "p=a; p=b", {"p": ["a", "b"]}),
        Sent(parameter("cookie", "strs"), "p=a&p=b", {"p": ["a&p=b"]}),
    ],
    "a text that can be a primitive and an array": [
        Sent(query("either", explode=False), "p=1", {"p": 1}),
        Sent(query("either", explode=False), "p=1,2", {"p": [1, 2]}),
        Sent(query("either", explode=False), "p=1,x", ("p", "type")),
    ],
    "objects and arrays inside of `deepObject`": [
        Sent(query("deep", **DEEP), "p[R][G]=1", {"p": {"R": {"G": 1}}}),
        Sent(query("deep", **DEEP), "p[R]=1&p[R]=2", {"p": {"R": [1, 2]}}),
        Sent(query("deep", **DEEP), "p[R][]=1", {"p": {"R": [1]}}),
        Sent(query("deep", **DEEP), "p[R][0]=1", {"p": {"R": [1]}}),
    ],
    "indexes with gaps, `[]` together with indexes, `[]` before other brackets": [
        Sent(query("lists", **DEEP), "p[R][1]=1", ("p", "syntax")),
        Sent(query("lists", **DEEP), "p[R][]=1&p[R][0]=2", ("p", "type")),
        Sent(query("lists", **DEEP), "p[R][][a]=1", ("p", "syntax")),
    ],
    "`p=1&p[R]=2`": [Sent(query("free", **DEEP), "p=1&p[R]=2", ("p", "syntax"))],
    "a property that comes twice in one text": [Sent(query("rg", explode=False), "p=R,1,R,1", ("p", "syntax"))],
    "an array as property of an exploded object": [Sent(query("lists"), "R=1&R=2", {"p": {"R": [1, 2]}})],
    "arrays and objects inside of other styles": [],  # see test_what_is_refused_at_load
    "reserved characters without `allowReserved`, such as `p=a/b?c`": [
        Sent(query("str"), "p=a/b?c", {"p": "a/b?c"}),
        Sent(query("str", allow_reserved=True), "p=a/b?c", {"p": "a/b?c"}),
    ],
    "`p=a;b`": [
        Sent(query("str"), "p=a;b", ("p", "syntax")),
        Sent(query("str", allow_reserved=True), "p=a;b", {"p": "a;b"}),
        Sent(query("str"), "p=a%3Bb", {"p": "a;b"}),
    ],
    "`p[]=1`, `p[R]=1` where neither `deepObject` nor the name says so": [
        Sent(query("ints"), "p[]=1", ("p[]", "syntax")),
        Sent(query("ints", "p[]"), "p[]=1", {"p[]": [1]}),
    ],
    "a cookie whose value has a quote that nothing closes": [
        Sent(parameter("cookie", "int"), 'a="; p=1', ("a", "syntax")),
    ],
    "header fields whose names differ from a documented one by `_` for `-`": [],  # see test_parameters
    "`+` for a space": [
        Sent(query("str"), "p=a+b", {"p": "a b"}),
        Sent(parameter("cookie", "str"), "p=a+b", {"p": "a+b"}),
        Sent(parameter("path", "str"), "a+b", {"p": "a+b"}),
    ],
    "`label` that is not exploded": [Sent(parameter("path", "strs", style="label"), ".a.b,c", {"p": ["a.b", "c"]})],
    "`;p` in `matrix`": [Sent(parameter("path", "str", style="matrix"), ";p", {"p": ""})],
    "`allowEmptyValue`": [
        Sent(query("int", allow_empty=True), "p=", {"p": ""}),
        Sent(query("int", allow_empty=True), "p=&p=x", ("p", "syntax")),
        Sent(query("int"), "p=", ("p", "type")),
    ],
    "`allowEmptyValue: false` in 2.0": [],  # see gateway/tests/contract/test_swagger.py
    "`allowEmptyValue: true` of a form field in 2.0": [],  # the same
    "quotes and escapes in headers and in cookies of style `cookie`": [
        Sent(parameter("header", "strs"), '"a%2Cb", c', {"p": ['"a%2Cb"', "c"]}),
        Sent(parameter("cookie", "str", **COOKIE_STYLE), 'p="a%20"', {"p": '"a%20"'}),
    ],
    "a header field that comes several times": [Sent(parameter("header", "ints"), "1, 2,3", {"p": [1, 2, 3]})],
    "names such as `__proto__`": [
        Sent(query("free", **DEEP), "p[__proto__]=1", {"p": {"__proto__": "1"}}),
        Sent(query("closed", **DEEP), "p[__proto__]=1", ("p", "additionalProperties")),
    ],
}


@pytest.mark.parametrize(
    ("question", "number"), [(each, n) for each, sent in CHOICES.items() for n in range(len(sent))]
)
def test_each_choice(question: str, number: int) -> None:
    """The answer of the page."""
    given, raw, expected = CHOICES[question][number]
    parameters = given if isinstance(given, tuple) else (given,)
    place = parameters[0].place
    check = compile_parameters(parameters, ("p",), schema_set(**SCHEMAS), Terms())
    data = None if raw is None else raw.encode()
    lookup = {} if data is None or place in ("path", "query") else {b"p" if place == "header" else b"cookie": data}
    arguments = ([raw or ""], data if place == "query" else None, lookup)
    found = [(violation.name, violation.keyword) for violation in check(*arguments)]
    if isinstance(expected, tuple):
        assert found == [expected]
    else:
        assert found == []
        assert {name: value for _, name, value in check.decode(*arguments)} == expected


@pytest.mark.parametrize("inner", [{"type": "object"}, {"type": "array"}])
def test_what_is_refused_at_load(inner: dict[str, Any]) -> None:
    """Arrays and objects inside of other styles."""
    for outer in ({"type": "array", "items": inner}, {"type": "array", "prefixItems": [inner]}):
        with pytest.raises(SchemaError):
            compile_parameters([query("S")], (), schema_set(S=outer), Terms())
    with pytest.raises(SchemaError):
        spread = {"type": "object", "properties": {"a": {"type": "object"}}}
        compile_parameters([query("S")], (), schema_set(S=spread), Terms())


def test_every_row_of_the_page_is_shown() -> None:
    """The table and this file ask the same questions."""
    text = PAGE.read_text("utf-8").partition("### What the specification leaves open")[2].partition("\n## ")[0]
    questions = [row.split(" | ")[0].removeprefix("| ") for row in re.findall(r"^\|.*\|$", text, re.MULTILINE)]
    assert questions[2:] == list(CHOICES)
