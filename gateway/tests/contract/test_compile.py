"""From settings and documents to the route table."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Api, Limits, Settings, Timeouts, Validate
from gateway.contract.compile import Compiled, compile_settings
from gateway.contract.compiled import CompiledOperation
from gateway.contract.findings import errors
from gateway.tests.harness import DOCUMENT
from gateway.validate import schema

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: "https://pets.example/pets"}]
paths:
  /{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
  /hidden:
    get:
      operationId: hidden
      x-gateway: {internal: true}
      responses: {"200": {description: ok}}
"""


def api(folder: Path, name: str, text: str, **given: object) -> Api:
    """An API with its document written to `folder`."""
    path = folder / f"{name}.yaml"
    path.write_text(text)
    known = {"contract": str(path), "upstream": "http://127.0.0.1:9000", "name": name}
    return Api(**{**known, **given})  # type: ignore[arg-type]


def only(compiled: Compiled, method: str, template: str) -> CompiledOperation:
    """The operation with this key."""
    assert compiled.table is not None, [finding.text() for finding in compiled.findings]
    (found,) = (o for o in compiled.table.operations if (o.method, o.template) == (method, template))
    return found


def things(folder: Path, text: str = DOCUMENT, **given: object) -> Compiled:
    """The harness' document alone."""
    return compile_settings(Settings(apis=(api(folder, "things", text, **given),)))


def test_names_with_both_signs_are_twins_of_nobody(tmp_path: Path) -> None:
    """A documented `X-A_B` would otherwise be dropped as what could be taken for `X-A-B`."""
    header = "- {name: %s, in: header, schema: {type: string}}"
    parameters = "".join(f"\n        {header % name}" for name in ("X-Tenant", "X-A_B", "X-C", "X_C"))
    document = DOCUMENT.replace("operationId: deleteThing", f"operationId: deleteThing\n      parameters:{parameters}")
    assert only(things(tmp_path, document), "DELETE", "/v1/things/{id}").hyphenated == {b"x-tenant"}


def test_everything_is_decided_for_each_operation(tmp_path: Path) -> None:
    """Keyed by method and public template; rows of the metrics count from 1."""
    compiled = things(tmp_path)
    found = only(compiled, "PUT", "/v1/things/{id}")
    assert (found.api, found.operation_id, found.mount, found.prefix) == ("things", "putThing", b"/v1", b"/v1")
    assert found.parameters is not None and found.body is not None and found.body.required
    assert (found.request_mode, found.response_mode, found.invalid_status) == ("block", "observe", 400)
    assert compiled.table is not None
    assert [operation.row for operation in compiled.table.operations] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("upstream", "path", "mount", "prefix"),
    [
        ("http://h", None, b"/v1", b"/v1"),
        ("http://h/", None, b"/v1", b"/v1"),
        ("http://h/base/", None, b"/v1", b"/base"),
        ("http://h", "/public/", b"/public", b"/v1"),
        ("http://h/base", "/", b"", b"/base"),
    ],
)
def test_mount_and_prefix(tmp_path: Path, upstream: str, path: str | None, mount: bytes, prefix: bytes) -> None:
    """The configured path, or that of the document's first server; the upstream's path, or the same."""
    found = only(things(tmp_path, upstream=upstream, path=path), "POST", f"{mount.decode()}/things")
    assert (found.mount, found.prefix) == (mount, prefix)


SERVERS = """\
openapi: 3.1.0
info: {title: Servers, version: "1"}
servers: [{url: /v1}]
paths:
  /a: {get: {responses: {"204": {description: done}}}}
  /b:
    servers: [{url: "https://other.example/{v}", variables: {v: {default: v2}}}]
    get: {responses: {"204": {description: done}}}
    put: {servers: [{url: /}], responses: {"204": {description: done}}}
"""


