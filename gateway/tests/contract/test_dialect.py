"""The table of versions."""

from gateway.contract.dialect import DIALECTS
from gateway.contract.grammar import GRAMMARS


def test_every_grammar_has_a_reader() -> None:
    """A version that loads can be normalised."""
    assert set(DIALECTS) == set(GRAMMARS)
