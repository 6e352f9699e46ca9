"""Concurrency limits that contradict each other or mean nothing."""

import pytest

from gateway.config import Api, Concurrency, Settings
from gateway.config.check_concurrency import CONCURRENCY


def flaws(*limits: Concurrency) -> list[str]:
    """Place and message, for APIs in front of one backend."""
    apis = tuple(Api("a.yaml", f"http://h/{index}", concurrency=limit) for index, limit in enumerate(limits))
    settings = Settings(apis=apis)
    return [f"{place}: {message}" for check in CONCURRENCY for place, message, _ in check(settings)]


@pytest.mark.parametrize(
    "limits",
    [
        [Concurrency(), Concurrency()],
        [Concurrency(3), Concurrency()],
        [Concurrency(3, 4), Concurrency(3, 4)],
        [Concurrency(3), Concurrency(4, by="operation"), Concurrency(5, by="consumer")],
    ],
)
def test_fine(limits: list[Concurrency]) -> None:
    """No limit, one word about an upstream, or limits of different things."""
    assert flaws(*limits) == []


def test_flaws() -> None:
    """Each with its place."""
    assert flaws(Concurrency(3), Concurrency(4)) == [
        "/apis/1/concurrency: apis[0] and apis[1] have different limits for the same upstream"
    ]
    assert flaws(Concurrency(3, by="consumer", adaptive=True)) == [
        "/apis/0/concurrency/adaptive: a limit by consumer cannot be adaptive"
    ]
    assert flaws(Concurrency(queue=3)) == ["/apis/0/concurrency: concurrency without a limit has no effect"]
