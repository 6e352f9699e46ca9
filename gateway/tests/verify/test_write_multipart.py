"""Multipart bodies, part by part."""

from typing import Any

import pytest

from gateway.contract.model import MediaType
from gateway.tests.verify.subjects import subjects
from gateway.verify.subject import Subject
from gateway.verify.write_multipart import multipart

HEAD = """
openapi: 3.2.0
info: {title: Parts, version: "1"}
"""
PARTS = """
paths:
  /p:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties:
                text: {type: string}
                list: {type: array, items: {type: integer}}
                point: {type: object, properties: {x: {type: integer}}}
                file: {type: string, format: binary}
                image: {type: string, format: binary}
                deep: {type: object, properties: {x: {type: integer}}}
                inner: {type: array, items: {type: integer}}
            encoding:
              image: {contentType: "image/*", headers: {X-Size: {required: true, schema: {const: 3}}}}
              deep: {style: deepObject}
          multipart/mixed:
            schema: {type: array, prefixItems: [{type: object}, {type: string}], items: {type: integer}}
            prefixEncoding: [{contentType: application/json}, {contentType: text/html}]
      responses: {'200': {description: ok}}
"""


@pytest.fixture(scope="module")
def parts() -> Subject:
    return subjects(PARTS, head=HEAD)[0]


def written(subject: Subject, number: int, value: Any) -> list[str]:
    """The parts, without boundaries."""
    assert subject.operation.body is not None
    data, boundary = multipart(value, subject.operation.body.content[number], subject.sampler)
    first, *found, last = data.decode().split(f"--{boundary}")
    assert (first, last) == ("", "--\r\n")
    return [part.removeprefix("\r\n").removesuffix("\r\n") for part in found]


@pytest.mark.parametrize(
    ("name", "value", "parts_"),
    [
        ("text", "a", ["Content-Type: text/plain\r\n\r\na"]),
        ("list", [1, 2], ["Content-Type: text/plain\r\n\r\n1", "Content-Type: text/plain\r\n\r\n2"]),
        ("point", {"x": 1}, ['Content-Type: application/json\r\n\r\n{"x": 1}']),
        ("file", "abc", ["Content-Type: application/octet-stream\r\n\r\nabc"]),
        ("image", "abc", ["Content-Type: image/png\r\nX-Size: 3\r\n\r\nabc"]),
    ],
)
def test_a_property_is_a_part(parts: Subject, name: str, value: Any, parts_: list[str]) -> None:
    """Each item of an array is one; the type is the document's, or what suits the value."""
    head = f'Content-Disposition: form-data; name="{name}"\r\n'
    assert written(parts, 0, {name: value}) == [head + part for part in parts_]


def test_a_styled_property_has_parts_under_its_keys(parts: Subject) -> None:
    """Without escapes."""
    assert written(parts, 0, {"deep": {"x": 1}}) == ['Content-Disposition: form-data; name="deep[x]"\r\n\r\n1']


def test_items_are_parts_in_their_order(parts: Subject) -> None:
    """Without names, by the encoding of their position."""
    assert written(parts, 1, [{}, "a", 3]) == [
        "Content-Type: application/json\r\n\r\n{}",
        "Content-Type: text/html\r\n\r\na",
        "Content-Type: text/plain\r\n\r\n3",
    ]


def test_names_are_escaped_as_browsers_do(parts: Subject) -> None:
    """A quote and line ends, and nothing else."""
    (part,) = written(parts, 0, {'a"\r\nb%': "x"})
    assert part.startswith('Content-Disposition: form-data; name="a%22%0D%0Ab%"\r\n')


def test_the_boundary_stands_in_no_part(parts: Subject) -> None:
    """Whatever the content."""
    assert parts.operation.body is not None
    documented: MediaType = parts.operation.body.content[0]
    _, usual = multipart({}, documented, parts.sampler)
    data, boundary = multipart({"text": f"--{usual}"}, documented, parts.sampler)
    assert boundary != usual
    assert data.count(f"--{boundary}\r\n".encode()) == 1
