"""The line of the document that a violation is about."""

import json
import re
from pathlib import Path

import pytest

from gateway.cli.origin import traced
from gateway.errors import Violation
from gateway.tests.cli.conftest import Gateway

# A mark such as #type names the line that a violation leads to.
DOCUMENT = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:    #operation
      parameters:
        - name: limit    #limit
          in: query
          schema:
            type: integer
            maximum: 50    #maximum
        - {name: X-Key, in: header, required: true, schema: {type: string}}    #key
        - $ref: '#/components/parameters/Tag'
      responses:
        "200":    #ok
          description: fine
          headers:
            X-Total:    #total
              required: true
              schema:
                type: integer
                minimum: 0    #minimum
          content:
            application/json:    #content
              schema:
                type: array
                items: {$ref: '#/components/schemas/Pet'}
    post:
      requestBody:    #body
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Pet'}
      responses: {"201": {description: made}}
    put:
      requestBody:
        content:
          application/json:
            schema: {$ref: 'shared.yaml#/Home'}
      responses: {"204": {description: done}}
components:
  parameters:
    Tag:
      name: tag
      in: query
      schema:
        type: array
        items:
          type: string
          enum: [a, b]    #enum
  schemas:
    Pet:
      type: object    #type
      required:
        - name    #name
        - kind    #kind
      additionalProperties: false    #additional
      properties:
        name:
          type: string
          minLength: 2    #short
        kind: {type: string}
        id:
          type: integer
          readOnly: true
        age:
          oneOf:    #neither
            - {type: integer}
            - {type: string}
        home: {$ref: 'shared.yaml#/Home'}
"""
SHARED = """\
Home:
  type: object
  properties:
    city:
      type: string
      pattern: '^[A-Z]'    #pattern
"""
PET = {"name": "Rex", "kind": "dog"}


def line_of(mark: str) -> str:
    """pets.yaml:12, where the mark stands."""
    for name, text in (("pets.yaml", DOCUMENT), ("shared.yaml", SHARED)):
        for number, line in enumerate(text.splitlines(), 1):
            if line.endswith(f"#{mark}"):
                return f"{name}:{number}"
    raise AssertionError(mark)


@pytest.fixture
def pets(folder: Path) -> None:
    """Two files, and settings that serve them."""
    (folder / "pets.yaml").write_text(DOCUMENT)
    (folder / "shared.yaml").write_text(SHARED)
    (folder / "gateway.yaml").write_text("apis: [{contract: pets.yaml, upstream: 'http://127.0.0.1:9000'}]\n")


GET = ("GET", "/pets", "-H", "X-Key: k")
BODIES: list[tuple[str, object, str, list[str]]] = [
    ("POST", 3, "type", ["body: type"]),
    ("POST", {**PET, "name": "R"}, "short", ["body /name: minLength"]),
    ("POST", {"name": "Rex"}, "kind", ["body /kind: required"]),
    ("POST", {**PET, "x": 1}, "additional", ["body /x: additionalProperties"]),
    ("POST", {**PET, "age": []}, "neither", ["body /age: oneOf"]),
    ("POST", {**PET, "home": {"city": "x"}}, "pattern", ["body /home/city: pattern"]),
    ("PUT", {"city": "x"}, "pattern", ["body /city: pattern"]),
]


def places(output: str) -> list[tuple[str, str]]:
    """(subject and keyword, file and line) of each violation."""
    return re.findall(r"violation: (.+?: \S+): .* \((\S+:\d+):\d+\)$", output, re.MULTILINE)


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize(("method", "body", "mark", "subjects"), BODIES)
def test_the_keyword_that_a_body_breaks(
    gateway: Gateway, method: str, body: object, mark: str, subjects: list[str]
) -> None:
    """Across references, into other files, and the one name of those required that is missing."""
    result = gateway("explain", method, "/pets", "-d", json.dumps(body))
    assert places(result.stdout) == [(subject, line_of(mark)) for subject in subjects]


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize(
    ("args", "mark"),
    [
        (("GET", "/pets?limit=51", "-H", "X-Key: k"), "maximum"),
        (("GET", "/pets?tag=c", "-H", "X-Key: k"), "enum"),
        (("GET", "/pets?limit=x", "-H", "X-Key: k"), "limit"),
        (("GET", "/pets?limt=1", "-H", "X-Key: k"), "operation"),
        (("GET", "/pets"), "key"),
        (("POST", "/pets"), "body"),
        (("POST", "/pets", "-d", "{"), "body"),
        ((*GET, "--response", "200", "-d", "[3]"), "total"),
        (("GET", "/pets", "--response", "200", "-d", "[3]", "-H", "X-Total: -1"), "minimum"),
        (("GET", "/pets", "--response", "200", "-d", "[3]", "-H", "X-Total: 1"), "type"),
        (("GET", "/pets", "--response", "200", "-d", "[", "-H", "X-Total: 1"), "content"),
        (("GET", "/pets", "--response", "404"), "operation"),
    ],
)
def test_what_else_is_broken(gateway: Gateway, args: tuple[str, ...], mark: str) -> None:
    """What no keyword says leads to the parameter, the body or the operation."""
    result = gateway("explain", *args)
    assert line_of(mark) in [place for _, place in places(result.stdout)], result.stdout


@pytest.mark.usefixtures("pets")
def test_the_place_as_data(gateway: Gateway) -> None:
    """With column and pointer."""
    result = gateway("explain", "POST", "/pets", "-d", json.dumps({**PET, "name": "R"}), "--format", "json")
    [violation] = json.loads(result.stdout)["violations"]
    assert violation["document"]["pointer"] == "/components/schemas/Pet/properties/name/minLength"
    assert violation["document"]["column"] == 11


@pytest.mark.usefixtures("pets")
def test_a_property_of_the_other_direction(gateway: Gateway) -> None:
    """There is no keyword to be blamed; the property is named."""
    result = gateway("explain", "POST", "/pets", "-d", json.dumps({**PET, "id": 1}))
    [(subject, place)] = places(result.stdout)
    assert subject.startswith("body /id: ") and place.startswith("pets.yaml:")


SWAGGER = """\
swagger: "2.0"
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, type: integer, maximum: 50}
      responses: {"200": {description: fine}}
"""


def test_a_parameter_that_is_its_own_schema(gateway: Gateway, folder: Path) -> None:
    """In 2.0; its line is that of the parameter."""
    (folder / "old.yaml").write_text(SWAGGER)
    result = gateway("explain", "GET", "/pets?limit=51", "old.yaml")
    assert places(result.stdout) == [("query limit: maximum", "old.yaml:7")]


def test_a_part_is_found_by_what_is_said_about_it() -> None:
    """Where it stands in the whole was added after it was judged."""
    part = Violation("body", "", "/name", "type", "must be a string")
    whole = part._replace(pointer="/file/name")
    assert traced(whole, {part: "urn:x#/type"}) == "urn:x#/type"
    assert traced(whole._replace(keyword="enum"), {part: "urn:x#/type"}) == ""
