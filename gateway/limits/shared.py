"""Counters in memory that the workers of one machine share: exact over all of them, of fixed size.

The memory is made in the master and inherited by fork; it outlives every reload. It is a table of sets with `WAYS`
places each, as in a processor's cache: the hash of a key says which set, and in it any place may hold the key.

    mutex, padding | set 0: tags of its places, then their (meta, first, second) | set 1 ...

A tag is the whole 64-bit hash; the interpreter's keyed SipHash with a random prefix makes it, so nobody outside can aim
at a set, or at another's counter. `meta` holds when the state is as good as none (in microseconds, upper 52 bits) and
how much of the policy's capacity is used (in 4095ths).

A new key takes a free place, or an expired one, or that of the key whose state is worth least: that gives away little
of its limit, or of one that is over soon. So a flood of new keys pushes out its own: the counter of a busy key goes
last, and whoever is pushed out is given back less than anybody else would be. Share alone would not do: by a few
requests from each of many addresses, which are much of a limit per hour, somebody could be rid of what he used of a
quota per month.

States are packed first and then copied into their place: `pack_into` would clear the place before it writes, and a
worker that is killed in between would give all of a limit back.
"""

import mmap
import struct
from collections.abc import Callable, Sequence

from gateway.limits.algorithms import ALGORITHMS
from gateway.limits.lock import PATIENCE, SIZE, RobustMutex
from gateway.limits.policy import Charge, CountersUnavailable, Reading

WAYS = 8
TAGS = WAYS * 8  # bytes
ENTRY = 24
SET = TAGS + WAYS * ENTRY
FULL = 4095  # the largest share in `meta`
_SHARE_BITS = 12

_entry = struct.Struct("=3Q")
_tags = struct.Struct(f"={WAYS}Q")
_Entry = tuple[int, int, int]
_NOTHING: _Entry = (0, 0, 0)
_WORD = 0xFFFFFFFFFFFFFFFF


class SharedCounters:
    """See `gateway.limits.policy.Counters`. Made before fork."""

    def __init__(self, keys: int, now: Callable[[], int], secret: bytes) -> None:
        """`keys` is rounded up to a power of two, `now` gives microseconds since the epoch, `secret` is random."""
        sets = 1 << max(0, -(-keys // WAYS) - 1).bit_length()
        self._mask = sets - 1
        self._memory = mmap.mmap(-1, SIZE + sets * SET)
        self._mutex = RobustMutex(self._memory)
        self._now = now
        self._secret = secret

    @property
    def size(self) -> int:
        """Bytes of memory, whatever happens."""
        return len(self._memory)

    async def take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
        """See `Counters.take`. Never suspends."""
        if not self._mutex.acquire():
            raise CountersUnavailable(f"a worker that was stopped holds the counters for more than {PATIENCE} s")
        try:
            return self._take(charges)
        finally:
            self._mutex.release()

    def _take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
        """Charge one after the other, and give back what was taken when one refuses."""
        memory, now = self._memory, self._now()  # read while the mutex is held: no other worker has seen a later time
        readings: list[Reading] = []
        taken: list[tuple[int, _Entry]] = []
        for policy, key, cost in charges:
            tag = hash(self._secret + key) & _WORD or 1
            place = self._place(tag)
            before = _entry.unpack_from(memory, place) if place else _NOTHING
            reading, first, second, expires = ALGORITHMS[policy.algorithm](policy, before[1], before[2], now, cost)
            if not reading[0]:
                self._give_back(taken)
                return [self._reading(charge, now) for charge in charges]
            meta = expires << _SHARE_BITS | FULL * (policy.capacity - reading[1]) // policy.capacity
            if place:
                memory[place : place + ENTRY] = _entry.pack(meta, first, second)
            elif cost:
                self._insert(tag, meta, first, second, now)
            taken.append((tag, before))
            readings.append(reading)
        return readings

    def _give_back(self, taken: Sequence[tuple[int, _Entry]]) -> None:
        """Make states what they were. A key may have lost its place to one of its fellows."""
        for tag, before in taken:
            if place := self._place(tag):
                self._memory[place : place + ENTRY] = _entry.pack(*before)

    def _reading(self, charge: Charge, now: int) -> Reading:
        """What to say when nothing is taken: that it refuses, or else what there is."""
        place = self._place(hash(self._secret + charge.key) & _WORD or 1)
        _, first, second = _entry.unpack_from(self._memory, place) if place else _NOTHING
        decide = ALGORITHMS[charge.policy.algorithm]
        reading = decide(charge.policy, first, second, now, charge.cost)[0]
        return decide(charge.policy, first, second, now, 0)[0] if reading.passed else reading

    def _place(self, tag: int) -> int:
        """Where the state of a key begins; 0 when it has none."""
        start = SIZE + (tag & self._mask) * SET
        sought = tag.to_bytes(8, "little")
        found = self._memory.find(sought, start, start + TAGS)
        while found >= 0 and found & 7:  # the bytes of two tags look like this one
            found = self._memory.find(sought, found + 1, start + TAGS)
        return 0 if found < 0 else start + TAGS + (found - start) * 3

    def _insert(self, tag: int, meta: int, first: int, second: int, now: int) -> None:
        """A place for a new key. The tag goes first and comes last: a process that is killed here leaves no key with
        another's state."""
        memory = self._memory
        start = SIZE + (tag & self._mask) * SET
        way = self._victim(start, now)
        name, place = start + way * 8, start + TAGS + way * ENTRY
        memory[name : name + 8] = bytes(8)
        memory[place : place + ENTRY] = _entry.pack(meta, first, second)
        memory[name : name + 8] = tag.to_bytes(8, "little")

    def _victim(self, start: int, now: int) -> int:
        """The way of a set that a new key may have."""
        tags = _tags.unpack_from(self._memory, start)
        if 0 in tags:
            return tags.index(0)
        metas = [_entry.unpack_from(self._memory, start + TAGS + way * ENTRY)[0] for way in range(WAYS)]
        return min(range(WAYS), key=lambda way: _worth(metas[way], now))


def _worth(meta: int, now: int) -> tuple[int, int]:
    """The least is given up first: 0 when the state has expired, else how long it still holds, weighted with the square
    of the used share; then when it expires."""
    expires, share = meta >> _SHARE_BITS, meta & FULL
    return share * share * max(0, expires - now), expires
