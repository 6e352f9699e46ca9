"""Refusals as values."""

from gateway.errors import CAUSES, Kind, Refusal


def test_a_refusal_tells_the_log_its_reason() -> None:
    """The reason if there is one; what the client reads otherwise."""
    assert str(Refusal(Kind.BACKEND_FAILED, "It failed.", reason="reset by 10.0.0.1")) == (
        "backend-failed: reset by 10.0.0.1"
    )
    assert str(Refusal(Kind.NOT_FOUND, "Nothing here.")) == "not-found: Nothing here."


def test_refusals_of_these_kinds_always_have_a_cause() -> None:
    """Who sends what cannot be read, is too much or not allowed is in the audit log, wherever that is found."""
    said = {kind: Refusal(kind, "").cause for kind in Kind if Refusal(kind, "").cause}
    assert set(said.values()) <= set(CAUSES)
    assert {kind for kind in Kind if kind not in said} == {
        *(Kind.INVALID_REQUEST, Kind.NOT_FOUND, Kind.METHOD_NOT_ALLOWED, Kind.UNSUPPORTED_MEDIA_TYPE),
        *(Kind.INTERNAL_ERROR, Kind.OVERLOADED),
        *(Kind.BACKEND_UNREACHABLE, Kind.BACKEND_FAILED, Kind.BACKEND_TIMEOUT, Kind.INVALID_RESPONSE),
    }
