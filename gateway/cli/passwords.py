"""`gateway passwords`: the users of a store, for HTTP Basic."""

import sys
from collections.abc import Callable, Sequence

import click

from gateway.cli.common import FINE, config_option, echo_json, format_option
from gateway.cli.stored import chosen, edit, reported, store_option, stores_of, without
from gateway.config import PasswordStore
from gateway.security.database import PASSWORDS, rows_of
from gateway.security.hashing import hash_password
from gateway.security.opening import database_of
from gateway.security.records import (
    PasswordRecord,
    has_control,
    parse_passwords,
    password_text,
    scopes_of,
    user_name,
)
from gateway.security.stores import FileSource, VariableSource

LONGEST = 512  # bytes


@click.group()
def passwords() -> None:
    """Set, show and remove the users of HTTP Basic.

    Passwords are asked for, or read from standard input; stores hold hashes.

    \b
    Example:
      gateway passwords set anna --scope runs:read
    """


@passwords.command("set")
@click.argument("name", metavar="USER")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What the user may do; several times for more.")
@store_option
@config_option
def set_(name: str, scopes: Sequence[str], store: str | None, config: str | None) -> int:
    """Add a user, or give one another password.

    The password is asked for on a terminal; otherwise it is the first line of standard input.

    \b
    Example:
      gateway passwords set anna --scope runs:read
    """
    title, given = chosen("passwords", stores_of(config).passwords, store)
    try:
        user, allowed = user_name(name), scopes_of(list(scopes))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    record = PasswordRecord(user, hash_password(_password()), allowed)
    with reported(f"/passwords/{title}"):
        if given.file:
            edit(given.file, lambda lines: without(lines, _of(user), [record.line()]))
        elif given.database:
            database_of(given).put(record)
    if given.variable:
        click.echo(f"put this line into the environment variable {given.variable}:", err=True)
        click.echo(record.line())
    else:
        click.echo(f"set the password of {user} in store {title}")
    return FINE


@passwords.command("list")
@store_option
@config_option
@format_option
def list_(store: str | None, config: str | None, format: str) -> int:
    """Show the users of a store, and what they may do."""
    title, given = chosen("passwords", stores_of(config).passwords, store)
    with reported(f"/passwords/{title}"):
        records = _records(given)
    if format == "json":
        echo_json([{"name": record.name, "scopes": list(record.scopes)} for record in records])
        return FINE
    for record in records:
        click.echo(f"{record.name} [{' '.join(record.scopes)}]" if record.scopes else record.name)
    return FINE


@passwords.command()
@click.argument("name", metavar="USER")
@store_option
@config_option
def remove(name: str, store: str | None, config: str | None) -> int:
    """Take a user out. Running gateways see it within the store's `refresh`."""
    title, given = chosen("passwords", stores_of(config).passwords, store)
    with reported(f"/passwords/{title}"):
        if given.variable:
            raise click.UsageError(f"take the line of {name} out of the environment variable {given.variable} yourself")
        if name not in {record.name for record in _records(given)}:
            raise click.UsageError(f"there is no user {name} in store {title}")
        if given.file:
            edit(given.file, lambda lines: without(lines, _of(name), []))
        else:
            database_of(given).remove(PASSWORDS, name)
    click.echo(f"removed {name}")
    return FINE


def _of(name: str) -> Callable[[str], bool]:
    """Whether a line is that of a user."""
    return lambda line: line.partition(":")[0] == name


def _password() -> bytes:
    """From the terminal, twice, or the first line of standard input. Raises UsageError."""
    if sys.stdin.isatty():
        text = click.prompt("Password", hide_input=True, confirmation_prompt=True, type=str)
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    if not text or has_control(text) or len(text.encode(errors="replace")) > LONGEST:
        raise click.UsageError(f"a password has 1 to {LONGEST} bytes and no control characters")
    return password_text(text)


def _records(given: PasswordStore) -> list[PasswordRecord]:
    """All users. Raises StoreError."""
    if given.database:
        return rows_of(database_of(given), PASSWORDS)
    source = FileSource(given.file, parse_passwords) if given.file else VariableSource(given.variable, parse_passwords)
    found = source.read(None)
    return found[1] if found else []
