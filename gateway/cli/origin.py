"""The line of a document that a violation is about: the keyword that is not satisfied, or else what it judges."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.config import Settings
from gateway.contract import pointer as pointers
from gateway.contract.compile import Compiled
from gateway.contract.compiled import CompiledOperation
from gateway.contract.load import Source, load
from gateway.contract.model import Contract, Location, Operation
from gateway.contract.places import filed
from gateway.errors import Violation


def documented(compiled: Compiled, wanted: CompiledOperation) -> tuple[Contract, Operation]:
    """What an operation of the table was compiled from."""
    [contract] = (item.contract for item in compiled.mounted if item.contract.api == wanted.api)
    served = [operation for operation in contract.operations if not operation.behaviour.internal]
    assert compiled.table is not None
    rows = [operation.row for operation in compiled.table.operations if operation.api == wanted.api]
    return contract, served[rows.index(wanted.row)]


def origins(
    violations: Mapping[Violation, str], settings: Settings, contract: Contract, operation: Operation, status: int = 0
) -> dict[Violation, Location]:
    """The place of each violation. `violations` maps it to the URI of the violated keyword, "" when it has none;
    `status` is that of the response that was judged, if it was one. Reads the documents again, for the lines."""
    if not violations:
        return {}
    [path] = {api.contract for api in settings.apis if api.name == contract.api}
    source = load(path, settings.references)
    return {
        violation: _keyword(keyword, violation, source, contract) or _part(violation, operation, status)
        for violation, keyword in violations.items()
    }


def traced(violation: Violation, keywords: Mapping[Violation, str]) -> str:
    """The keyword behind `violation`, "" when there is none. A part of a body is judged for itself, and where it stands
    in the whole is added afterwards."""
    if violation in keywords:
        return keywords[violation]
    for found, keyword in keywords.items():
        if found[3:] == violation[3:] and violation.pointer.endswith(found.pointer):
            return keyword
    return ""


def _keyword(keyword: str, violation: Violation, source: Source, contract: Contract) -> Location | None:
    """The place of a keyword; None for that of a schema that no file holds. What is rewritten may not be there as it
    was written: then the nearest place above counts."""
    found = filed(keyword)
    if found is None:
        return None
    number, resource, below = found
    uri, pointer = contract.sources[number], _written_apart(below) or resource + below
    if violation.keyword == "required":
        pointer = _entry(source.files[uri], pointer, violation)
    return source.locate(uri, pointer) if _stands(source.files[uri], pointer) else None


def _written_apart(pointer: str) -> str:
    """The pointer in the file of what stands below `$nested`: one of the steps is the pointer of a schema. "" for what
    stands where it stood."""
    steps = pointers.split(pointer)
    apart = next((n for n, step in enumerate(steps) if step.startswith("/")), 0) if steps[:1] == ["$nested"] else 0
    return steps[apart] + pointers.join("", *steps[apart + 1 :]) if apart else ""


def _entry(document: Any, pointer: str, violation: Violation) -> str:
    """Of a list of required names the one that is missing."""
    name = pointers.split(violation.pointer)[-1:]
    try:
        return f"{pointer}/{pointers.walk(document, pointers.split(pointer)).index(*name)}"
    except (LookupError, ValueError, AttributeError, TypeError):
        return pointer


def _stands(document: Any, pointer: str) -> bool:
    """Whether the document has anything of what `pointer` names, below its first step."""
    try:
        pointers.walk(document, pointers.split(pointer)[:2])
    except (LookupError, ValueError):
        return False
    return True


def _part(violation: Violation, operation: Operation, status: int) -> Location:
    """The place of the parameter, header or body that is judged; the operation when it documents none."""
    if status:
        return next(_of_response(violation, operation, status), operation.where)
    for parameter in operation.parameters:
        if (parameter.place, parameter.name) == (violation.place, violation.name):
            return parameter.where
    return operation.body.where if violation.place == "body" and operation.body else operation.where


def _of_response(violation: Violation, operation: Operation, status: int) -> Iterator[Location]:
    names = (str(status), f"{status // 100}XX", "default")
    responses = {response.status: response for response in operation.responses}
    for response in (responses[name] for name in names if name in responses):
        for header in response.headers:
            if violation.place == "header" and header.name.lower() == violation.name.lower():
                yield header.where
        if violation.place == "body" and response.content:
            yield response.content[0].where
        yield response.where
