"""A document as rules see it: operations with everything they inherit, all versions alike.

Unlike `gateway.contract.normalise`, which may rely on a checked document, this reads any document, and keeps
the node that each fact comes from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gateway.contract.grammar import operations
from gateway.contract.load import Source
from gateway.contract.rules.node import Node
from gateway.wire import media as wire

Levels = tuple[Node, ...]
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
STYLE_OF_COLLECTION = {
    "ssv": "spaceDelimited",
    "tsv": "tabDelimited",
    "pipes": "pipeDelimited",
}


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a body; `node` is where it is named."""

    name: str  # lower case, but for values of parameters
    type: wire.Media | None  # the same, parsed; None when it is no media type
    node: Node
    schema: Node | None
    examples: tuple[Node, ...] = ()
    fields: tuple["Parameter", ...] = ()  # the form parameters of 2.0, which has no schema for a form
    item: Node | None = None  # the schema of each item of a stream


@dataclass(frozen=True, slots=True)
class Parameter:
    """A Parameter Object, or a Header Object of a response (place `response header`)."""

    node: Node
    name: str
    place: str
    style: str
    explode: bool
    schema: Node | None
    content: tuple[Media, ...]
    examples: tuple[Node, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What makes a parameter unique; header names compare without case (RFC 9110 section 5.1)."""
        return (self.name.lower() if self.place == "header" else self.name, self.place)


@dataclass(frozen=True, slots=True)
class Response:
    """A Response Object under its status."""

    status: str
    node: Node
    headers: tuple[Parameter, ...]
    content: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An Operation Object; `parameters` are merged with those of the path item, without 2.0's body and form."""

    method: str  # as it is sent
    template: str
    node: Node
    parameters: tuple[Parameter, ...]
    body: tuple[Media, ...]
    responses: tuple[Response, ...]
    security: Node | None
    passes: frozenset[str]
    behaviours: Levels = ()  # `x-gateway` of the root, of the path item and of the operation, where there is one


class View:
    """`passes` are those that the configuration adds to every operation."""

    def __init__(self, source: Source, passes: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.dialect = source.dialect
        self.root = Node(source, source.uri, source.root)
        self.passes = passes | passes_of(self.root)

    @property
    def old(self) -> bool:
        """True for Swagger 2.0."""
        return self.dialect == "2.0"

    @cached_property
    def paths(self) -> tuple[tuple[str, Levels], ...]:
        """Template and Path Item Object, followed by those that its `$ref` leads to."""
        return tuple(
            (template, tuple(node.chain()))
            for template, node in self.root.items("paths")
            if not template.startswith("x-")
        )

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation of the document."""
        return tuple(
            self._operation(template, levels, method, node)
            for template, levels in self.paths
            for method, node in methods(levels, self.dialect).items()
        )

    @cached_property
    def schemes(self) -> dict[str, Node]:
        """Security Scheme Objects by name."""
        if self.old:
            return dict(self.root.items("securityDefinitions"))
        return {name: node.follow() for name, node in self.components("securitySchemes")}

    def components(self, kind: str) -> Iterator[tuple[str, Node]]:
        """What a 3.x document keeps under `components`."""
        components = self.root.get("components")
        return components.items(kind) if components else iter(())

    def named_schemas(self) -> Iterator[tuple[str, Node]]:
        """`components/schemas`, or `definitions` of 2.0."""
        return self.root.items("definitions") if self.old else self.components("schemas")

    @cached_property
    def schema_roots(self) -> tuple[Node, ...]:
        """Every schema that stands outside of another schema; of 2.0 the parameters themselves, too."""
        found = [node for _, node in self.named_schemas()]
        for op in self.operations:
            found += [p.schema for p in op.parameters if p.schema]
            found += [field.node for media in op.body for field in media.fields]
            media = [*op.body, *(m for p in op.parameters for m in p.content)]
            for response in op.responses:
                media += response.content
                found += [header.schema for header in response.headers if header.schema]
            for each in media:
                found += [schema for schema in (each.schema, each.item) if schema]
                found += [header.schema for header in self.part_headers(each.node) if header.schema]
        return tuple(found)

    @cached_property
    def schemas(self) -> tuple[Node, ...]:
        """Every Schema Object once, the nested ones and those behind `$ref`s included."""
        return tuple(walk(self.schema_roots))

    def _operation(self, template: str, levels: Levels, method: str, node: Node) -> Operation:
        owners = (*reversed(levels), node)
        every = list({p.key: p for owner in owners for p in self.parameters(owner)}.values())
        return Operation(
            method=method,
            template=template,
            node=node,
            parameters=tuple(p for p in every if p.place not in ("body", "formData")),
            body=self._form(node, every) if self.old else self._body(node),
            responses=tuple(
                self._response(node, status, response.follow())
                for status, response in node.items("responses")
                if not status.startswith("x-")
            ),
            security=self._security(node),
            passes=self.passes.union(*map(passes_of, owners)),
            behaviours=tuple(filter(None, (owner.get("x-gateway") for owner in (self.root, *owners)))),
        )

    def _security(self, operation: Node) -> Node | None:
        """The operation's list, even an empty one, replaces the root's."""
        lists = [owner.get("security") for owner in (operation, self.root)]
        return next((node for node in lists if node and isinstance(node.value, list)), None)

    def parameters(self, owner: Node) -> Iterator[Parameter]:
        """The parameters in the list of a path item or an operation."""
        for element in owner.elements("parameters"):
            node = element.follow()
            yield self._parameter(node, node.text("name"), node.text("in"))

    def _parameter(self, node: Node, name: str, place: str) -> Parameter:
        common = "form" if place in ("query", "cookie") else "simple"
        content = tuple(self._media(kind, media) for kind, media in node.items("content"))
        if self.old:
            collection = node.text("collectionFormat")
            style = STYLE_OF_COLLECTION.get(collection, common)
            schema = node.get("schema") if place == "body" else node
            return Parameter(node, name, place, style, collection == "multi", schema, (), ())
        style = node.text("style") or common
        explode = node.flag("explode") if node.get("explode") else style in ("form", "cookie")
        return Parameter(node, name, place, style, explode, node.get("schema"), content, examples(node))

    def _media(self, kind: str, reference: Node) -> Media:
        node = reference.follow()
        behaviour = node.get("x-gateway")
        item = node.get("itemSchema") if self.dialect == "3.2" else None
        item = item or (behaviour.get("item-schema") if behaviour else None)
        return media(kind, node, node.get("schema"), examples(node), item=item)

    def part_headers(self, node: Node) -> Iterator[Parameter]:
        """The headers of parts that a Media Type or Encoding Object describes, at any depth."""
        encodings = [encoding for _, encoding in node.items("encoding")]
        if self.dialect == "3.2":
            encodings += [*node.elements("prefixEncoding"), *filter(None, [node.get("itemEncoding")])]
        for encoding in encodings:
            for name, header in encoding.items("headers"):
                yield self._parameter(header.follow(), name, "response header")
            yield from self.part_headers(encoding) if self.dialect == "3.2" else ()

    def _body(self, operation: Node) -> tuple[Media, ...]:
        body = operation.get("requestBody")
        return tuple(self._media(kind, node) for kind, node in body.follow().items("content")) if body else ()

    def _form(self, operation: Node, parameters: list[Parameter]) -> tuple[Media, ...]:
        """The request body of 2.0: what `consumes` names, of the body parameter or of all form parameters."""
        body = [p for p in parameters if p.place == "body"]
        form = [p for p in parameters if p.place == "formData"]
        if not body and not form:
            return ()
        files = any(p.node.text("type") == "file" for p in form)
        kinds = [(wire.range_name(node.value), node) for node in self._types(operation, "consumes")]
        if body:
            kinds = kinds or [(JSON, body[0].node)]
            return tuple(media(kind, node, body[0].schema) for kind, node in kinds)
        kinds = [(kind, node) for kind, node in kinds if kind.startswith((FORM, MULTIPART))]
        kinds = kinds or [(MULTIPART if files else FORM, form[0].node)]
        return tuple(media(kind, node, None, fields=tuple(form)) for kind, node in kinds)

    def _types(self, operation: Node, key: str) -> list[Node]:
        owner = operation if operation.get(key) else self.root
        return [node for node in owner.elements(key) if isinstance(node.value, str)]

    def _response(self, operation: Node, status: str, node: Node) -> Response:
        place = "response header"
        headers = tuple(self._parameter(h.follow(), name, place) for name, h in node.items("headers"))
        if not self.old:
            content = tuple(self._media(kind, media) for kind, media in node.items("content"))
            return Response(status, node, headers, content)
        schema = node.get("schema")
        if schema is None:
            return Response(status, node, headers, ())
        kinds = [(wire.range_name(n.value), n) for n in self._types(operation, "produces")] or [(JSON, node)]
        shown = {wire.range_name(kind): (value,) for kind, value in node.items("examples")}
        content = tuple(media(kind, n, schema, shown.get(kind, ())) for kind, n in kinds)
        return Response(status, node, headers, content)


SINGLE = (
    *("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties", "additionalItems", "contentSchema"),
)
SEVERAL = ("allOf", "oneOf", "anyOf", "prefixItems", "items")
NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
SUBSCHEMAS = frozenset((*SINGLE, *SEVERAL, *NAMED, "$ref"))


def walk(roots: Iterable[Node]) -> Iterator[Node]:
    """These schemas and all below them, each once; linear in the size of the documents."""
    waiting, seen = list(reversed(tuple(roots))), set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node.value, dict) or id(node.value) in seen:
            continue
        seen.add(id(node.value))
        if isinstance(node.value.get("$ref"), str):
            waiting.append(node.follow())
        yield node
        for key in SUBSCHEMAS & node.value.keys():
            child = node.child(key)
            if key in SINGLE:
                waiting.append(child)
            if key in SEVERAL:
                waiting.extend(child.elements())
            if key in NAMED:
                waiting.extend(inner for _, inner in child.items())


def media(
    kind: str,
    node: Node,
    schema: Node | None,
    shown: tuple[Node, ...] = (),
    fields: tuple[Parameter, ...] = (),
    item: Node | None = None,
) -> Media:
    """The media type that a document calls `kind`."""
    return Media(wire.range_name(kind), wire.parse(kind.encode()), node, schema, shown, fields, item)


def methods(levels: Levels, dialect: str) -> dict[str, Node]:
    """The operations of a path item, by method; what stands beside a `$ref` comes before what it leads to."""
    found: dict[str, Node] = {}
    for level in levels:
        for method, tokens, _ in operations(level.value, dialect):
            found.setdefault(method, level.at(tokens))
    return found


def examples(node: Node) -> tuple[Node, ...]:
    """The values under `example` and `examples` of a Parameter, Header or Media Type Object."""
    single = node.get("example")
    several = [example.follow().get("value") for _, example in node.items("examples")]
    return tuple(value for value in [single, *several] if value is not None)


def passes_of(node: Node) -> frozenset[str]:
    """What `x-gateway.pass` names here."""
    behaviour = node.get("x-gateway")
    entries = behaviour.elements("pass") if behaviour else iter(())
    return frozenset(entry.value for entry in entries if isinstance(entry.value, str))
