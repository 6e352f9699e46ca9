"""The configuration file: layers, places of flaws, and what the types cannot say."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import Api, Settings
from gateway.config import file as config_file
from gateway.contract.findings import LoadError

GOOD = """\
listen: 127.0.0.1:9000
admin: off
limits: {body: 64KiB}
apis:
  - contract: specs/data.yaml
    upstream: http://127.0.0.1:8102
"""
Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes gateway.yaml beside specs/data.yaml."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/data.yaml").write_text("openapi: 3.0.3\n")

    def write_file(text: str | bytes) -> Path:
        path = tmp_path / "gateway.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


def flaws(path: Path | str, environ: dict[str, str] | None = None, **flags: str) -> list[str]:
    """The findings as `line:column: message | hint`."""
    with pytest.raises(LoadError) as caught:
        config_file.read(path, environ or {}, flags)
    return [f"{f.where.line}:{f.where.column}: {f.message} | {f.hint}" for f in caught.value.findings]


def test_a_good_file(write: Write, tmp_path: Path) -> None:
    """What is not written has its default; paths are relative to the file; the API gets the document's name."""
    settings = config_file.read(write(GOOD), {})
    api = Api(str(tmp_path / "specs/data.yaml"), "http://127.0.0.1:8102", name="data")
    assert settings == Settings(
        listen="127.0.0.1:9000",
        admin="off",
        apis=(api,),
        limits=config_file.dataclasses.replace(Settings().limits, body=65536),
    )


@pytest.mark.parametrize(
    ("environ", "flags", "listen"),
    [
        ({}, {}, "127.0.0.1:9000"),
        ({"GATEWAY_LISTEN": ":9001"}, {}, ":9001"),
        ({"GATEWAY_LISTEN": ""}, {}, "127.0.0.1:9000"),
        ({"GATEWAY_LISTEN": ":9001"}, {"listen": ":9002"}, ":9002"),
    ],
)
def test_precedence(write: Write, environ: dict[str, str], flags: dict[str, str], listen: str) -> None:
    """The environment wins over the file (unless it is empty), flags win over both."""
    assert config_file.read(write(GOOD), environ, flags).listen == listen


def test_environment_reaches_sections_and_lists(write: Write) -> None:
    """A variable names section and key; lists have commas; other GATEWAY_ variables are not ours."""
    settings = config_file.read(
        write(GOOD),
        {
            "GATEWAY_LIMITS_BODY": "1MiB",
            "GATEWAY_TIMEOUTS_FIRST_BYTE": "500ms",
            "GATEWAY_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "GATEWAY_DOCS": "no",
            "GATEWAY_PORT": "tcp://10.0.0.1:8080",
        },
    )
    assert settings.limits.body == 2**20
    assert settings.timeouts.first_byte == 0.5
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.docs is False


def test_a_wrong_variable_is_named(write: Write) -> None:
    """A flaw in the environment or in a flag is placed there, not in the file."""
    with pytest.raises(LoadError) as caught:
        config_file.read(write(GOOD), {"GATEWAY_WORKERS": "many"}, {"listen": "8080"})
    assert [finding.where.file for finding in caught.value.findings] == ["--listen", "GATEWAY_WORKERS"]


def test_every_variable_is_a_setting() -> None:
    """Variables are derived from the declarations; the APIs and issuers have none."""
    names = config_file.variables()
    assert names["GATEWAY_VALIDATE_UNKNOWN_QUERY"] == ("validate", "unknown-query")
    assert not [name for name in names if "APIS" in name or "ISSUERS" in name]


