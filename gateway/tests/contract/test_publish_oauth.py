"""OAuth 2 schemes as consumers need them."""

from typing import Any

import pytest

from gateway.contract.bundle import collect
from gateway.contract.publish_oauth import settle
from gateway.tests.contract.contracts import contract

DEALER = """
openapi: 3.0.3
info: {title: Dealer, version: '1'}
servers: [{url: 'http://10.0.0.7:8101/private/'}]
paths: {/token: {post: {responses: {'200': {description: OK}}}}}
"""
DATA = """
openapi: 3.0.3
info: {{title: Data, version: '1'}}
servers: [{{url: 'http://10.0.0.7:8102/data'}}]
security: [{{token: [read]}}]
paths:
  /a: {{get: {{responses: {{'200': {{description: OK}}}}}}}}
  /b: {{get: {{x-gateway: {{internal: true}}, security: [{{token: [read, hidden]}}], responses: {{}}}}}}
components:
  securitySchemes:
    token:
      type: oauth2
      flows: {{clientCredentials: {{tokenUrl: '{url}', scopes: {{read: R, hidden: H, {scope}: S}}}}}}
"""


def flows(*documents: str) -> list[dict[str, Any]]:
    """The client credentials flow of each document, with the token dealer at /auth."""
    bundles = [collect(contract("auth", DEALER), "/auth", "3.0")]
    bundles += [collect(contract(f"d{n}", text), f"/d{n}", "3.0") for n, text in enumerate(documents)]
    settle(bundles)
    return [one.components["securitySchemes", "token"]["flows"]["clientCredentials"] for one in bundles[1:]]


@pytest.mark.parametrize(
    ("url", "published"),
    [
        ("http://10.0.0.7:8101/private/token", "/auth/token"),  # the dealer's own address
        ("/auth/token", "/auth/token"),
        ("http://127.0.0.1:8080/auth/token", "/auth/token"),  # the gateway, where the author has it
        ("http://localhost/auth/token", "/auth/token"),
        ("http://[::1]:8080/auth/token", "/auth/token"),
        ("https://login.example.com/auth/token", "https://login.example.com/auth/token"),
        ("https://login.example.com/oauth", "https://login.example.com/oauth"),
        ("http://127.0.0.1:8080/elsewhere", "http://127.0.0.1:8080/elsewhere"),
        ("/elsewhere", "/elsewhere"),
    ],
)
def test_token_endpoints_behind_the_gateway(url: str, published: str) -> None:
    """A token endpoint that is routed is published at its public path, any other stays where it is."""
    assert flows(DATA.format(url=url, scope="s"))[0]["tokenUrl"] == published


def test_scopes_of_one_issuer_are_put_together() -> None:
    """Schemes that differ in scopes only get the scopes of all."""
    first, second = flows(DATA.format(url="/t", scope="s1"), DATA.format(url="/t", scope="s2"))
    assert first["scopes"] == second["scopes"] == {"read": "R", "s1": "S", "s2": "S"}


def test_different_issuers_stay_apart() -> None:
    """Another token endpoint is another issuer."""
    first, second = flows(DATA.format(url="/t", scope="s1"), DATA.format(url="/u", scope="s2"))
    assert first["scopes"].keys() == {"read", "s1"} and second["scopes"].keys() == {"read", "s2"}


def test_scopes_of_internal_operations_are_left_out() -> None:
    """A scope that only an internal operation asks for is nothing for consumers; one that nobody asks for stays."""
    assert flows(DATA.format(url="/t", scope="spare"))[0]["scopes"] == {"read": "R", "spare": "S"}
