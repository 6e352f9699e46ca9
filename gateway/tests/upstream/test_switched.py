"""The backend's end of a tunnel. `gateway.tests.request.test_tunnel` shows it at work."""

import asyncio
from typing import cast

from gateway.stream import Inbound
from gateway.upstream.switched import Switched


class Wire:
    """A transport, and the connection that it belonged to before: notes what is done with it."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.closing = False

    def __getattr__(self, name: str) -> object:
        return lambda *given: self.done.append((name, *given))

    async def write(self, data: bytes) -> None:
        """See `BackendConnection.write`."""
        self.done.append(("write", data))

    def can_write_eof(self) -> bool:
        """See `asyncio.WriteTransport`."""
        return True

    def is_closing(self) -> bool:
        """See `asyncio.BaseTransport`."""
        return self.closing


def make() -> tuple[Wire, Inbound, Switched]:
    """An end with nothing on it yet."""
    wire = Wire()
    body = Inbound(asyncio.new_event_loop(), wire)  # type: ignore[arg-type]
    return wire, body, Switched(cast(asyncio.Transport, wire), body, wire)  # type: ignore[arg-type]


def test_it_takes_the_transport_over() -> None:
    """With what came together with the head; writing waits until nothing is left here."""
    wire, body, switched = make()
    switched.take_over(b"early ")
    switched.data_received(b"late")
    assert wire.done == [("set_write_buffer_limits", 0), ("set_protocol", switched), ("alive",)]
    assert body.take() == b"early late"


def test_every_byte_is_a_sign_of_life() -> None:
    """In both directions."""
    wire, _, switched = make()
    asyncio.run(switched.write(b"x"))
    assert wire.done == [("alive",), ("write", b"x")]


def test_each_direction_ends_by_itself() -> None:
    """A connection that is closing is left alone."""
    wire, body, switched = make()
    assert switched.eof_received() is True and body.complete
    switched.write_eof()
    wire.closing = True
    switched.write_eof()
    assert wire.done == [("write_eof",)]


def test_the_end_is_told_to_both() -> None:
    """The connection settles its affairs first."""
    wire, _, switched = make()
    switched.on_lost = lambda: wire.done.append("lost")
    switched.pause_writing()
    switched.resume_writing()
    switched.connection_lost(None)
    assert wire.done == [("pause_writing",), ("resume_writing",), ("connection_lost", None), "lost"]
