"""Bearer tokens (RFC 6750) that are signed JSON Web Tokens (RFC 7519), verified as RFC 8725 and RFC 9068 ask.

The order is cheapest first, so that a token of another issuer costs neither a signature check nor a fetch:
form, header, issuer, algorithm, claims, key, signature. Nothing counts until the signature has been checked.
"""

import time
from collections.abc import Callable

from gateway.config import Issuer
from gateway.security import web
from gateway.security.claims import ACCESS_TOKEN_CLAIMS, FOREIGN, Expected, judge, require
from gateway.security.dpop import Proofs
from gateway.security.jose import Compact, decode_object, parse_compact
from gateway.security.jwk import KEY_TYPES, PublicKey
from gateway.security.keys import KeySet
from gateway.security.principal import ForeignToken, InvalidToken, Principal
from gateway.security.remembered import Remembered

CACHE_ENTRIES = 10_000


class BearerVerifier:
    """Verifies the tokens of one issuer, and remembers those that were good until they expire.

    Only good tokens are remembered, so that nobody without an issuer's signature can fill the memory. When the
    issuer withdraws a key everything is forgotten. `now` gives seconds since the epoch.
    """

    asks = False

    def __init__(self, issuer: Issuer, keys: KeySet, now: Callable[[], float]) -> None:
        self.name = keys.name
        self.issuer = issuer
        self.keys = keys
        self._now = now
        self._check_signature = signature_check()
        self._verified: Remembered[Principal] = Remembered(CACHE_ENTRIES, now)
        keys.on_loss.append(self._verified.clear)

    def start(self) -> None:
        """Begin to fetch keys."""
        self.keys.start()

    def recall(self, token: bytes) -> Principal | None:
        """Whose token this is, if it was verified before and is still good. Called for every request."""
        return self._verified.get(token)

    async def verify(self, token: bytes) -> Principal:
        """Whose token this is. Raises InvalidToken, and KeysUnavailable when no token could be judged."""
        try:
            compact = parse_compact(token)
            claims = decode_object(compact.payload)
        except InvalidToken as invalid:
            raise ForeignToken(str(invalid)) from None  # another issuer may make such tokens
        except ValueError:
            raise ForeignToken("the claims of the token are malformed") from None
        if self.issuer.issuer and claims.get("iss") != self.issuer.issuer:
            raise ForeignToken(FOREIGN)  # whether or not there are keys yet
        if compact.algorithm not in self.issuer.algorithms:
            wrong = InvalidToken if self.issuer.issuer else ForeignToken
            raise wrong("the token is signed with an algorithm that is not accepted")
        trust = await self.keys.known()
        if self.issuer.token_type == "at+jwt" and compact.type != "at+jwt":
            raise InvalidToken("the token does not say that it is an access token")
        principal = judge(claims, Expected.of(self.issuer, trust.issuer), self._now())
        if self.issuer.token_type == "at+jwt":
            require(claims, ACCESS_TOKEN_CLAIMS)
        key = trust.keys.find(compact.kid, compact.algorithm) or await self._newly_published(compact)
        self._check_signature(token, key, compact.algorithm)
        self._verified.put(token, principal, principal.expires + self.issuer.leeway)
        return principal

    async def _newly_published(self, compact: Compact) -> PublicKey:
        """The key for a `kid` that was not known a moment ago: the issuer may have begun to use a new one."""
        if compact.kid is None:
            raise InvalidToken("the token names no key, and there is not exactly one it could mean")
        trust = await self.keys.renewed()
        key = trust.keys.find(compact.kid, compact.algorithm)
        if key is None:
            raise InvalidToken("the token is signed with an unknown key")
        return key


def signature_check() -> Callable[[bytes, PublicKey, str], None]:
    """What checks a signature by a key and an algorithm, and raises InvalidToken."""
    import jwt  # here, because a gateway without issuers starts faster without it

    signatures = jwt.PyJWS(algorithms=list(KEY_TYPES))

    def check(token: bytes, key: PublicKey, algorithm: str) -> None:
        try:
            signatures.decode(token, key, algorithms=[algorithm])
        except jwt.PyJWTError:
            raise InvalidToken("the signature of the token does not verify") from None

    return check


def bearer_verifier(name: str, issuer: Issuer) -> BearerVerifier:
    """The verifier for the issuer of this name in the settings, on real clocks."""
    web.ready()
    return BearerVerifier(issuer, KeySet(name, issuer), time.time)


def proofs_for(origins: tuple[str, ...]) -> Proofs:
    """What judges DPoP proofs, on the real clock."""
    return Proofs(origins, signature_check(), time.time)
