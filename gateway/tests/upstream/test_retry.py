"""The retry rule, whole."""

from itertools import product

import pytest

from gateway.upstream.retry import may_repeat

METHODS = {
    b"GET": True,
    b"HEAD": True,
    b"OPTIONS": True,
    b"TRACE": True,
    b"QUERY": True,
    b"PUT": True,
    b"DELETE": True,
    b"POST": False,
    b"PATCH": False,
    b"COPY": False,
    b"CONNECT": False,
    b"get": False,
}


@pytest.mark.parametrize(("method", "idempotent"), METHODS.items())
@pytest.mark.parametrize(("replayable", "reused", "silent"), list(product((True, False), repeat=3)))
def test_only_a_lost_race_with_an_idle_connection_is_repeated(
    method: bytes, idempotent: bool, replayable: bool, reused: bool, silent: bool
) -> None:
    """Idempotent, the body at hand, a connection used before, and not a byte of an answer: all four, or no."""
    assert may_repeat(method, replayable, reused, silent) is (idempotent and replayable and reused and silent)
