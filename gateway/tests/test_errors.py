"""Refusals as values."""

from gateway.errors import Kind, Refusal


def test_a_refusal_tells_the_log_its_reason() -> None:
    """The reason if there is one; what the client reads otherwise."""
    assert str(Refusal(Kind.BACKEND_FAILED, "It failed.", reason="reset by 10.0.0.1")) == (
        "backend-failed: reset by 10.0.0.1"
    )
    assert str(Refusal(Kind.NOT_FOUND, "Nothing here.")) == "not-found: Nothing here."
