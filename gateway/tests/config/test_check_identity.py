"""Flaws of the settings about credentials."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.config import Introspection, Issuer, KeyStore, PasswordStore, Revocation, Settings, Store
from gateway.config.check_identity import IDENTITY

ASKED = {"url": "https://id.example/introspect", "client_id": "gateway", "client_secret": "env:SECRET"}


def asking(**changes: Any) -> dict[str, Any]:
    """Settings with an issuer that is asked about tokens."""
    return {"issuers": {"main": Issuer(introspection=Introspection(**{**ASKED, **changes}))}}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"keys": {"p": KeyStore(file="f")}, "passwords": {"u": PasswordStore(database="env:D")}}, []),
        ({"keys": {"p": KeyStore()}}, ["/keys/p: has no source"]),
        ({"keys": {"p": KeyStore(file="f", variable="V")}}, ["/keys/p: has file and variable"]),
        ({"passwords": {"u": PasswordStore(file="f", database="env:D")}}, ["/passwords/u: has file and database"]),
        (
            {"keys": {"a": KeyStore(file="f")}, "passwords": {"a": PasswordStore(file="f")}},
            ["/passwords/a: is a name under keys"],
        ),
        ({"keys": {"p": KeyStore(database="postgresql://u:hunter2@h/d")}}, ["/keys/p/database: is a secret by itself"]),
        ({"keys": {"p": KeyStore(file="f", pepper="hunter2")}}, ["/keys/p/pepper: is a secret by itself"]),
        (
            {"passwords": {"u": PasswordStore(database="hunter2")}},
            ["/passwords/u/database: is a secret by itself"],
        ),
        (asking(), []),
        (asking(client_secret="hunter2"), ["/issuers/main/introspection/client-secret: is a secret by itself"]),
        (asking(url="ftp://h"), ["/issuers/main/introspection/url: is no http or https URL"]),
        (asking(url="https://u:hunter2@h/"), ["/issuers/main/introspection/url: is no http or https URL"]),
        (asking(url="https://[h"), ["/issuers/main/introspection/url: is no http or https URL"]),
        (asking(client_id=""), ["/issuers/main/introspection: has no client-id and client-secret"]),
        (asking(client_secret=""), ["/issuers/main/introspection: has no client-id and client-secret"]),
        (asking(url=""), ["/issuers/main/introspection: has no url"]),
        ({"revocation": Revocation(shared=True)}, ["/revocation/shared: there is no shared store"]),
        ({"revocation": Revocation(shared=True), "store": Store(url="env:REDIS")}, []),
    ],
)
def test_flaws(settings: dict[str, Any], expected: list[str]) -> None:
    """Each at its place; a secret that stands in the settings is not repeated."""
    found: list[tuple[str, str, str]] = []
    checks: tuple[Callable[[Settings], Iterator[tuple[str, str, str]]], ...] = IDENTITY
    for check in checks:
        found += check(Settings(**settings))
    assert [pointer for pointer, _, _ in found] == [text.partition(": ")[0] for text in expected]
    for (_, message, hint), text in zip(found, expected, strict=True):
        assert text.partition(": ")[2] in message and hint
        assert "hunter2" not in message + hint
