"""May this request be sent a second time? Default: no."""

# RFC 9110 section 9.2.2, and the HTTP QUERY method: sending these twice has the effect of sending them once.
IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"QUERY", b"PUT", b"DELETE"))


def may_repeat(method: bytes, replayable: bool, reused: bool, silent: bool) -> bool:
    """Decide after a connection was lost; asked once per request.

    `replayable`: the body is at hand (or there is none); `reused`: the connection had served an exchange before;
    `silent`: not one byte of a reply came.
    """
    if not reused:
        # A backend that drops a fresh connection is failing; asking again would only add load.
        return False
    if not silent:
        # It had begun to answer, so it has the request.
        return False
    if not replayable:
        # A streamed body is gone.
        return False
    # The usual cause is an idle connection that the backend closed just as it was reused; but it might also have done
    # the work before closing (RFC 9112 section 9.3.1).
    return method in IDEMPOTENT
