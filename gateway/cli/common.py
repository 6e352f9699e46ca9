"""What the commands share: finding the settings, and showing findings."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

import click
import orjson

from gateway.config import Settings
from gateway.config import file as config_file
from gateway.contract.compile import Compiled, compile_settings
from gateway.contract.compiled import RouteTable
from gateway.contract.findings import Finding, LoadError, Severity, errors
from gateway.security.scheme import Alternatives, Scheme

FINE, FINDINGS, UNREADABLE = 0, 1, 2
DEFAULT_CONFIG = "gateway.yaml"
NO_BACKEND = "http://backend.invalid"  # RFC 6761 section 6.4: a name that never resolves

format_option = click.option(
    "--format", "format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output."
)
config_option = click.option("--config", metavar="PATH", help=f"Settings; default is {DEFAULT_CONFIG}.")
upstream_option = click.option("--upstream", metavar="URL", help="Backend of FILE, e.g. http://127.0.0.1:8102.")


class Unreadable(click.ClickException):
    """The input cannot be worked with; shown as its findings."""

    def __init__(self, findings: Iterable[Finding], exit_code: int = UNREADABLE) -> None:
        super().__init__("\n".join(finding.text() for finding in findings))
        self.exit_code = exit_code  # type: ignore[misc] # click reads it from the instance

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the findings on standard error."""
        click.echo(self.message, file=file, err=file is None)


def settings_reader(
    file: str | None, upstream: str | None, config: str | None, flags: Mapping[str, str]
) -> Callable[[], Settings]:
    """How to read the settings, now and again at each reload: from FILE and --upstream, or from a file.

    The reader raises LoadError. Raises UsageError when both are given, or none is there.
    """
    if file and config:
        raise click.UsageError("FILE and --config exclude each other: the settings name the documents")
    if upstream and not file:
        raise click.UsageError("--upstream is the backend of FILE: give a FILE too")
    if file and not upstream:
        raise click.UsageError("FILE needs a backend: add --upstream URL")
    if file and upstream:
        return lambda: config_file.for_document(file, upstream, os.environ, flags)
    if config is None and not os.path.exists(DEFAULT_CONFIG):
        raise click.UsageError(f"there is no {DEFAULT_CONFIG} here: give FILE and --upstream URL, or --config PATH")
    return lambda: config_file.read(config or DEFAULT_CONFIG, os.environ, flags)


def read_settings(reader: Callable[[], Settings]) -> Settings:
    """The settings, or the end of the command with exit code 2."""
    try:
        return reader()
    except LoadError as error:
        raise Unreadable(error.findings) from None


def read_compiled(file: str | None, upstream: str | None, config: str | None) -> tuple[Settings, Compiled, RouteTable]:
    """The settings and what they compile to, for looking at it: FILE does without a backend here.

    Ends the command with exit code 2 when the settings cannot be read, with 1 when the documents have errors.
    """
    settings = read_settings(settings_reader(file, upstream or (file and NO_BACKEND), config, {}))
    compiled = compile_settings(settings)
    if compiled.table is None:
        raise Unreadable(errors(compiled.findings), FINDINGS)
    return settings, compiled, compiled.table


def read_table(file: str | None, upstream: str | None, config: str | None) -> RouteTable:
    """The route table; see `read_compiled`."""
    return read_compiled(file, upstream, config)[2]


def summary(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity."""
    severities = [finding.severity for finding in findings]
    return {"errors": severities.count(Severity.ERROR), "warnings": severities.count(Severity.WARNING)}


def echo_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def security_text(alternatives: Alternatives) -> str:
    """Who may call: `open`, `token`, `token(runs:read runs:write)`, `key and certificate`, or several joined by
    `or`."""
    if not any(alternatives):
        return "open"
    return " or ".join(
        " and ".join(credential_text(scheme, scopes) for scheme, scopes in alternative) or "anonymous"
        for alternative in alternatives
    )


_CREDENTIALS = {
    b"ApiKey": "key",
    b"Basic": "password",
    b"ClientCertificate": "certificate",
    b"DPoP": "token with proof",
}


def credential_text(scheme: Scheme, scopes: frozenset[str]) -> str:
    """What a scheme asks for, by the first of its challenges."""
    text = _CREDENTIALS.get(scheme.challenges[0].partition(b" ")[0], "token")
    return f"{text}({' '.join(sorted(scopes))})" if scopes else text
