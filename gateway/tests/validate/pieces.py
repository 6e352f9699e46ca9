"""Content fed to judges of pieces in every way it may come."""

from collections.abc import Callable, Iterable

from gateway.errors import Violation
from gateway.validate.media import MediaCheck, PieceJudge


def cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """`data` in pieces of these sizes, the rest as one more."""
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [piece for piece in (*pieces, data) if piece]


def judged(judge: PieceJudge, pieces: Iterable[bytes]) -> list[Violation]:
    """What a judge says, fed until it says something."""
    for piece in pieces:
        if found := judge.feed(piece):
            return found
    return judge.end()


def verdict(check: MediaCheck, data: bytes, sizes: Iterable[int] = ()) -> list[Violation]:
    """What a check says of content that comes whole; a judge of pieces says the same of single bytes and of pieces."""
    whole = check.violations(data)
    if check.open is not None:
        for pieces in (cut(data, [1] * len(data)), cut(data, sizes)):
            assert bool(judged(check.open(), pieces)) is bool(whole)
    return whole


def opener(check: MediaCheck) -> Callable[[], PieceJudge]:
    """What makes the judge of one message."""
    assert check.open is not None
    return check.open


def told(found: Iterable[Violation]) -> list[tuple[str, str]]:
    """Where and by which keyword."""
    return [(violation.pointer, violation.keyword) for violation in found]
