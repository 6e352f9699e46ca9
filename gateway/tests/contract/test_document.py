"""One file's bytes, and the version it claims."""

import pytest

from gateway.contract.document import parse, version_flaw
from gateway.contract.json_text import TextFlaw


@pytest.mark.parametrize(
    ("data", "name", "value"),
    [
        (b'{"a": 1}', "a.json", {"a": 1}),
        (b'{"a": 1}', "a.yaml", {"a": 1}),
        (b"{a: 1}", "a.yaml", {"a": 1}),
        (b"{a: 1}", "a", {"a": 1}),
        (b"\xef\xbb\xbfa: 1", "a.yaml", {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', "A.JSON", {"a": 1}),
        ("a: \u00e9".encode(), "a.yaml", {"a": "\u00e9"}),
        (b"a: 1\r\nb: 2\r\n", "a.yaml", {"a": 1, "b": 2}),
    ],
)
def test_json_and_yaml_are_told_apart(data: bytes, name: str, value: object) -> None:
    """By the file's name, or by what it starts with; a byte order mark is no obstacle."""
    assert parse(data, name)[0] == value


def test_a_json_file_is_not_read_as_yaml() -> None:
    """What is wrong with it is said in terms of JSON."""
    with pytest.raises(TextFlaw, match="not JSON"):
        parse(b"{a: 1}", "a.json")


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (b"", "document-empty", 1),
        (b" \n ", "document-empty", 1),
        (b"# nothing\n", "document-empty", 1),
        (b"a: 1\nb: \xff", "document-encoding", 2),
        ("a: 1".encode("utf-16"), "document-encoding", 1),
        (b"a: ]", "document-syntax", 1),
    ],
)
def test_flaws_of_a_whole_file(data: bytes, rule: str, line: int) -> None:
    """Each has a rule and a line."""
    with pytest.raises(TextFlaw) as caught:
        parse(data, "a.yaml")
    assert (caught.value.rule, caught.value.line) == (rule, line)


@pytest.mark.parametrize(
    "document",
    [
        {"swagger": "2.0"},
        {"openapi": "3.0.0"},
        {"openapi": "3.0.4"},
        {"openapi": "3.1.1"},
        {"openapi": "3.2.0"},
        {"openapi": "3.0.0-rc2"},
    ],
)
def test_served_versions(document: object) -> None:
    """2.0, 3.0.x, 3.1.x and 3.2.x."""
    assert version_flaw(document) is None


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"openapi": "3.3.0"}, "openapi"),
        ({"openapi": "4.0.0"}, "openapi"),
        ({"openapi": "3.0"}, "openapi"),
        ({"openapi": 3.0}, "openapi"),
        ({"openapi": None}, "openapi"),
        ({"openapi": "3.0.0\n"}, "openapi"),
        ({"swagger": "1.2"}, "swagger"),
        ({"swagger": 2.0}, "swagger"),
        ({"swagger": "2.0", "openapi": "3.0.0"}, "swagger"),
        ({"info": {}}, ""),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_other_versions_and_other_things(document: object, key: str) -> None:
    """The flaw names the key at fault and says what to write."""
    flaw = version_flaw(document)
    assert flaw is not None
    assert flaw[0] == key
    assert flaw[1] and flaw[2]
