"""Documents that are read and checked once."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from gateway.config import Api, References
from gateway.contract import store
from gateway.contract.prepare import Prepared, prepare
from gateway.contract.rules.behaviour import X_GATEWAY
from gateway.tests.contract.many_files import write


@pytest.fixture
def api(tmp_path: Path) -> Api:
    """A document large enough to be kept, with a warning."""
    root = write(tmp_path / "specs", 250)
    item = tmp_path / "specs/paths/group7/things7.yaml"
    item.write_text(item.read_text().replace('  "operationId": "getThing7"\n', ""))
    return Api(str(root), "http://127.0.0.1:1", "many")


@pytest.fixture
def references(tmp_path: Path) -> References:
    return References(cache=str(tmp_path / "cache"))


def recalled(prepared: Prepared) -> bool:
    """Whether the source is still to be read."""
    assert prepared.recalled is hasattr(prepared.source, "cache_info")
    return prepared.recalled


def spoil(references: References, data: bytes) -> None:
    """Put something else in the place of what is kept, under a seal that fits."""
    [name] = os.listdir(references.cache)
    store.put(references.cache, name, data)


def test_a_second_time_gives_the_same(api: Api, references: References) -> None:
    """Contract, findings and places; and that without reading the documents anew."""
    first, second = prepare(api, references), prepare(api, references)
    assert (recalled(first), recalled(second)) == (False, True)
    assert first.contract is not None
    assert second.contract == first.contract
    assert second.findings == first.findings != []
    where = (first.contract.sources[5], "/get")
    assert second.locate(*where) == first.locate(*where)


def test_whatever_a_document_says_to_the_gateway_is_kept(api: Api, references: References) -> None:
    """Every key of `x-gateway`: one that comes to a class of somewhere else would make the cache useless in silence."""
    path = Path(api.contract)
    said = {
        "timeout": 5,
        "body-limit": 1000,
        "cost": 2,
        "deprecation": "2030-01-01",
        "sunset": "2031-01-01",
        "internal": False,
        "pass": ["media:text/csv"],
        "addresses": {"deny": ["192.0.2.0/24"]},
        "owner": False,
        "rate-limit": [{"requests": 5, "per": "1s"}, "slow"],
        "concurrency": {"limit": 3, "queue": 2, "wait": 1.5, "by": "consumer"},
        "validate": {"request": "observe", "response": "sample", "sample": 0.5, "unknown-query": "allow"},
    }
    assert said.keys() == X_GATEWAY["properties"].keys()
    path.write_text(f"{path.read_text()}x-gateway: {json.dumps(said)}\n")
    first, second = prepare(api, references), prepare(api, references)
    assert (recalled(first), recalled(second)) == (False, True)
    assert first.contract is not None
    assert second.contract == first.contract


def test_schemas_that_are_one_stay_one(api: Api, references: References) -> None:
    """Where directions share their documents, one set of judges serves both."""
    prepare(api, references)
    contract = prepare(api, references).contract
    assert contract is not None
    assert contract.request_schemas is contract.response_schemas
    assert contract.documents[contract.sources[0]] is contract.document


@pytest.mark.parametrize("name", ["openapi.yaml", "schemas/thing%3.json"])
def test_a_changed_byte_in_any_file_counts(api: Api, references: References, name: str) -> None:
    """Even when size and times are the same."""
    prepare(api, references)
    path = Path(api.contract).parent / name
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"string", b"strinG"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = prepare(api, references)
    assert not recalled(again)
    assert again.contract is None
    assert [finding.severity.value for finding in again.findings].count("error") > 0


@pytest.mark.parametrize(
    ("name", "passes", "outside"), [("other", (), False), ("many", ("media:text/csv",), False), ("many", (), True)]
)
def test_other_settings_count(
    api: Api, references: References, name: str, passes: tuple[str, ...], outside: bool
) -> None:
    """Whatever the findings or the contract could depend on."""
    prepare(api, references)
    other = Api(api.contract, api.upstream, name, passes=passes)
    assert not recalled(prepare(other, References(outside=outside, cache=references.cache)))
    assert recalled(prepare(other, References(outside=outside, cache=references.cache)))


def test_a_missing_file_counts(api: Api, references: References) -> None:
    """The finding is that of reading it."""
    prepare(api, references)
    os.unlink(Path(api.contract).parent / "schemas/thing%3.json")
    with pytest.raises(Exception, match="document-unreadable"):
        prepare(api, references)


@pytest.mark.parametrize("data", [b"", b"x", pickle.dumps(5), pickle.dumps((1, 2, 3)), pickle.dumps((os.system, "x"))])
def test_spoilt_content_is_ignored_and_replaced(api: Api, references: References, data: bytes) -> None:
    """Whatever it is."""
    first = prepare(api, references)
    spoil(references, data)
    assert prepare(api, references).contract == first.contract
    assert recalled(prepare(api, references))


class _Attack:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


def test_nothing_in_the_cache_is_called(api: Api, references: References, tmp_path: Path) -> None:
    """Only classes of the contract are known there."""
    prepare(api, references)
    spoil(references, pickle.dumps(_Attack(str(tmp_path / "attacked"))))
    assert not recalled(prepare(api, references))
    assert not (tmp_path / "attacked").exists()


def test_off_keeps_nothing(api: Api, tmp_path: Path) -> None:
    """No folder is made."""
    prepare(api, References(cache="off"))
    assert os.listdir(tmp_path) == ["specs"]


def test_a_folder_that_others_may_write_to_is_not_used(api: Api, references: References) -> None:
    """Neither read nor written."""
    os.mkdir(references.cache)
    os.chmod(references.cache, 0o777)
    prepare(api, references)
    assert os.listdir(references.cache) == []


def test_documents_with_errors_or_identities_and_small_ones_are_not_kept(
    references: References, tmp_path: Path
) -> None:
    """The first have no contract, the next could mean another file tomorrow, the last are read as fast."""
    small = write(tmp_path / "small", 4)
    prepare(Api(str(small), "http://127.0.0.1:1", "small"), references)
    root = write(tmp_path / "identified", 250, "3.1.0")
    item = tmp_path / "identified/schemas/thing%4.yaml"
    item.write_text(item.read_text().replace('  "type"', '  "$anchor": "here"\n  "type"', 1))
    assert prepare(Api(str(root), "http://127.0.0.1:1", "identified"), references).contract is not None
    (tmp_path / "identified/schemas/thing%4.yaml").write_text('"Thing":\n  "type": "strin"\n')
    assert prepare(Api(str(root), "http://127.0.0.1:1", "identified"), references).contract is None
    assert not os.path.exists(references.cache)


def test_a_recall_does_without_what_checks_documents(api: Api, references: References) -> None:
    """Neither the rules, nor YAML's composer, nor what fetches and publishes is imported."""
    code = (
        "import sys\n"
        "from gateway.config import Api, References, Settings\n"
        "from gateway.server.generation import Generations\n"
        f"apis = (Api({api.contract!r}, 'http://127.0.0.1:1', 'many'),)\n"
        f"settings = Settings(apis=apis, references=References(cache={references.cache!r}))\n"
        "assert Generations(frozenset()).renew(settings).table is not None\n"
        "print(*sys.modules)"
    )
    needless = {
        "openapi_spec_validator",
        "requests",
        "jwt",
        "gateway.contract.rules",
        "gateway.contract.load",
        "gateway.contract.normalise",
        "gateway.contract.publish",
    }
    environment = {**os.environ, "PYTHONPATH": str(Path(gateway.__file__).parents[1])}
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=environment
        ).stdout.split()
        for _ in range(2)
    ]
    assert needless - set(runs[0]) <= {"jwt", "requests"}
    assert needless & set(runs[1]) == set()


def test_what_a_missing_file_may_change_is_not_kept(references: References, tmp_path: Path) -> None:
    """The file belongs to a component that no operation uses; once it is there, its warning has to go."""
    root = write(tmp_path / "idle", 250)
    (head, tail) = root.read_text().split('  "schemas":\n')
    root.write_text(f'{head}  "schemas":\n    "Idle":\n      "$ref": "gone.yaml"\n{tail}')
    api = Api(str(root), "http://127.0.0.1:1", "idle")
    assert [finding.rule for finding in prepare(api, references).findings] == ["document-unreadable"]
    (root.parent / "gone.yaml").write_text("type: string\n")
    assert prepare(api, references).findings == []
