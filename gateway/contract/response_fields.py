"""What is decided at load about the header fields of responses: which are dropped, which are added."""

from gateway.config import Settings
from gateway.contract.deprecation import announcement
from gateway.contract.model import Operation
from gateway.security.cors import CORS_FIELDS, Cors
from gateway.wire.fields import DROPPED_FROM_RESPONSES, spelled
from gateway.wire.message import Field

PRIVATE = (b"Cache-Control", b"private")
_CACHEABLE = ("GET", "QUERY")  # HEAD is answered by GET


def dropped_from_responses(settings: Settings, cors: Cors | None) -> frozenset[bytes]:
    """Names, as `spelled` gives them, of the fields that a backend's response loses."""
    names = frozenset(spelled(name.encode("ascii")) for name in (*settings.headers.set, *settings.headers.remove))
    return DROPPED_FROM_RESPONSES | names | (CORS_FIELDS if cors is not None else frozenset())


def set_fields(settings: Settings) -> tuple[Field, ...]:
    """The fields that every response gets."""
    return tuple((name.encode("ascii"), value.encode("latin-1")) for name, value in settings.headers.set.items())


def announced(settings: Settings, operation: Operation) -> tuple[Field, ...]:
    """What a response of the backend says when it has no such field itself."""
    fields = announcement(operation.behaviour) if settings.announce_deprecated else ()
    ours = {name.lower() for name in settings.headers.set}
    if "cache-control" not in ours and operation.method in _CACHEABLE and _personal(operation):
        fields = (*fields, PRIVATE)
    return fields


def _personal(operation: Operation) -> bool:
    """Whether what is answered may depend on who asks.

    A shared cache keeps no answer to a request with Authorization (RFC 9111 section 3.5), but it knows nothing of API
    keys, client certificates and cookies: by them one caller would get what was meant for another.
    """
    return any(operation.security) or any(parameter.place == "cookie" for parameter in operation.parameters)
