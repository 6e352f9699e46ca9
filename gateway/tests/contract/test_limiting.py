"""Which rate limits an operation gets, and what is wrong with those that it cannot have."""

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Api, Issuer, RateLimit, References, Settings
from gateway.contract.compile import Compiled, compile_settings
from gateway.contract.compiled import CompiledOperation
from gateway.contract.limiting import with_limits
from gateway.contract.prepare import prepare
from gateway.contract.publish import publish_one
from gateway.limits.plan import Plan

DOCUMENT = """
openapi: 3.0.3
info: {title: Limited, version: "1"}
ROOT
paths:
  /a:
    PATH
    get:
      operationId: getA
      security: [SECURITY]
      responses: {'204': {description: done}}
      GET
    post:
      operationId: addA
      security: [SECURITY]
      responses: {'204': {description: done}}
  /b:
    get:
      operationId: getB
      security: [SECURITY]
      responses: {'204': {description: done}}
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
"""
ISSUER = Issuer(issuer="https://id.example", audience=("a",), jwks="https://id.example/jwks.json")
LIMITS = {"slow": RateLimit(1), "daily": RateLimit(100, "day", "consumer", "fixed"), "shared": RateLimit(5, by="api")}


def compiled(
    folder: Path,
    root: str = "",
    path: str = "",
    get: str = "",
    security: str = "token: []",
    named: tuple[str, ...] = (),
) -> Compiled:
    """The table of the document with `x-gateway` at these places."""
    places = {"ROOT": root, "PATH": path, "GET": get}
    text = DOCUMENT.replace("[SECURITY]", f"[{{{security}}}]" if security != "none" else "[]")
    for place, given in places.items():
        text = text.replace(place, f"x-gateway: {given}" if given else "x-empty: 1")
    file = folder / "api.yaml"
    file.write_text(textwrap.dedent(text))
    api = Api(contract=str(file), upstream="http://127.0.0.1:9", name="api", rate_limits=named)
    return compile_settings(Settings(apis=(api,), issuers={"main": ISSUER}, rate_limits=LIMITS))


def operations(made: Compiled) -> dict[str, CompiledOperation]:
    """By operationId."""
    assert made.table is not None, [finding.text() for finding in made.findings]
    return {operation.operation_id: operation for operation in made.table.operations}


def names(plan: Plan | None) -> list[str]:
    """The policies of a plan."""
    return [] if plan is None else [check.policy.name for check in plan.checks]


def test_none(tmp_path: Path) -> None:
    """Nothing to do for most operations; but keys may have quotas, where there are keys."""
    a = operations(compiled(tmp_path))["getA"]
    assert (a.early, a.limits, list(a.quotas)) == (None, None, ["slow", "daily", "shared"])
    a = operations(compiled(tmp_path, security="none"))["getA"]
    assert (a.early, a.limits, a.quotas, a.policies) == (None, None, {}, ())


def test_addresses_come_first(tmp_path: Path) -> None:
    """Before authentication what is by address, after it what belongs to somebody."""
    a = operations(compiled(tmp_path, named=("slow", "daily", "shared")))["getA"]
    assert (names(a.early), names(a.limits)) == (["slow"], ["daily", "shared"])


@pytest.mark.parametrize("security", ["none", ""])
def test_open_operations_are_limited_at_once(tmp_path: Path, security: str) -> None:
    """Where nobody says who they are everything is one plan: all of it is taken, or nothing."""
    a = operations(compiled(tmp_path, named=("slow", "shared"), security=security))["getA"]
    assert (names(a.early), names(a.limits)) == (["slow", "shared"], [])


def test_the_nearest_word_of_the_document_counts(tmp_path: Path) -> None:
    """The operation's before the path's before the document's; the settings add to all of them."""
    made = compiled(
        tmp_path,
        root="{rate-limit: {requests: 1, per: 1h}}",
        path="{rate-limit: [{requests: 2, per: 1h}, daily]}",
        get="{rate-limit: shared}",
        named=("slow",),
    )
    found = {name: sorted(names(each.early) + names(each.limits)) for name, each in operations(made).items()}
    assert found == {
        "getA": ["shared", "slow"],
        "addA": ["2-per-1h", "daily", "slow"],
        "getB": ["1-per-1h", "slow"],
    }


@pytest.mark.parametrize("security", ["token: []", "key: [], token: []", "none", ""])
def test_where_keys_may_have_quotas(tmp_path: Path, security: str) -> None:
    """Consumers are told of 429 wherever an API key is asked for, if there is anything a key may be limited by."""
    file = tmp_path / "api.yaml"
    text = DOCUMENT.replace("[SECURITY]", f"[{{{security}}}]" if security != "none" else "[]")
    text = text.replace("securitySchemes: {", "securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, ")
    for place in ("ROOT", "PATH", "GET"):
        text = text.replace(place, "x-empty: 1")
    file.write_text(text)
    api = Api(contract=str(file), upstream="http://127.0.0.1:9", name="api")
    contract = prepare(api, References()).contract
    assert contract is not None
    for passes, limits, expected in (
        ((), LIMITS, "key" in security),
        ((), {}, False),
        (("security:key",), LIMITS, False),
    ):
        settings = Settings(rate_limits=limits)
        found = with_limits(contract, settings, replace(api, passes=passes)).operations[0]
        assert found.behaviour.quotas is expected
        responses = publish_one(replace(contract, operations=(found,)), None)["paths"]["/a"]["get"]["responses"]
        assert ("429" in responses) is expected


