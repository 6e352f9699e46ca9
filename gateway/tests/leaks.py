"""Whether secrets got out: every form in which a text could hold one, and which secrets settings refer to."""

import contextlib
import dataclasses
import logging
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from gateway.config.secret import SecretMissing, reveal

PIECE = 24  # bytes
SHORTEST = 8  # bytes of a secret that is looked for; a shorter one could stand anywhere
_REFERENCE = re.compile(r"(?:env:\w+|file:[^\s\"'},\]]+)")


def forms(secret: bytes) -> set[bytes]:
    """As it is, in base64 at any offset and in both alphabets, in hexadecimal, percent-encoded, escaped in JSON or in a
    Python literal."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode(), quote_from_bytes(secret, safe="").encode()}
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            # The characters at both ends also depend on what stands beside the secret.
            found.add(encode(b"\0" * before + secret)[4 if before else 0 :].rstrip(b"=")[:-1])
    found |= {repr(secret)[2:-1].encode(), secret.replace(b"/", rb"\/"), b"".join(b"%%%02x" % byte for byte in secret)}
    return found


def leaks(text: bytes, secrets: Iterable[bytes]) -> list[bytes]:
    """The secrets that `text` holds in any form, whole or in part: of a long one, such as a token or the lines of a key
    in PEM, any piece counts."""
    return [
        line
        for secret in secrets
        for line in secret.splitlines()
        if len(line) >= SHORTEST and not line.startswith(b"-----")
        if any(form in text for piece in pieces(line) for form in forms(piece))
    ]


def pieces(line: bytes) -> list[bytes]:
    """What is looked for: a long text may have been cut."""
    return [line] if len(line) < 2 * PIECE else [line[at : at + PIECE] for at in range(0, len(line) - PIECE + 1, PIECE)]


def of_settings(value: Any) -> Iterator[bytes]:
    """The secrets that settings refer to."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if "secret" in field.metadata:
                with contextlib.suppress(SecretMissing):
                    yield reveal(inner)
            else:
                yield from of_settings(inner)
    elif isinstance(value, Mapping | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from of_settings(inner)


@contextlib.contextmanager
def heard() -> Iterator[list[bytes]]:
    """All that is logged meanwhile, tracebacks too."""
    said: list[bytes] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(self.format(record).encode("utf-8", "replace"))

    ear = Ear()
    logging.getLogger().addHandler(ear)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(ear)


def referred(settings: Path) -> list[bytes]:
    """The secrets that a configuration file refers to."""
    found = []
    for reference in _REFERENCE.findall(settings.read_text()):
        kind, _, place = reference.partition(":")
        with contextlib.suppress(SecretMissing):
            found.append(reveal(reference if kind == "env" else f"file:{os.path.join(settings.parent, place)}"))
    return found
