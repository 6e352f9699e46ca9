"""Rules about servers, beyond what their examples show."""

import pytest

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, rules_of

ERROR, WARNING = Severity.ERROR, Severity.WARNING
SERVERS = [
    ("/", None),
    ("/v1", None),
    ("v1", None),
    ("./v1", None),
    ("../v1", None),
    (".", None),
    ("", None),
    ("https://api.example.com/v1", None),
    ("http://[::1]:5000/v1", None),
    ("0.0.0.0:5001", ERROR),
    ("localhost:5001/v1", ERROR),
    ("localhost", ERROR),
    ("api.example.com/v1", ERROR),
    ("https:///v1", ERROR),
    ("http://[::1/v1", ERROR),
    ("/v1?key=1", ERROR),
    ("/v1#top", ERROR),
    ("http://a.example/x/../v1", ERROR),
    ("/a%zz", ERROR),
]


@pytest.mark.parametrize(("url", "severity"), SERVERS)
def test_server_urls_need_a_scheme_or_a_path(url: str, severity: Severity | None) -> None:
    """The first server must say where operations are mounted."""
    findings = found(document(operation(), top=f"servers: [{{url: {url!r}}}]"))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert rules_of(findings) <= {"server-url"}


@pytest.mark.parametrize(
    ("server", "severity"),
    [
        ("{url: 'https://{host}/v1'}", WARNING),
        ("{url: '{base}/v1'}", ERROR),
        ("{url: 'https://a/{version}/x'}", ERROR),
        ("{url: '/api/{version}'}", ERROR),
        ("{url: '/api/{version}', variables: {version: {default: v1}}}", None),
        ("{url: '/api/{version}', variables: {version: {default: ''}}}", None),
        ("{url: '/{version}', variables: {version: {default: v1, enum: [v1, v2]}}}", None),
        ("{url: '/{version}', variables: {version: {default: v3, enum: [v1, v2]}}}", WARNING),
        ("{url: '{scheme}://a/v1', variables: {scheme: {default: https}}}", None),
    ],
)
def test_server_variables_matter_in_the_path(server: str, severity: Severity | None) -> None:
    """Without a default an unknown host is harmless, an unknown path is not; a default is one of the enum."""
    findings = found(document(operation(), top=f"servers: [{server}]"))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert rules_of(findings) <= {"server-variable"}


@pytest.mark.parametrize(
    ("version", "own", "at"),
    [("3.0.4", "servers: [{url: '0.0.0.0:1'}]", "/paths/~1things/get/servers/0/url"), ("3.1.1", "", "/servers/0/url")],
)
def test_servers_of_every_level_are_looked_at(version: str, own: str, at: str) -> None:
    """What an operation says about itself is as good as what the document says."""
    top = "" if own else "servers: [{url: '0.0.0.0:1'}]"
    findings = found(document(operation(extra=own), top=top, version=version))
    assert [(finding.rule, finding.where.pointer) for finding in findings] == [("server-url", at)]


def test_later_servers_are_not_mounted() -> None:
    """A warning for each other path; the same path at another host is the same mount."""
    servers = "{url: /v1}, {url: 'https://a.example/v1/'}, {url: /v2}, {url: /}"
    findings = found(document(operation(extra=f"servers: [{servers}]")))
    assert [(finding.rule, finding.where.pointer[-5:]) for finding in findings] == [
        ("server-unmounted", "2/url"),
        ("server-unmounted", "3/url"),
    ]


@pytest.mark.parametrize(("base", "rules"), [("/v1", set()), ("/{v}", {"server-url"}), ("/v1?a", {"server-url"})])
def test_swagger_has_a_base_path(base: str, rules: set[str]) -> None:
    """2.0 has no server variables; its base path is a plain path."""
    text = f"swagger: '2.0'\ninfo: {{title: t, version: '1'}}\nbasePath: '{base}'\npaths: {{}}\n"
    assert rules_of(found(text)) - {"specification"} == rules
