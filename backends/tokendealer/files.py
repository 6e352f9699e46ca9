"""Small JSON files that hold secrets: only their owner may read them, and a change is all or nothing."""

import json
import os
import stat
from pathlib import Path
from typing import Any

from backends.common.command import UsageError

PRIVATE = 0o600


def read(path: Path) -> Any:
    """The content; None when there is no such file. Raises UsageError when others may read it, or it is no JSON."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise UsageError(f"{path} holds secrets and others may read it (mode {mode:04o}); run: chmod 600 {path}")
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise UsageError(f"{path} is not a JSON file; restore it from a backup or remove it") from None


def write(path: Path, content: Any) -> None:
    """Replace the file; a reader sees the old content or the new one, a crash leaves one of them."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def version(path: Path) -> tuple[int, int]:
    """Changes whenever the file is replaced."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns
