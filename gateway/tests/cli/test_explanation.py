"""What was found out, as text and as data."""

from gateway.cli.explanation import Report, Shown, data, text
from gateway.contract.model import Location
from gateway.errors import Kind, Refusal, Violation

TOO_LONG = Violation("body", "", "/name", "maxLength", "must have at most 5 characters")
UNKNOWN = Violation("query", "x", "", "unknown", "is not a documented query parameter")


def report(*violations: Violation) -> Report:
    """Of a request that is routed and judged."""
    found = Report(verdict="forwarded to http://h/a", forwarded="http://h/a")
    found.say("route", "GET /a")
    found.say("request", "mode observe")
    found.violated("request", violations)
    found.say("request", "breaks the contract" if violations else "keeps the contract")
    return found


def test_steps_and_verdict() -> None:
    """In the order in which they were found."""
    assert text(report()) == [
        "route       GET /a",
        "request     mode observe",
        "request     keeps the contract",
        "verdict     forwarded to http://h/a",
    ]


def test_violations_stand_before_what_they_come_to() -> None:
    """With the place in the document, where one is known."""
    found = report(UNKNOWN, TOO_LONG)
    found.places = {TOO_LONG: Location("a.yaml", 8, 3, "/components")}
    found.say("response", "mode observe")
    assert text(found)[1:5] == [
        "request     mode observe",
        "request     violation: query x: unknown: is not a documented query parameter",
        "request     violation: body /name: maxLength: must have at most 5 characters (a.yaml:8:3)",
        "request     breaks the contract",
    ]


def test_the_first_refusal_is_the_verdict() -> None:
    """With its own status, if it has one."""
    found = report(UNKNOWN)
    found.refuse("request", Refusal(Kind.INVALID_REQUEST, "No.", status=422))
    found.refuse("request", Refusal(Kind.FORBIDDEN, "Nor that."))
    assert "request     refused with 422 invalid-request: No." in text(found)
    assert text(found)[-1] == "verdict     422 invalid-request"
    assert data(found)["refused"] == {"status": 422, "type": "invalid-request"}


def test_data_has_the_same_parts() -> None:
    """Parameters, violations with their places, and where it would go."""
    found = report(TOO_LONG, UNKNOWN)
    found.places = {TOO_LONG: Location("a.yaml", 8, 3, "/components")}
    found.parameters = [Shown("query", "q", "form", "q=1", "1")]
    shown = data(found)
    assert [step["step"] for step in shown["steps"]] == ["route", "request", "request"]
    assert shown["parameters"] == [{"place": "query", "name": "q", "style": "form", "raw": "q=1", "text": "1"}]
    document = {"file": "a.yaml", "line": 8, "column": 3, "pointer": "/components"}
    assert shown["violations"] == [TOO_LONG._asdict() | {"document": document}, UNKNOWN._asdict() | {"document": None}]
    assert shown["forwarded"] == "http://h/a"


def test_a_response_is_forwarded_nowhere() -> None:
    """Its verdict is text."""
    shown = data(Report(verdict="passed on"))
    assert shown == {"steps": [], "parameters": [], "violations": [], "verdict": "passed on"}
