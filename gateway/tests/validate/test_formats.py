"""Formats, one by one."""

import jsonschema_rs
import pytest

from gateway.validate.formats import CHECKS, FORMATS

OURS: list[tuple[str, list[str], list[str]]] = [  # format, texts that have it, texts that do not
    ("byte", ["", "YQ==", "+/8="], ["YQ", "YQ=", "Y Q==", "-_8=", "YR==", "YQ==\n"]),
    ("base64url", ["", "YQ", "YQ==", "-_8"], ["a", "YQ=", "+/8", "YR"]),
    ("char", ["a", "é", "😀"], ["", "ab"]),
    ("int64", ["0", "-9223372036854775808"], ["9223372036854775808", "01", "+1", "1.0", "-", "", "１", "9" * 5000]),
    ("uint64", ["18446744073709551615"], ["18446744073709551616", "-1"]),
    ("decimal", ["0", "-1.50", "9" * 50], ["1.", ".5", "1e3", "01", "١", ""]),
    ("decimal128", ["1E+3", "-0.5e-10"], ["1e", "NaN", "Infinity"]),
    ("date-time-local", ["2020-02-29T23:59:59.123"], ["2021-02-29T00:00:00", "2020-01-01T00:00:00Z", "2020-01-01"]),
    ("time-local", ["00:00:00", "23:59:59.5"], ["24:00:00", "23:59", "23:59:59Z"]),
    (
        "http-date",
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
        ["Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "now"],
    ),
    ("ipv4-cidr", ["10.0.0.0/8", "10.1.2.3/0"], ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/0", "10.0.0.0/08"]),
    ("ipv6-cidr", ["::/0", "2001:db8::/32"], ["::", "::/129", "10.0.0.0/8", "fe80::%1/64"]),
    ("language", ["de", "zh-Hans-CN", "de-DE-1996-x-a", "x-a"], ["", "d", "en_US", "en--US", "de-"]),
    ("media-range", ["*/*", "text/*;q=0.5", "a/b; c=d"], ["text", " text/plain", "text/plain, */*", "é/é"]),
    ("sf-string", ['""', '"a\\"b\\\\"'], ["a", '"a"b"', '"é"', '"']),
    ("sf-token", ["*a/b:c", "A"], ["1a", "", "a b"]),
    ("sf-binary", ["::", ":YQ==:"], ["YQ==", ":", ":YQ:"]),
    ("sf-boolean", ["?0", "?1"], ["1", "?2", "true"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "valid"),
    [
        (name, text, valid)
        for name, good, bad in OURS
        for texts, valid in ((good, True), (bad, False))
        for text in texts
    ],
)
def test_formats_of_ours(name: str, text: str, valid: bool) -> None:
    """What the engine does not know."""
    assert CHECKS[name](text) is valid


def test_every_check_has_cases() -> None:
    """A format that is added here is tested."""
    assert {name for name, _, _ in OURS} == set(CHECKS)


ENGINE: dict[str, tuple[str, str]] = {
    "date-time": ("2020-01-01T00:00:00Z", "2020-01-01"),
    "date": ("2020-02-29", "2021-02-29"),
    "time": ("00:00:00Z", "00:00:00"),
    "duration": ("P1DT2H", "1D"),
    "email": ("a@b.example", "a"),
    "idn-email": ("ä@b.example", "a"),
    "hostname": ("a.example", "-a"),
    "idn-hostname": ("ä.example", "-a"),
    "ipv4": ("1.2.3.4", "1.2.3"),
    "ipv6": ("::1", "1.2.3.4"),
    "uri": ("urn:a", "/a"),
    "uri-reference": ("/a", "\\a"),
    "uri-template": ("/{a}", "/{a"),
    "iri": ("http://ä.example", "/ä"),
    "iri-reference": ("/ä", "\\ä"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "123e4567"),
    "json-pointer": ("/a", "a"),
    "relative-json-pointer": ("1/a", "/a"),
    "regex": ("^a$", "("),
}


@pytest.mark.parametrize("name", [name for name, format_ in FORMATS.items() if format_.engine])
def test_formats_of_the_engine(name: str) -> None:
    """What we say that it judges, it does."""
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    good, bad = ENGINE[name]
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


@pytest.mark.parametrize(
    ("name", "least", "most", "whole"),
    [
        ("int8", -128, 127, True),
        ("uint16", 0, 65535, True),
        ("int32", -(2**31), 2**31 - 1, True),
        ("uint64", 0, 2**64 - 1, True),
        ("double-int", -(2**53) + 1, 2**53 - 1, True),
        ("float", -3.4028234663852886e38, 3.4028234663852886e38, False),
        ("sf-integer", -999_999_999_999_999, 999_999_999_999_999, True),
    ],
)
def test_formats_of_numbers(name: str, least: float, most: float, whole: bool) -> None:
    """Their ranges."""
    assert FORMATS[name].numbers == (least, most, whole)
