"""What of a request ends at the gateway, cut out so that the rest stays as it came."""

import pytest

from gateway.wire import withheld
from gateway.wire.fields import DROPPED_FROM_REQUESTS, kept
from gateway.wire.message import lookup_of


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (b"key=x", b""),
        (b"a=1&key=x&b=2", b"a=1&b=2"),
        (b"key=x&a=%41+%2b&&b", b"a=%41+%2b&&b"),
        (b"a=1&k%65y=x", b"a=1"),
        (b"key=x&key=y&a=key", b"a=key"),
        (b"key", b""),
        (b"keys=x&Key=y&a=1;key=2", b"keys=x&Key=y&a=1;key=2"),
        (b"", b""),
        (b"api+key=x&a", b"a"),
    ],
)
def test_a_key_is_cut_out_of_the_query(query: bytes, left: bytes) -> None:
    """Found by its decoded name, as where it is verified; the rest byte for byte."""
    assert withheld.without_parameters(query, frozenset((b"key", b"api key"))) == left


@pytest.mark.parametrize(
    ("cookie", "left"),
    [
        (b"key=x", None),
        (b"key=x; a=1", b"a=1"),
        (b"a=1; key=x; b=2", b"a=1; b=2"),
        (b"a=1; b=2;  key=x", b"a=1; b=2"),
        (b'a="1;key=x"; b', b'a="1; b'),
        (b"Key=x; key2=y;;", b"Key=x; key2=y;;"),
        (b"\tkey =x;a=1", b"a=1"),
    ],
)
def test_a_key_is_cut_out_of_the_cookies(cookie: bytes, left: bytes | None) -> None:
    """By its exact name; a field with nothing left goes, other fields stay."""
    found = withheld.without_cookies([(b"A", b"key=x"), (b"cOOKIE", cookie)], frozenset((b"key",)))
    assert found == [(b"A", b"key=x"), *([(b"cOOKIE", left)] if left is not None else [])]


def test_passwords_end_here_and_tokens_go_on() -> None:
    """By the scheme that stands in the field."""
    fields = [(b"Authorization", value) for value in (b"Basic YTpi", b"bearer abc", b"BASIC", b" basic x", b"DPoP y")]
    assert [value for _, value in withheld.without_passwords(fields)] == [b"bearer abc", b"DPoP y"]


def test_names_are_written_as_they_are_compared() -> None:
    """In lower case and with "-"; nothing that the gateway drops anyway is there twice."""
    for name in withheld.IDENTITY_FIELDS | withheld.METHOD_OVERRIDES:
        assert name == name.lower().replace(b"_", b"-") and name not in DROPPED_FROM_REQUESTS


def test_twins_are_dropped_too() -> None:
    """There are backends that read "_" as "-"."""
    fields = [(name, b"x") for name in (b"X_Remote_User", b"REMOTE-USER", b"X_HTTP_Method-Override", b"X-User")]
    assert kept(fields, lookup_of(fields), withheld.ALWAYS.fields) == [(b"X-User", b"x")]
