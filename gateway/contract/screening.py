"""From settings and document to who may call an operation at all (`gateway.security.screen`).

The lists of the gateway, of the API and of the document hold together: a document can narrow what the settings allow,
and never widen it.
"""

from collections.abc import Callable
from functools import cache
from ipaddress import ip_network

from gateway.config import Addresses, Api, Settings
from gateway.config.hook import load
from gateway.contract.model import Networks, Operation
from gateway.security.screen import AddressLists, Filter, Screen
from gateway.wire.address import AddressSet


def compile_screen(settings: Settings, api: Api) -> Callable[[Operation], Screen | None]:
    """A function from operation to its screen, None where everybody may call. For settings without flaws: raises
    HookMissing and ValueError."""
    chosen: Filter | None = load(settings.filter) if settings.filter else None
    above = (("the gateway", settings.addresses), (f"API {api.name}", api.addresses))

    @cache
    def screen(below: Networks | None) -> Screen | None:
        given: tuple[tuple[str, Addresses | Networks | None], ...] = (*above, ("the operation", below))
        lists = tuple(_lists(place, said) for place, said in given if said and (said.allow or said.deny))
        return Screen(lists, chosen) if lists or chosen else None

    return lambda operation: screen(operation.behaviour.addresses)


def outermost(settings: Settings) -> AddressLists | None:
    """The lists of the gateway itself, for what belongs to no operation; None where everybody may see it."""
    said = settings.addresses
    return _lists("the gateway", said) if said.allow or said.deny else None


def _lists(place: str, said: Addresses | Networks) -> AddressLists:
    return AddressLists(place, AddressSet(map(ip_network, said.allow)), AddressSet(map(ip_network, said.deny)))
