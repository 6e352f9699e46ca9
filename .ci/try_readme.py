"""Run the set-up commands of README and CONTRIBUTING in a fresh copy, as a new user would.

All but the test command, which `.ci/run` runs. The demo is asked once, and stopped with Ctrl-C. The pages that are
generated from the code must come out as they are committed.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md")
_BLOCK = re.compile(r"^```sh\n\$ (.*?)\n```$", re.MULTILINE)


def main() -> None:
    """All commands in order; an exception is the failure."""
    commands = [command for page in PAGES for command in _BLOCK.findall((ROOT / page).read_text("utf-8"))]
    assert len(commands) >= 3, "the pages have lost their commands"
    with tempfile.TemporaryDirectory(prefix="gateway-readme-") as name:
        folder = copy(Path(name) / "copy")
        for command in commands:
            if command.endswith("tox"):
                continue
            print(f"$ {command}", flush=True)
            if command.endswith("gateway demo"):
                demo(folder, f"{command} --ephemeral")
            else:
                subprocess.run(["bash", "-c", command], cwd=folder, check=True)
        for page in (ROOT / "docs").glob("*.md"):
            assert (folder / "docs" / page.name).read_bytes() == page.read_bytes(), f"docs/{page.name} is stale"


def copy(target: Path) -> Path:
    """What a clone would have: the files under version control, as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target


def demo(folder: Path, command: str) -> None:
    """Start it, ask for the document that it publishes, stop it with Ctrl-C."""
    arguments = ["bash", "-c", command]
    with subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            text = ""
            while "grant_type" not in text:
                line = process.stdout.readline()
                assert line, f"the demo ended:\n{text}"
                text += line
            url = re.search(r"http://\S+/openapi\.json", text)
            assert url, text
            with urllib.request.urlopen(url[0], timeout=10) as answer:
                assert answer.status == 200
        finally:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does


if __name__ == "__main__":
    main()
