"""The gateway's own token for a backend, by its client credentials (RFC 6749 section 4.4).

One token serves all requests. It is renewed in the background once most of its time is over and somebody uses it;
until it expires it goes on being used, so that an endpoint that is down for a while is not noticed.
"""

import asyncio
from collections.abc import Callable, Mapping

from gateway.security.token_endpoint import Grant, Refused
from gateway.security.token_source import NoToken, TokenSource

AHEAD = 0.8  # share of its time after which a token is renewed
BETWEEN = 1.0  # seconds between two attempts to renew

_KEY = b""  # there is only one token


class ClientToken:
    """`token` is what to send. `leeway` in seconds before it expires it counts no more."""

    def __init__(self, source: TokenSource, audience: str, scope: str, leeway: float, now: Callable[[], float]) -> None:
        self._source = source
        self._form = form_of(audience, scope)
        self._leeway = leeway
        self._now = now
        self._grant: Grant | None = None
        self._until = float("-inf")
        self._renew = float("-inf")

    async def token(self) -> bytes:
        """A good token. Raises NoToken."""
        now = self._now()
        if self._grant is not None and now < self._until:
            if now >= self._renew:
                self._renew = now + BETWEEN
                self._source.flight(_KEY, self._form).add_done_callback(self._renewed)
            return self._grant.token
        try:
            grant = await self._source.grant(_KEY, self._form)
        except Refused as refused:
            raise NoToken(f"{self._source.name}: the token endpoint refuses with {refused}", BETWEEN) from None
        self._keep(grant)
        return grant.token

    def _renewed(self, flight: "asyncio.Task[Grant]") -> None:
        if not flight.cancelled() and flight.exception() is None:
            self._keep(flight.result())

    def _keep(self, grant: Grant) -> None:
        if grant is self._grant:
            return  # another request that waited for it has kept it already
        now = self._now()
        self._grant = grant
        self._until = now + usable(grant.seconds, self._leeway)
        self._renew = now + (self._until - now) * AHEAD


def usable(seconds: float, leeway: float) -> float:
    """How long a token is sent that is good for so many seconds."""
    return max(seconds - leeway, seconds / 2)


def form_of(audience: str, scope: str) -> Mapping[str, str]:
    """What is asked for. `audience` is no parameter of RFC 6749, and many servers' own."""
    form = {"grant_type": "client_credentials", "audience": audience, "scope": scope}
    return {name: value for name, value in form.items() if value}
