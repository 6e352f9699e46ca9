"""`gateway keys`: the API keys of a store."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click

from gateway.cli.common import FINE, config_option, echo_json, format_option
from gateway.cli.stored import chosen, edit, reported, store_option, stores_of, without
from gateway.config import KeyStore
from gateway.security.api_key import make_key
from gateway.security.database import KEYS, rows_of
from gateway.security.hashing import hash_key
from gateway.security.jose import decode_object
from gateway.security.opening import database_of, pepper_of
from gateway.security.records import KeyRecord, date_of, expiry, key_record, parse_keys
from gateway.security.stores import FileSource, StoreError, VariableSource

_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


@click.group()
def keys() -> None:
    """Make, show and revoke API keys.

    A key is shown once, when it is made; stores hold hashes.

    \b
    Example:
      gateway keys create --owner acme --scope runs:read --expires 90d > acme.key
    """


@keys.command()
@click.option("--owner", required=True, metavar="NAME", help="Who calls with it: the subject of its requests.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What it may do; may be given several times.")
@click.option(
    "--expires", metavar="WHEN", default="", help="A date such as 2027-01-31, or a number of days such as 90d."
)
@click.option("--quota", metavar="NAME", default="", help="A rate limit of the settings that holds for this key.")
@click.option("--note", metavar="TEXT", default="", help="For those who read the list.")
@store_option
@config_option
@format_option
def create(
    owner: str,
    scopes: Sequence[str],
    expires: str,
    quota: str,
    note: str,
    store: str | None,
    config: str | None,
    format: str,
) -> int:
    """Make a key, and print it: only here, and only once.

    \b
    Example:
      gateway keys create --owner acme --scope runs:read --expires 90d > acme.key
    """
    settings = stores_of(config)
    name, given = chosen("keys", settings.keys, store)
    if quota and quota not in settings.rate_limits:
        raise click.UsageError(f"--quota: {quota} is not under `rate-limits` of the settings")
    now = datetime.now(UTC)
    with reported(f"/keys/{name}"):
        id, key = make_key()
        record = KeyRecord(
            id,
            hash_key(key, pepper_of(given)),
            owner,
            tuple(scopes),
            _date(expires, now),
            quota,
            _text(now),
            note,
        )
        try:
            key_record(record.members())
        except ValueError as error:
            raise click.UsageError(f"such a key cannot be: {error}") from None
        _put(given, record)
    if format == "json":
        line = {"line": record.line()} if given.variable else {}
        echo_json({"id": id, "key": key.decode(), "store": name, **line})
        return FINE
    click.echo(key.decode())
    click.echo(f"key {id} of {owner} in store {name}; it is shown only here", err=True)
    if given.variable:
        click.echo(f"add this line to the environment variable {given.variable}:\n{record.line()}", err=True)
    return FINE


@keys.command("list")
@store_option
@config_option
@format_option
def list_(store: str | None, config: str | None, format: str) -> int:
    """Show the keys of a store: whose they are, what they may do, until when."""
    name, given = chosen("keys", stores_of(config).keys, store)
    with reported(f"/keys/{name}"):
        records = _records(given)
    now = datetime.now(UTC).timestamp()
    if format == "json":
        echo_json([_shown(record, now) for record in records])
        return FINE
    for record in records:
        shown = _shown(record, now)
        until = f" until {record.expires}" if record.expires else ""
        limits = f" quota={record.quota}" if record.quota else ""
        scopes = f" [{' '.join(record.scopes)}]" if record.scopes else ""
        note = f" # {record.note}" if record.note else ""
        click.echo(f"{record.id} {shown['state']}{until} {record.owner}{scopes}{limits}{note}")
    return FINE


@keys.command()
@click.argument("id", metavar="ID")
@store_option
@config_option
def revoke(id: str, store: str | None, config: str | None) -> int:
    """Let a key count no longer. Running gateways see it within the store's `refresh`."""
    name, given = chosen("keys", stores_of(config).keys, store)
    with reported(f"/keys/{name}"):
        record = next((record for record in _records(given, broken=True) if record.id == id), None)
        if record is None:
            raise click.UsageError(f"there is no key {id} in store {name}")
        if given.variable:
            raise click.UsageError(f"take the line of {id} out of the environment variable {given.variable} yourself")
        if not record.revoked:
            _put(given, replace(record, revoked=_text(datetime.now(UTC))))
    click.echo(f"revoked {id} of {record.owner}")
    return FINE


def _put(given: KeyStore, record: KeyRecord) -> None:
    """Write a record, in the place of the one with its id. An environment variable is left to people."""
    if given.file:
        edit(given.file, lambda lines: without(lines, lambda line: _id(line) == record.id, [record.line()]))
    elif given.database:
        database_of(given).put(record)


def _id(line: str) -> object:
    try:
        return decode_object(line.encode()).get("id")
    except ValueError:
        return None


def _records(given: KeyStore, broken: bool = False) -> list[KeyRecord]:
    """All keys; with `broken`, those that can be understood of a store with flaws. Raises StoreError."""
    try:
        if given.database:
            return rows_of(database_of(given), KEYS)
        source = FileSource(given.file, parse_keys) if given.file else VariableSource(given.variable, parse_keys)
        found = source.read(None)
    except StoreError as error:
        if broken and error.rest is not None:
            return list(error.rest)
        raise
    return found[1] if found else []


def _shown(record: KeyRecord, now: float) -> dict[str, object]:
    """Without the hash."""
    ended = now >= expiry(record)
    state = ("revoked" if record.revoked else "expired") if ended else "good"
    return {"state": state, **{name: value for name, value in record.members().items() if name != "hash"}}


def _date(text: str, now: datetime) -> str:
    """An RFC 3339 date of `2027-01-31` or `90d`. Raises UsageError."""
    if not text:
        return ""
    if match := _DAYS.fullmatch(text):
        return _text(now + timedelta(days=int(match[1])))
    try:
        date_of(text)
    except ValueError as error:
        raise click.UsageError(f"--expires: {error}; or a number of days such as 90d") from None
    return text


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
