"""What is asked of every peer, and what each must answer.

Sizes are bytes. Both workloads carry 240 bytes of JSON: the GET in its answer, the POST in both directions.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).with_name("bench.yaml")
JSON_SIZE = 240
JSON_TYPE = "application/json"


def padded(value: dict[str, Any], size: int = JSON_SIZE) -> bytes:
    """`value` as JSON of exactly `size` bytes; the member `notes` takes up the slack."""
    bare = len(_compact({**value, "notes": ""}))
    return _compact({**value, "notes": "n" * (size - bare)})


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


NEW_RUN: dict[str, Any] = {
    "user_id": 7,
    "title": "Morning run along the river",
    "started_at": "2026-05-01T06:30:00Z",
    "distance": 10012.5,
    "elapsed_time": 3012,
    "type": "run",
}
NEW_RUN_JSON = padded(NEW_RUN)
RUN_JSON = padded({"id": 42, **NEW_RUN})
BROKEN_RUN_JSON = padded({"id": "forty-two", **NEW_RUN})
BROKEN_ID = 666  # the backend answers this id with BROKEN_RUN_JSON


@dataclass(frozen=True, slots=True)
class Workload:
    """One request, repeated as fast as the peer can answer."""

    name: str
    method: str
    target: str
    body: bytes = b""


WORKLOADS = (
    Workload("GET", "GET", "/v1/runs/42?units=metric"),
    Workload("POST", "POST", "/v1/runs", NEW_RUN_JSON),
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One request of the parity check.

    `statuses` are the answers that count as right; `concerns` says which peers must give them: `all`, or those
    that check `request` or `response`, ask for a `token` or a `key`, or have a `limit`. `without` is a header field
    that a good request has and this one lacks, `spoilt` one whose value is wrong in one character.
    """

    title: str
    concerns: str
    method: str
    target: str
    statuses: frozenset[int]
    body: bytes | None = None
    content_type: str = JSON_TYPE
    answer: bytes | None = None
    without: str = ""
    spoilt: str = ""


OK, CREATED = frozenset({200}), frozenset({201})
REFUSED = frozenset({400, 422})
NOT_FOUND, NOT_ALLOWED, UNSUPPORTED = frozenset({404}), frozenset({405}), frozenset({415})
BACKEND_FAULT = frozenset({500, 502})
UNKNOWN, TOO_MANY = frozenset({401}), frozenset({429})
TOKEN_FIELD, KEY_FIELD = "Authorization", "X-Api-Key"
A_RUN, EVERYTHING = "/v1/runs/42", "/v1/everything"  # the second costs as much as a limit allows

EXPECTATIONS = (
    Expectation("a good GET", "all", "GET", "/v1/runs/42?units=metric", OK, answer=RUN_JSON),
    Expectation("a good POST", "all", "POST", "/v1/runs", CREATED, NEW_RUN_JSON, answer=RUN_JSON),
    Expectation("a path parameter of the wrong type", "request", "GET", "/v1/runs/forty-two", REFUSED | NOT_FOUND),
    Expectation("a query value outside its enum", "request", "GET", "/v1/runs/42?units=parsecs", REFUSED),
    Expectation("a body that misses required members", "request", "POST", "/v1/runs", REFUSED, b'{"title":"x"}'),
    Expectation("a body that is not JSON", "request", "POST", "/v1/runs", REFUSED, b"{"),
    Expectation("another media type", "request", "POST", "/v1/runs", REFUSED | UNSUPPORTED, NEW_RUN_JSON, "text/plain"),
    Expectation("a path outside the document", "request", "GET", "/v1/walks/42", NOT_FOUND),
    Expectation("a method outside the document", "request", "DELETE", "/v1/runs/42", NOT_ALLOWED),
    Expectation("a backend's broken answer", "response", "GET", f"/v1/runs/{BROKEN_ID}", BACKEND_FAULT),
    Expectation("no token", "token", "GET", A_RUN, UNKNOWN, without=TOKEN_FIELD),
    Expectation("a token with another signature", "token", "GET", A_RUN, UNKNOWN, spoilt=TOKEN_FIELD),
    Expectation(
        "no token for a body that is wrong, too", "token", "POST", "/v1/runs", UNKNOWN, b"{", without=TOKEN_FIELD
    ),
    Expectation("no API key", "key", "GET", A_RUN, UNKNOWN, without=KEY_FIELD),
    Expectation("another API key", "key", "GET", A_RUN, UNKNOWN, spoilt=KEY_FIELD),
    Expectation("all that the limit allows, at once", "limit", "GET", EVERYTHING, OK | TOO_MANY),
    Expectation("more than the limit allows", "limit", "GET", EVERYTHING, TOO_MANY),
)
