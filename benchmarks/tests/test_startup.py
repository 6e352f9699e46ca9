"""What is started: large documents, whole and split."""

from pathlib import Path

from benchmarks import startup
from gateway.config import Api, Settings
from gateway.contract.compile import compile_settings


def test_each_document_is_served(tmp_path: Path) -> None:
    """One in each format, and one in many files."""
    prepared = [*startup._large(tmp_path, 20_000), startup._split(tmp_path, 20)]
    assert [path.name for path, _, _ in prepared] == ["large.json", "large.yaml", "openapi.yaml"]
    for path, _, _ in prepared:
        settings = Settings(apis=(Api(contract=str(path), upstream="http://127.0.0.1:1", name="large"),))
        assert compile_settings(settings).table is not None
