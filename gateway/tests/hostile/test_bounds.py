"""What a single costly request may cost: processor time and memory of the gateway, and the patience of others."""

from collections.abc import Iterator

import pytest

from gateway.tests.hostile import usage
from gateway.tests.hostile.attacks import ATTACKS, DOCUMENT
from gateway.tests.hostile.victim import OK, PATIENCE, Victim
from gateway.tests.processes import Backend, Process

SECONDS = 5.0  # of the processor; the slower formats take half a one for a megabyte where nothing else runs
BYTES = 100 * 2**20


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """One for all attacks: what one leaves behind, the next finds."""
    backend = Backend(OK)
    process = Process(
        tmp_path_factory.mktemp("victim"), backend, document=DOCUMENT, more="validate: {unknown-query: allow}"
    )
    victim = Victim(process)
    yield victim
    victim.stop()
    process.stop()
    backend.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_a_costly_request_keeps_its_bounds(victim: Victim, name: str) -> None:
    """The right answer, in bounded time and memory, and good requests are answered meanwhile."""
    attack = ATTACKS[name]
    target, lines, content = attack.make()
    length = b"Content-Length: %d\r\n" % len(content) if target.startswith(b"POST") else b""
    data = target + b" HTTP/1.1\r\nHost: a\r\n" + lines + length + b"\r\n" + content
    victim.slowest, before, used = 0.0, usage.resident(victim.pids), usage.cpu(victim.pids)
    status = victim.status(data)
    seconds, grown = usage.cpu(victim.pids) - used, usage.peak(victim.pids) - before
    print(f"{name}: {status}, {seconds:.2f} s, {grown / 2**20:.0f} MB, others waited {victim.slowest:.2f} s")
    assert status in attack.statuses
    assert seconds < SECONDS and grown < BYTES
    assert victim.slowest < PATIENCE and victim.failures == []
