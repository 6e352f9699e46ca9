"""Reading YAML."""

from typing import Any

import pytest

from gateway.contract import yaml_text
from gateway.contract.json_text import DEPTH, RepeatedKeys, TextFlaw


def parse(text: str) -> Any:
    node = yaml_text.compose(text)
    assert node is not None
    return yaml_text.value_of(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("no", "no"),
        ("Y", "Y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("+1", 1),
        ("-3", -3),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ("-", [None]),
        ("=", "="),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("!!int 7", 7),
        ("!!float 7", 7),
        ("|\n  a\n  b", "a\nb"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    """YAML 1.2 chapter 10.3: what only YAML 1.1 takes for something else stays a string."""
    found = parse(text if text == "-" else f"a: {text}")
    found = found if text == "-" else found["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["200", "no", "1.0", "~", "true", "2020-01-01", "0x1F", "'200'", '"no"', "!!str 5"])
def test_keys_are_the_text_that_was_written(key: str) -> None:
    """`200:` in Responses and `no:` in a map are strings."""
    assert list(parse(f"{key}: 1")) == [key.strip("'\"").removeprefix("!!str ")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "not YAML"),
        ("a:\n\tb: 1", "not YAML"),
        ("a: \0", "not YAML"),
        ("a: *nowhere", "not YAML"),
        ("a: 1\n---\nb: 1", "second document"),
        ("a: !!python/object/apply:os.system [ls]", "python"),
        ("a: !!python/name:os.system", "python"),
        ("a: !custom 1", "!custom"),
        ("a: !!timestamp 2020-01-01", "timestamp"),
        ("a: !!binary aGk=", "binary"),
        ("a: !!set {x}", "set"),
        ("a: !!int x", "does not fit"),
        ("!custom a: 1", "!custom"),
        ("a: .inf", "no|not a JSON"),
        ("a: .NaN", "not a JSON"),
        ("a: 1e999", "too large"),
        ("a: " + "9" * 5000, "too long"),
        ("[1, 2]: 3", "key has to be a string"),
        ("a: &x [*x]", "contains it"),
        ("a: {<<: 1}", "merges mappings"),
        ("[" * 100_000, "nested"),
        ("- " * 100_000, "nested"),
        ("a: " + "[" * (DEPTH + 1) + "]" * (DEPTH + 1), "nested"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    """Objects, other tags, other documents and bottomless input are flaws with a place."""
    with pytest.raises(TextFlaw, match=message) as caught:
        parse(text)
    assert caught.value.line >= 1


def test_a_bomb_of_aliases_is_refused() -> None:
    """Ten aliases of ten aliases of ten ... are small in memory and endless for whoever walks them."""
    levels = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
    with pytest.raises(TextFlaw, match="aliases expand"):
        parse("a0: &a0 [x]\n" + levels)


def test_an_alias_is_the_value_of_its_anchor() -> None:
    """Shared, not copied."""
    value = parse("a: &x {k: 1}\nb: *x")
    assert value["b"] == {"k": 1}
    assert value["b"] is value["a"]


def test_merge_keys() -> None:
    """Own keys win over merged ones, earlier mappings over later ones."""
    value = parse("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {<<: *a}\ne: {'<<': 1}")
    assert value["c"] == {"x": 0, "y": 1, "z": 2}
    assert value["d"] == {"x": 1, "y": 1}
    assert value["e"] == {"<<": 1}


def test_merged_members_have_a_place() -> None:
    """A finding inside a merged mapping names the line where it is written."""
    node = yaml_text.compose("a: &a\n  x: {k: 1}\nb:\n  <<: *a\n  y: 2\n")
    assert node is not None
    place = yaml_text.place(node)
    assert place.find("/b/x/k").line == 2
    assert place.find("/b/y").line == 5


def test_repeated_keys_are_all_named_with_both_lines() -> None:
    """Quotes make no difference to a key."""
    with pytest.raises(RepeatedKeys) as caught:
        parse("a: 1\nb:\n  - 200: 1\n    '200': 2\na: 3\n")
    found = sorted((each.pointer, each.line, each.first_line) for each in caught.value.repeats)
    assert found == [("/a", 5, 1), ("/b/0/200", 4, 3)]


def test_an_empty_text_has_no_node() -> None:
    """Comments alone are nothing."""
    assert yaml_text.compose("# only a comment\n") is None
