"""JSON Schema checks by URI, all built at load.

The engine compiles everything that a schema refers to anew for each validator: one for each of many schemas that
refer to each other takes time and memory in the square of their number. So one validator serves many checks. It is
that of an object with a property for each schema, and a check hands it its value under its own key.

Documents are draft 2020-12 with formats asserted. As that draft has it, a number without a fractional part is an
integer however it is written: `1.0` satisfies `type: integer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import jsonschema_rs

from gateway.errors import Violation
from gateway.validate import embedded, explain
from gateway.validate.formats import CHECKS, Check
from gateway.validate.recursion import Branching, objects
from gateway.validate.uris import absolute, anchors, at

Document = Mapping[str, Any]
Schema = dict[str, Any] | bool
T = TypeVar("T")

# Keywords that say nothing about which values are valid.
ANNOTATIONS = frozenset(
    (
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "xml",
        "externalDocs",
        "$comment",
        "$defs",
        "$nested",
    )
)

built = 0  # validators constructed by this process; serving must not move it

_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)


class SchemaError(Exception):
    """A schema that no check can be built from. `uri` names it."""

    def __init__(self, uri: str, message: str) -> None:
        super().__init__(f"{uri}: {message}")
        self.uri = uri
        self.message = message


class SchemaCheck:
    """One schema, ready to judge values."""

    __slots__ = ("_branches", "_key", "_twins", "_validator")

    def __init__(
        self,
        validator: jsonschema_rs.Draft202012Validator,
        key: str,
        branches: int,
        twins: tuple[str, str] = ("", ""),
    ) -> None:
        """`key` names the schema's property in the object that `validator` judges. `twins`: see `twin`."""
        self._validator = validator
        self._key = key
        self._branches = branches
        self._twins = twins

    def twin(self, own: str, other: str) -> SchemaCheck:
        """The check of the schema at `other`, which says the same as this one's at `own`."""
        return SchemaCheck(self._validator, self._key, self._branches, (own, other))

    def is_valid(self, value: object) -> bool:
        """The verdict alone, which is much cheaper than reasons. Values JSON cannot express are not valid."""
        try:
            return self._validator.is_valid({self._key: value})
        except (ValueError, RecursionError):
            return False

    def violations(self, value: object, place: str, name: str = "", limit: int = 20) -> list[Violation]:
        """Every reason why `value` is not valid, at most `limit`; empty when it is valid."""
        if self.is_valid(value):
            return []
        try:
            found = explain.violations(self._errors(value), place, name, limit, self._twins)
        except (ValueError, RecursionError):  # lone surrogates, nesting beyond the engine's limit
            found = []
        return found or [Violation(place, name, "", "schema", "does not match the schema")]

    def _errors(self, value: object) -> list[jsonschema_rs.ValidationError]:
        """As many errors as the work of finding them is worth: all, the first, or none."""
        effort = explain.effort(value, self._branches)
        if effort is explain.Effort.ALL:
            return list(self._validator.iter_errors({self._key: value}))
        if effort is explain.Effort.FIRST:
            try:
                self._validator.validate({self._key: value})
            except jsonschema_rs.ValidationError as error:
                return [error]
        return []


