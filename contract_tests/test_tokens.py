"""What the token dealer publishes must be of use to those who verify its tokens."""

import json

import jwt

from contract_tests.conftest import World
from gateway.security.jwk import parse_jwks
from gateway.verify.message import Request


def get(world: World, path: str) -> bytes:
    """What a GET through the gateway brings."""
    reply = world.client.send(world.system.gateway, "", Request("GET", path, None, (), None))
    assert reply.status == 200
    return reply.body


def test_every_published_key_is_fit_for_use(world: World) -> None:
    """No key of the set would be left out by whoever reads it strictly."""
    table = parse_jwks(get(world, "/auth/.well-known/jwks.json"), ("RS256",))
    assert table.by_kid
    assert not table.refused


def test_a_token_verifies_with_the_published_keys(world: World) -> None:
    """A verifier that knows only the metadata accepts a token: key id, algorithm, issuer and audience fit."""
    metadata = json.loads(get(world, "/auth/.well-known/oauth-authorization-server"))
    assert metadata["jwks_uri"] == f"{metadata['issuer']}/.well-known/jwks.json"
    keys = jwt.PyJWKSet.from_json(get(world, "/auth/.well-known/jwks.json").decode())
    token = world.tokens.get()
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="runnerly", issuer=metadata["issuer"])
    assert claims["exp"] > claims["iat"]
