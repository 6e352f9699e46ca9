"""Build the wheel and the source archive, install the wheel where the sources are not, and use it as a user would."""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
import venv
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = """\
openapi: 3.0.3
info: {title: Greetings, version: "1"}
servers: [{url: "http://api.example/v1"}]
paths:
  /hello:
    get:
      operationId: hello
      parameters: [{name: to, in: query, required: true, schema: {type: string, maxLength: 5}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object, required: [hello]}}}}
"""
WANTED = ("gateway/py.typed", "gateway/server/assets/docs.html")
UNWANTED = ("tests/", "backends/", "benchmarks/", "specs/")


class Backend(BaseHTTPRequestHandler):
    """Greets."""

    def do_GET(self) -> None:
        body = b'{"hello": "you"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """All steps; an exception is the failure."""
    with tempfile.TemporaryDirectory(prefix="gateway-dist-") as name:
        folder = Path(name)
        wheel = build(folder / "dist")
        gateway = install(wheel, folder / "venv")
        use(gateway, folder)
    print(f"{wheel.name}: built, installed and used")


def build(target: Path) -> Path:
    """The wheel, built from the source archive; what both hold is checked."""
    run(sys.executable, "-m", "build", "--outdir", str(target), str(ROOT))
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    (wheel,) = target.glob("*.whl")
    (archive,) = target.glob("*.tar.gz")
    names = zipfile.ZipFile(wheel).namelist()
    assert all(wanted in names for wanted in WANTED), f"{wheel.name} lacks one of {WANTED}"
    strange = [entry for entry in names if any(part in entry for part in UNWANTED)]
    assert not strange, f"{wheel.name} holds {strange}"
    with tarfile.open(archive) as tar:
        top = {entry.partition("/")[2] for entry in tar.getnames()}
    assert {"LICENSE", "README.md", "setup.cfg"} <= top, f"{archive.name} lacks its own metadata"
    return wheel


def install(wheel: Path, target: Path) -> str:
    """The path of the command, in a new environment that knows nothing of the sources."""
    venv.create(target, with_pip=True)
    run(str(target / "bin" / "pip"), "install", "-q", str(wheel))
    return str(target / "bin" / "gateway")


def use(gateway: str, folder: Path) -> None:
    """`--version`, `check`, and `run` answering a good and a bad request."""
    (folder / "hello.yaml").write_text(DOCUMENT)
    assert run(gateway, "--version", cwd=folder).startswith("gateway ")
    run(gateway, "check", "--strict", "hello.yaml", cwd=folder)
    backend = HTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    with create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    upstream = f"http://127.0.0.1:{backend.server_port}"
    command = [gateway, "run", "hello.yaml", "--upstream", upstream, "--listen", address, "--admin", "off"]
    with subprocess.Popen(command, cwd=folder) as process:
        try:
            status, body = ask(f"http://{address}/v1/hello?to=you", process)
            assert (status, body) == (200, {"hello": "you"}), (status, body)
            status, body = ask(f"http://{address}/v1/hello?to=everybody", process)
            assert (status, body["errors"][0]["name"]) == (400, "to"), (status, body)
            assert ask(f"http://{address}/openapi.json", process)[0] == 200
        finally:
            process.terminate()
    backend.shutdown()
    assert process.returncode == 0, f"gateway run ended with {process.returncode}"


def ask(url: str, process: "subprocess.Popen[bytes]") -> tuple[int, Any]:
    """Status and JSON body, as soon as somebody answers."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            assert process.poll() is None, f"gateway run ended with {process.returncode}"
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def run(*command: str, cwd: Path | None = None) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    main()
