"""Which fields a backend gets, by what the settings ask for."""

import asyncio
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.config import Credentials, Identity
from gateway.security.client_token import ClientToken
from gateway.security.identity import signing_key
from gateway.security.introduction import Introduction, introduction
from gateway.security.principal import Principal
from gateway.security.token_endpoint import Endpoint, Grant
from gateway.security.token_exchange import TokenExchange
from gateway.security.token_source import TokenSource
from gateway.tests.security.issuing import private_key
from gateway.wire.message import RequestHead

ANNA = Principal("anna", "https://id.example", frozenset(), {}, 1e12)
HEAD = RequestHead(b"GET", b"/", None, [], {b"authorization": b"DPoP  abc"}, "")
KEY = signing_key(private_key("EC").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def grant(endpoint: Endpoint, form: Mapping[str, str]) -> Grant:
    return Grant(b"for-" + form.get("subject_token", "gateway").encode(), 60.0)


def source() -> TokenSource:
    return TokenSource("API x", Endpoint("u", "i", "s", 30.0), lambda: 0.0, grant)


def fields(ours: Introduction | None, principal: Principal | None) -> list[tuple[bytes, bytes]]:
    assert ours is not None
    return asyncio.run(ours.fields(HEAD, principal))


def test_the_exchanged_token_takes_the_place_of_the_callers() -> None:
    """Whatever scheme it came with; a caller who is anonymous has none."""
    ours = Introduction(exchange=TokenExchange(source(), "", "", 10.0, lambda: 0.0))
    assert fields(ours, ANNA) == [(b"Authorization", b"Bearer for-abc")]
    assert fields(ours, None) == []


def test_the_gateways_own_token_does_not_depend_on_the_caller() -> None:
    """Known or not."""
    ours = Introduction(client=ClientToken(source(), "", "", 10.0, lambda: 0.0))
    assert fields(ours, ANNA) == fields(ours, None) == [(b"Authorization", b"Bearer for-gateway")]


def test_identity_is_beside_the_credentials_and_about_callers_only() -> None:
    """In the field that the settings name."""
    ours = introduction("api", Credentials(identity=True), "", Identity(header="X-Who"), KEY)
    ((name, value),) = fields(ours, ANNA)
    assert name == b"X-Who" and value.count(b".") == 2
    assert fields(ours, None) == []


@pytest.mark.parametrize("mode", ["tokens", "pass", "strip"])
def test_where_nothing_is_said_there_is_nothing(mode: str) -> None:
    """So that a request costs nothing."""
    assert introduction("api", Credentials(mode=mode), "", Identity(), KEY) is None


@pytest.mark.parametrize(("mode", "client"), [("client", True), ("exchange", False)])
def test_the_mode_decides_what_is_asked_for(mode: str, client: bool) -> None:
    """One or the other."""
    asking = Credentials(mode=mode, token_url="https://id.example/t", client_id="a", identity=True)
    ours = introduction("api", asking, "secret", Identity(), KEY)
    assert ours is not None and ours.signer is not None
    assert (ours.client is not None, ours.exchange is not None) == (client, not client)
    assert "secret" not in repr(ours)
