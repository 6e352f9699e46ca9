"""Rules about bodies: can every declared media type be decoded and judged?"""

import re
from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.rule import Flaw, Rule, pass_hint
from gateway.contract.rules.shapes import opaque
from gateway.contract.rules.view import Media, Operation, View
from gateway.wire import media as wire

STATUS = re.compile(r"([1-5]\d\d|[1-5][xX]{2}|default)\Z")
EMPTY_STATUSES = frozenset({"201", "202", "204", "205"})  # often without content, and rightly so
JSON_TYPE = wire.Media("application", "json")
FORM_TYPE = wire.Media("application", "x-www-form-urlencoded")


def judged(media: Media, op: Operation) -> bool:
    """True when the document says something about this body that has to be checked."""
    said = bool(media.fields) or not opaque(media.schema)
    return said and media.type is not None and f"media:{media.name}" not in op.passes


def admits_json(media: Media) -> bool:
    """True for JSON, and for ranges that JSON lies in."""
    return media.type is not None and (wire.is_json(media.type) or wire.matches(media.type, JSON_TYPE))


def admits_form(media: Media) -> bool:
    """True for urlencoded forms."""
    return media.type is not None and wire.matches(media.type, FORM_TYPE)


def is_range(media: Media) -> bool:
    """True for `*/*`, `application/*`: a range whose members are not all JSON."""
    return media.type is not None and wire.is_range(media.type) and not wire.is_json(media.type)


def media_type_invalid(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in (*op.body, *(media for response in op.responses for media in response.content)):
            if media.type is None:
                yield Flaw(media.node, f"{media.name!r} is not a media type", "write type/subtype")


def request_media_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in op.body:
            if judged(media, op) and not admits_json(media) and not admits_form(media):
                yield Flaw(
                    media.node,
                    f"request bodies of {media.name} have a schema, and only JSON and urlencoded forms are decoded",
                    pass_hint(f"media:{media.name}"),
                )


def response_media_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            for media in response.content:
                if judged(media, op) and not admits_json(media):
                    yield Flaw(
                        media.node,
                        f"response bodies of {media.name} have a schema, and only JSON is decoded",
                        pass_hint(f"media:{media.name}"),
                    )


def request_media_range(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in op.body:
            if judged(media, op) and is_range(media) and admits_json(media):
                yield Flaw(
                    media.node,
                    f"of {media.name} only JSON and urlencoded forms are accepted, as the schema cannot judge others",
                    "name the media types that the backend accepts",
                )


def response_media_range(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            for media in response.content:
                if judged(media, op) and is_range(media) and admits_json(media):
                    yield Flaw(
                        media.node,
                        f"responses of {media.name} are judged when they are JSON, and go through unjudged otherwise",
                        "name the media types that the backend sends",
                    )


def status_invalid(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            if not STATUS.match(response.status):
                yield Flaw(
                    response.node,
                    f"{response.status!r} is not a status, so no response ever matches it",
                    "write a code such as 404, a range such as 4XX, or default",
                    Severity.WARNING if response.status.isdecimal() else None,
                )


def response_without_schema(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            if not response.status.startswith("2") or op.method == "HEAD":
                continue
            if not response.content and response.status not in EMPTY_STATUSES:
                yield Flaw(response.node, f"response {response.status} has no content, so its body is not described")
            for media in response.content:
                if media.type and wire.is_json(media.type) and media.schema is None:
                    yield Flaw(media.node, f"response {response.status} has no schema for {media.name}")


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
        "request-media-range",
        WARNING,
        "A request declares a range of media types with a schema",
        "Under `*/*` or `application/*` with a schema only bodies that can be judged are accepted: JSON and urlencoded "
        "forms. Anything else is refused with 415.",
        request_media_range,
        with_body("*/*", OBJECT),
        with_body("application/json", OBJECT),
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
        "status-invalid",
        ERROR,
        "A key of `responses` is not a status",
        "Keys are a code from 100 to 599, a range such as `4XX`, or `default`. A number out of range is a warning: no "
        "response ever matches it.",
        status_invalid,
        document(operation(responses='"4OO": {description: done}')),
        document(operation(responses='"400": {description: done}')),
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
