"""A folder that only its owner writes to, for what can be had again: every failure reads as "not there"."""

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress

from gateway.contract.reading import TooLarge, read_file

OFF = "off"
_SEAL = hashlib.sha256().digest_size
_MOST = 1 << 30  # bytes
_ENTRIES, _BYTES = 10_000, 1 << 29  # of a folder; the oldest are removed
_LARGE = 100_000  # bytes; only after such an entry sizes are added up


def default_folder(environ: Mapping[str, str] = os.environ) -> str:
    """`contract-gateway` in the user's cache folder (XDG Base Directory Specification); "" when there is none."""
    base = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/.cache")
    return os.path.join(base, "contract-gateway") if os.path.isabs(base) else ""


def open_folder(setting: str, make: bool = True) -> str:
    """The folder that `references.cache` names, made when it is missing unless `make` is False; "" when there is none
    to be trusted: somebody else owns it or may write to it."""
    folder = "" if setting == OFF else setting or default_folder()
    if not folder:
        return ""
    try:
        if make:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.lstat(folder)
    except (OSError, ValueError):
        return ""
    private = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
    return folder if private else ""


def get(folder: str, name: str) -> bytes | None:
    """What `put` stored under `name`, if it is whole and this user's own."""
    path = os.path.join(folder, name)
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return None
        sealed = read_file(path, _MOST)
    except (OSError, TooLarge):
        return None
    data = memoryview(sealed)[_SEAL:]
    return bytes(data) if hashlib.sha256(data).digest() == sealed[:_SEAL] else None


def put(folder: str, name: str, data: bytes) -> None:
    """Store `data` under `name`, as a whole or not at all."""
    path = os.path.join(folder, name)
    part = f"{path}.{os.getpid()}"
    try:
        with open(part, "wb", opener=lambda each, flags: os.open(each, flags | os.O_EXCL, 0o600)) as file:
            file.write(hashlib.sha256(data).digest())
            file.write(data)
        os.replace(part, path)
        if len(data) > _LARGE or len(os.listdir(folder)) > _ENTRIES:
            prune(folder, _ENTRIES, _BYTES)
    except OSError:
        if os.path.exists(part):
            os.unlink(part)


def prune(folder: str, entries: int, size: int) -> None:
    """Leave the newest files of a folder: at most so many, with at most `size` bytes. Raises OSError."""
    with os.scandir(folder) as found:
        files = [(each.stat(follow_symlinks=False), each.path) for each in found if each.is_file(follow_symlinks=False)]
    files.sort(key=lambda file: file[0].st_mtime_ns, reverse=True)
    total = 0
    for number, (status, path) in enumerate(files):
        total += status.st_size
        if number >= entries or (number and total > size):
            with suppress(FileNotFoundError):  # another process prunes, too
                os.unlink(path)
