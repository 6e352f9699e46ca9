"""What the configuration says about judging."""

from gateway.validate.terms import Terms


def test_nothing_passes_and_unknown_query_parameters_are_refused_unless_said_otherwise() -> None:
    """The terms of a document without a configuration are the strict ones."""
    assert Terms().passes == frozenset()
    assert Terms().validate.unknown_query == "refuse"
