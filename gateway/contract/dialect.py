"""What differs between the versions of OpenAPI, in one table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.contract import openapi, servers, swagger
from gateway.contract.cursor import Cursor
from gateway.contract.model import Body, Parameter, Response, SecurityScheme
from gateway.contract.rewrite import SchemaStore


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version says what every contract consists of."""

    server_path: Callable[[Sequence[Cursor]], str]  # what may name servers, the nearest first, the root last
    schemes: Callable[[Cursor], Iterator[SecurityScheme]]  # root
    parameters: Callable[[Sequence[Cursor], SchemaStore], Iterator[Parameter]]  # Parameter Objects in force
    body: Callable[[Cursor, Sequence[Cursor], SchemaStore], Body | None]  # operation, Parameter Objects in force
    response: Callable[[str, Cursor, Cursor, SchemaStore], Response]  # status, Response Object, operation


_OPENAPI_3 = Dialect(servers.server_path, openapi.schemes, openapi.parameters, openapi.body, openapi.response)

DIALECTS: Mapping[str, Dialect] = {
    "2.0": Dialect(swagger.server_path, swagger.schemes, swagger.parameters, swagger.body, swagger.response),
    "3.0": _OPENAPI_3,
    "3.1": _OPENAPI_3,  # its differences are in schemas: see `rewrite` and `grammar`
    "3.2": _OPENAPI_3,  # what it adds has no meaning in older documents, or cannot stand there: see `grammar`
}
