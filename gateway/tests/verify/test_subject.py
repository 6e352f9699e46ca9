"""What is verified, and by whom."""

import pytest

from gateway.contract.findings import LoadError
from gateway.tests.verify.subjects import HEAD, subjects, thing

SECURED = """
security: [{oauth: [read]}]
paths:
  /a:
    get: {responses: {'200': {description: ok}}}
    put: {security: [], responses: {'200': {description: ok}}}
    post: {security: [{oauth: [write]}, {}], responses: {'200': {description: ok}}}
    delete:
      security: [{key: []}]
      x-gateway: {pass: ['security:key']}
      responses: {'200': {description: ok}}
  /b:
    get: {x-gateway: {internal: true}, responses: {'200': {description: ok}}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: /token, scopes: {read: r, write: w}}}}
    key: {type: apiKey, in: header, name: X-Key}
"""


def test_secured_are_those_that_no_alternative_opens() -> None:
    """`security: []`, an empty alternative and a scheme that is passed on leave an operation open."""
    found = {subject.name: subject.secured for subject in subjects(SECURED, issuers=True)}
    assert found == {
        "test GET /a": True,
        "test PUT /a": False,
        "test POST /a": False,
        "test DELETE /a": False,
        "test GET /b": True,
    }


def test_internal_operations_are_verified_too() -> None:
    """They are not routed, but have judges like all others."""
    internal = next(each for each in subjects(SECURED, issuers=True) if each.name == "test GET /b")
    assert not internal.routed
    assert internal.responses.select(200) is not None
    assert internal.responses.select(404) is None


def test_the_judges_are_those_of_the_route_table() -> None:
    """A routed operation knows where it is served, at the gateway and at the backend."""
    subject = thing()
    assert subject.routed
    assert (subject.mount, subject.prefix) == ("/v1", "/v1")
    found = subject.router.match(b"/things/5")
    assert found is not None
    assert list(found[1]) == ["5"]


def test_a_document_with_errors_is_not_verified() -> None:
    """Its findings are raised, with their places."""
    with pytest.raises(LoadError, match="template-ambiguous"):
        subjects("paths: {'/a/{x}': {}, '/a/{y}': {}}", HEAD)
