"""What a client connection itself refuses, for reasons of time and room.

Each refusal is made anew: an exception that was raised holds the frames it went through, so a shared one would hold
those of every exchange that it ended, for good.
"""

from gateway.errors import Kind, Refusal


def late_head() -> Refusal:
    """The deadline of a head is over."""
    return Refusal(Kind.REQUEST_TIMEOUT, "The request did not arrive in time.")


def late_body() -> Refusal:
    """The deadline of a body, or of its next piece, is over."""
    return Refusal(Kind.REQUEST_TIMEOUT, "The request body did not arrive in time.")


def unread() -> Refusal:
    """The client leaves an answer unread. It is for the logs: there is no other answer any more."""
    return Refusal(Kind.REQUEST_TIMEOUT, "The response was not read in time.")


def crowded() -> Refusal:
    """There are too many connections."""
    again = ((b"Retry-After", b"1"),)
    return Refusal(Kind.OVERLOADED, "Too many connections.", headers=again, cause="connections")
