"""HOST:PORT, as listeners are named in settings and on the command line."""

import ipaddress
import re


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8080`, `[::1]:8080` or `:8080` (all IPv4 interfaces). Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = str(ipaddress.IPv6Address(host[1:-1]))
    elif ":" in host or "[" in host or "]" in host:
        raise ValueError(f'"{text}": an IPv6 address is written in brackets, [::1]:8080')
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError(f'"{text}" is not HOST:PORT with a port from 0 to 65535')
    if re.search(r"[\s/]", host):
        raise ValueError(f'"{text}" is not HOST:PORT')
    return host or "0.0.0.0", int(port)
