"""The verifier as a whole: real signatures, a table of attacks, and what is remembered."""

import asyncio
import json
from typing import Any

import pytest

from gateway.config import Issuer
from gateway.security import bearer
from gateway.security.bearer import BearerVerifier, bearer_verifier
from gateway.security.fetch import Trust
from gateway.security.jwk import parse_jwks
from gateway.security.keys import KeySet, KeysUnavailable
from gateway.security.principal import InvalidToken, Principal
from gateway.tests.security.issuing import (
    AUDIENCE,
    ISSUER,
    NOW,
    base64url,
    claims,
    jwk,
    jwks,
    sign,
    token,
)

ALL = ("RS256", "RS512", "ES256", "EdDSA")  # the attacks use others


class Fixture:
    """A verifier on a clock that is set by hand, and an issuer whose key set is an attribute."""

    def __init__(self, *entries: Any, algorithms: tuple[str, ...] = ALL, **settings: Any) -> None:
        self.now = NOW
        self.published = jwks(*entries)
        self.loads = 0
        issuer = Issuer(ISSUER, (AUDIENCE,), "published", algorithms=algorithms, leeway=10, cooldown=30, **settings)
        self.keys = KeySet("test", issuer, now=lambda: self.now, load=self._load)
        self.verifier = BearerVerifier(issuer, self.keys, now=lambda: self.now)

    def _load(self, settings: Issuer) -> Trust:
        self.loads += 1
        return Trust(settings.issuer, parse_jwks(self.published, settings.algorithms))

    def verify(self, text: bytes) -> Principal:
        """Verify once, on an event loop of its own."""
        return asyncio.run(self.verifier.verify(text))


EVERY_KEY = [jwk("RSA"), jwk("EC"), jwk("OKP")]


@pytest.mark.parametrize(("kind", "algorithm"), [("RSA", "RS256"), ("RSA", "RS512"), ("EC", "ES256"), ("OKP", "EdDSA")])
def test_each_algorithm(kind: str, algorithm: str) -> None:
    """A good token of each algorithm gives its principal."""
    assert Fixture(*EVERY_KEY).verify(token(kind, algorithm)).subject == "anna"


FURTHER = [("RSA", "RS384"), ("RSA", "PS256"), ("RSA", "PS384"), ("RSA", "PS512")]


@pytest.mark.parametrize(("kind", "algorithm"), [*FURTHER, ("EC P-384", "ES384"), ("EC P-521", "ES512")])
def test_further_algorithms(kind: str, algorithm: str) -> None:
    """Each other algorithm counts where the settings accept it, and only there."""
    text = token(kind, algorithm)
    assert Fixture(jwk(kind), algorithms=(algorithm,)).verify(text).subject == "anna"
    with pytest.raises(InvalidToken, match="not accepted"):
        Fixture(jwk(kind)).verify(text)


@pytest.mark.parametrize(
    ("type_", "changes", "reason"),
    [
        ("at+jwt", {}, ""),
        ("application/at+jwt", {}, ""),
        ("AT+JWT", {}, ""),
        ("JWT", {}, "does not say that it is an access token"),
        (None, {}, "does not say that it is an access token"),
        ("dpop+jwt", {}, "another type"),
        ("id+jwt", {}, "another type"),
        ("at+jwt", {"jti": None}, "lacks the claim jti"),
        ("at+jwt", {"client_id": None}, "lacks the claim client_id"),
        ("at+jwt", {"iat": None}, "lacks the claim iat"),
        ("at+jwt", {"sub": None}, "lacks the claim sub"),
    ],
)
def test_access_token_type(type_: str | None, changes: dict[str, Any], reason: str) -> None:
    """With `token-type: at+jwt` only access tokens of RFC 9068 count: no ID token, no proof."""
    fixture = Fixture(*EVERY_KEY, token_type="at+jwt")
    good: dict[str, Any] = {"jti": "1", "client_id": "web", "iat": NOW}
    header = {"alg": "RS256", "kid": "RSA", **({} if type_ is None else {"typ": type_})}
    text = sign(header, claims(**{**good, **changes}))
    if not reason:
        assert fixture.verify(text).client == "web"
    else:
        with pytest.raises(InvalidToken, match=reason):
            fixture.verify(text)


def test_without_kid() -> None:
    """Without `kid` the only key that fits is used; with two it would be a guess."""
    text = sign({"alg": "RS256"}, claims())
    assert Fixture(*EVERY_KEY).verify(text).subject == "anna"
    with pytest.raises(InvalidToken, match="names no key"):
        Fixture(jwk("RSA"), jwk("RSA other")).verify(text)


GOOD = token()
HEADER, PAYLOAD, SIGNATURE = GOOD.split(b".")
OTHER_PAYLOAD = base64url(json.dumps(claims(sub="root")).encode())
KID = {"kid": "RSA"}

