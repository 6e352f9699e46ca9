"""What of an operation is deprecated: which of it is counted when it is used, and what clients are told."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

from gateway.contract.compiled import DeprecatedUse
from gateway.contract.model import Behaviour, Operation
from gateway.wire.message import Field


def deprecated_uses(operation: Operation) -> tuple[DeprecatedUse, ...]:
    """The operation itself, if it is deprecated, and its deprecated parameters."""
    return tuple(_uses(operation))


def _uses(operation: Operation) -> Iterator[DeprecatedUse]:
    if operation.deprecated:
        yield DeprecatedUse("", "")
    for parameter in operation.parameters:
        if parameter.deprecated:
            yield DeprecatedUse(parameter.place, parameter.name)


def announcement(behaviour: Behaviour) -> tuple[Field, ...]:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594), as far as `x-gateway` gives their dates.

    A date without a time of day is its first second in UTC. Raises ValueError for what is no ISO 8601 date.
    """
    fields: list[Field] = []
    if behaviour.deprecation is not None:
        fields.append((b"Deprecation", b"@%d" % _moment(behaviour.deprecation).timestamp()))
    if behaviour.sunset is not None:
        date = format_datetime(_moment(behaviour.sunset).astimezone(UTC), usegmt=True)
        fields.append((b"Sunset", date.encode("ascii")))
    return tuple(fields)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
