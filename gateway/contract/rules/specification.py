"""The specification's own rules, as `openapi-spec-validator` knows them, with our judgement of what does harm.

Its meta-schemas are run by the engine that judges messages, because that one says which branch of a `oneOf` came
closest; then its walk runs. The walk's parts about paths and schemas are left to rules of ours, which find the same
(ids and parameters given twice, path parameters that do not fit, examples that contradict) with their places, and
faster.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema_path import SchemaPath
from openapi_spec_validator import schemas as metaschemas
from openapi_spec_validator.validation import keywords, validators
from openapi_spec_validator.validation.registries import KeywordValidatorRegistry

from gateway.contract.findings import Severity
from gateway.contract.grammar import ADDITIONAL
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.objects import objects
from gateway.contract.rules.paths import template_fault
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View

METASCHEMAS = {
    "2.0": metaschemas.schema_v2,
    "3.0": metaschemas.schema_v30,
    "3.1": metaschemas.schema_v31,
    "3.2": metaschemas.schema_v32,
}
VALIDATORS = {
    "2.0": validators.OpenAPIV2SpecValidator,
    "3.0": validators.OpenAPIV30SpecValidator,
    "3.1": validators.OpenAPIV31SpecValidator,
    "3.2": validators.OpenAPIV32SpecValidator,
}
# Where a meta-schema describes what a reference may lead to. Schemas of 3.1 have a meta-schema of their own.
_DEFINITIONS_31 = {
    "pathItem": ("$defs", "path-item"),
    "parameter": ("$defs", "parameter"),
    "requestBody": ("$defs", "request-body"),
    "response": ("$defs", "response"),
    "header": ("$defs", "header"),
    "securityScheme": ("$defs", "security-scheme"),
}
DEFINITIONS = {
    "2.0": {kind: ("definitions", kind) for kind in ("pathItem", "parameter", "response", "schema")},
    "3.0": {
        kind: ("definitions", kind[0].upper() + kind[1:])
        for kind in ("pathItem", "parameter", "requestBody", "response", "header", "securityScheme", "schema")
    },
    "3.1": _DEFINITIONS_31,
    "3.2": _DEFINITIONS_31 | {"mediaType": ("$defs", "media-type")},
}
COMPONENTS_2 = {"schema": "/definitions", "parameter": "/parameters", "response": "/responses"}

# Keys whose loss would leave something unjudged: an unknown key that resembles one of them is a misspelling.
ENFORCED = (
    *("paths", "get", "put", "post", "delete", "patch", "options", "head", "trace", "x-gateway"),
    *("parameters", "requestBody", "responses", "security", "content", "schema", "headers", "required", "servers"),
    *("basePath", "consumes", "produces", "securitySchemes", "securityDefinitions", "components", "definitions"),
    *("schemas", "style", "explode", "discriminator", "nullable", "allOf", "oneOf", "anyOf", "enum", "pattern"),
    *("items", "properties", "additionalProperties", "type", "minimum", "maximum", "exclusiveMinimum"),
    *("exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties"),
    *("maxProperties", "multipleOf"),
)
ENFORCED_SINCE = {"3.2": ("allowReserved", "itemSchema", "prefixEncoding", "itemEncoding", "mediaTypes")}
# Keys of JSON Schema that older versions do not have, and references where there can be none: nobody would act on them.
FOREIGN = frozenset(
    {
        *("$ref", "const", "if", "then", "else", "not", "contains", "propertyNames", "prefixItems"),
        *("patternProperties", "dependentSchemas", "dependentRequired", "unevaluatedProperties", "unevaluatedItems"),
    }
)
# Keys under which names are free, so that `links` below one of them is a name and not a Links Object.
NAMING = (
    *("properties", "patternProperties", "definitions", "schemas", "headers", "parameters", "responses", "paths"),
    *("requestBodies", "variables", "scopes", "securitySchemes", "securityDefinitions", "content", "$defs"),
    "dependentSchemas",
    "encoding",
    "mapping",
)
_NOT_A_NAME = "".join(f"(?<!/{name})" for name in NAMING)
# Parts of a document that nothing is enforced from.
PROSE = re.compile(
    r"/(info|tags|externalDocs|webhooks)\b"
    rf"|.*{_NOT_A_NAME}/(externalDocs|xml|callbacks|links|example|examples|tags|description|summary|title|deprecated"
    r"|operationId|default)(/|\Z)"
)
PROSE_KEYS = frozenset({"description", "info", "responses", "scopes", "tokenUrl", "authorizationUrl"})
RESPONSES = re.compile(r"(/paths/[^/]+|.*)/[a-z]+/responses\Z")
REQUIRED_PATH = re.compile(r".*/parameters/[^/]+(/required)?\Z")


def specification(view: View) -> Iterator[Flaw]:
    broken = False
    for kind, node in [("openapi", view.root), *elsewhere(view)]:
        for error in _engine(view.dialect, kind).iter_errors(node.value):
            for cause in causes(error):
                broken = True
                yield from flaws(node, cause, view.dialect)
    broken = broken or any(template_fault(template) for template, _ in view.paths)
    yield from walked(view, quiet=broken)


@cache
def _engine(dialect: str, kind: str) -> Any:
    """The validator of one kind of object; `openapi` is the whole document."""
    metaschema = dict(METASCHEMAS[dialect])
    if kind != "openapi":
        definitions, name = DEFINITIONS[dialect][kind]
        metaschema = {"$schema": metaschema["$schema"], definitions: metaschema[definitions]}
        metaschema["$ref"] = f"#/{definitions}/{name}"
    return jsonschema_rs.validator_for(metaschema, offline=True)


def elsewhere(view: View) -> Iterator[tuple[str, Node]]:
    """Objects that references lead to, and their kinds: the meta-schema stops at a reference, and only looks at
    those that stand under `components` (in 2.0 at the root) with their own kind."""
    known = DEFINITIONS[view.dialect]
    for kind, node, named in objects(view):
        if named and kind in known and not is_component(view, kind, node):
            yield kind, node


def is_component(view: View, kind: str, node: Node) -> bool:
    """True for what the root document declares for reuse as an object of this kind."""
    container = {"2.0": COMPONENTS_2.get(kind, "")}.get(view.dialect, f"/components/{kind}s")
    if kind == "requestBody":
        container = "/components/requestBodies"
    return node.uri == view.source.uri and node.pointer.rpartition("/")[0] == container


def causes(error: Any) -> Iterator[Any]:
    """The errors of the branch of a `oneOf` or `anyOf` that was most probably meant, at any depth."""
    branches = error.kind.as_dict().get("context") or []
    branches = [branch for branch in branches if branch]
    if not branches:
        yield error
        return
    for inner in min(branches, key=lambda branch: sum(map(distance, branch))):
        yield from causes(inner)


def distance(error: Any) -> int:
    """How clearly an error says that this branch was not meant."""
    said = error.kind.as_dict()
    if "$ref" in (said.get("property"), *said.get("unexpected", ())):
        return 100
    if error.kind.name in ("enum", "const") and error.instance_path[-1:] in (["in"], ["type"], ["scheme"]):
        return 50
    return 1


def flaws(top: Node, error: Any, dialect: str) -> Iterator[Flaw]:
    """One error of the meta-schema about the object `top`, in our words and with our severity."""
    node = top.at(error.instance_path)
    place = node.pointer.removeprefix(top.pointer)
    unexpected = error.kind.as_dict().get("unexpected", ())
    if place.endswith(f"/{ADDITIONAL}") and error.kind.name == "propertyNames":
        return  # method-invalid says more
    if not unexpected:
        last = error.instance_path[-1] if error.instance_path else ""
        message = f"{last}: {error.message}" if isinstance(last, str) and last else error.message
        yield Flaw(node, shortened(message), severity=severity(place, error, dialect))
    for key in unexpected:
        if place == "/paths" or RESPONSES.match(place):
            continue  # template-syntax and status-invalid say more
        close = difflib.get_close_matches(key, (*ENFORCED, *ENFORCED_SINCE.get(dialect, ())), 1, 0.8)
        harmless = not (close or key in FOREIGN) or PROSE.match(place) or free_name(place)
        yield Flaw(
            node.at([key]),
            f"{key!r} has no meaning here",
            "" if harmless else f"did you mean {close[0]!r}?" if close and close[0] != key else "it is not acted on",
            Severity.WARNING if harmless else None,
        )


def free_name(pointer: str) -> bool:
    """True inside an object whose keys are names that the author chooses."""
    return pointer.rpartition("/")[2] in NAMING and pointer.count("/") <= 2


def shortened(message: str) -> str:
    """Messages of the engine quote whole values; the place says which value is meant."""
    return message if len(message) <= 200 else message[:90] + " ... " + message[-100:]


def severity(pointer: str, error: Any, dialect: str) -> Severity | None:
    """WARNING for what enforcement does not need, None for the rule's own severity.

    Two fields that exclude each other are an error since 3.2, in examples too: nobody can say which one of them holds.
    """
    if dialect == "3.2" and error.kind.name == "not" and not pointer.startswith("/info"):
        return None
    return Severity.WARNING if any(harmless(pointer, error) for harmless in HARMLESS) else None


HARMLESS: tuple[Callable[[str, Any], bool], ...] = (
    lambda pointer, error: bool(PROSE.match(pointer)),
    # A format of the meta-schema's own (an e-mail address, a URL); patterns are compiled by a rule of ours.
    lambda pointer, error: error.kind.name == "format",
    lambda pointer, error: error.kind.name in ("uniqueItems", "propertyNames"),
    lambda pointer, error: error.kind.name == "required" and error.kind.as_dict()["property"] in PROSE_KEYS,
    # Path parameters are required, whatever the document says.
    lambda pointer, error: error.kind.name in ("required", "enum", "const") and path_required(pointer, error),
    lambda pointer, error: "ExampleXORExamples" in error.schema_path,
    lambda pointer, error: undescribed(error),
)


def path_required(pointer: str, error: Any) -> bool:
    """True when the only complaint is a path parameter without `required: true`."""
    missing = error.kind.as_dict().get("property")
    return bool(REQUIRED_PATH.match(pointer)) and (missing == "required" or pointer.endswith("/required"))


def undescribed(error: Any) -> bool:
    """True where a parameter or header says nothing about its value, so that there is nothing to judge."""
    missing = error.kind.as_dict().get("property")
    value = error.instance
    return missing in ("schema", "content") and isinstance(value, dict) and not value.keys() & {"schema", "content"}


class _Left(keywords.KeywordValidator):
    """What is left to rules of ours."""

    def __call__(self, *args: Any, **named: Any) -> Iterator[Any]:
        return iter(())


class _Tags(keywords.TagsValidator):
    """Says where the tags are."""

    def __call__(self, tags: SchemaPath) -> Iterator[Any]:
        for error in super().__call__(tags):
            error.path.append("tags")
            yield error


def walked(view: View, quiet: bool) -> Iterator[Flaw]:
    """What the validator's walk reports or raises; what it raises over a document that is known
    to be broken says nothing new."""
    validator = VALIDATORS[view.dialect]
    replaced = {"tags": _Tags, "paths": _Left, "components": _Left}
    registry = KeywordValidatorRegistry({**validator.keyword_validators, **replaced})
    path = SchemaPath.from_dict(view.root.value, base_uri=view.source.uri, handlers=handlers(view))
    try:
        for error in registry["__root__"](path):  # type: ignore[operator]
            yield Flaw(view.root.at(error.path), shortened(error.message), severity=Severity.WARNING)
    except Exception as error:  # whatever a foreign walk over a broken document raises is a finding
        if not quiet:
            kind = type(error).__name__
            yield Flaw(view.root, shortened(f"the document cannot be walked: {kind}: {error}"))


def handlers(view: View) -> Mapping[str, Callable[[str], Any]]:
    """Files come from what was loaded, never from disk or network."""

    def read(uri: str) -> Any:
        return view.source.resolve(view.source.uri, "", uri)[2]

    return dict.fromkeys(("", "file", "http", "https"), read)


RULES = (
    Rule(
        "specification",
        Severity.ERROR,
        "The document breaks the OpenAPI Specification",
        "Found by openapi-spec-validator. Flaws in what nothing is enforced from (prose, contact data, tags, examples, "
        "links, callbacks, webhooks, unknown keys that resemble no known one, a response without a description, a path "
        "parameter that does not say `required`) are warnings.",
        specification,
        document(operation(extra="secuirty: []")),
        document(operation(extra="security: []")),
    ),
)
