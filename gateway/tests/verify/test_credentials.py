"""What callers may bring is counted out from the requirements, and judged by the specification."""

from typing import Any

import pytest

from gateway.verify.credentials import GOOD, LACKING, Offer, expected, offers, title

NONE: frozenset[str] = frozenset()
READ = frozenset({"read"})


def test_offers() -> None:
    """Satisfied, missing, lacking and wrong, for each credential of each alternative; nothing twice."""
    security = [{"token": READ, "key": NONE}, {"token": READ}, {}]
    assert [title(offer) for offer in offers(security, lambda scheme: ["wrong"])] == [
        "nothing",
        "key: good, token: good",
        "key: good",
        "key: good, token: lacking a scope",
        "key: good, token: wrong",
        "token: good",
        "key: wrong, token: good",
        "token: lacking a scope",
        "token: wrong",
    ]


@pytest.mark.parametrize(
    ("security", "offer", "status"),
    [
        ([], {"token": "wrong"}, 200),
        ([{}], {"token": "wrong"}, 200),
        ([{"token": READ}], {}, 401),
        ([{"token": READ}], {"token": GOOD}, 200),
        ([{"token": READ}], {"token": LACKING}, 403),
        ([{"token": READ}], {"token": "expired"}, 401),
        ([{"token": READ}, {}], {}, 200),
        ([{"token": READ}, {}], {"token": "expired"}, 401),
        ([{"token": READ}, {}], {"token": LACKING}, 200),
        ([{"token": READ}, {}], {"key": "wrong"}, 200),
        ([{"token": READ, "key": NONE}], {"token": GOOD}, 401),
        ([{"token": READ, "key": NONE}], {"token": LACKING, "key": GOOD}, 403),
        ([{"token": READ, "key": NONE}], {"token": LACKING, "key": "wrong"}, 401),
        ([{"token": READ}, {"key": NONE}], {"token": "expired", "key": GOOD}, 200),
        ([{"token": READ}, {"key": NONE}], {"token": LACKING, "key": "wrong"}, 403),
        ([{"token": READ, "key": NONE}, {}], {"key": GOOD}, 401),
        ([{"token": READ}, {"token": NONE, "key": NONE}], {"token": LACKING, "key": GOOD}, 200),
    ],
)
def test_expected(security: Any, offer: Offer, status: int) -> None:
    """AND inside, OR between, `{}` optional, and what is offered has to be good."""
    assert expected(security, offer) == status
