"""Deprecated operations and parameters."""

from dataclasses import replace

import pytest

from gateway.contract.deprecation import announcement, deprecated_uses
from gateway.contract.model import Behaviour, Location, Operation, Parameter

WHERE = Location("a.yaml", 1, 1, "")
PLAIN = Parameter("q", "query", False, None, "form", True, "", False, False, WHERE)
OPERATION = Operation("GET", "/a", "", None, False, (), None, (), (), Behaviour(), WHERE)


@pytest.mark.parametrize(
    ("behaviour", "fields"),
    [
        (Behaviour(), ()),
        (Behaviour(deprecation="2023-06-30"), ((b"Deprecation", b"@1688083200"),)),  # the example of RFC 9745, by day
        (Behaviour(deprecation="2023-06-30T23:59:59Z"), ((b"Deprecation", b"@1688169599"),)),
        (Behaviour(deprecation="2023-07-01T01:59:59+02:00"), ((b"Deprecation", b"@1688169599"),)),
        (Behaviour(sunset="2018-12-31T23:59:59Z"), ((b"Sunset", b"Mon, 31 Dec 2018 23:59:59 GMT"),)),  # RFC 8594
        (Behaviour(sunset="2019-01-01T01:00:00+01:00"), ((b"Sunset", b"Tue, 01 Jan 2019 00:00:00 GMT"),)),
        (
            Behaviour(deprecation="2024-01-01", sunset="2025-01-01"),
            ((b"Deprecation", b"@1704067200"), (b"Sunset", b"Wed, 01 Jan 2025 00:00:00 GMT")),
        ),
    ],
)
def test_dates_become_fields(behaviour: Behaviour, fields: tuple[tuple[bytes, bytes], ...]) -> None:
    """Seconds since 1970 in the one, an HTTP date in the other."""
    assert announcement(behaviour) == fields


def test_uses_name_the_operation_and_its_parameters() -> None:
    """Only what is deprecated."""
    old = replace(PLAIN, name="old", deprecated=True)
    assert deprecated_uses(replace(OPERATION, parameters=(PLAIN,))) == ()
    assert deprecated_uses(replace(OPERATION, parameters=(PLAIN, old), deprecated=True)) == (
        ("", ""),
        ("query", "old"),
    )
