"""The drifts, by number. Each is one thing that the first data service, token dealer or their documents got wrong."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contract_tests.drift.service import Answer, Service, document, number, problem, signing_key

Document = dict[str, Any]


class BasePathIgnored(Service):
    """`/users` answers, `/api/users` is 404."""

    base = ""


class ObjectForArray(Service):
    """The body has another shape than the schema."""

    def get_users(self, headers: Mapping[str, str]) -> Answer:
        status, users = super().get_users(headers)
        return status, {"users": users} if status == 200 else users


class SecretLeaks(Service):
    """A property that no schema names, and that nobody should see."""

    def get_users(self, headers: Mapping[str, str]) -> Answer:
        status, users = super().get_users(headers)
        return status, [user | {"strava_token": "3f1a9d"} for user in users] if status == 200 else users


class ConstantForCount(Service):
    """Two runs are added, and the answer says one."""

    def stored(self, runner: int, runs: list[dict[str, Any]]) -> dict[str, int]:
        return super().stored(runner, runs) | {"added": 1}


class FailsOnMissingField(Service):
    """A body without a field is a crash."""

    def is_batch(self, batch: Any) -> bool:
        return bool(batch["runner_id"]) and bool(batch["runs"]) and super().is_batch(batch)


class DuplicatesAccepted(Service):
    """Runs are added again, and to runners that do not exist."""

    def knows(self, runner: int) -> bool:
        return True

    def is_new(self, runner: int, run: dict[str, Any]) -> bool:
        return True


class ParametersIgnored(Service):
    """Year and month are asked for and not looked at."""

    def get_runs(self, runner: str, year: str, month: str) -> Answer:
        status, content = super().get_runs(runner, year, month)
        return status, [run for owner, run in self.runs if str(owner) == runner] if status == 200 else content


class TypesNotEnforced(Service):
    """`/runs/abc/xx/yy` is answered with an empty list."""

    def get_runs(self, runner: str, year: str, month: str) -> Answer:
        if number(runner, 1, 1000000) is None or number(year, 1970, 9998) is None or number(month, 1, 12) is None:
            return 200, []
        return super().get_runs(runner, year, month)


class SwallowedAbort(Service):
    """A wrong secret is answered with 400, as a catch-all caught the 401."""

    def wrong_secret(self) -> Answer:
        return problem(400)


class BareKeys(Service):
    """The key set is a bare list, `n` holds PEM text, and no key has an id."""

    def get_jwks(self) -> Answer:
        pem = signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return 200, [{"kty": "RSA", "e": "AQAB", "n": pem.decode()}]


class TokenAlone(Service):
    """The answer lacks `token_type` and `expires_in`."""

    def token(self, token: str) -> Answer:
        return 200, {"access_token": token}


class NoAlgorithms(Service):
    """Tokens are decoded without saying which algorithms are fine, so that none is."""

    def verified(self, headers: Mapping[str, str]) -> bool:
        try:
            jwt.decode(headers.get("Authorization", "").removeprefix("Bearer "), signing_key().public_key())
        except jwt.PyJWTError:
            return False
        return True


def without_body(document: Document) -> Document:
    """The request body of addRuns is not documented."""
    changed = copy.deepcopy(document)
    del changed["paths"]["/add_runs"]["post"]["requestBody"]
    return changed


def without_security(document: Document) -> Document:
    """Neither security nor a 401 is documented, and both are real."""
    changed = copy.deepcopy(document)
    del changed["security"]
    del changed["paths"]["/users"]["get"]["responses"]["401"]
    return changed


def as_it_is(document: Document) -> Document:
    """The honest document."""
    return document


@dataclass(frozen=True)
class Drift:
    """A service and a document that do not belong together, and words of the problem that has to be found."""

    number: str
    service: type[Service]
    finding: str
    operation: str
    document: Callable[[Document], Document] = as_it_is

    def text(self) -> str:
        """The document of this drift as JSON, which is YAML."""
        return json.dumps(self.document(document()))


NEVER = "no valid request was answered with success"
DRIFTS = (
    Drift("D1", BasePathIgnored, "status: undocumented", "GET /users"),
    Drift("D2", ObjectForArray, "body: type", "GET /users"),
    Drift("D3", SecretLeaks, "/strava_token: additionalProperties", "GET /users"),
    Drift("D4", ConstantForCount, '"added": 2', "POST /add_runs"),
    Drift("D5", FailsOnMissingField, "answered 500 to a request that breaks it", "POST /add_runs"),
    Drift("D5", Service, NEVER, "POST /add_runs", without_body),
    Drift("D6", DuplicatesAccepted, '"skipped": 1', "POST /add_runs"),
    Drift("D6", DuplicatesAccepted, "the document shows 404", "POST /add_runs"),
    Drift("D7", ParametersIgnored, "2017-07-02", "GET /runs/{runner_id}/{year}/{month}"),
    Drift("D8", TypesNotEnforced, "answered 200 to a request that breaks it", "GET /runs/{runner_id}/{year}/{month}"),
    Drift("D9", Service, "status: undocumented", "GET /users", without_security),
    Drift("D10", SwallowedAbort, "the document shows 401", "POST /oauth/token"),
    Drift("D11", BareKeys, "body: type", "GET /jwks"),
    Drift("D12", TokenAlone, "/token_type: required", "POST /oauth/token"),
    Drift("D13", NoAlgorithms, NEVER, "GET /users"),
)
CLEAN = (Drift("clean", Service, "", ""),)
