"""Where secrets are: in the environment or in a file, never in the settings themselves."""

import os
import re
from collections.abc import Mapping

LARGEST = 65536  # bytes of a file that holds a secret

HIDDEN = "(not shown)"
_CREDENTIALS = re.compile(r"(?<=://)[^\s\"]*@")  # up to the last "@": a password may hold another, or "/"

REFERENCE = re.compile(r"(env|file):(.+)", re.DOTALL)


class SecretMissing(Exception):
    """A secret cannot be had. The text names the place, and never holds a part of the secret."""


def without_credentials(text: str) -> str:
    """The text with `HIDDEN` in the place of what stands before "@" in a URL."""
    return _CREDENTIALS.sub(f"{HIDDEN}@", text)


def reveal(reference: str, environ: Mapping[str, str] = os.environ) -> bytes:
    """The secret behind `env:NAME` or `file:PATH`, without a line end behind it. Raises SecretMissing."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise SecretMissing("a secret is given as env:NAME or file:PATH, never by itself")
    kind, place = match.groups()
    if kind == "env":
        secret = environ.get(place, "").encode()
        if not secret:
            raise SecretMissing(f"the environment variable {place} is not set")
        return secret
    try:
        with open(place, "rb") as file:
            secret = file.read(LARGEST + 1).rstrip(b"\r\n")
    except OSError as error:
        raise SecretMissing(f"{place}: {error.strerror}") from None
    if not secret or len(secret) > LARGEST:
        raise SecretMissing(f"{place} is {'empty' if not secret else f'larger than {LARGEST} bytes'}")
    return secret
