"""`gateway check`: everything that is wrong with documents, at once."""

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import click

from gateway.cli import report
from gateway.cli.common import (
    DEFAULT_CONFIG,
    FINDINGS,
    FINE,
    UNREADABLE,
    config_option,
    counted,
    echo_json,
    read_settings,
    summary,
)
from gateway.cli.sarif import sarif
from gateway.config import References, Settings
from gateway.config import file as config_file
from gateway.contract import lock
from gateway.contract.check import check as check_source
from gateway.contract.compile import compile_settings
from gateway.contract.findings import Finding, LoadError, errors, ordered
from gateway.contract.levels import levelled
from gateway.contract.load import load
from gateway.contract.rules.page import ENTRIES, section

Task = tuple[str, References, frozenset[str]]  # document, where references may lead, what is passed


def _show_rule(ctx: click.Context, _: click.Parameter, rule: str | None) -> None:
    """Print the section of one rule, and end."""
    if rule is None:
        return
    if rule not in ENTRIES:
        close = difflib.get_close_matches(rule, ENTRIES, 1)
        raise click.BadParameter(f"there is no rule {rule!r}" + (f"; did you mean {close[0]}?" if close else ""))
    click.echo(section(ENTRIES[rule]), nl=False)
    ctx.exit(FINE)


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@config_option
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--all", "every", is_flag=True, help="Show every place of a flaw that stands in many.")
@click.option(
    "--format",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Output; sarif is SARIF 2.1.0 for code scanning, github are annotations of GitHub Actions.",
)
@click.option(
    "--update-lock", is_flag=True, help="Fetch what references lead to and write `references.lock`; then check."
)
@click.option(
    "--rule", metavar="ID", expose_value=False, is_eager=True, callback=_show_rule, help="Explain a rule, and end."
)
@click.pass_context
def check(
    ctx: click.Context,
    files: Sequence[str],
    config: str | None,
    strict: bool,
    every: bool,
    format: str,
    update_lock: bool,
) -> None:
    """Say what is wrong with OpenAPI documents: file, line, rule and what to do.

    Without FILE, all documents of the settings are checked, and how they fit together. Exit code 0: fine;
    1: errors (with --strict, warnings too); 2: something cannot be read.

    \b
    Example:
      gateway check specs/*.yaml
      specs/runs.yaml:14:7: error: undeclared-security-scheme: ...
    """
    settings = _settings(files, config)
    if update_lock:
        _update_lock(settings)
    readable, findings = _findings(_tasks(files, settings))
    if settings and not files and readable and not errors(findings):
        readable, more = _together(settings)
        findings += more
    findings = ordered(levelled(findings, settings.rules if settings else {}))
    WRITERS[format](findings, readable, every)
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


def _update_lock(settings: Settings | None) -> None:
    """Write the lock anew. When a document cannot be read, it stays as it was."""
    if settings is None or not settings.references.lock:
        raise click.UsageError("--update-lock: gateway.yaml names no file to write, set `references.lock`")
    seen: dict[str, lock.Entry] = {}
    try:
        for api in settings.apis:
            load(api.contract, settings.references, fetch=lock.recorder(seen))
        Path(settings.references.lock).write_text(lock.text(seen), "utf-8")
    except LoadError as error:
        _lines(report.text(report.grouped(error.findings)))
        raise click.exceptions.Exit(UNREADABLE) from None
    except OSError as error:
        raise click.UsageError(f"--update-lock: {settings.references.lock}: {error.strerror}") from None


def _tasks(files: Sequence[str], settings: Settings | None) -> Iterator[Task]:
    """Each document with what the settings allow it."""
    references = settings.references if settings else References()
    apis = settings.apis if settings else ()
    passes = {os.path.realpath(api.contract): frozenset(api.passes) for api in apis}
    for file in dict.fromkeys(files or [api.contract for api in apis]):
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


def _together(settings: Settings) -> tuple[bool, list[Finding]]:
    """How the documents and all that the settings name fit together; whether certificates and keys could be read."""
    from gateway.server.generation import contexts  # only settings without errors need the server

    compiled = compile_settings(settings)
    try:
        if compiled.table is not None:
            contexts(settings, compiled.table.backends)
    except LoadError as error:
        return False, [*compiled.findings, *error.findings]
    return True, compiled.findings


def _text(findings: list[Finding], readable: bool, every: bool) -> None:
    _lines(report.text(report.grouped(findings, every)))
    click.echo(_summary(findings), err=True)


def _github(findings: list[Finding], readable: bool, every: bool) -> None:
    _lines(report.github(report.grouped(findings, every)))
    click.echo(_summary(findings), err=True)


def _json(findings: list[Finding], readable: bool, every: bool) -> None:
    echo_json({**summary(findings), "findings": [finding.data() for finding in findings]})


def _sarif(findings: list[Finding], readable: bool, every: bool) -> None:
    echo_json(sarif(findings, readable))


WRITERS: dict[str, Callable[[list[Finding], bool, bool], None]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _summary(findings: list[Finding]) -> str:
    """`2 errors, 3 warnings in 2 files`."""
    count = summary(findings)
    text = f"{counted(count['errors'], 'error')}, {counted(count['warnings'], 'warning')}"
    files = {finding.where.file for finding in findings}
    return f"{text} in {len(files)} files" if len(files) > 1 else text
