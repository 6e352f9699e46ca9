"""The bytes of files and URLs, never more than a limit."""

import os
import stat
from collections.abc import Callable

MAX_BYTES = 64 * 1024 * 1024
FETCH_TIMEOUT = 10.0  # seconds

Reader = Callable[[str, int], bytes]  # (path or URL, limit) -> bytes; raises OSError or TooLarge


class TooLarge(Exception):
    """The file is larger than the limit."""


def read_file(path: str, limit: int) -> bytes:
    """The bytes of a regular file; raises OSError, or `TooLarge` before anything is read."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("not a regular file")
        if status.st_size > limit:
            raise TooLarge
        return file.read(limit + 1)


def fetch_url(url: str, limit: int) -> bytes:
    """The body of a 200 answer, redirects not followed; raises OSError or `TooLarge`."""
    import requests  # most documents have nothing fetched

    session = requests.Session()
    # Or all of a redirect's body would be read at once, however long it is.
    session.get_redirect_target = lambda response: None  # type: ignore[method-assign, assignment]
    with session, session.get(url, timeout=FETCH_TIMEOUT, allow_redirects=False, stream=True) as answer:
        if answer.status_code != 200:
            raise OSError(f"answered with status {answer.status_code}")
        body = b""
        for piece in answer.iter_content(65536):
            body += piece
            if len(body) > limit:
                raise TooLarge
        return body
