"""A limit that follows how long a backend takes: a model of a backend, and tables of single steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.adaptive import SHORTEST, Adaptive, least, sample, start


def feed(state: Adaptive, seconds: float, busy: int, most: int, times: int = 1000) -> Adaptive:
    """So many answers that all take the same time."""
    for _ in range(times):
        state = sample(state, seconds, busy, most)
    return state


def test_a_backend_as_usual_gets_the_most() -> None:
    """Nothing shrinks while answers take what they take."""
    state = feed(start(40), 0.1, 40, 40)
    assert state.limit == 40
    assert state.usual == pytest.approx(0.1)


def test_a_slow_backend_gets_fewer_requests_and_more_again_when_it_recovers() -> None:
    """Answers that take four times as long shrink the limit within a few windows."""
    good = feed(start(100), 0.1, 100, 100)
    bad = feed(good, 0.4, 100, 100, 800)
    assert bad.limit < 60
    assert feed(bad, 0.1, 100, 100, 5000).limit == 100


@pytest.mark.parametrize("most", [20, 100, 1000])
def test_cheap_requests_do_not_make_the_others_pass_for_an_overload(most: int) -> None:
    """Somebody asks for what takes a fiftieth of the time, often enough for it to become usual. What shrinks is back
    before long: when hardly anybody is let through, answers that take long are no sign of a crowd."""
    state = feed(start(most), 0.05, most, most, 5000)
    poisoned = feed(state, 0.001, most, most, 20 * most + 10_000)
    assert poisoned.usual < 0.01
    low, state = poisoned.limit, poisoned
    for _ in range(300):
        for _ in range(100):
            state = sample(state, 0.05, int(state.limit), most)
        low = min(low, state.limit)
    assert low < most / 2 <= state.limit


@pytest.mark.parametrize(("most", "lowest"), [(1, 1), (19, 1), (40, 2), (1000, 50)])
def test_the_least_is_kept(most: int, lowest: int) -> None:
    """However bad it gets."""
    assert least(most) == lowest
    state = feed(start(most), 0.01, most, most, 200)
    for step in range(1, 300):
        state = sample(state, 0.01 * 2**step if step < 50 else 1e9, most, most)
        assert lowest <= state.limit <= most


def test_one_slow_answer_is_not_a_slow_backend() -> None:
    """A window is judged as a whole."""
    state = feed(start(40), 0.1, 40, 40, 400)
    state = feed(sample(state, 0.5, 40, 40), 0.1, 40, 40, 400)
    assert state.limit == 40


@pytest.mark.parametrize("capacity", [20, 60])
def test_an_overload_that_lasts_does_not_become_usual(capacity: int) -> None:
    """A model of a backend that serves so many at once, and all more slowly beyond that, with more asked than it can
    do: after 36,000 answers the limit is still near what it can do."""
    state = feed(start(200), 0.1, 10, 200, 5000)
    limits = []
    for _ in range(36_000):
        busy = int(state.limit)
        state = sample(state, 0.1 * max(1.0, busy / capacity), busy, 200)
        limits.append(busy)
    assert capacity < min(limits[3000:]) <= max(limits[3000:]) < 2.7 * capacity


def test_few_requests_say_nothing_about_more() -> None:
    """A limit that shrank does not grow by night, when nobody comes near it."""
    shrunk = Adaptive(30.0, usual=0.1)
    assert feed(shrunk, 0.1, 3, 100).limit == 30.0
    assert feed(shrunk, 0.1, 25, 100).limit > 30.0


def test_what_was_learnt_in_a_bad_time_is_forgotten() -> None:
    """A gateway that starts while the backend is slow takes that for usual only until it is quicker."""
    state = feed(start(20), 2.0, 20, 20, 500)
    assert feed(state, 0.1, 20, 20, 3000).usual < 0.25


def test_a_window_is_about_one_round() -> None:
    """Until it is complete the limit stays."""
    state = Adaptive(50.0, usual=0.1)
    for number in range(1, 50):
        state = sample(state, 1.0, 50, 100)
        assert (state.limit, state.samples) == (50.0, number)
    assert sample(state, 1.0, 50, 100).limit < 50.0
    assert feed(Adaptive(2.0, usual=0.1), 1.0, 2, 2, SHORTEST - 1).limit == 2.0


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 1000)), max_size=300),
)
def test_any_samples_leave_a_limit_in_its_bounds(most: int, samples: list[tuple[float, int]]) -> None:
    """No division by zero, no limit below the least or above the most."""
    state = start(most)
    for seconds, busy in samples:
        state = sample(state, seconds, busy, most)
        assert least(most) <= state.limit <= most
