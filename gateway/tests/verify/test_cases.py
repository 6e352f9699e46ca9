"""What is sent to an operation."""

from random import Random

from gateway.tests.verify.subjects import subjects, thing
from gateway.verify.cases import IMPLIED, build, examples, valid, violations
from gateway.verify.judge import judge_request
from gateway.verify.message import BODY, Edit

FORM = """
paths:
  /f:
    post:
      parameters: [{name: n, in: query, required: true, schema: {type: integer, maximum: 9}}]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [a], properties: {a: {type: string, maxLength: 3}, n: {type: integer}}}
      responses: {'200': {description: ok}}
  /bytes:
    post:
      requestBody: {required: true, content: {application/octet-stream: {}}}
      responses: {'200': {description: ok}}
"""


def test_each_example_is_a_case_and_pairs_are_expected() -> None:
    """Examples are sent as they are; the one with an answer under its name says which."""
    subject = thing()
    found = {case.name: case for case in examples(subject)}
    assert set(found) == {"example lamp", "example plain"}
    assert found["example lamp"].expected == ("200", {"ok": True})
    assert found["example plain"].expected is None
    assert build(subject, found["example plain"]).body == b'{"name": "mug", "size": 3}'
    assert build(subject, found["example plain"]).path == "/things/7"


def test_valid_cases_are_valid_different_and_repeatable() -> None:
    """The compiled contract agrees; nothing is sent twice; the seed decides what chance would."""
    subject = thing()
    cases = valid(subject, Random(1))
    requests = [build(subject, case) for case in cases]
    assert not any(judge_request(subject, request) for request in requests)
    assert len(set(requests)) == len(requests) > 10
    assert requests == [build(subject, case) for case in valid(thing(), Random(1))]


def test_valid_cases_reach_the_edges_of_parameters_and_bodies() -> None:
    """Both ends of a range, each value of an enumeration, the longest text, the least body."""
    subject = thing()
    requests = [build(subject, case) for case in valid(subject, Random(1))]
    assert {"/things/1", "/things/99"} <= {request.path for request in requests}
    assert {None, "units=metric", "units=imperial"} <= {request.query for request in requests}
    bodies = b"\n".join(request.body or b"" for request in requests)
    assert b'"name": "aaaaa"' in bodies
    assert b'{"name": "aa"}' in bodies


CLAUSES = (
    "path id type",
    "path id minimum",
    "path id maximum",
    "query units enum",
    "query units repeated",
    "query unexpected unknown",
    "header If-Match minLength",
    "media media-type",
    "body required",
    "body type",
    "body syntax",
    "body duplicate-key",
    "body /name required",
    "body /unexpectedProperty additionalProperties",
    "body /name type",
    "body /name minLength",
    "body /name maxLength",
    "body /size minimum",
    "body /tags maxItems",
    "body /tags/0 maxLength",
)


def test_every_clause_is_violated_once_at_a_time() -> None:
    """For each clause of parameters and body there is a case, and the compiled contract refuses each."""
    subject = thing()
    cases = violations(subject)
    assert [clause for clause in CLAUSES if clause not in {case.violates for case in cases}] == []
    for case in cases:
        assert (
            len({(found.place, found.name, found.pointer) for found in judge_request(subject, build(subject, case))})
            == 1
        )


def test_what_is_valid_on_the_wire_is_no_violation() -> None:
    """A number where a string is documented is a string in a query or form; no empty segment is a path value."""
    found = {case.violates for case in violations(subjects(FORM)[0])}
    assert "body /a type" not in found
    assert {"body /n type", "body /a maxLength", "body /a required", "query n required", "query n maximum"} <= found


def test_an_optional_body_may_be_left_out() -> None:
    """Then there is a valid case without, and none that calls it a violation."""
    subject = subjects(FORM)[0]
    assert None in [build(subject, case).body for case in valid(subject, Random(1))]
    assert "body required" not in {case.violates for case in violations(subject)}


def test_content_that_is_not_judged_is_sent_and_only_its_type_violated() -> None:
    """Bytes are bytes."""
    subject = subjects(FORM)[1]
    assert [build(subject, case).body for case in valid(subject, Random(1))] == [b"any bytes"]
    assert {case.violates for case in violations(subject)} == {
        "query unexpected unknown",
        "body required",
        "media media-type",
    }


def test_the_moment_changes_what_a_case_is_not_about() -> None:
    """Live ids and tags go in; the value in question stays."""
    subject = thing()
    case = next(case for case in violations(subject) if case.violates == "body /name minLength")
    request = build(subject, case, [Edit(("path", "id"), 42), Edit(BODY, "other", ("name",)), Edit(BODY, 5, ("size",))])
    assert request.path == "/things/42"
    assert b'"name": "a"' in (request.body or b"")
    assert b'"size": 5' in (request.body or b"")


def test_clauses_that_documents_leave_unsaid_are_marked() -> None:
    """A backend that is asked directly may be generous about them."""
    implied = {case.keyword for case in violations(thing()) if case.implied}
    assert implied <= IMPLIED
    assert implied == {"unknown", "repeated"}
