"""A document split over many files."""

from collections import Counter
from pathlib import Path

import pytest

from gateway.config import Api, Settings
from gateway.contract.compile import compile_settings
from gateway.contract.findings import LoadError
from gateway.contract.load import load
from gateway.contract.reading import read_file
from gateway.tests.contract.many_files import REF, write


def test_each_file_is_read_once(tmp_path: Path) -> None:
    """Although each is referred to from several others, in circles and with escapes."""
    reads: Counter[str] = Counter()

    def read(path: str, limit: int) -> bytes:
        reads[path] += 1
        return read_file(path, limit)

    source = load(str(write(tmp_path, 400)), read=read)
    assert len(reads) == len(source.files) == 401
    assert set(reads.values()) == {1}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_all_of_it_is_served(tmp_path: Path, version: str) -> None:
    """Every operation has a judge that knows the schemas of the other files."""
    root = write(tmp_path, 200, version)
    compiled = compile_settings(Settings(apis=(Api(str(root), "http://127.0.0.1:1", "many"),)))
    assert compiled.findings == []
    assert compiled.table is not None
    assert len(compiled.table.operations) == 200
    put = next(each for each in compiled.table.operations if each.operation_id == "putThing7")
    assert put.body is not None
    media = put.body.media(b"application/json")
    assert media is not None
    assert media.violations(b'{"name": "a", "next": {"name": "b", "count": 9}}') == []
    found = media.violations(b'{"name": "a", "next": {"name": "b", "count": 10}}')
    assert [violation.pointer for violation in found] == ["/next/count"]


def test_errors_name_the_file(tmp_path: Path) -> None:
    """Broken text and dangling references, each in its own place."""
    root = write(tmp_path, 40)
    (tmp_path / "schemas/thing%3.json").write_text("{")
    (tmp_path / "paths/group4/things4.yaml").write_text(f"get:\n  responses:\n    '200': {{{REF}: nope.yaml}}\n")
    with pytest.raises(LoadError) as caught:
        load(str(root))
    found = {(finding.rule, finding.where.file, finding.where.line) for finding in caught.value.findings}
    assert found == {
        ("document-syntax", str(tmp_path / "schemas/thing%3.json"), 1),
        ("document-unreadable", str(tmp_path / "paths/group4/things4.yaml"), 3),
    }
