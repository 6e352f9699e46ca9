"""The examples that a document shows for an operation, by name.

A request and a response example under one name belong together: that request gets that answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.contract.load import Source
from gateway.contract.rules.node import Node
from gateway.contract.rules.view import Media, Operation, Parameter, View

Named = Mapping[str, Any]  # example name -> value; "" is the name of the only one
UNNAMED = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """What is shown for one operation."""

    parameters: Mapping[tuple[str, str], Named]  # (place, name)
    bodies: Mapping[str, Named]  # media type
    replies: Mapping[str, Named]  # status as documented

    @property
    def pairs(self) -> list[tuple[str, str, Any]]:
        """(name, status, value) of each response example whose name a request example has, too."""
        asked = {name for shown in (*self.parameters.values(), *self.bodies.values()) for name in shown if name}
        return [
            (name, status, value)
            for status, shown in self.replies.items()
            for name, value in shown.items()
            if name in asked
        ]


def examples_of(source: Source) -> dict[tuple[str, str], Examples]:
    """The examples of every operation, by method in capitals and template."""
    return {(op.method.upper(), op.template): _of_operation(op) for op in View(source).operations}


def _of_operation(operation: Operation) -> Examples:
    return Examples(
        {(p.place, p.name): shown for p in operation.parameters if (shown := _of_parameter(p))},
        {media.name: shown for media in operation.body if (shown := dict(_of_media(media)))},
        {
            response.status.upper() if response.status != "default" else response.status: shown
            for response in operation.responses
            if (shown := {name: value for media in response.content for name, value in _of_media(media)})
        },
    )


def _of_parameter(parameter: Parameter) -> Named:
    shown = dict(_shown(parameter.node))
    if "x-example" in parameter.node.value:  # what writers of 2.0, which knows no examples of parameters, agree on
        shown[UNNAMED] = parameter.node.value["x-example"]
    for media in parameter.content:
        shown.update(_of_media(media))
    return shown or dict(_of_schema(parameter.schema))


def _of_media(media: Media) -> Iterator[tuple[str, Any]]:
    """The examples of content; without any those of its schema."""
    shown = list(_shown(media.node)) or [(UNNAMED, node.value) for node in media.examples]
    yield from shown or _of_schema(media.schema)


def _shown(node: Node) -> Iterator[tuple[str, Any]]:
    """`example` and `examples` of a Parameter or Media Type Object."""
    single = node.get("example")
    if single is not None:
        yield UNNAMED, single.value
    for name, example in node.items("examples"):
        value = example.follow().get("value")
        if value is not None:
            yield name, value.value


def _of_schema(schema: Node | None) -> Iterator[tuple[str, Any]]:
    end = schema.follow() if schema else None
    single = end.get("example") if end else None
    if single is not None:
        yield UNNAMED, single.value
