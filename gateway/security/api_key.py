"""API keys (OpenAPI `apiKey`): in one header field, query parameter or cookie, and looked up among stored hashes.

A key is `gk_ID_SECRET`: the id finds the record, the prefix lets scanners find keys that were published by mistake.
All that is known of a key is in memory, so that a request costs one hash and one look-up, and what changes in a store
holds from the next request on.
"""

import hmac
import re
import secrets
import string
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from gateway.security.hashing import DIGEST_BYTES, key_hasher
from gateway.security.principal import InvalidToken, Malformed, Principal
from gateway.security.records import Flaw, Granted, KeyRecord, expiry
from gateway.security.stores import Watched
from gateway.wire.message import RequestHead

PREFIX = "gk"
ID_CHARACTERS = 12
SECRET_BYTES = 32

_KEY = re.compile(rb"gk_([a-z0-9]{12})_[A-Za-z0-9_-]{43}")


class Known(NamedTuple):
    """A key as requests meet it: who it is, and how to see that it is the one."""

    principal: Principal
    digest: bytes
    hasher: Callable[[bytes], bytes]


Keys = Mapping[bytes, Known]  # by id


def make_key() -> tuple[str, bytes]:
    """The id of a new key, and the key itself."""
    letters = string.ascii_lowercase + string.digits
    id = "".join(secrets.choice(letters) for _ in range(ID_CHARACTERS))
    secret = urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=")
    return id, b"%b_%b_%b" % (PREFIX.encode(), id.encode(), secret)


def known_keys(
    store: str, records: Iterable[KeyRecord], pepper: bytes, quotas: Iterable[str], granted: Granted = frozenset
) -> tuple[Keys, list[Flaw]]:
    """The keys of a store by id, and what is wrong with them: `quotas` are the names of the rate limits there are,
    `granted` makes of scopes what they stand for."""
    hashers = {algorithm: key_hasher(algorithm, pepper) for algorithm in ("sha256", "hmac-sha256")}
    known: dict[bytes, Known] = {}
    flaws: list[Flaw] = []
    for record in records:
        if record.hash.algorithm == "hmac-sha256" and not pepper:
            flaws.append(Flaw(0, f"the key {record.id} was stored with a pepper, and the store has none"))
        if record.quota and record.quota not in quotas:
            flaws.append(Flaw(0, f"the quota {record.quota!r} of the key {record.id} is not under rate-limits"))
        principal = Principal(
            subject=record.owner,
            issuer=store,
            scopes=granted(record.scopes),
            claims={"sub": record.owner, "scope": " ".join(record.scopes)},
            expires=expiry(record),
            key=record.id,
            quota=record.quota,
        )
        known[record.id.encode()] = Known(principal, record.hash.digest, hashers[record.hash.algorithm])
    return known, flaws


class ApiKeyScheme:
    """One Security Scheme Object of type apiKey; `place` is header, query or cookie. See `Scheme`."""

    def __init__(
        self,
        name: str,
        place: str,
        parameter: str,
        stores: Iterable[Watched[Keys]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        # No authentication scheme is registered for API keys, and a 401 has to name one (RFC 9110 section 15.5.2).
        where = quote(parameter, safe="!#$&'*+-.^_`|~").encode()
        self.challenges: tuple[bytes, ...] = (b'ApiKey realm="gateway", in=%b, name="%b"' % (place.encode(), where),)
        self._stores = tuple(stores)
        self._now = now
        self._nobody = (bytes(DIGEST_BYTES), key_hasher("sha256", b""))
        self._find = {"header": _in_header, "query": _in_query, "cookie": _in_cookie}[place]
        self._wanted = parameter.lower().encode() if place == "header" else parameter.encode()

    def offered(self, head: RequestHead) -> bytes | None:
        """See `Scheme`."""
        return self._find(head, self._wanted)

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """See `Scheme`: the whole judgement, as nothing of it has to wait."""
        try:
            return self._judge(credential)
        except InvalidToken:
            return None

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """See `Scheme`."""
        return self._judge(credential)

    def start(self) -> None:
        """See `Scheme`: look for changes of the stores."""
        for store in self._stores:
            store.start()

    def _judge(self, credential: bytes) -> Principal:
        match = _KEY.fullmatch(credential)
        if match is None:
            raise InvalidToken("it is not an API key of this gateway")
        id = match[1]
        found = None
        for store in self._stores:
            found = store.value.get(id)
            if found is not None:
                break
        digest, hasher = (found.digest, found.hasher) if found is not None else self._nobody
        same = hmac.compare_digest(hasher(credential), digest)
        if found is None or not same:
            raise InvalidToken("the API key is not known")
        if self._now() >= found.principal.expires:
            raise InvalidToken("the API key has expired or was revoked")
        return found.principal


def _in_header(head: RequestHead, name: bytes) -> bytes | None:
    value = head.lookup.get(name)
    if value is not None and b"," in value:  # no key has a comma: the field was sent twice
        raise Malformed("the API key is sent more than once")
    return value


def _in_query(head: RequestHead, name: bytes) -> bytes | None:
    if not head.query or (name not in head.query and b"%" not in head.query and b"+" not in head.query):
        return None
    pairs = (pair.partition(b"=") for pair in head.query.split(b"&"))
    return _only([unquote_to_bytes(value) for key, _, value in pairs if _decoded(key) == name])


def _decoded(name: bytes) -> bytes:
    return unquote_to_bytes(name.replace(b"+", b" "))


def _in_cookie(head: RequestHead, name: bytes) -> bytes | None:
    cookies = head.lookup.get(b"cookie")
    if cookies is None or name not in cookies:
        return None
    pairs = (pair.partition(b"=") for pair in cookies.split(b";"))
    return _only([value.strip() for key, _, value in pairs if key.strip() == name])


def _only(values: list[bytes]) -> bytes | None:
    if len(values) > 1:
        raise Malformed("the API key is sent more than once")
    return values[0] if values else None
