"""Conditional requests (RFC 9110 section 13) over strong entity tags."""

import re

from backends.common.problem import Problem

TAG = re.compile(r'(W/)?("[!#-~\x80-\xff]*")')


def listed(field: str) -> list[tuple[bool, str]]:
    """The entity tags of a field value as (weak, opaque tag)."""
    return [(bool(weak), tag) for weak, tag in TAG.findall(field)]


def unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this version already; weak comparison, `*` is any (section 13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(tag == etag for _, tag in listed(if_none_match))


def require_match(if_match: str | None, etag: str, thing: str) -> None:
    """Raise 428 without `If-Match`, 412 when it names other versions; strong comparison (section 13.1.1)."""
    if if_match is None:
        raise Problem(428, "Send the ETag of the version to change as If-Match.")
    if if_match.strip() != "*" and (False, etag) not in listed(if_match):
        raise Problem(412, f"The {thing} has changed since. Read it again and repeat the change.")
