"""Names for components that have none, or one that may not be one."""

from itertools import islice

import pytest

from gateway.contract.naming import candidates, component_name, last_token


@pytest.mark.parametrize(("text", "name"), [("A.b-c_9", "A.b-c_9"), ("a b/c", "a_b_c"), ("é", "_"), ("", "_")])
def test_names_have_the_characters_of_names(text: str, name: str) -> None:
    """Others become underscores."""
    assert component_name(text) == name


def test_candidates() -> None:
    """The name itself, with the file, then with numbers; a whole file is called after itself."""
    assert list(islice(candidates("A", "file"), 4)) == ["A", "file_A", "file_A_2", "file_A_3"]
    assert next(candidates("", "file")) == "file"


def test_last_token() -> None:
    """Escapes undone."""
    assert last_token("/a/b~1c") == "b/c"
    assert last_token("") == ""
