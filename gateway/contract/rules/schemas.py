"""Rules about schemas: does the engine that judges messages understand all of them?"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs

from gateway.contract.drafts import (
    DRAFT_4,
    DRAFT_6,
    DRAFT_7,
    DRAFT_2019,
    DRAFT_2020,
    KNOWN,
    Draft,
    around,
    of_file,
    of_uri,
    switched,
)
from gateway.contract.findings import Severity
from gateway.contract.patterns import foreign, translated
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View
from gateway.validate.embedded import known_encoding, known_type
from gateway.validate.formats import FORMATS

# Keywords that judge nothing: a value of the wrong type in them does no harm.
ANNOTATIONS = frozenset(
    {
        *("title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly"),
        *("$comment", "format", "contentEncoding", "contentMediaType", "externalDocs", "xml"),
    }
)
# Keywords with a value of an older draft, which is enforced as that draft means it.
_UNDERSTOOD = ("exclusiveMinimum", "exclusiveMaximum", "$recursiveAnchor")
# By dialect: what a schema in it has to satisfy.
_METASCHEMAS = {
    DRAFT_4: jsonschema_rs.Draft4Validator({"$ref": "http://json-schema.org/draft-04/schema#"}, offline=True),
    DRAFT_6: jsonschema_rs.Draft6Validator({"$ref": "http://json-schema.org/draft-06/schema#"}, offline=True),
    DRAFT_7: jsonschema_rs.Draft7Validator({"$ref": "http://json-schema.org/draft-07/schema#"}, offline=True),
    DRAFT_2019: jsonschema_rs.Draft201909Validator({"$ref": KNOWN[3]}, offline=True),
    DRAFT_2020: jsonschema_rs.Draft202012Validator({"$ref": KNOWN[4]}, offline=True),
}


def schema_dialect(view: View) -> Iterator[Flaw]:
    if view.dialect in ("2.0", "3.0"):
        return
    declared = [view.root.get("jsonSchemaDialect"), *(schema.get("$schema") for schema in view.schemas)]
    for node in declared:
        if node and of_uri(node.value) is None:
            hint = "enforced are " + ", ".join(KNOWN)
            yield Flaw(node, f"schemas of the dialect {node.value!r} are not enforced", hint)


def schema_invalid(view: View) -> Iterator[Flaw]:
    """3.1 and later: the meta-schema of the older versions looks into schemas by itself."""
    if view.dialect in ("2.0", "3.0"):
        return
    for root, draft in _roots(view):
        for error in _METASCHEMAS[draft].iter_errors(root.value):
            if _passes_resource(root.value, error.instance_path):
                continue
            last = error.instance_path[-1] if error.instance_path else ""
            harmless = (
                not ANNOTATIONS.isdisjoint(error.instance_path[-2:])
                or error.kind.name == "uniqueItems"
                or (last in _UNDERSTOOD and isinstance(error.instance, bool))
            )
            yield Flaw(
                root.at(error.instance_path),
                f"schema keyword {last!r}: {error.message}" if last else error.message,
                severity=Severity.WARNING if harmless else None,
            )


def _roots(view: View) -> Iterator[tuple[Node, Draft]]:
    """Schemas that no other contains, and those in them that name a dialect, each with its dialect."""
    source = view.source
    for uri, schemas in source.schemas.items():
        default = of_file(source.files[uri], source.root, source.dialect)
        for pointer, schema in schemas.items():
            yield (
                Node(source, uri, schema, base=pointer),
                switched(schema, around(source.files[uri], pointer, default)),
            )
    for node in view.schemas:
        if node.pointer not in source.schemas[node.uri] and (draft := of_uri(node.text("$schema"))):
            yield node, draft


def _passes_resource(value: Any, path: Iterable[str | int]) -> bool:
    """Whether this way into a schema leads through another one that names its own dialect."""
    for step in path:
        value = value[step]
        if isinstance(value, dict) and of_uri(value.get("$schema")):
            return True
    return False


def _patterns(view: View) -> Iterator[tuple[str, Node]]:
    for schema in view.schemas:
        if isinstance(text := schema.value.get("pattern"), str):
            yield text, schema.child("pattern")
        if "patternProperties" in schema.value:
            yield from schema.items("patternProperties")


def pattern_invalid(view: View) -> Iterator[Flaw]:
    for text, node in _patterns(view):
        if not compiles(text):
            yield Flaw(
                node,
                f"pattern {text!r} is no regular expression that can be enforced",
                "patterns are ECMA-262 expressions with Unicode rules, without slashes around them: a hyphen in a "
                "class next to \\w or \\d is written \\-, `{,3}` is `{0,3}`",
            )


def pattern_foreign(view: View) -> Iterator[Flaw]:
    for text, node in _patterns(view):
        if foreign(text) and compiles(text):
            yield Flaw(node, f"{foreign(text)!r} in pattern {text!r} is no ECMA-262; other tools may refuse it")


def format_unknown(view: View) -> Iterator[Flaw]:
    seen: set[str] = set()
    for schema in view.schemas:
        name = schema.value.get("format")
        if isinstance(name, str) and name not in FORMATS and name not in seen:
            seen.add(name)
            yield Flaw(schema.child("format"), f"format {name!r} is not judged")


def content_unknown(view: View) -> Iterator[Flaw]:
    if view.dialect in ("2.0", "3.0"):
        return
    seen: set[tuple[str, str]] = set()
    for schema in view.schemas:
        for keyword, known in (("contentEncoding", known_encoding), ("contentMediaType", known_type)):
            value = schema.text(keyword)
            if value and not known(value) and (keyword, value) not in seen:
                seen.add((keyword, value))
                yield Flaw(schema.child(keyword), f"content of {keyword} {value!r} is not judged")


@lru_cache(4096)
def compiles(pattern: str) -> bool:
    """True when the engine that judges messages accepts this pattern."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": translated(pattern)})
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


