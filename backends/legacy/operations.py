"""The operations of `specs/legacy.yaml`: old shapes over new calls."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import requests
from connexion.lifecycle import ConnexionResponse

from backends.common.app import reply
from backends.common.client import Service
from backends.common.problem import Problem

Body = dict[str, Any]
PAGE = 100
MAX_ID = 2**53 - 1


class Legacy:
    """One method per operation of the document; `data` is the data service as the gateway shows it."""

    def __init__(self, data: Service) -> None:
        self.data = data

    def get_runs(self, runner_id: int, year: int, month: int) -> ConnexionResponse:
        """getRuns"""
        runs = self.items(f"/users/{runner_id}/runs", {"year": year, "month": month})
        return reply([run | {"start_date": to_seconds(run["start_date"])} for run in runs])

    def add_runs(self, runs: dict[str, list[Body]]) -> ConnexionResponse:
        """addRuns"""
        for runner_id in runs:
            if not (runner_id.isascii() and runner_id.isdecimal() and 1 <= int(runner_id[:17]) <= MAX_ID):
                raise Problem(400, "Each key must be the id of a runner.")
        ids: list[int] = []
        for runner_id, batch in runs.items():
            body = {"runs": [run | {"start_date": to_text(run["start_date"])} for run in batch]}
            answer = self.data.call("POST", f"/users/{int(runner_id)}/runs", json=body)
            ids += expect(answer)["ids"]
        return reply(ids)

    def get_users(self) -> ConnexionResponse:
        """getUsers"""
        return reply([user["id"] for user in self.items("/users", {})])

    def items(self, path: str, query: dict[str, Any]) -> Iterator[Body]:
        """All items of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = expect(self.data.call("GET", path, params=query | {"limit": PAGE} | cursor))
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}


def expect(answer: requests.Response) -> Body:
    """The content of a 200. Raises 404 and 504 as they came, anything else as a 502: our caller did nothing wrong."""
    if answer.status_code == 404:
        raise Problem(404, "There is no such runner.")
    if answer.status_code == 504:
        raise Problem(504, "The data service did not answer in time.")
    if answer.status_code != 200:
        raise Problem(502, f"The data service answered {answer.status_code}.")
    try:
        content: Body = answer.json()
    except ValueError:
        raise Problem(502, "The data service answered with something else than JSON.") from None
    return content


def to_seconds(text: str) -> float:
    """Seconds since 1970 for RFC 3339."""
    return datetime.fromisoformat(text).timestamp()


def to_text(seconds: float) -> str:
    """RFC 3339 for seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
