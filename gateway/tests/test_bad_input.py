"""Wrong input on purpose: a clear message, the right exit code, no traceback, and the gateway goes on serving."""

import signal
import subprocess
import sys
import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.tests.harness import DOCUMENT

UNREADABLE, FINDINGS = 2, 1
BOOM = '"' + "x" * 1024 + '"'

THING = "'#/components/schemas/Thing'"

# name: (bytes of the document or None for a missing file, exit code of `gateway check`, what the message holds)
DOCUMENTS = {
    "missing": (None, UNREADABLE, "api.yaml"),
    "not utf-8": (b"openapi: 3.0.3\ninfo: {title: \xff\xfe}\n", UNREADABLE, "UTF-8"),
    "not yaml": (b"openapi: [3.0.3\npaths: {", UNREADABLE, "api.yaml:"),
    "wrong version": (b"openapi: 4.0.0\ninfo: {title: a, version: '1'}\npaths: {}\n", UNREADABLE, "4.0.0"),
    "no version": (b"info: {title: a, version: '1'}\npaths: {}\n", UNREADABLE, "openapi"),
    "empty": (b"", UNREADABLE, "empty"),
    "a list": (b"- openapi: 3.0.3\n", UNREADABLE, "api.yaml:1"),
    "100 MB": (b"openapi: 3.0.3\nx-fill: " + b"y" * 100_000_000, UNREADABLE, "MiB"),
    "duplicate keys": (DOCUMENT.encode() + b"paths: {}\n", UNREADABLE, "paths"),
    "dangling $ref": (DOCUMENT.replace("schemas/Thing'", "schemas/Nothing'").encode(), UNREADABLE, "Nothing"),
    "looping $ref": (
        DOCUMENT.replace(THING, "'#/components/schemas/A'").encode()
        + b"    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n",
        UNREADABLE,
        "leads back to itself",
    ),
    "escaping $ref": (DOCUMENT.replace(THING, "'../../etc/passwd'").encode(), UNREADABLE, ".."),
    "http $ref": (DOCUMENT.replace(THING, "'http://a.example/b'").encode(), UNREADABLE, "http"),
    "alias bomb": (
        b"openapi: 3.0.3\na: &a ["
        + b",".join([BOOM.encode()] * 9)
        + b"]\n"
        + b"".join(b"%c: &%c [%b]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in b"bcdefghij"),
        UNREADABLE,
        "alias",
    ),
    "cannot be enforced": (
        DOCUMENT.replace("{type: string, enum: [metric, imperial]}", "{type: array, items: {type: object}}").encode(),
        FINDINGS,
        "units",
    ),
}


def put(path, content):
    """Write the document, or have none."""
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)


@pytest.mark.parametrize(("content", "code", "text"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_check_names_what_is_wrong_with_a_document(tmp_path, content, code, text):
    """Place and reason on stdout, nothing of a traceback; quickly, whatever its size."""
    document = tmp_path / "api.yaml"
    put(document, content)
    ended = gateway_command("check", str(document))
    assert ended.returncode == code
    assert text in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("content", "code", "text"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_run_does_not_start_on_such_a_document(tmp_path, content, code, text):
    """Nothing is served that was not understood."""
    document = tmp_path / "api.yaml"
    put(document, content)
    ended = gateway_command("run", str(document), "--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:0")
    assert ended.returncode in (FINDINGS, UNREADABLE)
    assert text in ended.stderr
    assert "Traceback" not in ended.stderr and "listening" not in ended.stderr


def test_a_running_gateway_survives_every_such_document(start):
    """One reload after the other fails; requests are answered all the while."""
    gateway = start()
    for number, (content, _, _) in enumerate(DOCUMENTS.values(), 1):
        put(gateway.document, content)
        gateway.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while gateway.metric('gateway_reloads_total{result="failure"}') < number:
            assert time.monotonic() < deadline
            assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    assert "Traceback" not in gateway.errors.read_text()


SETTINGS = {
    "unknown key": ("lsten: 127.0.0.1:0\n", "listen"),
    "wrong type": ("workers: many\n", "workers"),
    "missing contract": ("apis: [{contract: nowhere.yaml, upstream: 'http://127.0.0.1:1'}]\n", "nowhere.yaml"),
    "no upstream": ("apis: [{contract: api.yaml}]\n", "upstream"),
    "not yaml": ("apis: [\n", "gateway.yaml:"),
    "empty": ("", "gateway.yaml:"),
}


@pytest.mark.parametrize(("text", "named"), SETTINGS.values(), ids=SETTINGS)
def test_run_names_what_is_wrong_with_the_configuration(tmp_path, text, named):
    """With the line, and exit code 2."""
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    (tmp_path / "gateway.yaml").write_text(text)
    ended = gateway_command("run", "--config", str(tmp_path / "gateway.yaml"))
    assert ended.returncode == UNREADABLE
    assert named in ended.stderr and "gateway.yaml:" in ended.stderr
    assert "Traceback" not in ended.stderr


SECURED = DOCUMENT.replace(
    "components:\n",
    "components:\n  securitySchemes: {token: {type: http, scheme: bearer}}\n",
).replace("      operationId: deleteThing\n", "      operationId: deleteThing\n      security: [{token: []}]\n")
ISSUER = "issuers: {main: {issuer: 'https://a.example', audience: things, jwks: 'http://127.0.0.1:1/jwks.json'}}"


def test_unreachable_keys_close_what_they_protect_and_nothing_else(start):
    """503 with Retry-After for a token that cannot be judged; the log names the URL."""
    gateway = start(document=SECURED, more=ISSUER)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode({"iss": "https://a.example", "aud": "things", "exp": time.time() + 60}, key, "RS256")
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    assert requests.delete(f"{gateway.url}/v1/things/1", timeout=5).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    refused = requests.delete(f"{gateway.url}/v1/things/1", headers=headers, timeout=10)
    assert refused.status_code == 503 and refused.headers["Retry-After"]
    gateway.wait_for("http://127.0.0.1:1/jwks.json")
    assert "Traceback" not in gateway.errors.read_text()


def gateway_command(*arguments):
    """`gateway ...`, ended within a time that a person would wait."""
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
