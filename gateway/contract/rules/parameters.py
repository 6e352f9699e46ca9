"""Rules about parameters: can the text on the wire be decoded and judged?"""

from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule, pass_hint
from gateway.contract.rules.shapes import kinds, properties, type_names
from gateway.contract.rules.view import Media, Parameter, View
from gateway.validate.decoders import decoder_of
from gateway.validate.parameter import PLACES
from gateway.validate.styles import AT, REPEATED
from gateway.wire import media as wire
from gateway.wire.media import is_form

IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})


def parameter_fault(parameter: Parameter) -> str:
    """Why a parameter cannot be decoded; "" when it can."""
    place = "header" if parameter.place == "response header" else parameter.place
    for media in parameter.content:
        if media.type is None or not (is_form(media.type) or decoder_of(media.type)):
            return f"is given as {media.name}, which is not decoded"
    if parameter.content:
        return ""
    known = (*AT.get(place, ()), *(("deepObject",) if place == "query" else ()))
    if parameter.style not in known:
        return f"has style {parameter.style}, and a {place} parameter has one of {', '.join(known)}"
    scattered = parameter.explode and place in ("query", "cookie")
    return value_fault(parameter.schema, parameter.style, scattered and parameter.style in REPEATED)


def value_fault(schema: Node | None, style: str, repeated: bool) -> str:
    """Why a style has no notation for a value; "" when it has. `repeated`: arrays repeat a name, also in an object."""
    if style == "deepObject":
        return ""
    if "nested" in kinds(schema):
        return f"may be an array of arrays or objects, which style {style} cannot write"
    writable = {"primitive", "array"} if repeated else {"primitive"}
    for name, node in properties(schema) if "object" in kinds(schema) else ():
        found = kinds(node)
        if "nested" in found or (found and not found & writable):
            return (
                f"has the property {name!r}, an array or object inside of an object, which style {style} cannot write"
            )
    return ""


def ignored(parameter: Parameter) -> bool:
    """Header parameters that the specification tells everybody to ignore (OpenAPI 3, Parameter Object)."""
    return parameter.place == "header" and parameter.name.lower() in IGNORED_HEADERS


def parameter_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        for parameter in op.parameters:
            entry = f"parameter:{parameter.place}.{parameter.name}"
            if parameter.place not in PLACES or entry in op.passes or ignored(parameter):
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
    """Name, place and fault of the fields that cannot be decoded."""
    for field in media.fields:
        if fault := value_fault(field.node, field.style, field.explode):
            yield field.name, field.node, fault
    said = dict(media.node.items("encoding"))
    for name, node in properties(media.schema):
        if name in said and (fault := encoding_fault(node, said[name])):
            yield name, said[name], fault


def encoding_fault(schema: Node, encoding: Node) -> str:
    """Why a form field cannot be decoded as its Encoding Object says; by default, everything can."""
    if any(encoding.get(key) for key in ("style", "explode", "allowReserved")):
        style = encoding.text("style") or "form"
        if style not in (*AT["query"], "deepObject"):
            return f"has style {style}, which is not one of a form field"
        explode = encoding.flag("explode") if encoding.get("explode") else style == "form"
        return value_fault(schema, style, explode and style in REPEATED)
    types = [wire.parse(each.encode()) for each in encoding.text("contentType").split(",") if each.strip()]
    if not types or any(media and decoder_of(media) for media in types):
        return ""
    if kinds(schema) - {"primitive"} or type_names(schema.follow()) != ["string"]:
        return f"is given as {encoding.text('contentType')}, which is not decoded"
    return ""


ERROR, WARNING = Severity.ERROR, Severity.WARNING


def with_parameter(text: str) -> str:
    return document(operation(parameters=text))


FORM = (
    "content: {application/x-www-form-urlencoded: {schema: {type: object, "
    "properties: {tags: {type: array, items: {type: object}}}}, encoding: {tags: {style: %s}}}}"
)
HEADER = '"200":\n  description: things\n  headers: {X-Filter: {schema: %s}}\n  content: {text/plain: {}}'

RULES = (
    Rule(
        "parameter-not-enforced",
        ERROR,
        "A parameter has a style or a shape that cannot be decoded",
        "Every style is decoded where the specification has it. But only `deepObject` has a notation for objects and "
        "arrays inside of others, and only some media types are decoded in `content`. A value that is not decoded "
        "cannot be judged.",
        parameter_not_enforced,
        with_parameter("{name: filter, in: query, schema: {type: array, items: {type: object}}}"),
        with_parameter("{name: filter, in: query, style: deepObject, schema: {type: array, items: {type: object}}}"),
    ),
    Rule(
        "header-not-enforced",
        ERROR,
        "A response header has a shape that cannot be decoded",
        "The same as for parameters, for the headers of a response.",
        header_not_enforced,
        document(operation(responses=HEADER % "{type: array, items: {type: object}}")),
        document(operation(responses=HEADER % "{type: array, items: {type: string}}")),
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
        "A form field has a shape that cannot be decoded",
        "Fields of `application/x-www-form-urlencoded` bodies are decoded as their Encoding Object says: in a style, "
        "or as content of a media type. Without one, objects are JSON. Not every style can write every value, and not "
        "every media type is decoded.",
        form_not_enforced,
        document(operation(method="post", body=FORM % "spaceDelimited")),
        document(operation(method="post", body=FORM % "deepObject")),
    ),
)
