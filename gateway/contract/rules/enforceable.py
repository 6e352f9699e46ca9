"""The proof behind `check`: whatever has no error can be compiled.

The rules name what is not enforced as precisely as they can. This asks the compiler of messages itself, so that an
operation it refuses for any other reason never reaches a running gateway.
"""

from collections.abc import Callable, Iterator
from functools import partial

from gateway.contract.findings import Finding, Severity
from gateway.contract.load import Source
from gateway.contract.model import Contract, Location, Operation
from gateway.contract.normalise import normalise
from gateway.validate.body import compile_body
from gateway.validate.parameters import compile_parameters
from gateway.validate.response import compile_responses
from gateway.validate.schema import SchemaError, SchemaSet

ID = "not-enforced"


def unenforceable(source: Source, passes: frozenset[str]) -> Iterator[Finding]:
    """What the compiler refuses in a document in which no rule found an error."""
    contract = normalise(source, "check")
    for where, compile_part in parts(contract, passes):
        try:
            compile_part()
        except SchemaError as error:
            pointer = error.uri.partition("#")[2]
            yield Finding(where, Severity.ERROR, ID, f"cannot be enforced: {error.message} ({pointer})")


def parts(contract: Contract, passes: frozenset[str]) -> Iterator[tuple[Location, Callable[[], object]]]:
    """Everything that is compiled for an operation, and where it stands."""
    requests, responses = SchemaSet(contract.request_schemas), SchemaSet(contract.response_schemas)
    for operation in contract.operations:
        yield from parts_of(operation, passes | operation.behaviour.passes, requests, responses)


def parts_of(
    operation: Operation, passes: frozenset[str], requests: SchemaSet, responses: SchemaSet
) -> Iterator[tuple[Location, Callable[[], object]]]:
    """The parameters, the body and the responses of one operation."""
    for parameter in operation.parameters:
        yield parameter.where, partial(compile_parameters, [parameter], [], requests, "refuse", passes)
    if body := operation.body:
        yield body.where, partial(compile_body, body, requests, passes)
    for response in operation.responses:
        yield response.where, partial(compile_responses, [response], responses, passes)
