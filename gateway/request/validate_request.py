"""Step 3: does the request keep the contract? Nothing is forwarded before the answer."""

from collections.abc import Sequence

from gateway.contract.compiled import CompiledOperation
from gateway.errors import Kind, Refusal, Violation
from gateway.request.exchange import CheckedRequest, Exchange, Match, Runtime
from gateway.validate.media import MediaCheck

_UNDOCUMENTED_BODY = Violation("body", "", "", "undocumented", "the operation documents no request body")
_MISSING_BODY = Violation("body", "", "", "required", "a request body is required")


async def validate_request(runtime: Runtime, exchange: Exchange, match: Match) -> CheckedRequest:
    """Judge parameters, then the media type, then the body; keep the original bytes for forwarding.

    Raises Refusal: INVALID_REQUEST with every violation, UNSUPPORTED_MEDIA_TYPE, CONTENT_TOO_LARGE.
    """
    operation = match.operation
    judge, block = judged(operation.request_mode, operation.sample, runtime)
    violations: list[Violation] = []
    if judge and operation.parameters is not None:
        head = exchange.head
        violations = operation.parameters(match.values, head.query, head.lookup)
    media = _media(exchange, operation, violations, block) if judge else None
    body: bytes | None = None
    # A client that waits for 100 (Continue) is told of a bad head before it sends the body; all others get to know
    # everything that is wrong at once.
    awaited = block and violations and b"expect" in exchange.head.lookup
    if media is not None and not media.streams and not awaited:
        body = await _whole_body(exchange, operation)
        if body or _required(operation):
            violations = violations + media.violations(body)
    elif not exchange.has_body:
        body = b""
    elif operation.stream_limit and (exchange.length or 0) > operation.stream_limit:
        raise too_large(operation.stream_limit)
    if violations:
        _report(runtime, exchange, operation, violations, block)
    judge_response, block_response = judged(operation.response_mode, operation.sample, runtime)
    return CheckedRequest(exchange, operation, body, judge_response, block_response)


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
) -> MediaCheck | None:
    """The judge for the body's media type; None when there is nothing to judge. May add to `violations`."""
    if operation.body is None:
        if exchange.has_body:
            violations.append(_UNDOCUMENTED_BODY)
        return None
    if not exchange.has_body:
        if _required(operation):
            violations.append(_MISSING_BODY)
        return None
    lookup = exchange.head.lookup
    media = operation.body.media(lookup.get(b"content-type"))
    coding = lookup.get(b"content-encoding")
    if media is None:
        problem = "The operation documents another media type for its body."
        fields: tuple[tuple[bytes, bytes], ...] = ()
    elif coding is not None and not media.streams and coding.strip().lower() != b"identity":
        problem = "The body is compressed; this operation takes only bodies that are not."
        # RFC 9110 section 12.5.3: says that the coding is what was wrong.
        fields = ((b"Accept-Encoding", b"identity"),)
    else:
        return media
    if block:
        raise Refusal(Kind.UNSUPPORTED_MEDIA_TYPE, problem, headers=fields)
    violations.append(Violation("header", "content-type", "", "media-type", problem))
    return None


def _required(operation: CompiledOperation) -> bool:
    return operation.body is not None and operation.body.required


async def _whole_body(exchange: Exchange, operation: CompiledOperation) -> bytes:
    limit = operation.body_limit
    if exchange.length is not None and exchange.length > limit:
        raise too_large(limit)
    body = exchange.body
    data = body.take() if body.complete and body.received <= limit else await body.whole(limit)
    if data is None:
        raise too_large(limit)
    return data


def _report(
    runtime: Runtime, exchange: Exchange, operation: CompiledOperation, violations: Sequence[Violation], block: bool
) -> None:
    exchange.request_violations = violations
    runtime.metrics.violations(operation.row, "request", violations)
    if block:
        raise Refusal(
            Kind.INVALID_REQUEST,
            "The request does not keep the contract of this operation.",
            tuple(violations),
            status=operation.invalid_status,
        )
