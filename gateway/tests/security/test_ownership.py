"""A parameter against a claim: equal as text, exactly once, however the request may be read."""

from typing import Any

import pytest

from gateway.security.ownership import Owned, claimed, only_in_query
from gateway.security.principal import Principal
from gateway.wire.message import Field, RequestHead, lookup_of

PATH = Owned("path", b"user_id", 0, "sub", "staff")
QUERY = Owned("query", b"user_id", 0, "sub", "")
HEADER = Owned("header", b"x-user-id", 0, "sub", "")


def caller(scopes: str = "", **claims: Any) -> Principal:
    return Principal("anybody", "https://id.example", frozenset(scopes.split()), claims, 0.0)


def head(query: bytes | None = None, *fields: Field) -> RequestHead:
    return RequestHead(b"GET", b"/", query, list(fields), lookup_of(list(fields)), "127.0.0.1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("anna", b"anna"),
        ("ä", "ä".encode()),
        (7, b"7"),
        (-7, b"-7"),
        (10**30, b"1" + b"0" * 30),
        ("", None),
        (None, None),
        (True, None),
        (7.0, None),
        (["7"], None),
        ({"id": "7"}, None),
        ("\ud800", None),
    ],
)
def test_a_claim_as_text(value: object, text: bytes | None) -> None:
    """Texts and whole numbers; of anything else there is no one text."""
    assert claimed({"sub": value}, "sub") == text
    assert claimed({}, "sub") is None


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("7", True),
        ("%37", True),
        ("8", False),
        ("07", False),
        ("7.0", False),
        ("+7", False),
        ("7%20", False),
        ("%2537", False),
        ("7%2F", False),
        ("7;user_id=8", False),
        ("７", False),
        ("7%00", False),
        ("7,8", False),
    ],
)
def test_a_path_names_the_caller_or_not(value: str, allowed: bool) -> None:
    """Decoded once, compared byte by byte."""
    for sub in ("7", 7):
        assert PATH.allows(caller(sub=sub), [value], head()) is allowed


def test_nobody_and_a_caller_without_the_claim_own_nothing() -> None:
    """Not even what has an empty name, nor what is called None."""
    assert not PATH.allows(None, ["7"], head())
    for value in ("", "None", "anybody"):
        assert not PATH.allows(caller(), [value], head())
        assert not PATH.allows(caller(sub=""), [value], head())


def test_callers_with_the_scope_may_name_anybody() -> None:
    """Only where the document names one, and with exactly this one."""
    assert PATH.allows(caller("other staff"), ["8"], head())
    assert not PATH.allows(caller("staff:read"), ["8"], head())
    assert not PATH._replace(unless_scope="").allows(caller(""), ["8"], head())


@pytest.mark.parametrize(
    ("query", "value"),
    [
        (b"user_id=7", b"7"),
        (b"a=1&user_id=7&b=2", b"7"),
        (b"user%5Fid=%37", b"7"),
        (b"user_id=a%20b", b"a b"),
        (b"user_id=a%2Bb", b"a+b"),
        (b"user_id=a+b", None),
        (b"user_id=7&[user_id]=8", None),
        (b"user_id=7&[user_id][]=8", None),
        (b"user_id=7&user_id%00x=8", None),
        (b"user_id=7&user_id%2500=8", None),
        (b"user_id=7&a[user_id]=8", b"7"),
        (b"user_id=", b""),
        (b"user_id", b""),
        (b"a=1;b=2&user_id=7", b"7"),
        (b"user_ids=8&user_id=7", b"7"),
        (b"", None),
        (b"a=1", None),
        (b"user_id=7&user_id=8", None),
        (b"user_id=7&user_id=7", None),
        (b"user_id=7&user%5fid=8", None),
        (b"user_id=7&user_id[]=8", None),
        (b"user_id=7&user_id%5B0%5D=8", None),
        (b"user_id=7&user_id%255B%255D=8", None),
        (b"user_id[]=7", None),
        (b"user_id=7&User_Id=8", None),
        (b"USER_ID=7", None),
        (b"user_id=7&user.id=8", None),
        (b"user_id=7&user+id=8", None),
        (b"user_id=7&user[id=8", None),
        (b"user_id=7&+user_id=8", None),
        (b"user_id=7&a=1;user_id=8", None),
        (b"user_id=7;user_id=8", None),
        (b"user_id=7;a=1", None),
        (b"a=1;user_id=7", None),
    ],
)
def test_a_query_names_exactly_one_or_nobody(query: bytes, value: bytes | None) -> None:
    """Readers that split at ";", ignore case, know brackets or take "." for "_" would find the same."""
    assert only_in_query(query, b"user_id") == value


def test_a_list_that_is_not_filtered_would_show_everything() -> None:
    """A parameter that is left out names nobody."""
    assert QUERY.allows(caller(sub="7"), [], head(b"user_id=7"))
    assert not QUERY.allows(caller(sub="7"), [], head(None))
    assert not QUERY.allows(caller(sub="7"), [], head(b"limit=10"))


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ([(b"X-User-Id", b"7")], True),
        ([], False),
        ([(b"X-User-Id", b"8")], False),
        ([(b"X-User-Id", b"7"), (b"x-user-id", b"7")], False),
        ([(b"X-User-Id", b"7"), (b"X_User_Id", b"8")], False),
        ([(b"X_User_Id", b"7")], False),
        ([(b"X-User-Id", b"7"), (b"Connection", b"close, X-User-Id")], False),
        ([(b"X-User-Id", b"7"), (b"Connection", b"close")], True),
    ],
)
def test_a_header_names_the_caller_or_not(fields: list[Field], allowed: bool) -> None:
    """Once, under no name that a backend takes for it, and so that it arrives."""
    assert HEADER.allows(caller(sub="7"), [], head(None, *fields)) is allowed
