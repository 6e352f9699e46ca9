"""Responses: which documented one answers for a status, its header fields and its content."""

from typing import Any

import pytest

from gateway.contract.model import Header, MediaType, Response
from gateway.tests.validate.build import WHERE, header, media, schema_set
from gateway.validate.response import ResponseCheck, compile_responses
from gateway.validate.terms import Terms

SCHEMAS: dict[str, Any] = {
    "Run": {"type": "object", "required": ["id"]},
    "Count": {"type": "integer", "minimum": 0},
    "Ids": {"type": "array", "items": {"type": "integer"}},
}


def response(status: str, *parts: Header | MediaType) -> Response:
    """A documented response with these headers and this content."""
    headers = tuple(part for part in parts if isinstance(part, Header))
    return Response(status, headers, tuple(part for part in parts if isinstance(part, MediaType)), WHERE)


def compiled(*responses: Response, passes: tuple[str, ...] = ()) -> ResponseCheck:
    """The check of an operation with these responses."""
    return compile_responses(responses, schema_set(**SCHEMAS), Terms(frozenset(passes)))


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "a"), (204, None), (404, "b"), (418, "c"), (499, "c"), (500, "d"), (302, "d")]
)
def test_code_before_range_before_default(status: int, expected: str | None) -> None:
    """The most specific one answers (OpenAPI Responses Object)."""
    check = compiled(
        response("4XX", header(None, "c", True)),
        response("default", header(None, "d", True)),
        response("404", header(None, "b", True)),
        response("200", header(None, "a", True)),
        response("204"),
    ).select(status)
    assert check
    assert [violation.name for violation in check.head({})] == ([expected] if expected else [])


def test_undocumented_statuses() -> None:
    """Without a default, what is not documented is nothing."""
    check = compiled(response("200"), response("5XX"))
    assert check.select(201) is None
    assert check.select(599)
    assert compiled().select(200) is None


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ({b"x-total": b"3"}, []),
        ({b"x-total": b"3", b"x-ids": b"1, 2,3", b"set-cookie": b"a=b", b"x-other": b"\xff"}, []),
        ({}, [("X-Total", "", "required")]),
        ({b"x-total": b"-1"}, [("X-Total", "", "minimum")]),
        ({b"x-total": b"3, 4"}, [("X-Total", "", "type")]),
        ({b"x-total": b"3", b"x-ids": b"1,x"}, [("X-Ids", "/1", "type")]),
        ({b"x-total": b"3", b"x-run": b"{}"}, [("X-Run", "/id", "required")]),
        ({b"x-total": b"3", b"x-run": b"{"}, [("X-Run", "", "syntax")]),
    ],
)
def test_header_fields(lookup: dict[bytes, bytes], expected: list[tuple[str, str, str]]) -> None:
    """Required ones are there, values are valid; `Content-Type` and `Set-Cookie` are not judged as headers."""
    check = compiled(
        response(
            "200",
            header("Count", "X-Total", required=True),
            header("Ids", "X-Ids"),
            header("Run", "X-Run", content="application/json"),
            header("Count", "Set-Cookie", required=True),
            header("Count", "content-type", required=True),
        )
    ).select(200)
    assert check
    found = check.head(lookup)
    assert [(violation.name, violation.pointer, violation.keyword) for violation in found] == expected
    assert all(violation.place == "header" for violation in found)


def test_content() -> None:
    """Documented types have a check, others none; no documented content means no body."""
    check = compiled(response("200", media("application/json", "Run")), response("204")).select(200)
    assert check and check.documents_body
    found = check.media(b"application/json")
    assert found
    assert [violation.keyword for violation in found.violations(b"{}")] == ["required"]
    assert check.media(b"text/html") is None
    assert check.media(None) is None


def test_no_content() -> None:
    """A response without content documents no body of any type."""
    check = compiled(response("204")).select(204)
    assert check and not check.documents_body
    assert check.media(b"application/json") is None


def test_passed_content_streams() -> None:
    """What the document passes on purpose is not judged."""
    check = compiled(response("200", media("application/xml", "Run")), passes=("media:application/xml",)).select(200)
    found = check and check.media(b"application/xml")
    assert found and found.streams
