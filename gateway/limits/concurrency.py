"""How many requests at the same time: slots, and a bounded queue in front of them.

`limit` and `queue` of the settings are for the whole machine; each worker has its share, rounded up. Counting over all
workers in shared memory would neither wake a request that queues in another worker nor keep one order for all of them,
and a killed worker would have to be found out before its slots came back. So at most `workers - 1` requests more than
`limit` are under way, and what a worker held is free when it ends, however it ends.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from gateway.limits import adaptive
from gateway.limits.adaptive import Adaptive


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """One concurrency limit, compiled. `limit` and `queue` are the share of one worker."""

    name: str  # of what is limited; plans with one name share their slots
    limit: int
    queue: int  # requests that may wait
    wait: float  # seconds
    by_consumer: bool  # each caller has slots of its own
    adaptive: bool


class Gate:
    """Slots and the queue in front of them. Who waits does so by a future of the event loop, in order."""

    __slots__ = ("_adaptive", "_most", "_queue", "_waiting", "busy", "limit")

    def __init__(self, plan: SlotPlan) -> None:
        self._most = self.limit = plan.limit
        self._queue = plan.queue
        self._adaptive: Adaptive | None = adaptive.start(plan.limit) if plan.adaptive else None
        self.busy = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()

    @property
    def unused(self) -> bool:
        """Nobody has a slot and nobody waits for one."""
        return not self.busy and not self._waiting

    def enter(self) -> bool:
        """Take a slot, if one is free and nobody was there before."""
        if self.busy >= self.limit or self._waiting:
            return False
        self.busy += 1
        return True

    def line_up(self, future: "asyncio.Future[bool]") -> bool:
        """Wait for a slot: the future's result is True with the slot, False when it was too late. False: no room."""
        if len(self._waiting) >= self._queue:
            return False
        self._waiting.append(future)
        return True

    def late(self, future: "asyncio.Future[bool]") -> None:
        """The time to wait is over, if it still waits."""
        if not future.done():
            self._waiting.remove(future)
            future.set_result(False)

    def step_out(self, future: "asyncio.Future[bool]") -> None:
        """Whoever waited is no longer there: a slot that was just granted is free again."""
        if future.done() and not future.cancelled():
            if future.result():
                self.leave()
        elif future in self._waiting:
            self._waiting.remove(future)

    def leave(self) -> None:
        """Give a slot back; who has waited longest gets it."""
        self.busy -= 1
        self._wake()

    def learn(self, seconds: float) -> None:
        """How long the backend took for an exchange that still has its slot."""
        if self._adaptive is not None:
            self._adaptive = adaptive.sample(self._adaptive, seconds, self.busy, self._most)
            self.limit = int(self._adaptive.limit)
            self._wake()

    def _wake(self) -> None:
        while self._waiting and self.busy < self.limit:
            future = self._waiting.popleft()
            if not future.done():
                self.busy += 1
                future.set_result(True)


class Gates:
    """The gates of one plan: a single one, or one for each caller that has a request under way."""

    __slots__ = ("_gates", "_plan")

    def __init__(self, plan: SlotPlan) -> None:
        self._plan = plan
        self._gates: dict[bytes, Gate] = {}

    def __len__(self) -> int:
        return len(self._gates)

    def find(self, key: bytes) -> Gate:
        """The gate of a caller; the key is b"" where all share one."""
        gate = self._gates.get(key)
        if gate is None:
            gate = self._gates[key] = Gate(self._plan)
        return gate

    def forget(self, key: bytes) -> None:
        """A caller that has nothing under way needs no gate. The one that was too late to get a slot may find it gone:
        who had the slot left between the end of its time and its turn."""
        gate = self._gates.get(key)
        if self._plan.by_consumer and gate is not None and gate.unused:
            del self._gates[key]
