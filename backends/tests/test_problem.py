"""Every error of every service looks the same, whatever a request is made of."""

import pytest

from backends.tests.documented import DocumentedClient


@pytest.mark.parametrize(
    "body",
    [
        b'\xff{"email": "ada@example.com", "password": "x"}',
        b'{"email": "ada@example.com", "password": "\xe9"}',
        b'{"email": "ada@example.com", "password": "\\ud800"}',
    ],
)
def test_text_that_is_not_unicode_is_a_bad_request(data: DocumentedClient, body: bytes) -> None:
    """Bytes that are no UTF-8 and half a surrogate pair are the client's fault, not a failure of the service."""
    answer = data.post("credentials/check", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
