"""Bodies of every format through a running gateway: judged both ways, forwarded as they came."""

import asyncio
import json
from pathlib import Path
from typing import Any

import cbor2
import msgpack
import pytest

from gateway.tests.harness import Origin, body_of, field_of, running, status_of

DOCUMENT = """\
openapi: 3.1.0
info: {title: Formats, version: "1"}
paths:
  /pets:
    post:
      operationId: addPet
      requestBody:
        required: true
        content: &formats
          application/json: {schema: {$ref: '#/components/schemas/Pet'}}
          application/xml: {schema: {$ref: '#/components/schemas/Pet'}}
          application/yaml: {schema: {$ref: '#/components/schemas/Pet'}}
          application/msgpack: {schema: {$ref: '#/components/schemas/Pet'}}
          application/cbor: {schema: {$ref: '#/components/schemas/Pet'}}
          text/csv: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}
          Application/JSON; profile="https://a.example/Short": {schema: {type: integer}}
          text/plain: {schema: {type: integer, maximum: 99}}
          image/png: {schema: {type: string, format: binary, maxLength: 100000}}
      responses:
        '200': {description: the same, content: *formats}
components:
  schemas:
    Pet:
      type: object
      required: [id]
      additionalProperties: false
      properties:
        id: {type: integer, maximum: 99, xml: {attribute: true}}
        name: {type: string}
        made: {type: string, readOnly: true, xml: {attribute: true, name: created}}
        kind: {$ref: '#/components/schemas/Kind'}
        tags: {type: array, items: {type: string, xml: {name: tag}}, xml: {wrapped: true}}
    Kind: {type: string, readOnly: true, xml: {name: sort}}
"""
PET = {"id": 7, "name": "é", "tags": ["a", "b"]}

GOOD = [
    (b"application/json", json.dumps(PET).encode()),
    (b'application/json; profile="https://a.example/Short"', b"7"),
    (b"application/json;profile=other", json.dumps(PET).encode()),
    (b"application/xml", "<Pet id='7'><name>é</name><tags><tag>a</tag><tag>b</tag></tags></Pet>".encode()),
    (b"application/xml; charset=iso-8859-1", "<Pet id='7'><name>é</name></Pet>".encode("latin-1")),
    (b"application/yaml", "id: 7\nname: é\ntags: [a, b]\n".encode()),
    (b"application/msgpack", msgpack.packb(PET)),
    (b"application/cbor", cbor2.dumps(PET)),
    (b"text/csv; header=present", b"id,name\r\n7,x\r\n8,y\r\n"),
    (b"text/plain", b"42"),
    (b"text/plain; charset=utf-16", "42".encode("utf-16")),
    (b"image/png", b"\x89PNG" + b"\x00" * 90_000),
]
BAD = [
    (b"application/json", b'{"id": 100}', "/id", "maximum"),
    (b"application/xml", b"<Pet id='100'/>", "/id", "maximum"),
    (b"application/xml", b"<Pet id='1' x=''/>", "/@x", "additionalProperties"),
    (b"application/xml", b"<Pet id='1' created='x'/>", "/made", "not"),
    (b"application/xml", b"<Pet id='1'><sort>x</sort></Pet>", "/kind", "not"),
    (b"application/xml", b"<!DOCTYPE Pet SYSTEM 'http://127.0.0.1/'><Pet id='1'/>", "", "syntax"),
    (b"application/yaml", b"id: 100", "/id", "maximum"),
    (b"application/yaml", b"a: &a [1]\nb: *a", "", "syntax"),
    (b"application/msgpack", msgpack.packb({"id": 100}), "/id", "maximum"),
    (b"application/msgpack", b"\xdd\xff\xff\xff\xff", "", "syntax"),
    (b"application/cbor", cbor2.dumps({"id": 100}), "/id", "maximum"),
    (b"application/cbor", b"\x9f" * 100_000, "", "syntax"),
    (b"text/csv", b"id\n1\n100", "/1/id", "maximum"),
    (b"text/plain", b"100", "", "maximum"),
    (b"image/png", b"\x89PNG" + b"\x00" * 100_000, "", "maxLength"),
]


def message(first: bytes, content_type: bytes, body: bytes) -> bytes:
    """A request or a response."""
    return b"%b\r\nHost: a\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (first, content_type, len(body), body)


def posted(folder: Path, content_type: bytes, body: bytes, reply: bytes, **validate: Any) -> tuple[bytes, list[bytes]]:
    """The answer to a request, and what reached the backend."""

    async def story() -> tuple[bytes, list[bytes]]:
        origin = Origin().replies(reply)
        async with running(folder, origin, DOCUMENT, validate=validate) as gateway:
            (answer,) = await gateway.ask(message(b"POST /pets HTTP/1.1", content_type, body))
            return answer, origin.requests

    return asyncio.run(story())


@pytest.mark.parametrize(("content_type", "body"), GOOD)
def test_what_keeps_the_contract_passes_as_it_came(tmp_path: Path, content_type: bytes, body: bytes) -> None:
    """In both directions, byte by byte."""
    reply = message(b"HTTP/1.1 200 OK", content_type, body)
    answer, requests = posted(tmp_path, content_type, body, reply, response="block")
    assert status_of(answer) == 200 and body_of(answer) == body
    assert [body_of(request) for request in requests] == [body]


@pytest.mark.parametrize(("content_type", "body", "pointer", "keyword"), BAD)
def test_requests_that_break_it_are_refused(
    tmp_path: Path, content_type: bytes, body: bytes, pointer: str, keyword: str
) -> None:
    """With a pointer into the decoded value; the backend sees nothing."""
    answer, requests = posted(tmp_path, content_type, body, b"")
    (error,) = json.loads(body_of(answer))["errors"]
    assert (status_of(answer), error["pointer"], error["keyword"], requests) == (400, pointer, keyword, [])


@pytest.mark.parametrize(
    ("content_type", "body"), [case[:2] for case in BAD if case[0] != b"image/png" and case[3] != "not"]
)
def test_responses_that_break_it_are_refused(tmp_path: Path, content_type: bytes, body: bytes) -> None:
    """With 502, in mode `block`."""
    reply = message(b"HTTP/1.1 200 OK", content_type, body)
    answer, _ = posted(tmp_path, b"text/plain", b"1", reply, response="block")
    assert status_of(answer) == 502


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/pdf",
        b"application/xml; charset=rot13",
        b"application/yaml; charset=utf-16",
        b"text/plain; charset=x",
        b"text/csv; header=absent",
    ],
)
def test_what_is_not_understood_is_415(tmp_path: Path, content_type: bytes) -> None:
    """The answer lists what is documented."""
    answer, requests = posted(tmp_path, content_type, b"1", b"")
    assert status_of(answer) == 415 and requests == []
    accepted = field_of(answer, b"accept")
    assert accepted and accepted.startswith(b"application/json, application/xml, application/yaml")
