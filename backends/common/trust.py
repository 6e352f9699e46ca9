"""Who may call an operation.

A service bound to the loopback interface trusts the gateway, which has judged the token already. One that others
can reach verifies tokens itself: the same rules once more.
"""

import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import jwt
import requests
from anyio.to_thread import run_sync
from connexion.lifecycle import ConnexionRequest

from backends.common.problem import Problem

Claims = dict[str, Any]
Verify = Callable[[str], Claims]
MAX_AGE = 300.0  # seconds until the keys are fetched again
COOLDOWN = 10.0  # least seconds between two fetches for an unknown key id
CHALLENGE = 'Bearer realm="runnerly"'


def unauthorized(detail: str, error: str = "") -> Problem:
    """401 as RFC 6750 section 3 wants it: no error code when there was no token."""
    challenge = f'{CHALLENGE}, error="{error}"' if error else CHALLENGE
    return Problem(401, detail, {"WWW-Authenticate": challenge})


class TokenVerifier:
    """Verifies RS256 access tokens of one issuer for one audience.

    Called with a token, returns its claims or raises a 401 `Problem`; a 503 when the keys cannot be had.
    """

    def __init__(self, jwks: str, issuer: str, audience: str, now: Callable[[], float] = time.monotonic) -> None:
        self.jwks, self.issuer, self.audience, self.now = jwks, issuer, audience, now
        self.keys: dict[str, Any] = {}
        self.fetched = float("-inf")
        self.lock = threading.Lock()

    def __call__(self, token: str) -> Claims:
        try:
            key = self.key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims: Claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self.issuer,
                audience=self.audience,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            raise unauthorized("The access token is not valid here and now.", "invalid_token") from None
        return claims

    def key(self, kid: str) -> Any:
        """The public key named `kid`; raises `jwt.InvalidKeyError` when there is none."""
        with self.lock:
            age = self.now() - self.fetched
            if age > MAX_AGE or (kid not in self.keys and age > COOLDOWN):
                self.fetch()
        if kid not in self.keys:
            raise jwt.InvalidKeyError(kid)
        return self.keys[kid]

    def fetch(self) -> None:
        """Read the key set; old keys stay when that fails."""
        try:
            answer = requests.get(self.jwks, timeout=5, allow_redirects=False)
            answer.raise_for_status()
            content = answer.json()
            found = jwt.PyJWKSet.from_dict(content if isinstance(content, dict) else {}).keys
            self.keys = {key.key_id: key.key for key in found if key.key_id}
            self.fetched = self.now()
        except (requests.RequestException, ValueError, jwt.PyJWTError):
            if not self.keys:
                raise Problem(503, "The keys that verify tokens cannot be fetched.") from None


class OAuth2:
    """Connexion's security handler for `type: oauth2`: the bearer token must carry the operation's scopes."""

    def __init__(self, verify: Verify | None) -> None:
        self.verify = verify

    def get_fn(self, _scheme: dict[str, Any], scopes: Sequence[str]) -> Callable[[ConnexionRequest], Awaitable[Claims]]:
        """The function that judges each request to one operation."""

        async def check(request: ConnexionRequest) -> Claims:
            if self.verify is None:
                return {}
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise unauthorized('Send an access token as "Authorization: Bearer ...".')
            claims = await run_sync(self.verify, token.strip())
            require(scopes, claims)
            return claims

        return check


class Declared:
    """Security handler for a scheme that the operation itself judges, as it needs more than yes or no."""

    def get_fn(
        self, _scheme: dict[str, Any], _scopes: Sequence[str]
    ) -> Callable[[ConnexionRequest], Awaitable[Claims]]:
        """Lets every request through to the operation."""

        async def check(_request: ConnexionRequest) -> Claims:
            return {}

        return check


def require(scopes: Sequence[str], claims: Claims) -> None:
    """Raise 403 unless the token carries every scope (RFC 6750 section 3.1)."""
    missing = [scope for scope in scopes if scope not in str(claims.get("scope", "")).split(" ")]
    if missing:
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{" ".join(scopes)}"'
        raise Problem(403, f'The token lacks the scope "{missing[0]}".', {"WWW-Authenticate": challenge})


def security_map(verify: Verify | None) -> dict[str, Callable[[], object]]:
    """What Connexion asks for: a security handler for each type of scheme."""
    return {"oauth2": lambda: OAuth2(verify), "basic": Declared}
