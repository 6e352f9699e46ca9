"""What the configuration says about judging one operation's messages."""

from typing import NamedTuple

from gateway.config import Limits, Validate


class Terms(NamedTuple):
    """`passes` names what goes through unjudged: `media:TYPE`, `parameter:PLACE.NAME`, `security:SCHEME`."""

    passes: frozenset[str] = frozenset()
    validate: Validate = Validate()
    limits: Limits = Limits()
