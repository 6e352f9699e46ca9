"""What a request gives: parameters as they came, and the paths that it nearly means."""

import pytest

from gateway.cli.given import also_matching, near, parameters
from gateway.contract.model import Behaviour, Location, Operation, Parameter
from gateway.wire.message import RequestHead

WHERE = Location("a.yaml", 1, 1, "")


def parameter(place: str, name: str, style: str = "form", explode: bool = True, content: str = "") -> Parameter:
    """One that a schema is of no importance to."""
    return Parameter(name, place, False, None, "" if content else style, explode, content, False, False, WHERE)


def operation(*given: Parameter) -> Operation:
    """At /things/{id}/{file}.{ext}."""
    template = "/things/{id}/{file}.{ext}"
    return Operation("GET", template, "", None, False, given, None, (), (), Behaviour(), WHERE)


def head(query: bytes = b"", cookie: bytes = b"", **fields: bytes) -> RequestHead:
    """A request's head with these fields."""
    lookup = {name.encode(): value for name, value in fields.items()} | {b"cookie": cookie}
    return RequestHead(b"GET", b"/", query, [], lookup, "")


VALUES = ["7", "a%20b", "txt"]


@pytest.mark.parametrize(
    ("documented", "request_head", "value", "line"),
    [
        (parameter("path", "id", "simple", False), head(), 7, "path id = 7 (simple: 7)"),
        (parameter("path", "file", "simple", False), head(), "a b", 'path file = "a b" (simple: a%20b)'),
        (parameter("query", "q"), head(b"p=1&q=%C3%A9&r="), "é", 'query q = "é" (form: q=%C3%A9)'),
        (parameter("query", "q"), head(b"q=1&x=2&q=3"), [1, 3], "query q = [1, 3] (form, exploded: q=1&q=3)"),
        (parameter("query", "q", explode=False), head(b"q=1,3"), [1, 3], "query q = [1, 3] (form: q=1,3)"),
        (
            parameter("query", "q", "deepObject"),
            head(b"q%5Ba%5D=1&q[b]=2&qa=3"),
            {"a": 1, "b": 2},
            'query q = {"a": 1, "b": 2} (deepObject, exploded: q%5Ba%5D=1&q[b]=2)',
        ),
        (
            parameter("query", "q"),
            head(b"a=1&c=3&b=2"),
            {"a": 1, "b": 2},
            'query q = {"a": 1, "b": 2} (form, exploded: a=1&b=2)',
        ),
        (
            parameter("query", "q", content="application/json"),
            head(b"q=%7B%7D"),
            {},
            "query q = {} (application/json: q=%7B%7D)",
        ),
        (parameter("header", "X-Id", "simple", False), head(**{"x-id": b"5"}), 5, "header X-Id = 5 (simple: 5)"),
        (parameter("cookie", "c"), head(cookie=b"b=1; c=2"), 2, "cookie c = 2 (form: c=2)"),
        (
            parameter("querystring", "all", content="application/json"),
            head(b"[]"),
            [],
            "querystring all = [] (application/json: [])",
        ),
    ],
)  # fmt: skip
def test_a_parameter_is_shown_with_what_it_came_from(
    documented: Parameter, request_head: RequestHead, value: object, line: str
) -> None:
    """Its style says how the one becomes the other."""
    decoded = [(documented.place, documented.name, value)]
    [shown] = parameters(operation(documented), request_head, VALUES, decoded)
    assert shown.line() == line


def test_what_does_not_decode_is_shown_too() -> None:
    """And what is not given is not."""
    given = operation(parameter("query", "limit"), parameter("query", "page"), parameter("header", "x", "simple"))
    [shown] = parameters(given, head(b"limit=x"), VALUES, [])
    assert shown.line() == "query limit does not decode (form: limit=x)"


def test_what_cannot_be_printed_or_is_long_is_cut() -> None:
    """A terminal is no place for control characters, nor for a megabyte."""
    documented = parameter("query", "q")
    [shown] = parameters(operation(documented), head(b"q=\x1b[31m" + b"x" * 9999), VALUES, [("query", "q", "\x1b")])
    assert "\x1b" not in shown.line() and len(shown.line()) < 300


TEMPLATES = ["/users", "/users/{id}", "/users/me", "/users/{id}/photos/{photo}", "/files/{name}.{ext}"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/user", ("/users", "segment 1 is `users`")),
        (b"/users/", ("/users", "without the slash at the end")),
        (b"/users/7/photo/1", ("/users/{id}/photos/{photo}", "segment 3 is `photos`")),
        (b"/users/7/photos", ("/users/{id}/photos/{photo}", "it has 4 segments, the path 3 segments")),
        (b"/files/report", ("/files/{name}.{ext}", "segment 2 is `{name}.{ext}`")),
    ],
)
def test_why_a_path_is_not_the_one_that_was_meant(path: bytes, expected: tuple[str, str]) -> None:
    """The first difference, or the number of segments."""
    assert expected in list(near(TEMPLATES, path))


@pytest.mark.parametrize("path", [b"/", b"//", b"/%ff", b"/" + b"x" * 5000])
def test_nothing_is_near_everything(path: bytes) -> None:
    """A path that resembles none has none to be shown."""
    assert list(near(TEMPLATES[1:], path)) in ([], [("/users/{id}", "without the slash at the end")])


def test_templates_that_lost_to_a_literal() -> None:
    """They match, and are not meant."""
    assert list(also_matching(TEMPLATES, "/users/me", b"/users/me")) == ["/users/{id}"]
    assert list(also_matching(TEMPLATES, "/users/{id}", b"/users/7")) == []
