"""When a server that has failed is asked again."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.breaker import Breaker


def broken(now: float = 0.0) -> Breaker:
    """A breaker that has just opened, for 0.25 seconds."""
    breaker = Breaker()
    for _ in range(breaker.threshold):
        assert breaker.allows(now)
        breaker.failed(now, 1.0)
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    """An answer in between starts the count again; opening is told once."""
    breaker = Breaker(threshold=3)
    told = [breaker.failed(0.0, 1.0), breaker.failed(0.0, 1.0), breaker.succeeded(), breaker.failed(0.0, 1.0)]
    assert not any(told) and breaker.closed
    assert [breaker.failed(0.0, 1.0), breaker.failed(0.0, 1.0), breaker.failed(0.0, 1.0)] == [False, True, False]
    assert not breaker.closed


def test_one_question_finds_out() -> None:
    """After the pause one may ask; until its answer is there nobody else may."""
    breaker = broken()
    assert not breaker.allows(0.24)
    assert breaker.allows(0.25)
    assert not breaker.allows(9999.0)
    assert breaker.succeeded()
    assert breaker.closed
    assert breaker.allows(0.3) and breaker.allows(0.3)
    assert not breaker.succeeded()


def test_pauses_double_up_to_the_longest() -> None:
    """And begin anew once all was well."""
    breaker, now, pauses = broken(), 0.0, []
    for _ in range(8):
        start = now
        while not breaker.allows(now):
            now += 0.25
        pauses.append(now - start)
        breaker.failed(now, 1.0)
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    while not breaker.allows(now):
        now += 0.25
    breaker.succeeded()
    assert breaker.pause == 0.0


def test_workers_do_not_probe_together() -> None:
    """Chance spreads them over half of the pause."""
    early, late = Breaker(threshold=1), Breaker(threshold=1)
    early.failed(0.0, 0.0)
    late.failed(0.0, 1.0)
    assert early.until == 0.125 and late.until == 0.25


def test_a_probe_that_nobody_waits_for_is_made_again() -> None:
    """Its client left: otherwise the server would never be asked again."""
    breaker = broken()
    assert breaker.allows(1.0)
    breaker.abandoned(1.0)
    assert breaker.allows(1.0)
    assert not breaker.allows(1.0)


def test_late_failures_of_questions_before_it_opened_change_nothing() -> None:
    """Many requests wait when a server dies; only the first few count."""
    breaker = broken()
    for _ in range(100):
        breaker.failed(0.1, 1.0)
    assert breaker.allows(0.25)


@given(st.lists(st.tuples(st.sampled_from(["ask", "good", "bad", "left"]), st.floats(0, 10)), max_size=100))
def test_it_never_stays_shut(story: list[tuple[str, float]]) -> None:
    """Whatever happened, when no probe is under way it allows one again within the longest pause."""
    breaker, now = Breaker(), 0.0
    for event, pause in story:
        now += pause
        if event == "ask":
            breaker.allows(now)
        elif event == "good":
            breaker.succeeded()
        elif event == "bad":
            breaker.failed(now, 0.5)
        else:
            breaker.abandoned(now)
    breaker.abandoned(now)
    assert breaker.allows(now + breaker.longest)
