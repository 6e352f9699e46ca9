"""Write the pages that are made from the code: `python docs/generate.py`."""

import json
from collections.abc import Callable
from pathlib import Path

from gateway import problem
from gateway.config import schema as config_schema
from gateway.contract.rules import page

PAGES: dict[str, Callable[[], str]] = {
    "gateway.schema.json": lambda: json.dumps(config_schema.schema(), indent=2) + "\n",
    "problems.md": problem.page,
    "rules.md": page.page,
    "settings.md": config_schema.page,
}


def main() -> None:
    """Every page, beside this file."""
    for name, text in PAGES.items():
        Path(__file__).with_name(name).write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
