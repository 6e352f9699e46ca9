"""What is fuzzed: everything that reads what somebody else wrote."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from hypothesis import strategies as st

from gateway.config import Api, Settings
from gateway.contract.check import check
from gateway.contract.compile import compile_settings
from gateway.contract.compiled import CompiledOperation
from gateway.contract.findings import LoadError, errors
from gateway.contract.load import load
from gateway.contract.normalise import normalise
from gateway.contract.publish import publish_one
from gateway.errors import Violation
from gateway.tests.fuzz.mutate import texts, trees
from gateway.tests.harness import Origin, running, status_of
from gateway.validate.media import MediaCheck

HERE = Path(__file__).parent
EVERYTHING = HERE / "everything.yaml"

Run = Callable[[Any], None]


class Target(NamedTuple):
    """`running` gives the function to feed; it raises when something went wrong."""

    inputs: st.SearchStrategy[Any]
    running: Callable[[], AbstractContextManager[Run]]


# Documents


def _document(data: bytes) -> None:
    """Whatever a file holds: findings, or a contract that compiles and can be published."""
    try:
        source = load("/contracts/api.yaml", read=lambda path, limit: data)
    except LoadError as error:
        assert error.findings
        return
    if not errors(check(source)):
        publish_one(normalise(source, "fuzz"), "")


@contextlib.contextmanager
def _documents() -> Iterator[Run]:
    yield _document


SMALL = [
    {
        "swagger": "2.0",
        "info": {"title": "Small", "version": "1"},
        "basePath": "/v1",
        "consumes": ["application/json"],
        "paths": {
            "/a/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer"}],
                "post": {
                    "parameters": [
                        {"name": "q", "in": "query", "type": "array", "items": {"type": "string"}},
                        {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/A"}},
                    ],
                    "responses": {"200": {"description": "fine", "schema": {"$ref": "#/definitions/A"}}},
                },
            }
        },
        "definitions": {"A": {"type": "object", "properties": {"a": {"$ref": "#/definitions/A"}}}},
    },
    {
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "paths": {
            "/a": {
                "get": {
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "string", "nullable": True}}],
                    "responses": {"4XX": {"$ref": "#/components/responses/R"}},
                }
            }
        },
        "components": {
            "responses": {
                "R": {
                    "description": "fine",
                    "headers": {"X": {"schema": {"type": "integer"}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                }
            },
            "schemas": {
                "Pet": {
                    "oneOf": [{"$ref": "#/components/schemas/Cat"}],
                    "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat"}},
                },
                "Cat": {
                    "allOf": [{"type": "object", "required": ["kind"]}, {"properties": {"id": {"readOnly": True}}}]
                },
            },
        },
    },
]


def _document_seeds() -> list[Any]:
    return [*SMALL, yaml.safe_load(EVERYTHING.read_text())]


YAML_TOKENS = [
    b": ",
    b"- ",
    b"&a ",
    b"*a",
    b"!!",
    b"|\n",
    b"{",
    b"[",
    b"$ref: ",
    b"'#/components",
    b"\t",
    b"? ",
    b"<<: ",
]

# Messages


def _operation(operation_id: str) -> CompiledOperation:
    settings = Settings(apis=(Api(contract=str(EVERYTHING), upstream="http://127.0.0.1:1", name="fuzz"),))
    compiled = compile_settings(settings)
    assert compiled.table is not None, [finding.text() for finding in compiled.findings]
    return next(each for each in compiled.table.operations if each.operation_id == operation_id)


QUERY_TOKENS = [
    b"%",
    b"%2C",
    b"%00",
    b"%FF",
    b"[",
    b"]",
    b"[]",
    b"&",
    b"=",
    b",",
    b"|",
    b"%20",
    b"+",
    b"deep[",
    b"x=",
    b"9" * 40,
]
QUERIES = [
    b"list=1&list=2.5&packed=x,1,y,2&spaced=a%20b&piped=true%7Cfalse&either=4",
    b"deep[point][x]=1&deep[tags][]=a&deep[tags][0]=b&json=%7B%22tags%22%3A%5B%5D%7D",
    b"either=1&either=2&x=3&y=4",
    b"deep[below][0][below][]=1&deep[either][x]=1&deep[below]=2",
]
PATHS = [(".x=1.y=2", ";matrix=1,2", "7"), (".x=1", ";matrix=", "true"), ("x", "1", "")]


@contextlib.contextmanager
def _parameters() -> Iterator[Run]:
    check = _operation("parameters").parameters
    assert check is not None

    def run(given: tuple[tuple[str, ...], bytes, bytes, bytes]) -> None:
        path, query, field, cookie = given
        lookup = {b"x-list": field, b"x-point": field, b"cookie": cookie}
        _violations(check(path, query, lookup))
        check.decode(path, query, lookup)

    yield run


FIELDS = texts([b"1,2,3", b"x=1,y=2", b"x,1"], [b",", b"=", b'"', b"\xff", b" "])
COOKIES = texts([b"crumb=abc; other=1", b"crumb=%20"], [b"; ", b"=", b"crumb=", b"\xff"])
PATH_VALUES = st.one_of(st.sampled_from(PATHS), st.tuples(*[st.text(alphabet=".;,=xy12%\x00é", max_size=9)] * 3))

BODIES = {
    b"application/json": b'{"name": "a", "size": 1, "children": [{"name": "b"}]}',
    b"application/xml": b'<?xml version="1.0"?><Tree><name>a</name><size>1</size></Tree>',
    b"application/yaml": b"name: a\nsize: 1\nchildren:\n  - {name: b}\n",
    b"application/msgpack": b"\x82\xa4name\xa1a\xa4size\x01",
    b"application/cbor": b"\xa2\x64name\x61a\x64size\x01",
    b"text/plain; charset=utf-16": "abc".encode("utf-16"),
    b"text/csv; header=present": b'x,y\r\n1,2\r\n"3",4.5\r\n',
    b"application/x-www-form-urlencoded": b"x=1&y=2.5&z=a",
    b"application/octet-stream": bytes(32),
    b"application/x-ndjson": b'{"x": 1}\n{"x": 2}\n',
    b"application/json-seq": b'\x1e{"x": 1}\n\x1e{"x": 2}\n',
    b"text/event-stream": b"event: a\ndata: {}\n\n: note\nid: 1\ndata: b\n\n",
    b"multipart/form-data; boundary=b": (
        b'--b\r\nContent-Disposition: form-data; name="point"\r\nContent-Type: application/json\r\n\r\n{"x": 1}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\nabc\r\n--b--\r\n"
    ),
}
BODY_TOKENS = [
    b"\r\n",
    b"\n",
    b"--b",
    b"--b--",
    b"\x1e",
    b"<!DOCTYPE a [",
    b"&a;",
    b"<a>",
    b"\xff",
    b"{",
    b"[" * 40,
    b'"',
    b"\x9f",
    b"\xc1",
]


@contextlib.contextmanager
def _bodies() -> Iterator[Run]:
    body = _operation("bodies").body
    assert body is not None

    def run(given: tuple[bytes, bytes, list[int]]) -> None:
        kind, data, cuts = given
        check = body.media(kind)
        assert check is not None or kind not in BODIES, kind
        if check is not None:
            whole = check.violations(data)
            _violations(whole)
            assert check.open is None or bool(_in_pieces(check, data, cuts)) == bool(whole), "pieces and whole differ"

    yield run


def _in_pieces(check: MediaCheck, data: bytes, cuts: list[int]) -> list[Violation]:
    assert check.open is not None
    judge = check.open()
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        if start < end and (found := judge.feed(data[start:end])):
            return found
    return judge.end()


def _kind_and_data() -> st.SearchStrategy[tuple[bytes, bytes, list[int]]]:
    cuts = st.lists(st.integers(0, 500), max_size=8)
    return st.sampled_from(sorted(BODIES)).flatmap(
        lambda kind: st.tuples(st.just(kind), texts([BODIES[kind]], BODY_TOKENS), cuts)
    )


def _violations(found: list[Violation]) -> None:
    assert all(isinstance(each, Violation) and each.message and len(each.message) < 2000 for each in found)


# The wire

REQUESTS = [
    b"POST /v1/bodies HTTP/1.1\r\nHost: a\r\nContent-Type: "
    + kind
    + b"\r\nContent-Length: %d\r\n\r\n" % len(data)
    + data
    for kind, data in BODIES.items()
] + [
    b"GET /v1/matrix/%s/%s/%s?%s HTTP/1.1\r\nHost: a\r\nCookie: crumb=a\r\nX-List: 1,2\r\n\r\n"
    % (*(value.encode() for value in path), query)
    for path in PATHS
    for query in QUERIES
]
WIRE_TOKENS = [
    *(b"\r\n", b"\r", b"\n", b"\0", b" ", b"\t", b":", b"/../", b"/%2e%2e/", b"%2F", b"//", b"HTTP/1.0", b"HTTP/2.0"),
    *(b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n"),
    *(b"Content-Encoding: gzip\r\n", b"Connection: close\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"5;a=b\r\n"),
]
GOOD = b"GET /v1/matrix/.x=1/;matrix=1/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def _wire() -> Iterator[Run]:
    """A running gateway: whatever is sent, it answers in HTTP or closes, and then serves a good request."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        context = running(
            Path(folder),
            Origin().replies(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            EVERYTHING.read_text(),
            timeouts={"first_byte": 0.2, "head": 0.2, "body": 0.2, "idle": 0.2},
        )
        gateway = runner.run(context.__aenter__())

        async def exchange(data: bytes) -> None:
            reader, writer = await gateway.connect()
            with contextlib.suppress(ConnectionError):
                writer.write(data)
                writer.write_eof()
                answer = await reader.read()
                assert not answer or answer.startswith(b"HTTP/1.1 "), answer[:80]
                assert not answer.startswith(b"HTTP/1.1 500"), answer
            writer.close()
            assert status_of(await gateway.send(GOOD)) == 200

        try:
            yield lambda data: runner.run(exchange(data))
        finally:
            runner.run(context.__aexit__(None, None, None))


TARGETS: dict[str, Target] = {
    "documents": Target(trees(_document_seeds()).map(lambda tree: json.dumps(tree).encode()), _documents),
    "yaml": Target(texts([EVERYTHING.read_bytes()], YAML_TOKENS), _documents),
    "wire": Target(texts(REQUESTS, WIRE_TOKENS), _wire),
    "parameters": Target(st.tuples(PATH_VALUES, texts(QUERIES, QUERY_TOKENS), FIELDS, COOKIES), _parameters),
    "bodies": Target(_kind_and_data(), _bodies),
}
