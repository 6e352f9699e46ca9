"""docs/rules.md, written from the table of rules."""

from collections.abc import Iterable

from gateway.contract.rules.rule import Rule

HEAD = """\
# Rules

What `gateway check` asks of a document. An **error** keeps the document from being served, because something in it
could not be enforced; a **warning** does not. A document that cannot be read at all (no YAML, a `$ref` that leads
nowhere, an unknown version) is reported before any of these rules runs.

Callbacks, links and webhooks are ignored: the gateway only stands between clients and the operations under `paths`.

What is not enforced yet can be let through unjudged, deliberately, with `x-gateway: {pass: [...]}` at the root, at a
path item or at an operation, or with `passes: [...]` under the API in `gateway.yaml`. An entry is
`media:TYPE/SUBTYPE`, `parameter:PLACE.NAME` or `security:SCHEME`.

This page is generated from the code: `python -m gateway.contract.rules.page > docs/rules.md`.
"""

TAIL = """
## api-overlap

*error*: Two APIs match the same requests.

The public templates of all APIs (mount path and template together) must differ in shape, as those of one document do.
Give one of the APIs another `path` in `gateway.yaml`.
"""


def section(rule: Rule) -> str:
    """One rule: what, why, a document that breaks it, and the same document mended."""
    return (
        f"\n## {rule.id}\n\n*{rule.severity.value}*: {rule.title}.\n\n{rule.explanation}\n\n"
        f"Breaks it:\n\n```yaml\n{rule.bad}```\n\nFine:\n\n```yaml\n{rule.good}```\n"
    )


def page(rules: Iterable[Rule]) -> str:
    """The whole page in Markdown."""
    return HEAD + "".join(section(rule) for rule in rules) + TAIL


if __name__ == "__main__":
    from gateway.contract.rules import RULES

    print(page(RULES.values()), end="")
