"""A key set is read key by key; what is not fit to verify with is left out and said."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.security.jwk import KEY_TYPES, parse_jwks, proof_key
from gateway.tests.security.issuing import base64url, jwk, jwks, pem, private_key

ALL = tuple(KEY_TYPES)


def same(key: Any, kind: str) -> bool:
    """Whether this is the public half of `private_key(kind)`."""
    expected = private_key(kind).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return bool(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == expected)


@pytest.mark.parametrize(
    ("kind", "algorithms"),
    [
        ("RSA", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        ("EC", ["ES256"]),
        ("EC P-384", ["ES384"]),
        ("EC P-521", ["ES512"]),
        ("OKP", ["EdDSA"]),
    ],
)
def test_each_algorithm(kind: str, algorithms: list[str]) -> None:
    """A JWK of each kind becomes the key it describes, for the algorithms of its type and curve alone."""
    table = parse_jwks(jwks(jwk(kind)), ALL)
    assert [name for name in ALL if table.find(kind, name)] == algorithms
    assert all(same(table.find(kind, name), kind) for name in algorithms)
    assert table.refused == ()


RFC7638_KEY = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB"
    "ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8"
    "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_"
    "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}


def test_thumbprint() -> None:
    """The example of RFC 7638 section 3.1."""
    assert proof_key(RFC7638_KEY, "RS256")[1] == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    ("entry", "algorithm"),
    [(jwk("EC"), "ES384"), (jwk("RSA"), "ES256"), (jwk("EC", d="AQAB"), "ES256"), (None, "ES256"), ([], "ES256")],
)
def test_no_proof_key(entry: Any, algorithm: str) -> None:
    """A proof's key has to fit its algorithm, and to be public."""
    with pytest.raises(ValueError, match=r".+"):
        proof_key(entry, algorithm)


def test_alg_binds_key() -> None:
    """A key with `alg` is for that algorithm alone (RFC 7517 section 4.4)."""
    table = parse_jwks(jwks(jwk("RSA", alg="RS512")), ALL)
    assert table.find("RSA", "RS256") is None
    assert same(table.find("RSA", "RS512"), "RSA")


@pytest.mark.parametrize("members", [{"use": None}, {"key_ops": ["verify"]}, {"kid": None}, {"x5t": "abc"}])
def test_optional_members(members: dict[str, Any]) -> None:
    """Members that may be missing may be missing; those nobody needs do no harm."""
    assert len(parse_jwks(jwks(jwk("RSA", **members)), ("RS256",)).material) == 1


GARBAGE = base64url(b"-----BEGIN PUBLIC KEY-----" + b"x" * 300).decode()
EVEN = base64url((1 << 2047).to_bytes(256)).decode()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "not a JSON object"),
        ([], "not a JSON object"),
        (jwk("RSA", kid=7), "`kid` is not a string"),
        (jwk("RSA", use="enc"), "`use`"),
        (jwk("RSA", key_ops=["encrypt"]), "`key_ops`"),
        (jwk("RSA", key_ops="verify"), "`key_ops`"),
        (jwk("RSA", alg="RSA-OAEP"), "fit none"),
        (jwk("RSA", alg="ES256"), "fit none"),
        (jwk("RSA", alg="HS256"), "fit none"),
        (jwk("RSA", alg=["RS256"]), "fit none"),
        (jwk("RSA", kty="EC"), "`crv`"),
        (jwk("RSA", kty=None), "fit none"),
        (jwk("RSA", kty="rsa"), "fit none"),
        ({"kty": "oct", "kid": "s", "k": "c2VjcmV0"}, "fit none"),
        ({"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "RS256"}, "fit none"),
        (jwk("RSA", d="AQAB"), "private"),
        (jwk("EC", d="AQAB"), "private"),
        (jwk("RSA 1024"), "1024 bits"),
        (jwk("RSA", n=GARBAGE), "no product"),
        (jwk("RSA", n=pem("RSA").decode()), "not base64url"),
        (jwk("RSA", n=EVEN), "no product"),
        (jwk("RSA", n="AQ"), "1 bits"),
        (jwk("RSA", n=base64url(b"\xff" * 1025).decode()), "8200 bits"),
        (jwk("RSA", n=""), "`n` is missing"),
        (jwk("RSA", n=None), "`n` is missing"),
        (jwk("RSA", n=12345), "`n` is missing"),
        (jwk("RSA", n=jwk("RSA")["n"] + "="), "not base64url"),
        (jwk("RSA", e="AQ"), "`e` is no usable"),
        (jwk("RSA", e="AQAA"), "`e` is no usable"),
        (jwk("RSA", e=base64url(b"\x01" + b"\x00" * 8 + b"\x01").decode()), "`e` is no usable"),
        (jwk("EC", crv="secp256k1"), "fit none"),
        (jwk("EC", x="AQ"), "32 bytes"),
        (jwk("EC", x=base64url(b"\x01" * 32).decode()), "curve"),
        (jwk("EC", y=None), "`y` is missing"),
        (jwk("OKP", crv="X25519"), "fit none"),
        (jwk("OKP", crv="Ed448"), "fit none"),
        (jwk("OKP", x="AQ"), "32 bytes"),
    ],
)
def test_unfit_key(entry: Any, reason: str) -> None:
    """An unfit key is left out with its reason, and the good one beside it stays in use."""
    table = parse_jwks(jwks(entry, jwk("RSA other")), ALL)
    assert len(table.refused) == 1
    assert table.refused[0].startswith("key 0: ")
    assert reason in table.refused[0]
    assert {kid for kid, _, _ in table.material} == {"RSA other"}


