"""The Connexion peer: the benchmark's document, answered in process."""

from typing import Any

from connexion import AsyncApp  # type: ignore[import-untyped]
from connexion.lifecycle import ConnexionResponse  # type: ignore[import-untyped]
from connexion.resolver import Resolver  # type: ignore[import-untyped]

from benchmarks.workloads import DOCUMENT, JSON_TYPE, RUN_JSON


async def get_run(id: int, units: str | None = None) -> ConnexionResponse:
    """Answer the GET of the benchmark."""
    return ConnexionResponse(status_code=200, mimetype=JSON_TYPE, body=RUN_JSON)


async def add_run(body: dict[str, Any]) -> ConnexionResponse:
    """Answer the POST of the benchmark."""
    return ConnexionResponse(status_code=201, mimetype=JSON_TYPE, body=RUN_JSON)


HANDLERS = {"getRun": get_run, "addRun": add_run}

app = AsyncApp(__name__, specification_dir=str(DOCUMENT.parent))
app.add_api(DOCUMENT.name, resolver=Resolver(HANDLERS.__getitem__))
