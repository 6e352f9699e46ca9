"""The checks notice every known way in which service and document came apart, and nothing where they did not."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contract_tests.client import Client
from contract_tests.drift.drifts import CLEAN, DRIFTS, Drift
from contract_tests.drift.service import FORM, served
from gateway.config import Api, Issuer, Settings
from gateway.security.jwk import parse_jwks
from gateway.verify.cases import Case
from gateway.verify.checks import Problem
from gateway.verify.message import Edit, Request
from gateway.verify.run import verify
from gateway.verify.subject import Subject, subjects_of

NUMBERS = [f"D{number}" for number in range(1, 14)]
GOOD = b"client_id=strava&client_secret=river"


@cache
def subjects(text: str) -> tuple[Subject, ...]:
    """The operations of a document."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "runnerly.yaml"
        path.write_text(text, "utf-8")
        api = Api(contract=str(path), upstream="http://127.0.0.1:1", name="runnerly")
        issuer = Issuer(issuer="http://issuer.example", audience=("runnerly",), jwks="http://127.0.0.1:1/jwks")
        return subjects_of(Settings(apis=(api,), issuers={"runnerly": issuer}))


@cache
def problems(drift: Drift) -> list[Problem]:
    """What the checks find when a service is held to a document."""
    client = Client()
    with served(drift.service()) as base:
        form = (("Content-Type", FORM.encode()),)
        reply = client.send(base, drift.service.base, Request("POST", "/oauth/token", None, form, GOOD))
        token = json.loads(reply.body)["access_token"]

        def moment(subject: Subject, case: Case) -> Sequence[Edit]:
            return [Edit(("header", "Authorization"), f"Bearer {token}")] if subject.secured else []

        chosen = subjects(drift.text())
        return verify(chosen, lambda subject, request: client.send(base, subject.prefix, request), moment)[0]


def caught(drift: Drift) -> bool:
    """Whether the problem that is due was found where it is due."""
    return any(
        drift.finding in problem.message and problem.subject.name.endswith(drift.operation)
        for problem in problems(drift)
    )


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: f"{drift.number}-{drift.service.__name__}")
def test_a_drift_is_caught(drift: Drift) -> None:
    """The problem is found, at the operation that drifted."""
    assert caught(drift), "\n".join(problem.text() for problem in problems(drift)) or "nothing was found"


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: f"{drift.number}-{drift.service.__name__}")
def test_only_the_operation_that_drifted_is_blamed(drift: Drift) -> None:
    """Problems elsewhere would be false alarms; only a lost base path is everybody's."""
    blamed = {problem.subject.name.partition(" ")[2] for problem in problems(drift)}
    assert blamed == {drift.operation} or drift.number == "D1"


def test_the_honest_service_is_clean() -> None:
    """The same checks find nothing in the service that keeps the document."""
    found = problems(CLEAN[0])
    assert not found, "\n".join(problem.text() for problem in found)


def test_the_drifted_key_set_is_of_no_use() -> None:
    """Why D11 matters: a strict reader takes the honest set and refuses the other."""
    honest, drifted = CLEAN[0].service(), next(drift for drift in DRIFTS if drift.number == "D11").service()
    assert parse_jwks(json.dumps(honest.get_jwks()[1]).encode(), ("RS256",)).by_kid
    with pytest.raises(ValueError, match="not a JSON object"):
        parse_jwks(json.dumps(drifted.get_jwks()[1]).encode(), ("RS256",))


def test_all_drifts_are_caught(notes: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The number that the project publishes."""
    found = [number for number in NUMBERS if all(caught(drift) for drift in DRIFTS if drift.number == number)]
    known = {drift.number for drift in DRIFTS}
    note = f"Drifts caught: {len(found)} of {len(NUMBERS)}."
    notes.append(note)
    with capsys.disabled():
        print(f"\n{note}")
    assert known == set(NUMBERS)
    assert found == NUMBERS
