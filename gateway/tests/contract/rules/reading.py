"""Documents of these tests, read from strings."""

from collections.abc import Mapping

from gateway.contract.check import check
from gateway.contract.findings import Finding
from gateway.contract.load import Source, load
from gateway.contract.rules.view import View


def source(text: str, files: Mapping[str, str] | None = None) -> Source:
    """`text` as /api/doc.yaml, with `files` beside it."""
    texts = {"/api/doc.yaml": text, **{f"/api/{name}": body for name, body in (files or {}).items()}}
    return load("/api/doc.yaml", read=lambda path, limit: texts[path].encode())


def view(text: str, passes: frozenset[str] = frozenset()) -> View:
    """The document as rules see it."""
    return View(source(text), passes)


def found(text: str, *passes: str) -> list[Finding]:
    """All findings of a document."""
    return check(source(text), frozenset(passes))


def rules_of(findings: list[Finding]) -> set[str]:
    """Which rules are broken."""
    return {finding.rule for finding in findings}
