"""The caller's token exchanged for one that is made for the backend (RFC 8693).

What came of a token is remembered by its digest until either of the two expires, a refusal for a moment. It is asked
for only after the caller's token was verified for this very request.
"""

import hashlib
import time
from collections.abc import Callable, Mapping

from gateway.security.client_token import usable
from gateway.security.remembered import Remembered
from gateway.security.token_endpoint import Refused
from gateway.security.token_source import TokenSource

CACHE_ENTRIES = 10_000
REFUSED_FOR = 5.0  # seconds

_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # a name (RFC 8693 section 3)  # nosec B105


class TokenExchange:
    """`now` is a steady clock; `wall` gives seconds since the epoch, as `exp` does."""

    def __init__(
        self,
        source: TokenSource,
        audience: str,
        scope: str,
        leeway: float,
        now: Callable[[], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._audience = audience
        self._scope = scope
        self._leeway = leeway
        self._now = now
        self._wall = wall
        self._known: Remembered[bytes | str] = Remembered(CACHE_ENTRIES, now)  # a token, or the code of a refusal

    async def token(self, subject: bytes, expires: float) -> bytes:
        """What to send in place of the token `subject`, which is good until `expires` (seconds since the epoch).
        Raises Refused and NoToken."""
        key = hashlib.sha256(subject).digest()
        known = self._known.get(key)
        if isinstance(known, bytes):
            return known
        if known is not None:
            raise Refused(known)
        try:
            grant = await self._source.grant(key, self._form(subject))
        except Refused as refused:
            self._known.put(key, str(refused), self._now() + REFUSED_FOR)
            raise
        seconds = min(usable(grant.seconds, self._leeway), expires - self._wall())
        self._known.put(key, grant.token, self._now() + seconds)
        return grant.token

    def _form(self, subject: bytes) -> Mapping[str, str]:
        form = {
            "grant_type": _GRANT,
            "subject_token": subject.decode("ascii"),
            "subject_token_type": _ACCESS_TOKEN,
            "requested_token_type": _ACCESS_TOKEN,
            "audience": self._audience,
            "scope": self._scope,
        }
        return {name: value for name, value in form.items() if value}
