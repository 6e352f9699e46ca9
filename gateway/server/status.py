"""What the master tells the workers: how the last reload went. One writer, many readers, no lock."""

import mmap
from typing import Any

import orjson

_FINDINGS = 10  # named in the status; the log has them all
_LENGTH = 1000  # characters of each, which are at most six bytes in JSON
_HALF = 65536


class Status:
    """A JSON object in shared memory, made before fork. Written into one half while the other is read."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1 + 2 * _HALF)
        self._store({"reload": "none", "findings": []})

    def reloaded(self, findings: list[str]) -> None:
        """The documents were compiled anew; with `findings` the old table is still the one in force."""
        result = "failed: the former documents are still served" if findings else "done"
        self._store({"reload": result, "findings": [text[:_LENGTH] for text in findings[:_FINDINGS]]})

    def _store(self, value: dict[str, Any]) -> None:
        data = orjson.dumps(value)
        half = 1 - self._memory[0]
        start = 1 + half * _HALF
        self._memory[start : start + 4] = len(data).to_bytes(4, "big")
        self._memory[start + 4 : start + 4 + len(data)] = data
        self._memory[0] = half

    def read(self) -> dict[str, Any]:
        """The value stored last."""
        start = 1 + self._memory[0] * _HALF
        length = int.from_bytes(self._memory[start : start + 4], "big")
        value: dict[str, Any] = orjson.loads(self._memory[start + 4 : start + 4 + length])
        return value