API = "apis: [{contract: specs/data.yaml, upstream: 'http://h'%s}]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["1:1: the configuration is empty"], id="empty"),
        pytest.param("# nothing\n", ["1:1: the configuration is empty"], id="only a comment"),
        pytest.param("a: [1\n", ["2:1: the configuration is not YAML: "], id="not YAML"),
        pytest.param("a:\n\t- b\n", ["2:1: the configuration is not YAML: "], id="tab"),
        pytest.param("a: \x07\n", ["1:1: the configuration is not YAML: "], id="control character"),
        pytest.param("a: 1\n---\nb: 2\n", ["2:1: the configuration is not YAML: "], id="two documents"),
        pytest.param(b"a: b\nc: \xff\n", ["2:4: the configuration is not UTF-8"], id="not UTF-8"),
        pytest.param("[" * 50000, ["1:1: the configuration is not YAML"], id="nested too deeply"),
        pytest.param("#" * (2**20 + 1), ["1:1: the configuration is larger than"], id="too large"),
        pytest.param("- a\n", ["1:1: the configuration does not consist of keys and values"], id="a list"),
        pytest.param("just text\n", ["1:1: the configuration does not consist of keys and values"], id="a text"),
        pytest.param("listen: :80\n", ["1:1: no APIs: nothing to serve"], id="no APIs"),
        pytest.param("apis: []\n", ["1:1: no APIs: nothing to serve"], id="empty list of APIs"),
        pytest.param("apis: {}\n", ["1:1: apis: expected a list", "1:1: no APIs"], id="APIs as a mapping"),
        pytest.param("lisen: :80\n" + API % "", ['1:1: unknown key "lisen" | did you mean "listen"?'], id="typo"),
        pytest.param(
            "trusted_proxies: []\n" + API % "",
            ['1:1: unknown key "trusted_proxies" | did you mean "trusted-proxies"?'],
            id="underscore",
        ),
        pytest.param("zzz: 1\n" + API % "", ['1:1: unknown key "zzz" | known here: listen, admin'], id="unknown"),
        pytest.param("? [a]\n: 1\n" + API % "", ["1:1: a key is a list, expected a word"], id="odd key"),
        pytest.param(
            "limits: {body: 10MB}\n" + API % "", ["1:10: limits.body: expected a whole number such as"], id="unit"
        ),
        pytest.param("limits: {body: 0.5}\n" + API % "", ["1:10: limits.body: expected a whole"], id="half a byte"),
        pytest.param("limits: {body: -1}\n" + API % "", ["1:10: limits.body: -1 is below the minimum"], id="minimum"),
        pytest.param("limits:\n" + API % "", ["1:8: expected keys and values in limits, got nothing"], id="nothing"),
        pytest.param("timeouts: {idle: .inf}\n" + API % "", ["1:12: timeouts.idle: expected a number"], id="infinity"),
        pytest.param("timeouts: {idle: 1:30}\n" + API % "", ["1:12: timeouts.idle: expected a number"], id="base 60"),
        pytest.param("workers: 0\n" + API % "", ["1:1: workers: 0 is below the minimum, 1"], id="no workers"),
        pytest.param("workers: [1]\n" + API % "", ["1:1: workers: expected a whole number, got a list"], id="list"),
        pytest.param("docs: 1\n" + API % "", ['1:1: docs: expected true or false, got "1"'], id="not a switch"),
        pytest.param("listen: 80\n" + API % "", ["1:1: listen: expected a text, got 80"], id="number for text"),
        pytest.param("listen: h\n" + API % "", ['1:1: listen: "h" is not HOST:PORT'], id="no port"),
        pytest.param("admin: 127.0.0.1:8080\n" + API % "", ["1:1: admin: 127.0.0.1:8080 is also the"], id="one port"),
        pytest.param("validate: {sample: 2}\n" + API % "", ["1:12: validate.sample: 2.0 is above"], id="maximum"),
        pytest.param(
            "validate: {request: warn}\n" + API % "",
            ['1:12: validate.request: "warn" is not one of block, observe, sample, off'],
            id="choice",
        ),
        pytest.param(
            "docs: on\ndocs: off\n" + API % "", ['2:1: "docs" is set twice | the first is at line 1'], id="twice"
        ),
        pytest.param("trusted-proxies: [10.0.0.1/8]\n" + API % "", ["1:19: trusted-proxies: "], id="network"),
        pytest.param("log: {access: no/such/x.log}\n" + API % "", ["1:7: there is no folder"], id="log folder"),
        pytest.param("log: {audit: no/such/x.log}\n" + API % "", ["1:7: there is no folder"], id="audit log folder"),
        pytest.param("log: {audit: specs}\n" + API % "", ["1:7: the audit log cannot be written"], id="audit log"),
        pytest.param(
            "apis: [{contract: nope.yaml, upstream: 'http://h'}]", ["1:9: there is no file "], id="no contract file"
        ),
        pytest.param("apis: [{contract: specs, upstream: 'http://h'}]", ["1:9: there is no file "], id="a folder"),
        pytest.param("apis: [{upstream: 'http://h'}]", ['1:8: no "contract" in apis[0]'], id="no contract"),
        pytest.param("apis: [{contract: specs/data.yaml}]", ['1:8: no "upstream" in apis[0]'], id="no upstream"),
        pytest.param(API % ", path: data/", ['1:58: "data/" is not a path'], id="path"),
        pytest.param(API % ", pass: [csv]", ['1:65: "csv" names nothing that can be passed'], id="pass"),
        pytest.param(
            API % ", passes: []", ['1:58: unknown key "passes" in apis[0] | did you mean "pass"?'], id="passes"
        ),
        pytest.param(API % ", limits: {idle: 1}", ['unknown key "idle" in apis[0].limits'], id="override"),
        pytest.param(API % ", timeouts: {read: x}", ["apis[0].timeouts.read: expected a number"], id="override type"),
        pytest.param(API % ", name: 'a b'", ['"a b" cannot be the name of an API'], id="API name"),
        pytest.param(
            API % "}, {contract: specs/data.yaml, upstream: 'http://h'",
            ['apis[0] and apis[1] are both called "data"'],
            id="API names",
        ),
        pytest.param(
            "issuers: {dealer: {issuer: i, jwks: 'http://j', audience: a}}\n" + API % ", security: {jwt: dealr}",
            ['names "dealr", which is not under issuers, keys or passwords | did you mean "dealer"?'],
            id="issuer name",
        ),
        pytest.param(
            "issuers: {d: {issuer: i, jwks: keys.json}}\n" + API % "",
            ['issuer "d" has no audience', "there is no file "],
            id="issuer",
        ),
        pytest.param(
            "issuers: {d: {issuer: i, jwks: 'http://j', audience: a, claims: {tenant: []}}}\n" + API % "",
            ['accepts no value of the claim tenant, and so no token | list the values, or write tenant: "*" for any'],
            id="claims",
        ),
        pytest.param(
            "issuers: {d: {audience: a, discovery: 'http://x', algorithms: [none]}}\n" + API % "",
            ['issuers.d.algorithms[0]: "none" is not one of'],
            id="algorithm",
        ),
    ],
)
def test_bad_files(write: Write, text: str | bytes, expected: list[str]) -> None:
    """Every flaw is found at its place, with what to do."""
    found = flaws(write(text))
    assert len(found) == len(expected), found
    for line, part in zip(found, expected, strict=True):
        assert part in line


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8102", "ftp://h", "http://", "http://h:99999", "http://u:p@h", "http://h?q", "http://h#f", "http://é",
     "http://[::1", "http://h/a b"],
)  # fmt: skip
def test_upstreams_that_are_no_base_url(write: Write, url: str) -> None:
    """A backend is named by scheme, host, port and path alone."""
    [flaw] = flaws(write(f"apis: [{{contract: specs/data.yaml, upstream: '{url}'}}]"))
    assert "is not the base URL of a backend" in flaw


