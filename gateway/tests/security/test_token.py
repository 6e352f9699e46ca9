"""Tokens as requests present them, judged by the issuer whose they are."""

import asyncio

import pytest

from gateway.config import Issuer
from gateway.security.bearer import BearerVerifier, signature_check
from gateway.security.dpop import InvalidProof, Proofs
from gateway.security.keys import KeySet
from gateway.security.principal import Binding, ForeignToken, InvalidToken, Malformed, Principal
from gateway.security.scheme import Unavailable
from gateway.security.token import TokenScheme
from gateway.tests.security.issuing import AUDIENCE, ISSUER, NOW, sign
from gateway.tests.security.proving import proof, thumbprint
from gateway.wire.message import ClientCertificate, RequestHead


class Issuing:
    """A verifier that knows `anna-NAME`, and ends everything else in `miss`."""

    def __init__(self, name: str, miss: Exception | None = None, asks: bool = False) -> None:
        self.name = name
        self.asks = asks
        self.judged = 0
        self.miss = miss or ForeignToken("the token is from another issuer")
        self.started = 0
        self.known: dict[bytes, Principal] = {}

    def start(self) -> None:
        """Count."""
        self.started += 1

    def recall(self, token: bytes) -> Principal | None:
        """What was verified."""
        return self.known.get(token)

    async def verify(self, token: bytes) -> Principal:
        """By the name in the token."""
        self.judged += 1
        if token != b"anna-" + self.name.encode():
            raise self.miss
        self.known[token] = Principal("anna", self.name, frozenset(), {}, 0)
        return self.known[token]


def head(authorization: bytes | None) -> RequestHead:
    """A request."""
    lookup = {} if authorization is None else {b"authorization": authorization}
    return RequestHead(b"GET", b"/", None, [], lookup, "")


def verify(scheme: TokenScheme, token: bytes) -> Principal:
    """Verify on an event loop of its own."""
    return asyncio.run(scheme.verify(token, head(b"Bearer " + token)))


@pytest.mark.parametrize(
    ("authorization", "offered"),
    [
        (None, None),
        (b"", None),
        (b"Bearer", None),
        (b"Bearer\tabc", None),
        (b"Bearerabc", None),
        (b"Basic YTpi", None),
        (b"Bearer abc", b"abc"),
        (b"bEARER abc", b"abc"),
        (b"Bearer ", b""),
    ],
)
def test_offered(authorization: bytes | None, offered: bytes | None) -> None:
    """What stands behind `Bearer`, in any case of letters."""
    assert TokenScheme([]).offered(head(authorization)) == offered


@pytest.mark.parametrize("token", [b"", b"a b", b"a,b", b" a", b"a\t", b'"a"', b"=", b"a=b", b"\xff"])
def test_malformed(token: bytes) -> None:
    """Anything but one token is refused before an issuer sees it."""
    with pytest.raises(Malformed):
        verify(TokenScheme([Issuing("a")]), token)


@pytest.mark.parametrize("name", ["a", "b"])
def test_several_issuers(name: str) -> None:
    """A token counts whichever of the issuers it is from, and is recalled; all of them are started."""
    issuers = [Issuing("a"), Issuing("b")]
    scheme = TokenScheme(issuers)
    token = b"anna-" + name.encode()
    assert scheme.recall(token, head(None)) is None
    assert verify(scheme, token).issuer == name
    recalled = scheme.recall(token, head(None))
    assert recalled is not None
    assert recalled.issuer == name
    scheme.start()
    assert [issuer.started for issuer in issuers] == [1, 1]


FOREIGN, EXPIRED, DOWN = ForeignToken("foreign"), InvalidToken("expired"), Unavailable("down")


@pytest.mark.parametrize(
    ("misses", "told"),
    [
        ([FOREIGN, FOREIGN], FOREIGN),
        ([FOREIGN, EXPIRED], EXPIRED),
        ([EXPIRED, DOWN], EXPIRED),
        ([DOWN, EXPIRED], EXPIRED),
        ([FOREIGN, DOWN], DOWN),
        ([DOWN, FOREIGN], DOWN),
    ],
)
def test_nearest_issuer(misses: list[Exception], told: Exception) -> None:
    """Whose token it is says what is wrong with it; one that cannot be asked might be that one."""
    with pytest.raises(type(told), match=str(told)):
        verify(TokenScheme([Issuing(str(n), miss) for n, miss in enumerate(misses)]), b"x")


@pytest.mark.parametrize(("miss", "shown"), [(FOREIGN, 1), (DOWN, 1), (EXPIRED, 0)])
def test_the_bad_token_of_one_issuer_is_not_shown_to_another(miss: Exception, shown: int) -> None:
    """It may be good elsewhere. One that nobody calls its own has to be."""
    asking = Issuing("b", asks=True)
    with pytest.raises(type(miss)):
        verify(TokenScheme([Issuing("a", miss), asking]), b"x")
    assert asking.judged == shown


def test_an_opaque_token_is_foreign_to_an_issuer_of_signed_ones() -> None:
    """While the issuer that might know it is down, nobody is told that it is bad."""
    settings = Issuer(ISSUER, (AUDIENCE,), "keys")
    signed = BearerVerifier(settings, KeySet("signed", settings), now=lambda: NOW)
    for token in (b"abc", b"a.b.c", sign({"alg": "RS256", "crit": ["x"]}, {}), b"a.b.c.d.e"):
        with pytest.raises(Unavailable, match="down"):
            verify(TokenScheme([signed, Issuing("opaque", DOWN, asks=True)]), token)


