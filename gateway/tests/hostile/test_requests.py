"""The corpus of hostile requests, through a gateway that runs, and through the reader alone."""

import asyncio
from pathlib import Path

import pytest

from gateway.config import Limits
from gateway.errors import Refusal
from gateway.server.reader import RequestReader
from gateway.tests.hostile import replies, requests
from gateway.tests.hostile.__main__ import run
from gateway.tests.hostile.attacks import ATTACKS
from gateway.tests.hostile.requests import CORPUS, Sequence
from gateway.tests.hostile.strike import DIRTY, counted
from gateway.tests.hostile.subjects import find_nginx
from gateway.tests.server.test_reader import Told
from gateway.tests.shape.modules import ROOT


def test_there_are_enough_and_none_twice() -> None:
    """Each has a name and a reason of its own."""
    assert len(CORPUS) > 600
    assert len({each.id for each in CORPUS}) == len(CORPUS) == len({each.data for each in CORPUS})
    assert all(each.why for each in CORPUS)


def test_nothing_hostile_reaches_the_backend_and_no_client_gets_a_split_answer(tmp_path: Path) -> None:
    """Both corpora: what has to be refused is, nothing arrives of it or behind it; good requests are answered."""
    for verdicts in asyncio.run(run("gateway", tmp_path)):
        assert [each for each in verdicts if each.outcome == DIRTY or each.why] == []


def test_the_page_says_how_many_there_are() -> None:
    """In its first sentences."""
    page = (ROOT / "docs" / "hostile.md").read_text("utf-8")
    numbers = (
        f"\n{len(CORPUS)} hostile requests",
        f"{len(replies.CORPUS)} hostile replies",
        f"of {len(ATTACKS)} costly",
    )
    assert all(each in page for each in numbers)


@pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")
def test_the_same_goes_through_nginx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge is fair: some of it is blocked, some comes through clean."""
    few = [each for each in CORPUS if each.id.startswith(("good-length", "both-1"))]
    monkeypatch.setattr(requests, "CORPUS", few)
    monkeypatch.setattr(replies, "CORPUS", replies.CORPUS[:3])
    struck, provoked = asyncio.run(run("nginx", tmp_path))
    assert counted(struck)["blocked"] and counted(struck)["clean"] and not counted(struck)["dirty"]
    assert len(provoked) == 3


def outcome(data: bytes, size: int) -> tuple[list[tuple[object, ...]], str]:
    """What a reader tells of `data` in pieces of `size`, and how it ends."""
    told = Told()
    reader = RequestReader(told, Limits())
    try:
        for start in range(0, len(data), size):
            reader.feed(data[start : start + size])
    except Refusal as refusal:
        return told.events, refusal.kind.value
    return told.events, ""


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("sequence", CORPUS, ids=lambda each: each.id)
def test_no_cut_of_the_bytes_changes_the_verdict(sequence: Sequence, size: int) -> None:
    """What is told and what is refused is the same whole and in pieces."""
    assert outcome(sequence.data, size) == outcome(sequence.data, len(sequence.data) or 1)
