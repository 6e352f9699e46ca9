"""The consumers' document, from contracts of every version."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from gateway.contract.load import load
from gateway.contract.normalise import normalise
from gateway.contract.publish import ANSWERS, as_json, as_yaml, publish, publish_one
from gateway.tests.contract.contracts import contract
from gateway.tests.contract.sources import openapi, source_of

SPECS = Path(__file__).parents[3] / "specs"

USERS = """
openapi: 3.0.3
info: {title: Users, version: 1.2.0, x-gateway: {timeout: 3}}
servers: [{url: http://127.0.0.1:8102/users}]
x-gateway: {timeout: 5}
security: [{token: ['users:read']}]
paths:
  /{id}:
    summary: One user
    parameters:
      - {$ref: '#/components/parameters/Id'}
    get:
      operationId: get
      x-gateway: {timeout: 1}
      parameters:
        - {name: fields, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200': {$ref: '#/components/responses/User'}
        '404': {description: No such user}
  /secret:
    get:
      operationId: secret
      x-gateway: {internal: true}
      security: [{token: ['users:secret']}]
      responses:
        '200': {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: integer}}
  responses:
    User: {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
  schemas:
    User:
      type: object
      properties:
        friends: {type: array, items: {$ref: '#/components/schemas/User'}}
        x-gateway: {type: string}
      example: {$ref: this is data}
    Secret: {type: string}
  securitySchemes:
    token:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: /auth/token, scopes: {'users:read': Read, 'users:secret': Peek}}}
"""

ITEMS = """
swagger: '2.0'
info: {title: Items, version: 2.0.0}
host: 127.0.0.1:8103
basePath: /v2
consumes: [application/json]
produces: [application/json]
paths:
  /items:
    post:
      operationId: get
      security: [{token: ['items:write']}, {basic: []}]
      parameters:
        - {name: item, in: body, required: true, schema: {$ref: '#/definitions/User'}}
        - {name: tag, in: query, type: array, items: {type: string}, collectionFormat: multi}
      responses:
        '201': {description: Made, schema: {$ref: '#/definitions/User'}, examples: {application/json: {name: A}}}
  /upload:
    post:
      consumes: [multipart/form-data]
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: note, in: formData, type: string}
      responses:
        default: {description: Any, headers: {X-Count: {type: integer}}}
definitions:
  User: {type: object, required: [name], properties: {name: {type: string}, old: {type: number}}}
securityDefinitions:
  token: {type: oauth2, flow: application, tokenUrl: 'http://127.0.0.1:8080/auth/token', scopes: {'items:write': Write}}
  basic: {type: basic}
"""

AUTH = """
openapi: 3.0.3
info: {title: Auth, version: 1.0.0}
servers: [{url: http://127.0.0.1:8101/private}]
paths:
  /token:
    post:
      tags: [tokens]
      requestBody:
        content: {application/x-www-form-urlencoded: {schema: {type: object}}}
      responses:
        '200': {description: OK}
        '422': {description: Not this}
        5XX: {description: Own words}
tags: [{name: tokens, description: For clients}, {name: unused}]
"""

NEW = """
openapi: 3.1.0
info: {title: New, version: 3.0.0}
paths:
  /new:
    get:
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {type: [string, 'null'], $defs: {A: {const: 1}}}}}
"""


def everything() -> list[tuple[Any, str]]:
    return [
        (contract("users", USERS), "/users"),
        (contract("items", ITEMS), "/v2"),
        (contract("auth", AUTH), "/auth"),
        (contract("new", NEW), ""),
    ]


def published(*texts: str) -> dict[str, Any]:
    """The document of APIs a, b, ... mounted at /a, /b, ..., after it proved to be valid."""
    document = publish([(contract(name, text), f"/{name}") for name, text in zip("abcdefg", texts, strict=False)])
    validate(json.loads(as_json(document)))
    return document


def test_several_versions_become_one_valid_document() -> None:
    """The highest version wins, and the result passes the specification's own checks."""
    document = publish(everything())
    assert document["openapi"] == "3.1.0"
    validate(json.loads(as_json(document)))
    assert list(document["paths"]) == ["/users/{id}", "/v2/items", "/v2/upload", "/auth/token", "/new"]
    assert document["servers"] == [{"url": "/"}]


