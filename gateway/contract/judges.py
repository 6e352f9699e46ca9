"""A contract to the judges of its messages, or to findings about what none can be built for.

The rules name what is not enforced as precisely as they can. This is the proof behind them: what has no finding here
is enforced, and an operation that cannot be, for whatever other reason, never reaches a running gateway.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol
from urllib.parse import unquote

from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Contract, Encoding, Header, Location, MediaType, Operation, Parameter
from gateway.contract.places import origin
from gateway.contract.table import parse_template
from gateway.validate.body import BodyCheck, compile_body
from gateway.validate.parameters import ParameterCheck, compile_parameters
from gateway.validate.response import ResponseCheck, compile_responses
from gateway.validate.schema import SchemaError, SchemaSet
from gateway.validate.terms import Terms


class Located(Protocol):
    """What knows where the nodes of the contract's files stand, such as its `Source`."""

    def locate(self, uri: str, pointer: str) -> Location:
        """The place of a node."""


Use = Parameter | Header | MediaType  # what has a schema


@dataclass(frozen=True, slots=True)
class Judges:
    """Those of one operation."""

    parameters: ParameterCheck
    body: BodyCheck | None
    responses: ResponseCheck


def compile_judges(source: Located, contract: Contract, terms: Terms) -> tuple[tuple[Judges, ...], list[Finding]]:
    """The judges of all operations of `contract`, in their order; incomplete when there are findings.

    `terms` are those of the configuration; an operation may have its own.
    """
    try:
        requests, responses = schema_sets(contract, terms.passes)
    except SchemaError as error:
        return (), [_unusable(error, source, contract)]
    judges: list[Judges] = []
    findings: list[Finding] = []
    for operation in contract.operations:
        own = _terms_of(operation, terms)
        try:
            judges.append(_judges(operation, requests, responses, own))
        except SchemaError as error:
            flaws = list(_flaws(operation, requests, responses, own))
            findings += flaws or [_not_enforced(operation.where, error)]
    return tuple(judges), findings


def _terms_of(operation: Operation, terms: Terms) -> Terms:
    said = operation.behaviour
    if not (said.unknown_query or said.passes):
        return terms
    unknown_query = said.unknown_query or terms.validate.unknown_query
    return terms._replace(
        passes=terms.passes | said.passes, validate=replace(terms.validate, unknown_query=unknown_query)
    )


def schema_sets(contract: Contract, passes: frozenset[str]) -> tuple[SchemaSet, SchemaSet]:
    """The schemas of requests and of responses, with the checks of all messages built; one set for both when nothing
    tells them apart. Raises SchemaError."""
    asked = [uri for use in _of_requests(contract, passes) for uri in _uris(use)]
    answered = [uri for use in _of_responses(contract, passes) for uri in _uris(use)]
    requests = SchemaSet(contract.request_schemas)
    if contract.response_schemas is contract.request_schemas:
        requests.build([*asked, *answered])
        return requests, requests
    responses = SchemaSet(contract.response_schemas)
    requests.build(asked)
    responses.build(answered)
    return requests, responses


def _uris(use: Use) -> list[str]:
    """The schemas that it is judged by, those of the headers of its parts included."""
    found = [use.schema]
    if isinstance(use, MediaType):
        found += [use.item_schema, *(header.schema for header in _part_headers(use))]
    return [uri for uri in found if uri]


def _part_headers(owner: MediaType | Encoding) -> Iterator[Header]:
    parts = [*owner.encoding.values(), *owner.prefix_encoding]
    for part in [*parts, owner.item_encoding] if owner.item_encoding else parts:
        yield from part.headers
        yield from _part_headers(part)


def _of_requests(contract: Contract, passes: frozenset[str]) -> Iterator[Use]:
    """What of requests is judged by a schema."""
    for operation in contract.operations:
        passed = passes | operation.behaviour.passes
        for parameter in operation.parameters:
            if f"parameter:{parameter.place}.{parameter.name}" not in passed:
                yield parameter
        if operation.body:
            yield from (media for media in operation.body.content if f"media:{media.range}" not in passed)


def _of_responses(contract: Contract, passes: frozenset[str]) -> Iterator[Use]:
    """What of responses is judged by a schema."""
    for operation in contract.operations:
        passed = passes | operation.behaviour.passes
        for response in operation.responses:
            yield from response.headers
            yield from (media for media in response.content if f"media:{media.range}" not in passed)


def _judges(operation: Operation, requests: SchemaSet, responses: SchemaSet, terms: Terms) -> Judges:
    names = parse_template(operation.template)[1]
    return Judges(
        parameters=compile_parameters(operation.parameters, names, requests, terms, operation.query_keys),
        body=None if operation.body is None else compile_body(operation.body, requests, terms),
        responses=compile_responses(operation.responses, responses, terms),
    )


def _flaws(operation: Operation, requests: SchemaSet, responses: SchemaSet, terms: Terms) -> Iterator[Finding]:
    """Each parameter, body and response that cannot be compiled, at its place."""
    for where, compile_part in _parts(operation, requests, responses, terms):
        try:
            compile_part()
        except SchemaError as error:
            yield _not_enforced(where, error)


def _parts(
    operation: Operation, requests: SchemaSet, responses: SchemaSet, terms: Terms
) -> Iterator[tuple[Location, Callable[[], object]]]:
    for parameter in operation.parameters:
        yield parameter.where, partial(compile_parameters, [parameter], [], requests, terms)
    if body := operation.body:
        yield body.where, partial(compile_body, body, requests, terms)
    for response in operation.responses:
        yield response.where, partial(compile_responses, [response], responses, terms)


def _not_enforced(where: Location, error: SchemaError) -> Finding:
    pointer = unquote(error.uri.partition("#")[2])
    return Finding(where, Severity.ERROR, "not-enforced", f"cannot be enforced: {error.message} ({pointer})")


def _unusable(error: SchemaError, source: Located, contract: Contract) -> Finding:
    """A schema that passed the rules but that the engine refuses: at its own place, or else where it is used."""
    place = origin(error.uri)
    if place is not None:
        where = source.locate(contract.sources[place[0]], place[1])
    else:
        uses = (*_of_requests(contract, frozenset()), *_of_responses(contract, frozenset()))
        where = next((use.where for use in uses if error.uri in _uris(use)), source.locate(contract.sources[0], ""))
    message = f"the schema cannot be compiled: {error.message}"
    return Finding(where, Severity.ERROR, "schema-unusable", message, "simplify the schema")
