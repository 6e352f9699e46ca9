"""`gateway routes`: what is served, and how."""

from collections.abc import Sequence
from typing import Any

import click

from gateway.cli.common import (
    config_option,
    echo_json,
    format_option,
    read_table,
    security_text,
    upstream_option,
)
from gateway.contract.compiled import CompiledOperation

HEADINGS = ("METHOD", "PATH", "OPERATION", "BACKEND", "SECURITY", "REQUEST/RESPONSE", "BODY LIMIT")


@click.command()
@click.argument("file", required=False)
@upstream_option
@config_option
@format_option
def routes(file: str | None, upstream: str | None, config: str | None, format: str) -> None:
    """List the operations that are served: path, backend, who may call, how strictly they are judged.

    \b
    Examples:
      gateway routes
      gateway routes specs/dataservice.yaml --format json
    """
    found = [describe(operation) for operation in read_table(file, upstream, config).operations]
    found.sort(key=lambda route: (route["path"], route["method"]))
    if format == "json":
        echo_json({"routes": found})
    else:
        click.echo(table([HEADINGS, *(_row(route) for route in found)]))


def describe(operation: CompiledOperation) -> dict[str, Any]:
    """One route as data."""
    origin = f"{operation.backend.scheme}://{operation.backend.authority.decode()}"
    mount = operation.mount.decode()
    path = operation.prefix.decode() + operation.template[len(mount) :]
    return {
        "method": operation.method,
        "path": operation.template,
        "operation": operation.operation_id,
        "api": operation.api,
        "mount": mount,
        "backend": f"{origin}{path}",
        "upstream": origin,
        "upstream_path": path,
        "security": security_text(operation.security),
        "request": operation.request_mode,
        "response": operation.response_mode,
        "body_limit": operation.body_limit if operation.body is not None else None,
        "response_limit": operation.response_limit,
    }


def _row(route: dict[str, Any]) -> Sequence[str]:
    modes = f"{route['request']}/{route['response']}"
    limit = "" if route["body_limit"] is None else str(route["body_limit"])
    return (
        route["method"],
        route["path"],
        route["operation"],
        route["backend"],
        route["security"],
        modes,
        limit,
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
