"""What is verified: operations with the judges that serve them, their schemas and their examples."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gateway.config import Settings
from gateway.contract.compile import Mounted, compile_settings
from gateway.contract.findings import LoadError, errors
from gateway.contract.judges import schema_sets
from gateway.contract.load import load
from gateway.contract.model import Operation
from gateway.contract.table import Router, path_items
from gateway.validate.body import BodyCheck
from gateway.validate.parameters import ParameterCheck
from gateway.validate.response import ResponseCheck
from gateway.validate.schema import SchemaSet
from gateway.verify.examples import Examples, examples_of
from gateway.verify.sampler import Sampler


@dataclass(frozen=True)
class Subject:
    """One operation. For those that the gateway routes, the judges are those of the route table itself."""

    api: str
    mount: str  # public path prefix
    prefix: str  # path prefix at the backend
    operation: Operation
    routed: bool
    parameters: ParameterCheck
    body: BodyCheck | None
    responses: ResponseCheck
    schemas: SchemaSet  # of requests
    sampler: Sampler
    examples: Examples

    @property
    def name(self) -> str:
        """Unique: operation ids may be missing."""
        return f"{self.api} {self.operation.method} {self.operation.template}"

    @cached_property
    def router(self) -> Router["Subject"]:
        """Knows this operation alone; reads the values of its path variables."""
        return Router(path_items([(self.operation.template, self.operation.method.encode(), self)]))

    @cached_property
    def secured(self) -> bool:
        """Whether every way in demands a credential that the gateway verifies."""
        return bool(self.requirements) and all(self.requirements)

    @cached_property
    def requirements(self) -> list[dict[str, frozenset[str]]]:
        """Scheme to scopes for each alternative, without the schemes that the document passes on."""
        passed = self.operation.behaviour.passes
        return [
            {scheme: scopes for scheme, scopes in requirement if f"security:{scheme}" not in passed}
            for requirement in self.operation.security
        ]


def subjects_of(settings: Settings) -> tuple[Subject, ...]:
    """Every operation of every document of `settings`, those marked internal included. Raises LoadError."""
    compiled = compile_settings(settings)
    if compiled.table is None:
        raise LoadError(errors(compiled.findings))
    served = {(operation.method, operation.template) for operation in compiled.table.operations}
    return tuple(subject for mounted in compiled.mounted for subject in _subjects(settings, mounted, served))


def _subjects(settings: Settings, mounted: Mounted, served: set[tuple[str, str]]) -> Iterator[Subject]:
    contract, api = mounted.contract, mounted.api
    requests = schema_sets(contract, frozenset(api.passes))[0]
    sampler = Sampler(requests)
    examples = examples_of(load(api.contract, settings.references))
    for operation, judges in zip(contract.operations, mounted.judges, strict=True):
        routed = (operation.method, mounted.mount(operation) + operation.template) in served
        yield Subject(
            api=contract.api,
            mount=mounted.mount(operation),
            prefix=mounted.prefix(operation),
            operation=operation,
            routed=routed and not operation.behaviour.internal,
            parameters=judges.parameters,
            body=judges.body,
            responses=judges.responses,
            schemas=requests,
            sampler=sampler,
            examples=examples[operation.method, operation.template],
        )
