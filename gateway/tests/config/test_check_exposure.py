"""Flaws in the settings about who may call."""

from dataclasses import replace

import pytest

from gateway.config import Addresses, Api, Cors, Fields, Settings
from gateway.config.check_exposure import EXPOSURE

API = Api(contract="a.yaml", upstream="http://a")


def flaws(settings: Settings) -> list[tuple[str, str]]:
    """Place and message."""
    return [(place, message) for check in EXPOSURE for place, message, _ in check(settings)]


def test_settings_that_are_fine_have_none() -> None:
    """With and without everything."""
    cors = Cors(origins=("https://a.example", "https://*.b.example", "null"), headers=("X-A",), expose=("X-B",))
    anybody = Cors(origins=("*",))
    apis = (replace(API, cors=cors, addresses=Addresses(allow=("10.0.0.0/8", "::1"))), replace(API, cors=anybody))
    fields = Fields(set={"Strict-Transport-Security": "max-age=63072000", "X-A": "ü"}, remove=("Server",))
    assert flaws(Settings(apis=apis, addresses=Addresses(deny=("192.0.2.1",)), headers=fields)) == []
    assert flaws(Settings()) == []


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        (Addresses(allow=("10.0.0.1/8",)), "allow/0"),
        (Addresses(allow=("::/0", "10.0.0.256")), "allow/1"),
        (Addresses(deny=("example.org",)), "deny/0"),
        (Addresses(deny=("",)), "deny/0"),
    ],
)
def test_networks_are_networks(addresses: Addresses, place: str) -> None:
    """A list that is misread lets in whom it should not."""
    assert [found for found, _ in flaws(Settings(addresses=addresses))] == [f"/addresses/{place}"]
    found = flaws(Settings(apis=(API, replace(API, addresses=addresses))))
    assert [where for where, _ in found] == [f"/apis/1/addresses/{place}"]


@pytest.mark.parametrize(
    ("cors", "place", "message"),
    [
        (Cors(origins=("https://a.example/",)), "/origins/0", "without a path"),
        (Cors(origins=("https://a.example", "https://*.com")), "/origins/1", "every site"),
        (Cors(origins=("*",), credentials=True), "/origins/0", "any page"),
        (Cors(origins=("https://a.example", "null"), credentials=True), "/origins/1", "any page"),
        (Cors(origins=("*",), headers=("*",)), "/headers/0", "not the name"),
        (Cors(origins=("*",), expose=("X A",)), "/expose/0", "not the name"),
        (Cors(credentials=True), "", "without origins"),
    ],
)
def test_cors_opens_no_more_than_was_meant(cors: Cors, place: str, message: str) -> None:
    """And nothing in it is without effect."""
    ((found, said),) = flaws(Settings(apis=(replace(API, cors=cors),)))
    assert found == f"/apis/0/cors{place}" and message in said


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        (Fields(set={"Content-Length": "1"}), "/headers/set/Content-Length", "belongs to the message"),
        (Fields(set={"transfer-encoding": "x"}), "/headers/set/transfer-encoding", "belongs to the message"),
        (Fields(set={"X-Request-ID": "x"}), "/headers/set/X-Request-ID", "belongs to the message"),
        (Fields(set={"A/B": "1"}), "/headers/set/A~1B", "not the name"),
        (Fields(set={"X-A": "1\r\nX-B: 2"}), "/headers/set/X-A", "characters"),
        (Fields(set={"X-A": " 1"}), "/headers/set/X-A", "characters"),
        (Fields(set={"X-A": ""}), "/headers/set/X-A", "empty"),
        (Fields(set={"X-A": "€"}), "/headers/set/X-A", "characters"),
        (Fields(set={"Access-Control-Allow-Origin": "*"}), "/headers/set/Access-Control-Allow-Origin", "browsers"),
        (Fields(remove=("Server", "Connection")), "/headers/remove/1", "belongs to the message"),
        (Fields(remove=("X\nA",)), "/headers/remove/0", "not the name"),
    ],
)
def test_header_fields_stay_well_formed(fields: Fields, place: str, message: str) -> None:
    """No framing, no injection, nothing that the gateway has to know."""
    ((found, said),) = flaws(Settings(headers=fields))
    assert found == place and message in said


def test_a_filter_that_cannot_be_called_is_a_flaw() -> None:
    """Found before the first request."""
    assert flaws(Settings(filter="no_such_module:allow"))[0][0] == "/filter"
    assert flaws(Settings(filter="bisect:insort"))[0][0] == "/filter"
