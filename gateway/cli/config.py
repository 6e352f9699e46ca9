"""`gateway config`: the settings in force."""

import os

import click
import orjson

from gateway.cli.common import DEFAULT_CONFIG, FINE, Unreadable, config_option, echo_json, format_option
from gateway.config.file import read_places
from gateway.config.shown import Shown, shown
from gateway.contract.findings import LoadError


@click.group()
def config() -> None:
    """Look at the settings.

    \b
    Example:
      gateway config show
    """


@config.command()
@config_option
@click.option("--changed", is_flag=True, help="Only what is not the default.")
@format_option
def show(config: str | None, changed: bool, format: str) -> int:
    """Every setting in force, and where it comes from: the file, a variable, or the default.

    Secrets are shown as the places where they are, env:NAME or file:PATH.

    \b
    Examples:
      gateway config show --changed
      GATEWAY_WORKERS=4 gateway config show --config gateway.yaml --format json
    """
    try:
        found = [each for each in shown(read_places(config or DEFAULT_CONFIG, os.environ)) if _wanted(each, changed)]
    except LoadError as error:
        raise Unreadable(error.findings) from None
    if format == "json":
        echo_json([{"name": each.name, "value": each.value, "origin": each.origin} for each in found])
        return FINE
    for each in found:
        click.echo(f"{each.name}: {orjson.dumps(each.value).decode()}  # {each.origin}")
    return FINE


def _wanted(each: Shown, changed: bool) -> bool:
    return not changed or each.origin != "default"