def test_not_accepted_algorithm() -> None:
    """A key that only fits algorithms outside the allow-list is left out."""
    table = parse_jwks(jwks(jwk("EC"), jwk("RSA")), ("RS256",))
    assert table.find("EC", "ES256") is None
    assert "RS256" in table.refused[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]",
        json.dumps([jwk("RSA")]).encode(),
        b"{}",
        b'{"keys": {}}',
        b'{"keys": null}',
        b'{"keys": [], "keys": []}',
    ],
)
def test_not_a_set(data: bytes) -> None:
    """What is not a JWK Set is refused as a whole, so that the keys known before stay."""
    with pytest.raises(ValueError):
        parse_jwks(data, ALL)


def test_empty_set() -> None:
    """An empty set is a set: the issuer withdraws everything."""
    assert parse_jwks(jwks(), ALL).material == frozenset()


def test_ambiguous_kid() -> None:
    """One `kid` for two keys of one algorithm refuses the set."""
    with pytest.raises(ValueError, match="two different keys for RS256"):
        parse_jwks(jwks(jwk("RSA", kid="1"), jwk("RSA other", kid="1")), ALL)


def test_shared_kid() -> None:
    """One `kid` may stand for one key twice, and for keys of different algorithms (RFC 7517 section 4.5)."""
    table = parse_jwks(jwks(jwk("RSA", kid="1"), jwk("RSA", kid="1"), jwk("EC", kid="1")), ALL)
    assert same(table.find("1", "RS256"), "RSA")
    assert same(table.find("1", "ES256"), "EC")


def test_without_kid() -> None:
    """A token without `kid` means the only key of its algorithm, and none when there are several."""
    one = parse_jwks(jwks(jwk("RSA"), jwk("EC")), ALL)
    two = parse_jwks(jwks(jwk("RSA"), jwk("RSA other")), ALL)
    assert same(one.find(None, "RS256"), "RSA")
    assert one.find(None, "EdDSA") is None
    assert two.find(None, "RS256") is None


@pytest.mark.parametrize("kid", ["", "rsa", "RSA ", "../RSA", "RSA\x00", "' OR 1=1 --", "/dev/null"])
def test_kid_is_compared_exactly(kid: str) -> None:
    """A `kid` is a name in a table: nothing near it finds a key."""
    assert parse_jwks(jwks(jwk("RSA")), ALL).find(kid, "RS256") is None


def test_keys_that_can_be_factored() -> None:
    """Moduli of the kind of CVE-2017-15361 are refused; random ones are not taken for such."""
    modulus = base64url((65537**128).to_bytes(257)).decode()
    with pytest.raises(ValueError, match="CVE-2017-15361"):
        proof_key(jwk("RSA", n=modulus), "RS256")
    assert proof_key(jwk("RSA"), "RS256")
