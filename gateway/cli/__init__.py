"""The command `gateway`: one file for each subcommand, and the exit codes of all of them.

0 fine; 1 findings or violations, or a reader that left before the end of our output; 2 bad usage or unreadable
input; 130 interrupted. Nothing here ends in a traceback: what nobody foresaw is two lines that ask for a report,
and exit code 70 (EX_SOFTWARE).
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from traceback import extract_tb

import click

from gateway import __version__

# Each in the module of its name, under its name.
COMMANDS = ("check", "config", "demo", "explain", "keys", "passwords", "routes", "run")
INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
UNFORESEEN = 70


class Commands(click.Group):
    """Commands that are imported when they are chosen: none pays for what only another needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for `--help`."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; None when there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"gateway.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gateway", message="%(prog)s %(version)s")
def cli() -> None:
    """An API gateway whose only source of truth is the contract: the OpenAPI documents.

    \b
    Example:
      gateway run specs/dataservice.yaml --upstream http://127.0.0.1:8102
    """


def main(args: Sequence[str] | None = None) -> None:
    """The console entry point; ends the process with the exit code."""
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
    try:
        code = cli.main(args, prog_name="gateway", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:
        frame = extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
        text = f"gateway: {type(error).__name__} at {place}: {error}"
        click.echo(f"{text}\nThis is a defect of the gateway itself: please report it.", err=True)
        return UNFORESEEN
    return code if isinstance(code, int) else 0