class Bound(Issuing):
    """Every token is good, and bound as it says: `certificate`, `key`, `both`, or not."""

    async def verify(self, token: bytes) -> Principal:
        """By the token."""
        bindings = {
            b"certificate": Binding(certificate="thumb"),
            b"key": Binding(key=thumbprint()),
            b"both": Binding("thumb", thumbprint()),
        }
        self.known[token] = Principal("anna", self.name, frozenset(), {}, 0, binding=bindings.get(token))
        return self.known[token]


CERTIFICATE = ClientCertificate("thumb", "CN=anna")
ANOTHER = ClientCertificate("other", "CN=anna")


def present(way: bytes, token: bytes, certificate: ClientCertificate | None = None, proof_by: str = "") -> RequestHead:
    """A request with a token and its proofs."""
    lookup = {b"host": b"api.example", b"authorization": way + b" " + token}
    if proof_by:
        lookup[b"dpop"] = proof(token, proof_by)
    return RequestHead(b"GET", b"/v1/things", None, [], lookup, "", certificate)


def proofs() -> Proofs:
    """A judge of proofs who has seen none."""
    return Proofs((), signature_check(), lambda: NOW)


def ask(scheme: TokenScheme, head: RequestHead) -> Principal:
    """As the request line asks."""
    credential = scheme.offered(head)
    assert credential is not None
    return scheme.recall(credential, head) or asyncio.run(scheme.verify(credential, head))


@pytest.mark.parametrize(
    "head",
    [
        present(b"Bearer", b"free"),
        present(b"Bearer", b"free", CERTIFICATE, "EC"),
        present(b"Bearer", b"certificate", CERTIFICATE),
        present(b"DPoP", b"key", None, "EC"),
        present(b"dpop", b"both", CERTIFICATE, "EC"),
    ],
)
def test_bound_and_proved(head: RequestHead) -> None:
    """A token with the proofs that it needs."""
    assert ask(TokenScheme([Bound("a")], proofs()), head).subject == "anna"


NOT_PROVED = {
    "no certificate": present(b"Bearer", b"certificate"),
    "another certificate": present(b"Bearer", b"certificate", ANOTHER),
    "bound to a key, sent as Bearer": present(b"Bearer", b"key"),
    "bound to a key, sent as Bearer with a proof": present(b"Bearer", b"key", None, "EC"),
    "no proof": present(b"DPoP", b"key"),
    "proof by another key": present(b"DPoP", b"key", None, "EC other"),
    "proof for a token that is bound to nothing": present(b"DPoP", b"free", None, "EC"),
    "proof for a token that is bound to a certificate": present(b"DPoP", b"certificate", CERTIFICATE, "EC"),
    "both, without certificate": present(b"DPoP", b"both", None, "EC"),
    "both, without proof": present(b"Bearer", b"both", CERTIFICATE),
}


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("case", NOT_PROVED)
def test_bound_and_not_proved(case: str, known: bool) -> None:
    """A bound token without its proof is refused, however often it was verified before."""
    head = NOT_PROVED[case]
    issuer = Bound("a")
    if known:
        token = head.lookup[b"authorization"].partition(b" ")[2]
        asyncio.run(issuer.verify(token))
    with pytest.raises(InvalidToken):
        ask(TokenScheme([issuer], proofs()), head)


def test_remembered_token_needs_a_proof_each_time() -> None:
    """What is remembered of a token does not let the next request off its proof."""
    scheme = TokenScheme([Bound("a")], proofs())
    head = present(b"DPoP", b"key", None, "EC")
    assert ask(scheme, head)
    with pytest.raises(InvalidProof, match="sent before"):
        ask(scheme, head._replace())
    certified = present(b"Bearer", b"certificate", CERTIFICATE)
    assert ask(scheme, certified)
    assert scheme.recall(b"certificate", certified) is not None
    assert scheme.recall(b"certificate", certified._replace(certificate=ANOTHER)) is None


@pytest.mark.parametrize(
    ("judge", "bearer", "offered", "names"),
    [
        (None, True, [b"free", None], [b"Bearer"]),
        (proofs(), True, [b"free", b"DPoP free"], [b"Bearer", b"DPoP"]),
        (proofs(), False, [None, b"DPoP free"], [b"DPoP"]),
    ],
)
def test_ways(judge: Proofs | None, bearer: bool, offered: list[bytes | None], names: list[bytes]) -> None:
    """A scheme takes tokens as its document says, and asks for them so."""
    scheme = TokenScheme([], judge, bearer)
    assert [scheme.offered(present(way, b"free")) for way in (b"Bearer", b"DPoP")] == offered
    assert [challenge.split(b" ")[0] for challenge in scheme.challenges] == names


def test_bearer_that_looks_like_dpop() -> None:
    """`Bearer DPoP x` is malformed, not a way around the proof."""
    head = present(b"Bearer", b"DPoP free")
    with pytest.raises(Malformed):
        ask(TokenScheme([Bound("a")], proofs()), head)
