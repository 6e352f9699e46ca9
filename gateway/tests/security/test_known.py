"""What verifies is kept as long as its settings stay the same."""

from gateway.security.known import Known


def test_kept_until_the_settings_change() -> None:
    """The same for the same settings; another one takes its place."""
    known, made = Known(), iter(range(9))
    given = [known.get("issuer", settings, lambda: next(made)) for settings in ("a", "a", "b", "b", "a")]
    assert given == [0, 0, 1, 1, 2]
    assert len(known) == 1
