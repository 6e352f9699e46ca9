"""Whether to ask a server that has failed: closed (ask), open (do not), half open (one question finds out).

A pure state machine; the time, in seconds, is passed in. After `threshold` failures in a row it opens for a while that
doubles with each failed probe, up to `longest`.
"""

from dataclasses import dataclass
from math import inf


@dataclass(slots=True)
class Breaker:
    """The state of one server, as one worker knows it."""

    threshold: int = 5
    shortest: float = 0.25  # seconds
    longest: float = 8.0
    failures: int = 0  # in a row, while closed
    pause: float = 0.0  # seconds; 0.0 while closed
    until: float = -inf  # when it may be asked again; inf while a probe is under way

    @property
    def closed(self) -> bool:
        """All is well, as far as is known."""
        return self.pause == 0.0

    def allows(self, now: float) -> bool:
        """Whether to ask now. Open and the pause over: yes, once; the answer has to be told."""
        if self.pause == 0.0:
            return True
        if now < self.until:
            return False
        self.until = inf
        return True

    def succeeded(self) -> bool:
        """An answer came. True when that closes the breaker."""
        self.failures = 0
        if self.until == inf:
            self.pause, self.until = 0.0, -inf
            return True
        return False

    def failed(self, now: float, chance: float) -> bool:
        """No answer came; `chance`, from 0 to 1, spreads the probes of many workers. True when that opens the breaker
        that was closed."""
        if self.pause == 0.0:
            self.failures += 1
            if self.failures < self.threshold:
                return False
            self.pause, self.until = self.shortest, now + self.shortest * (0.5 + chance / 2)
            return True
        if self.until == inf:
            self.pause = min(self.longest, 2 * self.pause)
            self.until = now + self.pause * (0.5 + chance / 2)
        return False  # else it was asked before the breaker opened

    def abandoned(self, now: float) -> None:
        """Whoever asked does not wait for the answer: somebody else may ask."""
        if self.until == inf:
            self.until = now
