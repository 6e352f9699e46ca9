"""What is remembered for a while, within a bound."""

from gateway.security.remembered import Remembered


def test_until_its_time_is_over() -> None:
    """Not a moment longer; a new value has a time of its own."""
    now = [0.0]
    known: Remembered[str] = Remembered(10, lambda: now[0])
    known.put(b"a", "first", 5.0)
    now[0] = 4.9
    assert known.get(b"a") == "first"
    now[0] = 5.0
    assert known.get(b"a") is None and len(known) == 0
    known.put(b"a", "second", 6.0)
    assert known.get(b"a") == "second" and known.get(b"b") is None


def test_who_came_first_is_forgotten_first() -> None:
    """One that is put again comes last, and takes nobody's place."""
    known: Remembered[int] = Remembered(2, lambda: 0.0)
    for number, key in enumerate((b"a", b"b", b"a", b"c")):
        known.put(key, number, 1.0)
    assert {key: known.get(key) for key in known} == {b"a": 2, b"c": 3}


def test_forgetting_everything() -> None:
    """As when an issuer withdraws a key."""
    known: Remembered[int] = Remembered(2, lambda: 0.0)
    known.put(b"a", 1, 1.0)
    known.clear()
    assert known.get(b"a") is None
