"""Parameters and forms in every style through a running gateway: judged as documented, forwarded as they came."""

import asyncio
from pathlib import Path

import pytest

from gateway.tests.harness import OK, Origin, body_of, running, status_of

DOCUMENT = """
openapi: 3.2.0
info: {title: Styles, version: "1"}
servers: [{url: /v1}]
paths:
  /points/{at}:
    parameters:
      - {name: at, in: path, required: true, style: matrix, explode: true, schema: {$ref: '#/components/schemas/Point'}}
    get: &get
      responses: {'200': {description: fine, content: {application/json: {}}}}
  /names/{names}.txt:
    parameters:
      - name: names
        in: path
        required: true
        schema: {type: array, items: {type: string, pattern: '^[a-z,]+$'}, maxItems: 2}
    get: *get
  /search:
    get:
      parameters:
        - name: filter
          in: query
          style: deepObject
          schema: {type: object, properties: {at: {$ref: '#/components/schemas/Point'}}}
        - {name: page, in: query, schema: {type: object, properties: {size: {type: integer}}}}
        - {name: X-Point, in: header, schema: {$ref: '#/components/schemas/Point'}}
        - {name: tags, in: cookie, style: cookie, explode: false, schema: {type: array, items: {type: integer}}}
      responses: {'200': {description: fine, content: {application/json: {}}}}
  /query:
    get:
      parameters:
        - name: q
          in: querystring
          content:
            application/x-www-form-urlencoded:
              schema: {type: object, properties: {ids: {type: array, items: {type: integer}}}}
              encoding: {ids: {style: pipeDelimited}}
      responses: {'200': {description: fine, content: {application/json: {}}}}
  /form:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              additionalProperties: false
              properties: {at: {$ref: '#/components/schemas/Point'}, to: {$ref: '#/components/schemas/Point'}}
            encoding: {to: {style: deepObject}}
      responses: {'200': {description: fine, content: {application/json: {}}}}
components:
  schemas:
    Point:
      type: object
      required: [x]
      properties: {x: {type: integer}, y: {type: integer}}
"""


def ask(folder: Path, line: str, fields: str = "", body: str = "") -> tuple[int, bytes, bytes]:
    """(status, body of the answer, what the backend got first)."""

    async def exchange() -> tuple[int, bytes, bytes]:
        origin = Origin().replies(OK)
        async with running(folder, origin, DOCUMENT) as gateway:
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            request = f"{line} HTTP/1.1\r\nHost: api.example\r\n{fields}{length}\r\n{body}"
            [answer] = await gateway.ask(request.encode())
        return status_of(answer), body_of(answer), origin.requests[0] if origin.requests else b""

    return asyncio.run(exchange())


FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("line", "fields", "body"),
    [
        ("GET /v1/points/;x=1;y=-2", "", ""),
        ("GET /v1/points/;%78=1", "", ""),
        ("GET /v1/names/a%2Cb,c.txt", "", ""),
        ("GET /v1/names/a%2cb%2Etxt", "", ""),
        ("GET /v1/search?filter[at][x]=1&size=5&filter%5Bat%5D%5By%5D=2", "", ""),
        ("GET /v1/search", "X-Point: x, 1,y ,2\r\nCookie: a=b; tags=1,2\r\n", ""),
        ("GET /v1/query?ids=1|2%7C3", "", ""),
        ("POST /v1/form", FORM, "at=%7B%22x%22:1%7D&to[x]=2"),
    ],
)
def test_what_is_written_as_documented_goes_through_as_it_came(
    tmp_path: Path, line: str, fields: str, body: str
) -> None:
    """Target, fields and body reach the backend byte by byte."""
    status, _, forwarded = ask(tmp_path, line, fields, body)
    assert status == 200
    assert forwarded.startswith(f"{line} HTTP/1.1\r\n".encode())
    assert forwarded.endswith(body.encode())


@pytest.mark.parametrize(
    ("line", "fields", "body", "named"),
    [
        ("GET /v1/points/;x=1;y=b", "", "", b'"/y"'),
        ("GET /v1/points/x=1", "", "", b"must start with ';'"),
        ("GET /v1/points/;y=1", "", "", b'"/x"'),
        ("GET /v1/names/a,b,c.txt", "", "", b"maxItems"),
        ("GET /v1/names/a,B.txt", "", "", b'"/1"'),
        ("GET /v1/search?filter[at][x]=1&filter[at]=2", "", "", b'"filter"'),
        ("GET /v1/search?filter[at][x]=b&size=c", "", "", b'"/size"'),
        ("GET /v1/search?sise=5", "", "", b'"unknown"'),
        ("GET /v1/search", "X-Point: x\r\n", "", b"a name without a value"),
        ("GET /v1/search", "Cookie: tags=1,b\r\n", "", b'"/1"'),
        ("GET /v1/query?ids=1|b", "", "", b'"/ids/1"'),
        ("POST /v1/form", FORM, "at[x]=1", b"is written with brackets"),
        ("POST /v1/form", FORM, "to[x]=b", b'"/to/x"'),
    ],
)
def test_what_is_written_otherwise_is_refused(tmp_path: Path, line: str, fields: str, body: str, named: bytes) -> None:
    """With the place of the flaw, and the backend never hears of it."""
    status, answer, forwarded = ask(tmp_path, line, fields, body)
    assert (status, forwarded) == (400, b"")
    assert named in answer
