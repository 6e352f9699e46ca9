"""Lines of stores: what is written is read again, and what is not understood is refused by its number."""

import json
from math import inf
from typing import Any

import pytest

from gateway.security.hashing import hash_key, parse_password_hash
from gateway.security.records import (
    KeyRecord,
    PasswordRecord,
    date_of,
    expiry,
    parse_keys,
    parse_passwords,
    user_name,
)

HASH = hash_key(b"key", b"")
PHC = "$scrypt$ln=14,r=8,p=5$c29tZSBzYWx0IGhlcmU$" + "A" * 43
KEY = {"id": "abcdef012345", "hash": HASH.text(), "owner": "acme"}


def test_a_key_is_read_as_it_was_written() -> None:
    """Every member, in any script."""
    record = KeyRecord(
        "abcdef012345", HASH, "Łódź", ("a:b", "c"), "2027-01-31", "gold", "2026-01-01T00:00:00Z", 'a "note"', ""
    )
    assert parse_keys(record.line()) == ([record], [])


def test_comments_and_empty_lines_are_left_out() -> None:
    """Also with the line ends of another system."""
    text = f"# partners\r\n\r\n{json.dumps(KEY)}\r\n  # end\n"
    records, flaws = parse_keys(text)
    assert [record.owner for record in records] == ["acme"] and not flaws


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "ABCDEF012345"}, "12 lower-case"),
        ({"id": ""}, "12 lower-case"),
        ({"id": 7}, "must be texts"),
        ({"id": ["x"]}, "must be texts"),
        ({"owner": ""}, "no `owner`"),
        ({"owner": "a\nb"}, "control characters"),
        ({"hash": "x"}, "its hash is"),
        ({"hash": None}, "must be texts"),
        ({"scopes": "a b"}, "`scopes` a list"),
        ({"scopes": ["a b"]}, "a scope is"),
        ({"scopes": [1]}, "a scope is"),
        ({"expires": "soon"}, "no date"),
        ({"revoked": "yes"}, "no date"),
        ({"scope": []}, "unknown member 'scope'"),
    ],
)
def test_keys_that_are_not_understood(changes: dict[str, Any], message: str) -> None:
    """Named by their line, without a part of the hash."""
    records, flaws = parse_keys("\n" + json.dumps({**KEY, **changes}))
    assert not records
    assert [flaw.line for flaw in flaws] == [2]
    assert message in flaws[0].message and HASH.text()[8:] not in flaws[0].message


@pytest.mark.parametrize("line", ["{", "[]", "gk_abcdef012345_secret", '{"id": "a", "id": "b"}', '"text"', "\ud800"])
def test_lines_that_are_no_objects(line: str) -> None:
    """Also a member that is there twice, of which two readers would take different ones."""
    flaws = parse_keys(line)[1]
    assert flaws and "JSON object" in flaws[0].message and "secret" not in flaws[0].message


def test_the_same_key_twice() -> None:
    """The second might be what somebody added to let an expired one live on."""
    line = json.dumps(KEY)
    assert [flaw[0] for flaw in parse_keys(f"{line}\n{line}")[1]] == [2]


@pytest.mark.parametrize(
    ("expires", "revoked", "expected"),
    [
        ("", "", inf),
        ("2027-01-01", "", 1798761600.0),
        ("2027-01-01T01:00:00+01:00", "", 1798761600.0),
        ("2027-01-01", "2026-01-01T00:00:00Z", 1767225600.0),
        ("2026-01-01", "2027-01-01", 1767225600.0),
    ],
)
def test_when_a_key_ends(expires: str, revoked: str, expected: float) -> None:
    """By the earlier date; a day without a zone begins in UTC."""
    assert expiry(KeyRecord("abcdef012345", HASH, "acme", expires=expires, revoked=revoked)) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "1e9", "2027-01-01T25:00"])
def test_dates_are_those_of_the_rfc(text: str) -> None:
    """Everything else is refused."""
    with pytest.raises(ValueError, match="no date"):
        date_of(text)


@pytest.mark.parametrize(
    ("line", "name", "scopes"),
    [
        (f"anna:{PHC}", "anna", ()),
        (f"anna:{PHC}:runs:read runs:write", "anna", ("runs:read", "runs:write")),
        (f"an na@example:{PHC}", "an na@example", ()),
        (f"A\u030angstro\u0308m:{PHC}", "\xc5ngstr\xf6m", ()),
    ],
)
def test_users(line: str, name: str, scopes: tuple[str, ...]) -> None:
    """Scopes may hold colons; names are in the one form in which they are compared."""
    record = PasswordRecord(name, parse_password_hash(PHC), scopes)
    assert parse_passwords(line) == ([record], [])
    assert parse_passwords(record.line()) == ([record], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("anna", "its hash"),
        ("anna:secret", "its hash"),
        (f":{PHC}", "a user name"),
        (f"an\x01na:{PHC}", "a user name"),
        (f'anna:{PHC}:"quoted"', "a scope is"),
        (f"anna:{PHC}\nanna:{PHC}", "twice"),
    ],
)
def test_users_that_are_not_understood(text: str, message: str) -> None:
    """Never with the hash, or what somebody took for one."""
    flaws = parse_passwords(text)[1]
    assert message in flaws[0].message
    assert "secret" not in flaws[0].message and "$" not in flaws[0].message


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "a\x7f", "a\x85"])
def test_names_that_no_user_can_have(name: str) -> None:
    """A colon would end the name; control characters are refused by RFC 7617."""
    with pytest.raises(ValueError, match="user name"):
        user_name(name)
