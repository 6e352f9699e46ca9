"""What pages of other origins may do with one operation."""

import re

import pytest

from gateway.security.cors import VARY, VARY_PREFLIGHT, Cors, Pages, is_preflight

EXPOSING = [(b"Access-Control-Expose-Headers", b"X-Rank")]
ALLOWING = [(b"Access-Control-Max-Age", b"5")]
APP, SUB = b"https://app.example", b"https://a.app.example"
LISTED = Pages(False, frozenset((APP, b"null")), re.compile(rb"https://[a-z]+\.app\.example"))
ANYBODY = Pages(True, frozenset((b"*",)), None)


def cors(pages: Pages = LISTED, private_network: bool = False) -> Cors:
    """An operation that takes Content-Type and X-Own."""
    return Cors(pages, frozenset((b"content-type", b"x-own")), ALLOWING, EXPOSING, private_network)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (APP, True),
        (SUB, True),
        (b"null", True),
        (b"https://app.example.evil", False),
        (SUB + b".evil", False),
        (SUB + b"\n", False),
        (b"https://evil.example", False),
        (b"https://app.example, https://evil.example", False),
        (b"*", False),
        (b"", False),
        (None, False),
    ],
)
def test_an_answer_names_the_origin_that_it_is_for(origin: bytes | None, allowed: bool) -> None:
    """And says that it depends on it, also where there is none: a cache could keep that one for all."""
    expected = [(b"Access-Control-Allow-Origin", origin), *EXPOSING, VARY] if allowed else [VARY]
    assert list(cors().answered(origin)) == expected


@pytest.mark.parametrize("origin", [APP, b"null", None])
def test_what_anybody_may_read_depends_on_nobody(origin: bytes | None) -> None:
    """The answer is the same for all, so that caches need not tell them apart."""
    assert list(cors(ANYBODY).answered(origin)) == [(b"Access-Control-Allow-Origin", b"*"), *EXPOSING]


@pytest.mark.parametrize(
    ("origin", "headers", "private", "objection"),
    [
        (APP, None, False, ""),
        (SUB, b"content-type,x-own", False, ""),
        (APP, b" X-Own ,, content-type", False, ""),
        (APP, b"", False, ""),
        (b"https://evil.example", None, False, "this origin"),
        (APP, b"content-type,x-other", False, "they may send: content-type, x-own."),
        (APP, b"*", False, "may not send"),
        (APP, None, True, "private"),
    ],
)
def test_why_a_preflight_is_refused(origin: bytes, headers: bytes | None, private: bool, objection: str) -> None:
    """Origin first; then what the document does not know. What was sent is never said again."""
    lookup = {b"origin": origin, b"access-control-request-method": b"PUT"}
    if headers is not None:
        lookup[b"access-control-request-headers"] = headers
    if private:
        lookup[b"access-control-request-private-network"] = b"true"
    found = cors().objection(lookup)
    assert objection in found and bool(found) is bool(objection)
    assert "x-other" not in found and "evil" not in found


def test_the_answer_to_a_preflight() -> None:
    """Origin, methods, and what was compiled; the private network only where it was asked for."""
    common = [(b"Access-Control-Allow-Origin", APP), (b"Access-Control-Allow-Methods", b"GET, PUT")]
    assert cors().preflight(APP, b"GET, PUT", False) == [*common, *ALLOWING, VARY_PREFLIGHT]
    private = (b"Access-Control-Allow-Private-Network", b"true")
    assert cors(private_network=True).preflight(APP, b"GET, PUT", True) == [*common, private, *ALLOWING, VARY_PREFLIGHT]
    assert cors(ANYBODY).preflight(APP, b"GET", False)[0] == (b"Access-Control-Allow-Origin", b"*")


@pytest.mark.parametrize(
    ("names", "preflight"),
    [((), False), ((b"origin",), False), ((b"access-control-request-method",), False)],
)
def test_other_options_requests_are_no_preflights(names: tuple[bytes, ...], preflight: bool) -> None:
    """Both fields make one (the Fetch standard)."""
    assert is_preflight(dict.fromkeys(names, b"x")) is preflight
    assert is_preflight({b"origin": b"x", b"access-control-request-method": b"GET"})
