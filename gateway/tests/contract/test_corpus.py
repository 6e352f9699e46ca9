"""Documents of others, kept elsewhere: OPENAPI_CORPUS names their folder.

Beside documents of real services it may hold `oai-3.2/tests/schema/pass` and `fail`, the OpenAPI Initiative's cases for
its meta-schema of OpenAPI 3.2.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.config import Api, Issuer, KeyStore, PasswordStore, Settings
from gateway.contract.check import check
from gateway.contract.compile import Compiled, compile_settings
from gateway.contract.findings import LoadError, Severity, errors
from gateway.contract.load import load
from gateway.contract.normalise import normalise
from gateway.verify.choices import Choices
from gateway.verify.judge import judge_request
from gateway.verify.message import Request, serialise
from gateway.verify.subject import Subject, subjects_of

FOLDER = Path(os.environ.get("OPENAPI_CORPUS", "."))
CASES = FOLDER / "oai-3.2/tests/schema"
COLUMNS = "{:64} {:7} {:>10} {:>7} {:>6} {:>6} {:>8}  {}"

pytestmark = pytest.mark.skipif(
    "OPENAPI_CORPUS" not in os.environ, reason="set OPENAPI_CORPUS to a folder of OpenAPI documents"
)

# Cases that are fine for a meta-schema, and yet describe something that nobody could enforce.
NOT_ENFORCEABLE = {
    "operation-object-example.yaml": {
        "path-parameter-unknown",  # the template has `id`, the parameter is `petId`
        "security-undeclared",  # no scheme `petstore_auth`
    },
}


def documents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in (".json", ".yaml", ".yml"))


def compiled(path: Path) -> Compiled:
    return compile_settings(Settings(apis=(Api(contract=str(path), upstream="http://127.0.0.1:9", name="corpus"),)))


def broken_rules(path: Path) -> set[str]:
    """What keeps the document itself from being served, whatever the settings say about issuers."""
    try:
        findings = check(load(str(path)))
    except LoadError as error:
        findings = error.findings
    return {finding.rule for finding in errors(findings)}


def facts(path: Path) -> tuple[str, str]:
    """Version and number of operations, "-" when the document does not load."""
    try:
        contract = normalise(load(str(path)), "corpus")
    except LoadError:
        return "-", "-"
    return contract.dialect, str(len(contract.operations))


def test_every_real_document_is_compiled_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """No crash: each document gives a route table, or errors that say where and why."""
    rows = [COLUMNS.format("document", "version", "operations", "seconds", "MB", "errors", "warnings", "errors of")]
    for path in documents(FOLDER):
        started = time.perf_counter()
        result = compiled(path)
        seconds = time.perf_counter() - started
        refused = errors(result.findings)
        assert all(finding.where.line and finding.rule and finding.message for finding in result.findings)
        assert bool(refused) == (result.table is None)
        warned = sum(finding.severity is Severity.WARNING for finding in result.findings)
        size = f"{path.stat().st_size / 1e6:.2f}"
        rules = ", ".join(sorted({finding.rule for finding in refused}))
        counts = (*facts(path), f"{seconds:.2f}", size, len(refused), warned)
        rows.append(COLUMNS.format(path.name, *counts, rules))
    with capsys.disabled():
        print("", *rows, sep="\n")
    assert len(rows) > 1


@pytest.mark.skipif(not CASES.is_dir(), reason="OPENAPI_CORPUS has no cases for OpenAPI 3.2")
def test_the_cases_for_openapi_3_2(capsys: pytest.CaptureFixture[str]) -> None:
    """What must fail has an error; what must pass has none, but for what nobody could enforce."""
    wrong: list[str] = []
    for verdict in ("pass", "fail"):
        cases, known = documents(CASES / verdict), len(wrong)
        assert cases
        for path in cases:
            rules = broken_rules(path)
            excused = NOT_ENFORCEABLE.get(path.name, set()) if verdict == "pass" else set()
            if bool(rules - excused) != (verdict == "fail") or excused - rules:
                wrong.append(f"{verdict}/{path.name}: {', '.join(sorted(rules)) or 'no error'}")
        with capsys.disabled():
            print(f"\nOpenAPI 3.2, {verdict}: {len(cases)} documents, {len(wrong) - known} judged wrongly")
    assert wrong == []


ISSUER = {"any": Issuer(issuer="https://issuer.example", audience=("corpus",), jwks="http://127.0.0.1:9/keys")}
ROUNDS = 5  # of following the findings' hints: some are only made when others are gone
ADVICE = re.compile(r'pass: \["([^"]+)"\]')

# Operations of which no request can be made, with the reason.
NOT_SATISFIABLE: set[tuple[str, str]] = set()


def served(path: Path, folder: Path) -> tuple[Settings, Compiled]:
    """The document with everything passed that its findings advise to pass, as an operator would do it.

    `folder` gets stores of keys and passwords with nobody in them.
    """
    passes: set[str] = set()
    keys, passwords = folder / "keys", folder / "passwords"
    for store in (keys, passwords):
        store.touch(0o600)
    for _ in range(ROUNDS):
        api = Api(contract=str(path), upstream="http://127.0.0.1:9", name="corpus", passes=tuple(sorted(passes)))
        settings = Settings(
            apis=(api,),
            issuers=ISSUER,
            keys={"keys": KeyStore(str(keys))},
            passwords={"passwords": PasswordStore(str(passwords))},
        )
        result = compile_settings(settings)
        texts = [f"{finding.message} {finding.hint}" for finding in errors(result.findings)]
        advised = {entry for text in texts for entry in ADVICE.findall(text)}
        if not advised - passes:
            break
        passes |= advised
    return settings, result


def valid_requests(subject: Subject) -> Iterator[Request]:
    """A request with everything that is optional, and one with the least, as far as they are valid."""
    choices = Choices(subject)
    for optional in (True, False):
        request = serialise(subject, choices.base(None, optional))
        body = subject.operation.body
        if not judge_request(subject, request) and (request.body or body is None or not body.content):
            yield request


def test_a_valid_request_reaches_each_operation_of_every_real_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is synthesised from the document, judged valid, and routed to that very operation."""
    row = "{:72} {:>10} {:>8}"
    rows = [row.format("document", "operations", "reached")]
    elsewhere, unmade = [], set()
    for path in documents(FOLDER):
        settings, result = served(path, tmp_path)
        if result.table is None:
            rows.append(row.format(path.name, "-", "refused"))
            assert {finding.rule for finding in errors(result.findings)} == {"reference-dangling"}, path.name
            continue
        subjects, reached = subjects_of(settings), 0
        for subject in subjects:
            requests = list(valid_requests(subject))
            wanted = (subject.mount + subject.operation.template, subject.operation.method)
            for request in requests:
                found = result.table.match((subject.mount + request.path).encode())
                operation = found[0].operations.get(request.method.encode()) if found else None
                if operation is None or (operation.template, operation.method) != wanted:
                    elsewhere.append((path.name, subject.name, request.path))
            reached += bool(requests)
            if not requests:
                unmade.add((path.name, subject.name))
        rows.append(row.format(path.name, len(subjects), reached))
    with capsys.disabled():
        print("", *rows, *(f"no valid request: {name} {operation}" for name, operation in sorted(unmade)), sep="\n")
    assert elsewhere == []
    assert unmade - NOT_SATISFIABLE == set()
    assert len(rows) > 1