ERROR, WARNING = Severity.ERROR, Severity.WARNING


def with_schema(schema: str, version: str = "3.1.0", top: str = "") -> str:
    return document(
        operation(parameters=f"{{name: a, in: query, schema: {schema}}}"),
        top=top,
        version=version,
    )


GOOD = with_schema("{type: string, pattern: '^[a-z]{0,3}$'}")

RULES = (
    Rule(
        "schema-dialect",
        ERROR,
        "A schema is written in another JSON Schema dialect",
        "Enforced are the drafts 4, 6, 7, 2019-09 and 2020-12 and OpenAPI's dialects; others mean other things.",
        schema_dialect,
        with_schema("{type: string}", top="jsonSchemaDialect: 'http://json-schema.org/draft-03/schema#'"),
        GOOD,
    ),
    Rule(
        "schema-invalid",
        ERROR,
        "A schema breaks the rules of JSON Schema",
        "A keyword has a value that it cannot have. In keywords that judge nothing this is a warning.",
        schema_invalid,
        with_schema("{type: strin}"),
        GOOD,
    ),
    Rule(
        "pattern-invalid",
        ERROR,
        "A pattern cannot be compiled",
        "Every `pattern` and key of `patternProperties` is compiled at load by the engine that judges messages.",
        pattern_invalid,
        with_schema("{type: string, pattern: '^[a-z]{,3}$'}"),
        GOOD,
    ),
    Rule(
        "pattern-foreign",
        WARNING,
        "A pattern has what ECMA-262 does not know",
        "The engine understands some things of other dialects, such as `(?i)` for a whole pattern, and enforces them.",
        pattern_foreign,
        with_schema("{type: string, pattern: '(?i)^[a-z]{0,3}$'}"),
        with_schema("{type: string, pattern: '^(?i:[a-z]{0,3})$'}"),
    ),
    Rule(
        "format-unknown",
        WARNING,
        "A format is not judged",
        "It is neither one of JSON Schema nor in OpenAPI's format registry. Any string satisfies it.",
        format_unknown,
        with_schema("{type: string, format: telephone}"),
        with_schema("{type: string, pattern: '^[+]?[0-9 ]+$'}"),
    ),
    Rule(
        "content-unknown",
        WARNING,
        "The content of a string is not judged",
        "Judged are strings in base64, base64url, base32, base16 and quoted-printable, and JSON in strings.",
        content_unknown,
        with_schema("{type: string, contentEncoding: base58}"),
        with_schema("{type: string, contentEncoding: base64}"),
    ),
)
