"""A source to a contract."""

from typing import Any

import pytest

from gateway.contract.model import Behaviour, Contract
from gateway.contract.normalise import normalise
from gateway.tests.contract.sources import FOLDER, openapi, source_of

REF = "$ref"


def contract(paths: Any, **parts: Any) -> Contract:
    return normalise(source_of(openapi(paths=paths, **parts)), "test")


def test_a_contract_says_where_it_comes_from() -> None:
    """Title, version, files and digest; the documents as written."""
    source = source_of(openapi(components={"schemas": {"S": {REF: "s.yaml"}}}), s_yaml={"type": "string"})
    found = normalise(source, "test")
    assert (found.api, found.title, found.version, found.dialect) == ("test", "Test", "1", "3.0")
    assert found.sources == (FOLDER + "api.yaml", FOLDER + "s.yaml")
    assert found.digest == source.digest
    assert found.document is source.root
    assert found.documents[FOLDER + "s.yaml"] == {"type": "string"}
    assert set(found.request_schemas) == {"urn:contract:test:files"}


def test_operations_are_those_of_the_paths() -> None:
    """In the order of the document; extensions and unknown methods are none."""
    paths = {
        "/b": {"post": {"operationId": "two"}, "get": {"deprecated": True}, "summary": "s", "x-get": {}, "connect": {}},
        "/a": {"trace": {}},
        "x-path": {"get": {}},
    }
    found = [(each.template, each.method, each.operation_id, each.deprecated) for each in contract(paths).operations]
    assert found == [("/b", "POST", "two", False), ("/b", "GET", None, True), ("/a", "TRACE", None, False)]


def test_an_operation_knows_its_line() -> None:
    """The place is that of the method's key."""
    source = source_of("openapi: 3.0.3\npaths:\n  /a:\n    get:\n      responses: {}\n")
    [operation] = normalise(source, "test").operations
    assert (operation.where.line, operation.where.pointer) == (4, "/paths/~1a/get")


def test_path_items_by_reference() -> None:
    """In another file; what stands beside the `$ref` comes first."""
    source = source_of(
        openapi(paths={"/a": {REF: "paths.yaml#/a", "get": {"operationId": "here"}}, "/b": {REF: "#/paths/~1a"}}),
        paths_yaml={
            "a": {
                "get": {"operationId": "there"},
                "post": {"operationId": "other"},
                "parameters": [{"name": "q", "in": "query", "schema": {}}],
            }
        },
    )
    found = [(each.template, each.operation_id, len(each.parameters)) for each in normalise(source, "test").operations]
    assert found == [("/a", "here", 1), ("/a", "other", 1), ("/b", "here", 1), ("/b", "other", 1)]


def test_what_stands_beside_the_reference_of_a_path_item_wins() -> None:
    """Its parameters and its behaviour are nearer than those of the path item it refers to."""

    def level(required: bool, timeout: int) -> dict[str, Any]:
        parameter = {"name": "q", "in": "query", "required": required}
        return {"parameters": [parameter], "x-gateway": {"timeout": timeout}}

    paths = {"/a": {REF: "#/paths/~1b", **level(True, 1)}, "/b": {"get": {}, **level(False, 2)}}
    first, second = contract(paths).operations
    assert (first.parameters[0].required, first.behaviour.timeout) == (True, 1)
    assert (second.parameters[0].required, second.behaviour.timeout) == (False, 2)


def test_parameters_are_merged() -> None:
    """By place and name, header names whatever their case; the operation's own win and keep their order."""
    paths = {
        "/a": {
            "parameters": [
                {"name": "id", "in": "query", "required": False},
                {"name": "X-Id", "in": "header", "required": False},
                {"name": "Case", "in": "query"},
            ],
            "get": {
                "parameters": [
                    {"name": "id", "in": "query", "required": True},
                    {"name": "x-id", "in": "header", "required": True},
                    {"name": "id", "in": "cookie"},
                    {"name": "case", "in": "query"},
                ]
            },
        }
    }
    [operation] = contract(paths).operations
    assert [(each.place, each.name, each.required) for each in operation.parameters] == [
        ("query", "id", True),
        ("header", "x-id", True),
        ("query", "Case", False),
        ("cookie", "id", False),
        ("query", "case", False),
    ]


