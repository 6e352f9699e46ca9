"""Media types and ranges: grammar, matching, precedence."""

from collections.abc import Callable

import pytest

from gateway.wire.media import (
    Media,
    charset,
    is_cbor,
    is_csv,
    is_form,
    is_json,
    is_message_pack,
    is_range,
    is_text,
    is_utf8,
    is_xml,
    is_yaml,
    matches,
    parse,
    range_name,
    specificity,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"application/json", Media("application", "json")),
        (b" Application/JSON \t", Media("application", "json")),
        (b"application/json; charset=UTF-8", Media("application", "json", (("charset", "utf-8"),))),
        (b'application/json;Profile="a; \\"b\\""', Media("application", "json", (("profile", 'a; "b"'),))),
        (b"text/plain;", Media("text", "plain")),
        (b"text/plain; ; b=2;a=1", Media("text", "plain", (("a", "1"), ("b", "2")))),
        (b"*/*", Media("*", "*")),
        (b"application/*+json", Media("application", "*+json")),
        (b'text/plain;a=""', Media("text", "plain", (("a", ""),))),
    ],
)
def test_parses_what_the_grammar_allows(value: bytes, expected: Media) -> None:
    """Types and parameter names are lower case; quoted values lose their quotes; parameters are ordered."""
    assert parse(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"json",
        b"/json",
        b"application/",
        b"application /json",
        b"application/json, text/plain",
        b"application/json charset=utf-8",
        b"application/json;charset",
        b"application/json;charset=",
        b"application/json;charset =utf-8",
        b'application/json;a="open',
        b'application/json;a="x"y',
        b"application/json;a=1;A=2",
        b"application/j\xc3\xb6son",
        b"application/json\r\nx: y",
        b"application/json\n",
        b'application/json;a="\n"',
        b"\x00",
        b"a/b;" + b'x="' + b"\\" * 5001,
        b"text/plain; charset*=utf-8''utf-16",
        b"text/plain; charset*0=utf; charset*1=-16",
    ],
)
def test_anything_else_is_none(value: bytes) -> None:
    """What breaks the grammar, or could be read in two ways, is no media type."""
    assert parse(value) is None


@pytest.mark.parametrize(
    ("range_", "value", "expected"),
    [
        (b"application/json", b"application/json", True),
        (b"application/json", b"application/json; charset=utf-8", True),
        (b"application/json", b"application/problem+json", False),
        (b"application/json", b"text/json", False),
        (b"application/*", b"application/pdf", True),
        (b"application/*", b"text/plain", False),
        (b"*/*", b"text/plain;a=1", True),
        (b"application/*+json", b"application/problem+json", True),
        (b"application/*+json", b"application/json", False),
        (b"*/*+json", b"text/x+json", True),
        (b"application/json;charset=utf-8", b"application/json", True),
        (b"application/json;charset=utf-8", b"application/json; charset=UTF-8", True),
        (b"application/json;charset=latin-1", b"application/json", False),
        (b"text/csv;charset=utf-8", b"text/csv", False),
        (b"application/json;profile=x", b"application/json", False),
        (b"application/json;profile=x", b"application/json;profile=X", False),
        (b"application/json;profile=x", b'application/json;v=1;profile="x"', True),
    ],
)
def test_a_range_matches_by_type_and_by_the_parameters_it_names(range_: bytes, value: bytes, expected: bool) -> None:
    """Parameters of the range have to be equal; those it does not name do not matter."""
    wanted, given = parse(range_), parse(value)
    assert wanted and given
    assert matches(wanted, given) is expected


def test_more_specific_ranges_sort_higher() -> None:
    """The order of RFC 9110 section 12.5.1."""
    names = [b"*/*", b"text/*", b"text/*+json", b"text/plain", b"text/plain;a=1", b"text/plain;a=1;b=2"]
    ranges = [range_ for name in names if (range_ := parse(name))]
    backwards = ranges[::-1]
    assert sorted(backwards, key=specificity) == ranges
    assert [is_range(range_) for range_ in ranges] == [True, True, True, False, False, False]


@pytest.mark.parametrize(
    ("value", "json", "form", "utf8"),
    [
        (b"application/json", True, False, True),
        (b"application/json;charset=utf-16", True, False, False),
        (b"application/vnd.api+json;charset=UTF-8", True, False, True),
        (b"text/json", True, False, True),
        (b"application/jsonp", False, False, True),
        (b"application/x-www-form-urlencoded", False, True, True),
        (b"text/plain;charset=iso-8859-1", False, False, False),
    ],
)
def test_classes(value: bytes, json: bool, form: bool, utf8: bool) -> None:
    """JSON by name or suffix, forms by name, UTF-8 unless another charset is given."""
    media = parse(value)
    assert media
    assert (is_json(media), is_form(media), is_utf8(media)) == (json, form, utf8)


@pytest.mark.parametrize(
    ("value", "test"),
    [
        (b"application/xml", is_xml),
        (b"text/xml", is_xml),
        (b"application/atom+xml", is_xml),
        (b"application/yaml", is_yaml),
        (b"text/x-yaml", is_yaml),
        (b"application/vnd.oai.openapi+yaml", is_yaml),
        (b"text/csv", is_csv),
        (b"application/vnd.msgpack", is_message_pack),
        (b"application/x-msgpack", is_message_pack),
        (b"application/cbor", is_cbor),
        (b"application/cose+cbor", is_cbor),
        (b"text/plain", is_text),
        (b"text/markdown", is_text),
    ],
)
def test_formats(value: bytes, test: Callable[[Media], bool]) -> None:
    """By registered name, by older names, by suffix."""
    media, other = parse(value), parse(b"application/octet-stream")
    assert media and other and test(media) and not test(other)


def test_utf_8_is_the_charset_when_none_is_given() -> None:
    """Names are lower case."""
    given, none = parse(b"text/plain;charset=ISO-8859-1"), parse(b"text/plain")
    assert given and none and (charset(given), charset(none)) == ("iso-8859-1", "utf-8")


def test_the_name_of_a_range_keeps_the_values_of_its_parameters() -> None:
    """They may differ by case (RFC 9110 section 8.3.1)."""
    assert range_name("Application/JSON") == "application/json"
    assert range_name('Application/JSON; Profile="X"') == 'application/json; Profile="X"'
