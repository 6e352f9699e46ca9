"""Tables from their making to their retirement."""

import gc
from pathlib import Path

import pytest

from gateway.config import Api, Settings
from gateway.server.generation import SPARE, Generation, Generations
from gateway.tests.harness import DOCUMENT


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document that compiles."""
    path = tmp_path / "api.yaml"
    path.write_text(DOCUMENT)
    return path


def settings(document: Path, workers: int = 1) -> Settings:
    """One API with that document."""
    api = Api(contract=str(document), upstream="http://127.0.0.1:1", name="api")
    return Settings(apis=(api,), workers=workers)


def made(generations: Generations, wanted: Settings) -> Generation:
    """The generation that these settings give."""
    generations.renew(wanted)
    assert generations.current is not None
    return generations.current


def test_a_generation_has_everything_a_worker_needs(document: Path) -> None:
    """The table, the pages unless they are off, and counters with a row for each operation."""
    generations = Generations(frozenset(["gateway.yaml"]))
    first = made(generations, settings(document))
    assert len(first.table.operations) == 6
    assert first.pages is not None
    assert first.segments == (first.segment,)
    assert generations.sources == {"gateway.yaml", str(document)}
    assert made(generations, Settings(apis=first.settings.apis, docs=False)).pages is None


def test_a_broken_document_changes_nothing(document: Path) -> None:
    """The former generation stays, and the status says why; a mended one ends that."""
    generations = Generations(frozenset())
    first = made(generations, settings(document))
    document.write_text(DOCUMENT.replace("type: integer", "type: nonsense"))
    assert generations.renew(settings(document)).table is None
    assert generations.current is first
    status = first.status.read()
    assert status["reload"].startswith("failed") and str(document) in status["findings"][0]
    assert first.segment.totals()["gateway_reloads_total", 'result="failure"'] == 1
    document.write_text(DOCUMENT)
    second = made(generations, settings(document))
    assert second is not first
    assert second.status.read() == {"reload": "done", "findings": []}
    assert second.segment.totals()["gateway_reloads_total", 'result="success"'] == 1


def test_a_file_that_could_not_be_read_is_still_watched(document: Path) -> None:
    """Its coming back is a reason to try again."""
    generations = Generations(frozenset())
    made(generations, settings(document))
    missing = document.with_name("other.yaml")
    assert generations.renew(settings(missing)).table is None
    assert str(missing) in generations.sources


def test_no_rubbish_is_left_to_workers(document: Path) -> None:
    """Neither of reading a document nor, on a reload, of the former table."""
    generations = Generations(frozenset())
    gc.disable()
    try:
        for _ in range(2):
            made(generations, settings(document))
            assert gc.collect() == 0
    finally:
        gc.enable()


def test_counters_outlive_their_generation(document: Path) -> None:
    """The former segment is rendered beside the current one, all earlier ones are added up."""
    generations = Generations(frozenset())
    for number in range(4):
        current = made(generations, settings(document))
        current.segment.worker(0).request(1, 200, 0.001)
        assert len(current.segments) == min(number + 1, 2)
    requests = sum(
        count
        for totals in (current.retired, *(segment.totals() for segment in current.segments))
        for (name, _), count in totals.items()
        if name == "gateway_requests_total"
    )
    assert requests == 4


def test_slots_come_back_when_workers_end(document: Path) -> None:
    """As many as there are workers, and some for those that still drain."""
    generations = Generations(frozenset())
    first = made(generations, settings(document, workers=2))
    slots = [generations.take_slot() for _ in range(2 + SPARE)]
    assert sorted(slots) == list(range(2 + SPARE))
    generations.free_slot(first, slots[3])
    assert generations.take_slot() == slots[3]


def test_slots_of_a_former_generation_are_not_given_out(document: Path) -> None:
    """They lie in another segment."""
    generations = Generations(frozenset())
    first = made(generations, settings(document))
    old = generations.take_slot()
    made(generations, settings(document))
    taken = [generations.take_slot() for _ in range(1 + SPARE)]
    generations.free_slot(first, old)
    assert sorted(taken) == list(range(1 + SPARE))
    with pytest.raises(IndexError):
        generations.take_slot()
