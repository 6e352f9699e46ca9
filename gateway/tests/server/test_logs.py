"""The logs of a process."""

import asyncio
import json
from pathlib import Path

from gateway.config import Log
from gateway.server.logs import Logs
from gateway.tests.observe.test_audit import REFUSED


def written(folder: Path, access: str, audit: str) -> dict[str, list[str]]:
    """What is in the files after a refusal and the end of the process."""

    async def scenario() -> None:
        logs = Logs(Log(access=access, audit=audit, audit_rate=2), asyncio.get_running_loop(), lambda lines: None)
        if logs.audit is not None:
            for _ in range(5):
                logs.audit.record(REFUSED)
        logs.reopen()
        logs.close()

    asyncio.run(scenario())
    return {
        path.name: [json.loads(line)["audit"] for line in path.read_text().splitlines()] for path in folder.iterdir()
    }


def test_each_log_has_its_place(tmp_path: Path) -> None:
    """Files are made, and what was left out in the last second is told before the end."""
    found = written(tmp_path, str(tmp_path / "access"), str(tmp_path / "audit"))
    assert found == {"access": [], "audit": ["refused", "refused", "left-out"]}


def test_both_may_share_a_place(tmp_path: Path) -> None:
    """One writer then, so that lines stay whole."""
    assert written(tmp_path, str(tmp_path / "log"), str(tmp_path / "log")) == {
        "log": ["refused", "refused", "left-out"]
    }


def test_off(tmp_path: Path) -> None:
    """Nothing is opened."""
    assert written(tmp_path, "off", "off") == {}
