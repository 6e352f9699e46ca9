"""Request targets: what is refused, and splitting before decoding."""

import pytest

from gateway.errors import Kind, Refusal
from gateway.wire.path import check_target, decoded_segments, other_readings, split_target

GOOD = [
    (b"/", None),
    (b"/a/b", None),
    (b"/a//b/", b""),
    (b"/%C3%A4/%41", b"q=%20"),
    (b"/a:b@c,d;e=f+g!$&'()*", b"a=b/c?d"),
    (b"/.well-known/x..y/...;.x/..y/.%2Ea", None),
    (b"/a%2Fb", b'filter={"a":[1]}|\\^`<>'),
]


@pytest.mark.parametrize(("path", "query"), GOOD)
def test_targets_with_one_meaning_pass(path: bytes, query: bytes | None) -> None:
    """What RFC 3986 allows, and what clients send raw in queries although it does not."""
    check_target(path, query)


BAD = [
    (b"", None),
    (b"a", None),
    (b"/a b", None),
    (b"/\xc3\xa4", None),
    (b"/a\\b", None),
    (b"/a#b", None),
    (b"/a{b}", None),
    (b"/a\n", None),
    (b"/a\x00", None),
    (b"/%", None),
    (b"/%4", None),
    (b"/%zz", None),
    (b"/%00", None),
    (b"/a", b"b=%00"),
    (b"/a", b"b=%0"),
    (b"/a", b"b=\xff"),
    (b"/a", b"b=#"),
    (b"/a", b"b c"),
    (b"/a", b"b\n"),
    (b"/.", None),
    (b"/..", None),
    (b"/a/./b", None),
    (b"/a/../b", None),
    (b"/a/%2e/b", None),
    (b"/a/%2E%2e/b", None),
    (b"/a/.%2e", None),
    (b"/a/..%2Fb", None),
    (b"/a%2f%2e%2e/b", None),
    (b"/a%2F.%2Fb", None),
    (b"/a/..%5Cb", None),
    (b"/a%5c..", None),
    (b"/a/..;", None),
    (b"/a/..;x=1/b", None),
    (b"/a/.%3B", None),
    (b"/a/%252e%252e/b", None),
    (b"/a/..%252fb", None),
    (b"/a/%25252e./b", None),
    (b"/a%2500", None),
    (b"/%" + b"25" * 2000 + b"41", None),
]


@pytest.mark.parametrize(("path", "query"), BAD)
def test_targets_that_could_be_read_in_two_ways_are_refused(path: bytes, query: bytes | None) -> None:
    """As a malformed request, whatever a lenient parser would make of them."""
    with pytest.raises(Refusal) as caught:
        check_target(path, query)
    assert caught.value.kind is Kind.MALFORMED_REQUEST


@pytest.mark.parametrize(
    ("path", "readings"),
    [
        (b"/a", {b"/a"}),
        (b"/a%2Fb", {b"/a/b"}),
        (b"/a%252Fb", {b"/a/b"}),
        (b"/a%5cb%255Cc", {b"/a/b/c"}),
        (b"/a;x=1/b%3By", {b"/a;x=1/b;y", b"/a/b"}),
        (b"//a///b;c", {b"//a///b;c", b"//a///b", b"/a/b;c", b"/a/b"}),
    ],
)
def test_how_others_read_a_path(path: bytes, readings: set[bytes]) -> None:
    """Those that decode first or twice, cut parameters off, or merge slashes."""
    assert other_readings(path) == readings


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        (b"/", [b""]),
        (b"/a/b", [b"a", b"b"]),
        (b"/a//b/", [b"a", b"", b"b", b""]),
        (b"/a%2Fb/c", [b"a/b", b"c"]),
        (b"/%C3%A4", [b"\xc3\xa4"]),
        (b"/a+b", [b"a+b"]),
        (b"/%2525", [b"%25"]),
    ],
)
def test_segments_are_decoded_after_the_split_and_once(path: bytes, segments: list[bytes]) -> None:
    """An escaped slash stays inside its segment; "+" is itself in a path."""
    assert decoded_segments(path) == segments


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        (b"/a", (b"/a", None, None)),
        (b"/a?", (b"/a", b"", None)),
        (b"/a?b?c", (b"/a", b"b?c", None)),
        (b"http://h", (b"/", None, b"h")),
        (b"HTTP://h:80/a?b", (b"/a", b"b", b"h:80")),
        (b"https://h?b", (b"/", b"b", b"h")),
        (b"http://h#f", (b"/#f", None, b"h")),
        (b"//h/a", (b"//h/a", None, None)),
    ],
)
def test_a_target_is_split_by_its_form(target: bytes, parts: tuple[bytes, bytes | None, bytes | None]) -> None:
    """Origin form and absolute form; two slashes at the start are a path, no host."""
    assert split_target(target) == parts


@pytest.mark.parametrize("target", [b"*", b"h:443", b"ftp://h/a", b"a/b", b"", b"javascript:x"])
def test_other_forms_are_refused(target: bytes) -> None:
    """CONNECT's authority form, OPTIONS' asterisk and foreign schemes mean nothing here."""
    with pytest.raises(Refusal) as caught:
        split_target(target)
    assert caught.value.kind is Kind.MALFORMED_REQUEST
