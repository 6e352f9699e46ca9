"""Responses against the documented ones: status, header fields, content."""

from collections.abc import Iterable, Mapping

from gateway.contract.model import Response
from gateway.errors import Violation
from gateway.validate.body import ContentCheck, compile_content
from gateway.validate.media import MediaCheck
from gateway.validate.parameter import TextCheck, compile_header
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms

# Judged by the content (OpenAPI Response Object: "shall be ignored"); several values that cannot be joined (RFC 6265).
_NOT_JUDGED = ("content-type", "set-cookie")


class StatusCheck:
    """What one documented response promises. `documents_body` is False when it says that there is no content."""

    __slots__ = ("_content", "_headers", "documents_body")

    def __init__(self, headers: list[TextCheck], content: ContentCheck | None) -> None:
        self._headers = headers
        self._content = content
        self.documents_body = content is not None

    def head(self, lookup: Mapping[bytes, bytes]) -> list[Violation]:
        """Judge header fields, given by lower-case name with repeated ones joined by ", "."""
        found: list[Violation] = []
        for check in self._headers:
            raw = lookup.get(check.key)
            if raw is None:
                if check.required:
                    found.append(check.missing())
            elif not check.holds(raw):
                found += check.violations([raw])
        return found

    def media(self, content_type: bytes | None) -> MediaCheck | None:
        """The check for content of this type; None when the type is missing or not documented."""
        return self._content.media(content_type) if self._content else None


class ResponseCheck:
    """The documented responses of one operation."""

    __slots__ = ("_by_status", "_default", "_ranges")

    def __init__(self, checks: Mapping[str, StatusCheck]) -> None:
        self._by_status = {int(status): check for status, check in checks.items() if status.isdecimal()}
        self._ranges = {int(status[0]): check for status, check in checks.items() if status.endswith("XX")}
        self._default = checks.get("default")

    def select(self, status: int) -> StatusCheck | None:
        """The response documented for a status: the code itself, its range, `default`, in this order; or None."""
        return self._by_status.get(status) or self._ranges.get(status // 100) or self._default


def compile_responses(responses: Iterable[Response], schemas: SchemaSet, terms: Terms) -> ResponseCheck:
    """The check of an operation's responses. Raises SchemaError for what cannot be judged."""
    return ResponseCheck({response.status: _status_check(response, schemas, terms) for response in responses})


def _status_check(response: Response, schemas: SchemaSet, terms: Terms) -> StatusCheck:
    headers = [compile_header(header, schemas) for header in response.headers if header.name.lower() not in _NOT_JUDGED]
    content = compile_content(response.content, schemas, terms) if response.content else None
    return StatusCheck(headers, content)
