"""Rate limits of gateway.yaml that cannot be kept."""

from pathlib import Path

import pytest

from gateway.config import file as config_file
from gateway.contract.findings import LoadError

API = "apis: [{contract: gateway.yaml, upstream: 'http://127.0.0.1:9000', name: a, rate-limits: %s}]\n"


@pytest.mark.parametrize(
    ("named", "limits", "line", "message"),
    [
        ("[slow, x]", "slow: {requests: 1}", 1, 'there is no rate limit "x" under rate-limits'),
        ("slwo", "slow: {requests: 1}", 1, 'there is no rate limit "slwo" under rate-limits'),
        ("slow", "slow: {requests: 1, per: ages}", 3, 'rate limit "slow": "ages" is no time'),
        ("slow", "slow: {requests: 1, by: moon}", 3, 'rate limit "slow": nothing is counted by "moon"'),
        ("'a b'", "a b: {requests: 1}", 3, '"a b" cannot be the name of a rate limit'),
        ("slow", "slow: {per: 1s}", 3, 'no "requests" in rate-limits.slow'),
    ],
)
def test_flaws(tmp_path: Path, named: str, limits: str, line: int, message: str) -> None:
    """Each with its place."""
    path = tmp_path / "gateway.yaml"
    path.write_text(f"{API % named}rate-limits:\n  {limits}\n")
    with pytest.raises(LoadError) as caught:
        config_file.read(str(path), {})
    found = {(finding.where.line, finding.message) for finding in caught.value.findings}
    assert (line, message) in found


def test_good(tmp_path: Path) -> None:
    """Names, and what stands behind them."""
    path = tmp_path / "gateway.yaml"
    path.write_text(
        f"{API % '[slow, daily]'}rate-limits:\n  slow: {{requests: 1}}\n  daily: {{requests: 9, per: day}}\n"
    )
    settings = config_file.read(str(path), {})
    assert settings.apis[0].rate_limits == ("slow", "daily")
    assert settings.rate_limits["daily"].per == "day"
