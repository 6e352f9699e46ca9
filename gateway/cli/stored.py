"""What the commands about stores share: which store is meant, and changing a file so that nobody sees half of it."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypeVar

import click

from gateway.cli.common import DEFAULT_CONFIG, Unreadable, read_settings, settings_reader
from gateway.config import Settings
from gateway.config.secret import SecretMissing
from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Location
from gateway.security.records import lines_of
from gateway.security.stores import StoreError

store_option = click.option("--store", metavar="NAME", help="Which store of the settings; default is the only one.")

T = TypeVar("T")


def stores_of(config: str | None) -> Settings:
    """The settings of a file. Ends the command with exit code 2 when they cannot be read."""
    if config is None and not os.path.exists(DEFAULT_CONFIG):
        raise click.UsageError(f"there is no {DEFAULT_CONFIG} here, which names the stores: give --config PATH")
    return read_settings(settings_reader(None, None, config, {}))


def chosen(section: str, stores: Mapping[str, T], name: str | None) -> tuple[str, T]:
    """The store of this name, or the only one. Raises UsageError."""
    if name is None and len(stores) == 1:
        return next(iter(stores.items()))
    if name in stores:
        assert name is not None
        return name, stores[name]
    known = ", ".join(stores) or "none"
    said = f"there is no store {name}" if name else "name one of the stores with --store; there is not just one"
    raise click.UsageError(f"{said} under `{section}` of the settings (there: {known})")


@contextmanager
def reported(pointer: str) -> Iterator[None]:
    """Turns what is wrong with a store into the end of the command with exit code 2."""
    try:
        yield
    except StoreError as error:
        raise Unreadable(
            Finding(
                Location(error.place, max(flaw.line, 1), 1, pointer), Severity.ERROR, "credential-store", flaw.message
            )
            for flaw in error.flaws
        ) from None
    except SecretMissing as error:
        where = Location("gateway.yaml", 1, 1, pointer)
        raise Unreadable([Finding(where, Severity.ERROR, "credential-store", str(error))]) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None


def edit(path: str, change: Callable[[list[str]], list[str]]) -> None:
    """Give the file the lines that `change` makes of those it has: at once, under a lock, readable for its owner only
    if it is new. Raises OSError."""
    folder = os.path.dirname(path) or "."
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of the folder: the file itself is another one after each change
        lines, before = _read(path)
        _replace(path, folder, "".join(f"{line}\n" for line in change(lines)), before)
    finally:
        os.close(lock)


def _read(path: str) -> tuple[list[str], os.stat_result | None]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines(), os.fstat(file.fileno())
    except FileNotFoundError:
        return [], None


def _replace(path: str, folder: str, text: str, before: os.stat_result | None) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if before is not None:
                with suppress(PermissionError):
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fchmod(file.fileno(), before.st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def without(lines: list[str], is_it: Callable[[str], bool], instead: list[str]) -> list[str]:
    """The lines with `instead` in the place of the one that `is_it`, or at the end. Comments stay."""
    places = [number for number, line in lines_of("\n".join(lines)) if is_it(line)]
    if not places:
        return lines + instead
    first = places[0] - 1
    kept = [line for number, line in enumerate(lines, 1) if number not in places[1:]]
    return kept[:first] + instead + kept[first + 1 :]
