"""Flaws of `credentials` and `identity`: what is missing, what has no effect, what cannot be read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Api, Credentials, Identity, Settings
from gateway.config.check_credentials import CREDENTIALS

GOOD = {"mode": "exchange", "token_url": "https://id.example/token", "client_id": "gateway"}


def flaws(credentials: dict[str, Any], **identity: str) -> list[tuple[str, str]]:
    api = Api(contract="a.yaml", upstream="http://127.0.0.1:1", credentials=Credentials(**credentials))
    settings = Settings(apis=(api,), identity=replace(Identity(), **identity))
    return [(pointer, message) for check in CREDENTIALS for pointer, message, _ in check(settings)]


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to be in, with a file; a variable."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key.pem").write_text("planted")
    monkeypatch.setenv("GATEWAY_TEST_SECRET", "planted")


def test_good_settings_have_no_flaw() -> None:
    """Those that are not made at all among them."""
    assert flaws({}) == []
    assert flaws(GOOD | {"client_secret": "env:GATEWAY_TEST_SECRET", "audience": "a", "scope": "b"}) == []
    assert flaws({"identity": True}, key="file:key.pem", published="key.pem") == []


@pytest.mark.parametrize(
    ("credentials", "identity", "pointer", "word"),
    [
        ({"mode": "client"}, {}, "/apis/0/credentials", "token-url"),
        ({"mode": "client"}, {}, "/apis/0/credentials", "client-id"),
        (GOOD, {}, "/apis/0/credentials", "client-secret"),
        (
            GOOD | {"client_secret": "env:NOT_THERE"},
            {},
            "/apis/0/credentials/client-secret",
            "apis[0].credentials.client-secret: the environment variable NOT_THERE is not set",
        ),
        (GOOD | {"client_secret": "planted"}, {}, "/apis/0/credentials/client-secret", "never by itself"),
        (GOOD | {"token_url": "ftp://id.example"}, {}, "/apis/0/credentials/token-url", "not the URL"),
        (GOOD | {"token_url": "https://a:b@id.example"}, {}, "/apis/0/credentials/token-url", "not the URL"),
        (GOOD | {"token_url": "https://id.example/#x"}, {}, "/apis/0/credentials/token-url", "not the URL"),
        (GOOD | {"token_url": "https://[::"}, {}, "/apis/0/credentials/token-url", "not the URL"),
        ({"mode": "strip", "scope": "a"}, {}, "/apis/0/credentials/scope", "no effect"),
        ({"token_url": "https://id.example"}, {}, "/apis/0/credentials/token-url", "no effect"),
        ({"identity": True}, {}, "/apis/0/credentials/identity", "no key"),
        ({}, {"key": "file:gone.pem"}, "/identity/key", "identity.key: gone.pem"),
        ({}, {"key": "file:key.pem", "published": "gone.pem"}, "/identity/published", "no file gone.pem"),
        ({}, {"published": "key.pem"}, "/identity/published", "no `key`"),
        ({}, {"header": "X Identity"}, "/identity/header", "cannot be the name"),
        ({}, {"header": "X_Identity"}, "/identity/header", "cannot be the name"),
        ({}, {"header": ""}, "/identity/header", "cannot be the name"),
        ({}, {"header": "Authorization"}, "/identity/header", "cannot be the name"),
        ({}, {"header": "content-type"}, "/identity/header", "cannot be the name"),
        ({}, {"header": "X-Request-ID"}, "/identity/header", "cannot be the name"),
    ],
)
def test_flaws_are_found_where_they_are(
    credentials: dict[str, Any], identity: dict[str, str], pointer: str, word: str
) -> None:
    """With a text that never holds a secret."""
    found = flaws(credentials, **identity)
    assert any(where == pointer and word in message for where, message in found), found
    assert "planted" not in repr(found)
