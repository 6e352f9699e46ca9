"""The search itself finds what it is there to find."""

import logging
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway.config import Api, Credentials, KeyStore, Settings
from gateway.tests.leaks import heard, leaks, of_settings, referred

SECRET = b"pl4nted/secret+?~>"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        b"Basic " + b64encode(b"anna:" + SECRET),
        b64encode(b"ann:" + SECRET + b":more"),
        urlsafe_b64encode(b"gateway:" + SECRET),
        SECRET.hex().encode(),
        quote(SECRET, safe="").encode(),
        b'{"url":"pl4nted\\/secret+?~>"}',
    ],
)
def test_found(text: bytes) -> None:
    """In every form, whatever stands around it."""
    assert leaks(b"before " + text + b" behind", [SECRET]) == [SECRET]


def test_not_found() -> None:
    """Nor is what is too short to mean anything, nor the frame of a PEM file."""
    assert leaks(b"an innocent text with pl4nted and secret", [SECRET, b"text", b"-----BEGIN KEY-----"]) == []


def test_one_line_of_many_is_enough() -> None:
    """A private key in PEM."""
    pem = b"-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----"
    assert leaks(b"... CCqGSM49AwEHBG0wawIBAQQg ...", [pem]) == [b"CCqGSM49AwEHBG0wawIBAQQg"]


def test_a_part_is_enough() -> None:
    """Of a token that was cut."""
    token = b".".join(bytes([letter]) * 30 for letter in b"abc")
    assert leaks(b"token " + token[:60] + b"...", [token]) == [token]


def test_what_settings_refer_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables, and files beside the settings."""
    monkeypatch.setenv("SOME_PEPPER", "first secret")
    (tmp_path / "client.secret").write_text("second secret\n")
    (tmp_path / "gateway.yaml").write_text(
        'keys: {a: {pepper: "env:SOME_PEPPER"}}\nclient-secret: file:client.secret\nother: file:missing\n'
    )
    assert referred(tmp_path / "gateway.yaml") == [b"first secret", b"second secret"]


def test_what_settings_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """At any depth; what is not there is nothing to look for."""
    monkeypatch.setenv("SOME_PEPPER", "first secret")
    settings = Settings(
        keys={"a": KeyStore(pepper="env:SOME_PEPPER")},
        apis=(Api(credentials=Credentials(client_secret="file:/no/such/file")),),
    )
    assert list(of_settings(settings)) == [b"first secret"]


def test_what_is_logged_is_heard() -> None:
    """With the traceback."""
    with heard() as said:
        try:
            raise ValueError("the reason")
        except ValueError:
            logging.getLogger("gateway.any").exception("failed")
    assert b"failed" in said[0] and b"the reason" in said[0]
