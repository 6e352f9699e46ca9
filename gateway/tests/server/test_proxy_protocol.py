"""PROXY protocol headers: the specification's forms, every truncation of them, and what must not be believed."""

from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.server.proxy_protocol import LONGEST, LONGEST_LINE, SIGNATURE, Header, ProxyProtocolError, parse

PORTS = b"\xdc\x04\x01\xbb"  # 56324, 443


def binary(command: int, kind: int, block: bytes, length: int | None = None) -> bytes:
    """A version 2 header."""
    size = len(block) if length is None else length
    return SIGNATURE + bytes((command, kind)) + size.to_bytes(2, "big") + block


def extension(kind: int, value: bytes) -> bytes:
    """A type-length-value vector."""
    return bytes((kind,)) + len(value).to_bytes(2, "big") + value


def block(source: str, destination: str) -> bytes:
    """The addresses of a version 2 header, and ports."""
    return ip_address(source).packed + ip_address(destination).packed + PORTS


V4, V6 = block("192.168.0.1", "192.168.0.11"), block("2001:db8::1", "2001:db8::2")

GOOD = [
    # The examples of section 2.1
    (b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"),
    (b"PROXY TCP6 " + b" ".join([b"ffff:" * 7 + b"ffff"] * 2) + b" 65535 65535\r\n", ":".join(["ffff"] * 8)),
    (b"PROXY UNKNOWN\r\n", ""),
    (b"PROXY UNKNOWN " + b" ".join([b"ffff:" * 7 + b"ffff"] * 2) + b" 65535 65535\r\n", ""),
    (b"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1"),
    (b"PROXY TCP6 2001:DB8::1 ::1 0 443\r\n", "2001:db8::1"),
    # Section 2.2: each family, with and without extensions
    (binary(0x21, 0x11, V4), "192.168.0.1"),
    (binary(0x21, 0x21, V6), "2001:db8::1"),
    (binary(0x21, 0x31, b"/run/a".ljust(108, b"\0") * 2), ""),
    (binary(0x21, 0x00, b""), ""),
    (binary(0x21, 0x00, b"anything at all"), ""),
    (binary(0x20, 0x00, b""), ""),
    (binary(0x20, 0x11, V4), ""),
    (binary(0x20, 0x77, b"\xff" * 5), ""),
    (binary(0x21, 0x11, V4 + extension(0x01, b"h2") + extension(0x04, b"")), "192.168.0.1"),
    (binary(0x21, 0x21, V6 + extension(0x20, b"\1\0\0\0\0" + extension(0x21, b"TLSv1.3"))), "2001:db8::1"),
    (binary(0x21, 0x11, V4 + extension(0x04, b"\0" * (LONGEST - 16 - 12 - 3))), "192.168.0.1"),
]


@pytest.mark.parametrize(("header", "source"), GOOD)
def test_a_header_is_read_and_ends_where_it_ends(header: bytes, source: str) -> None:
    """What follows it is not looked at, whatever it is."""
    for rest in (b"", b"\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", header, b"\0" * 70000):
        assert parse(header + rest) == Header(source, len(header))


@pytest.mark.parametrize(("header", "source"), GOOD)
def test_a_truncated_header_is_waited_for(header: bytes, source: str) -> None:
    """After every byte but the last."""
    assert [parse(header[:size]) for size in range(len(header))] == [None] * len(header)


BAD = [
    b"GET / HTTP/1.1\r\n",
    b"\x16\x03\x01",
    b"PROXX",
    b"proxy TCP4",
    b"\r\n\r\n\0\r\nQUIX",
    b"PROXY\tTCP4 1.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
    b"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\0\r\n",
    b"PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 ::1 ::1 1 2\r\n",
    b"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
    b"PROXY TCP6 ::1 localhost 1 2\r\n",
    b"PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY UNKNOWNS\r\n",
    b"PROXY UNKNOWN\n",
    b"PROXY UNKNOWN a\rb\r\n",
    b"PROXY UNKNOWN " + b"x" * LONGEST_LINE,
    b"PROXY TCP4 " + b"1" * LONGEST_LINE,
    binary(0x11, 0x11, V4),
    binary(0x22, 0x11, V4),
    binary(0x31, 0x11, V4),
    binary(0x21, 0x12, V4),
    binary(0x21, 0x10, V4),
    binary(0x21, 0x41, V4),
    binary(0x21, 0x11, V4[:-1]),
    binary(0x21, 0x21, V4),
    binary(0x21, 0x31, V6),
    binary(0x21, 0x11, V4 + b"\4"),
    binary(0x21, 0x11, V4 + b"\4\0"),
    binary(0x21, 0x11, V4 + b"\4\0\1"),
    binary(0x21, 0x11, V4 + extension(4, b"a")[:-1]),
    binary(0x21, 0x11, b"", LONGEST - 15),
    binary(0x20, 0x00, b"", 65535),
]


@pytest.mark.parametrize("data", BAD)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    """No address is guessed."""
    with pytest.raises(ProxyProtocolError):
        parse(data)


@given(
    st.one_of(st.binary(max_size=300), st.sampled_from([SIGNATURE, b"PROXY ", *(good for good, _ in GOOD)])), st.data()
)
@example(SIGNATURE + b"\x21\x11", None)
def test_no_bytes_do_harm(data: bytes, more: st.DataObject | None) -> None:
    """A header within the bytes, nothing yet, or a refusal; and what is refused never becomes a header."""
    if more is not None and data:
        position = more.draw(st.integers(0, len(data) - 1))
        data = data[:position] + more.draw(st.binary(max_size=40)) + data[position + more.draw(st.integers(0, 2)) :]
    try:
        found = parse(data)
    except ProxyProtocolError:
        with pytest.raises(ProxyProtocolError):
            parse(data + b"\r\n")
        return
    if found is None:
        assert len(data) < LONGEST
    else:
        assert found.length <= len(data) and found.length <= LONGEST
        assert found.source == "" or str(ip_address(found.source)) == found.source
