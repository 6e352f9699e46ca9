"""The proof behind `check`: whatever has no error can be compiled.

The rules name what is not enforced as precisely as they can. This asks the compiler of messages itself, so that an
operation it refuses for any other reason never reaches a running gateway.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from gateway.contract.findings import Finding, Severity
from gateway.contract.load import Source
from gateway.contract.model import Document, Location, Operation
from gateway.contract.normalise import normalise
from gateway.contract.rules.judge import Together
from gateway.validate.body import compile_body
from gateway.validate.parameters import compile_parameters
from gateway.validate.response import compile_responses
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet

ID = "not-enforced"
_ANYTHING = SchemaSet({"urn:contract:anything": {}}).check("urn:contract:anything#")


class Asked(SchemaSet):
    """Notes which checks are asked for instead of building them one by one."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        super().__init__(documents)
        self.documents = documents
        self.uris: dict[str, Location] = {}
        self.where: Location | None = None

    def check(self, uri: str) -> SchemaCheck:
        """A check that is never used. Raises SchemaError when there is no schema at `uri`."""
        self.lookup(uri)
        if self.where:
            self.uris.setdefault(uri, self.where)
        return _ANYTHING

    def failures(self) -> Iterator[tuple[Location, SchemaError]]:
        """Which of the schemas asked for the engine refuses: all are tried at once, and one by one if that fails."""
        try:
            Together(self.documents, self.uris)
        except SchemaError:
            single = SchemaSet(self.documents)
            for uri, where in self.uris.items():
                try:
                    single.check(uri)
                except SchemaError as error:
                    yield where, error


def unenforceable(source: Source, passes: frozenset[str]) -> Iterator[Finding]:
    """What the compiler refuses in a document in which no rule found an error."""
    contract = normalise(source, "check")
    requests, responses = Asked(contract.request_schemas), Asked(contract.response_schemas)
    for operation in contract.operations:
        for where, compile_part in parts(operation, passes | operation.behaviour.passes, requests, responses):
            requests.where = responses.where = where
            try:
                compile_part()
            except SchemaError as error:
                yield finding(where, error)
    for schemas in (requests, responses):
        yield from (finding(where, error) for where, error in schemas.failures())


def finding(where: Location, error: SchemaError) -> Finding:
    """What the compiler said, at the parameter, body or response that it was compiling."""
    pointer = error.uri.partition("#")[2]
    return Finding(where, Severity.ERROR, ID, f"cannot be enforced: {error.message} ({pointer})")


def parts(
    operation: Operation, passes: frozenset[str], requests: SchemaSet, responses: SchemaSet
) -> Iterator[tuple[Location, Callable[[], object]]]:
    """What is compiled for one operation, and where it stands: parameters, body, responses."""
    for parameter in operation.parameters:
        yield parameter.where, partial(compile_parameters, [parameter], [], requests, "refuse", passes)
    if body := operation.body:
        yield body.where, partial(compile_body, body, requests, passes)
    for response in operation.responses:
        yield response.where, partial(compile_responses, [response], responses, passes)
