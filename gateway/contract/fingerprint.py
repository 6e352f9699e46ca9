"""What identifies the code that something was made by: what is kept from another time holds for the same code only."""

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import gateway

_LIBRARIES = ("jsonschema-rs", "openapi-spec-validator", "PyYAML")


@cache
def code() -> str:
    """The files of this package, Python, and the versions of the libraries that judge documents, as one digest."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(_modules()):
        status = os.stat(path)
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    digest.update(repr([version(each) for each in _LIBRARIES]).encode())
    return digest.hexdigest()


def _modules() -> Iterator[str]:
    for folder, below, names in os.walk(Path(gateway.__file__).parent):
        below[:] = [each for each in below if each != "tests"]
        yield from (os.path.join(folder, name) for name in names if name.endswith(".py"))
