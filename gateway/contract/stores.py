"""The stores of the settings, opened: keys, passwords, what was revoked, and what is wrong with any of them.

All stores are opened anew for each table, so that a table never begins with content of the day before yesterday. A
store that cannot be read keeps a table from being built; once it is served, the former content stays in force.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from gateway.config import Issuer, Settings
from gateway.config.secret import SecretMissing, reveal
from gateway.contract.findings import Finding, Severity
from gateway.contract.in_settings import in_settings
from gateway.contract.model import Location
from gateway.security.api_key import Keys
from gateway.security.basic import Users
from gateway.security.opening import open_keys, open_passwords
from gateway.security.password_check import PasswordChecker
from gateway.security.revocation import Denylist, Entries, revoked_file
from gateway.security.stores import StoreError, Watched

RULE = "credential-store"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SHOWN = 20  # flaws of one store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stores:
    """What was opened, by the names in the settings. `secrets` are those of introspection, by issuer."""

    keys: Mapping[str, Watched[Keys]] = field(default_factory=dict)
    passwords: Mapping[str, Watched[Users]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    denylist: Denylist | None = None
    checker: PasswordChecker = field(default_factory=PasswordChecker)


NOTHING = Stores()


def open_stores(settings: Settings) -> tuple[Stores, list[Finding]]:
    """Everything that the settings name. What cannot be opened is missing, and among the findings."""
    findings: list[Finding] = []
    keys: dict[str, Watched[Keys]] = {}
    passwords: dict[str, Watched[Users]] = {}
    secrets: dict[str, str] = {}
    for name, given in settings.keys.items():
        _open(keys, name, f"/keys/{name}", partial(open_keys, name, given, settings.rate_limits), findings)
        findings += _readable(given.file)
    for name, known in settings.passwords.items():
        _open(passwords, name, f"/passwords/{name}", partial(open_passwords, name, known), findings)
        findings += _readable(known.file)
    for name, issuer in settings.issuers.items():
        if issuer.introspection.url:
            _open(secrets, name, f"/issuers/{name}/introspection", partial(_secret, issuer), findings)
            findings += _unprotected(name, issuer)
    return Stores(keys, passwords, secrets, _denylist(settings, findings)), findings


def _open(into: dict[str, T], name: str, pointer: str, make: Callable[[], T], findings: list[Finding]) -> None:
    """Put what `make` gives `into` a mapping, or say why there is nothing."""
    try:
        into[name] = make()
    except SecretMissing as error:
        findings.append(_finding(in_settings(pointer), f"{pointer[1:].replace('/', '.')}: {error}"))
    except StoreError as error:
        for flaw in error.flaws[:_SHOWN]:
            if flaw.line:
                where, message = Location(error.place, flaw.line, 1, ""), flaw.message
            else:
                where = in_settings(pointer)
                message = f"{pointer[1:].replace('/', '.')}: {error.place}: {flaw.message}"
            findings.append(_finding(where, message, _hint(error, pointer)))


def _hint(error: StoreError, pointer: str) -> str:
    section, _, name = pointer[1:].partition("/")
    if section == "keys":
        return f"`gateway keys create --store {name}` writes a store; docs/stores.md has the form of its lines"
    if section == "passwords":
        return f"`gateway passwords set USER --store {name}` writes a store; docs/stores.md has its form"
    return "an empty file is a list without entries; docs/stores.md has the form of its lines"


def _denylist(settings: Settings, findings: list[Finding]) -> Denylist | None:
    """Of the file, and of what all machines share; None when there is neither."""
    said, opened = settings.revocation, dict[str, Watched[Entries]]()
    if said.file:
        _open(opened, "file", "/revocation/file", lambda: revoked_file(said.file), findings)
    return Denylist(opened.values(), sharing=said.shared) if said.file or said.shared else None


def _secret(issuer: Issuer) -> str:
    return reveal(issuer.introspection.client_secret).decode(errors="surrogateescape")


def _readable(path: str) -> Iterator[Finding]:
    """A store that everybody on the machine can read, or write."""
    try:
        mode = os.stat(path).st_mode if path else 0
    except OSError:
        return
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        message = f"every user of this machine can {'change' if mode & stat.S_IWOTH else 'read'} the store"
        yield _finding(Location(path, 1, 1, ""), message, f"chmod o= {path}", Severity.WARNING)


def _unprotected(name: str, issuer: Issuer) -> Iterator[Finding]:
    """Tokens and the gateway's own secret on the wire for all to read (RFC 7662 section 4 demands TLS)."""
    url = urlsplit(issuer.introspection.url)
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        where = in_settings(f"/issuers/{name}/introspection/url")
        message = f"issuer {name} is asked about tokens without TLS: whoever is on the way can read and forge them"
        yield _finding(where, message, "write https://", Severity.WARNING)


def _finding(where: Location, message: str, hint: str = "", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(where, severity, RULE, message, hint)
