"""What the types of the settings cannot say: flaws of settings that were decoded, each with its place.

Checks of one topic are together; `CHECKS` has them all.
"""

import ipaddress
import os
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from gateway.config import Settings
from gateway.config.address import parse_address
from gateway.config.check_concurrency import CONCURRENCY
from gateway.config.check_credentials import CREDENTIALS
from gateway.config.check_exposure import EXPOSURE
from gateway.config.check_identity import IDENTITY
from gateway.config.check_limiting import LIMITING
from gateway.config.check_origins import ORIGINS
from gateway.config.check_store import STORE
from gateway.config.check_tls import TLS_CHECKS
from gateway.config.decode import did_you_mean
from gateway.contract import levels

API_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
PASS = re.compile(r"media:\S+/\S+|parameter:(path|query|header|cookie)\.\S+|security:\S+")

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint
Check = Callable[[Settings], Iterator[Flaw]]


def _addresses(settings: Settings) -> Iterator[Flaw]:
    for key, text in (("listen", settings.listen), ("admin", settings.admin)):
        if key == "admin" and text == "off":
            continue
        try:
            parse_address(text)
        except ValueError as error:
            yield f"/{key}", f"{key}: {error}", "for example 127.0.0.1:8080, [::1]:8080 or :8080"
    if settings.listen == settings.admin and not settings.listen.endswith(":0"):
        yield "/admin", f"admin: {settings.admin} is also the public listener", "choose another port, or off"


def _networks(settings: Settings) -> Iterator[Flaw]:
    for index, text in enumerate(settings.trusted_proxies):
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            yield f"/trusted-proxies/{index}", f"trusted-proxies: {error}", "for example 10.0.0.0/8"


def _contracts(settings: Settings) -> Iterator[Flaw]:
    if not settings.apis:
        yield "/apis", "no APIs: nothing to serve", "list at least one API: its contract and its upstream"
    for index, api in enumerate(settings.apis):
        if api.contract and not os.path.isfile(api.contract):
            hint = "paths are relative to the folder of the configuration file"
            yield f"/apis/{index}/contract", f"there is no file {api.contract}", hint
        if api.path is not None and not re.fullmatch(r"(/[^/?#\s]+)*", api.path):
            hint = 'for example /data; "" serves the API at the root'
            yield f"/apis/{index}/path", f'"{api.path}" is not a path without a slash at its end', hint
        for number, entry in enumerate(api.passes):
            if not PASS.fullmatch(entry):
                hint = "write media:TYPE, parameter:PLACE.NAME or security:SCHEME"
                yield f"/apis/{index}/pass/{number}", f'"{entry}" names nothing that can be passed', hint


def _upstreams(settings: Settings) -> Iterator[Flaw]:
    for index, api in enumerate(settings.apis):
        reason = _not_a_base_url(api.upstream) if api.upstream else ""
        if reason:
            message = f'"{api.upstream}" is not the base URL of a backend: {reason}'
            yield f"/apis/{index}/upstream", message, "for example http://127.0.0.1:8102"


def _not_a_base_url(text: str) -> str:
    """Why `text` is no base URL; "" when it is one."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        return str(error)
    reasons = (
        (url.scheme not in ("http", "https"), "it must start with http:// or https://"),
        (not url.hostname or port == 0, "it has no host or port 0"),
        ("@" in url.netloc, "credentials do not belong here"),
        (bool(url.query or url.fragment), "it has a query or a fragment"),
        (not text.isascii() or re.search(r"\s", text) is not None, "it holds blanks or non-ASCII characters"),
    )
    return next((why for wrong, why in reasons if wrong), "")


def _names(settings: Settings) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for index, api in enumerate(settings.apis):
        if api.contract and not API_NAME.fullmatch(api.name):
            hint = "set a name of letters, digits, dots, dashes and underscores"
            yield f"/apis/{index}/name", f'"{api.name}" cannot be the name of an API', hint
        elif api.contract and api.name in first:
            message = f'apis[{first[api.name]}] and apis[{index}] are both called "{api.name}"'
            yield f"/apis/{index}/name", message, "give each API a name of its own"
        first.setdefault(api.name, index)


def _issuers(settings: Settings) -> Iterator[Flaw]:
    for index, api in enumerate(settings.apis):
        for scheme, name in ((scheme, name) for scheme, names in api.security.items() for name in names):
            known = [*settings.issuers, *settings.keys, *settings.passwords]
            if name not in known:
                message = f'security scheme "{scheme}" names "{name}", which is not under issuers, keys or passwords'
                yield f"/apis/{index}/security/{scheme}", message, did_you_mean(name, known)
    for name, issuer in settings.issuers.items():
        if not issuer.audience:
            hint = "without it, tokens meant for others would be accepted (RFC 8725 section 3.9)"
            yield f"/issuers/{name}", f'issuer "{name}" has no audience', hint
        for claim in (claim for claim, values in issuer.claims.items() if not values):
            message = f'issuer "{name}" accepts no value of the claim {claim}, and so no token'
            yield f"/issuers/{name}/claims/{claim}", message, f'list the values, or write {claim}: "*" for any'
        if issuer.jwks and "://" not in issuer.jwks and not os.path.isfile(issuer.jwks):
            yield f"/issuers/{name}/jwks", f"there is no file {issuer.jwks}", ""


def _log(settings: Settings) -> Iterator[Flaw]:
    for key, place in (("access", settings.log.access), ("audit", settings.log.audit)):
        folder = os.path.dirname(place) or "."
        if place in ("stdout", "off"):
            continue
        if not os.path.isdir(folder):
            yield f"/log/{key}", f"there is no folder {folder} for the {key} log", ""
        elif os.path.isdir(place) or not os.access(place if os.path.exists(place) else folder, os.W_OK):
            yield f"/log/{key}", f"the {key} log cannot be written to {place}", "name a file in a folder of its own"


def _rules(settings: Settings) -> Iterator[Flaw]:
    for rule, level in settings.rules.items():
        if found := levels.fault(rule, level):
            yield f"/rules/{rule}", *found


CHECKS: tuple[Check, ...] = (
    _addresses,
    _networks,
    _contracts,
    _upstreams,
    _names,
    _issuers,
    _log,
    _rules,
    *ORIGINS,
    *CREDENTIALS,
    *CONCURRENCY,
    *STORE,
    *LIMITING,
    *EXPOSURE,
    *IDENTITY,
    *TLS_CHECKS,
)
