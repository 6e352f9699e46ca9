"""The one rule that needs several documents: no two APIs may claim the same requests."""

from collections.abc import Iterable

from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Contract, Operation
from gateway.contract.table import shape

ID = "api-overlap"


def across(contracts: Iterable[tuple[Contract, str]]) -> list[Finding]:
    """Templates of one shape in two APIs; each contract comes with the path that it is mounted at ("" or "/v1")."""
    first: dict[str, tuple[Contract, Operation]] = {}
    findings = []
    for contract, mount in contracts:
        for operation in contract.operations:
            if operation.behaviour.internal:
                continue
            public = mount.rstrip("/") + operation.template
            known, other = first.setdefault(shape(public), (contract, operation))
            if known is contract:
                continue
            findings.append(
                Finding(
                    operation.where,
                    Severity.ERROR,
                    ID,
                    f"{public!r} of API {contract.api!r} matches the same requests as {other.template!r} of API "
                    f"{known.api!r} ({other.where.file}:{other.where.line})",
                    "give one of the two APIs another `path` in gateway.yaml",
                )
            )
    return list({(f.where.file, f.message): f for f in findings}.values())
