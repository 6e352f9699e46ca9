"""`gateway explain`: the verdict on a request, and the way to it."""

import json
import re
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.tests.cli.conftest import DOCUMENT, SETTINGS, Gateway


@pytest.fixture(autouse=True)
def settings(folder: Path) -> None:
    """The API is mounted at /public, its backend serves it at /v1."""
    (folder / "gateway.yaml").write_text(SETTINGS)


@pytest.mark.parametrize(
    ("args", "code", "expected"),
    [
        (
            ["GET", "/public/notes?limit=5"],
            0,
            [
                "route       GET /public/notes (listNotes) of API notes",
                "security    needs: open",
                "parameters  query limit = 5 (form: limit=5)",
                "verdict     forwarded to http://127.0.0.1:8102/v1/notes?limit=5",
            ],
        ),
        (["get", "/public/notes"], 0, ["verdict     forwarded to http://127.0.0.1:8102/v1/notes"]),
        (["HEAD", "/public/notes"], 0, ["verdict     forwarded to http://127.0.0.1:8102/v1/notes"]),
        (["DELETE", "/public/notes/%37"], 0, ["parameters  path id = 7", "forwarded to http://127.0.0.1:8102/v1/notes/%37"]),
        (
            ["GET", "/notes"],
            1,
            ["near: /public/notes (it has 2 segments, the path 1 segment)", "verdict     404 not-found"],
        ),
        (["GET", "/public/notes/"], 1, ["near: /public/notes (without the slash at the end)"]),
        (["PUT", "/public/notes"], 1, ["methods here: GET, HEAD, POST", "verdict     405 method-not-allowed"]),
        (["GET", "/public/../notes"], 1, ["dot segment", "verdict     400 malformed-request"]),
        (["GET", "/public/é"], 1, ["verdict     400 malformed-request"]),
        (["DELETE", "/public/notes/%ff"], 1, ["verdict     400 malformed-request"]),
        (["GET", "notes"], 1, ["verdict     400 malformed-request"]),
        (
            ["GET", "/public/notes?limit=51&limt=1"],
            1,
            ["query limit: maximum: ", "query limt: unknown: ", "verdict     400 invalid-request"],
        ),
        (["POST", "/public/notes", "-d", '{"text": "a"}'], 0, ["keeps the contract", "/v1/notes"]),
        (["POST", "/public/notes", "-d", '{"text": 1}'], 1, ["violation: body /text: type: "]),
        (["POST", "/public/notes", "-d", '{"text": 1'], 1, ["violation: body: syntax: "]),
        (["POST", "/public/notes"], 1, ["violation: body: required: "]),
        (["POST", "/public/notes", "-d", ""], 1, ["verdict     400 invalid-request"]),
        (
            ["POST", "/public/notes", "-d", "a", "-H", "Content-Type: text/csv"],
            1,
            ["verdict     415 unsupported-media-type"],
        ),
        (["GET", "/public/notes", "-H", "Host: a b"], 1, ["verdict     400 malformed-request"]),
        (["GET", "/public/notes", "-H", "host: a", "-H", "Host: b"], 1, ["verdict     400 malformed-request"]),
        (["POST", "/public/notes", "-d", "x" * 1048577], 1, ["verdict     413 content-too-large"]),
    ],
)  # fmt: skip
def test_verdicts(gateway: Gateway, args: list[str], code: int, expected: list[str]) -> None:
    """Each step says what it found; the exit code says whether the request would reach the backend."""
    result = gateway("explain", *args)
    assert result.exit_code == code, result.output
    for part in expected:
        assert part in result.stdout


