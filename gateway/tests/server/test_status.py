"""What the master tells the workers, in shared memory."""

import os

import pytest

from gateway.server.status import Status


def test_it_tells_how_the_last_reload_went() -> None:
    """Nothing yet, then done, then why not, then done again."""
    status = Status()
    assert status.read() == {"reload": "none", "findings": []}
    status.reloaded([])
    assert status.read() == {"reload": "done", "findings": []}
    status.reloaded(["api.yaml:1:1: error: x: y"])
    assert status.read() == {
        "reload": "failed: the former documents are still served",
        "findings": ["api.yaml:1:1: error: x: y"],
    }
    status.reloaded([])
    assert status.read()["findings"] == []


@pytest.mark.parametrize("character", ["x", "ü", "語", "🏃", "\x01"])
def test_a_flood_of_long_findings_fits(character: str) -> None:
    """The memory is fixed, whatever a character takes in it; the log has them all."""
    status = Status()
    for _ in range(3):  # both halves
        status.reloaded([character * 5000] * 500)
        assert status.read()["findings"] == [character * 1000] * 10


def test_a_forked_process_sees_what_is_written_afterwards() -> None:
    """As workers do."""
    status = Status()
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(ready, 1)
        os._exit(0 if status.read()["findings"] == ["news"] else 1)
    os.close(ready)
    status.reloaded(["news"])
    os.close(go)
    assert os.waitpid(child, 0)[1] == 0
