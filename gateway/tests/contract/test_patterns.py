"""Expressions of ECMA-262 for the schema engine."""

import jsonschema_rs
import pytest

from gateway.contract.patterns import foreign, translated

MATCHES: list[tuple[str, str, str]] = [  # pattern, a text that matches, one that does not
    (r"^\d+$", "12", "١٢"),
    (r"^\w$", "a", "é"),
    (r"^\s$", "\ufeff", "a"),
    (r"^\p{L}+$", "é", "1"),
    (r"^\p{Script=Greek}$", "α", "a"),
    (r"^\u{1F600}$", "😀", "x"),
    (r"^a$", "a", "a\n"),
    (r"^\/a\/$", "/a/", "a"),
    (r"^(?=a).$", "a", "b"),
    (r"(?<!c)b$", "ab", "cb"),
    (r"^(?<y>\d{4})-\k<y>$", "2020-2020", "2020-2021"),
    (r"^(a)(?<y>\d)\k<y>0$", "a110", "a120"),
    (r"^(?:x)(?<y>a)\k<y>$", "xaa", "xab"),
    (r"^\0$", "\0", "0"),
    (r"^[\0-\x1f]$", "\x05", " "),
    (r"^[\b]$", "\b", "b"),
    (r"\bfoo\b", "a foo", "afoo"),
    (r"^[^]$", "\n", ""),
    (r"^a[]?$", "a", "ab"),
    (r"^.$", "😀", "\u2028"),
    (r"^.$", "a", "\r"),
    (r"^[.]$", ".", "a"),
    (r"^\.$", ".", "a"),
    (r"^[[]$", "[", "a"),
    (r"^\[.\]$", "[a]", "a"),
    (r"^[^\]]$", "a", "]"),
    (r"^(?i:a)b$", "Ab", "AB"),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), MATCHES)
def test_meaning(pattern: str, good: str, bad: str) -> None:
    """What ECMA-262 says, in its Unicode mode, in every part of the dialect."""
    validator = jsonschema_rs.Draft202012Validator({"pattern": translated(pattern)})
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)


@pytest.mark.parametrize("pattern", ["^[a-z]+$", "a|b", r"^\d{1,3}$", "[", "(a", r"\k<no>"])
def test_what_needs_no_translation_stays(pattern: str) -> None:
    """Also what is no expression: the engine has to say so."""
    assert translated(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("(?i)a", "(?i"),
        ("a(?-i)b", "(?-"),
        ("a++", "++"),
        ("a{2}+", "{2}+"),
        ("(?P<n>a)", "(?P"),
        ("(?>a)", "(?>"),
        ("(?#c)", "(?#"),
        ("(?", "(?"),
        ("(?:a)(?=b)(?!c)(?<=d)(?<!e)(?<f>g)(?i-s:h)", ""),
        ("[a++(?i)]", ""),
        (r"\(?i\)", ""),
        (r"a\++", ""),
    ],
)
def test_what_is_no_ecma_262(pattern: str, found: str) -> None:
    """Only where it stands outside of classes and escapes."""
    assert foreign(pattern) == found
