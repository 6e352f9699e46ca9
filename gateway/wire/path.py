"""The request target, judged raw and split before it is decoded.

Decoding first and splitting afterwards is how `%2F` smuggles segments past a router, so the order here is: refuse what
has no single meaning, split at "/", then decode each segment on its own (RFC 3986 sections 2.4 and 3.3).
"""

import re
from urllib.parse import unquote_to_bytes

from gateway.errors import Kind, Refusal

# RFC 3986 pchar plus "/", with every escape complete. What browsers and servers disagree about is not in it:
# control bytes, space, raw non-ASCII, "#", "\", "^", "`", "{", "|", "}", '"', "<", ">".
_PATH = re.compile(rb"/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)*\Z")
# The query is laxer in practice: real clients send "[", "]", "{", "}", "|", "\", "^", "`", '"', "<", ">" raw, and they
# mean themselves.
_QUERY = re.compile(rb"[\x21\x22\x24\x26-\x7e]*(?:%[0-9A-Fa-f]{2}[\x21\x22\x24\x26-\x7e]*)*\Z")
# As the laxest readers see it: those that decode before they split, take "\\" for "/", or cut parameters (";") off.
_DOT_SEGMENT = re.compile(rb"[/\\]\.\.?(?:[/\\;]|\Z)")
_PARAMETERS = re.compile(rb";[^/]*")
_SLASHES = re.compile(rb"//+")
_DECODINGS = 4  # an escape of an escape of an escape means nothing to anybody


def _malformed(detail: str) -> Refusal:
    return Refusal(Kind.MALFORMED_REQUEST, detail)


def check_target(path: bytes, query: bytes | None) -> None:
    """Refuse a target that two parsers could read in two ways.

    Raises Refusal(MALFORMED_REQUEST) for bytes outside RFC 3986, incomplete escapes, and in a path, however often it is
    escaped, NUL and dot segments.
    """
    if not _PATH.match(path):
        raise _malformed("The path holds a byte or an escape that RFC 3986 does not allow.")
    if query and not _QUERY.match(query):
        raise _malformed("The query holds a byte or an escape that RFC 3986 does not allow.")
    if query and b"%00" in query:
        raise _malformed("The target holds %00.")
    if b"%" in path or b"/." in path:
        decoded = _decoded(path)
        if b"\0" in decoded:
            raise _malformed("The target holds %00.")
        if _DOT_SEGMENT.search(decoded):
            raise _malformed("The path holds a dot segment.")


def other_readings(path: bytes) -> set[bytes]:
    """What servers that are laxer than RFC 3986 make of a path that `check_target` has passed.

    Some decode before they split, or twice; take "\\" for "/"; cut off what follows ";"; take "//" for "/",
    or nothing for one at the end.
    """
    split = _decoded(path).replace(b"\\", b"/")
    cut = _PARAMETERS.sub(b"", split)
    return {split, cut, _SLASHES.sub(b"/", split), _SLASHES.sub(b"/", cut).rstrip(b"/")}


def _decoded(path: bytes) -> bytes:
    for _ in range(_DECODINGS):
        once = unquote_to_bytes(path)
        if once == path:
            return path
        path = once
    raise _malformed("The path holds escapes of escapes.")


def decoded_segments(path: bytes) -> list[bytes]:
    """`/a%2Fb/c` -> [b"a/b", b"c"]; the leading slash is dropped, empty segments are kept."""
    segments = path[1:].split(b"/")
    if b"%" in path:
        return [unquote_to_bytes(segment) for segment in segments]
    return segments


def split_target(target: bytes) -> tuple[bytes, bytes | None, bytes | None]:
    """Split a request target (RFC 9112 section 3.2) into (path, query, authority).

    `authority` is set for the absolute form only. Raises Refusal(MALFORMED_REQUEST) for a fragment or any other form.
    """
    authority = None
    if not target.startswith(b"/"):
        scheme, separator, rest = target.partition(b"://")
        if not separator or scheme.lower() not in (b"http", b"https"):
            raise _malformed("The request target is neither a path nor an absolute http URL.")
        slash = len(rest)
        for mark in (b"/", b"?", b"#"):
            found = rest.find(mark)
            if found != -1:
                slash = min(slash, found)
        authority, target = rest[:slash], rest[slash:]
        if not target.startswith(b"/"):
            target = b"/" + target
    path, mark, query = target.partition(b"?")
    return path, query if mark else None, authority