@pytest.mark.parametrize(
    ("texts", "version"), [((AUTH, USERS), "3.0.3"), ((ITEMS,), "3.0.3"), ((NEW,), "3.1.0"), ((ITEMS, NEW), "3.1.0")]
)
def test_the_version_is_no_higher_than_needed(texts: tuple[str, ...], version: str) -> None:
    """2.0 is lifted to 3.0, and 3.0 to 3.1 only beside a 3.1 document."""
    assert published(*texts)["openapi"] == version


def test_internal_operations_leave_no_trace() -> None:
    """Neither their path, nor components, nor scopes that only they use are published."""
    text = as_json(publish(everything())).decode()
    assert "secret" not in text and "Secret" not in text
    assert "users:read" in text


def test_gateway_settings_are_left_out_and_data_is_not_touched() -> None:
    """`x-gateway` is a key of objects; a property of that name, and a `$ref` inside an example, are data."""
    document = published(USERS)
    user = document["components"]["schemas"]["User"]
    assert user["properties"]["x-gateway"] == {"type": "string"}
    assert user["example"] == {"$ref": "this is data"}
    del user["properties"]["x-gateway"]
    assert "x-gateway" not in as_json(document).decode()


def test_recursive_schemas_are_published_once() -> None:
    """A schema that refers to itself stays one component."""
    user = published(USERS)["components"]["schemas"]["User"]
    assert user["properties"]["friends"]["items"] == {"$ref": "#/components/schemas/User"}


