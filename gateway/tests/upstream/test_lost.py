"""Failures of backends."""

from gateway.upstream.lost import BackendLost


def test_it_says_what_happened() -> None:
    """In words for the log; by default something of a reply had come."""
    lost = BackendLost("reset", "closed the connection")
    assert (str(lost), lost.reason, lost.kind, lost.silent) == (
        "closed the connection",
        "closed the connection",
        "reset",
        False,
    )
