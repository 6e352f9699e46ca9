"""Rules about the values that a document holds: does its own schema accept them?"""

from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.judge import EITHER, REQUEST, RESPONSE, Judge
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import Media, Parameter, View
from gateway.validate.schema import SchemaError
from gateway.wire.media import is_form, is_json

Shown = tuple[Node, Node, tuple[int, ...]]  # schema, value, directions


def example_mismatch(view: View) -> Iterator[Flaw]:
    yield from contradictions(view, "example", (*message_examples(view), *schema_examples(view)))


def default_mismatch(view: View) -> Iterator[Flaw]:
    shown = [(schema, value, EITHER) for schema in view.schemas if (value := schema.get("default"))]
    yield from contradictions(view, "default", tuple(shown))


def contradictions(view: View, what: str, values: tuple[Shown, ...]) -> Iterator[Flaw]:
    """Values that their schema refuses. A schema that no check can be built from has a finding of its own, which
    comes first."""
    if not values:
        return
    try:
        judge = Judge(view, [schema for schema, _, _ in values])
    except SchemaError:
        return
    for schema, value, directions in values:
        found = judge.violations(schema, value.value, directions)
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            place = f" at {found[0].pointer}" if found[0].pointer else ""
            yield Flaw(value, f"{what} contradicts its schema{place}: {found[0].message}{more}")


def message_examples(view: View) -> Iterator[Shown]:
    """Examples of parameters, headers and bodies."""
    for op in view.operations:
        for parameter in op.parameters:
            yield from parameter_examples(parameter, REQUEST)
        for media in op.body:
            yield from media_examples(media, REQUEST)
        for response in op.responses:
            for header in response.headers:
                yield from parameter_examples(header, RESPONSE)
            for media in response.content:
                yield from media_examples(media, RESPONSE)


def parameter_examples(parameter: Parameter, directions: tuple[int, ...]) -> Iterator[Shown]:
    if parameter.schema:
        for value in parameter.examples:
            yield parameter.schema, value, directions
    for media in parameter.content:
        yield from media_examples(media, directions)


def media_examples(media: Media, directions: tuple[int, ...]) -> Iterator[Shown]:
    if media.schema and media.type and (is_json(media.type) or is_form(media.type)):
        for value in media.examples:
            yield media.schema, value, directions


def schema_examples(view: View) -> Iterator[Shown]:
    """`example` of a schema, and the list `examples` that 3.1 has."""
    for schema in view.schemas:
        if single := schema.get("example"):
            yield schema, single, EITHER
        if view.dialect == "3.1":
            for value in schema.elements("examples"):
                yield schema, value, EITHER


WARNING = Severity.WARNING


def with_schema(schema: str) -> str:
    return document(operation(parameters=f"{{name: size, in: query, schema: {schema}}}"))


RULES = (
    Rule(
        "example-mismatch",
        WARNING,
        "An example contradicts its schema",
        "Readers copy examples; this one would be refused. Judged are examples of parameters, headers, JSON bodies and "
        "forms in their direction, and those of schemas in either.",
        example_mismatch,
        with_schema("{type: integer, example: many}"),
        with_schema("{type: integer, example: 3}"),
    ),
    Rule(
        "default-mismatch",
        WARNING,
        "A default contradicts its schema",
        "A value that stands for an absent one should be valid itself. The gateway does not fill in defaults.",
        default_mismatch,
        with_schema("{type: integer, default: many}"),
        with_schema("{type: integer, default: 3}"),
    ),
)