@pytest.mark.parametrize(
    "args",
    [
        ["G T", "/public/notes"],
        ["GET"],
        ["GET", "/public/notes", "-H", "no colon"],
        ["GET", "/public/notes", "-H", "a: b\r\nc: d"],
        ["GET", "/public/notes", "-H", ": b"],
        ["GET", "/public/notes", "-d", "@nope"],
        ["GET", "/public/notes", "-d", "@."],
        ["GET", "/public/notes", "-d", "@\0"],
        ["GET", "/public/notes", "nope.yaml"],
        ["GET", "/public/notes", "--config", "nope.yaml"],
        ["GET", "/public/notes", "notes.yaml", "--config", "gateway.yaml"],
        ["GET", "/public/notes", "--upstream", "http://h"],
        ["GET", "/public/notes", "--format", "xml"],
    ],
)
def test_bad_usage(gateway: Gateway, args: list[str]) -> None:
    """Exit code 2 and a message on standard error."""
    result = gateway("explain", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_body_from_a_file(gateway: Gateway, folder: Path) -> None:
    """@PATH is read as bytes."""
    (folder / "body").write_bytes(b'{"text": "\xff"}')
    result = gateway("explain", "POST", "/public/notes", "-d", "@body")
    assert "violation: body: syntax: " in result.stdout


def test_json(gateway: Gateway) -> None:
    """The steps, the violations and the verdict as data."""
    result = gateway("explain", "POST", "/public/notes", "-d", "{}", "--format", "json")
    found = json.loads(result.stdout)
    assert found["refused"] == {"status": 400, "type": "invalid-request"}
    assert [violation["keyword"] for violation in found["violations"]] == ["required"]
    assert found["steps"][0] == {"step": "route", "text": "POST /public/notes (addNote) of API notes"}
    result = gateway("explain", "GET", "/public/notes", "--format", "json")
    assert json.loads(result.stdout)["forwarded"] == "http://127.0.0.1:8102/v1/notes"


@pytest.mark.parametrize(
    ("args", "mode", "code", "expected"),
    [
        (["GET", "/public/notes", "-d", "[]"], "block", 0, ["keeps the contract", "verdict     passed on\n"]),
        (
            ["GET", "/public/notes", "-d", "{}"],
            "block",
            1,
            ["violation: body: type: must be an array (notes.yaml:10:", "verdict     502 invalid-response"],
        ),
        (["GET", "/public/notes", "-d", "{}"], "observe", 0, ["breaks the contract", "passed on, and counted"]),
        (["GET", "/public/notes", "-d", "{}"], "off", 0, ["mode off", "breaks the contract", "passed on\n"]),
        (["GET", "/public/notes"], "block", 0, ["keeps the contract"]),
        (["HEAD", "/public/notes"], "block", 0, ["keeps the contract"]),
        (["GET", "/public/notes", "-d", "a", "-H", "Content-Type: text/csv"], "block", 1, ["header content-type"]),
        (["GET", "/public/notes", "-d", "[" + "1," * 600000 + "1]"], "block", 0, ["not judged: it has more than"]),
        (["GET", "/public/note"], "block", 1, ["verdict     404 not-found"]),
    ],
)
def test_responses(gateway: Gateway, folder: Path, args: list[str], mode: str, code: int, expected: list[str]) -> None:
    """Judged against what is documented for the status; the mode decides what comes of it."""
    (folder / "gateway.yaml").write_text(SETTINGS + f"validate: {{response: {mode}}}\n")
    result = gateway("explain", *args, "--response", "200")
    assert result.exit_code == code, result.output
    for part in expected:
        assert part in result.stdout
    assert "security" not in result.stdout


def test_a_response_that_is_not_documented(gateway: Gateway) -> None:
    """Its status is the violation."""
    result = gateway("explain", "GET", "/public/notes", "--response", "418")
    assert "violation: status: undocumented: " in result.stdout


def test_a_body_that_is_judged_while_it_passes(gateway: Gateway, folder: Path) -> None:
    """Longer than what is judged as a whole, and judged all the same."""
    lines = DOCUMENT.replace("application/json:\n            schema", "application/x-ndjson:\n            itemSchema")
    (folder / "notes.yaml").write_text(lines.replace("3.0.3", "3.2.0"))
    (folder / "items").write_bytes(b'{"text": "a"}\n' * 100_000 + b'{"text": 1}\n')
    args = ("POST", "/public/notes", "-d", "@items", "-H", "Content-Type: application/x-ndjson")
    result = gateway("explain", *args)
    assert result.exit_code == 1, result.output
    assert re.search(r"violation: body .*/text: type: must be a string \(notes.yaml:17:", result.stdout)


def test_templates_that_match_and_are_not_meant(gateway: Gateway, folder: Path) -> None:
    """A reader who expected the other one is told why."""
    more = "  /notes/recent:\n    delete: {responses: {'204': {description: gone}}}\n"
    (folder / "notes.yaml").write_text(DOCUMENT.replace("components:", f"{more}components:"))
    result = gateway("explain", "DELETE", "/public/notes/recent")
    assert "route       not /public/notes/{id}: what is literal in a path wins over variables" in result.stdout


def test_violations_that_are_only_observed(gateway: Gateway, folder: Path) -> None:
    """In mode `observe` they are shown, and the request goes on."""
    (folder / "gateway.yaml").write_text(SETTINGS + "validate: {request: observe}\n")
    result = gateway("explain", "GET", "/public/notes?limit=x")
    assert result.exit_code == 0
    assert "violation: query limit: type: " in result.stdout
    assert "forwarded to" in result.stdout


@pytest.fixture
def key(folder: Path) -> Ed25519PrivateKey:
    """The key of an issuer whose set is a file; deleteNote needs its tokens."""
    key = Ed25519PrivateKey.generate()
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    (folder / "keys.json").write_text(json.dumps({"keys": [{**public, "kid": "k1", "alg": "EdDSA", "use": "sig"}]}))
    (folder / "gateway.yaml").write_text(
        SETTINGS
        + "issuers: {d: {audience: notes, issuer: 'https://i.example', jwks: keys.json, algorithms: [EdDSA]}}\n"
    )
    (folder / "notes.yaml").write_text(DOCUMENT.replace('      x-gateway: {pass: ["security:jwt"]}\n', ""))
    return key


def test_security(gateway: Gateway, key: Ed25519PrivateKey) -> None:
    """Tokens are verified as in production; the other steps are shown all the same."""
    result = gateway("explain", "DELETE", "/public/notes/x")
    assert result.exit_code == 1
    for part in ("needs: token", "refused with 401", "path id: type: ", "verdict     401 unauthenticated"):
        assert part in result.stdout
    claims = {"iss": "https://i.example", "aud": "notes", "sub": "me", "exp": time.time() + 60, "iat": time.time()}
    token = jwt.encode(claims, key, "EdDSA", {"kid": "k1"})
    result = gateway("explain", "DELETE", "/public/notes/7", "-H", f"Authorization: Bearer {token}")
    assert result.exit_code == 0, result.output
    assert "security    caller: me" in result.stdout


def test_revoked(gateway: Gateway, folder: Path, key: Ed25519PrivateKey) -> None:
    """What was revoked is refused here, too."""
    (folder / "revoked").write_text("sub me\n")
    with (folder / "gateway.yaml").open("a") as settings:
        settings.write("revocation: {file: revoked}\n")
    for subject, told in (("me", "refused with 401"), ("you", "caller: you")):
        claims = {"iss": "https://i.example", "aud": "notes", "sub": subject, "exp": time.time() + 60}
        token = jwt.encode(claims, key, "EdDSA", {"kid": "k1"})
        result = gateway("explain", "DELETE", "/public/notes/7", "-H", f"Authorization: Bearer {token}")
        assert f"security    {told}" in result.stdout


def test_whose_object_it_is(gateway: Gateway, folder: Path, key: Ed25519PrivateKey) -> None:
    """The owner's parameter is compared as in production; whoever is nobody owns nothing."""
    document = (folder / "notes.yaml").read_text()
    owner = "operationId: deleteNote\n      x-gateway: {owner: {parameter: id, claim: sub, unless-scope: staff}}"
    (folder / "notes.yaml").write_text(document.replace("operationId: deleteNote", owner))
    claims = {"iss": "https://i.example", "aud": "notes", "sub": "7", "exp": time.time() + 60}
    bearer = f"Authorization: Bearer {jwt.encode(claims, key, 'EdDSA', {'kid': 'k1'})}"
    needs = "owner       needs: path id is the caller's sub, or the caller has the scope staff"
    result = gateway("explain", "DELETE", "/public/notes/7", "-H", bearer)
    assert result.exit_code == 0 and needs in result.stdout
    result = gateway("explain", "DELETE", "/public/notes/8", "-H", bearer)
    assert result.exit_code == 1 and "owner       refused with 403 forbidden" in result.stdout
    assert "verdict     403 forbidden" in result.stdout
    assert gateway("explain", "DELETE", "/public/notes/7").exit_code == 1


def test_what_is_counted(gateway: Gateway, folder: Path) -> None:
    """Each limit of rates and of requests at the same time is named; explaining uses up none of it."""
    document = (folder / "notes.yaml").read_text()
    limits = (
        "rate-limit: [{requests: 1, per: 1m, name: few}, {requests: 9, per: month, by: operation, algorithm: fixed}]"
    )
    said = f"x-gateway: {{cost: 1, {limits}, concurrency: {{limit: 5, queue: 3, wait: 0.5, by: consumer}}, pass:"
    (folder / "notes.yaml").write_text(document.replace("x-gateway: {pass:", said))
    for _ in range(3):
        result = gateway("explain", "DELETE", "/public/notes/7")
        assert "limits      few: 1 in 60 s by address (bucket); this costs 1" in result.stdout
        assert "limits      9-per-month: 9 in a month by operation (fixed); this costs 1" in result.stdout
        assert ": 5 at the same time for each consumer, 3 wait for 0.5 s; in each worker" in result.stdout
        assert "429" not in result.stdout


def test_who_may_call_and_what_browsers_ask(gateway: Gateway, folder: Path) -> None:
    """Lists of addresses are named, a preflight is answered, and one that is not allowed refused."""
    config = (folder / "gateway.yaml").read_text()
    lists = "addresses: {deny: 192.0.2.0/24}\nfilter: os.path:basename\n"
    cors = "cors: {origins: 'https://a'}, path: /public"
    (folder / "gateway.yaml").write_text(lists + config.replace("path: /public", cors))
    result = gateway("explain", "GET", "/public/notes")
    assert "addresses   the client's must pass the lists of the gateway" in result.stdout
    assert "filter      is asked, but not here" in result.stdout
    asked = ("explain", "OPTIONS", "/public/notes", "-H", "Access-Control-Request-Method: GET", "-H")
    result = gateway(*asked, "Origin: https://a")
    assert result.exit_code == 0 and "verdict     204, answered by the gateway" in result.stdout
    result = gateway(*asked, "Origin: https://b")
    assert result.exit_code == 1 and "Pages of this origin may not call this API." in result.stdout
