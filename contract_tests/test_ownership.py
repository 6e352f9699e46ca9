"""A runner sees their own runs, and nobody else's."""

import json

import pytest
import requests

from contract_tests.conftest import World

OWN, OTHER = 1, 2  # runners


def ask(world: World, runner: str, query: str = "", **claims: str) -> requests.Response:
    """The runs of a runner, asked for with a token of these claims."""
    token = world.tokens.forged(**({"sub": str(OWN), "scope": "runs:read"} | claims))
    url = f"{world.system.gateway}/data/users/{runner}/runs{query}"
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_the_own_runs_are_shown(world: World) -> None:
    """To the runner whom the token is about."""
    answer = ask(world, str(OWN))
    assert answer.status_code == 200 and {run["runner_id"] for run in answer.json()["items"]} <= {OWN}


@pytest.mark.parametrize("runner", [str(OTHER), f"0{OWN}", f"%3{OTHER}", f"{OWN}%20", f"{OWN};{OTHER}"])
def test_another_id_is_403_and_the_service_does_not_see_it(world: World, runner: str) -> None:
    """Before the service is asked, so that the answer does not tell whether there is such a runner."""
    before = world.seen()
    answer = ask(world, runner)
    assert answer.status_code == 403
    assert json.loads(answer.content)["type"] == "/docs/problems#forbidden"
    assert world.seen() == before


def test_who_may_see_users_sees_the_runs_of_each(world: World) -> None:
    """Services that work for everybody have that scope."""
    assert ask(world, str(OTHER), scope="runs:read users:read").status_code == 200


def test_a_client_is_nobodys_runner(world: World) -> None:
    """A token about a client opens the runs of none."""
    client = str(world.tokens.claims()["sub"])
    assert ask(world, str(OWN), sub=client).status_code == 403
