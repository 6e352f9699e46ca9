"""A proof is good for one request with one token, made just now, once."""

import json
from typing import Any

import pytest

from gateway.security import dpop
from gateway.security.bearer import proofs_for, signature_check
from gateway.security.dpop import InvalidProof, Proofs
from gateway.security.scheme import Unavailable
from gateway.tests.security.issuing import NOW, base64url, jwk, sign
from gateway.tests.security.proving import proof, public, thumbprint
from gateway.wire.message import RequestHead

TOKEN = b"abc.def.ghi"
CHECK = signature_check()


def head(
    *proofs: bytes, method: bytes = b"GET", path: bytes = b"/v1/things", host: bytes = b"api.example"
) -> RequestHead:
    """A request with these DPoP fields."""
    lookup = {b"host": host, b"authorization": b"DPoP " + TOKEN}
    if proofs:
        lookup[b"dpop"] = b", ".join(proofs)
    return RequestHead(method, path, b"a=1", [], lookup, "")


def judge(request: RequestHead, *origins: str, now: float = NOW) -> str:
    """Who proves it, by somebody who saw nothing before."""
    return Proofs(origins, CHECK, lambda: now).holder(request, TOKEN)


@pytest.mark.parametrize("kind", ["EC", "RSA", "OKP"])
def test_good(kind: str) -> None:
    """A proof by a key of any kind names that key."""
    assert judge(head(proof(TOKEN, kind))) == thumbprint(kind)


GOOD = proof(TOKEN)
HEADER, PAYLOAD, SIGNATURE = GOOD.split(b".")

