"""Values of settings: numbers with units, and texts that YAML would read as something else."""

from decimal import Decimal

import pytest
import yaml

from gateway.config import Log, Timeouts
from gateway.config.decode import Decoder, did_you_mean, key_of, number


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("7", "", "7"),
        ("10MiB", "bytes", "10485760"),
        ("1.5 KiB", "bytes", "1536"),
        ("2GiB", "bytes", "2147483648"),
        ("500ms", "seconds", "0.5"),
        ("2s", "seconds", "2"),
        ("1m", "seconds", "60"),
        ("1h", "seconds", "3600"),
        ("-1", "bytes", "-1"),
    ],
)
def test_number(text: str, unit: str, value: str) -> None:
    """A number, and a unit of its kind."""
    assert number(text, unit) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("", ""), ("x", ""), ("1KiB", ""), ("1s", "bytes"), ("1mb", "bytes"), ("1e3", ""), ("0x10", ""), ("1_0", ""),
     ("nan", "seconds"), ("9" * 400, "bytes"), ("1\n", ""), ("٣", "")],
)  # fmt: skip
def test_not_a_number(text: str, unit: str) -> None:
    """Anything else is refused, whatever Python or YAML could make of it."""
    with pytest.raises(ValueError):
        number(text, unit)


@pytest.mark.parametrize(("field", "key"), [("passes", "pass"), ("unknown_query", "unknown-query"), ("apis", "apis")])
def test_key_of(field: str, key: str) -> None:
    """Keys are written with dashes."""
    assert key_of(field) == key


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("upsteam", ["contract", "upstream"], 'did you mean "upstream"?'),
        ("zzz", ["a", "b"], "known here: a, b"),
        ("zzz", [], "known here: none"),
    ],
)
def test_did_you_mean(word: str, known: list[str], hint: str) -> None:
    """The closest word, or all there are."""
    assert did_you_mean(word, known) == hint


def test_off_is_a_text_where_a_text_is_declared() -> None:
    """YAML 1.1 reads `off` as false; the declared type decides."""
    decoder = Decoder()
    assert decoder.build(yaml.compose("access: off", yaml.SafeLoader), Log) == Log(access="off")
    assert decoder.findings == []


def test_the_default_stands_in_for_a_wrong_value() -> None:
    """Decoding goes on after a flaw, so that all flaws are found."""
    decoder = Decoder()
    built = decoder.build(yaml.compose("idle: soon\nhead: 2s", yaml.SafeLoader), Timeouts)
    assert built == Timeouts(head=2.0)
    assert [finding.where.pointer for finding in decoder.findings] == ["/idle"]


def test_the_place_of_a_flaw_is_the_nearest_written_value() -> None:
    """A flaw of something that was left out is placed at what holds it."""
    decoder = Decoder()
    decoder.build(yaml.compose("\nlevel: info", yaml.SafeLoader), Log)
    decoder.report("/access/deeper", "wrong")
    assert decoder.findings[0].where.line == 2
