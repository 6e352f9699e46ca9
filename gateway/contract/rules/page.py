"""docs/rules.md, written from the table of rules."""

from collections.abc import Mapping
from textwrap import fill

from gateway.contract.levels import ERRORS, MIXED
from gateway.contract.rules import RULES
from gateway.contract.rules.beyond import NOTES, Files, Note
from gateway.contract.rules.rule import Rule

HEAD = """\
# Rules

What `gateway check` asks of a document, and what `gateway run` asks before it serves one. An **error** keeps the
document from being served, because something in it could not be enforced; a **warning** does not. Each finding names
its rule, and each rule has a section here; `gateway check --rule ID` prints it.

Callbacks, links and webhooks are ignored: the gateway only stands between clients and the operations under `paths`. A
reference that leads nowhere and a schema that nobody could judge are warnings where no operation uses them.

What is not enforced yet can be let through unjudged, deliberately, with `x-gateway: {pass: [...]}` at the root, at a
path item or at an operation, or with `pass: [...]` under the API in `gateway.yaml`. An entry is
`media:TYPE/SUBTYPE`, `parameter:PLACE.NAME` or `security:SCHEME`.

Warnings are taken as strictly as `rules` in `gateway.yaml` says, rule by rule: `error`, `warning` or `off`. Errors
cannot be lowered.

```yaml
rules:
  response-without-schema: error
  example-mismatch: off
```

A flaw that stands in many places is shown once, with the first of them; `--all` shows every place. For machines there
are `--format json`, `--format sarif` (SARIF 2.1.0, for code scanning) and `--format github` (annotations of GitHub
Actions).

This page is generated from the code: `python -m gateway.contract.rules.page > docs/rules.md`.
"""

Entry = Rule | Note
_WIDTH = 120

ENTRIES: Mapping[str, Entry] = {**RULES, **{note.id: note for note in NOTES}}
"""Everything that a finding may name: first the rules, in their order, then what is found before and after them."""


def severity_of(rule: str) -> str:
    """In words."""
    if rule in MIXED:
        return "error, or warning where enforcement does not suffer"
    return "error" if rule in ERRORS else "warning"


def section(entry: Entry) -> str:
    """One rule: what, why, files that break it, and the same files mended."""
    explanation = fill(entry.explanation, _WIDTH, break_long_words=False, break_on_hyphens=False)
    bad, good = (_blocks(example) for example in (entry.bad, entry.good))
    shown = f"\nBreaks it:\n\n{bad}\nFine:\n\n{good}" if bad else ""
    return f"## {entry.id}\n\n*{severity_of(entry.id)}*: {entry.title}.\n\n{explanation}\n{shown}"


def _blocks(example: str | Files) -> str:
    files = {"": example} if isinstance(example, str) else example
    named = len(files) > 1
    return "\n".join(f"```yaml\n{f'# {name}' + chr(10) if named else ''}{text}```\n" for name, text in files.items())


def page() -> str:
    """The whole page in Markdown."""
    return HEAD + "".join("\n" + section(entry) for entry in ENTRIES.values())


if __name__ == "__main__":
    print(page(), end="")
