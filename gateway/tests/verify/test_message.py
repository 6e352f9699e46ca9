"""Values and their bytes."""

import pytest

from gateway.tests.verify.subjects import subjects, thing
from gateway.verify.message import ABSENT, BODY, MEDIA, Edit, Raw, edited, serialise
from gateway.verify.subject import Subject

ARRAYS = """
paths:
  /a/{p}:
    get:
      parameters:
        - {name: p, in: path, required: true, schema: {type: array, items: {type: string}}}
        - {name: many, in: query, schema: {type: array, items: {type: integer}}}
        - {name: one, in: query, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: json, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: X-List, in: header, schema: {type: array, items: {type: string}}}
        - {name: c, in: cookie, schema: {type: string}}
      responses: {'200': {description: ok}}
"""


@pytest.fixture(scope="module")
def lists() -> Subject:
    """An operation with parameters of every style that is judged."""
    return subjects(ARRAYS)[0]


def test_parameters_are_written_in_their_styles(lists: Subject) -> None:
    """Path, query, header and cookie, repeated or joined by commas as documented."""
    values = {
        ("path", "p"): ["a/b", "c"],
        ("query", "many"): [1, 2],
        ("query", "one"): [1, 2],
        ("query", "json"): {"a": True},
        ("query", "other name"): "x&y",
        ("header", "X-List"): ["é", "b"],
        ("cookie", "c"): "v",
    }
    request = serialise(lists, values)
    assert request.path == "/a/a%2Fb,c"
    assert request.query == "many=1&many=2&one=1,2&json=%7B%22a%22%3A%20true%7D&other%20name=x%26y"
    assert request.fields == (("X-List", "é,b".encode()), ("Cookie", b"c=v"))
    assert request.body is None
    assert request.target("/v1") == "/v1/a/a%2Fb,c?" + request.query


@pytest.mark.parametrize(
    ("media", "value", "body"),
    [
        ("application/json", {"a": "é"}, '{"a": "é"}'.encode()),
        ("application/merge-patch+json", None, b"null"),
        ("application/x-www-form-urlencoded", {"a": "b c", "n": 1, "l": ["x", "y"]}, b"a=b+c&n=1&l=x&l=y"),
        ("text/plain", "text", b"text"),
        ("application/json", Raw(b"{"), b"{"),
    ],
)
def test_a_body_is_written_as_its_media_type(media: str, value: object, body: bytes) -> None:
    """JSON, forms, text, and bytes as they are."""
    request = serialise(thing(), {("path", "id"): 1, MEDIA: media, BODY: value})
    assert request.body == body
    assert request.lookup[b"content-type"] == media.encode()


def test_no_body_has_no_content_type() -> None:
    """What is absent leaves no trace."""
    request = serialise(thing(), edited({("path", "id"): 1, MEDIA: "application/json", BODY: 1}, [Edit(BODY, ABSENT)]))
    assert request.body is None
    assert request.fields == ()


@pytest.mark.parametrize(
    ("edit", "body"),
    [
        (Edit(BODY, 2, ("a",)), {"a": 2, "l": [{"x": 1}]}),
        (Edit(BODY, 2, ("new",)), {"a": 1, "l": [{"x": 1}], "new": 2}),
        (Edit(BODY, ABSENT, ("a",)), {"l": [{"x": 1}]}),
        (Edit(BODY, 2, ("l", 0, "x")), {"a": 1, "l": [{"x": 2}]}),
        (Edit(BODY, 2, ("l", 5)), {"a": 1, "l": [{"x": 1}]}),
        (Edit(BODY, 2, ("none", "x")), {"a": 1, "l": [{"x": 1}]}),
        (Edit(BODY, 2), 2),
    ],
)
def test_an_edit_changes_one_place(edit: Edit, body: object) -> None:
    """And only in the copy; steps that lead nowhere change nothing."""
    before = {BODY: {"a": 1, "l": [{"x": 1}]}}
    assert edited(before, [edit])[BODY] == body
    assert before == {BODY: {"a": 1, "l": [{"x": 1}]}}


def test_a_template_may_hold_what_a_target_may_not() -> None:
    """Literal text of a template is escaped as well."""
    subject = subjects("""
      paths:
        /på vent/{id}:
          get:
            parameters: [{name: id, in: path, required: true, schema: {type: string}}]
            responses: {'200': {description: ok}}
    """)[0]
    assert serialise(subject, {("path", "id"): "å"}).path == "/p%C3%A5%20vent/%C3%A5"
