"""An object has an owner only where that can be enforced."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, rules_of

SECURED = "security: [{auth: []}]"
ID = "{name: user_id, in: path, required: true, schema: {type: integer}}"
SCHEMES = "{auth: {type: http, scheme: bearer}, key: {type: apiKey, in: header, name: X-Key}}"


def doc(
    parameters: str = ID,
    security: str = SECURED,
    owner: str = "owner: {parameter: user_id, claim: sub}",
    top: str = "",
    more: str = "",
    path: str = "/users/{user_id}",
) -> str:
    extra = f"{security}\nx-gateway: {{{owner}}}" if owner else security
    one = operation(path=path, parameters=parameters, extra=extra)
    return document(one, *filter(None, [more]), top=f"components: {{securitySchemes: {SCHEMES}}}{top}")


def test_what_can_be_compared() -> None:
    """A plain text or a whole number in the path, the query or a header, whose name compares without case."""
    text = "owner: {parameter: USER, claim: sub}"
    assert found(doc()) == []
    assert found(doc("{name: USER, in: query, schema: {type: string}}", owner=text, path="/users")) == []
    assert found(doc("{name: user, in: header, schema: {type: string}}", owner=text, path="/users")) == []


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ("", "has no parameter 'user_id'"),
        ("{name: User_id, in: query, schema: {type: string}}", "has no parameter"),
        ("{name: user_id, in: cookie, schema: {type: string}}", "in cookie"),
        ("{name: user_id, in: query, schema: {type: array, items: {type: string}}}", "plain text"),
        ("{name: user_id, in: query, schema: {type: object}}", "plain text"),
        ("{name: user_id, in: query, schema: {type: number}}", "plain text"),
        ("{name: user_id, in: query, schema: {}}", "plain text"),
        ("{name: user_id, in: query, content: {application/json: {schema: {type: string}}}}", "plain text"),
        (
            "{name: user_id, in: query, schema: {type: string}}, {name: User_Id, in: header, schema: {type: string}}",
            "query and header",
        ),
    ],
)
def test_what_cannot_be_compared(parameters: str, word: str) -> None:
    """There is not one text."""
    (finding,) = found(doc(parameters, path="/users"))
    assert finding.rule == "owner-not-enforced" and word in finding.message


@pytest.mark.parametrize(
    ("security", "word"),
    [
        ("", "no security"),
        ("security: []", "no security"),
        ("security: [{auth: []}, {}]", "nobody knows"),
        ("security: [{}]", "nobody knows"),
        ("security: [{auth: []}, {key: []}]\nx-other: 1", ""),
    ],
)
def test_the_caller_has_to_be_known(security: str, word: str) -> None:
    """Whichever alternative it is."""
    findings = found(doc(security=security))
    assert [word in finding.message for finding in findings] == ([True] if word else [])


def test_a_scheme_that_is_passed_tells_nobody() -> None:
    """What the gateway does not verify is no claim."""
    assert rules_of(found(doc(), "security:auth")) == {"owner-not-enforced"}


def test_it_holds_below_until_an_operation_takes_it_back() -> None:
    """At the root, for every operation that is served."""
    top = "\nx-gateway: {owner: {parameter: user_id, claim: sub}}"
    other = operation(path="/other", name="other", extra=SECURED)
    assert found(doc(owner="", top=top)) == []
    assert rules_of(found(doc(owner="", top=top, more=other))) == {"owner-not-enforced"}
    for free in ("owner: false", "internal: true"):
        assert found(doc(owner="", top=top, more=f"{other}\n      x-gateway: {{{free}}}")) == []


@pytest.mark.parametrize(
    "owner",
    [
        "owner: true",
        "owner: user_id",
        "owner: {parameter: user_id}",
        "owner: {parameter: user_id, claim: ''}",
        "owner: {parameter: user_id, claim: 7}",
        "owner: {parameter: user_id, claim: sub, unless-scope: 'a b'}",
        "owner: null",
    ],
)
def test_values_of_the_wrong_type(owner: str) -> None:
    """Each is an error with the form that it should have."""
    (finding,) = [finding for finding in found(doc(owner=owner)) if finding.rule == "x-gateway-value"]
    assert "owner: {parameter: NAME, claim: NAME}" in finding.hint


def test_a_misspelt_key_is_no_key() -> None:
    """It must not open anything."""
    (finding,) = found(doc(owner="owner: {parameter: user_id, claim: sub, unless-scopes: a}"))
    assert finding.rule == "x-gateway-unknown" and "unless-scope" in finding.hint
