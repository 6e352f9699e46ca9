"""HOST:PORT."""

import pytest

from gateway.config.address import parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:0", ("localhost", 0)),
        (":8080", ("0.0.0.0", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("[::]:65535", ("::", 65535)),
        ("8080", None),
        ("host", None),
        ("host:", None),
        ("host:65536", None),
        ("host:-1", None),
        ("host:٨٠", None),
        ("::1:8080", None),
        ("[::1]", None),
        ("[::1:8080", None),
        ("[nope]:8080", None),
        ("a b:80", None),
        ("http://h:80", None),
        ("", None),
    ],
)
def test_parse_address(text: str, address: tuple[str, int] | None) -> None:
    """HOST:PORT with IPv6 in brackets, and nothing else."""
    if address is None:
        with pytest.raises(ValueError):
            parse_address(text)
    else:
        assert parse_address(text) == address
