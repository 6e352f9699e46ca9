"""Step 5: does the reply keep the contract? A backend's fault is a 502 and is counted, never passed off as fine."""

from gateway.errors import Kind, Refusal, Violation
from gateway.request.exchange import CheckedReply, CheckedRequest, Reply, Runtime
from gateway.validate.media import MediaCheck

_UNDOCUMENTED_BODY = Violation("body", "", "", "undocumented", "the operation documents no body for this status")
_TOO_LARGE = Violation("body", "", "", "too-large", "the body is larger than what is judged as a whole")


async def validate_response(runtime: Runtime, checked: CheckedRequest, reply: Reply) -> CheckedReply:
    """Judge status, fields, media type and body.

    In mode block everything is known before the first byte goes out. Otherwise the reply passes while a tap collects
    what must be judged whole. Raises Refusal(INVALID_RESPONSE), and BackendLost while the body is awaited.
    """
    if not checked.judge_response:
        return CheckedReply(reply, None, None, 0)
    violations, media = _judge_head(checked, reply)
    limit = checked.operation.response_limit
    if checked.block_response:
        _refuse(runtime, checked, violations)
        if media is None or media.streams:
            return CheckedReply(reply, None, None, 0)
        whole = await reply.body.whole(limit)
        _refuse(runtime, checked, [_TOO_LARGE] if whole is None else media.violations(whole))
        return CheckedReply(reply, whole, None, 0)
    if media is None or media.streams:
        _note(runtime, checked, violations)
        return CheckedReply(reply, None, None, 0)

    def judge(data: bytes | None) -> None:
        if data is None:
            runtime.metrics.unjudged(checked.operation.row, "response")
            _note(runtime, checked, violations)
        else:
            _note(runtime, checked, violations + media.violations(data))

    return CheckedReply(reply, None, judge, limit)


def _judge_head(checked: CheckedRequest, reply: Reply) -> tuple[list[Violation], MediaCheck | None]:
    head = reply.head
    status = checked.operation.responses.select(head.status)
    if status is None:
        return [Violation("status", "", "", "undocumented", "the operation does not document this status")], None
    violations = status.head(head.lookup)
    if reply.bodiless or head.lookup.get(b"content-length") == b"0":
        if status.documents_body and not reply.bodiless:
            media = status.media(head.lookup.get(b"content-type"))
            if media is not None and not media.streams:
                return violations, media
        return violations, None
    if not status.documents_body:
        return [*violations, _UNDOCUMENTED_BODY], None
    media = status.media(head.lookup.get(b"content-type"))
    if media is None:
        message = "the operation documents another media type for this status"
        return [*violations, Violation("header", "content-type", "", "media-type", message)], None
    coding = head.lookup.get(b"content-encoding", b"identity")
    if not media.streams and coding.strip().lower() != b"identity":
        message = "the body is compressed although no compression was asked for"
        return [*violations, Violation("header", "content-encoding", "", "media-type", message)], None
    return violations, media


def _note(runtime: Runtime, checked: CheckedRequest, violations: list[Violation]) -> None:
    if violations:
        checked.exchange.response_violations = violations
        runtime.metrics.violations(checked.operation.row, "response", violations)


def _refuse(runtime: Runtime, checked: CheckedRequest, violations: list[Violation]) -> None:
    if violations:
        _note(runtime, checked, violations)
        raise Refusal(Kind.INVALID_RESPONSE, "The backend's answer does not keep the contract.", tuple(violations))
