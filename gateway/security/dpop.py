"""Proofs that a token is sent by whom it was issued to (DPoP, RFC 9449 section 4.3).

A proof is a JWT made for one request: it names method and URL, carries the hash of the token, and counts once. Which
proofs were seen is known per process: of N workers each would take a proof that was overheard, once, within its minute.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gateway.security.jose import decode_object, parse_proof
from gateway.security.jwk import KEY_TYPES, PublicKey, proof_key
from gateway.security.principal import InvalidToken
from gateway.security.scheme import Unavailable
from gateway.wire.message import RequestHead

AGE = 60.0  # seconds after `iat` in which a proof counts
LEEWAY = 10.0  # seconds of clock difference
SEEN_ENTRIES = 200_000  # proofs within their time: 2,500 a second, more than one process can verify
LATEST = 64  # requests that may be judged at the same time by several schemes

CHALLENGE = b'DPoP realm="gateway", algs="%b"' % " ".join(KEY_TYPES).encode()

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class InvalidProof(InvalidToken):
    """There is no proof, or not of this."""

    error = b"invalid_dpop_proof"  # RFC 9449 section 7.1


class Proofs:
    """Judges the proofs of requests, and remembers them while they could be sent again.

    `origins` are those that clients know this service by, such as `https://api.example`; without them the request's
    own Host is believed, with either scheme, as TLS may end before the gateway. `now` gives seconds since the epoch.
    """

    def __init__(
        self,
        origins: tuple[str, ...],
        check_signature: Callable[[bytes, PublicKey, str], None],
        now: Callable[[], float],
    ) -> None:
        self._origins = frozenset(_origin(urlsplit(origin)) for origin in origins)
        self._check_signature = check_signature
        self._now = now
        self._seen: OrderedDict[bytes, float] = OrderedDict()  # to the end of their time, soonest first
        self._latest: deque[tuple[RequestHead, bytes]] = deque(maxlen=LATEST)

    def holder(self, head: RequestHead, token: bytes) -> str:
        """The thumbprint of the key that proves this request with this token. Raises InvalidProof, Unavailable."""
        proof = head.lookup.get(b"dpop")
        if proof is None:
            raise InvalidProof("there is no DPoP proof")
        try:
            claims, thumbprint = self._verified(proof)
        except InvalidProof:
            raise
        except InvalidToken as invalid:
            raise InvalidProof(str(invalid)) from None
        self._judge(claims, head, token)
        self._once(head, thumbprint, claims["jti"])
        return thumbprint

    def _verified(self, proof: bytes) -> tuple[dict[str, Any], str]:
        compact = parse_proof(proof)
        if compact.algorithm not in KEY_TYPES:
            raise InvalidProof("the DPoP proof is signed with an algorithm that is not accepted")
        try:
            key, thumbprint = proof_key(compact.header.get("jwk"), compact.algorithm)
        except ValueError:
            raise InvalidProof("the DPoP proof brings no usable public key") from None
        self._check_signature(proof, key, compact.algorithm)
        try:
            return decode_object(compact.payload), thumbprint
        except ValueError:
            raise InvalidProof("the claims of the DPoP proof are malformed") from None

    def _judge(self, claims: dict[str, Any], head: RequestHead, token: bytes) -> None:
        for name in ("jti", "htm", "htu", "ath"):
            if not isinstance(claims.get(name), str) or not claims[name]:
                raise InvalidProof(f"the DPoP proof lacks the claim {name}")
        if claims["htm"].encode() != head.method:
            raise InvalidProof("the DPoP proof is for another method")
        if not self._is_target(claims["htu"], head):
            raise InvalidProof("the DPoP proof is for another URL")
        issued, now = claims.get("iat"), self._now()
        if isinstance(issued, bool) or not isinstance(issued, int | float):
            raise InvalidProof("the DPoP proof lacks the claim iat")
        if not now - AGE - LEEWAY < issued <= now + LEEWAY:  # NaN is in no range
            raise InvalidProof("the DPoP proof was not made just now")
        if not hmac.compare_digest(claims["ath"].encode(), _base64url(hashlib.sha256(token).digest())):
            raise InvalidProof("the DPoP proof is for another token")

    def _is_target(self, url: str, head: RequestHead) -> bool:
        """Whether `htu` is the request's URL without query and fragment, normalised (RFC 3986 section 6.2)."""
        try:
            parts = urlsplit(url)
            host = urlsplit("//" + head.lookup.get(b"host", b"").decode("latin-1"))
            ours = self._origins or {_origin(host._replace(scheme=scheme)) for scheme in _DEFAULT_PORTS}
            return _origin(parts) in ours and _path(parts.path) == _path(head.path.decode("latin-1"))
        except ValueError:
            return False

    def _once(self, head: RequestHead, thumbprint: str, jti: str) -> None:
        now = self._now()
        while self._seen and next(iter(self._seen.values())) <= now:
            self._seen.popitem(last=False)
        label = hashlib.sha256(f"{thumbprint} {jti}".encode()).digest()[:16]
        if label in self._seen:
            if any(judged is head and known == label for judged, known in self._latest):
                return  # another scheme of the operation takes the same token
            raise InvalidProof("the DPoP proof was sent before")
        if len(self._seen) >= SEEN_ENTRIES:
            raise Unavailable(f"more than {SEEN_ENTRIES} DPoP proofs within {AGE:g} seconds")
        self._latest.append((head, label))
        self._seen[label] = now + AGE + 2 * LEEWAY  # by then even one that was made a little later is too old


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port. Raises ValueError for a port that is none."""
    return url.scheme, url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)


def _path(path: str) -> str:
    return _ESCAPE.sub(_unescaped, path) or "/"


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _base64url(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
