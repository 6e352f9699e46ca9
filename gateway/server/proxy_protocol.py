"""PROXY protocol, versions 1 and 2: what a load balancer says in front of a connection about who is behind it.

The HAProxy specification "The PROXY protocol" (2020/03/05). `parse` is pure: bytes in, a header out. What a receiver is
free to take or leave is left: a header that is not certain is refused, for the address in it is believed.
"""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LONGEST_LINE = 107  # bytes of a version 1 header, with its line end (section 2.1)
LONGEST = 4096  # bytes of a version 2 header with its extensions; the length field would allow 65551

_FIXED = 16  # bytes of a version 2 header up to its addresses
_WORD = b"PROXY "
_LINE = re.compile(rb"PROXY (TCP4|TCP6) ([0-9A-Fa-f:.]{2,39}) ([0-9A-Fa-f:.]{2,39}) ([0-9]{1,5}) ([0-9]{1,5})\r\n")
_KINDS: dict[bytes, type[IPv4Address] | type[IPv6Address]] = {b"TCP4": IPv4Address, b"TCP6": IPv6Address}
# Family and transport to the kind of address and the length of the block (section 2.2); None: no address for us.
_UNSPECIFIED, _TCP4, _TCP6, _UNIX = 0x00, 0x11, 0x21, 0x31
_BLOCKS: dict[int, tuple[type[IPv4Address] | type[IPv6Address] | None, int]] = {
    _UNSPECIFIED: (None, 0),
    _TCP4: (IPv4Address, 12),
    _TCP6: (IPv6Address, 36),
    _UNIX: (None, 216),
}


class ProxyProtocolError(ValueError):
    """The connection does not begin with a header that can be believed."""


class Header(NamedTuple):
    """`source` is the address of the client, "" when the proxy speaks for itself or knows no address (`LOCAL`,
    `UNKNOWN`, a Unix socket): then the peer is the client. `length` are the header's bytes."""

    source: str
    length: int


def parse(data: bytes) -> Header | None:
    """The header that `data` begins with; None as long as it may become one. Raises ProxyProtocolError."""
    if data.startswith(SIGNATURE):
        return _binary(data)
    if data.startswith(_WORD):
        return _line(data)
    if SIGNATURE.startswith(data) or _WORD.startswith(data):
        return None
    raise ProxyProtocolError("no PROXY protocol header")


def _line(data: bytes) -> Header | None:
    """Version 1 (section 2.1)."""
    end = data.find(b"\n", 0, LONGEST_LINE) + 1
    if not end:
        if len(data) >= LONGEST_LINE:
            raise ProxyProtocolError(f"a version 1 header of more than {LONGEST_LINE} bytes")
        return None
    line = data[:end]
    if line.startswith(b"PROXY UNKNOWN") and line[13:14] in b" \r" and line.find(b"\r") == end - 2:
        return Header("", end)
    match = _LINE.fullmatch(line)
    if match is None:
        raise ProxyProtocolError("a malformed version 1 header")
    kind, *addresses = match.group(1, 2, 3)
    if any(port != b"%d" % int(port) or int(port) > 65535 for port in match.group(4, 5)):
        raise ProxyProtocolError("a version 1 header with a port that is none")
    try:
        source, _ = (str(_KINDS[kind](address.decode("ascii"))) for address in addresses)
    except ValueError:
        raise ProxyProtocolError("a version 1 header with an address that is none") from None
    return Header(source, end)


def _binary(data: bytes) -> Header | None:
    """Version 2 (section 2.2)."""
    if len(data) > 12 and data[12] not in (0x20, 0x21):
        raise ProxyProtocolError(f"version and command 0x{data[12]:02x} are not known")
    if len(data) < _FIXED:
        return None
    length = _FIXED + int.from_bytes(data[14:16], "big")
    if length > LONGEST:
        raise ProxyProtocolError(f"a version 2 header of more than {LONGEST} bytes")
    local, kind = data[12] == 0x20, data[13]
    if not local and kind not in _BLOCKS:
        raise ProxyProtocolError(f"address family and transport 0x{kind:02x} are not known")
    family, size = _BLOCKS.get(kind, (None, 0)) if not local else (None, 0)
    if length < _FIXED + size:
        raise ProxyProtocolError("a version 2 header that is too short for its addresses")
    if len(data) < length:
        return None
    if local:
        return Header("", length)  # section 2.2: whatever the block says is skipped
    if kind != _UNSPECIFIED:
        _check_extensions(data[_FIXED + size : length])
    source = "" if family is None else str(family(data[_FIXED : _FIXED + (4 if family is IPv4Address else 16)]))
    return Header(source, length)


def _check_extensions(block: bytes) -> None:
    """Type, length, value, and again (section 2.2.1): nothing of it is used, but it has to end where it says."""
    at = 0
    while at < len(block):
        at += 3 + int.from_bytes(block[at + 1 : at + 3], "big") if at + 3 <= len(block) else 3
    if at != len(block):
        raise ProxyProtocolError("a version 2 header whose extensions do not fit into it")
