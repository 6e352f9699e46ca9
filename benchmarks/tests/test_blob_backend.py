"""The backend of the stream measurement."""

import http.client
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import processes
from benchmarks.http import answers, ask


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A running backend."""
    number = processes.free_port()
    command = [sys.executable, "-m", "benchmarks.blob_backend", str(number)]
    with processes.running(command, 0, tmp_path / "log") as process:
        processes.wait_until(lambda: answers(number, "/blob"), process, tmp_path / "log")
        yield number


@pytest.mark.parametrize("size", [0, 1, 65536, 200_001])
def test_it_gives_as_many_bytes_as_asked_for(port: int, size: int) -> None:
    """Whether or not they fill whole pieces."""
    answer = ask(port, "GET", f"/blob?size={size}")
    assert (answer.status, len(answer.body)) == (200, size)


@pytest.mark.parametrize("chunked", [False, True])
def test_it_takes_bodies_in_either_framing(port: int, chunked: bool) -> None:
    """Two on one connection: the end of the first was found."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(2):
        if chunked:
            connection.request("PUT", "/blob", iter([b"x" * 70_000, b"y"]), encode_chunked=True,
                               headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        else:
            connection.request("PUT", "/blob", b"x" * 70_001)
        response = connection.getresponse()
        assert (response.status, response.read()) == (204, b"")
    connection.close()
