"""Rules about schemas: does the engine that judges messages understand all of them?"""

from collections.abc import Iterator
from functools import lru_cache

import jsonschema_rs

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OAS_DIALECT = "https://spec.openapis.org/oas/3.1/dialect/"
# Keywords that judge nothing: a value of the wrong type in them does no harm.
ANNOTATIONS = frozenset(
    {
        *("title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly"),
        *("$comment", "format", "contentEncoding", "contentMediaType", "externalDocs", "xml"),
    }
)
_metaschema = jsonschema_rs.Draft202012Validator({"$ref": DIALECT}, offline=True)


def known_dialect(value: object) -> bool:
    """JSON Schema 2020-12, or OpenAPI 3.1's dialect of it in any of its dated editions."""
    return isinstance(value, str) and (value.rstrip("#") == DIALECT or value.startswith(OAS_DIALECT))


def schema_dialect(view: View) -> Iterator[Flaw]:
    if view.dialect in ("2.0", "3.0"):
        return
    declared = [view.root.get("jsonSchemaDialect"), *(schema.get("$schema") for schema in view.schemas)]
    for node in declared:
        if node and not known_dialect(node.value):
            yield Flaw(node, f"schemas of the dialect {node.value!r} are not enforced", f"only {DIALECT} is")


def schema_invalid(view: View) -> Iterator[Flaw]:
    """3.1 only: the meta-schema of the older versions looks into schemas by itself."""
    if view.dialect in ("2.0", "3.0"):
        return
    roots = [
        Node(view.source, uri, schema, base=pointer)
        for uri, schemas in view.source.schemas.items()
        for pointer, schema in schemas.items()
    ]
    for root in roots:
        for error in _metaschema.iter_errors(root.value):
            last = error.instance_path[-1] if error.instance_path else ""
            harmless = not ANNOTATIONS.isdisjoint(error.instance_path[-2:]) or error.kind.name == "uniqueItems"
            yield Flaw(
                root.at(error.instance_path),
                f"schema keyword {last!r}: {error.message}" if last else error.message,
                severity=Severity.WARNING if harmless else None,
            )


def pattern_invalid(view: View) -> Iterator[Flaw]:
    for schema in view.schemas:
        patterns = [pattern] if (pattern := schema.get("pattern")) else []
        named = [(node.value, node) for node in patterns]
        named += [(key, node) for key, node in schema.items("patternProperties")]
        for text, node in named:
            if isinstance(text, str) and not compiles(text):
                yield Flaw(
                    node,
                    f"pattern {text!r} is no regular expression that can be enforced",
                    "patterns are ECMA-262 expressions with Unicode rules, without slashes around them: a hyphen in a "
                    "class next to \\w or \\d is written \\-, `{,3}` is `{0,3}`",
                )


@lru_cache(4096)
def compiles(pattern: str) -> bool:
    """True when the engine that judges messages accepts this pattern."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


ERROR = Severity.ERROR


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
        "Enforced are draft 2020-12 and OpenAPI 3.1's dialect of it; other drafts give some keywords other meanings.",
        schema_dialect,
        with_schema("{type: string}", top="jsonSchemaDialect: 'http://json-schema.org/draft-07/schema#'"),
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
)
