"""The client's end of a tunnel. `gateway.tests.request.test_tunnel` shows it at work."""

import asyncio
from typing import cast

import pytest

from gateway.server.tunnel import ClientTunnel


class Wire:
    """A transport, and the connection that it belonged to before: notes what is done with it."""

    def __init__(self) -> None:
        self.done: list[object] = []

    def __getattr__(self, name: str) -> object:
        return lambda *given: self.done.append((name, *given))

    def can_write_eof(self) -> bool:
        """See `asyncio.WriteTransport`."""
        return True

    def is_closing(self) -> bool:
        """See `asyncio.BaseTransport`."""
        return False


@pytest.fixture
def wire() -> Wire:
    """One that nothing happened to."""
    return Wire()


@pytest.fixture
def tunnel(wire: Wire) -> ClientTunnel:
    """The end of a tunnel, with `wire` for everything else."""
    return ClientTunnel(asyncio.new_event_loop(), cast(asyncio.Transport, wire), wire)  # type: ignore[arg-type]


def test_bytes_are_kept_until_the_backend_agrees(wire: Wire, tunnel: ClientTunnel) -> None:
    """Those that came with the head first."""
    tunnel.take_over(b"one ")
    tunnel.data_received(b"two")
    assert tunnel.inbound.take() == b"one two"
    assert wire.done == [("set_protocol", tunnel)]


def test_too_many_of_them_stop_the_client(wire: Wire, tunnel: ClientTunnel) -> None:
    """Memory is bounded before and after."""
    tunnel.data_received(bytes(65537))
    assert ("pause_reading",) in wire.done


@pytest.mark.parametrize("switched", [False, True])
def test_an_end_closes_the_connection_unless_it_was_switched(wire: Wire, tunnel: ClientTunnel, switched: bool) -> None:
    """Then it is the end of one direction."""
    if switched:
        tunnel.switch(b"Fine", [(b"Upgrade", b"x")])
        assert wire.done == [("write", b"HTTP/1.1 101 Fine\r\nUpgrade: x\r\n\r\n")]
    assert tunnel.eof_received() is switched
    assert tunnel.inbound.complete is switched


def test_the_backend_may_be_done_first(wire: Wire, tunnel: ClientTunnel) -> None:
    """The client still hears of its end, and may go on."""
    tunnel.write_eof()
    assert wire.done == [("write_eof",)]
    assert not tunnel.inbound.complete


def test_the_rest_stays_with_the_connection(wire: Wire, tunnel: ClientTunnel) -> None:
    """Room for writing, and its end."""
    tunnel.pause_writing()
    tunnel.resume_writing()
    tunnel.connection_lost(None)
    assert wire.done == [("pause_writing",), ("resume_writing",), ("connection_lost", None)]
