"""URLs of servers."""

import pytest

from gateway.config.redis_url import Target, target_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("redis://h", Target("h", 6379, False, 0, "", "")),
        ("redis://h:7000/", Target("h", 7000, False, 0, "", "")),
        ("redis://:pa%2Fss@[::1]:7000/3", Target("::1", 7000, False, 3, "", "pa/ss")),
        ("rediss://ann:s3cret@cache.example/0", Target("cache.example", 6379, True, 0, "ann", "s3cret")),
    ],
)
def test_understood(url: str, target: Target) -> None:
    """With and without port, database, password, user and TLS."""
    assert target_of(url) == target


@pytest.mark.parametrize(
    "url",
    [
        *("", "h", "http://s3cret@h", "redis://", "redis://:s3cret@", "redis://h:0", "redis://h:s3cret", "redis://h/x"),
        *("redis://h/-1", "redis://h?db=s3cret", "redis://h#s3cret", "redis://s3cret@h", "redis://[s3cret"),
    ],
)
def test_not_understood(url: str) -> None:
    """The message does not repeat what may be a secret; a user alone is most likely a password in the wrong place."""
    with pytest.raises(ValueError, match="redis://HOST") as caught:
        target_of(url)
    assert "s3cret" not in str(caught.value) and caught.value.__suppress_context__ | (caught.value.__context__ is None)


def test_secrets_are_not_shown() -> None:
    """Neither in logs nor when a target is printed."""
    target = target_of("redis://ann:s3cret@h:1/2")
    assert "s3cret" not in repr(target) + target.name


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://h", []),
        ("redis://h/2", [(b"SELECT", b"2")]),
        ("redis://:p@h", [(b"AUTH", b"p")]),
        ("redis://u:p@h/1", [(b"AUTH", b"u", b"p"), (b"SELECT", b"1")]),
    ],
)
def test_greeting(url: str, said: list[tuple[bytes, ...]]) -> None:
    """Who we are, then which database."""
    assert target_of(url).greeting() == said