def test_all_flaws_at_once(write: Write) -> None:
    """Syntax of values, unknown keys and missing files are told together, in the order of the file."""
    found = flaws(write("workers: x\nfoo: 1\napis: [{contract: nope.yaml, upstream: 'http://h'}]\n"))
    assert [line.split(":")[0] for line in found] == ["1", "2", "3"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, or a folder, is a finding."""
    assert "cannot be read: No such file" in flaws(tmp_path / "gateway.yaml")[0]
    assert "cannot be read: Is a directory" in flaws(tmp_path)[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(write: Write) -> None:
    """Missing permission is a finding."""
    path = write(GOOD)
    path.chmod(0)
    assert "cannot be read: Permission denied" in flaws(path)[0]


WORDS = (
    "listen admin workers apis contract upstream issuers limits body validate pass security off 0 -1 1e999 .nan ~ "
    "null 10MiB 2s 'x' \"y\" : - [ ] { } , ? | > & * ! % @ ` # \t \\ &a *a !!int !!map << \u0085 \ud7ff --- ..."
)
TOKENS = st.sampled_from(WORDS.split(" "))
TEXTS = st.lists(st.tuples(TOKENS, st.sampled_from(["", " ", ": ", "\n", "\n  ", "\n  - "])), max_size=30)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(max_size=60), TEXTS.map(lambda parts: "".join(map("".join, parts)).encode())))
def test_whatever_the_file_holds(tmp_path: Path, data: bytes) -> None:
    """Settings or findings, and never another exception."""
    path = tmp_path / "gateway.yaml"
    path.write_bytes(data)
    with contextlib.suppress(LoadError):
        config_file.read(path, {})


def test_byte_order_mark(write: Write) -> None:
    """Editors on Windows write one; it is no content."""
    assert config_file.read(write(b"\xef\xbb\xbf" + GOOD.encode()), {}).admin == "off"


def test_a_variable_for_a_section_that_is_wrong_in_the_file(write: Write) -> None:
    """The flaw of the file is told, the variable does not hide it."""
    [flaw] = flaws(write("limits: 5\n" + API % ""), {"GATEWAY_LIMITS_BODY": "5"})
    assert "expected keys and values in limits, got a single value" in flaw


def test_for_document(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """One document needs no file; environment and flags count the same."""
    monkeypatch.chdir(write(GOOD).parent)
    settings = config_file.for_document("specs/data.yaml", "http://h", {"GATEWAY_WORKERS": "2"}, {"admin": "off"})
    assert settings.apis == (Api("specs/data.yaml", "http://h", name="data"),)
    assert (settings.workers, settings.admin) == (2, "off")
    with pytest.raises(LoadError, match=r"^FILE:1:1: error: settings: there is no file nope.yaml"):
        config_file.for_document("nope.yaml", "http://h", {}, {})


def test_overrides_of_an_api(write: Write) -> None:
    """An API's own modes, limits and timeouts are merged over those of the gateway."""
    more = ", validate: {response: block}, limits: {body: 2KiB}, timeouts: {read: 1m}"
    settings = config_file.read(write("timeouts: {total: 90}\n" + API % more), {})
    api = settings.apis[0]
    validate = config_file.api_validate(settings, api)
    assert (validate.request, validate.response) == ("block", "block")
    assert config_file.api_limits(settings, api).body == 2048
    timeouts = config_file.api_timeouts(settings, api)
    assert (timeouts.read, timeouts.total) == (60.0, 90.0)
