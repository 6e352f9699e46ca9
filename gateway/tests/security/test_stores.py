"""Stores stay fresh, and what cannot be read leaves what was there in force."""

import asyncio
import gc
import logging
import weakref
from pathlib import Path

import pytest

from gateway.security.records import Flaw, lines_of
from gateway.security.stores import LARGEST, FileSource, StoreError, VariableSource, Watched

LONG = 3600.0


def words(text: str) -> tuple[set[str], list[Flaw]]:
    """A store of words; one that begins with ! is a flaw."""
    lines = list(lines_of(text))
    return (
        {line for _, line in lines if not line.startswith("!")},
        [Flaw(number, "a flaw") for number, line in lines if line.startswith("!")],
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store with one word."""
    path = tmp_path / "words"
    path.write_text("one\n")
    return path


def watched(file: Path, **more: object) -> "Watched[set[str]]":
    """A store that is looked at only when a test says so."""
    return Watched("words", FileSource(str(file), words), LONG, **more)  # type: ignore[arg-type]


def replace(file: Path, content: bytes) -> None:
    """Put another file in its place."""
    other = file.with_suffix(".new")
    other.write_bytes(content)
    other.replace(file)


def test_a_change_is_read(file: Path) -> None:
    """By a file in its place, as editors write, and by the same file written on."""
    store = watched(file)
    assert store.value == {"one"}
    replace(file, b"two\n")
    store.refresh()
    assert store.value == {"two"}
    with file.open("a") as same:
        same.write("three\n")
    store.refresh()
    assert store.value == {"two", "three"}


def test_what_did_not_change_is_not_read(file: Path) -> None:
    """The same object stays."""
    store = watched(file)
    before = store.value
    store.refresh()
    assert store.value is before


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"two\n!\n", ":2: a flaw"), (b"two\n\xff\n", ":2: it is not UTF-8"), (None, ":0: No such")],
)
def test_a_broken_file_leaves_the_former_content(
    file: Path, caplog: pytest.LogCaptureFixture, content: bytes | None, message: str
) -> None:
    """Said once, not with every look; mended, it counts again."""
    store = watched(file)
    replace(file, content) if content is not None else file.unlink()
    for _ in range(3):
        store.refresh()
    assert store.value == {"one"}
    (said,) = [record.getMessage() for record in caplog.records]
    assert message in said and "stays in force" in said
    caplog.set_level(logging.INFO)
    file.write_text("four\n")
    store.refresh()
    assert store.value == {"four"}
    assert "can be read again" in caplog.text


def test_what_can_be_understood_may_be_salvaged(file: Path) -> None:
    """Where leaving a change out would be the greater risk."""
    store = watched(file, salvage=lambda old, new: old | new)
    replace(file, b"two\n!\n")
    store.refresh()
    assert store.value == {"one", "two"}


@pytest.mark.parametrize(("content", "line"), [(b"!\n", 1), (b"\n\xff\n", 2)])
def test_a_broken_file_is_no_beginning(file: Path, content: bytes, line: int) -> None:
    """Whoever opens the store is told the place."""
    file.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        watched(file)
    assert (caught.value.place, caught.value.flaws[0].line) == (str(file), line)


def test_a_file_is_bounded(file: Path) -> None:
    """Whatever grew there, it is not read into memory."""
    with file.open("r+b") as grown:
        grown.truncate(LARGEST + 1)
    with pytest.raises(StoreError, match="larger than"):
        watched(file)


def test_a_variable_is_read_once() -> None:
    """The environment of a process does not change."""
    source = VariableSource("WORDS", words, {"WORDS": "one\ntwo"})
    found = source.read(None)
    assert found is not None and found[1] == {"one", "two"}
    assert source.read(found[0]) is None
    with pytest.raises(StoreError, match="not set"):
        VariableSource("WORDS", words, {}).read(None)


async def until(condition: object) -> None:
    """Wait for something that goes on in a thread."""
    async with asyncio.timeout(20):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.005)


def test_changes_are_seen_without_anybody_asking(file: Path) -> None:
    """On the event loop that started the store, as often as the interval says."""

    async def scenario() -> None:
        store = Watched("words", FileSource(str(file), words), 0.01)
        store.start()
        store.start()
        for word in ("two", "three"):
            replace(file, word.encode())
            await until(lambda word=word: store.value == {word})

    asyncio.run(scenario())


def test_a_store_that_nobody_uses_ends(file: Path) -> None:
    """The alarm holds no reference."""

    async def scenario() -> None:
        store = Watched("words", FileSource(str(file), words), 0.01)
        store.start()
        await asyncio.sleep(0.05)
        reference = weakref.ref(store)
        del store

        def gone() -> bool:
            gc.collect()
            return reference() is None

        await until(gone)

    asyncio.run(scenario())


def test_the_end_of_the_process_is_no_defect(file: Path) -> None:
    """A look that is due while the event loop is being closed."""
    told: list[str] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: told.append(context["message"]))
        store = Watched("words", FileSource(str(file), words), 0.001)
        await loop.shutdown_default_executor()
        store.start()
        await asyncio.sleep(0.02)

    asyncio.run(scenario())
    assert told == []


def test_a_defect_of_a_source_does_not_end_the_watch(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the next look happens."""
    looks = 0

    class Defective(FileSource[set[str]]):
        def read(self, mark: object) -> "tuple[object, set[str]] | None":
            nonlocal looks
            looks += 1
            if looks == 2:
                raise ZeroDivisionError
            return super().read(mark)

    async def scenario() -> None:
        store = Watched("words", Defective(str(file), words), 0.01)
        store.start()
        await until(lambda: looks > 3)

    asyncio.run(scenario())
    assert "ZeroDivisionError" in caplog.text
