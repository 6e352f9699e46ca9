"""The operations of `specs/tokendealer.yaml`."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import jwt
from anyio.to_thread import run_sync
from connexion import request
from connexion.lifecycle import ConnexionResponse

from backends.common.app import reply
from backends.common.framing import BODY
from backends.tokendealer import clients, files, keys, oauth
from backends.tokendealer.oauth import OAuthError

NO_STORE = {"Cache-Control": "no-store"}
CACHE = {"Cache-Control": "public, max-age=300"}
CHALLENGE = {"WWW-Authenticate": 'Basic realm="tokendealer", charset="UTF-8"'}
METHODS = ["client_secret_basic", "client_secret_post"]
T = TypeVar("T")
CLAIMS = ("iss", "sub", "client_id", "aud", "scope", "iat", "exp", "jti")


def refuse(error: OAuthError) -> ConnexionResponse:
    """The error answer of RFC 6749 section 5.2."""
    headers = NO_STORE | CHALLENGE if error.status == 401 else NO_STORE
    return reply({"error": error.error, "error_description": error.description}, error.status, headers)


class Stored(Generic[T]):
    """What a file holds, read again when the file was replaced: a rotation needs no restart."""

    def __init__(self, path: Path, load: Callable[[Path], T]) -> None:
        self.path, self.load = path, load
        self.version, self.content = files.version(path), load(path)

    def get(self) -> T:
        """The content now."""
        version = files.version(self.path)
        if version != self.version:
            self.content, self.version = self.load(self.path), version
        return self.content


class TokenDealer:
    """Issues, describes and vouches for tokens of `lifetime` seconds, in the name of `issuer` (its public URL)."""

    def __init__(self, data: Path, issuer: str, lifetime: int, now: Callable[[], float] = time.time) -> None:
        self.issuer, self.lifetime, self.now = issuer, lifetime, now
        self.keys = Stored(data / "keys.json", keys.load)
        self.clients = Stored(data / "clients.json", clients.load)

    async def create_token(self) -> ConnexionResponse:
        """createToken"""
        return await self.answer(self.grant)

    async def introspect_token(self) -> ConnexionResponse:
        """introspectToken"""
        return await self.answer(self.introspect)

    async def answer(self, operation: Callable[[oauth.Form, clients.Client], dict[str, Any]]) -> ConnexionResponse:
        """Authenticate the client, then let it have what it asks for."""
        body = request.scope[BODY]
        authorization = request.headers.get("authorization", "")

        def decide() -> ConnexionResponse:
            form = oauth.parse_form(body)
            id, secret = oauth.credentials(authorization, form)
            client = clients.authenticate(self.clients.get(), id, secret)
            if client is None:
                raise OAuthError("invalid_client", "Client authentication failed.")
            return reply(operation(form, client), 200, NO_STORE)

        try:
            return await run_sync(decide)
        except OAuthError as error:
            return refuse(error)

    def grant(self, form: oauth.Form, client: clients.Client) -> dict[str, Any]:
        """A token of RFC 9068; raises OAuthError."""
        oauth.require_grant(form)
        scope, audience = oauth.grant_scope(form, client), oauth.grant_audience(form, client)
        now, key = int(self.now()), self.keys.get()[0]
        claims = {
            "iss": self.issuer,
            "sub": client.id,
            "client_id": client.id,
            "aud": audience,
            "scope": scope,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": uuid.uuid4().hex,
        }
        token = jwt.encode(claims, key.private, "RS256", headers={"kid": key.kid, "typ": "at+jwt"})
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, "scope": scope}

    def introspect(self, form: oauth.Form, _client: clients.Client) -> dict[str, Any]:
        """What a token says, if it is one of ours and alive (RFC 7662 section 2.2)."""
        if "token" not in form:
            raise OAuthError("invalid_request", "The field token is missing.")
        try:
            kid = jwt.get_unverified_header(form["token"]).get("kid")
            key = next(key for key in self.alive() if key.kid == kid)
            claims = jwt.decode(
                form["token"],
                key.private.public_key(),
                algorithms=["RS256"],
                issuer=self.issuer,
                options={"verify_aud": False, "verify_exp": False, "require": list(CLAIMS)},
            )
        except (jwt.PyJWTError, StopIteration):
            return {"active": False}
        if claims["exp"] <= self.now():
            return {"active": False}
        return {"active": True, "token_type": "Bearer"} | {name: claims[name] for name in CLAIMS}

    def alive(self) -> keys.Ring:
        """The keys that a token which is still good can be signed with."""
        return keys.alive(self.keys.get(), int(self.now()), self.lifetime)

    def get_jwks(self) -> ConnexionResponse:
        """getJwks"""
        return reply(keys.key_set(self.alive()), 200, CACHE)

    def get_metadata(self) -> ConnexionResponse:
        """getMetadata"""
        scopes = {scope for client in self.clients.get().values() for scope in client.scopes}
        metadata = {
            "issuer": self.issuer,
            "token_endpoint": f"{self.issuer}/oauth/token",
            "introspection_endpoint": f"{self.issuer}/oauth/introspect",
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "scopes_supported": sorted(scopes),
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": METHODS,
            "introspection_endpoint_auth_methods_supported": METHODS,
        }
        return reply(metadata, 200, CACHE)

    get_open_id_configuration = get_metadata