ATTACKS: dict[str, bytes] = {
    "empty": b"",
    "no JWT": b"abc",
    "two proofs": GOOD + b", " + proof(TOKEN, jti="2"),
    "another type": proof(TOKEN, header={"typ": "JWT"}),
    "no type": proof(TOKEN, header={"typ": None}),
    "none": sign({"typ": "dpop+jwt", "alg": "none", "jwk": public()}, {}, algorithm="none") + b"AA",
    "HS256 with the public key": sign({"typ": "dpop+jwt", "alg": "HS256", "jwk": public()}, {}, algorithm="HS256"),
    "symmetric key": proof(TOKEN, header={"jwk": {"kty": "oct", "k": "c2VjcmV0"}}),
    "no key": proof(TOKEN, header={"jwk": None}),
    "key as text": proof(TOKEN, header={"jwk": "key"}),
    "private key": proof(TOKEN, header={"jwk": public(d="AQAB")}),
    "key of another algorithm": proof(TOKEN, header={"alg": "ES384"}),
    "weak key": proof(TOKEN, "RSA 1024"),
    "another key": proof(TOKEN, header={"jwk": public("EC other")}),
    "key URL": proof(TOKEN, header={"jku": "http://127.0.0.1:1/"}),
    "critical extension": proof(TOKEN, header={"crit": ["exp"]}),
    "changed claims": b".".join([HEADER, base64url(json.dumps({"htm": "GET"}).encode()), SIGNATURE]),
    "claims that are a list": sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": public()}, [], "EC", "ES256"),
    "no jti": proof(TOKEN, jti=None),
    "jti as number": proof(TOKEN, jti=1),
    "empty jti": proof(TOKEN, jti=""),
    "no method": proof(TOKEN, htm=None),
    "another method": proof(TOKEN, htm="POST"),
    "method in other case": proof(TOKEN, htm="get"),
    "no URL": proof(TOKEN, htu=None),
    "another path": proof(TOKEN, htu="https://api.example/v1/thing"),
    "another host": proof(TOKEN, htu="https://evil.example/v1/things"),
    "another port": proof(TOKEN, htu="https://api.example:8443/v1/things"),
    "port that is none": proof(TOKEN, htu="https://api.example:x/v1/things"),
    "another scheme": proof(TOKEN, htu="ftp://api.example/v1/things"),
    "no URL at all": proof(TOKEN, htu="/v1/things"),
    "no hash of the token": proof(TOKEN, ath=None),
    "another token": proof(b"other"),
    "no date": proof(TOKEN, iat=None),
    "date as text": proof(TOKEN, iat=str(NOW)),
    "date as truth": proof(TOKEN, iat=True),
    "too old": proof(TOKEN, iat=NOW - 70),
    "from the future": proof(TOKEN, iat=NOW + 11),
    "date NaN": proof(TOKEN, iat=float("nan")),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack(attack: str) -> None:
    """None of these proves anything, and what is said about them is safe to quote in a header."""
    with pytest.raises(InvalidProof) as refused:
        judge(head(ATTACKS[attack]))
    assert str(refused.value).isascii()
    assert not set(str(refused.value)) & set('"\\')


def test_missing() -> None:
    """Without a proof there is nothing to judge."""
    with pytest.raises(InvalidProof, match="no DPoP proof"):
        judge(head())


@pytest.mark.parametrize(
    ("url", "path", "host"),
    [
        ("https://api.example/v1/things?b=2#here", b"/v1/things", b"api.example"),
        ("HTTPS://API.example:443/v1/things", b"/v1/things", b"api.EXAMPLE"),
        ("http://api.example/v1/things", b"/v1/things", b"api.example:80"),
        ("https://api.example/v1/%74hings/%c3%a9", b"/v1/things/%C3%A9", b"api.example"),
        ("https://api.example", b"/", b"api.example"),
        ("https://[::1]:8080/", b"/", b"[::1]:8080"),
    ],
)
def test_same_url(url: str, path: bytes, host: bytes) -> None:
    """URLs are compared in their normal form, without query and fragment."""
    assert judge(head(proof(TOKEN, htu=url), path=path, host=host))


@pytest.mark.parametrize(("origin", "good"), [("https://api.example", True), ("https://internal.example", False)])
def test_origins(origin: str, good: bool) -> None:
    """Where clients' origins are known, a Host that an attacker chose makes no stolen proof good."""
    stolen = head(proof(TOKEN), host=b"api.example" if not good else b"backend:8080")
    if good:
        assert judge(stolen, origin)
    else:
        with pytest.raises(InvalidProof, match="another URL"):
            judge(stolen, origin)


def test_once() -> None:
    """The same proof counts once while it could still be sent; another key may use the same id."""
    now = NOW
    proofs = Proofs((), CHECK, lambda: now)
    assert proofs.holder(head(GOOD), TOKEN)
    for later in (0.0, 1.0, 69.0):
        now = NOW + later
        with pytest.raises(InvalidProof, match="sent before"):
            proofs.holder(head(GOOD), TOKEN)
    now = NOW
    assert proofs.holder(head(proof(TOKEN, "EC other")), TOKEN) == thumbprint("EC other")
    assert proofs.holder(head(proof(TOKEN, jti="2")), TOKEN)


def test_once_for_each_request() -> None:
    """Two schemes of an operation may judge the same request; one that looks the same is another."""
    proofs = Proofs((), CHECK, lambda: NOW)
    request = head(GOOD)
    assert proofs.holder(request, TOKEN) == proofs.holder(request, TOKEN) == thumbprint()
    with pytest.raises(InvalidProof, match="sent before"):
        proofs.holder(request._replace(), TOKEN)


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When too many are remembered nobody gets in; nothing is forgotten before its time."""
    monkeypatch.setattr(dpop, "SEEN_ENTRIES", 2)
    now = NOW
    proofs = Proofs((), CHECK, lambda: now)
    for jti in "12":
        proofs.holder(head(proof(TOKEN, jti=jti)), TOKEN)
    with pytest.raises(Unavailable):
        proofs.holder(head(proof(TOKEN, jti="3")), TOKEN)
    with pytest.raises(InvalidProof, match="sent before"):
        proofs.holder(head(proof(TOKEN, jti="1")), TOKEN)
    now = NOW + dpop.AGE + 2 * dpop.LEEWAY
    assert proofs.holder(head(proof(TOKEN, jti="3", iat=now)), TOKEN)


def test_on_the_real_clock() -> None:
    """A proof of another year is too old."""
    with pytest.raises(InvalidProof, match="just now"):
        proofs_for(()).holder(head(proof(TOKEN, iat=1_000_000_000)), TOKEN)


def test_key_with_what_is_not_needed() -> None:
    """Members that are no part of the key do not change its thumbprint."""
    extra: dict[str, Any] = {"jwk": {**jwk("EC"), "kid": "mine"}}
    assert judge(head(proof(TOKEN, header=extra))) == thumbprint()