@pytest.mark.parametrize(
    ("upstream", "path", "expected"),
    [
        ("http://h", None, {"GET /v1/a": "/v1", "GET /v2/b": "/v2", "PUT /b": ""}),
        ("http://h", "/x", {"GET /x/a": "/v1", "GET /x/b": "/v2", "PUT /x/b": ""}),
        ("http://h/up", None, {"GET /v1/a": "/up", "GET /v2/b": "/up", "PUT /b": "/up"}),
    ],
)
def test_operations_have_servers_of_their_own(
    tmp_path: Path, upstream: str, path: str | None, expected: dict[str, str]
) -> None:
    """Each is mounted under the path of its server and asked for below it, unless the settings say otherwise."""
    compiled = things(tmp_path, SERVERS, upstream=upstream, path=path)
    assert compiled.table is not None
    found = {f"{each.method} {each.template}": each.prefix.decode() for each in compiled.table.operations}
    assert found == expected


def variable(name: str) -> str:
    return f"parameters: [{{name: {name}, in: path, required: true, schema: {{type: string}}}}]"


AT_ROOT = "servers: [{url: /}]"
DONE = "responses: {'204': {description: done}}"


@pytest.mark.parametrize(
    "paths",
    [
        f"  /v1/a: {{get: {{{AT_ROOT}, {DONE}}}}}\n",
        f"  /{{x}}: {{get: {{{variable('x')}, {DONE}}}}}\n"
        f"  /v1/{{y}}: {{put: {{{AT_ROOT}, {variable('y')}, {DONE}}}}}\n",
    ],
    ids=["the same operation", "the same shape"],
)
def test_servers_must_not_bring_two_operations_together(tmp_path: Path, paths: str) -> None:
    """What one request could mean twice is refused, within one document too."""
    compiled = things(tmp_path, SERVERS + paths)
    assert [finding.rule for finding in errors(compiled.findings)] == ["mounted-twice"]


def test_methods_of_every_kind_are_routed(tmp_path: Path) -> None:
    """QUERY and additional operations stand in the table as any other, and in `Allow`."""
    done = "{responses: {'204': {description: done}}}"
    text = SERVERS.replace("3.1.0", "3.2.0") + f"  /c: {{query: {done}, additionalOperations: {{COPY: {done}}}}}\n"
    compiled = things(tmp_path, text)
    assert only(compiled, "COPY", "/v1/c") and only(compiled, "QUERY", "/v1/c") and compiled.table is not None
    item, _ = compiled.table.match(b"/v1/c") or pytest.fail("no path item")
    assert item.allow == b"COPY, QUERY"


def test_backends_are_shared_by_origin(tmp_path: Path) -> None:
    """Two APIs of one origin use one pool; the scheme gives the port."""
    apis = (
        api(tmp_path, "things", DOCUMENT, upstream="https://One.example/a"),
        api(tmp_path, "pets", PETS, upstream="https://one.example/b"),
    )
    compiled = compile_settings(Settings(apis=apis))
    assert compiled.table is not None
    (backend,) = compiled.table.backends
    assert (backend.scheme, backend.host, backend.port, backend.index) == ("https", "one.example", 443, 0)


def test_settings_fall_from_gateway_to_api_to_operation(tmp_path: Path) -> None:
    """The nearest one that says something counts."""
    said = "operationId: putThing\n      x-gateway: {validate: {response: block}, timeout: 0.5}"
    document = DOCUMENT.replace("operationId: putThing", said)
    given = api(tmp_path, "things", document, validate={"request": "off"}, limits={"body": 5}, timeouts={"read": 3.0})
    settings = Settings(
        apis=(given,), validate=Validate(request="observe", response="off"), limits=Limits(body=9, response_body=7)
    )
    compiled = compile_settings(settings)
    put, post = only(compiled, "PUT", "/v1/things/{id}"), only(compiled, "POST", "/v1/things")
    assert (put.request_mode, put.response_mode) == ("off", "block")
    assert (post.request_mode, post.response_mode) == ("off", "off")
    assert (post.body_limit, post.response_limit, post.timeouts.read) == (5, 7, 3.0)
    assert put.timeouts == Timeouts(connect=0.5, read=0.5, total=0.5)


@pytest.mark.parametrize(("statuses", "expected"), [("400", 400), ("422", 422), ("400,422", 400), ("4XX", 400)])
def test_the_status_of_an_invalid_request(tmp_path: Path, statuses: str, expected: int) -> None:
    """422 where the operation documents 422 and not 400."""
    more = "".join(f", '{status}': {{description: no}}" for status in statuses.split(","))
    document = DOCUMENT.replace("{'204': {description: done}}", f"{{'204': {{description: done}}{more}}}")
    assert only(things(tmp_path, document), "DELETE", "/v1/things/{id}").invalid_status == expected


