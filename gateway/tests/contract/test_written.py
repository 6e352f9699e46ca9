"""Published documents that are written once."""

import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Api, References, Settings
from gateway.contract import publish as publishing
from gateway.contract import store, written
from gateway.contract.limiting import with_limits
from gateway.contract.prepare import prepare
from gateway.contract.publish import Mounted, as_json, as_yaml, publish, publish_one
from gateway.contract.written import ALL, documents
from gateway.tests.contract.contracts import contract
from gateway.tests.contract.many_files import write

TEXT = """
openapi: 3.0.3
info: {{title: 'The {name}', version: 1.0.0}}
paths:
  /things:
    get: {{responses: {{'200': {{description: OK}}}}}}
components:
  securitySchemes:
    token: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: 'https://login.test/{name}', scopes: {{}}}}}}}}
"""


@pytest.fixture
def mounted(tmp_path: Path) -> Mounted:
    """A contract that is worth keeping."""
    found = prepare(Api(str(write(tmp_path / "specs", 250)), "http://127.0.0.1:1", "many"), References(cache="off"))
    assert found.contract is not None
    return found.contract, "/many"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of its own; small documents are worth keeping, too."""
    monkeypatch.setattr(written, "WORTH", 1)
    return str(tmp_path / "cache")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with each document that is written."""
    calls: list[int] = []
    monkeypatch.setattr(publishing, "publish_one", lambda *of: calls.append(1) or publish_one(*of))
    return calls


def test_of_several_apis_there_is_one_document_more() -> None:
    """That of all comes first, under its own name."""
    apis = [(contract(name, TEXT.format(name=name)), f"/{name}") for name in ("cats", "dogs")]
    found = documents(apis)
    assert list(found) == [ALL, "cats", "dogs"]
    assert (found[ALL].json, found["dogs"].yaml) == (as_json(publish(apis)), as_yaml(publish_one(*apis[1])))
    assert [each.title for each in found.values()] == ["All APIs", "The cats", "The dogs"]
    assert list(documents(apis[:1])) == ["cats"]
    assert list(documents([])) == [ALL]


def test_a_second_time_gives_the_same_bytes(mounted: Mounted, cache: str, made: list[int]) -> None:
    """And writes nothing."""
    first = documents([mounted], cache)
    again = documents([mounted], cache)
    assert again == first
    assert len(made) == 1


@pytest.mark.parametrize("other", ["mount", "name", "second", "limits"])
def test_what_the_documents_depend_on_counts(mounted: Mounted, cache: str, other: str, made: list[int]) -> None:
    """Where an API is mounted, its name, which APIs there are, and what the settings limit."""
    found, mount = mounted
    documents([mounted], cache)
    small = contract("small", TEXT.format(name="small"))
    changed = {
        "mount": [(found, "/elsewhere")],
        "limits": [(with_limits(found, Settings(), Api(rate_limits=("slow",))), mount)],
        "name": [(contract("more", TEXT.format(name="more")), mount)],
        "second": [mounted, (small, "/small")],
    }[other]
    assert documents(changed, cache) == documents(changed)
    assert len(made) > 1


def test_other_bytes_and_other_code_count(
    mounted: Mounted, cache: str, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even in the same files."""
    documents([mounted], cache)
    documents([(replace(mounted[0], digest="other"), mounted[1])], cache)
    assert len(made) == 2
    monkeypatch.setattr(written, "code", lambda: "other")
    documents([(replace(mounted[0], digest="other"), mounted[1])], cache)
    assert len(made) == 3


class _Attack:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("data", [b"", b"x", pickle.dumps(5), pickle.dumps((1, 2)), pickle.dumps(_Attack("attacked"))])
def test_spoilt_content_is_ignored_and_replaced(
    mounted: Mounted, cache: str, made: list[int], data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is; nothing in it is called."""
    monkeypatch.chdir(tmp_path)
    first = documents([mounted], cache)
    [name] = os.listdir(cache)
    store.put(cache, name, data)
    assert documents([mounted], cache) == first
    assert documents([mounted], cache) == first
    assert len(made) == 2
    assert not (tmp_path / "attacked").exists()


def test_small_documents_are_not_kept_and_off_keeps_nothing(tmp_path: Path) -> None:
    """They are written again as fast."""
    small: list[Mounted] = [(contract("small", TEXT.format(name="small")), None)]
    documents(small, str(tmp_path / "cache"))
    documents(small, store.OFF)
    assert os.listdir(tmp_path) == []
