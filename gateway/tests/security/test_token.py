"""Tokens as requests present them, judged by the issuer whose they are."""

import asyncio

import pytest

from gateway.security.principal import ForeignToken, InvalidToken, Malformed, Principal
from gateway.security.scheme import Unavailable
from gateway.security.token import TokenScheme
from gateway.wire.message import RequestHead


class Issuing:
    """A verifier that knows `anna-NAME`, and ends everything else in `miss`."""

    def __init__(self, name: str, miss: Exception | None = None) -> None:
        self.name = name
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