@pytest.mark.parametrize(
    ("root", "own", "expected"),
    [
        (None, None, ()),
        ([{"a": []}], None, ((("a", frozenset()),),)),
        ([{"a": []}], [], ()),
        ([{"a": []}], [{"b": ["r", "w"], "c": []}], ((("b", frozenset({"r", "w"})), ("c", frozenset())),)),
        (None, [{"a": []}, {}], ((("a", frozenset()),), ())),
        ([{"a": []}], {}, ((("a", frozenset()),),)),
        (None, [5], ((("5", frozenset()),),)),
        (None, [{"a": True}], ((("a", frozenset()),),)),
    ],
)
def test_security(root: Any, own: Any, expected: Any) -> None:
    """Alternatives of schemes that must all hold; the operation overrides the root, an empty list opens."""
    operation = {} if own is None else {"security": own}
    parts = {} if root is None else {"security": root}
    [found] = contract({"/a": {"get": operation}}, **parts).operations
    assert found.security == expected


def test_behaviour_is_inherited() -> None:
    """Key by key from root to operation, `pass` as the union of all."""
    paths = {
        "/a": {
            "x-gateway": {"timeout": 2, "internal": True, "pass": ["media:a/b"], "validate": {"request": "observe"}},
            "get": {"x-gateway": {"timeout": 3, "pass": ["security:k"], "validate": {"sample": 0.5}}},
            "post": {},
        },
        "/b": {"get": {}},
    }
    root = {"body-limit": 10, "pass": ["media:c/d"], "validate": {"request": "block", "unknown-query": "allow"}}
    first, second, third = [each.behaviour for each in contract(paths, **{"x-gateway": root}).operations]
    assert first == Behaviour(
        timeout=3,
        body_limit=10,
        request_mode="observe",
        sample=0.5,
        unknown_query="allow",
        internal=True,
        passes=frozenset({"media:a/b", "media:c/d", "security:k"}),
    )
    assert (second.timeout, second.internal, second.sample) == (2, True, None)
    assert third == Behaviour(
        body_limit=10, request_mode="block", unknown_query="allow", passes=frozenset({"media:c/d"})
    )


@pytest.mark.parametrize(
    "paths",
    [
        None,
        [],
        {"/a": None},
        {"/a": {"get": None}},
        {"/a": {"parameters": {}, "get": {"parameters": "x", "responses": [], "security": {}, "requestBody": 5}}},
        {"/a": {"get": {"parameters": [5, None], "responses": {"200": None}, "security": [5]}}},
        {"/a": {"get": {"responses": {"200": {"content": [], "headers": 5}}, "requestBody": {"content": {"a/b": 5}}}}},
    ],
)
def test_malformed_documents_do_not_break_it(paths: Any) -> None:
    """What the meta-schema complains about may be tolerated as a warning: nothing fails here."""
    contract(paths)


def test_methods_of_3_2() -> None:
    """`query` is QUERY, additional operations are named as they are sent; before 3.2 neither exists."""
    item = {"query": {}, "additionalOperations": {"COPY": {}, "x-move": {}}, "get": {}}
    for version, methods in (("3.2.0", ["QUERY", "COPY", "x-move", "GET"]), ("3.1.1", ["GET"])):
        found = normalise(source_of(openapi(version, paths={"/a": item})), "test")
        assert [operation.method for operation in found.operations] == methods


def test_components_and_webhooks_are_not_routed() -> None:
    """3.1: what `paths` does not lead to is no operation; a path item may be shared."""
    document = openapi(
        "3.1.0",
        paths={"/a": {REF: "#/components/pathItems/Shared"}, "/b": {REF: "#/components/pathItems/Shared"}},
        webhooks={"hook": {"post": {"operationId": "hook"}}},
        components={"pathItems": {"Shared": {"get": {"operationId": "shared"}}, "Other": {"put": {}}}},
    )
    found = normalise(source_of(document), "test")
    assert [(each.template, each.method) for each in found.operations] == [("/a", "GET"), ("/b", "GET")]
