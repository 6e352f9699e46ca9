"""The route table."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from gateway.tests.contract.test_compile import things


def test_a_path_leads_to_its_operations(tmp_path: Path) -> None:
    """With the raw values of its variables; None when the documents do not have it."""
    table = things(tmp_path).table
    assert table is not None
    found = table.match(b"/v1/things/%C3%A4")
    assert found is not None
    item, values = found
    assert (sorted(item.operations), values) == ([b"DELETE", b"GET", b"HEAD", b"PUT"], ["%C3%A4"])
    assert item.operations[b"PUT"].operation_id == "putThing"
    assert table.match(b"/v1/nothing") is None


def test_a_table_cannot_be_changed(tmp_path: Path) -> None:
    """A reload makes another one."""
    table = things(tmp_path).table
    assert table is not None
    with pytest.raises(FrozenInstanceError):
        table.digest = ""  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        table.operations[0].row = 7  # type: ignore[misc]
