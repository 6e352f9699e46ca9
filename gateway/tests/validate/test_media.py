"""Checks of content: whole, by pieces, or none."""

from gateway.errors import Violation
from gateway.tests.validate.build import at, schema_set
from gateway.validate.media import OPAQUE, MediaCheck, decoded
from gateway.validate.text import BadText

FLAW = Violation("body", "", "", "test", "is bad")


class _Pieces:
    """Finds the flaw in the piece `bad`, and at the end when nothing came."""

    def __init__(self) -> None:
        self.seen = b""

    def feed(self, data: bytes) -> list[Violation]:
        self.seen += data
        return [FLAW] if b"bad" in self.seen else []

    def end(self) -> list[Violation]:
        return [] if self.seen else [FLAW]


def test_opaque_content_is_never_wrong() -> None:
    """There is nothing to judge, so it may stream."""
    assert OPAQUE.streams and OPAQUE.open is None
    assert OPAQUE.violations(b"\x00") == []


def test_a_judge_by_pieces_judges_a_whole_too() -> None:
    """The pieces' judge sees all of it, and the end."""
    check = MediaCheck(None, _Pieces)
    assert not check.streams
    assert [check.violations(data) for data in (b"good", b"is bad", b"")] == [[], [FLAW], [FLAW]]


def test_what_is_judged_by_pieces_counts_as_slow() -> None:
    """It has no limit; of what is judged as a whole the format decides."""
    checks = [MediaCheck(None, _Pieces), MediaCheck(lambda data: [], slow=True), MediaCheck(lambda data: []), OPAQUE]
    assert [check.slow for check in checks] == [True, True, False, False]


def test_decoded_content_is_judged_by_its_value() -> None:
    """What does not decode is a violation at the place that the decoder names."""

    def decode(data: bytes) -> object:
        if data == b"?":
            raise BadText("is a question", "syntax", "/a")
        return len(data)

    check = decoded(schema_set(N={"maximum": 3}).check(at("N")), decode)
    assert check.violations(b"abc") == []
    assert check.violations(b"?") == [Violation("body", "", "/a", "syntax", "is a question")]
    assert [violation.keyword for violation in check.violations(b"abcd")] == ["maximum"]
