"""Step 7: does the request keep the contract? Nothing is forwarded before the answer."""

from collections.abc import Sequence
from functools import partial

from gateway.contract.compiled import CompiledOperation
from gateway.errors import Kind, Refusal, Violation
from gateway.request.apart import judge_apart
from gateway.request.deprecated import count_deprecated
from gateway.request.exchange import CheckedRequest, Exchange, Match, Runtime
from gateway.request.tunnel import offered
from gateway.request.watch import Items, Watch
from gateway.validate.coding import ACCEPTED, codings, judge_whole, open_judge
from gateway.validate.media import MediaCheck, PieceJudge

_UNDOCUMENTED_BODY = Violation("body", "", "", "undocumented", "the operation documents no request body")
_MISSING_BODY = Violation("body", "", "", "required", "a request body is required")
_OTHER_TYPE = "The operation documents another media type for its body."
_OTHER_CODING = "The body has a content coding that is not understood here."


async def validate_request(runtime: Runtime, exchange: Exchange, match: Match) -> CheckedRequest:
    """Judge parameters, then the media type, then the body; keep the original bytes for forwarding.

    A body that can be judged piece by piece, and is too large to wait for, is judged while it is forwarded.
    Raises Refusal: INVALID_REQUEST with every violation, UNSUPPORTED_MEDIA_TYPE, CONTENT_TOO_LARGE.
    """
    operation = match.operation
    judge, block = judged(operation.request_mode, operation.sample, runtime)
    violations: list[Violation] = []
    if judge and operation.parameters is not None:
        head = exchange.head
        violations = operation.parameters(match.values, head.query, head.lookup)
    media, names = _media(exchange, operation, violations, block) if judge else (None, ())
    body: bytes | None = None
    watch: Watch | None = None
    # A client that waits for 100 (Continue) is told of a bad head before it sends the body; all others get to know
    # everything that is wrong at once.
    awaited = block and violations and b"expect" in exchange.head.lookup
    if media is None or media.streams or awaited:
        body = _unjudged(exchange, operation)
    elif media.open is not None and _is_long(exchange, operation):
        body = _unjudged(exchange, operation)
        judge_pieces = open_judge(media.open, names, operation.coding_ratio)
        if body is None:
            found = partial(_report, runtime, exchange, operation, block=block)
            watch = Items(judge_pieces, not _required(operation), found, apart=bool(names))
        elif body or _required(operation):  # it came together with the head: nobody will see pieces of it
            judge_body = partial(_judge_pieces, judge_pieces, body)
            violations = violations + await judge_apart(media, bool(names), len(body), judge_body)
    else:
        body = await _whole_body(exchange, operation)
        wanted = bool(body) or _required(operation)
        if wanted and not names and not media.slow:
            violations = violations + media.violations(body)
        elif wanted:
            judge_body = partial(_judge_body, media, names, body, operation)
            violations = violations + await judge_apart(media, bool(names), len(body), judge_body)
    if violations:
        _report(runtime, exchange, operation, violations, block=block)
    if operation.deprecated:
        count_deprecated(runtime.metrics, operation, exchange.head)
    judge_response, block_response = judged(operation.response_mode, operation.sample, runtime)
    upgrade = offered(exchange) if operation.upgrades else b""
    return CheckedRequest(exchange, operation, body, judge_response, block_response, watch, upgrade)


def judged(mode: str, share: float, runtime: Runtime) -> tuple[bool, bool]:
    """(whether this exchange is judged, whether a violation stops it)."""
    if mode == "block":
        return True, True
    if mode == "observe":
        return True, False
    if mode == "sample":
        return runtime.random() < share, False
    return False, False


def too_large(limit: int) -> Refusal:
    """413 for a body of more than `limit` bytes. The rest of it is not read."""
    return Refusal(Kind.CONTENT_TOO_LARGE, f"The body may have at most {limit} bytes here.")


def _media(
    exchange: Exchange, operation: CompiledOperation, violations: list[Violation], block: bool
) -> tuple[MediaCheck | None, tuple[str, ...]]:
    """The judge for the body's media type, None when there is nothing to judge, and the codings to undo before.

    May add to `violations`.
    """
    if operation.body is None:
        if exchange.has_body:
            violations.append(_UNDOCUMENTED_BODY)
        return None, ()
    if not exchange.has_body:
        if _required(operation):
            violations.append(_MISSING_BODY)
        return None, ()
    lookup = exchange.head.lookup
    media = operation.body.media(lookup.get(b"content-type"))
    if media is None:
        # RFC 9110 section 15.5.16: Accept says what would have been taken.
        refusal = Refusal(Kind.UNSUPPORTED_MEDIA_TYPE, _OTHER_TYPE, headers=((b"Accept", operation.body.accept),))
        name = "content-type"
    else:
        names = () if media.streams else codings(lookup.get(b"content-encoding"))
        if names is not None:
            return media, names
        # RFC 9110 section 12.5.3: Accept-Encoding says that the coding is what was wrong.
        refusal = Refusal(Kind.UNSUPPORTED_MEDIA_TYPE, _OTHER_CODING, headers=((b"Accept-Encoding", ACCEPTED),))
        name = "content-encoding"
    if block:
        raise refusal
    violations.append(Violation("header", name, "", "media-type", refusal.detail))
    return None, ()


def _required(operation: CompiledOperation) -> bool:
    return operation.body is not None and operation.body.required


def _unjudged(exchange: Exchange, operation: CompiledOperation) -> bytes | None:
    """The body if it is here already, None when it has to be streamed."""
    if not exchange.has_body:
        return b""
    body, limit = exchange.body, operation.stream_limit
    if limit and max(exchange.length or 0, body.received) > limit:
        raise too_large(limit)
    return body.take() if body.complete else None


def _is_long(exchange: Exchange, operation: CompiledOperation) -> bool:
    """Whether waiting for the whole body is not worth it, or not possible."""
    length = exchange.body.received if exchange.body.complete else exchange.length
    return length is None or length > operation.body_limit


async def _whole_body(exchange: Exchange, operation: CompiledOperation) -> bytes:
    limit = operation.body_limit
    if exchange.length is not None and exchange.length > limit:
        raise too_large(limit)
    body = exchange.body
    data = body.take() if body.complete and body.received <= limit else await body.whole(limit)
    if data is None:
        raise too_large(limit)
    return data


def _judge_body(
    media: MediaCheck, names: tuple[str, ...], body: bytes, operation: CompiledOperation
) -> list[Violation]:
    found = judge_whole(media, names, body, operation.body_limit, operation.coding_ratio)
    if found is None:
        raise too_large(operation.body_limit)
    return found


def _judge_pieces(judge: PieceJudge, body: bytes) -> list[Violation]:
    return judge.feed(body) or judge.end()


def _report(
    runtime: Runtime, exchange: Exchange, operation: CompiledOperation, violations: Sequence[Violation], *, block: bool
) -> None:
    exchange.request_violations = [*exchange.request_violations, *violations]
    runtime.metrics.violations(operation.row, "request", violations)
    if block:
        raise Refusal(
            Kind.INVALID_REQUEST,
            "The request does not keep the contract of this operation.",
            tuple(violations),
            status=operation.invalid_status,
        )
