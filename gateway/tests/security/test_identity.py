"""The gateway's own token about a caller: what it says, that others can verify it, and how its keys rotate."""

import json
from collections.abc import Iterator
from itertools import count

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.security import identity
from gateway.security.identity import TYPE, Signer, UnusableKey, jwks, public_keys, signing_key, thumbprint
from gateway.security.principal import Principal
from gateway.tests.security.issuing import NOW, pem, private_key

ANNA = Principal("änna", "https://id.example", frozenset(("b", "a")), {"sub": "änna", "secret": "x"}, NOW, "app")


def private_pem(key: object, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    encoded: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)  # type: ignore[attr-defined]
    return encoded


class Clock:
    """Seconds since the epoch."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def signer(clock: Clock, kind: str = "EC") -> Signer:
    numbers: Iterator[int] = count(1)
    key = signing_key(private_pem(private_key(kind)))
    return Signer(key, "gateway", "runs", 60.0, clock, lambda: str(next(numbers)))


@pytest.mark.parametrize(("kind", "algorithm"), [("EC", "ES256"), ("RSA", "RS256")])
def test_others_verify_it_with_the_published_keys(kind: str, algorithm: str) -> None:
    """By a library of their own; the claims say who, for whom and by whom, and nothing else of the caller."""
    key = signing_key(private_pem(private_key(kind)))
    (entry,) = json.loads(jwks((key.public,)))["keys"]
    assert set(entry) == set(key.public) and "d" not in entry and "p" not in entry
    token = signer(Clock(), kind).tell(ANNA).decode()
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "typ": TYPE, "kid": entry["kid"]}
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, jwt.PyJWK(entry).key, [algorithm], options, audience="runs", issuer="gateway")
    assert claims == {
        "iss": "gateway",
        "aud": "runs",
        "sub": "änna",
        "sub_id": {"format": "iss_sub", "iss": "https://id.example", "sub": "änna"},
        "client_id": "app",
        "scope": "a b",
        "iat": int(NOW),
        "exp": int(NOW) + 60,
        "jti": "1",
    }


def test_it_is_signed_again_after_half_of_its_time() -> None:
    """And separately for each caller; what was signed is good for the other half at least."""
    clock = Clock()
    ours = signer(clock)
    first = ours.tell(ANNA)
    clock.now += 29.9
    assert ours.tell(ANNA) == first
    clock.now += 0.1
    assert ours.tell(ANNA) != first
    others = [
        Principal("bert", ANNA.issuer, ANNA.scopes, {}, NOW, "app"),
        Principal("änna", "https://id.other", ANNA.scopes, {}, NOW, "app"),
        Principal("änna", ANNA.issuer, frozenset(), {}, NOW, "app"),
        Principal("änna", ANNA.issuer, ANNA.scopes, {}, NOW, ""),
    ]
    assert len({ours.tell(each) for each in (ANNA, *others)}) == 5


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many callers there are."""
    monkeypatch.setattr(identity, "CACHE_ENTRIES", 3)
    ours = signer(Clock())
    for number in range(10):
        ours.tell(Principal(str(number), "", frozenset(), {}, NOW))
    assert len(ours._signed) <= 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
        (pem("EC"), "no private key"),
        (private_pem(ec.generate_private_key(ec.SECP256R1()), b"word"), "without a password"),
        (private_pem(ec.generate_private_key(ec.SECP384R1())), "neither"),
        (private_pem(rsa.generate_private_key(65537, 1024)), "neither"),
        (private_pem(ed25519.Ed25519PrivateKey.generate()), "neither"),
    ],
)
def test_a_key_that_cannot_sign_is_refused(data: bytes, word: str) -> None:
    """With a text that holds no part of it."""
    with pytest.raises(UnusableKey, match=word) as caught:
        signing_key(data)
    assert "BEGIN" not in str(caught.value)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    """RFC 7638 section 3.1: its own example."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM"
        "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5"
        "hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    assert thumbprint({"kty": "RSA", "n": n, "e": "AQAB"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_further_keys_are_published_beside_it() -> None:
    """The next one and the former one, from one file; one that is given twice is there once."""
    ours = signing_key(private_pem(private_key("EC"))).public
    further = public_keys(b"former:\n" + pem("EC next") + b"\n" + pem("RSA") + pem("EC"))
    published = json.loads(jwks((ours, *further)))["keys"]
    assert [key["kty"] for key in published] == ["EC", "EC", "RSA"]
    assert published[0]["kid"] == ours["kid"]
    assert json.loads(jwks(())) == {"keys": []}


@pytest.mark.parametrize("data", [b"", b"x", pem("EC P-384"), private_pem(private_key("EC"))])
def test_what_is_no_public_key_is_not_published(data: bytes) -> None:
    """A private key by mistake least of all."""
    with pytest.raises(UnusableKey):
        public_keys(data)
