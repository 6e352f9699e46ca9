"""Flaws in the settings about who may call: addresses, origins, header fields, the filter."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from gateway.config import Addresses, Cors, Settings
from gateway.config.hook import HookMissing, load
from gateway.config.origin import ANY, NULL, parse_origin

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
VALUE = re.compile(r"[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?")  # field-value, section 5.5
# The message would mean something else, or would not end where it ends; or the gateway has to know the value.
UNTOUCHABLE = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("content-length", "content-type", "content-encoding", "content-range", "date", "vary", "set-cookie"),
        *("www-authenticate", "proxy-authenticate", "x-request-id"),
    )
)


def addresses(settings: Settings) -> Iterator[Flaw]:
    """Lists of networks, of the gateway and of each API."""
    yield from _lists("/addresses", settings.addresses)
    for index, api in enumerate(settings.apis):
        yield from _lists(f"/apis/{index}/addresses", api.addresses)


def _lists(place: str, given: Addresses) -> Iterator[Flaw]:
    for key, networks in (("allow", given.allow), ("deny", given.deny)):
        for index, text in enumerate(networks):
            try:
                ip_network(text)
            except ValueError as error:
                yield f"{place}/{key}/{index}", f"addresses: {error}", "for example 10.0.0.0/8 or 2001:db8::/32"


def origins(settings: Settings) -> Iterator[Flaw]:
    """CORS of each API: what no browser would send, or what would open more than was meant."""
    for index, api in enumerate(settings.apis):
        yield from _cors(f"/apis/{index}/cors", api.cors)


def _cors(place: str, cors: Cors) -> Iterator[Flaw]:
    for index, text in enumerate(cors.origins):
        try:
            origin = parse_origin(text)
        except ValueError as error:
            yield f"{place}/origins/{index}", f"cors: {error}", "for example https://app.example"
            continue
        if cors.credentials and origin.text in (ANY, NULL):
            message = f'cors: origin "{text}" together with credentials lets any page act for whoever looks at it'
            yield f"{place}/origins/{index}", message, "list the origins, or leave `credentials` out"
    for key, names in (("headers", cors.headers), ("expose", cors.expose)):
        for index, name in enumerate(names):
            if not TOKEN.fullmatch(name) or name == "*":
                hint = "name each field; `*` does not stand for all of them"
                yield f"{place}/{key}/{index}", f'cors: "{name}" is not the name of a header field', hint
    if not cors.origins and cors != Cors():
        yield place, "cors: without origins nothing of this has an effect", "add `origins`, or remove `cors`"


def fields(settings: Settings) -> Iterator[Flaw]:
    """Header fields that are set or removed."""
    given = settings.headers
    yield from _names("/headers/set", given.set)
    for index, name in enumerate(given.remove):
        yield from ((f"/headers/remove/{index}", *flaw[1:]) for flaw in _names("", [name]))
    for name, value in given.set.items():
        if not VALUE.fullmatch(value):
            yield (
                f"/headers/set/{name}",
                f"headers: the value of {name} is empty or has characters no field may have",
                "",
            )


def _names(place: str, names: Iterable[str]) -> Iterator[Flaw]:
    for name in names:
        low = name.lower()
        where = f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
        if not TOKEN.fullmatch(name):
            yield where, f'headers: "{name}" is not the name of a header field', ""
        elif low in UNTOUCHABLE:
            yield where, f"headers: {name} belongs to the message itself and cannot be set or removed", ""
        elif low.startswith("access-control-"):
            yield where, f"headers: {name} is for browsers", "use `cors` of the API: it knows which pages may have it"


def hook(settings: Settings) -> Iterator[Flaw]:
    """The filter can be called."""
    if settings.filter:
        try:
            load(settings.filter)
        except HookMissing as error:
            hint = "the module must be installed, or its folder be in PYTHONPATH"
            yield "/filter", f"filter: {error}", hint


EXPOSURE = (addresses, origins, fields, hook)
