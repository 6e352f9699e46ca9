"""What clients are told of their limits: draft-ietf-httpapi-ratelimit-headers-11, and Retry-After.

Both fields are lists of Structured Fields (RFC 9651): a String names the policy, parameters say the rest. `pk`, the
partition key, is left out: a client knows who it is, and nobody else needs to.
"""

from collections.abc import Sequence

from gateway.limits.policy import SECOND, Charge, Policy, Reading
from gateway.wire.message import Field

RATE_LIMIT, RATE_LIMIT_POLICY, RETRY_AFTER = b"RateLimit", b"RateLimit-Policy", b"Retry-After"

_MONTH = 30 * 86_400  # seconds; `w` is for estimates


def advertised(policies: Sequence[Policy]) -> bytes:
    """The value of RateLimit-Policy: the quota `q` in units, its window `w` in seconds where it has whole ones."""
    return b", ".join(map(_policy, policies))


def _policy(policy: Policy) -> bytes:
    window, rest = divmod(policy.period, SECOND) if policy.period else (_MONTH, 0)
    return b'"%b";q=%d' % (policy.label, policy.requests) + (b"" if rest else b";w=%d" % window)


def current(charges: Sequence[Charge], readings: Sequence[Reading]) -> bytes:
    """The value of RateLimit: `r` units remain, in `t` seconds there is more."""
    return b", ".join(
        [
            b'"%b";r=%d;t=%d' % (charge[0].label, reading[1], -(-reading[3] // SECOND))
            for charge, reading in zip(charges, readings, strict=True)
        ]
    )


def retry_after(readings: Sequence[Reading]) -> Field:
    """When all that refused would let the same request through (RFC 9110 section 10.2.3), in seconds."""
    longest = max(reading.wait for reading in readings if not reading.passed)
    return RETRY_AFTER, b"%d" % max(1, -(-longest // SECOND))