def test_internal_operations_are_not_routed(tmp_path: Path) -> None:
    """They are in the document, for others."""
    compiled = compile_settings(Settings(apis=(api(tmp_path, "pets", PETS),)))
    assert compiled.table is not None
    assert [operation.operation_id for operation in compiled.table.operations] == ["getPet"]
    assert compiled.table.match(b"/pets/hidden") is not None, "as the value of {id}"


def test_paths_of_two_apis_that_collide_are_named(tmp_path: Path) -> None:
    """Both places, and what to do; names of variables make no difference."""
    apis = (
        api(tmp_path, "things", DOCUMENT),
        api(tmp_path, "pets", PETS, path="/v1/things"),
    )
    compiled = compile_settings(Settings(apis=apis))
    assert compiled.table is None
    (finding,) = (finding for finding in compiled.findings if finding.rule == "mounted-twice")
    assert "things.yaml:" in finding.message and finding.where.file.endswith("pets.yaml")
    assert "path" in finding.hint


def test_findings_of_all_documents_come_at_once(tmp_path: Path) -> None:
    """One that cannot be read, one with errors, one that is fine."""
    apis = (
        api(tmp_path, "broken", "openapi: 3.0.3\npaths: ["),
        api(tmp_path, "wrong", PETS.replace("type: integer", "type: nonsense")),
        api(tmp_path, "things", DOCUMENT),
    )
    compiled = compile_settings(Settings(apis=apis))
    assert compiled.table is None
    assert {Path(finding.where.file).stem for finding in compiled.findings} == {"broken", "wrong"}


def test_what_only_compiling_shows_keeps_a_document_from_being_served(tmp_path: Path) -> None:
    """No rule foresees it: a part is one value or several. The API is not mounted, the other one still is."""
    parts = "{multipart/form-data: {schema: {properties: {a: {type: [array, string]}}}}}"
    hidden = PETS.replace("operationId: getPet", f"operationId: getPet\n      requestBody: {{content: {parts}}}")
    compiled = compile_settings(Settings(apis=(api(tmp_path, "pets", hidden), api(tmp_path, "things", DOCUMENT))))
    assert compiled.table is None
    (finding,) = errors(compiled.findings)
    assert (finding.rule, finding.where.pointer) == ("not-enforced", "/paths/~1{id}/get/requestBody")
    assert [item.contract.api for item in compiled.mounted] == ["things"]


@pytest.mark.parametrize(("level", "served"), [("error", False), ("warning", True), ("off", True)])
def test_rules_are_taken_as_strictly_as_the_settings_say(tmp_path: Path, level: str, served: bool) -> None:
    """What `gateway check` calls an error with these settings is not served with them."""
    item = api(tmp_path, "things", DOCUMENT.replace("      operationId: getThing\n", ""))
    compiled = compile_settings(Settings(apis=(item,), rules={"operation-id-missing": level}))
    assert (compiled.table is not None) is served
    assert [finding.severity.value for finding in compiled.findings] == ([] if level == "off" else [level])


def test_the_digest_tells_tables_apart(tmp_path: Path) -> None:
    """Equal for equal input; another one for another document or another limit."""
    settings = Settings(apis=(api(tmp_path, "things", DOCUMENT),))
    digests = [compile_settings(settings), compile_settings(settings)]
    digests.append(compile_settings(replace(settings, limits=Limits(body=1))))
    digests.append(compile_settings(Settings(apis=(api(tmp_path, "things", DOCUMENT + "\n"),))))
    first, second, third, fourth = (one.table.digest for one in digests if one.table is not None)
    assert first == second
    assert len({second, third, fourth}) == 3


def test_a_table_is_matched_without_building_anything(tmp_path: Path) -> None:
    """All validators were built with it."""
    compiled = things(tmp_path)
    built = schema.built
    found = only(compiled, "PUT", "/v1/things/{id}")
    assert found.body is not None and found.parameters is not None
    media = found.body.media(b"application/json")
    assert media is not None and media.violations(b'{"id": "x"}')
    assert found.parameters(["0"], b"x=1", {})
    assert schema.built == built
