"""Step 10: does the reply keep the contract? A backend's fault is a 502 and is counted, never passed off as fine."""

from collections.abc import Callable
from functools import partial

from gateway.contract.compiled import CompiledOperation
from gateway.errors import Kind, Refusal, Violation
from gateway.request.apart import judge_apart
from gateway.request.exchange import CheckedReply, CheckedRequest, Reply, Runtime
from gateway.request.watch import Items, Tap
from gateway.validate.coding import codings, judge_whole, open_judge
from gateway.validate.media import MediaCheck

_UNDOCUMENTED_BODY = Violation("body", "", "", "undocumented", "the operation documents no body for this status")
_TOO_LARGE = Violation("body", "", "", "too-large", "the body is larger than what is judged as a whole")
_OTHER_TYPE = Violation(
    "header", "content-type", "", "media-type", "the operation documents another media type for this status"
)
_OTHER_CODING = Violation(
    "header", "content-encoding", "", "media-type", "the body has a content coding that is not understood here"
)


class _Unexpected:
    """The `PieceJudge` of content that must not be there: `flaw` says why."""

    def __init__(self, flaw: Violation) -> None:
        self._flaw = flaw

    def feed(self, data: bytes) -> list[Violation]:
        return [self._flaw] if data else []

    def end(self) -> list[Violation]:
        return []


_UNEXPECTED = {flaw: MediaCheck(None, partial(_Unexpected, flaw)) for flaw in (_UNDOCUMENTED_BODY, _OTHER_TYPE)}


async def validate_response(runtime: Runtime, checked: CheckedRequest, reply: Reply) -> CheckedReply:
    """Judge status, fields, media type and body.

    In mode block everything is known before the first byte goes out, but for long bodies that are judged piece by
    piece: there, each piece is. Otherwise the reply passes, and what has passed is judged.
    Raises Refusal(INVALID_RESPONSE), and BackendLost while the body is awaited.
    """
    if not checked.judge_response:
        return CheckedReply(reply)
    violations, media, names = _judge_head(checked, reply)
    if checked.block_response:
        _refuse(runtime, checked, violations)
        if media is None:
            return CheckedReply(reply)
        if media.open is not None and media in _UNEXPECTED.values():
            await reply.body.whole(0)  # until its first byte or its end shows whether there is any
        if media.open is not None and _is_long(reply, checked.operation.response_limit):
            return await _judged_ahead(runtime, checked, reply, media, names)
        return await _judged_whole(runtime, checked, reply, media, names)
    _note(runtime, checked, violations)
    if media is None:
        return CheckedReply(reply)
    if media.open is not None:
        return CheckedReply(reply, watch=_items(checked, media, names, partial(_note, runtime, checked)))
    return CheckedReply(
        reply, watch=Tap(partial(_judge_tapped, runtime, checked, media, names), checked.operation.response_limit)
    )


def _is_long(reply: Reply, limit: int) -> bool:
    """Whether waiting for the whole body is not worth it, or not possible."""
    length = int(reply.head.lookup.get(b"content-length", b"-1"))
    return not reply.body.complete and not 0 <= length <= limit


def _items(
    checked: CheckedRequest, media: MediaCheck, names: tuple[str, ...], found: Callable[[list[Violation]], None]
) -> Items:
    assert media.open is not None
    judge = open_judge(media.open, names, checked.operation.coding_ratio)
    return Items(judge, False, found, apart=bool(names))


async def _judged_ahead(
    runtime: Runtime, checked: CheckedRequest, reply: Reply, media: MediaCheck, names: tuple[str, ...]
) -> CheckedReply:
    """What came together with the head is judged before the head goes out; nothing is waited for."""
    watch = _items(checked, media, names, partial(_refuse, runtime, checked))
    first = reply.body.take()
    if first:
        await watch.piece(first)
    return CheckedReply(reply, watch=watch, ahead=True, first=first)


async def _judged_whole(
    runtime: Runtime, checked: CheckedRequest, reply: Reply, media: MediaCheck, names: tuple[str, ...]
) -> CheckedReply:
    operation, body = checked.operation, reply.body
    limit = operation.response_limit
    whole = body.take() if body.complete and body.received <= limit else await body.whole(limit)
    found = None
    if whole is not None and not names and not media.slow:
        found = media.violations(whole)
    elif whole is not None:
        found = await _found(media, names, whole, operation)
    if found is not None:
        _refuse(runtime, checked, found)
    elif operation.pass_oversized:
        runtime.metrics.unjudged(operation.row, "response")
    else:
        _refuse(runtime, checked, [_TOO_LARGE])
    return CheckedReply(reply, whole)


async def _found(
    media: MediaCheck, names: tuple[str, ...], whole: bytes, operation: CompiledOperation
) -> list[Violation] | None:
    judge = partial(judge_whole, media, names, whole, operation.response_limit, operation.coding_ratio)
    return await judge_apart(media, bool(names), len(whole), judge)


async def _judge_tapped(
    runtime: Runtime, checked: CheckedRequest, media: MediaCheck, names: tuple[str, ...], whole: bytes | None
) -> None:
    """The body has passed; None when it was too large to keep."""
    operation = checked.operation
    found = None
    if whole is not None:
        found = await _found(media, names, whole, operation)
    if found is None:
        runtime.metrics.unjudged(operation.row, "response")
    else:
        _note(runtime, checked, found)


_Judged = tuple[list[Violation], MediaCheck | None, tuple[str, ...]]


def _judge_head(checked: CheckedRequest, reply: Reply) -> _Judged:
    """What is wrong so far, what judges the body (None: nothing does) and the codings to undo before."""
    head = reply.head
    status = checked.operation.responses.select(head.status)
    if status is None:
        return [Violation("status", "", "", "undocumented", "the operation does not document this status")], None, ()
    violations = status.head(head.lookup)
    if reply.bodiless:
        return violations, None, ()
    if not status.documents_body:
        return _unless_empty(reply, violations, _UNDOCUMENTED_BODY)
    media = status.media(head.lookup.get(b"content-type"))
    if media is None:
        return _unless_empty(reply, violations, _OTHER_TYPE)
    if media.streams:
        return violations, None, ()
    names = codings(head.lookup.get(b"content-encoding"))
    if names is None:
        return [*violations, _OTHER_CODING], None, ()
    return violations, media, names


def _unless_empty(reply: Reply, violations: list[Violation], flaw: Violation) -> _Judged:
    """`flaw` is one of any content. Where the head does not say whether there is some, it may only show later."""
    length = reply.head.lookup.get(b"content-length")
    if length is None and not reply.body.received:
        return violations, None if reply.body.complete else _UNEXPECTED[flaw], ()
    return violations if length is not None and int(length) == 0 else [*violations, flaw], None, ()


def _note(runtime: Runtime, checked: CheckedRequest, violations: list[Violation]) -> None:
    if violations:
        exchange = checked.exchange
        exchange.response_violations = [*exchange.response_violations, *violations]
        runtime.metrics.violations(checked.operation.row, "response", violations)


def _refuse(runtime: Runtime, checked: CheckedRequest, violations: list[Violation]) -> None:
    if violations:
        _note(runtime, checked, violations)
        if checked.exchange.connection is not None:
            # It may be the answer to somebody else; then ours is still to come, and the next one would get it.
            checked.exchange.connection.abort()
        raise Refusal(Kind.INVALID_RESPONSE, "The backend's answer does not keep the contract.", tuple(violations))
