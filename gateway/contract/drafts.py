"""The dialects of JSON Schema that documents are written in, as one table.

What is judged is draft 2020-12; a `Draft` says which keywords of another dialect assert something, which hold schemas,
and which of its habits have to be translated. OpenAPI 2.0 and 3.0 are dialects of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.contract import pointer as pointers
from gateway.contract.grammar import GRAMMARS

# fmt: off
_OPENAPI_ASSERTIONS = frozenset((
    "type", "enum", "format", "required", "pattern", "multipleOf",
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
    "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties",
))
# fmt: on
_CONTENT = frozenset(("contentEncoding", "contentMediaType"))


def _fields(*keywords: str) -> dict[str, str]:
    """Keywords that hold schemas, and how; the grammar has those of all dialects."""
    return {keyword: GRAMMARS["3.1"]["schema"][keyword] for keyword in keywords}


_SCHEMA_4 = _fields(
    *("items", "additionalItems", "properties", "patternProperties", "additionalProperties", "dependencies"),
    *("allOf", "anyOf", "oneOf", "not"),
)
_SCHEMA_6 = _SCHEMA_4 | _fields("contains", "propertyNames")
_SCHEMA_7 = _SCHEMA_6 | _fields("if", "then", "else")
_SCHEMA_2019 = _SCHEMA_7 | _fields(
    "$defs", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "contentSchema"
)
_SCHEMA_2020 = {key: shape for key, shape in _SCHEMA_2019.items() if key != "additionalItems"} | {
    **_fields("prefixItems"),
    "items": "schema",
}


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One dialect of JSON Schema."""

    name: str
    assertions: frozenset[str]  # keywords that are kept as they stand
    fields: Mapping[str, str]  # keywords that hold schemas, and how: see `grammar`
    identifier: str = "$id"  # the keyword that names a schema; "" when the dialect has none
    siblings: bool = True  # whether what stands beside `$ref` counts
    nullable: str = ""  # the keyword that adds null to the types
    anchors: tuple[str, ...] = ()  # keywords that name a place in a schema
    dynamic: bool = False  # whether it has `$dynamicRef`
    recursive: bool = False  # whether it has `$recursiveRef`, and `contains` evaluates no items


_KEYWORDS_6 = _OPENAPI_ASSERTIONS | {"const"}
_KEYWORDS_7 = _KEYWORDS_6 | _CONTENT
_KEYWORDS_2019 = _KEYWORDS_7 | {"minContains", "maxContains", "dependentRequired"}

OPENAPI_2 = Draft(
    "2.0", _OPENAPI_ASSERTIONS, GRAMMARS["2.0"]["schema"], identifier="", siblings=False, nullable="x-nullable"
)
OPENAPI_3 = Draft(
    "3.0", _OPENAPI_ASSERTIONS, GRAMMARS["3.0"]["schema"], identifier="", siblings=False, nullable="nullable"
)
DRAFT_4 = Draft("draft-04", _OPENAPI_ASSERTIONS, _SCHEMA_4, identifier="id", siblings=False)
DRAFT_6 = Draft("draft-06", _KEYWORDS_6, _SCHEMA_6, siblings=False)
DRAFT_7 = Draft("draft-07", _KEYWORDS_7, _SCHEMA_7, siblings=False)
DRAFT_2019 = Draft("2019-09", _KEYWORDS_2019, _SCHEMA_2019, anchors=("$anchor",), recursive=True)
DRAFT_2020 = Draft("2020-12", _KEYWORDS_2019, _SCHEMA_2020, anchors=("$anchor", "$dynamicAnchor"), dynamic=True)

_BY_URI = {
    "http://json-schema.org/draft-04/schema": DRAFT_4,
    "http://json-schema.org/draft-06/schema": DRAFT_6,
    "http://json-schema.org/draft-07/schema": DRAFT_7,
    "https://json-schema.org/draft/2019-09/schema": DRAFT_2019,
    "https://json-schema.org/draft/2020-12/schema": DRAFT_2020,
}
# The dialects of OpenAPI 3.1 and 3.2, in any of their dated editions; both extend draft 2020-12.
_OPENAPI_DIALECTS = ("https://spec.openapis.org/oas/3.1/dialect/", "https://spec.openapis.org/oas/3.2/dialect/")
_OF_VERSION = {"2.0": OPENAPI_2, "3.0": OPENAPI_3}

KNOWN = tuple(_BY_URI)


def of_version(dialect: str) -> Draft:
    """What the schemas of an OpenAPI version are written in when nothing says otherwise."""
    return _OF_VERSION.get(dialect, DRAFT_2020)


def of_uri(uri: object) -> Draft | None:
    """The dialect that `$schema` or `jsonSchemaDialect` names; None when it is none of ours."""
    if not isinstance(uri, str):
        return None
    if uri.startswith(_OPENAPI_DIALECTS):
        return DRAFT_2020
    return _BY_URI.get(uri.removesuffix("#"))


def of_document(document: object, version: str) -> Draft:
    """What the schemas of an OpenAPI document are written in when they do not say: its `jsonSchemaDialect`."""
    default = of_version(version)
    given = document.get("jsonSchemaDialect") if isinstance(document, dict) and "openapi" in document else None
    return (of_uri(given) or default) if switches(default) else default


def of_file(document: object, root: object, version: str) -> Draft:
    """The dialect of a file of a contract: a document of its own says it, others have that of the root."""
    own = isinstance(document, dict) and "jsonSchemaDialect" in document
    return of_document(document if own else root, version)


def switched(node: object, draft: Draft) -> Draft:
    """The dialect in force in an object: what its `$schema` names, if it is one of ours."""
    if isinstance(node, dict) and "$schema" in node and switches(draft):
        return of_uri(node["$schema"]) or draft
    return draft


def around(document: object, pointer: str, draft: Draft) -> Draft:
    """The dialect in force around the schema at `pointer` of a file whose dialect is `draft`."""
    if switches(draft):
        node: Any = document
        for token in pointers.split(pointer):
            draft = switched(node, draft)
            node = pointers.step(node, token)
    return draft


def switches(draft: Draft) -> bool:
    """Whether `$schema` means something where this dialect is in force: not in OpenAPI 2.0 and 3.0."""
    return draft.identifier != ""