def test_components_that_differ_get_the_name_of_their_api() -> None:
    """Two `User`s of different content are both there, each reference leads to its own."""
    document = published(USERS, ITEMS)
    schemas = document["components"]["schemas"]
    assert {"a_User", "b_User"} <= schemas.keys() and "User" not in schemas
    body = document["paths"]["/b/items"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/b_User"}
    response = document["components"]["responses"]["User"]
    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/a_User"}


def test_the_gateway_keeps_the_name_problem() -> None:
    """An API's own schema of that name moves out of the way."""
    text = AUTH.replace("schema: {type: object}", "schema: {$ref: '#/components/schemas/Problem'}")
    text += "components: {schemas: {Problem: {type: object, title: Theirs}}}"
    schemas = published(text)["components"]["schemas"]
    assert schemas["a_Problem"]["title"] == "Theirs"
    assert "errors" in schemas["Problem"]["properties"]


@pytest.mark.parametrize(
    ("path", "method", "added"),
    [
        ("/users/{id}", "get", {400, 401, 403, 500, 502, 503, 504}),  # documents 404 itself
        ("/v2/items", "post", {400, 401, 403, 413, 415, 500, 502, 503, 504}),
        ("/auth/token", "post", {413, 415}),  # open; documents 422 and 5XX
        ("/new", "get", {400, 500, 502, 503, 504}),
    ],
)
def test_answers_of_the_gateway_are_documented(path: str, method: str, added: set[int]) -> None:
    """Where they can happen, unless the operation documents the status, its range, or 422 instead of 400."""
    responses = publish(everything())["paths"][path][method]["responses"]
    names = {f"#/components/responses/{answer.name}": status for status, answer in ANSWERS.items()}
    ours = {names[node["$ref"]]: status for status, node in responses.items() if node.get("$ref") in names}
    assert ours == {status: str(status) for status in added}


def test_passed_security_is_not_answered_with_401() -> None:
    """A scheme that goes through unjudged gives no 401 of the gateway's."""
    text = ITEMS.replace(
        "operationId: get", "operationId: get\n      x-gateway: {pass: ['security:token', 'security:basic']}"
    )
    assert "401" not in published(text)["paths"]["/a/items"]["post"]["responses"]


def test_rate_limits_are_told() -> None:
    """429 with its header fields where there is a limit and only there; the fields in the operation's own answers."""
    text = """
openapi: 3.0.3
info: {title: Limited, version: "1"}
paths:
  /free: {get: {operationId: free, responses: {'200': {description: OK}}}}
  /few:
    get:
      operationId: few
      x-gateway: {rate-limit: {requests: 10}}
      responses:
        '200': {description: OK, headers: {ratelimit: {schema: {type: string}}, X-Own: {schema: {type: string}}}}
        '404': {description: None}
"""
    document = publish_one(normalise(source_of(text), "a"), "/a")
    validate(document)
    few, free = (document["paths"][path]["get"]["responses"] for path in ("/a/few", "/a/free"))
    assert few["429"] == {"$ref": "#/components/responses/GatewayTooManyRequests"}
    assert list(few["200"]["headers"]) == ["ratelimit", "X-Own", "RateLimit-Policy"]
    assert list(few["404"]["headers"]) == ["RateLimit", "RateLimit-Policy"]
    ours = document["components"]["responses"]["GatewayTooManyRequests"]
    assert list(ours["headers"]) == ["Retry-After", "RateLimit", "RateLimit-Policy"]
    assert "429" not in free and "headers" not in free["200"]


def test_security_is_written_out_for_every_operation() -> None:
    """The root's security is inherited; an operation of a document without security has none."""
    paths = publish(everything())["paths"]
    assert paths["/users/{id}"]["get"]["security"] == [{"token": ["users:read"]}]
    assert paths["/v2/items"]["post"]["security"] == [{"token": ["items:write"]}, {"basic": []}]
    assert "security" not in paths["/auth/token"]["post"]


def test_one_issuer_is_one_scheme_at_its_public_address() -> None:
    """OAuth 2 schemes that differ in scopes only become one; the token endpoint is the gateway's own path."""
    scheme = publish(everything())["components"]["securitySchemes"]["token"]
    flow = scheme["flows"]["clientCredentials"]
    assert flow == {"tokenUrl": "/auth/token", "scopes": {"users:read": "Read", "items:write": "Write"}}


def test_operation_ids_are_unique() -> None:
    """An id that two APIs use gets the name of its API in front; nobody else's changes."""
    document = published(USERS, ITEMS)
    ids = [op["operationId"] for item in document["paths"].values() for op in item.values() if "operationId" in op]
    assert ids == ["a_get", "b_get"]


def test_operations_without_tags_get_their_api() -> None:
    """Every operation has a tag, every tag in use is described, others are dropped."""
    document = publish(everything())
    assert document["tags"] == [
        {"name": "users", "description": "Users"},
        {"name": "items", "description": "Items"},
        {"name": "tokens", "description": "For clients"},
        {"name": "new", "description": "New"},
    ]
    assert document["paths"]["/new"]["get"]["tags"] == ["new"]


def test_one_api_keeps_its_own_title() -> None:
    """The document of a single API carries that API's `info`."""
    document = publish_one(contract("users", USERS), "/users")
    assert document["info"] == {"title": "Users", "version": "1.2.0"}
    assert publish(everything())["info"]["title"] == "All APIs"


def test_the_output_does_not_depend_on_the_run() -> None:
    """The same contracts give the same bytes, and the contracts stay as they were."""
    contracts = everything()
    before = json.dumps([c.document for c, _ in contracts])
    assert as_json(publish(contracts)) == as_json(publish(contracts)) == as_json(publish(everything()))
    assert json.dumps([c.document for c, _ in contracts]) == before


def test_json_and_yaml_say_the_same() -> None:
    """Both renderings read back as the document, also with text that YAML could take for something else."""
    document = publish(everything()) | {"x-odd": ["no", "1_000", "2026-01-01", "a\nb\n", "é 🏃", "12"]}
    assert json.loads(as_json(document)) == document
    assert yaml.safe_load(as_yaml(document)) == document
    assert b"&id" not in as_yaml(document)


def test_no_contract_is_a_valid_document_too() -> None:
    """A gateway without APIs publishes an empty document."""
    document = publish([])
    validate(document)
    assert document["paths"] == {}


def test_the_reference_system() -> None:
    """The documents in specs/ become one valid document without a trace of what is internal."""
    apis = ("tokendealer", "dataservice", "legacy")
    contracts = [normalise(load(str(SPECS / f"{api}.yaml")), api) for api in apis]
    document = publish([(contract, contract.server_path) for contract in contracts])
    validate(json.loads(as_json(document)))
    public = sum(not op.behaviour.internal for contract in contracts for op in contract.operations)
    methods = [method for item in document["paths"].values() for method in item]
    assert len(methods) == public > 10
    flow = document["components"]["securitySchemes"]["runnerly"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/auth/oauth/token"
    text = as_json(document).decode()
    assert "checkCredentials" not in text and "users:authenticate" not in text and "x-gateway" not in text


LINES = """
openapi: 3.2.0
info: {title: Lines, version: "1"}
servers: [{url: /v1}]
paths:
  /lines:
    query:
      operationId: queryLines
      parameters: [{name: q, in: querystring, content: {application/json: {schema: {type: object}}}}]
      responses: {'200': {description: lines, content: {application/jsonl: {$ref: '#/components/mediaTypes/Lines'}}}}
    additionalOperations:
      COPY: {operationId: copyLines, servers: [{url: /v2}], responses: {'204': {description: copied}}}
      MOVE: {operationId: moveLines, x-gateway: {internal: true}, responses: {'204': {description: moved}}}
components:
  mediaTypes: {Lines: {itemSchema: {$ref: '#/components/schemas/Line'}}}
  schemas: {Line: {type: object, properties: {no: {type: integer}}}}
"""


def test_a_document_of_3_2_stays_one() -> None:
    """With its methods, each below its own server, and what they refer to; internal operations are left out."""
    document = publish_one(normalise(source_of(LINES), "lines"), None)
    validate(json.loads(as_json(document)))
    assert document["openapi"] == "3.2.0"
    assert {path: sorted(item) for path, item in document["paths"].items()} == {
        "/v1/lines": ["query"],
        "/v2/lines": ["additionalOperations"],
    }
    assert list(document["paths"]["/v2/lines"]["additionalOperations"]) == ["COPY"]
    components = document["components"]
    assert components["mediaTypes"]["Lines"] == {"itemSchema": {"$ref": "#/components/schemas/Line"}}
    assert components["schemas"]["Line"]["properties"] == {"no": {"type": "integer"}}


def test_older_documents_beside_one_of_3_2() -> None:
    """The whole is in the highest version, and valid in it."""
    document = publish([*everything(), (normalise(source_of(LINES), "lines"), "/lines")])
    validate(json.loads(as_json(document)))
    assert document["openapi"] == "3.2.0"
    assert set(document["paths"]["/lines/lines"]) == {"query", "additionalOperations"}


def test_items_of_streams_are_published_in_older_documents_too() -> None:
    """Consumers see what is judged; what the schema refers to comes along."""
    line = {"type": "object", "properties": {"no": {"type": "integer"}}}
    content = {"application/jsonl": {"x-gateway": {"item-schema": {"$ref": "#/components/schemas/Line"}}}}
    get = {"responses": {"200": {"description": "lines", "content": content}}}
    text = openapi("3.1.0", paths={"/v1/lines": {"get": get}}, components={"schemas": {"Line": line}})
    document = publish_one(normalise(source_of(text), "lines"), None)
    validate(json.loads(as_json(document)))
    media = document["paths"]["/v1/lines"]["get"]["responses"]["200"]["content"]["application/jsonl"]
    assert media == {"x-gateway": {"item-schema": {"$ref": "#/components/schemas/Line"}}}
    assert "Line" in document["components"]["schemas"]
