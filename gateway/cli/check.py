"""`gateway check`: everything that is wrong with documents, at once."""

import os
from collections.abc import Iterator, Sequence

import click

from gateway import config_file
from gateway.cli.common import (
    DEFAULT_CONFIG,
    FINDINGS,
    FINE,
    UNREADABLE,
    config_option,
    counted,
    echo_json,
    format_option,
    read_settings,
    summary,
)
from gateway.config import References, Settings
from gateway.contract.check import check as check_source
from gateway.contract.compile import compile_settings
from gateway.contract.findings import Finding, LoadError, errors, ordered
from gateway.contract.load import load

Task = tuple[str, References, frozenset[str]]  # document, where references may lead, what is passed


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@config_option
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@format_option
@click.pass_context
def check(ctx: click.Context, files: Sequence[str], config: str | None, strict: bool, format: str) -> None:
    """Say what is wrong with OpenAPI documents: file, line, rule and what to do.

    Without FILE, all documents of the settings are checked, and how they fit together. Exit code 0: fine;
    1: errors (with --strict, warnings too); 2: something cannot be read.

    \b
    Example:
      gateway check specs/*.yaml
      specs/runs.yaml:14:7: error: undeclared-security-scheme: ...
    """
    settings = _settings(files, config)
    readable, findings = _findings(_tasks(files, settings))
    if settings and not files and readable and not errors(findings):
        findings += compile_settings(settings).findings
    findings = ordered(findings)
    if format == "json":
        echo_json({**summary(findings), "findings": [finding.data() for finding in findings]})
    else:
        _print(findings)
    if not readable:
        ctx.exit(UNREADABLE)
    ctx.exit(FINDINGS if errors(findings) or (strict and findings) else FINE)


def _settings(files: Sequence[str], config: str | None) -> Settings | None:
    """The settings to go by; none are needed when files are named."""
    if config is None and files:
        return None
    if config is None and not os.path.exists(DEFAULT_CONFIG):
        raise click.UsageError(f"nothing to check: name a FILE, or have a {DEFAULT_CONFIG} here")
    return read_settings(lambda: config_file.read(config or DEFAULT_CONFIG))


def _tasks(files: Sequence[str], settings: Settings | None) -> Iterator[Task]:
    """Each document with what the settings allow it."""
    references = settings.references if settings else References()
    apis = settings.apis if settings else ()
    passes = {os.path.realpath(api.contract): frozenset(api.passes) for api in apis}
    for file in files or [api.contract for api in apis]:
        yield file, references, passes.get(os.path.realpath(file), frozenset())


def _findings(tasks: Iterator[Task]) -> tuple[bool, list[Finding]]:
    """Whether all documents could be read, and the findings of all of them."""
    readable, findings = True, []
    for file, references, passes in tasks:
        try:
            findings += check_source(load(file, references), passes)
        except LoadError as error:
            readable = False
            findings += error.findings
    return readable, findings


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(finding.text())
    count = summary(findings)
    click.echo(f"{counted(count['errors'], 'error')}, {counted(count['warnings'], 'warning')}", err=True)
