"""Base64url, JSON and compact serialization are read strictly."""

import pytest

from gateway.security.jose import REFUSED_MEMBERS, TOKEN_BYTES, decode_base64url, decode_object, parse_compact
from gateway.security.principal import InvalidToken
from gateway.tests.security.issuing import base64url, sign, token


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"abc", b"\xff\xfe\xfb", bytes(range(256))])
def test_base64url_round_trip(data: bytes) -> None:
    """What is encoded canonically is decoded."""
    assert decode_base64url(base64url(data)) == data


@pytest.mark.parametrize(
    "text", [b"YQ==", b"YQ=", b"YR", b"Y", b"a+b/", b"Y Q", b"YQ\n", b"\xc3\xa9", b"YWI.", b"YQ%3D"]
)
def test_base64url_refused(text: bytes) -> None:
    """Padding, stray bits, the other alphabet, blanks and impossible lengths are refused."""
    with pytest.raises(ValueError, match="base64url"):
        decode_base64url(text)


def test_object() -> None:
    """A JSON object is read as it is."""
    assert decode_object(b'{"a": [1, {"b": "\xc3\xa9"}]}') == {"a": [1, {"b": "é"}]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"a"',
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"alg": 1, "\\u0061lg": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": 1} {}',
        b"{'a': 1}",
        b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}",
        b'{"a":' + b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda data: data[:24].decode("latin-1"),
)
def test_object_refused(data: bytes) -> None:
    """Anything but one well-formed object with unique names is refused with ValueError, also when it is a bomb."""
    with pytest.raises(ValueError):
        decode_object(data)


def test_compact() -> None:
    """Algorithm, key id and payload of a well-formed token."""
    header = {"alg": "RS256", "kid": "1"}
    assert parse_compact(sign(header, b"{}")) == ("RS256", "1", b"{}", "", header)
    assert parse_compact(sign({"alg": "RS256", "typ": "application/AT+JWT"}, b"{}")).type == "at+jwt"
    assert parse_compact(sign({"alg": "RS256"}, b"{}")).kid is None


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt", "application/JWT"])
def test_type_accepted(typ: str) -> None:
    """The types of access tokens are accepted in any case."""
    assert parse_compact(sign({"alg": "RS256", "typ": typ}, b"{}")).algorithm == "RS256"


GOOD = token()
HEADER, PAYLOAD, SIGNATURE = GOOD.split(b".")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "three parts"),
        (b"abc", "three parts"),
        (HEADER + b"." + PAYLOAD, "three parts"),
        (GOOD + b".", "three parts"),
        (GOOD + b".a", "three parts"),
        (b"a.b.c.d.e", "encrypted"),
        (HEADER + b"." + PAYLOAD + b".", "empty"),
        (b"." + PAYLOAD + b"." + SIGNATURE, "empty"),
        (HEADER + b".." + SIGNATURE, "empty"),
        (b"..", "empty"),
        (b" " + GOOD, "header"),
        (GOOD + b" ", "not base64url"),
        (GOOD + b"=", "not base64url"),
        (GOOD.replace(b".", b". ", 1), "not base64url"),
        (HEADER + b"\t." + PAYLOAD + b"." + SIGNATURE, "header"),
        (HEADER + b"=." + PAYLOAD + b"." + SIGNATURE, "header"),
        (HEADER + b"." + PAYLOAD + b"+." + SIGNATURE, "not base64url"),
        (HEADER + b"." + b"a" * TOKEN_BYTES + b"." + SIGNATURE, "too long"),
        (sign(b"[]", b"{}"), "malformed"),
        (sign(b"{", b"{}"), "malformed"),
        (sign(b'{"alg":"none","alg":"RS256"}', b"{}"), "malformed"),
        (sign({}, b"{}"), "no algorithm"),
        (sign({"alg": None}, b"{}"), "no algorithm"),
        (sign({"alg": ["RS256"]}, b"{}"), "no algorithm"),
        (sign({"alg": "RS256", "kid": 1}, b"{}"), "not a string"),
        (sign({"alg": "RS256", "kid": None}, b"{}"), "not a string"),
        (sign({"alg": "RS256", "kid": {"a": 1}}, b"{}"), "not a string"),
        (sign({"alg": "RS256", "typ": "secevent+jwt"}, b"{}"), "another type"),
        (sign({"alg": "RS256", "typ": "id+jwt"}, b"{}"), "another type"),
        (sign({"alg": "RS256", "typ": ["JWT"]}, b"{}"), "another type"),
        (sign({"alg": "RS256", "typ": None}, b"{}"), "another type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_compact_refused(text: bytes, reason: str) -> None:
    """Each way to be malformed is refused with its reason."""
    with pytest.raises(InvalidToken, match=reason):
        parse_compact(text)


@pytest.mark.parametrize("value", ["https://evil.example/keys", ["b64"], {"kty": "RSA"}, None, False])
@pytest.mark.parametrize("member", REFUSED_MEMBERS)
def test_member_refused(member: str, value: object) -> None:
    """Header members that would let the token choose its key or its rules are refused, whatever they hold."""
    with pytest.raises(InvalidToken) as refused:
        parse_compact(sign({"alg": "RS256", member: value}, b"{}"))
    assert str(refused.value) == REFUSED_MEMBERS[member]
