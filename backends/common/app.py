"""A document and an object with one method per operation become a service."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from connexion import AsyncApp
from connexion.exceptions import BadRequestProblem, ResolverError
from connexion.lifecycle import ConnexionResponse
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolution, Resolver
from inflection import underscore

from backends.common import problem
from backends.common.trust import Verify, security_map

SPECS = Path(__file__).parents[2] / "specs"


class ByOperationId(Resolver):  # type: ignore[misc]
    """`operationId: getUser` is served by the method `get_user`; a missing method stops the start."""

    def __init__(self, operations: object) -> None:
        super().__init__()
        self.operations = operations

    def resolve(self, operation: Any) -> Resolution:
        function = getattr(self.operations, underscore(operation.operation_id), None)
        if function is None:
            raise ResolverError(f"No method serves the operation {operation.operation_id}")
        return Resolution(function, operation.operation_id)


def build(name: str, operations: object, verify: Verify | None = None, strict: bool = True) -> AsyncApp:
    """The Connexion application of `specs/NAME.yaml`; its requests and responses are both validated.

    `verify` judges access tokens; None leaves that to the gateway. `strict` refuses query parameters and form
    fields that the document does not name.
    """
    quiet(logging.getLogger("connexion"))
    app = AsyncApp(
        f"backends.{name}",
        security_map=security_map(verify),
        strict_validation=strict,
        validate_responses=True,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    app.add_api(read(name), resolver=ByOperationId(operations), name=name)
    app.add_error_handler(BadRequestProblem, problem.refuse_invalid)
    for error in (UnicodeEncodeError, UnicodeDecodeError):
        app.add_error_handler(error, problem.refuse_text)
    return app


def read(name: str) -> dict[str, Any]:
    """The document as data. Connexion would run a file through a template engine first."""
    document: dict[str, Any] = yaml.safe_load((SPECS / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def quiet(logger: logging.Logger) -> None:
    """Log failures only: Connexion's messages about refused requests quote what was sent."""
    logger.setLevel(logging.CRITICAL)
    logger.getChild("middleware.exceptions").setLevel(logging.ERROR)


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> ConnexionResponse:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return ConnexionResponse(
        status, mimetype="application/json", content_type="application/json", body=text, headers=dict(headers or {})
    )


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> ConnexionResponse:
    """An answer without content."""
    return ConnexionResponse(status, headers=dict(headers or {}))
