"""Access tokens: real ones from the token endpoint, and forged ones that must not open anything."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from backends.tokendealer import keys


class Tokens:
    """Tokens of one client. `key_file` is the token dealer's own: with it, tokens are forged."""

    def __init__(self, url: str, client: str, secret: str, key_file: Path | None) -> None:
        self.client, self.secret = client, secret
        self._url = url
        self._key_file = key_file
        self._good: dict[str | None, tuple[str, float]] = {}

    def get(self, scopes: Iterable[str] | None = None) -> str:
        """A token with these scopes, or with all that the client may have."""
        scope = None if scopes is None else " ".join(sorted(scopes))
        token, until = self._good.get(scope, ("", 0.0))
        if time.monotonic() < until:
            return token
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        answer = requests.post(self._url, data=form, auth=(self.client, self.secret), timeout=30)
        assert answer.status_code == 200, f"{self._url} gave no token: {answer.status_code} {answer.text}"
        content = answer.json()
        self._good[scope] = content["access_token"], time.monotonic() + content["expires_in"] / 2
        return str(content["access_token"])

    @property
    def scopes(self) -> frozenset[str]:
        """All that the client may have."""
        return frozenset(str(self.claims()["scope"]).split())

    def claims(self) -> dict[str, Any]:
        """What a good token says."""
        claims: dict[str, Any] = jwt.decode(self.get(), options={"verify_signature": False})
        return claims

    def forged(self, **changes: Any) -> str:
        """A token with other claims, properly signed."""
        key = self._key()
        return jwt.encode(self.claims() | changes, key.private, "RS256", headers={"kid": key.kid, "typ": "at+jwt"})

    def foreign(self) -> str:
        """A token with the right claims, signed with a key of the same name that is somebody else's."""
        own = keys.generate(int(time.time()))
        kid = jwt.get_unverified_header(self.get())["kid"]
        return jwt.encode(self.claims(), own.private, "RS256", headers={"kid": kid, "typ": "at+jwt"})

    def _key(self) -> keys.Key:
        if self._key_file is None:
            pytest.skip("at --url, forging needs the key file of its token dealer: give --keys FILE")
        return keys.load(self._key_file)[0]


def _bearer(make: Callable[[Tokens], str]) -> Callable[[Tokens], str]:
    return lambda tokens: f"Bearer {make(tokens)}"


# Authorization fields that must not open anything, by what is wrong with them.
WRONG: dict[str, Callable[[Tokens], str]] = {
    "another scheme": lambda tokens: f"Basic {tokens.get()}",
    "no JSON Web Token": _bearer(lambda tokens: "abc"),
    "changed claims": _bearer(
        lambda tokens: ".".join([*tokens.get().split(".")[:1], "e30", tokens.get().split(".")[2]])
    ),
    "expired": _bearer(lambda tokens: tokens.forged(exp=int(time.time()) - 60)),
    "not valid yet": _bearer(lambda tokens: tokens.forged(nbf=int(time.time()) + 600)),
    "wrong audience": _bearer(lambda tokens: tokens.forged(aud="somebody-else")),
    "wrong issuer": _bearer(lambda tokens: tokens.forged(iss="http://issuer.example")),
    "somebody else's key": _bearer(Tokens.foreign),
}
