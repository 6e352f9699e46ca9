"""The styles, after the tables of OpenAPI 3.2.0 ("Style Examples") and the expansions of RFC 6570."""

from typing import Any

import pytest

from gateway.verify.write_styles import as_it_is, field, pairs, segment

LIST = ["blue", "black"]
POINT = {"R": 100, "G": 200}


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, LIST, "blue,black"),
        ("simple", False, POINT, "R,100,G,200"),
        ("simple", True, POINT, "R=100,G=200"),
        ("simple", False, ["a,b", "c/d"], "a%2Cb,c%2Fd"),
        ("label", False, "blue", ".blue"),
        ("label", False, LIST, ".blue,black"),
        ("label", True, LIST, ".blue.black"),
        ("label", False, POINT, ".R,100,G,200"),
        ("label", True, POINT, ".R=100.G=200"),
        ("label", True, ["a.b"], ".a%2Eb"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, "", ";color"),
        ("matrix", False, LIST, ";color=blue,black"),
        ("matrix", True, LIST, ";color=blue;color=black"),
        ("matrix", False, POINT, ";color=R,100,G,200"),
        ("matrix", True, POINT, ";R=100;G=200"),
        ("tabDelimited", False, LIST, "blue%09black"),
    ],
)
def test_a_path_segment(style: str, explode: bool, value: Any, text: str) -> None:
    """Prefix and delimiters stay, all else is escaped."""
    assert segment("color", style, explode, value) == text


@pytest.mark.parametrize(
    ("style", "explode", "value", "query"),
    [
        ("form", True, "", "color="),
        ("form", True, "a b&c", "color=a%20b%26c"),
        ("form", True, LIST, "color=blue&color=black"),
        ("form", False, LIST, "color=blue,black"),
        ("form", True, POINT, "R=100&G=200"),
        ("form", True, {"tags": LIST}, "tags=blue&tags=black"),
        ("form", False, POINT, "color=R,100,G,200"),
        ("form", True, [], ""),
        ("spaceDelimited", False, LIST, "color=blue%20black"),
        ("pipeDelimited", False, POINT, "color=R%7C100%7CG%7C200"),
        ("pipeDelimited", True, LIST, "color=blue&color=black"),
        ("deepObject", True, POINT, "color%5BR%5D=100&color%5BG%5D=200"),
        ("deepObject", True, {"a": {"b": [1, 2]}}, "color%5Ba%5D%5Bb%5D%5B0%5D=1&color%5Ba%5D%5Bb%5D%5B1%5D=2"),
    ],
)
def test_the_pairs_of_a_query(style: str, explode: bool, value: Any, query: str) -> None:
    """Exploded values have several, deep ones a key for each member."""
    assert "&".join(f"{key}={text}" for key, text in pairs("color", style, explode, value)) == query


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("simple", False, "a b", "a b"),
        ("simple", False, [1, True, None], "1,true,null"),
        ("simple", True, POINT, "R=100,G=200"),
        ("pipeDelimited", False, LIST, "blue|black"),
    ],
)
def test_a_header_field(style: str, explode: bool, value: Any, text: str) -> None:
    """Nothing is escaped there."""
    assert field(style, explode, value) == text


def test_cookies_of_their_own_style_are_not_escaped() -> None:
    """Nor are the parts of a form."""
    assert pairs("a", "cookie", True, "x y/z", as_it_is) == [("a", "x y/z")]