class SchemaSet:
    """The documents of one contract in one direction. Each check is built once, however often it is used."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        """`documents` maps URIs without fragment to documents. Raises SchemaError."""
        self._documents = documents
        self._checks: dict[str, SchemaCheck] = {}
        self._known: dict[str, Schema] = {}
        self._resolved: dict[str, tuple[str, Schema]] = {}
        self._same: dict[str, str] = {}
        self._first: dict[str, str] = {}  # by text of a simple schema: the first place where it stands
        self._found: dict[tuple[Callable[[SchemaSet, str], Any], str], Any] = {}
        self._branching = Branching(documents)
        self._dynamic = {uri for uri, document in documents.items() if anchors(document)}
        self._contents: dict[str, SchemaCheck | None] = {}  # by URI; None: not built yet
        self._formats, self._keywords = self._callbacks(documents.values())
        try:
            self._registry = jsonschema_rs.Registry(
                [
                    (uri, document if isinstance(document, bool) else dict(document))
                    for uri, document in documents.items()
                ],
                draft=jsonschema_rs.Draft202012,
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise SchemaError(next(iter(documents), ""), _first_line(error)) from None

    def _callbacks(self, documents: Iterable[Document]) -> tuple[dict[str, Check], dict[str, type]]:
        """The formats and keywords in use that we judge. Any of them makes each verdict of the engine dearer."""
        formats: dict[str, Check] = {}
        keywords: dict[str, type] = {}
        for node in (each for document in documents for each in objects(document)):
            if "format" in node and isinstance(name := node["format"], str) and name in CHECKS:
                formats[name] = CHECKS[name]
            if not keywords and not embedded.CONTENT.isdisjoint(node):
                keywords = {each: embedded.keyword(each, self._content) for each in embedded.KEYWORDS}
        return formats, keywords

    def build(self, uris: Iterable[str]) -> None:
        """Build the checks for the schemas at `uris` together. Raises SchemaError that names the first at fault.

        A URI where nothing is, or no schema, is left to `check`.
        """
        places = {place: None for uri in uris if (place := self._place(uri))}
        self._build([place for place in places if place not in self._checks])

    def check(self, uri: str) -> SchemaCheck:
        """The check for the schema at `uri`, shared with all that only refer to it.

        Raises SchemaError: bad pattern, unresolvable reference, ...
        """
        if uri not in self._checks:
            place, first = self.resolve(uri)[0], self.same(uri)
            if first not in self._checks:
                self._build([first])
            if place not in self._checks:
                self._checks[place] = self._checks[first].twin(first, place)
            self._checks[uri] = self._checks[place]
        return self._checks[uri]

    def _place(self, uri: str) -> str | None:
        try:
            return self.same(uri)
        except SchemaError:
            return None

    def _build(self, uris: Sequence[str]) -> None:
        """One validator, and for each of `uris` its check."""
        global built
        if not uris:
            return
        try:
            validator = self._validator(uris)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            culprit, reason = self._culprit(uris, error)
            raise SchemaError(culprit, _first_line(reason)) from None
        built += 1
        for index, uri in enumerate(uris):
            self._checks[uri] = SchemaCheck(validator, str(index), self._branching.of(uri))
        while unbuilt := [uri for uri, check in self._contents.items() if check is None]:
            for uri in unbuilt:
                self._contents[uri] = self.check(uri)

    def _content(self, schema: Schema | None) -> embedded.Judge | None:
        """What judges the content of strings. The schema may lead back here, so its check is built afterwards."""
        if not isinstance(schema, dict):
            return (lambda _: False) if schema is False else None
        uri = schema["$ref"]
        self._contents.setdefault(uri, None)
        return lambda value: (check := self._contents[uri]) is not None and check.is_valid(value)

    def _validator(self, uris: Sequence[str]) -> jsonschema_rs.Draft202012Validator:
        members = {str(index): {"$ref": uri} for index, uri in enumerate(uris)}
        return jsonschema_rs.Draft202012Validator(
            {"properties": members, "additionalProperties": False},  # false: the engine then looks up one property
            registry=self._registry,
            offline=True,
            validate_formats=True,
            formats=self._formats or None,
            keywords=self._keywords or None,
            pattern_options=_PATTERNS,
        )

    def _culprit(self, uris: Sequence[str], error: Exception) -> tuple[str, Exception]:
        """The first of `uris` that cannot be built and why, by halving; `error` is what they fail with together."""
        while len(uris) > 1:
            half = uris[: len(uris) // 2]
            try:
                self._validator(half)
                uris = uris[len(half) :]
            except (ValueError, jsonschema_rs.ReferencingError) as found:
                uris, error = half, found
        return uris[0], error

    def same(self, uri: str) -> str:
        """The place of the schema at `uri`, behind its references; for one that is simple the first place where any
        that says the same stands. Raises SchemaError as `resolve` does."""
        if uri not in self._same:
            place, schema = self.resolve(uri)
            self._same[uri] = self._first.setdefault(repr(schema), place) if _is_simple(schema) else place
        return self._same[uri]

    def found(self, find: Callable[[SchemaSet, str], T], uri: str) -> T:
        """What `find` says of the schema at `uri`: asked once for all that say the same."""
        key = (find, self.same(uri))
        if key not in self._found:
            self._found[key] = find(self, key[1])
        answer: T = self._found[key]
        return answer

    def lookup(self, uri: str) -> Schema:
        """The schema at `uri` as it stands there. Raises SchemaError when nothing, or no schema, is there."""
        if uri not in self._known:
            node = at(self._documents, uri)
            if not isinstance(node, dict | bool):
                raise SchemaError(uri, "there is no schema at this place")
            self._known[uri] = node
        return self._known[uri]

    def resolve(self, uri: str) -> tuple[str, Schema]:
        """Follow `$ref` as long as nothing but annotations stands beside it: the last URI and its schema.

        A document with dynamic anchors is not left: whether a value went through it decides what they mean.
        """
        if uri not in self._resolved:
            self._resolved[uri] = self._end(uri)
        return self._resolved[uri]

    def _end(self, uri: str) -> tuple[str, Schema]:
        seen = set()
        schema = self.lookup(uri)
        while (
            isinstance(schema, dict)
            and isinstance(schema.get("$ref"), str)
            and not constraints(schema) - {"$ref"}
            and uri.partition("#")[0] not in self._dynamic
        ):
            if uri in seen:
                raise SchemaError(uri, "the reference leads back to itself")
            seen.add(uri)
            uri = absolute(schema["$ref"], uri)
            schema = self.lookup(uri)
        return uri, schema


def _is_simple(schema: Schema) -> bool:
    """Whether a schema holds no other and refers to none, so that it means the same wherever it stands."""
    return isinstance(schema, dict) and not any(
        key.startswith("$") or (isinstance(value, dict | list) and key not in ("type", "enum", "examples"))
        for key, value in schema.items()
    )


def constraints(schema: Schema) -> frozenset[str]:
    """The keywords of a schema object that are not annotations or extensions."""
    if isinstance(schema, bool):
        return frozenset()
    found = frozenset(key for key in schema if key not in ANNOTATIONS and not key.startswith("x-"))
    return found if found.isdisjoint(embedded.CONTENT) or embedded.judges(schema) else found - embedded.CONTENT


def _first_line(error: Exception) -> str:
    text = str(error)
    return (text.splitlines() or [type(error).__name__])[0][:300]
