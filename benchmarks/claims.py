"""What is promised, as numbers, and whether a run kept it."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.table import Table
from benchmarks.workloads import WORKLOADS

TIMES_NGINX = 4.0
TIMES_ENVOY = 1.0
TIMES_NGINX_WHOLE = 4.5


@dataclass(frozen=True, slots=True)
class Claim:
    """One promise: `measured` must not exceed `limit` (both in `unit`); without a limit it is only reported."""

    name: str
    measured: float
    unit: str
    limit: float | None = None
    how: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the promise holds; None where there is none."""
        return None if self.limit is None else self.measured <= self.limit


def from_table(table: Table, ours: str, whole: str) -> Iterable[Claim]:
    """The ratios of `ours`, and of the `whole` with callers known and limited, to native proxies of the same run."""
    checks, everything = "validated both ways", "tokens, keys and limits besides"
    for who, what, peer, limit in (
        (ours, checks, "nginx", TIMES_NGINX),
        (ours, checks, "envoy", TIMES_ENVOY),
        (whole, everything, "nginx", TIMES_NGINX_WHOLE),
    ):
        for workload in WORKLOADS:
            mine, theirs = table.cpu(who, workload.name), table.cpu(peer, workload.name)
            if mine is not None and theirs is not None:
                yield Claim(
                    f"{workload.name}: CPU per request, {what}, against {peer} merely proxying",
                    mine / theirs,
                    f"x {peer}",
                    limit,
                )
