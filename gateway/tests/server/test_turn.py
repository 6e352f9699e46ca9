"""One exchange of a connection."""

from math import inf
from typing import cast

from gateway.request.exchange import Exchange
from gateway.server.turn import Turn


def test_a_turn_has_no_deadline_before_its_body_is_waited_for() -> None:
    """The client's time begins with the wish for its body. Two turns are never the same one."""
    exchange = cast(Exchange, None)
    turn = Turn(exchange, True, True, False)
    assert turn.due == inf
    assert turn != Turn(exchange, True, True, False)
