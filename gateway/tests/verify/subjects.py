"""Small documents, compiled to what is verified."""

from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from gateway.config import Api, Issuer, Settings
from gateway.verify.message import Reply
from gateway.verify.subject import Subject, subjects_of

HEAD = """
openapi: 3.0.3
info: {title: Test, version: "1"}
servers: [{url: http://backend.example/v1}]
"""

THINGS = """
paths:
  /things/{id}:
    put:
      operationId: putThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 99}, example: 7}
        - {name: units, in: query, schema: {type: string, enum: [metric, imperial]}}
        - {name: If-Match, in: header, schema: {type: string, minLength: 1}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              additionalProperties: false
              properties:
                name: {type: string, minLength: 2, maxLength: 5}
                size: {type: integer, minimum: 0}
                tags: {type: array, maxItems: 3, items: {type: string, maxLength: 4}}
            examples:
              lamp: {value: {name: lamp}}
              plain: {value: {name: mug, size: 3}}
      responses:
        '200':
          description: stored
          headers: {X-Rank: {required: true, schema: {type: integer}}}
          content:
            application/json:
              schema: {type: object, required: [ok], properties: {ok: {type: boolean}}}
              examples:
                lamp: {value: {ok: true}}
        '204': {description: unchanged}
        4XX: {description: no}
"""


def subjects(text: str, head: str = HEAD, issuers: bool = False) -> tuple[Subject, ...]:
    """The operations of a document without its head."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.yaml"
        path.write_text(dedent(head) + dedent(text), "utf-8")
        api = Api(contract=str(path), upstream="http://127.0.0.1:1", name="test")
        issuer = Issuer(issuer="http://issuer.example", audience=("test",), jwks="http://127.0.0.1:1/jwks")
        return subjects_of(Settings(apis=(api,), issuers={"test": issuer} if issuers else {}))


def thing() -> Subject:
    """The operation of `THINGS`."""
    return subjects(THINGS)[0]


def reply(status: int, body: bytes = b"", **fields: str) -> Reply:
    """A reply; `content_type="..."` makes a field."""
    return Reply(status, {name.replace("_", "-").encode(): value.encode() for name, value in fields.items()}, body)
