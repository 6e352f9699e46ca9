"""The list of what counts no longer: read strictly, judged by what a principal is known by."""

from pathlib import Path

import pytest

from gateway.security.principal import Principal
from gateway.security.revocation import Denylist, parse_revoked, revoked_file
from gateway.security.stores import StoreError

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def principal(subject: str = "anna", key: str = "", **claims: object) -> Principal:
    """Somebody whose credentials verify."""
    return Principal(subject, "main", frozenset(), claims, NOW + 60, key=key)


@pytest.mark.parametrize(
    ("line", "who", "expected"),
    [
        ("jti abc", principal(jti="abc"), True),
        ("jti abc", principal(jti="ABC"), False),
        ("jti abc", principal(jti=7), False),
        ("jti abc", principal(), False),
        ("jti abc", principal("abc", "abc"), False),
        ("sub anna", principal(), True),
        ("sub an na", principal("an na"), True),
        ("sub anna", principal("berta", sub="anna"), False),
        ("key abcdef012345", principal(key="abcdef012345"), True),
        ("key abcdef012345", principal("abcdef012345"), False),
        ("sub anna until=2027-01-15T08:00:01Z", principal(), True),
        ("sub anna until=2027-01-15T08:00:00Z", principal(), False),
        ("sub anna until=2020-01-01\nsub anna", principal(), True),
        ("sub anna\nsub anna until=2020-01-01", principal(), True),
        ("# sub anna", principal(), False),
        ("", principal(""), False),
    ],
)
def test_who_is_listed(tmp_path: Path, line: str, who: Principal, expected: bool) -> None:
    """By each kind of name and no other, until the date; the later of two dates counts."""
    path = tmp_path / "revoked"
    path.write_text(line + "\n")
    assert Denylist([revoked_file(str(path))], lambda: NOW).revoked(who) is expected


@pytest.mark.parametrize(
    "line", ["anna", "sub", "sub ", "subject anna", "SUB anna", "jti  ", "sub anna until=soon", "sub  anna"]
)
def test_lines_that_are_not_understood(tmp_path: Path, line: str) -> None:
    """A gateway does not start with them: somebody meant to keep somebody out."""
    assert [flaw.line for flaw in parse_revoked(f"\n{line}")[1]] == [2]
    path = tmp_path / "revoked"
    path.write_text(line)
    with pytest.raises(StoreError):
        revoked_file(str(path))


def test_a_list_that_breaks_lets_nobody_back_in(tmp_path: Path) -> None:
    """Neither those it had nor those it says now, as far as it can be read."""
    path = tmp_path / "revoked"
    path.write_text("sub anna\n")
    entries = revoked_file(str(path))
    subject = Denylist([entries], lambda: NOW)
    path.write_text("sub berta\nsubject clara\n")
    entries.refresh()
    assert [subject.revoked(principal(name)) for name in ("anna", "berta", "clara")] == [True, True, False]
    path.write_text("sub berta\nsub clara\n")
    for _ in range(2):
        entries.refresh()
    assert [subject.revoked(principal(name)) for name in ("anna", "berta", "clara")] == [False, True, True]


def test_a_list_that_is_being_written_lets_nobody_back_in(tmp_path: Path) -> None:
    """It is empty for a moment, or ends in the middle; what is taken out counts no longer from the second look on."""
    path = tmp_path / "revoked"
    path.write_text("sub anna\nsub berta\n")
    entries = revoked_file(str(path))
    subject = Denylist([entries], lambda: NOW)
    for written in ("", "sub ber", "sub berta\nsub clara\n"):
        path.write_text(written)
        entries.refresh()
        assert subject.revoked(principal("anna")) and subject.revoked(principal("berta"))
    assert subject.revoked(principal("clara"))
    entries.refresh()
    assert [subject.revoked(principal(name)) for name in ("anna", "berta", "clara", "ber")] == [
        False,
        True,
        True,
        False,
    ]
