"""What is decided at load about the fields of responses."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.config import Fields, Settings
from gateway.contract.model import Behaviour, Operation, Parameter
from gateway.contract.response_fields import announced, dropped_from_responses, set_fields
from gateway.security.cors import CORS_FIELDS, Cors, Pages
from gateway.tests.contract.test_deprecation import OPERATION, PLAIN
from gateway.tests.harness import DOCUMENT, GET, OK, field_of, status_of
from gateway.tests.request.conftest import Call
from gateway.tests.request.conftest import call as call
from gateway.wire.fields import DROPPED_FROM_RESPONSES

PRIVATE = ((b"Cache-Control", b"private"),)
SECURED = replace(OPERATION, security=((("key", frozenset()),),))
COOKIE: Parameter = replace(PLAIN, place="cookie")
NO_STORE = Settings(headers=Fields(set={"cache-control": "no-store"}))


@pytest.mark.parametrize(
    ("operation", "settings", "fields"),
    [
        (OPERATION, Settings(), ()),
        (SECURED, Settings(), PRIVATE),
        (replace(SECURED, security=((), *SECURED.security)), Settings(), PRIVATE),
        (replace(OPERATION, security=((),)), Settings(), ()),
        (replace(SECURED, method="QUERY"), Settings(), PRIVATE),
        (replace(SECURED, method="POST"), Settings(), ()),
        (replace(OPERATION, parameters=(PLAIN, COOKIE)), Settings(), PRIVATE),
        (SECURED, NO_STORE, ()),
        (
            replace(OPERATION, behaviour=Behaviour(sunset="2018-12-31T23:59:59Z")),
            Settings(announce_deprecated=False),
            (),
        ),
    ],
)
def test_what_depends_on_the_caller_is_private(operation: Operation, settings: Settings, fields: Any) -> None:
    """Unless the backend says something about caches itself."""
    assert announced(settings, operation) == fields


def test_deprecation_and_caching_are_both_said() -> None:
    """One does not hide the other."""
    old = replace(SECURED, behaviour=Behaviour(deprecation="2023-06-30"))
    assert announced(Settings(), old) == ((b"Deprecation", b"@1688083200"), *PRIVATE)


def test_what_is_set_or_removed_is_taken_from_the_backend() -> None:
    """By any case; with CORS its fields about pages, too."""
    settings = Settings(headers=Fields(set={"X-Frame-Options": "DENY"}, remove=("Server",)))
    names = {b"x-frame-options", b"server"}
    assert dropped_from_responses(settings, None) == DROPPED_FROM_RESPONSES | names
    cors = Cors(Pages(True, frozenset(), None), frozenset(), (), (), False)
    assert dropped_from_responses(settings, cors) == DROPPED_FROM_RESPONSES | names | CORS_FIELDS
    assert set_fields(settings) == ((b"X-Frame-Options", b"DENY"),)


FIELDS = Fields(set={"X-Frame-Options": "DENY", "Cache-Control": "no-cache"}, remove=("Server", "X-Powered-By"))
REPLY = OK.replace(b"Content-Type", b"SERVER: a\r\nx-powered-by: b\r\nX-Frame-Options: ALLOW\r\nX-A: 1\r\nContent-Type")


def test_fields_are_set_on_every_response(call: Call) -> None:
    """In place of the backend's; on refusals, but for what they say themselves."""
    seen = call(GET, GET.replace(b"/1 ", b"/x "), GET.replace(b"things", b"nothing"), reply=REPLY, headers=FIELDS)
    good, *refused = seen.answers
    assert b"server" not in good.lower() and b"x-powered-by" not in good.lower()
    assert (good.count(b"X-Frame-Options"), field_of(good, b"X-Frame-Options")) == (1, b"DENY")
    assert field_of(good, b"X-A") == b"1" and field_of(good, b"Cache-Control") == b"no-cache"
    for answer in refused:
        assert field_of(answer, b"X-Frame-Options") == b"DENY" and answer.count(b"Cache-Control") == 1
        assert field_of(answer, b"Cache-Control") == b"no-store"


@pytest.mark.parametrize(
    ("said", "expected"), [(b"", b"private"), (b"Cache-Control: public, max-age=9\r\n", b"public, max-age=9")]
)
def test_answers_to_known_callers_stay_out_of_shared_caches(call: Call, said: bytes, expected: bytes) -> None:
    """A cache in front knows nothing of cookies and API keys (RFC 9111 section 3.5)."""
    document = DOCUMENT.replace(
        "{name: units, in: query,",
        "{name: visit, in: cookie, schema: {type: string}}\n        - {name: units, in: query,",
    )
    seen = call(GET, document=document, reply=OK.replace(b"Content-Type", said + b"Content-Type"))
    assert status_of(seen.answers[0]) == 200 and field_of(seen.answers[0], b"Cache-Control") == expected
