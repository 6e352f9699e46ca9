"""What readers take in different ways in the names and separators of queries, forms, cookies and header fields.

A backend must not find a value where the gateway has judged none, so each of these is refused where it could be one
that the document describes.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

SEMICOLON = "has a ';' that is not percent-encoded, which some readers take for '&'"
BRACKETS = "is written with brackets, which the document does not say"
QUOTE = "has a quote that nothing closes, so that readers disagree about its end"
UNDERSCORE = "has '_' where a documented header has '-', which some backends take for the same name"

_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_DASHES = bytes.maketrans(b"_", b"-")


def semicolons(text: bytes, given: Mapping[bytes, Sequence[bytes]]) -> list[bytes]:
    """The names of the pairs of `text` that hold a raw ";"; an empty name where names themselves do.

    HTML 4 recommended it as a separator, and frameworks followed; Go drops such pairs (net/url).
    """
    found = [name for name, raws in given.items() if any(b";" in raw for raw in raws)]
    inside = sum(raw.count(b";") for name in found for raw in given[name])
    return found if text.count(b";") == inside else [*found, b""]


def bracketed(key: bytes) -> bytes:
    """The name in front of the brackets of a key, `a` of `a[]` and `a[b]`; the key where there are none."""
    return key.partition(b"[")[0]


def unclosed_quotes(field: bytes) -> Iterator[bytes]:
    """The names of cookies whose value begins with a quote that ends behind a ";", as some readers see it."""
    for piece in field.split(b";"):
        name, _, value = piece.partition(b"=")
        value = value.strip(b" \t")
        if value.startswith(b'"') and not _QUOTED.fullmatch(value):
            yield name.strip(b" \t")


def twins(names: Iterable[bytes], known: Container[bytes]) -> Iterator[bytes]:
    """The field names, in lower case, that CGI, WSGI and their like cannot tell from one of the `known`."""
    for name in names:
        if b"_" in name and name not in known and name.translate(_DASHES) in known:
            yield name
