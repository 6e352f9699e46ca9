"""docs/rules.md, written from the table of rules."""

from collections.abc import Iterable
from textwrap import fill

from gateway.contract.rules.rule import Rule

HEAD = """\
# Rules

What `gateway check` asks of a document. An **error** keeps the document from being served, because something in it
could not be enforced; a **warning** does not. A document that cannot be read at all (no YAML, a `$ref` that leads
nowhere, an unknown version) is reported before any of these rules runs.

Callbacks, links and webhooks are ignored: the gateway only stands between clients and the operations under `paths`.

What is not enforced yet can be let through unjudged, deliberately, with `x-gateway: {pass: [...]}` at the root, at a
path item or at an operation, or with `pass: [...]` under the API in `gateway.yaml`. An entry is
`media:TYPE/SUBTYPE`, `parameter:PLACE.NAME` or `security:SCHEME`.

This page is generated from the code: `python -m gateway.contract.rules.page > docs/rules.md`.
"""

OTHERS = {
    "document-unreadable": "The file cannot be opened, is no regular file, or a URL does not answer with 200.",
    "document-too-large": "The file is larger than 64 MiB; it is refused before it is read.",
    "document-encoding": "The file is not UTF-8.",
    "document-syntax": "The file is no YAML 1.2 or JSON, or goes beyond JSON's values; or it is nested too deeply.",
    "document-empty": "There is nothing in the file.",
    "document-version": "The version is missing or none of 2.0, 3.0.x and 3.1.x.",
    "duplicate-key": "A key stands twice in one mapping. Parsers disagree on which one counts.",
    "reference-dangling": "A `$ref` leads to nothing.",
    "reference-invalid": "A `$ref` is no string, or leads to something of another kind.",
    "reference-loop": "A chain of `$ref`s comes back to where it started. (A schema that contains itself is fine.)",
    "reference-outside": "A `$ref` leaves the folder of the document; allowed by `references.outside`.",
    "reference-remote": "A `$ref` leads to a URL; allowed by a prefix in `references.remote`.",
    "reference-dynamic": "`$id`, `$dynamicRef` and the like, which change what a reference means, are not supported.",
    "not-enforced": "No rule found an error, and yet a parameter, body or response cannot be compiled.",
    "mounted-twice": "Paths of two APIs match the same requests once they are mounted. Give one another `path`.",
    "schema-unusable": "A schema cannot be compiled.",
    "security-issuer": "A security scheme has no token issuer in `gateway.yaml`.",
    "security-mapping": "`security` of an API names a scheme or an issuer that does not exist.",
    "security-scope": "A scope cannot stand in a token.",
    "security-two-tokens": "One requirement demands two bearer tokens, and a request only carries one.",
}
"""Findings that no rule of the table makes: of reading a document before, and of compiling it after."""


def section(rule: Rule) -> str:
    """One rule: what, why, a document that breaks it, and the same document mended."""
    explanation = fill(rule.explanation, 120, break_long_words=False, break_on_hyphens=False)
    return (
        f"\n## {rule.id}\n\n*{rule.severity.value}*: {rule.title}.\n\n{explanation}\n\n"
        f"Breaks it:\n\n```yaml\n{rule.bad}```\n\nFine:\n\n```yaml\n{rule.good}```\n"
    )


def others() -> str:
    """What is found before and after the rules run."""
    head = "\n## Before and after the rules\n\nNearly all of these are errors; each finding says its severity.\n\n"
    rows = "".join(f"| `{id_}` | {text} |\n" for id_, text in OTHERS.items())
    return f"{head}| id | meaning |\n|---|---|\n{rows}"


def page(rules: Iterable[Rule]) -> str:
    """The whole page in Markdown."""
    return HEAD + "".join(map(section, rules)) + others()


if __name__ == "__main__":
    from gateway.contract.rules import RULES

    print(page(RULES.values()), end="")