ATTACKS = {
    "none": sign({"alg": "none", **KID}, claims(), algorithm="none") + b"AA",
    "none without signature": sign({"alg": "none", **KID}, claims(), algorithm="none"),
    "NoNe": sign({"alg": "NoNe", **KID}, claims()),
    "HS256 with the public key": sign({"alg": "HS256", **KID}, claims(), algorithm="HS256"),
    "RS256 said, HS256 with the public key done": sign({"alg": "RS256", **KID}, claims(), algorithm="HS256"),
    "algorithm in other case": sign({"alg": "rs256", **KID}, claims()),
    "algorithm not on the list": sign({"alg": "PS256", **KID}, claims(), algorithm="PS256"),
    "RS384": sign({"alg": "RS384", **KID}, claims(), algorithm="RS384"),
    "RS512 said, RS256 done": sign({"alg": "RS512", **KID}, claims()),
    "EC algorithm with an RSA kid": sign({"alg": "ES256", **KID}, claims(), "EC", "ES256"),
    "EdDSA with an EC kid": sign({"alg": "EdDSA", "kid": "EC"}, claims(), "OKP", "EdDSA"),
    "another key under a known kid": sign({"alg": "RS256", **KID}, claims(), "RSA other"),
    "another EC key": sign({"alg": "ES256", "kid": "EC"}, claims(), "EC other", "ES256"),
    "another Ed25519 key": sign({"alg": "EdDSA", "kid": "OKP"}, claims(), "OKP other", "EdDSA"),
    "embedded key": sign({"alg": "RS256", "jwk": jwk("RSA other")}, claims(), "RSA other"),
    "key set URL": sign({"alg": "RS256", **KID, "jku": "http://127.0.0.1:1/"}, claims()),
    "certificate URL": sign({"alg": "RS256", **KID, "x5u": "http://127.0.0.1:1/"}, claims()),
    "certificate": sign({"alg": "RS256", **KID, "x5c": ["MIIB"]}, claims()),
    "critical extension": sign({"alg": "RS256", **KID, "crit": ["exp"]}, claims()),
    "unencoded payload": sign({"alg": "RS256", **KID, "b64": False, "crit": ["b64"]}, claims()),
    "nested": sign({"alg": "RS256", **KID, "cty": "JWT"}, GOOD),
    "kid of nobody": sign({"alg": "RS256", "kid": "nobody"}, claims()),
    "kid as a path": sign({"alg": "RS256", "kid": "../../../../dev/null"}, claims()),
    "kid as a query": sign({"alg": "RS256", "kid": "x' UNION SELECT 'key"}, claims()),
    "kid as a number": sign({"alg": "RS256", "kid": 0}, claims()),
    "duplicate alg": sign(b'{"kid":"RSA","alg":"none","alg":"RS256"}', claims()),
    "duplicate claim": sign({"alg": "RS256", **KID}, b'{"sub":"a","sub":"root"}'),
    "claims that are a list": sign({"alg": "RS256", **KID}, [claims()]),
    "claims that are text": sign({"alg": "RS256", **KID}, b"hello"),
    "claims that are a bomb": sign({"alg": "RS256", **KID}, b"[" * 5000),
    "other claims under a good signature": HEADER + b"." + OTHER_PAYLOAD + b"." + SIGNATURE,
    "no signature": HEADER + b"." + PAYLOAD + b".",
    "cut off": GOOD[:-8],
    "grown": GOOD + b"AAAA",
    "a bit of the signature": HEADER
    + b"."
    + PAYLOAD
    + b"."
    + (b"B" if SIGNATURE.startswith(b"A") else b"A")
    + SIGNATURE[1:],
    "signature of zeros": HEADER + b"." + PAYLOAD + b"." + base64url(bytes(256)),
    "EC signature of zeros": b".".join([*token("EC", "ES256").split(b".")[:2], base64url(bytes(64))]),
    "fourth part": GOOD + b".e30",
    "five parts": GOOD + b"..",
    "only dots": b"..",
    "blank inside": GOOD.replace(b".", b" .", 1),
    "line end": GOOD + b"\n",
    "nul": GOOD + b"\x00",
    "not ASCII": GOOD + "é".encode(),
    "8 KiB and more": token(filler="x" * 8192),
    "expired": token(exp=NOW - 11),
    "no exp": token(exp=None),
    "exp as text": token(exp="1900000000"),
    "exp NaN": sign({"alg": "RS256", **KID}, json.dumps(claims(exp=float("nan"))).encode()),
    "exp overflows": sign({"alg": "RS256", **KID}, b'{"iss":"%b","aud":"runs","exp":1e999}' % ISSUER.encode()),
    "not yet valid": token(nbf=NOW + 60),
    "issued in the future": token(iat=NOW + 60),
    "another issuer": token(iss="https://evil.example"),
    "no issuer": token(iss=None),
    "another audience": token(aud="accounts"),
    "no audience": token(aud=None),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack(attack: str) -> None:
    """No attack gives a principal, nothing of it is remembered, and its refusal is safe to quote in a header."""
    fixture = Fixture(*EVERY_KEY)
    with pytest.raises(InvalidToken) as refused:
        fixture.verify(ATTACKS[attack])
    assert fixture.verifier.recall(ATTACKS[attack]) is None
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()
    assert not set(str(refused.value)) & set('"\\')


def test_weak_key() -> None:
    """A token under a published RSA key of 1024 bits is refused: the key is not used."""
    weak = sign({"alg": "RS256", "kid": "weak"}, claims(), "RSA 1024")
    with pytest.raises(InvalidToken, match="unknown key"):
        Fixture(jwk("RSA 1024", kid="weak"), jwk("RSA")).verify(weak)


def test_symmetric_key_published() -> None:
    """A symmetric key in the set verifies nothing."""
    secret = {"kty": "oct", "kid": "s", "alg": "HS256", "k": "c2VjcmV0"}
    with pytest.raises(InvalidToken, match="not accepted"):
        Fixture(secret, jwk("RSA")).verify(sign({"alg": "HS256", "kid": "s"}, claims(), algorithm="HS256"))


def test_allow_list() -> None:
    """An algorithm that the issuer's settings do not list is refused although a key for it is published."""
    with pytest.raises(InvalidToken, match="not accepted"):
        Fixture(*EVERY_KEY, algorithms=("ES256",)).verify(GOOD)


def test_no_usable_key() -> None:
    """Without any key nothing is judged: that is not the caller's fault."""
    with pytest.raises(KeysUnavailable):
        Fixture().verify(GOOD)


def test_recall() -> None:
    """A token is recalled after it was verified, by its exact bytes."""
    fixture = Fixture(jwk("RSA"))
    assert fixture.verifier.recall(GOOD) is None
    principal = fixture.verify(GOOD)
    assert fixture.verifier.recall(bytes(bytearray(GOOD))) is principal
    assert fixture.verifier.recall(GOOD[:-1]) is None


@pytest.mark.parametrize(("later", "good"), [(0, True), (69.9, True), (70, False), (1e6, False), (-1e6, True)])
def test_recall_until_expiry(later: float, good: bool) -> None:
    """A remembered token is good until `exp` and the leeway have passed, and never again."""
    fixture = Fixture(jwk("RSA"))
    fixture.verify(GOOD)
    fixture.now += later
    assert (fixture.verifier.recall(GOOD) is not None) is good
    fixture.now = NOW
    assert (fixture.verifier.recall(GOOD) is not None) is good


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the memory is full the token verified longest ago is forgotten."""
    monkeypatch.setattr(bearer, "CACHE_ENTRIES", 3)
    fixture = Fixture(jwk("RSA"))
    tokens = [token(sub=name) for name in "abcde"]
    for text in tokens:
        fixture.verify(text)
    assert [fixture.verifier.recall(text) is not None for text in tokens] == [False, False, True, True, True]


def test_new_key() -> None:
    """A token under a key published since is verified after one fetch; its key stays known."""
    fixture = Fixture(jwk("RSA"))
    fixture.verify(GOOD)
    fixture.published = jwks(jwk("RSA"), jwk("RSA other"))

    async def use_new_key() -> None:
        await fixture.verifier.verify(token("RSA other"))
        loads = fixture.loads
        await fixture.verifier.verify(token("RSA other", sub="bert"))
        assert fixture.loads == loads

    asyncio.run(use_new_key())
    assert fixture.verifier.recall(GOOD) is not None


def test_withdrawn_key() -> None:
    """When a key disappears, what it had signed is forgotten and refused."""
    fixture = Fixture(jwk("RSA"), jwk("EC"))
    fixture.verify(GOOD)
    fixture.published = jwks(jwk("EC"))
    with pytest.raises(InvalidToken, match="unknown key"):
        fixture.verify(token("RSA other"))
    assert fixture.verifier.recall(GOOD) is None
    with pytest.raises(InvalidToken, match="unknown key"):
        fixture.verify(GOOD)


def test_key_replaced_under_its_kid() -> None:
    """A `kid` that stands for another key now counts as a withdrawn key."""
    fixture = Fixture(jwk("RSA", kid="1"))
    text = token(kid="1")
    fixture.verify(text)
    fixture.published = jwks(jwk("RSA other", kid="1"))
    with pytest.raises(InvalidToken):
        fixture.verify(token(kid="2"))
    assert fixture.verifier.recall(text) is None


@pytest.mark.parametrize("changes", [{"iss": "https://evil.example"}, {"aud": "x"}, {"exp": 1}])
def test_foreign_tokens_cost_no_fetch(changes: dict[str, Any]) -> None:
    """Unknown key ids of tokens that would be refused anyway make nobody ask the issuer."""
    fixture = Fixture(jwk("RSA"))

    async def use() -> int:
        await fixture.verifier.verify(GOOD)
        loads = fixture.loads
        with pytest.raises(InvalidToken):
            await fixture.verifier.verify(token("RSA other", **changes))
        return fixture.loads - loads

    assert asyncio.run(use()) == 0


def test_on_real_clocks(tmp_path: Any) -> None:
    """The factory gives a verifier that reads a key set file and knows what time it is."""
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(jwk("RSA")))
    verifier = bearer_verifier("test", Issuer(ISSUER, (AUDIENCE,), str(path)))
    with pytest.raises(InvalidToken, match="expired"):
        asyncio.run(verifier.verify(token(exp=1_000_000_000)))
    assert asyncio.run(verifier.verify(token(exp=4_000_000_000))).subject == "anna"
