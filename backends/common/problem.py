"""Problem documents (RFC 9457): every error of every service looks the same."""

from collections.abc import Mapping
from http import HTTPStatus

from connexion.exceptions import BadRequestProblem, ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from jsonschema.exceptions import ValidationError

RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110, not yet in http.HTTPStatus


def title(status: int) -> str:
    """The phrase of a status code; what a problem of type `about:blank` has for a title (RFC 9457, 4.2.1)."""
    return RENAMED.get(status) or HTTPStatus(status).phrase


class Problem(ProblemException):  # type: ignore[misc]
    """The operation ends here with this answer. `detail` is for the client."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status=status, title=title(status), detail=detail, headers=dict(headers or {}))


def refuse_invalid(_request: ConnexionRequest, error: BadRequestProblem) -> ConnexionResponse:
    """Say which clause a request breaks, never with which value: it may be a password."""
    cause = error.__context__
    if isinstance(cause, ValidationError):
        pointer = "".join(f"/{part}" for part in cause.absolute_path)
        detail = f'The body breaks "{cause.validator}" at "{pointer}".'
    else:
        detail = str(error.detail or "The request breaks the contract.").partition("\n")[0]
    return Problem(400, detail).to_problem()


def refuse_text(_request: ConnexionRequest, _error: UnicodeError) -> ConnexionResponse:
    """Bytes may not be UTF-8, and JSON can spell half a surrogate pair, which no database can store."""
    return Problem(400, "The request holds text that is not Unicode.").to_problem()