def test_who_lets_a_scheme_through_unjudged_has_anonymous_callers(tmp_path: Path) -> None:
    """All limits are asked at once, and no key has a quota."""
    a = operations(compiled(tmp_path, get="{pass: ['security:token']}", named=("slow", "shared")))["getA"]
    assert (names(a.early), a.limits, a.quotas) == (["slow", "shared"], None, {})


def test_an_operation_may_lift_what_the_document_says(tmp_path: Path) -> None:
    """But not what the settings say."""
    made = compiled(tmp_path, root="{rate-limit: {requests: 1}}", get="{rate-limit: []}", named=("daily",))
    assert names(operations(made)["getA"].limits) == ["daily"]
    assert operations(made)["getA"].early is None


@pytest.mark.parametrize(
    ("places", "shared"),
    [
        ({"root": "{rate-limit: {requests: 9}}"}, {"getA", "addA", "getB"}),
        ({"path": "{rate-limit: {requests: 9}}"}, {"getA", "addA"}),
        ({"get": "{rate-limit: {requests: 9}}"}, {"getA"}),
        ({"get": "{rate-limit: slow}", "root": "{rate-limit: slow}"}, {"getA", "addA", "getB"}),
        ({"root": "{rate-limit: {requests: 9, by: operation}}"}, {"getA"}),
        ({"path": "{rate-limit: {requests: 9, by: api}}"}, {"getA", "addA"}),
    ],
)
def test_who_shares_a_budget(tmp_path: Path, places: dict[str, str], shared: set[str]) -> None:
    """All operations that inherit a limit from one place; a name is one budget wherever it stands."""
    keys = {}
    for name, operation in operations(compiled(tmp_path, **places)).items():
        for plan in (operation.early, operation.limits):
            for check in plan.checks if plan else ():
                keys[name] = check.charge(None, "192.0.2.1").key
    assert {name for name, key in keys.items() if key == keys["getA"]} == shared


def test_a_name_is_not_said_twice(tmp_path: Path) -> None:
    """The settings and the document may name the same limit."""
    a = operations(compiled(tmp_path, get="{rate-limit: [slow, daily]}", named=("slow", "slow")))["getA"]
    assert (names(a.early), names(a.limits)) == (["slow"], ["daily"])


def test_costs(tmp_path: Path) -> None:
    """Of the operation, for all its limits and the quotas of keys."""
    a = operations(compiled(tmp_path, get="{cost: 3, rate-limit: shared}"))["getA"]
    assert a.limits is not None and a.limits.checks[0].cost == 3
    assert (a.quotas["shared"].cost, a.quotas["slow"].cost) == (3, 1)


def test_metrics_know_all_names(tmp_path: Path) -> None:
    """Each limit that could refuse, once."""
    a = operations(compiled(tmp_path, get="{rate-limit: [{requests: 3, name: own}, daily]}", named=("slow",)))["getA"]
    assert a.policies == ("slow", "own", "daily", "shared")


@pytest.mark.parametrize(
    ("get", "security", "rule", "text"),
    [
        ("{rate-limit: quick}", "token: []", "rate-limit", 'there is no rate limit "quick" in gateway.yaml'),
        (
            "{rate-limit: [{requests: 1}, {requests: 1}]}",
            "token: []",
            "rate-limit",
            'two rate limits are called "1-per-1s"',
        ),
        (
            "{rate-limit: [slow, {requests: 1, name: slow}]}",
            "token: []",
            "rate-limit",
            'two rate limits are called "slow"',
        ),
        (
            "{rate-limit: shared, cost: 6}",
            "token: []",
            "rate-limit",
            'a cost of 6 is more than rate limit "shared" ever',
        ),
        ("{rate-limit: daily}", "none", "rate-limit-anonymous", "by consumer, but nobody has to say who they are"),
        ("{rate-limit: {requests: 1, by: key}}", "token: []", "rate-limit-anonymous", "nobody is asked for an API key"),
        ("{rate-limit: {requests: 1, by: 'claim:x'}}", "", "rate-limit-anonymous", "by claim:x, but nobody"),
        ("{rate-limit: {requests: 1, per: ages}}", "token: []", "x-gateway-value", '"ages" is no time'),
        ("{rate-limit: {requests: 1, delay: 1}}", "token: []", "x-gateway-value", "`bucket` lets nobody wait"),
        ("{rate-limit: {requests: 1, pre: 1s}}", "token: []", "x-gateway-unknown", "'pre'"),
        ("{rate-limit: {per: 1s}}", "token: []", "x-gateway-value", "requests"),
        ("{rate-limit: 5}", "token: []", "x-gateway-value", "5"),
        ("{rate-limit: [[]]}", "token: []", "x-gateway-value", "[]"),
        ("{rate-limit: {requests: true}}", "token: []", "x-gateway-value", "true"),
        ("{cost: -1}", "token: []", "x-gateway-value", "-1"),
    ],
)
def test_findings(tmp_path: Path, get: str, security: str, rule: str, text: str) -> None:
    """With the place of the operation or of the value, and with something to do."""
    found = compiled(tmp_path, get=get, security=security).findings
    assert [finding.rule for finding in found] == [rule]
    assert text in found[0].message and found[0].where.line > 1
    assert found[0].hint or "minimum" in found[0].message
