"""API keys: where they may be, what they look like, whose they are."""

import asyncio
from typing import Any

import pytest

from gateway.security.api_key import ApiKeyScheme, known_keys, make_key
from gateway.security.principal import InvalidToken, Malformed
from gateway.security.records import KEY_ID
from gateway.tests.security.storing import ID, KEY, NOW, head, key_record, keys
from gateway.wire.message import RequestHead

PEPPER = b"pepper" * 4


def scheme(*stores: Any, place: str = "header", name: str = "X-Api-Key") -> ApiKeyScheme:
    """A scheme in front of these stores."""
    return ApiKeyScheme("partners", place, name, stores or (keys(key_record()),), lambda: NOW)


@pytest.mark.parametrize(
    ("place", "request_head", "expected"),
    [
        ("header", head((b"X-API-KEY", b"k")), b"k"),
        ("header", head(), None),
        ("header", head((b"X-Api-Key", b"")), b""),
        ("header", head(query=b"X-Api-Key=k"), None),
        ("header", head((b"Cookie", b"X-Api-Key=k")), None),
        ("query", head(query=b"X-Api-Key=k"), b"k"),
        ("query", head(query=b"a=1&X-Api-Key=k&b"), b"k"),
        ("query", head(query=b"X%2DApi-Ke%79=%6b"), b"k"),
        ("query", head(query=b"x-api-key=k"), None),
        ("query", head(query=b"a=X-Api-Key"), None),
        ("query", head(query=b"X-Api-Key"), b""),
        ("query", head(query=b"X-Api-Key="), b""),
        ("query", head(query=b""), None),
        ("query", head(), None),
        ("query", head((b"X-Api-Key", b"k")), None),
        ("cookie", head((b"Cookie", b"X-Api-Key=k")), b"k"),
        ("cookie", head((b"Cookie", b"a=1;X-Api-Key=k; b=2")), b"k"),
        ("cookie", head((b"Cookie", b"a=1"), (b"Cookie", b"X-Api-Key=k")), b"k"),
        ("cookie", head((b"Cookie", b"x-api-key=k")), None),
        ("cookie", head((b"Cookie", b"a=X-Api-Key")), None),
        ("cookie", head((b"Cookie", b"X-Api-Key")), b""),
        ("cookie", head(query=b"X-Api-Key=k"), None),
    ],
)
def test_where_a_key_is_found(place: str, request_head: RequestHead, expected: bytes | None) -> None:
    """Only in the one place that the document names."""
    assert scheme(place=place).offered(request_head) == expected


@pytest.mark.parametrize(
    ("place", "request_head"),
    [
        ("header", head((b"X-Api-Key", KEY), (b"x-api-key", KEY))),
        ("header", head((b"X-Api-Key", KEY + b", " + KEY))),
        ("query", head(query=b"X-Api-Key=a&X-Api-Key=a")),
        ("query", head(query=b"X-Api-Key=a&X%2DApi-Key=b")),
        ("cookie", head((b"Cookie", b"X-Api-Key=a; X-Api-Key=a"))),
        ("cookie", head((b"Cookie", b"X-Api-Key=a"), (b"Cookie", b"X-Api-Key=b"))),
    ],
)
def test_a_key_that_is_sent_twice(place: str, request_head: RequestHead) -> None:
    """Two readers would take different ones."""
    with pytest.raises(Malformed, match="more than once"):
        scheme(place=place).offered(request_head)


def test_whose_a_key_is() -> None:
    """The owner is the subject; scopes, quota and the key's id limit what it may do."""
    record = key_record(scopes=("a", "b"), quota="gold", expires="2030-01-01")
    principal = scheme(keys(record)).recall(KEY, head())
    assert principal is not None
    assert (principal.subject, principal.issuer, principal.key, principal.quota) == ("acme", "partners", ID, "gold")
    assert principal.scopes == {"a", "b"} and principal.claims["sub"] == "acme"
    assert asyncio.run(scheme(keys(record)).verify(KEY, head())) == principal


@pytest.mark.parametrize(
    "credential",
    [
        b"",
        KEY[:-1],
        KEY + b"s",
        KEY[:-1] + b"t",
        KEY[:-1] + b"=",
        KEY.replace(b"gk_", b"GK_"),
        KEY.replace(b"a", b"z"),
        b" " + KEY,
        KEY + b"\n",
        b"\xff" * 59,
        b"gk_" + "é".encode() * 6 + KEY[15:],
        b"Bearer " + KEY,
        b"a" * 1_000_000,
    ],
)
def test_what_is_no_key_of_ours(credential: bytes) -> None:
    """Refused without a word of it."""
    subject = scheme()
    assert subject.recall(credential, head()) is None
    with pytest.raises(InvalidToken, match=r"not known|not an API key") as caught:
        asyncio.run(subject.verify(credential, head()))
    assert "gk_" not in str(caught.value)


@pytest.mark.parametrize("changes", [{"expires": "2027-01-15T08:00:00Z"}, {"revoked": "2026-11-01"}])
def test_a_key_that_counts_no_longer(changes: dict[str, str]) -> None:
    """From the very second on; the date is that of `NOW`."""
    with pytest.raises(InvalidToken, match="expired or was revoked"):
        asyncio.run(scheme(keys(key_record(**changes))).verify(KEY, head()))


def test_a_peppered_key_needs_the_pepper() -> None:
    """The same key under another pepper is another key; plain hashes of before still count."""
    subject = scheme(keys(key_record(pepper=PEPPER), pepper=PEPPER))
    assert subject.recall(KEY, head()) is not None
    assert scheme(keys(key_record(pepper=b"another " * 4), pepper=PEPPER)).recall(KEY, head()) is None
    assert scheme(keys(key_record(), pepper=PEPPER)).recall(KEY, head()) is not None


def test_what_a_store_of_keys_may_not_hold() -> None:
    """A peppered key without a pepper, and a quota that nobody counts."""
    _, flaws = known_keys("s", [key_record(pepper=PEPPER, quota="silver")], b"", ("gold",))
    assert [flaw.message for flaw in flaws] == [
        "the key abcdef012345 was stored with a pepper, and the store has none",
        "the quota 'silver' of the key abcdef012345 is not under rate-limits",
    ]


def test_the_stores_of_a_scheme_add_up_and_change() -> None:
    """A key of either counts; one that is taken out counts no longer, from the next request on."""
    _, other = make_key()
    second = keys(key_record(other, owner="other"), store="second")
    subject = scheme(keys(key_record()), second)
    assert [subject.recall(key, head()).issuer for key in (KEY, other)] == ["partners", "second"]  # type: ignore[union-attr]
    second.source.content = {}  # type: ignore[attr-defined]
    second.refresh()
    assert subject.recall(other, head()) is None


def test_new_keys_have_the_form() -> None:
    """And each another id and secret."""
    made = [make_key() for _ in range(20)]
    assert len({key for _, key in made}) == 20
    for id, key in made:
        assert KEY_ID.fullmatch(id)
        assert scheme(keys(key_record(key))).recall(key, head()) is not None


@pytest.mark.parametrize(("name", "shown"), [("X-Api-Key", b'"X-Api-Key"'), ('a"b\\ü', b'"a%22b%5C%C3%BC"')])
def test_the_challenge_says_where_the_key_goes(name: str, shown: bytes) -> None:
    """With nothing in it that could end the quotes."""
    assert scheme(place="query", name=name).challenges == (b'ApiKey realm="gateway", in=query, name=' + shown,)
