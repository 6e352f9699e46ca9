"""Origins as settings name them."""

import re

import pytest

from gateway.config.origin import Origin, parse_origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://app.example", Origin("https://app.example", False)),
        ("HTTPS://App.Example:443", Origin("https://app.example", False)),
        ("http://app.example:80", Origin("http://app.example", False)),
        ("http://app.example:443", Origin("http://app.example:443", False)),
        ("http://localhost:03000", Origin("http://localhost:3000", False)),
        ("http://[2001:DB8:0::1]:8080", Origin("http://[2001:db8::1]:8080", False)),
        ("https://*.app.example:8443", Origin("https://app.example:8443", True)),
        ("http://*.localhost", Origin("http://localhost", True)),
        ("https://xn--bcher-kva.example", Origin("https://xn--bcher-kva.example", False)),
        ("chrome-extension://abcdefghij", Origin("chrome-extension://abcdefghij", False)),
        ("*", Origin("*", False)),
        ("null", Origin("null", False)),
    ],
)
def test_an_origin_is_what_a_browser_sends(text: str, origin: Origin) -> None:
    """Lower case, no default port, the shortest form of an address."""
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app.example", "is not SCHEME://HOST"),
        ("https://app.example/", "is not SCHEME://HOST"),
        ("https://app.example/path", "is not SCHEME://HOST"),
        ("https://user@app.example", "is not SCHEME://HOST"),
        ("https://app.example:", "is not SCHEME://HOST"),
        ("https://app.example:65536", "port"),
        ("https://", "is not SCHEME://HOST"),
        ("", "is not SCHEME://HOST"),
        ("https://app.example ", "is not SCHEME://HOST"),
        ("https://bücher.example", "Punycode"),
        ("https://*", "host name"),
        ("https://app.*.example", "host name"),
        ("https://*app.example", "host name"),
        ("https://*.*.example", "host name"),
        ("https://*.com", "every site below .com"),
        ("https://*.192.0.2.1", "no subdomains"),
        ("https://*.[::1]", "no subdomains"),
        ("https://[::1", "is not SCHEME://HOST"),
        ("https://[:::1]", "IPv6"),
        ("https://a..example", "host name"),
        ("NULL", "is not SCHEME://HOST"),
    ],
)
def test_what_no_browser_sends_is_refused(text: str, message: str) -> None:
    """With the reason, because such an entry would silently allow nobody, or too many."""
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_origin(text)


@pytest.mark.parametrize(
    ("origin", "matches"),
    [
        ("https://a.app.example", True),
        ("https://a.b-c.d_e.app.example", True),
        ("https://app.example", False),
        ("https://evilapp.example", False),
        ("https://.app.example", False),
        ("https://a.app.example:8443", False),
        ("http://a.app.example", False),
        ("https://a.app.example.evil", False),
        ("https://evil.example/.app.example", False),
        ("https://evil.example#.app.example", False),
        ("https://user@a.app.example", False),
        ("https://a.appxexample", False),
        ("https://A.app.example", False),
        ("https://a.app.example\n", False),
    ],
)
def test_subdomains_and_nothing_else(origin: str, matches: bool) -> None:
    """Whole labels, of the same scheme and port, and never the name itself."""
    assert (re.fullmatch(parse_origin("https://*.app.example").pattern, origin) is not None) is matches
