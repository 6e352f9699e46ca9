"""Routing answers, each chosen on purpose."""

import sys

import pytest

from gateway.contract.table import Router, match_segment, parse_template, path_items, shape

SEGMENTS = [
    ("/a/b", [("a",), ("b",)], []),
    ("/", [("",)], []),
    ("/a/{x}", [("a",), ("", "")], ["x"]),
    ("/files/{name}.{ext}", [("files",), ("", ".", "")], ["name", "ext"]),
    ("/test/{id}:clone", [("test",), ("", ":clone")], ["id"]),
    ("/a%20b/", [("a b",), ("",)], []),
]


@pytest.mark.parametrize(("template", "segments", "names"), SEGMENTS)
def test_templates_are_parsed_into_literals_and_names(template, segments, names):
    """Each segment alternates literals and variables."""
    assert parse_template(template) == (segments, names)


MIXED = [
    (("", ".", ""), "a.b", ["a", "b"]),
    (("", ".", ""), "a.tar.gz", ["a.tar", "gz"]),
    (("", ".", ""), ".b", None),
    (("", ".", ""), "a.", None),
    (("", ".", ""), "ab", None),
    (("", ".", ""), "a..", ["a", "."]),
    (("", ":clone"), "42:clone", ["42"]),
    (("", ":clone"), ":clone", None),
    (("v", "-", "!"), "v1-2!", ["1", "2"]),
    (("v", "-", "!"), "v-2!", None),
    (("", "-", "-", ""), "a-b-c", ["a", "b", "c"]),
    (("", "-", "-", ""), "----", None),
    (("", "-", "-", ""), "-----", ["-", "-", "-"]),
    (("", "ab", ""), "aabab", ["a", "ab"]),
]


@pytest.mark.parametrize(("parts", "text", "values"), MIXED)
def test_mixed_segments_match_without_empty_values(parts, text, values):
    """No variable is ever empty; the first one takes as much as it can."""
    assert match_segment(parts, text) == values


def router(*routes):
    """A router over `METHOD /template` strings, whose operations are these strings."""
    return Router(path_items((text.split()[1], text.split()[0].encode(), text) for text in routes))


def ask(table, path, method=b"GET"):
    """(operation or None, values), or None when no path matches."""
    found = table.match(path)
    return None if found is None else (found[0].operations.get(method), list(found[1]))


ANSWERS = [
    (["GET /a/{x}", "GET /a/b"], b"/a/b", ("GET /a/b", [])),
    (
        ["GET /users/me/files/{f}", "GET /users/{id}/photos/{p}"],
        b"/users/me/photos/1",
        ("GET /users/{id}/photos/{p}", ["me", "1"]),
    ),
    (["GET /hello"], b"/hello%0A", None),
    (
        ["GET /users/{id}/photos/{p}"],
        b"/users/a%2Fb/photos/1",
        ("GET /users/{id}/photos/{p}", ["a%2Fb", "1"]),
    ),
    (["GET /a/b"], b"/a/b/", None),
    (["GET /a/b/"], b"/a/b", None),
    (["GET /a/b/"], b"/a/b/", ("GET /a/b/", [])),
    (["GET /a/{x}"], b"/a/", None),
    (["GET /a/{x}"], b"/a//", None),
    (["GET /"], b"/", ("GET /", [])),
    (["GET /a"], b"/%61", ("GET /a", [])),
    (["GET /a%20b"], b"/a%20b", ("GET /a%20b", [])),
    (["GET /f/{n}.{e}", "GET /f/{n}"], b"/f/a.b", ("GET /f/{n}.{e}", ["a", "b"])),
    (["GET /f/{n}.{e}", "GET /f/{n}"], b"/f/ab", ("GET /f/{n}", ["ab"])),
    (["GET /t/{id}:clone", "GET /t/{id}"], b"/t/1:clone", ("GET /t/{id}:clone", ["1"])),
    (["GET /f/{n}.json/x", "GET /f/{n}/y"], b"/f/a.json/y", ("GET /f/{n}/y", ["a.json"])),
    (["GET /A"], b"/a", None),
    (["GET /{a}/{b}", "GET /{a}/x/y"], b"/1/x", ("GET /{a}/{b}", ["1", "x"])),
    (["GET /v/{x}"], b"/v/%C3%A4", ("GET /v/{x}", ["%C3%A4"])),
    (["GET /f/{n}.{e}"], b"/%66/%C3%A4%2Cb%2Ejson", ("GET /f/{n}.{e}", ["%C3%A4%2Cb", "json"])),
    (["GET /ä{n}%2C{e}/{x}"], b"/%C3%A4%41,1,2/%2c", ("GET /ä{n}%2C{e}/{x}", ["%41,1", "2", "%2c"])),
]


@pytest.mark.parametrize("order", [1, -1], ids=["as-written", "reversed"])
@pytest.mark.parametrize(("routes", "path", "expected"), ANSWERS)
def test_each_routing_question_has_one_answer_in_any_order(routes, path, expected, order):
    """Concrete beats templated, dead branches are left, segments are split raw, nothing is guessed."""
    assert ask(router(*routes[::order]), path) == expected


def test_the_path_is_chosen_before_the_method():
    """`POST /c/lit` is not the template's business once a concrete path matched."""
    table = router("GET /c/lit", "POST /c/{x}")
    assert ask(table, b"/c/lit", b"POST") == (None, [])
    item, _ = table.match(b"/c/lit")
    assert item.allow == b"GET, HEAD"


def test_head_is_answered_by_get_unless_documented():
    """RFC 9110 section 9.1."""
    assert ask(router("GET /a"), b"/a", b"HEAD") == ("GET /a", [])
    assert ask(router("GET /a", "HEAD /a"), b"/a", b"HEAD") == ("HEAD /a", [])


def test_a_value_that_is_not_utf8_is_an_error():
    """The caller turns it into a refusal."""
    with pytest.raises(UnicodeDecodeError):
        router("GET /a/{x}").match(b"/a/%FF")


def test_two_items_of_one_shape_are_refused():
    """The rules catch this first; the table does not depend on it."""
    with pytest.raises(ValueError, match=r"/a/\{x\} and /a/\{y\}"):
        Router(path_items([("/a/{x}", b"GET", 1), ("/a/{y}", b"GET", 2)]))


def test_shapes_ignore_names_only():
    """Variables count by place, literals by text."""
    assert shape("/a/{x}") == shape("/a/{y}")
    assert shape("/a/{x}") != shape("/a/x")
    assert shape("/a/{x}.{y}") != shape("/a/{x}")


def steps_for(table, path):
    """Python function calls made by one look-up."""
    calls = 0

    def count(frame, event, arg):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        assert table.match(path)
    finally:
        sys.setprofile(None)
    return calls


def test_a_thousand_paths_cost_the_same_as_one():
    """Counted in function calls, not in seconds."""
    one = router("GET /r500/{x}/y")
    many = router(*(f"GET /r{n}/{{x}}/y" for n in range(1000)))
    assert steps_for(many, b"/r500/1/y") == steps_for(one, b"/r500/1/y")
