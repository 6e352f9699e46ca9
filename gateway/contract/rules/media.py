"""Rules about bodies: can every declared media type be decoded and judged?"""

import re
from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.rule import Flaw, Rule, pass_hint
from gateway.contract.rules.shapes import is_json, opaque
from gateway.contract.rules.view import FORM, Media, View

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
MEDIA_RANGE = re.compile(rf"{TOKEN}/{TOKEN}\Z")  # RFC 9110 section 8.3.1; `*` is a token character
EMPTY_STATUSES = frozenset({"201", "202", "204", "205"})  # often without content, and rightly so


def judged(media: Media) -> bool:
    """True when the document says something about this body that has to be checked."""
    return bool(media.fields) or not opaque(media.schema)


def is_range(media_range: str) -> bool:
    """`*/*`, `application/*`: more than one media type."""
    return media_range.endswith("/*")


def media_type_invalid(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in (*op.body, *(media for response in op.responses for media in response.content)):
            if not MEDIA_RANGE.match(media.range):
                yield Flaw(media.node, f"{media.range!r} is not a media type", "write type/subtype")


def request_media_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in op.body:
            entry = f"media:{media.range}"
            if entry in op.passes or not judged(media) or is_json(media.range) or media.range == FORM:
                continue
            yield Flaw(
                media.node,
                f"request bodies of {media.range} have a schema, and only JSON and urlencoded forms are decoded",
                pass_hint(entry),
            )


def response_media_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            for media in response.content:
                entry = f"media:{media.range}"
                if entry in op.passes or not judged(media) or is_json(media.range) or is_range(media.range):
                    continue
                yield Flaw(
                    media.node,
                    f"response bodies of {media.range} have a schema, and only JSON is decoded",
                    pass_hint(entry),
                )


def response_media_range(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            for media in response.content:
                if judged(media) and is_range(media.range) and f"media:{media.range}" not in op.passes:
                    yield Flaw(
                        media.node,
                        f"responses of {media.range} are judged when they are JSON, and go through unjudged otherwise",
                        "name the media types that the backend sends",
                    )


def response_without_schema(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            if not response.status.startswith("2") or op.method == "head":
                continue
            if not response.content and response.status not in EMPTY_STATUSES:
                yield Flaw(response.node, f"response {response.status} has no content, so its body is not described")
            for media in response.content:
                if is_json(media.range) and media.schema is None:
                    yield Flaw(media.node, f"response {response.status} has no schema for {media.range}")


ERROR, WARNING = Severity.ERROR, Severity.WARNING
OBJECT = "{schema: {type: object}}"


def with_body(kind: str, media: str) -> str:
    return document(operation(method="post", body=f"content: {{{kind!r}: {media}}}"))


def with_response(kind: str, media: str) -> str:
    content = f'"200":\n  description: things\n  content: {{{kind!r}: {media}}}'
    return document(operation(responses=content))


RULES = (
    Rule(
        "media-type-invalid",
        ERROR,
        "A key of `content` is not a media type",
        "No message could ever carry it, so every message would be refused.",
        media_type_invalid,
        with_body("json", "{}"),
        with_body("application/json", "{}"),
    ),
    Rule(
        "request-media-not-enforced",
        ERROR,
        "A request media type with a schema is not decoded yet",
        "Decoded are JSON (`application/json` and `+json`) and `application/x-www-form-urlencoded`. A type without a "
        "schema, and a string without constraints, need no decoding: such bodies are streamed.",
        request_media_not_enforced,
        with_body("multipart/form-data", OBJECT),
        with_body("application/json", OBJECT),
    ),
    Rule(
        "response-media-not-enforced",
        ERROR,
        "A response media type with a schema is not decoded yet",
        "Decoded is JSON. A type without a schema, and a string without constraints, need no decoding.",
        response_media_not_enforced,
        with_response("application/xml", OBJECT),
        with_response("application/xml", "{schema: {type: string}}"),
    ),
    Rule(
        "response-media-range",
        WARNING,
        "A response declares a range of media types with a schema",
        "A response under `*/*` or `application/*` is judged by the schema when its own media type is JSON; otherwise "
        "it goes through unjudged.",
        response_media_range,
        with_response("*/*", OBJECT),
        with_response("application/json", OBJECT),
    ),
    Rule(
        "response-without-schema",
        WARNING,
        "A successful response does not describe its body",
        "A 2xx response without content (201, 202, 204 and 205 aside), or JSON without a schema: nothing about the "
        "body is checked.",
        response_without_schema,
        with_response("application/json", "{}"),
        with_response("application/json", OBJECT),
    ),
)
