"""Opaque tokens: the issuer is asked about each (RFC 7662), and its answer is judged like the claims of a JWT.

Laws:
- The event loop never waits for the issuer: it is asked in threads of its own, one question at a time for each token.
- Good answers are believed until the token expires or `cache` seconds have passed, bad ones for `negative_cache`.
- Without an answer nobody gets in (503). A request waits for one no longer than twice `timeout`; at most `MOST` are
  open, and what comes on top is told to try again.
- Tokens are remembered under a keyed hash, in caches of fixed size, and never logged.
"""

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

from gateway.config import Issuer
from gateway.security.claims import Expected, judge
from gateway.security.jose import decode_object
from gateway.security.principal import ForeignToken, InvalidToken, Principal
from gateway.security.remembered import Remembered
from gateway.security.scheme import Unavailable
from gateway.security.token import Verifier
from gateway.security.token_endpoint import Endpoint, Failed, post

CACHE_ENTRIES = 10_000  # of each kind
THREADS = 8
MOST = 128  # open questions
TOKEN_BYTES = 4096

log = logging.getLogger(__name__)

Answer = Mapping[str, Any]
Ask = Callable[[Endpoint, Mapping[str, str]], tuple[int, bytes]]


class Introspector:
    """Judges the opaque tokens of one issuer. `now` gives seconds since the epoch; `ask` blocks."""

    asks = True

    def __init__(
        self, name: str, issuer: Issuer, secret: str, now: Callable[[], float] = time.time, ask: Ask = post
    ) -> None:
        asked = issuer.introspection
        self.name = name
        self.issuer = issuer
        self.endpoint = Endpoint(asked.url, asked.client_id, secret, asked.timeout)
        self._now = now
        self._ask = ask
        self._salt = secrets.token_bytes(32)
        self._good: Remembered[Principal] = Remembered(CACHE_ENTRIES, now)
        self._bad: Remembered[tuple[type[InvalidToken], str]] = Remembered(CACHE_ENTRIES, now)
        self._flights: dict[bytes, asyncio.Task[Principal]] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._failing = False

    def start(self) -> None:
        """See `Verifier`: there is nothing to begin with."""

    def recall(self, token: bytes) -> Principal | None:
        """See `Verifier`."""
        return self._good.get(self._label(token))

    async def verify(self, token: bytes) -> Principal:
        """See `Verifier`."""
        if len(token) > TOKEN_BYTES:
            raise InvalidToken("the token is too long")
        known = self.recall(token)
        if known is not None:
            return known
        label = self._label(token)
        refused = self._bad.get(label)
        if refused is not None:
            raise refused[0](refused[1])
        flight = self._flights.get(label)
        if flight is None:
            if len(self._flights) >= MOST:
                raise Unavailable(f"issuer {self.name}: {MOST} questions about tokens are open")
            flight = self._flights[label] = asyncio.get_running_loop().create_task(self._fly(label, token))
            flight.add_done_callback(lambda done: self._landed(label, done))
        # A request that is given up does not take the question with it. It is no task, as `timeout` would want it.
        if not (await asyncio.wait((flight,), timeout=2 * self.endpoint.timeout))[0]:
            raise Unavailable(f"issuer {self.name}: introspection: too many questions wait for an answer")
        return flight.result()

    def _landed(self, label: bytes, flight: "asyncio.Task[Principal]") -> None:
        self._flights.pop(label, None)
        if not flight.cancelled():
            flight.exception()  # nobody may be waiting any more

    def _label(self, token: bytes) -> bytes:
        return hashlib.blake2b(token, digest_size=16, key=self._salt).digest()

    async def _fly(self, label: bytes, token: bytes) -> Principal:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "introspection")
        form = {"token": token.decode("ascii"), "token_type_hint": "access_token"}
        loop = asyncio.get_running_loop()
        try:
            answer = judge_answer(*await loop.run_in_executor(self._threads, self._ask, self.endpoint, form))
        except Failed as error:
            self._fail(str(error))
        self._failing = False
        asked, now = self.issuer.introspection, self._now()
        try:
            principal = principal_of(answer, self.name, self.issuer, now)
        except InvalidToken as invalid:
            # Not the exception: it holds the frames that it goes through, and with them heads of requests.
            self._bad.put(label, (type(invalid), str(invalid)), now + asked.negative_cache)
            raise
        self._good.put(label, principal, min(principal.expires + self.issuer.leeway, now + asked.cache))
        return principal

    def _fail(self, reason: str) -> NoReturn:
        """Say so once, until there is an answer again."""
        if not self._failing:
            self._failing = True
            log.error("issuer %s: introspection: %s; opaque tokens are answered with 503", self.name, reason)
        raise Unavailable(f"issuer {self.name}: introspection: {reason}")


def judge_answer(status: int, body: bytes) -> Answer:
    """The answer of the endpoint (RFC 7662 section 2.2). Raises Failed when it is none: an issuer that refuses its own
    gateway, or is broken, has said nothing about the token."""
    if status != 200:
        hint = ": check `client-id` and `client-secret`" if status in (400, 401, 403) else ""
        raise Failed(f"it answers {status}, not 200{hint}")
    try:
        answer = decode_object(body)
    except ValueError:
        raise Failed("its answer is no JSON object") from None
    if not isinstance(answer.get("active"), bool):
        raise Failed("its answer does not say whether the token is `active`")
    return answer


def principal_of(answer: Answer, name: str, issuer: Issuer, now: float) -> Principal:
    """Whom an answer speaks of at `now`. Raises InvalidToken.

    Issuer and expiry may be left out of an answer, the audience may not: without it, a token for another service of the
    same issuer would count here.
    """
    if not answer["active"]:
        raise ForeignToken("the token is not active")
    whole = {"iss": issuer.issuer or name, "exp": now + issuer.introspection.cache + 1.0, **answer}
    return judge(whole, Expected.of(issuer, issuer.issuer or whole["iss"]), now)


class ByForm:
    """An issuer of both: what has the form of a JWT is verified by its keys, everything else is asked about."""

    asks = False

    def __init__(self, signed: Verifier, opaque: Introspector) -> None:
        self.name = signed.name
        self.signed = signed
        self.opaque = opaque

    def start(self) -> None:
        """See `Verifier`."""
        self.signed.start()

    def recall(self, token: bytes) -> Principal | None:
        """See `Verifier`."""
        return (self.signed if _is_signed(token) else self.opaque).recall(token)

    async def verify(self, token: bytes) -> Principal:
        """See `Verifier`."""
        return await (self.signed if _is_signed(token) else self.opaque).verify(token)


def _is_signed(token: bytes) -> bool:
    """Whether it looks like a JWS: three parts, of which the first would be a JSON object."""
    return token.startswith(b"eyJ") and token.count(b".") == 2
