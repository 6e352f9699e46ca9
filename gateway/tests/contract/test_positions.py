"""Places of nodes, the same for JSON and YAML."""

import pytest

from gateway.contract import json_text, yaml_text
from gateway.contract.positions import Place

JSON = """{
  "paths": {"/a": {"get": {"tags": ["x", {"deep": 1}]}}},
  "q\\"uote": 1
}"""
YAML = """\
paths:
  /a:
    get:
      tags:
        - x
        - deep: 1
q: 1
"""


def json_place() -> Place:
    return json_text.place(JSON)


def yaml_place() -> Place:
    node = yaml_text.compose(YAML)
    assert node is not None
    return yaml_text.place(node)


@pytest.mark.parametrize(
    ("root", "pointer", "line", "column"),
    [
        (json_place(), "", 1, 1),
        (json_place(), "/paths", 2, 3),
        (json_place(), "/paths/~1a/get", 2, 20),
        (json_place(), "/paths/~1a/get/tags/1/deep", 2, 43),
        (json_place(), '/q"uote', 3, 3),
        (yaml_place(), "/paths/~1a", 2, 3),
        (yaml_place(), "/paths/~1a/get/tags/0", 5, 11),
        (yaml_place(), "/paths/~1a/get/tags/1/deep", 6, 11),
        (yaml_place(), "/q", 7, 1),
    ],
)
def test_a_member_is_at_its_key_and_an_item_at_its_start(root: Place, pointer: str, line: int, column: int) -> None:
    """Lines and columns count from 1."""
    place = root.find(pointer)
    assert (place.line, place.column) == (line, column)


@pytest.mark.parametrize("pointer", ["/paths/~1a/put", "/paths/~1a/put/responses/0"])
def test_the_nearest_parent_stands_in_for_what_is_missing(pointer: str) -> None:
    """A finding about something absent points to where it should be."""
    assert yaml_place().find(pointer).line == 2
