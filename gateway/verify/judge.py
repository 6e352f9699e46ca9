"""The verdicts of the compiled contract on requests and replies, as the data path comes to them."""

from gateway.errors import Refusal, Violation
from gateway.verify.message import Reply, Request
from gateway.verify.subject import Subject
from gateway.wire.path import check_target

_BODILESS = (204, 304)


def judge_request(subject: Subject, request: Request) -> list[Violation]:
    """What of the contract the request breaks."""
    try:
        check_target(request.path.encode(), request.query.encode() if request.query is not None else None)
        found = subject.router.match(request.path.encode())
    except (Refusal, UnicodeDecodeError):
        return [Violation("path", "", "", "syntax", "the request target is malformed")]
    if found is None:
        return [Violation("path", "", "", "unmatched", "the path is not one of this operation")]
    query = request.query.encode() if request.query is not None else None
    return subject.parameters(found[1], query, request.lookup) + _judge_body(subject, request)


def _judge_body(subject: Subject, request: Request) -> list[Violation]:
    if not request.body:
        if subject.body is not None and subject.body.required:
            return [Violation("body", "", "", "required", "a request body is required")]
        return []
    if subject.body is None:
        return [Violation("body", "", "", "undocumented", "the operation documents no request body")]
    media = subject.body.media(request.lookup.get(b"content-type"))
    if media is None:
        return [Violation("header", "content-type", "", "media-type", "the media type is not documented")]
    return media.violations(request.body)


def judge_reply(subject: Subject, reply: Reply) -> list[Violation]:
    """What of the contract the reply breaks: status, fields, media type, body."""
    status = subject.responses.select(reply.status)
    if status is None:
        return [Violation("status", "", "", "undocumented", f"status {reply.status} is not documented")]
    found = status.head(reply.lookup)
    if reply.status in _BODILESS or subject.operation.method == "HEAD":
        return found
    if not status.documents_body:
        message = "no body is documented for this status"
        return [*found, Violation("body", "", "", "undocumented", message)] if reply.body else found
    media = status.media(reply.lookup.get(b"content-type"))
    if media is None:
        message = "the media type is not documented for this status"
        return [*found, Violation("header", "content-type", "", "media-type", message)]
    return found + media.violations(reply.body)
