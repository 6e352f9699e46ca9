"""What an operation needs to find before it can succeed: a user, a run, an entity tag, a client's credentials.

One function per operation gives the edits that put live values into a request. An operation that is not in the
table needs nothing but a token.
"""

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import requests

from contract_tests.system import System
from contract_tests.tokens import Tokens
from gateway.verify.cases import Case
from gateway.verify.message import ABSENT, BODY, Edit
from gateway.verify.subject import Subject

SAFE = ("GET", "HEAD")
NOT_VARIED = {("liar", ("query", "lie"))}  # it asks for an answer that breaks the contract
RUN = {"title": "Prepared", "distance": 5000, "start_date": "2026-01-10T06:30:00Z", "elapsed_time": 1500}


class State:
    """Makes things in the running system, through its public operations."""

    def __init__(self, system: System, tokens: Tokens) -> None:
        self.tokens = tokens
        self._base = system.gateway
        self._session = requests.Session()
        self._numbers = itertools.count(1)
        self._user = 0

    def moment(self, subject: Subject, case: Case) -> list[Edit]:
        """The edits for a request to come."""
        edits = list(self.prepared(subject, case))
        if subject.secured:
            edits.append(Edit(("header", "Authorization"), f"Bearer {self.tokens.get()}"))
        return edits

    def prepared(self, subject: Subject, case: Case) -> list[Edit]:
        """Without a token. An example's own values stay as they are; only what it changes must not be somebody's."""
        prepare = STATES.get((subject.api, subject.operation.operation_id or ""))
        if prepare is None or (case.documented and subject.operation.method in SAFE):
            return []
        edits = prepare(self)
        return [edit for edit in edits if edit.key != BODY] if case.documented else edits

    def user(self) -> int:
        """A user that stays."""
        if not self._user:
            self._user = self.new_user()
        return self._user

    def new_user(self) -> int:
        """A user that may be changed or deleted."""
        body = {"email": self.email(), "password": "a long password", "firstname": "Ada", "lastname": "Prepared"}
        return int(self._call("POST", "/data/users", json=body).json()["id"])

    def run(self) -> int:
        """A run of the user that stays."""
        runs = {"runs": [RUN | {"strava_id": 1}]}
        return int(self._call("POST", f"/data/users/{self.user()}/runs", json=runs).json()["ids"][0])

    def etag(self, user: int) -> str:
        """The current version of a user."""
        return self._call("GET", f"/data/users/{user}").headers["ETag"]

    def email(self) -> str:
        """An address that nobody has."""
        return f"{uuid.uuid4().hex}.{next(self._numbers)}@example.com"

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tokens.get()}"}
        answer = self._session.request(method, self._base + path, headers=headers, timeout=30, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


def a_user(state: State) -> list[Edit]:
    return [Edit(("path", "user_id"), state.user())]


def a_version(state: State) -> list[Edit]:
    user = state.user()
    return [Edit(("path", "user_id"), user), Edit(("header", "If-Match"), state.etag(user))]


def a_version_to_delete(state: State) -> list[Edit]:
    user = state.new_user()
    return [Edit(("path", "user_id"), user), Edit(("header", "If-Match"), state.etag(user))]


def credentials(state: State) -> list[Edit]:
    own = {"grant_type": "client_credentials", "client_id": state.tokens.client, "client_secret": state.tokens.secret}
    known = [Edit(BODY, value, (name,)) for name, value in own.items()]
    return [*known, Edit(BODY, ABSENT, ("scope",)), Edit(BODY, ABSENT, ("audience",))]


def a_token(state: State) -> list[Edit]:
    known = [edit for edit in credentials(state) if edit.steps != ("grant_type",)]
    return [*known, Edit(BODY, state.tokens.get(), ("token",))]


STATES: dict[tuple[str, str], Callable[[State], list[Edit]]] = {
    ("tokendealer", "createToken"): credentials,
    ("tokendealer", "introspectToken"): a_token,
    ("dataservice", "registerUser"): lambda state: [Edit(BODY, state.email(), ("email",))],
    ("dataservice", "getUser"): a_user,
    ("dataservice", "updateUser"): a_version,
    ("dataservice", "deleteUser"): a_version_to_delete,
    ("dataservice", "getRuns"): a_user,
    ("dataservice", "addRuns"): a_user,
    ("dataservice", "getRun"): lambda state: [Edit(("path", "run_id"), state.run())],
    ("dataservice", "linkStrava"): a_user,
    ("dataservice", "unlinkStrava"): a_user,
    ("legacy", "getRuns"): lambda state: [Edit(("path", "runner_id"), state.user())],
    **dict.fromkeys(
        (("liar", name) for name in ("getThing", "createThing", "download", "upload")),
        lambda _: [Edit(("query", "lie"), ABSENT)],
    ),
}


def varied(subject: Subject, cases: list[Case]) -> list[Case]:
    """The cases without those about a parameter that asks for trouble."""
    return [case for case in cases if not any((subject.api, edit.key) in NOT_VARIED for edit in case.edits)]
