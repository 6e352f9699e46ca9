"""What has to be true of an exchange. Each check gives the reasons why it is not; none when it is."""

import json
from typing import Any, NamedTuple

from gateway.errors import Violation
from gateway.verify.judge import judge_reply, judge_request
from gateway.verify.message import Reply, Request
from gateway.verify.subject import Subject

REFUSALS = (400, 415, 422)  # of a request that breaks the contract, by the gateway
LONGEST = 400  # characters of a body in a problem


class Problem(NamedTuple):
    """A backend or the gateway did not keep the contract. `request` and `reply` are the evidence."""

    subject: Subject
    case: str
    message: str
    request: Request | None = None
    reply: Reply | None = None

    def text(self) -> str:
        """For people: what was expected, then what was sent and what came."""
        lines = [f"{self.subject.name}: {self.case}: {self.message}"]
        if self.request is not None:
            body = f" {_short(self.request.body)}" if self.request.body else ""
            lines.append(f"    sent {self.request.method} {self.request.target(self.subject.mount)[:LONGEST]}{body}")
        if self.reply is not None:
            lines.append(f"    got  {self.reply.status} {_short(self.reply.body)}".rstrip())
        return "\n".join(lines)


def _short(body: bytes) -> str:
    text = body[:LONGEST].decode("utf-8", "replace")
    return text if len(body) <= LONGEST else f"{text}... ({len(body)} bytes)"


def sound(subject: Subject, request: Request) -> list[str]:
    """What is sent as valid is valid: an example, or what a test put into it, may not be."""
    return [f"the request itself is wrong: {_sentence(found)}" for found in judge_request(subject, request)]


def promised(subject: Subject, reply: Reply) -> list[str]:
    """A valid request gets a documented, valid answer. That a failure is documented does not make it right."""
    failed = [f"a valid request failed with {reply.status}"] if reply.status >= 500 else []
    return failed + broken(subject, reply)


def broken(subject: Subject, reply: Reply) -> list[str]:
    """The reply keeps its own side of the contract."""
    return [_sentence(violation) for violation in judge_reply(subject, reply)]


def refused(reply: Reply) -> list[str]:
    """The gateway refuses a request that breaks the contract."""
    return [] if reply.status in REFUSALS else [f"the gateway answered {reply.status} to a request that breaks it"]


def rejected(subject: Subject, reply: Reply) -> list[str]:
    """A backend that is asked directly rejects such a request, with a documented answer."""
    if not 400 <= reply.status < 500:
        return [f"the backend answered {reply.status} to a request that breaks it"]
    return broken(subject, reply)


def as_shown(expected: tuple[str, Any], reply: Reply) -> list[str]:
    """A named request example gets the answer that is shown under the same name."""
    status, content = expected
    if status != str(reply.status) and not (status.endswith("XX") and status[0] == str(reply.status)[0]):
        return [f"the document shows {status} for this request, the answer is {reply.status}"]
    try:
        found = json.loads(reply.body)
    except ValueError:
        found = reply.body.decode("utf-8", "replace")
    if found != content:
        return [f"the document shows {json.dumps(content)} for this request, the answer is {json.dumps(found)}"]
    return []


def _sentence(violation: Violation) -> str:
    place = " ".join(part for part in (violation.place, violation.name, violation.pointer) if part)
    return f"{place}: {violation.keyword}: {violation.message}"
