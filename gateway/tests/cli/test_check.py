"""`gateway check`: findings and exit codes."""

import json
from pathlib import Path

import pytest

from gateway.tests.authority import Authority
from gateway.tests.cli.conftest import DOCUMENT, SETTINGS, Gateway

WARNED = DOCUMENT.replace("      operationId: listNotes\n", "")
WRONG = DOCUMENT.replace("security: [{jwt: []}]", "security: [{jwd: []}]")


def test_a_good_document(gateway: Gateway) -> None:
    """No findings, exit code 0."""
    result = gateway("check", "notes.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 errors, 0 warnings\n"


@pytest.mark.parametrize(
    ("text", "args", "code"),
    [
        (DOCUMENT, ["--strict"], 0),
        (WARNED, [], 0),
        (WARNED, ["--strict"], 1),
        (WRONG, [], 1),
        (WRONG, ["--strict"], 1),
        ("openapi: [3", [], 2),
        ("", [], 2),
    ],
)
def test_exit_codes(gateway: Gateway, folder: Path, text: str, args: list[str], code: int) -> None:
    """0 fine, 1 errors (or, strictly, warnings), 2 unreadable."""
    (folder / "notes.yaml").write_text(text)
    assert gateway("check", "notes.yaml", *args).exit_code == code


def test_findings_as_text(gateway: Gateway, folder: Path) -> None:
    """One line for each: file, line, column, severity, rule, message."""
    (folder / "notes.yaml").write_text(WRONG)
    result = gateway("check", "notes.yaml")
    assert result.stdout.splitlines()[0].startswith("notes.yaml:22:")
    assert ": error: " in result.stdout
    assert "jwd" in result.stdout
    assert result.stderr == "1 error, 0 warnings\n"


def test_findings_as_json(gateway: Gateway, folder: Path) -> None:
    """The same as data, with the exit code unchanged."""
    (folder / "notes.yaml").write_text(WRONG)
    result = gateway("check", "notes.yaml", "--format", "json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["errors"], found["warnings"]) == (1, 0)
    [finding] = found["findings"]
    assert (finding["file"], finding["line"], finding["severity"]) == ("notes.yaml", 22, "error")


def test_a_flaw_in_many_places_is_told_once(gateway: Gateway, folder: Path) -> None:
    """Unless every place is asked for; data always has them all."""
    references = "".join(f"        {number}: {{$ref: '#/components/responses/none'}}\n" for number in range(400, 420))
    (folder / "notes.yaml").write_text(DOCUMENT.replace("  /notes/{id}:", f"{references}  /notes/{{id}}:", 1))
    text = (folder / "notes.yaml").read_text().replace('responses: {"201": {description: made}}\n', "responses:\n")
    (folder / "notes.yaml").write_text(text)
    assert len(gateway("check", "notes.yaml").stdout.splitlines()) == 3
    assert "and 16 more places" in gateway("check", "notes.yaml").stdout
    assert gateway("check", "notes.yaml", "--all").stdout.count("reference-dangling") == 20
    assert json.loads(gateway("check", "notes.yaml", "--format", "json").stdout)["errors"] == 20


def test_sarif_and_github(gateway: Gateway, folder: Path) -> None:
    """The formats of others, with the same exit codes."""
    (folder / "notes.yaml").write_text(WRONG)
    result = gateway("check", "notes.yaml", "--format", "sarif")
    assert result.exit_code == 1
    [run] = json.loads(result.stdout)["runs"]
    assert [found["ruleId"] for found in run["results"]] == ["security-undeclared"]
    result = gateway("check", "notes.yaml", "--format", "github")
    assert result.exit_code == 1
    assert result.stdout.startswith("::error file=notes.yaml,line=22,col=")
    result = gateway("check", "nope.yaml", "--format", "sarif")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["runs"][0]["invocations"] == [{"executionSuccessful": False}]


@pytest.mark.parametrize(
    ("level", "code", "found"),
    [("error", 1, "error: operation-id-missing"), ("warning", 0, "warning: operation-id-missing"), ("off", 0, "")],
)
def test_rules_are_taken_as_strictly_as_the_settings_say(
    gateway: Gateway, folder: Path, level: str, code: int, found: str
) -> None:
    """Whether the documents are named by the settings or on the command line."""
    (folder / "notes.yaml").write_text(WARNED)
    (folder / "gateway.yaml").write_text(SETTINGS + f"rules: {{operation-id-missing: {level}}}\n")
    for args in ([], ["notes.yaml", "--config", "gateway.yaml"]):
        result = gateway("check", *args)
        assert result.exit_code == code
        assert found in result.stdout if found else result.stdout == ""


def test_a_rule_is_explained(gateway: Gateway) -> None:
    """Its section of the documentation; a misspelt one is answered with the nearest."""
    result = gateway("check", "--rule", "duplicate-key")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "## duplicate-key")
    result = gateway("check", "--rule", "duplicate-keys")
    assert result.exit_code == 2
    assert "did you mean duplicate-key?" in result.stderr


def test_one_unreadable_file_does_not_hide_the_others(gateway: Gateway, folder: Path) -> None:
    """All files are checked; unreadable wins the exit code."""
    (folder / "wrong.yaml").write_text(WRONG)
    result = gateway("check", "nope.yaml", "wrong.yaml")
    assert result.exit_code == 2
    assert "nope.yaml:1:1: error: " in result.stdout
    assert "wrong.yaml:22:" in result.stdout


@pytest.mark.parametrize("name", ["nope.yaml", ".", "/dev/null"])
def test_unreadable(gateway: Gateway, name: str) -> None:
    """A missing file, a folder, a device."""
    result = gateway("check", name)
    assert result.exit_code == 2
    assert "cannot be read" in result.stdout


def test_the_documents_of_the_settings(gateway: Gateway, folder: Path) -> None:
    """Without FILE the settings name the documents, whether by default or by --config."""
    (folder / "gateway.yaml").write_text(SETTINGS)
    (folder / "notes.yaml").write_text(WRONG)
    for args in ([], ["--config", "gateway.yaml"]):
        result = gateway("check", *args)
        assert result.exit_code == 1
        assert "jwd" in result.stdout


def test_apis_that_get_in_each_others_way(gateway: Gateway, folder: Path) -> None:
    """What no document shows alone is found with the settings."""
    second = SETTINGS.splitlines()[-1].replace("notes.yaml", "more.yaml").replace("/public", "/public")
    (folder / "gateway.yaml").write_text(f"{SETTINGS}{second}\n")
    (folder / "more.yaml").write_text(DOCUMENT)
    result = gateway("check")
    assert result.exit_code == 1
    assert "mounted-twice" in result.stdout


def test_what_the_settings_pass(gateway: Gateway, folder: Path) -> None:
    """FILE with --config is judged by what the settings let through for it."""
    csv = DOCUMENT.replace("application/json:\n", "text/csv:\n")
    (folder / "notes.yaml").write_text(csv)
    (folder / "gateway.yaml").write_text(SETTINGS.replace("path: /public", 'pass: ["media:text/csv"]'))
    assert gateway("check", "notes.yaml").exit_code == 1
    assert gateway("check", "notes.yaml", "--config", "gateway.yaml").exit_code == 0


def test_nothing_to_check(gateway: Gateway) -> None:
    """Neither FILE nor settings: bad usage."""
    result = gateway("check")
    assert result.exit_code == 2
    assert "name a FILE" in result.stderr


def test_settings_with_a_flaw(gateway: Gateway, folder: Path) -> None:
    """They are unreadable input, named with their place."""
    (folder / "gateway.yaml").write_text(SETTINGS + "lisen: :80\n")
    result = gateway("check")
    assert result.exit_code == 2
    assert 'gateway.yaml:4:1: error: settings: unknown key "lisen"' in result.stderr


@pytest.mark.parametrize(
    ("certificate", "key", "message"),
    [("own", "own", ""), ("own", "other", "is not the private key"), ("none", "own", "none.crt")],
)
def test_certificates_are_looked_at(gateway: Gateway, folder: Path, certificate: str, key: str, message: str) -> None:
    """What `gateway run` would end with."""
    authority = Authority(folder)
    for name in ("own", "other"):
        authority.issue(name)
    (folder / "gateway.yaml").write_text(
        SETTINGS + f"tls: {{certificates: [{{certificate: {certificate}.crt, key: {key}.key}}]}}\n"
    )
    result = gateway("check")
    assert result.exit_code == (2 if message else 0)
    assert message in result.stdout


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("{exampel-mismatch: off}", 'there is no rule "exampel-mismatch"'),
        ("{security-undeclared: off}", "it cannot be lowered"),
        ("{example-mismatch: loud}", '"loud" is not one of error, warning, off'),
        ("[example-mismatch]", "expected keys and values"),
    ],
)
def test_rules_that_cannot_be_set_so(gateway: Gateway, folder: Path, rules: str, message: str) -> None:
    """Named with their place, before any document is looked at."""
    (folder / "gateway.yaml").write_text(SETTINGS + f"rules: {rules}\n")
    result = gateway("check")
    assert result.exit_code == 2
    assert "gateway.yaml:4:" in result.stderr and message in result.stderr


def test_update_lock(gateway: Gateway, folder: Path) -> None:
    """It writes what the documents fetch, here nothing; without a file to write that is bad usage."""
    (folder / "gateway.yaml").write_text(SETTINGS)
    assert gateway("check", "--update-lock").exit_code == 2
    (folder / "gateway.yaml").write_text(SETTINGS + "references: {lock: openapi.lock}\n")
    assert gateway("check", "--update-lock").exit_code == 0
    assert json.loads((folder / "openapi.lock").read_text()) == {"version": 1, "files": {}}
    (folder / "notes.yaml").write_text("openapi: 3.0.3\npaths: {/a: {$ref: 'https://a.example/x'}}\n")
    (folder / "openapi.lock").write_text("kept")
    assert gateway("check", "--update-lock").exit_code == 2
    assert (folder / "openapi.lock").read_text() == "kept"
