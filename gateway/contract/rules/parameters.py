"""Rules about parameters: can the text on the wire be decoded and judged?"""

from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule, pass_hint
from gateway.contract.rules.shapes import kinds
from gateway.contract.rules.view import Media, Parameter, View
from gateway.wire.media import is_form, is_json

STYLES = {"path": "simple", "header": "simple", "response header": "simple", "query": "form", "cookie": "form"}
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})


def parameter_fault(parameter: Parameter) -> str:
    """Why a parameter cannot be decoded; "" when it can."""
    for media in parameter.content:
        if media.type is None or not is_json(media.type):
            return f"is given as {media.name}, and only JSON content is decoded"
    if parameter.content:
        return ""
    expected = STYLES.get(parameter.place)
    if parameter.style != expected:
        return f"has style {parameter.style}, and only {expected} is decoded in a {parameter.place}"
    found = kinds(parameter.schema)
    if "object" in found:
        return "may be an object, which is only decoded from `content: {application/json: ...}`"
    if "nested" in found:
        return "may be an array of arrays or objects"
    if {"array", "primitive"} <= found:
        return "may be an array or a single value, which look the same in a request"
    return ""


def ignored(parameter: Parameter) -> bool:
    """Header parameters that the specification tells everybody to ignore (OpenAPI 3, Parameter Object)."""
    return parameter.place == "header" and parameter.name.lower() in IGNORED_HEADERS


def parameter_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for parameter in op.parameters:
            entry = f"parameter:{parameter.place}.{parameter.name}"
            if parameter.place not in STYLES or entry in op.passes or ignored(parameter):
                continue
            if fault := parameter_fault(parameter):
                message = f"{parameter.place} parameter {parameter.name!r} {fault}"
                yield Flaw(parameter.node, message, pass_hint(entry))


def header_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for response in op.responses:
            for header in response.headers:
                fault = parameter_fault(header)
                if fault and header.name.lower() not in ("content-type", "set-cookie"):
                    yield Flaw(header.node, f"response header {header.name!r} {fault}", "leave out its schema")


def parameter_ignored(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for parameter in op.parameters:
            if ignored(parameter):
                yield Flaw(
                    parameter.node,
                    f"header parameter {parameter.name!r} is ignored, as the specification says",
                    "describe it by `security`, by the media types of `requestBody`, or by those of `responses`",
                )


def parameter_duplicate(view: View) -> Iterator[Flaw]:
    owners = [*(item for _, levels in view.paths for item in levels), *(op.node for op in view.operations)]
    for owner in owners:
        first: dict[tuple[str, str], Parameter] = {}
        for parameter in view.parameters(owner):
            known = first.setdefault(parameter.key, parameter)
            if known is not parameter:
                line = known.node.where.line
                message = f"{parameter.place} parameter {parameter.name!r} is already declared in line {line}"
                yield Flaw(parameter.node, message)


def form_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for media in op.body:
            entry = f"media:{media.name}"
            if media.type is None or not is_form(media.type) or entry in op.passes:
                continue
            for name, node, fault in form_faults(media):
                yield Flaw(node, f"form field {name!r} {fault}", pass_hint(entry))


def form_faults(media: Media) -> Iterator[tuple[str, Node, str]]:
    """Name, place and fault of the fields that are neither a primitive nor a repeated primitive."""
    fields = [(field.name, field.node, field) for field in media.fields]
    for name, node, field in fields:
        if "array" in kinds(node) and not field.explode:
            yield name, node, "is an array in one value, and only repeated fields (collectionFormat multi) are decoded"
    named = list(media.schema.follow().items("properties")) if media.schema else []
    for name, node in [*named, *((name, node) for name, node, _ in fields)]:
        found = kinds(node)
        if found & {"object", "nested"}:
            yield name, node, "may be an object, or an array of arrays or objects"
        elif {"array", "primitive"} <= found:
            yield name, node, "may be an array or a single value, which look the same in a form"
    for name, encoding in media.node.items("encoding"):
        plain = encoding.text("style") in ("", "form") and not encoding.text("contentType")
        if not plain or (encoding.get("explode") and not encoding.flag("explode")):
            yield name, encoding, "has an encoding of its own, and only repeated fields in style form are decoded"


ERROR, WARNING = Severity.ERROR, Severity.WARNING


def with_parameter(text: str) -> str:
    return document(operation(parameters=text))


FORM = (
    "content: {application/x-www-form-urlencoded: {schema: {type: object, "
    "properties: {tags: {type: array, items: %s}}}}}"
)
HEADER = '"200":\n  description: things\n  headers: {X-Filter: {schema: {type: %s}}}\n  content: {text/plain: {}}'

RULES = (
    Rule(
        "parameter-not-enforced",
        ERROR,
        "A parameter has a style or a shape that is not decoded yet",
        "Decoded are primitives and arrays of primitives in style `simple` (path, header) and `form` (query, cookie), "
        "exploded or not, and anything given as `content: {application/json: ...}`. A value that is not decoded cannot "
        "be judged.",
        parameter_not_enforced,
        with_parameter("{name: filter, in: query, style: deepObject, schema: {type: object}}"),
        with_parameter("{name: filter, in: query, content: {application/json: {schema: {type: object}}}}"),
    ),
    Rule(
        "header-not-enforced",
        ERROR,
        "A response header has a shape that is not decoded yet",
        "The same as for parameters, for the headers of a response.",
        header_not_enforced,
        document(operation(responses=HEADER % "object")),
        document(operation(responses=HEADER % "string")),
    ),
    Rule(
        "parameter-ignored",
        WARNING,
        "A header parameter is ignored",
        "`Accept`, `Content-Type` and `Authorization` are described elsewhere in a document; as header parameters the "
        "specification has them ignored.",
        parameter_ignored,
        with_parameter("{name: Authorization, in: header, schema: {type: string}}"),
        with_parameter("{name: X-Client, in: header, schema: {type: string}}"),
    ),
    Rule(
        "parameter-duplicate",
        ERROR,
        "A parameter is declared twice",
        "Name and place together must be unique in one list; header names compare without case. An operation may "
        "override a parameter of its path item.",
        parameter_duplicate,
        with_parameter(
            "{name: X-A, in: header, schema: {type: string}}, {name: x-a, in: header, schema: {type: integer}}"
        ),
        with_parameter(
            "{name: X-A, in: header, schema: {type: string}}, {name: X-B, in: header, schema: {type: integer}}"
        ),
    ),
    Rule(
        "form-not-enforced",
        ERROR,
        "A form field has a shape that is not decoded yet",
        "Fields of `application/x-www-form-urlencoded` bodies are primitives or arrays of primitives in style `form`.",
        form_not_enforced,
        document(operation(method="post", body=FORM % "{type: object}")),
        document(operation(method="post", body=FORM % "{type: string}")),
    ),
)
