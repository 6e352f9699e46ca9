"""What people see of the settings, and what nobody does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Api, Issuer, KeyStore, References, Settings, Store
from gateway.config.file import Read, read_places
from gateway.config.secret import HIDDEN
from gateway.config.shown import shown
from gateway.contract.findings import LoadError

FILE = """\
workers: 2
apis:
  - contract: api.yaml
    upstream: http://127.0.0.1:9
    validate: {unknown-query: allow}
    security: {some_key: my_store}
keys: {my_store: {file: k.txt, pepper: "file:pepper"}}
rules: {response-without-schema: "off"}
"""
SECRET = "pl4nted-secret"


def test_every_value_and_its_place(tmp_path: Path) -> None:
    """Names as they are in the file, the line, and what wins over it."""
    path = tmp_path / "gateway.yaml"
    path.write_text(FILE)
    (tmp_path / "api.yaml").touch()
    found = {each.name: each for each in shown(read_places(path, {"GATEWAY_LISTEN": ":1"}, {"workers": "3"}))}
    told = {name: (each.value, each.origin.rpartition("/")[2]) for name, each in found.items()}
    assert {name: value for name, value in told.items() if value[1] != "default"} == {
        "listen": (":1", "GATEWAY_LISTEN"),
        "workers": (3, "--workers"),
        "apis[0].contract": (str(tmp_path / "api.yaml"), "gateway.yaml:3"),
        "apis[0].upstream": ("http://127.0.0.1:9", "gateway.yaml:4"),
        "apis[0].validate.unknown-query": ("allow", "gateway.yaml:5"),
        "apis[0].security.some_key": (["my_store"], "gateway.yaml:6"),
        "keys.my_store.file": (str(tmp_path / "k.txt"), "gateway.yaml:7"),
        "keys.my_store.pepper": (f"file:{tmp_path / 'pepper'}", "gateway.yaml:7"),
        "rules.response-without-schema": ("off", "gateway.yaml:8"),
    }
    assert told["limits.body"] == (1048576, "default") and len(told) > 80


def test_no_secret_is_shown() -> None:
    """Not even one that stands in the settings by itself, nor credentials in a URL."""
    settings = Settings(
        apis=(Api("api.yaml", f"http://me:{SECRET}@host/x"),),
        keys={"a": KeyStore(database=f"postgresql://me:{SECRET}@host/db", pepper=SECRET)},
        issuers={"b": Issuer(discovery=f"https://{SECRET}@id.example/a")},
        references=References(remote=(f"https://me:{SECRET}@host/",)),
        store=Store(url=SECRET),
    )
    found = {each.name: each.value for each in shown(Read(settings, {}, "gateway.yaml"))}
    assert SECRET not in repr(found)
    assert found["keys.a.pepper"] == found["store.url"] == HIDDEN
    assert found["issuers.b.discovery"] == f"https://{HIDDEN}@id.example/a"
    assert found["apis[0].contract"] == "api.yaml" and found["identity.key"] == ""
    kept = replace(settings, store=Store(url="env:REDIS"))
    assert {each.name: each.value for each in shown(Read(kept, {}, ""))}["store.url"] == "env:REDIS"


WRONG: list[Any] = [
    f"keys: {{a: {{file: k, pepper: {SECRET}}}}}",
    f"keys: {{a: {{file: k, pepper: [{SECRET}]}}}}",
    "keys: {a: {file: k, pepper: 1234567890}}",
    f"keys: {{a: {{file: k, pepper: 'env{SECRET}'}}}}",
    f"keys: {{a: {{database: 'postgresql://me:{SECRET}@host/db'}}}}",
    f"passwords: {{a: {{database: 'postgresql://me:{SECRET}@host/db'}}}}",
    f"keys: {{a: 'postgresql://me:{SECRET}@host/db'}}",
    f"store: 'redis://:{SECRET}@host/0'",
    f"store: {{url: 'redis://:{SECRET}@host/0'}}",
    f"store: {{timeout: 'redis://:{SECRET}@host/0'}}",
    f"issuers: {{a: {{audience: b, introspection: {{url: 'https://me:{SECRET}@host/', client-id: a}}}}}}",
    f"issuers: {{a: {{audience: b, introspection: {{url: https://host/, client-id: a, client-secret: {SECRET}}}}}}}",
    f"issuers: {{a: {{audience: b, jwks: 'https://me:{SECRET}@host/jwks.json'}}}}",
    f"issuers: {{a: {{audience: b, discovery: 'https://me:{SECRET}@host/x'}}}}",
    f"identity: {{key: '{SECRET}'}}",
    f"identity: {SECRET}",
    f"apis: [{{contract: api.yaml, upstream: 'http://me:{SECRET}@host'}}]",
    f"apis: [{{contract: api.yaml, upstream: 'http://h', credentials: {{mode: client, client-secret: {SECRET}}}}}]",
    "apis: [{contract: api.yaml, upstream: 'http://h', credentials: {mode: client, client-id: a, client-secret: "
    f"'env:A', token-url: 'https://me:{SECRET}@host/'}}}}]",
]


@pytest.mark.parametrize("text", WRONG)
def test_no_finding_repeats_a_secret(tmp_path: Path, text: str) -> None:
    """Wherever somebody writes one by mistake: it is an error, and printed on a terminal that others may see."""
    (tmp_path / "api.yaml").touch()
    (tmp_path / "k").touch()
    path = tmp_path / "gateway.yaml"
    path.write_text(text if "apis" in text else f"{text}\napis: [{{contract: api.yaml, upstream: 'http://h'}}]")
    with pytest.raises(LoadError) as caught:
        read_places(path, {"A": "some secret"})
    printed = "\n".join(finding.text() for finding in caught.value.findings)
    assert SECRET not in printed and "1234567890" not in printed
