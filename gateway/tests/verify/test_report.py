"""The summary of a run."""

from gateway.tests.verify.subjects import thing
from gateway.verify.coverage import VALID, Coverage
from gateway.verify.report import summary


def covered() -> Coverage:
    """One valid request."""
    subject = thing()
    coverage = Coverage([subject])
    coverage.record(subject, VALID, 200)
    return coverage


def test_the_verdict_comes_first() -> None:
    """Then what it rests on, operation by operation."""
    lines = summary(covered(), 12, [], skipped=2, notes=["Drifts caught: 13 of 13."]).splitlines()
    assert lines[2] == "**All 12 tests passed, 2 were skipped.**"
    assert "1 valid requests and 0 that break one clause each were sent to 1 operations." in lines
    assert "- Drifts caught: 13 of 13." in lines
    assert lines[-1] == "| test PUT /things/{id} | 1 | 0 | 0 | 200 | 204 4XX |"


def test_failures_are_named() -> None:
    """A reader sees which, without opening a log."""
    text = summary(covered(), 11, ["test_valid.py::test_a"])
    assert "**1 failed, 11 passed.**" in text
    assert "- test_valid.py::test_a" in text
