"""What every command line needs: an address to listen on, and errors that say what to do."""

import ipaddress
import socket
import sys
from collections.abc import Callable


class UsageError(Exception):
    """The service cannot be started like this; the message says what to do."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises UsageError when the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another port with --port, 0 for a free one"
        ) from None
    return bound


def url(bound: socket.socket) -> str:
    """Where a bound socket is reached."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def main(name: str, run: Callable[[], None]) -> None:
    """Run a command; a UsageError is one line on stderr and exit code 2."""
    try:
        run()
    except UsageError as error:
        print(f"{name}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
