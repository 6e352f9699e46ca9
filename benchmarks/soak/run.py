"""One soak from start to end: traffic, kills and samples at the same time; then what has to be true of the whole."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.soak import watch
from benchmarks.soak.subject import BURST, QUOTA, RATE, SLOTS, WORKERS, Backend, Subject, soaked
from benchmarks.soak.traffic import Making, Soak, asking, attacker, client, dawdler, get, leaver, provoker

GOOD, LIMITED, ATTACKERS, PROVOKERS, LEAVERS, DAWDLERS = 12, 8, 4, 2, 2, 2  # connections at a time
PAUSE, LIMITED_PAUSE = 0.02, 0.1  # longest time between two batches of a client, in seconds
ELDERS = 2  # workers that live from start to end: whose memory is watched
AFTER = 20.0  # seconds in which everything has to be given back
WARM = 60.0  # seconds, or a third of the run, until memory has to be flat
GROWTH = 4.0  # megabytes that a process may grow after that
GROWTH_OF_SHORT = 10.0  # the same where it cannot be warm
SPARE_FILES = 2  # files more than at the start
HOLD = 3.0  # seconds to find all slots; less than the gateway waits for a backend
EXACT = 0.01  # share by which a limit may be missed


class Result(NamedTuple):
    """What came of it: how often what was answered, figures for people, and what was wrong."""

    seen: dict[str, int]
    figures: list[str]
    violations: list[str]


async def run(folder: Path, seconds: float, kills: int, seed: int) -> Result:
    """Soak a gateway of `WORKERS` workers for so long; end by itself, whatever happens."""
    backend = Backend()
    server = await asyncio.start_server(backend, "127.0.0.1", 0, limit=1 << 20)
    backend.port = server.sockets[0].getsockname()[1]
    stack = contextlib.ExitStack()
    gateway = await asyncio.to_thread(stack.enter_context, soaked(folder, backend.port))
    try:
        soak = Soak(gateway.port, gateway.credentials, Random(seed))
        return await _soak(soak, gateway, backend, seconds, kills)
    finally:
        backend.held.set()
        await asyncio.to_thread(stack.close)
        server.close()


async def _soak(soak: Soak, gateway: Subject, backend: Backend, seconds: float, kills: int) -> Result:
    await asyncio.to_thread(gateway.process.until, lambda state: len(gateway.workers()) == WORKERS)
    elders = gateway.workers()[:ELDERS]
    before = {pid: watch.others(pid, backend.port) for pid in elders}
    begun = time.monotonic()
    soak.over = begun + seconds
    memory: dict[int, list[tuple[float, int]]] = {pid: [] for pid in (gateway.master, *elders)}
    async with asyncio.TaskGroup() as group:
        for work, number in (
            (lambda: client(soak, Making(0.1), PAUSE), GOOD),
            (lambda: attacker(soak), ATTACKERS),
            (lambda: provoker(soak), PROVOKERS),
            (lambda: leaver(soak), LEAVERS),
            (lambda: dawdler(soak), DAWDLERS),
        ):
            for _ in range(number):
                group.create_task(work())
        limited = group.create_task(_limited(soak))
        group.create_task(_kill(soak, gateway, elders, [begun + seconds / kills * (n + 0.5) for n in range(kills)]))
        group.create_task(_sample(soak, memory, begun))
    figures = [f"{seconds:.0f} s, {soak.kills} workers killed, {soak.seen.total()} things asked"]
    figures.append(f"lost with killed workers: {soak.unanswered.total()} requests")
    figures += _limits(soak, backend, limited.result())
    _hostile(soak, backend)
    figures += _memory(soak, gateway.master, memory, min(WARM, seconds / 3))
    figures += await _left_over(soak, gateway, backend, before)
    figures += await _slots(soak, gateway, backend)
    return Result(dict(soak.seen), figures, soak.violations)


async def _kill(soak: Soak, gateway: Subject, elders: Sequence[int], times: Iterable[float]) -> None:
    """At these times of time.monotonic, kill one that is no elder; another has to take its place."""
    for at in times:
        await asyncio.sleep(at - time.monotonic())
        victim = next(pid for pid in gateway.workers() if pid not in elders)
        os.kill(victim, signal.SIGSTOP)  # so that it takes no connection while its connections are counted
        soak.lost |= watch.peers_of(victim, gateway.port)
        soak.kills += 1
        os.kill(victim, signal.SIGKILL)
        if not await _within(AFTER, lambda gone=victim: gone not in (now := gateway.workers()) and len(now) == WORKERS):
            soak.wrong(f"no worker in place of {victim} within {AFTER:.0f} s")


async def _limited(soak: Soak) -> tuple[float, float]:
    """Ask for what is limited, more often than the limits allow. The least and the most seconds that were counted: from
    an answer, or the question before, to the refusal of what has used up everything, at the end."""
    making = Making(limited=(b"/v1/steady", b"/v1/steady", b"/v1/quota", b"/v1/slots"))
    asked = time.monotonic()
    await _until(soak, "/v1/steady: 200")
    answered = time.monotonic()
    await asyncio.gather(*(client(soak, making, LIMITED_PAUSE) for _ in range(LIMITED)))
    asking_again = time.monotonic()
    await _until(soak, "/v1/steady: 429")
    return asking_again - answered, time.monotonic() - asked


async def _until(soak: Soak, answer: str) -> None:
    """Ask for /v1/steady until this is the answer."""
    before = soak.seen[answer]
    reader, writer = await asyncio.open_connection("127.0.0.1", soak.port)
    async with asyncio.timeout(AFTER):
        while soak.seen[answer] == before:
            await asking(soak, reader, writer, [get("/v1/steady", b"/v1/steady", b"", 200, 429)])
    writer.close()


async def _sample(soak: Soak, memory: dict[int, list[tuple[float, int]]], begun: float) -> None:
    while soak.going:
        for pid, samples in memory.items():
            samples.append((time.monotonic() - begun, watch.anonymous(pid)))
        await asyncio.sleep(0.5)


def _limits(soak: Soak, backend: Backend, took: tuple[float, float]) -> list[str]:
    """What passed the limits: as much as was due, less at most what was asked of workers that were killed."""
    figures = []
    due = [BURST + RATE * seconds for seconds in took]
    for path, (least, most), share in ((b"/v1/steady", due, EXACT), (b"/v1/quota", (QUOTA, QUOTA), 0.0)):
        passed, lost = backend.passed[path], soak.unanswered[path.decode()]
        good, refused = (soak.seen[f"{path.decode()}: {status}"] for status in (200, 429))
        figure = (
            f"{path.decode()}: {passed} passed, {least:.0f} to {most:.0f} were due, {lost} were lost, {refused} refused"
        )
        figures.append(figure)
        if not (1 - share) * least - lost <= passed <= (1 + share) * most or not passed - lost <= good <= passed:
            soak.wrong(figure)
        if refused < passed / 2:
            soak.wrong(f"too little was asked to show anything: {figure}")
    return figures


def _hostile(soak: Soak, backend: Backend) -> None:
    for dirt in backend.dirty:
        soak.wrong(f"the backend got {dirt}")
    for mark in soak.forbidden & backend.marks:
        soak.wrong(f"what was behind a hostile request arrived: {mark!r}")


def _memory(soak: Soak, master: int, memory: dict[int, list[tuple[float, int]]], warm: float) -> list[str]:
    figures = []
    for pid, samples in memory.items():
        grown, slope = watch.growth(samples, warm)
        who = "master" if pid == master else f"worker {pid}"
        size = samples[-1][1] / watch.MEGABYTE
        figures.append(f"{who}: {size:.1f} MB, {grown:+.2f} MB since {warm:.0f} s, slope {slope:+.3f} MB a minute")
        if grown > (GROWTH if warm >= WARM else GROWTH_OF_SHORT):
            soak.wrong(f"memory grew: {figures[-1]}")
    return figures


async def _left_over(soak: Soak, gateway: Subject, backend: Backend, before: dict[int, int]) -> list[str]:
    """Nobody is connected any more: no connection and no file is left."""

    def clean() -> bool:
        clients = any(watch.peers_of(pid, gateway.port) for pid in gateway.workers())
        most = max(before.values()) + SPARE_FILES
        return not clients and all(watch.others(pid, backend.port) <= most for pid in gateway.workers())

    done = await _within(AFTER, clean)
    files = {pid: watch.others(pid, backend.port) for pid in gateway.workers()}
    clients = {pid: len(watch.peers_of(pid, gateway.port)) for pid in gateway.workers()}
    counted = await asyncio.to_thread(gateway.metric, "gateway_open_connections")
    told = f"files {list(files.values())}, {max(before.values())} at the start; client connections"
    figure = f"{told} {list(clients.values())}, {counted:.0f} counted; {backend.connections} to the backend"
    if not done or counted:
        soak.wrong(f"left over: {figure}")
    return [figure]


async def _slots(soak: Soak, gateway: Subject, backend: Backend) -> list[str]:
    """All slots can be had at the same time: connections are opened until so many requests are held."""
    if not await _within(AFTER, lambda: backend.holding == 0):
        soak.wrong(f"{backend.holding} requests for a slot never ended")
    backend.held.clear()
    request = b"GET /v1/slots HTTP/1.1\r\nHost: api.example\r\n\r\n"
    writers = []
    deadline = time.monotonic() + HOLD
    while backend.holding < SLOTS and time.monotonic() < deadline:
        for _ in range(SLOTS):
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(request)
            writers.append(writer)
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    held = backend.holding
    backend.held.set()
    for writer in writers:
        writer.close()
    if held != SLOTS:
        soak.wrong(f"{held} of {SLOTS} slots could be had at the end")
    return [f"slots: {held} of {SLOTS} could be had at the end"]


async def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether it holds at some moment of that time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True
