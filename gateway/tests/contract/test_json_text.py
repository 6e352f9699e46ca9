"""Reading JSON."""

import pytest

from gateway.contract.json_text import DEPTH, RepeatedKeys, TextFlaw, parse


def test_values_are_those_of_the_text() -> None:
    """Types and large integers are kept."""
    assert parse('{"a": [1, 1.5, true, null, "\\u00e9\\ud83d\\ude00", 123456789012345678901]}') == {
        "a": [1, 1.5, True, None, "é😀", 123456789012345678901]
    }


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"a": 1,}', 1, "not JSON"),
        ('{\n"a" 1}', 2, "not JSON"),
        ('{"a": {"NaN": "NaN"},\n "b": [1, NaN]}', 2, "NaN"),
        ('{"a": -Infinity}', 1, "Infinity"),
        ('{"a":\n"\\ud800"}', 2, "surrogate"),
        ('{"a": ' + "9" * 5000 + "}", 1, "too long"),
        ("[" * 100_000, 1, "nested"),
        ("[" * (DEPTH + 1) + "]" * (DEPTH + 1), 1, "nested"),
        ("[1] 2", 1, "Extra data"),
    ],
)
def test_what_is_no_json(text: str, line: int, message: str) -> None:
    """A flaw names its line; nothing else escapes."""
    with pytest.raises(TextFlaw, match=message) as caught:
        parse(text)
    assert caught.value.line == line


def test_nesting_up_to_the_limit_is_fine() -> None:
    """The bound is not off by one."""
    assert parse("[" * DEPTH + "]" * DEPTH)


def test_repeated_keys_are_all_named_with_both_lines() -> None:
    """Which of two values a reader takes would depend on the reader."""
    with pytest.raises(RepeatedKeys) as caught:
        parse('{"a": 1,\n"b": {"c": 1,\n"c": 2}, "a": {"a": 3},\n"a": 4}')
    found = sorted((each.pointer, each.line, each.first_line) for each in caught.value.repeats)
    assert found == [("/a", 3, 1), ("/a", 4, 1), ("/b/c", 3, 2)]
