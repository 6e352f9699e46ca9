"""What a run exercised."""

from gateway.tests.verify.subjects import subjects, thing
from gateway.verify.coverage import SECURITY, VALID, VIOLATION, Coverage, text_table


def test_an_operation_without_a_valid_request_is_unexercised() -> None:
    """Violations prove nothing about what an operation does."""
    subject = thing()
    coverage = Coverage([subject])
    coverage.record(subject, VIOLATION, 400)
    coverage.record(subject, SECURITY, 401)
    assert coverage.unexercised() == [subject.name]
    assert coverage.unsuccessful() == []


def test_failures_alone_are_no_success() -> None:
    """Documented or not: somebody has to have got what they asked for."""
    subject = thing()
    coverage = Coverage([subject])
    coverage.record(subject, VALID, 404)
    assert (coverage.unexercised(), coverage.unsuccessful()) == ([], [subject.name])
    coverage.record(subject, VALID, 304)
    assert coverage.unsuccessful() == []


def test_the_table_counts_and_shows_what_was_not_seen() -> None:
    """One row per operation; a range is seen with any of its statuses."""
    subject = thing()
    coverage = Coverage([subject])
    coverage.record(subject, VALID, 200)
    coverage.record(subject, VIOLATION, 400)
    assert coverage.rows() == [("test PUT /things/{id}", "1", "1", "0", "200 400", "204")]
    assert coverage.sent(VALID) == coverage.sent(VIOLATION) == 1


def test_operations_are_told_apart_by_method_and_path() -> None:
    """Operation ids may be missing or repeated in another document."""
    both = subjects(
        "paths: {/a: {get: {responses: {'200': {description: ok}}}, put: {responses: {'200': {description: ok}}}}}"
    )
    coverage = Coverage(both)
    coverage.record(both[0], VALID, 200)
    assert coverage.unexercised() == [both[1].name]


def test_text_tables_are_aligned() -> None:
    """Every column starts below its heading."""
    lines = text_table([("operation", "1")], ("name", "count")).splitlines()
    assert lines == ["name       count", "operation  1"]
