"""Origins of pages, as settings name them and as browsers send them (RFC 6454 section 6.2, the Fetch standard)."""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple

ANY, NULL = "*", "null"  # any page; pages whose origin is nobody's, such as sandboxed frames and local files

_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://(\*\.)?([^/?#@:\[\]\s]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_DEFAULT_PORTS = {("http", 80), ("https", 443)}
# Below these a name of one label is somebody's own (RFC 6761, RFC 6762, RFC 9476); elsewhere it is a whole country's.
_OWN = frozenset(("localhost", "local", "test", "internal", "example", "invalid", "alt"))


class Origin(NamedTuple):
    """One origin; with `subdomains`, those of all names below its host, and not its own.

    `text` is what a browser sends: lower case, no default port.
    """

    text: str
    subdomains: bool

    @property
    def pattern(self) -> str:
        """A regular expression for all origins that are meant."""
        scheme, host = self.text.split("://")
        return (
            rf"{re.escape(scheme)}://(?:[a-z0-9_-]+\.)+{re.escape(host)}" if self.subdomains else re.escape(self.text)
        )


def parse_origin(text: str) -> Origin:
    """`https://app.example`, `https://*.app.example:8443`, `*` or `null`. Raises ValueError with what is wrong."""
    if text in (ANY, NULL):
        return Origin(text, False)
    if not text.isascii():
        raise ValueError(f'"{text}": write the name in Punycode (xn--...), as browsers send it')
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        raise ValueError(f'"{text}" is not SCHEME://HOST or SCHEME://HOST:PORT, without a path or a slash at its end')
    scheme, wildcard, host, port = match.groups()
    if host.startswith("["):
        try:
            host = f"[{IPv6Address(host[1:-1])}]"
        except AddressValueError:
            raise ValueError(f'"{text}" has no valid IPv6 address') from None
    elif not _HOST.fullmatch(host):
        raise ValueError(
            f'"{text}" has no valid host name; `*` stands for subdomains only, as in https://*.app.example'
        )
    if wildcard and (host.startswith("[") or host.rpartition(".")[2].isdigit()):
        raise ValueError(f'"{text}": an address has no subdomains')
    if wildcard and "." not in host and host not in _OWN:
        raise ValueError(f'"{text}" would be every site below .{host}')
    if port and int(port) > 65535:
        raise ValueError(f'"{text}" has no valid port')
    suffix = f":{int(port)}" if port and (scheme, int(port)) not in _DEFAULT_PORTS else ""
    return Origin(f"{scheme}://{host}{suffix}", bool(wildcard))
