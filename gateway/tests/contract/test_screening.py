"""From settings and document to who may call."""

from dataclasses import replace

import pytest

from gateway.config import Addresses, Api, Settings
from gateway.config.hook import HookMissing
from gateway.contract.model import Behaviour, Networks
from gateway.contract.screening import compile_screen, outermost
from gateway.tests.contract.test_deprecation import OPERATION

API = Api(contract="a.yaml", upstream="http://a", name="things")


def test_what_everybody_may_call_has_no_screen() -> None:
    """So that it costs nothing; empty lists are none."""
    screen = compile_screen(Settings(), API)
    assert screen(OPERATION) is None
    assert screen(replace(OPERATION, behaviour=Behaviour(addresses=Networks((), ())))) is None


def test_lists_add_up_from_the_gateway_to_the_operation() -> None:
    """Each with the name of its place; operations with the same lists share one screen."""
    settings = Settings(addresses=Addresses(deny=("192.0.2.0/24",)))
    screen = compile_screen(settings, replace(API, addresses=Addresses(allow=("10.0.0.0/8",))))
    narrow = replace(OPERATION, behaviour=Behaviour(addresses=Networks(("10.1.0.0/16",), ())))
    found = screen(narrow)
    assert found is not None and found is screen(replace(narrow, template="/other"))
    assert [lists.place for lists in found.lists] == ["the gateway", "API things", "the operation"]
    assert [any(lists.objection(address) for lists in found.lists) for address in ("10.1.0.1", "10.2.0.1")] == [
        *(False, True),
    ]
    wide = screen(OPERATION)
    assert wide is not None and [lists.place for lists in wide.lists] == ["the gateway", "API things"]


def test_a_filter_is_there_for_every_operation() -> None:
    """Resolved once, at load."""
    found = compile_screen(Settings(filter="os.path:basename"), API)(OPERATION)
    assert found is not None and found.lists == () and found.filter is not None
    with pytest.raises(HookMissing):
        compile_screen(Settings(filter="os.path:nothing"), API)


def test_only_the_lists_of_the_gateway_hold_for_what_is_no_operation() -> None:
    """Those of an API are about the API."""
    assert outermost(Settings(apis=(replace(API, addresses=Addresses(deny=("::/0",))),))) is None
    lists = outermost(Settings(addresses=Addresses(deny=("192.0.2.0/24",))))
    assert lists is not None and lists.objection("192.0.2.1") and not lists.objection("192.0.3.1")
