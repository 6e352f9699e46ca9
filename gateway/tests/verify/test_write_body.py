"""Forms and parameters given by `content`."""

from typing import Any

import pytest

from gateway.tests.verify.subjects import subjects
from gateway.verify.subject import Subject
from gateway.verify.write_body import body, parameter_text

FORM = """
paths:
  /f:
    post:
      parameters:
        - {name: json, in: header, content: {application/json: {schema: {type: array}}}}
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                text: {type: string}
                list: {type: array, items: {type: integer}}
                point: {type: object, properties: {x: {type: integer}}}
                points: {type: array, items: {type: object}}
                deep: {type: object, properties: {x: {type: integer}}}
                piped: {type: array, items: {type: string}}
                xml: {type: object, xml: {name: p}, properties: {x: {type: integer}}}
            encoding:
              deep: {style: deepObject, explode: true}
              piped: {style: pipeDelimited, explode: false}
              xml: {contentType: application/xml}
          multipart/form-data: {schema: {type: object, properties: {a: {type: string}}}}
          text/plain: {schema: {type: string, minLength: 2}}
      responses: {'200': {description: ok}}
"""


@pytest.fixture(scope="module")
def form() -> Subject:
    return subjects(FORM)[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"text": "a b&c"}, "text=a+b%26c"),
        ({"list": [1, 2]}, "list=1&list=2"),
        ({"point": {"x": 1}}, "point=%7B%22x%22%3A+1%7D"),
        ({"points": [{}, {}]}, "points=%7B%7D&points=%7B%7D"),
        ({"deep": {"x": 1}}, "deep%5Bx%5D=1"),
        ({"piped": ["a", "b"]}, "piped=a%7Cb"),
        ({"xml": {"x": 1}}, "xml=%3Cp%3E%3Cx%3E1%3C%2Fx%3E%3C%2Fp%3E"),
        ({"other": True}, "other=true"),
    ],
)
def test_a_field_is_written_as_the_encoding_object_says(form: Subject, value: Any, text: str) -> None:
    """As it is, repeated, as JSON, in a style, in a media type."""
    assert form.operation.body is not None
    assert body(value, form.operation.body.content[0], form.sampler).data.decode() == text


def test_the_content_type_names_the_boundary(form: Subject) -> None:
    """Of multipart bodies alone."""
    assert form.operation.body is not None
    _, parts, plain = form.operation.body.content
    assert body({"a": "x"}, parts, form.sampler).content_type.startswith("multipart/form-data; boundary=")
    assert body("xy", plain, form.sampler) == (b"xy", "text/plain")


def test_a_parameter_given_by_content_is_text(form: Subject) -> None:
    """Whoever puts it into a place escapes it for that."""
    assert parameter_text([1, "é"], form.operation.parameters[0], form.sampler) == '[1, "é"]'
