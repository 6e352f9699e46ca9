"""Rules about bodies: can every declared media type be decoded and judged?"""

import re
from collections.abc import Iterable, Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule, pass_hint
from gateway.contract.rules.shapes import ANNOTATIONS, kinds, opaque, type_names
from gateway.contract.rules.view import Media, Operation, View
from gateway.validate.body import FAMILIES, family_of
from gateway.validate.decoders import DECODERS
from gateway.wire import media as wire

STATUS = re.compile(r"([1-5]\d\d|[1-5][xX]{2}|default)\Z")
EMPTY_STATUSES = frozenset({"201", "202", "204", "205"})  # often without content, and rightly so
# Media types whose content has a structure. A range that one of them lies in admits what a schema can judge.
STRUCTURED = (
    *(wire.Media("application", name) for name in ("json", "xml", "yaml", "cbor", "msgpack", "x-www-form-urlencoded")),
    *(wire.Media("text", name) for name in ("xml", "yaml", "csv")),
    wire.Media("multipart", "form-data"),
)
LENGTHS = frozenset({"type", "format", "minLength", "maxLength"})  # what binary content can be judged by

# Families whose content is one value.
SINGLE = frozenset(("form", "binary", *(decoder.name for decoder in DECODERS)))
SEQUENCES = frozenset(family.name for family in FAMILIES) - SINGLE


def judged(media: Media, op: Operation) -> bool:
    """True when the document says something about this body that has to be checked."""
    said = bool(media.fields) or media.item is not None or not opaque(media.schema)
    return said and media.type is not None and f"media:{media.name}" not in op.passes


def is_range(media: Media) -> bool:
    """True for `*/*`, `application/*`: a range whose members are not all judged alike."""
    return media.type is not None and wire.is_range(media.type) and family_of(media.type).name in ("binary", "text")


def unfit(media: Media) -> str:
    """Why content of this type cannot be judged by its schema; "" when it can, as far as the names tell."""
    assert media.type is not None
    family = family_of(media.type).name
    shapes = kinds(media.schema)
    if is_range(media):
        admits = any(wire.matches(media.type, each) for each in STRUCTURED)
        return "" if admits or _lengths(media.schema) else "nothing of this range has a structure"
    if media.item is not None and family not in SEQUENCES:
        return "this type is no sequence, and has no items"
    if family in ("form", "multipart") and shapes == {"primitive"} and media.item is None:
        return "a form is an object" if family == "form" else "parts make an object or an array"
    if family == "text" and shapes - {"primitive"}:
        return "text is one string, number or boolean"
    if family == "csv" and shapes not in ({"nested"}, {"primitive"}):
        return "CSV is an array of objects, or of arrays"
    if family == "binary" and not _lengths(media.schema):
        return "of content that is not decoded only the length can be judged"
    return ""


def _lengths(schema: Node | None) -> bool:
    """Whether a schema says nothing but how long a string may be."""
    node = schema.follow() if schema else None
    if node is None or not isinstance(node.value, dict):
        return False
    said = {key for key in node.value if not key.startswith("x-")} - ANNOTATIONS
    return said <= LENGTHS and set(type_names(node)) <= {"string", "null"}


def media_type_invalid(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in (*op.body, *(media for response in op.responses for media in response.content)):
            if media.type is None:
                yield Flaw(media.node, f"{media.name!r} is not a media type", "write type/subtype")


def request_media_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        yield from _not_enforced(op, op.body, "request bodies")


def response_media_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            yield from _not_enforced(op, response.content, "response bodies")


def _not_enforced(op: Operation, content: Iterable[Media], what: str) -> Iterator[Flaw]:
    for media in content:
        if judged(media, op) and (reason := unfit(media)):
            message = f"{what} of {media.name} cannot be judged by their schema: {reason}"
            yield Flaw(media.node, message, pass_hint(f"media:{media.name}"))


def request_media_range(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in op.body:
            if judged(media, op) and is_range(media) and not unfit(media) and not _lengths(media.schema):
                yield Flaw(
                    media.node,
                    f"of {media.name} only what the schema can judge is accepted, such as JSON, XML and forms",
                    "name the media types that the backend accepts",
                )


def response_media_range(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            for media in response.content:
                if judged(media, op) and is_range(media) and not unfit(media) and not _lengths(media.schema):
                    yield Flaw(
                        media.node,
                        f"responses of {media.name} are judged when they are JSON, XML or another format with a "
                        "structure, and go through unjudged otherwise",
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
        "A request body cannot be judged by its schema",
        "Decoded are JSON, XML, YAML, CSV, MessagePack, CBOR, forms, multipart bodies, streams of items, and text, "
        "which is one string, number or boolean. Of all other content only the length can be judged. A type without a "
        "schema, and a string without constraints, need no decoding: such bodies are streamed.",
        request_media_not_enforced,
        with_body("application/pdf", OBJECT),
        with_body("application/pdf", "{schema: {type: string, format: binary, maxLength: 1000000}}"),
    ),
    Rule(
        "response-media-not-enforced",
        ERROR,
        "A response body cannot be judged by its schema",
        "Responses are judged as requests are: see `request-media-not-enforced`.",
        response_media_not_enforced,
        with_response("text/html", OBJECT),
        with_response("text/html", "{schema: {type: string}}"),
    ),
    Rule(
        "request-media-range",
        WARNING,
        "A request declares a range of media types with a schema",
        "Under `*/*` or `application/*` with a schema only bodies that can be judged by it are accepted: JSON, XML, "
        "forms and other formats with a structure. Anything else is refused with 415.",
        request_media_range,
        with_body("*/*", OBJECT),
        with_body("application/json", OBJECT),
    ),
    Rule(
        "response-media-range",
        WARNING,
        "A response declares a range of media types with a schema",
        "A response under `*/*` or `application/*` is judged by the schema when its own media type is one that the "
        "schema can judge, such as JSON; otherwise it goes through unjudged.",
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
