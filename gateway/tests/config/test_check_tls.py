"""What is wrong with the settings of TLS and of the PROXY protocol, at which place."""

from pathlib import Path

import pytest

from gateway.config import file as config_file
from gateway.contract.findings import LoadError

API = "{contract: api.yaml, upstream: 'URL'"
PAIR = "certificates: [{certificate: a.crt, key: a.key}]"


@pytest.mark.parametrize(
    ("settings", "api", "pointer", "text"),
    [
        ("tls: {clients: optional, ca: ca.pem}", "", "/tls/clients", "without tls.certificates"),
        (f"tls: {{{PAIR}, clients: required}}", "", "/tls/clients", "no tls.ca"),
        (f"tls: {{{PAIR}, ca: ca.pem}}", "", "/tls/ca", "no effect"),
        ("tls: {certificates: [{certificate: a.crt}]}", "", "/tls/certificates/0", 'no "key"'),
        ("proxy-protocol: true", "", "/proxy-protocol", "trusted-proxies"),
        ("", "tls: {ca: ca.pem}", "/apis/0/tls", "not https"),
        ("", "tls: {name: other.example}", "/apis/0/tls", "not https"),
        ("", "tls: {key: a.key}", "/apis/0/tls", "come together"),
    ],
)
def test_a_flaw_is_named_at_its_place(tmp_path: Path, settings: str, api: str, pointer: str, text: str) -> None:
    """Together with what to do."""
    url = "https://a.example" if text == "come together" else "http://a.example"
    with pytest.raises(LoadError) as caught:
        read(tmp_path, settings, api, url)
    found = [finding for finding in caught.value.findings if finding.where.pointer == pointer]
    assert len(found) == 1 and text in found[0].message and found[0].hint


def read(folder: Path, settings: str, api: str, url: str) -> object:
    """The settings of a file that says this."""
    (folder / "api.yaml").write_text("openapi: 3.0.3\n")
    more = f", {api}" if api else ""
    (folder / "gateway.yaml").write_text(f"{settings}\napis: [{API.replace('URL', url)}{more}}}]\n")
    return config_file.read(folder / "gateway.yaml", {})


@pytest.mark.parametrize(
    ("settings", "api"),
    [
        (f"tls: {{{PAIR}, clients: required, ca: ca.pem, minimum: '1.3'}}", ""),
        ("proxy-protocol: true\ntrusted-proxies: [10.0.0.0/8]", ""),
        ("", "tls: {ca: ca.pem, certificate: a.crt, key: a.key, name: b.example, minimum: '1.3'}"),
    ],
)
def test_good_settings_pass_although_the_files_are_elsewhere(tmp_path: Path, settings: str, api: str) -> None:
    """Who only checks documents needs no keys."""
    read(tmp_path, settings, api, "https://a.example")
