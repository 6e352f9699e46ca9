"""A document whose operations ask who calls, tokens of callers, and a gateway that verifies them."""

import time
from pathlib import Path
from typing import Any

from gateway.config import Issuer
from gateway.tests.security.issuing import AUDIENCE, ISSUER, jwk, jwks, token

DOCUMENT = """
openapi: 3.0.3
info: {title: Callers, version: "1"}
servers: [{url: http://backend.example/v1}]
security: [{auth: []}]
paths:
  /users/{user_id}/things:
    get:
      x-gateway: {owner: {parameter: user_id, claim: sub, unless-scope: staff}, validate: {request: REQUEST}}
      parameters: [{name: user_id, in: path, required: true, schema: {type: integer}}]
      responses: &responses
        '200': {description: some, content: {application/json: {schema: {}}}}
  /things:
    get:
      x-gateway: {owner: {parameter: user_id, claim: sub}, validate: {request: REQUEST}}
      parameters: [{name: user_id, in: query, schema: {type: string}}]
      responses: *responses
    post:
      requestBody: {content: {application/json: {schema: {}}}}
      responses: *responses
  /open:
    get:
      security: []
      responses: *responses
  /maybe:
    get:
      security: [{auth: []}, {}]
      responses: *responses
components:
  securitySchemes: {auth: {type: http, scheme: bearer}}
"""


def settings(folder: Path) -> dict[str, Any]:
    """The issuer, for `running`."""
    (folder / "jwks.json").write_bytes(jwks(jwk("RSA")))
    return {"issuers": {"main": Issuer(ISSUER, (AUDIENCE,), str(folder / "jwks.json"))}}


def document(request: str = "block") -> str:
    """The document with this mode of validation."""
    return DOCUMENT.replace("REQUEST", request)


def bearer(**claims: Any) -> bytes:
    """A field with a token of somebody, good for some minutes."""
    return b"Authorization: Bearer " + token(**{"exp": int(time.time()) + 600, "sub": "7", **claims}) + b"\r\n"


def get(target: bytes, *fields: bytes) -> bytes:
    """A request."""
    return b"GET /v1%b HTTP/1.1\r\nHost: a\r\n%b\r\n" % (target, b"".join(fields))
