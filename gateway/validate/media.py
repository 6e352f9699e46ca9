"""How content of one media type is judged: as a whole, piece by piece while it passes, or not at all.

A *family* is a group of media types that are judged alike. Its `compile` runs at load; what it returns gets the
actual media type of each message, because charsets and boundaries are only known then.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from gateway.contract.model import MediaType
from gateway.errors import Violation
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media


class PieceJudge(Protocol):
    """Judges one message's content as it comes; holds no more than one item of it.

    Whoever passes the content on withholds a piece until it is judged: of an item that is not valid the end never
    arrives. After a violation nothing more is fed.
    """

    def feed(self, data: bytes) -> list[Violation]:
        """What is wrong with what `data` completes."""

    def end(self) -> list[Violation]:
        """What is wrong now that nothing more comes."""


class MediaCheck:
    """How content of one media type is judged. `streams`: there is nothing to judge, pass it on in pieces.

    `open` is set when it can be judged piece by piece: it makes the judge of one message. `slow`: much of
    it is worth a thread, as its values are made in Python, or there is no limit to what is decoded.
    """

    __slots__ = ("_judge", "open", "slow", "streams")

    def __init__(
        self,
        judge: Callable[[bytes], list[Violation]] | None,
        open: Callable[[], PieceJudge] | None = None,
        slow: bool = False,
    ) -> None:
        self._judge = judge
        self.open = open
        self.slow = slow or open is not None
        self.streams = judge is None and open is None

    def violations(self, data: bytes) -> list[Violation]:
        """What is wrong with the whole content; empty when nothing is."""
        if self._judge is not None:
            return self._judge(data)
        if self.open is None:
            return []
        judge = self.open()
        return judge.feed(data) or judge.end()


OPAQUE = MediaCheck(None)

Bind = Callable[[Media], MediaCheck | None]  # None: this charset, or lack of a boundary, is not understood (415)


class Family(NamedTuple):
    """`covers` tells by a media type's names whether it belongs here. `compile` gets one documented media type with a
    schema; it raises SchemaError when such content cannot be judged. `varies`: the answer of what it returns
    depends on parameters that are new in each message, such as a boundary, and is not worth remembering. `typed`: the
    content says itself what is a string; elsewhere a schema of nothing but a string stands for the content as it is.
    """

    name: str
    covers: Callable[[Media], bool]
    compile: Callable[[MediaType, SchemaSet, Terms], Bind]
    varies: bool = False
    typed: bool = False


def whole(documented: MediaType) -> str:
    """The URI of the schema of content that is no sequence of items. Raises SchemaError when items have a schema."""
    if documented.schema is None or documented.item_schema is not None:
        raise SchemaError(documented.item_schema or "", f"content of type {documented.range} has no items")
    return documented.schema


Decode = Callable[[bytes], object]  # raises BadText


def decoded(check: SchemaCheck, decode: Decode, slow: bool = False) -> MediaCheck:
    """Content that is judged by the value that it decodes to."""

    def judge(data: bytes) -> list[Violation]:
        try:
            value = decode(data)
        except BadText as error:
            return [Violation("body", "", error.pointer, error.keyword, error.message)]
        return check.violations(value, "body")

    return MediaCheck(judge, slow=slow)
