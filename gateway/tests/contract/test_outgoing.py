"""What backends get of a request's head is decided at load."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.config import Api, Credentials, Identity, Issuer, KeyStore, PasswordStore, Settings
from gateway.contract.compile import compile_settings
from gateway.contract.compiled import CompiledOperation
from gateway.contract.rules.documents import document, operation
from gateway.tests.security.issuing import jwk, jwks, pem, private_key
from gateway.wire.fields import DROPPED_FROM_REQUESTS
from gateway.wire.withheld import ALWAYS, IDENTITY_FIELDS, METHOD_OVERRIDES

SCHEMES = (
    "{auth: {type: http, scheme: bearer}, basic: {type: http, scheme: basic}, head: {type: apiKey, in: header, name: "
    "X_Key}, query: {type: apiKey, in: query, name: key}, cookie: {type: apiKey, in: cookie, name: sid}}"
)
CLIENT = {"token_url": "https://id.example/t", "client_id": "gateway", "client_secret": "env:GATEWAY_TEST_SECRET"}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's own, as a client."""
    monkeypatch.setenv("GATEWAY_TEST_SECRET", "planted")


def settings(
    folder: Path, credentials: dict[str, Any], security: str, parameters: str = "", passes: Iterable[str] = ()
) -> Settings:
    """One operation with this security, behind stores that know nobody."""
    (folder / "jwks.json").write_bytes(jwks(jwk("RSA")))
    for name in ("keys", "passwords"):
        (folder / name).touch(0o600)
    (folder / "api.yaml").write_text(
        document(
            operation(extra=f"security: {security}", parameters=parameters),
            top=f"components: {{securitySchemes: {SCHEMES}}}",
        )
    )
    return Settings(
        apis=(
            Api(
                contract=str(folder / "api.yaml"),
                upstream="http://127.0.0.1:1",
                name="things",
                credentials=Credentials(**credentials),
                passes=tuple(passes),
            ),
        ),
        issuers={"main": Issuer("https://id.example", ("things",), str(folder / "jwks.json"))},
        keys={"main": KeyStore(file=str(folder / "keys"))},
        passwords={"main": PasswordStore(file=str(folder / "passwords"))},
        docs=False,
    )


def compiled(folder: Path, mode: str, security: str, **more: Any) -> CompiledOperation:
    credentials = {"mode": mode, **(CLIENT if mode in ("exchange", "client") else {})}
    result = compile_settings(settings(folder, credentials, security, **more))
    assert result.table is not None, [finding.text() for finding in result.findings]
    return result.table.operations[0]


ALL = "[{auth: []}, {basic: []}, {head: []}, {query: []}, {cookie: []}]"


def test_by_default_tokens_go_on_and_keys_and_passwords_end_here(tmp_path: Path) -> None:
    """A backend may verify a token; with a key or a password it could only call as somebody else."""
    found = compiled(tmp_path, "tokens", ALL).withheld
    assert b"x-key" in found.fields and b"authorization" not in found.fields
    assert (found.query, found.cookies, found.passwords) == ({b"key"}, {b"sid"}, True)
    assert found.unverified == found.fields | {b"authorization", b"dpop"} and Credentials().mode == "tokens"


def test_they_end_here_even_where_they_are_not_asked_for(tmp_path: Path) -> None:
    """A browser sends a password to all that is below; a client its key to every operation."""
    found = compiled(tmp_path, "tokens", "[]").withheld
    assert b"x-key" in found.fields and found.passwords and found.query and found.cookies


@pytest.mark.parametrize("mode", ["strip", "exchange", "client"])
def test_nothing_of_the_callers_own_goes_on(tmp_path: Path, mode: str) -> None:
    """Nor a proof that would be of no use."""
    found = compiled(tmp_path, mode, "[{auth: []}]").withheld
    assert {b"authorization", b"dpop", b"proxy-authorization", b"x-key"} <= found.fields
    assert (found.query, found.cookies) == ({b"key"}, {b"sid"})


def test_with_pass_everything_goes_on(tmp_path: Path) -> None:
    """But for what clients may never say."""
    operation = compiled(tmp_path, "pass", ALL)
    assert operation.withheld == ALWAYS._replace(fields=operation.withheld.fields)
    assert operation.withheld.fields == ALWAYS.fields | {b"x-gateway-identity"}
    assert operation.introduction is None


@pytest.mark.parametrize("mode", ["tokens", "strip"])
def test_what_is_left_to_the_backend_reaches_it(tmp_path: Path, mode: str) -> None:
    """A scheme that is passed unverified would be of no use without its credential."""
    passes = ("security:basic", "security:head", "security:query", "security:cookie")
    found = compiled(tmp_path, mode, "[{basic: [], head: [], query: [], cookie: []}]", passes=passes).withheld
    assert b"authorization" not in found.fields and b"x-key" not in found.fields
    assert not found.passwords and not found.query and not found.cookies and not found.unverified


@pytest.mark.parametrize("mode", ["tokens", "strip"])
def test_a_key_in_authorization_that_is_left_to_the_backend_reaches_it(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing in that field was verified."""
    monkeypatch.setitem(globals(), "SCHEMES", SCHEMES.replace("X_Key", "Authorization"))
    found = compiled(tmp_path, mode, "[{head: []}, {cookie: []}]", passes=("security:head",)).withheld
    assert b"authorization" not in found.fields and not found.unverified


def test_the_name_of_a_key_may_be_that_of_a_parameter(tmp_path: Path) -> None:
    """Of an operation that does not use the key."""
    parameters = (
        "{name: key, in: query, schema: {type: string}}, {name: x-key, in: header, schema: {type: string}}, "
        "{name: sid, in: cookie, schema: {type: string}}"
    )
    found = compiled(tmp_path, "tokens", "[{auth: []}]", parameters=parameters).withheld
    assert b"x-key" not in found.fields and not found.query and not found.cookies


def test_what_clients_may_never_say(tmp_path: Path) -> None:
    """Identity fields always; another method unless the settings pass it."""
    chosen = settings(tmp_path, {}, "[]")
    chosen = replace(chosen, identity=Identity(header="X-Who"), method_override="pass")
    table = compile_settings(chosen).table
    assert table is not None
    fields = table.operations[0].withheld.fields
    assert fields >= DROPPED_FROM_REQUESTS | IDENTITY_FIELDS | {b"x-who"}
    assert fields.isdisjoint(METHOD_OVERRIDES)
    assert compiled(tmp_path, "tokens", "[]").withheld.fields >= METHOD_OVERRIDES


def rules(chosen: Settings) -> list[tuple[str, str, str]]:
    return [(each.rule, each.severity.value, each.message) for each in compile_settings(chosen).findings]


@pytest.mark.parametrize("security", ["[{auth: []}]", "[{auth: [], head: []}, {}]"])
def test_each_caller_needs_a_token_to_exchange(tmp_path: Path, security: str) -> None:
    """One who proves to be somebody by a key could send anybody's token beside it."""
    credentials = {"mode": "exchange", **CLIENT}
    assert rules(settings(tmp_path, credentials, security)) == []
    ((rule, severity, message),) = rules(settings(tmp_path, credentials, "[{auth: []}, {head: []}]"))
    assert (rule, severity) == ("credentials", "error") and "GET /things" in message


def test_a_secret_that_is_sent_for_all_to_read_is_a_warning(tmp_path: Path) -> None:
    """Unless it stays on this machine."""
    plain = {"mode": "client", **CLIENT, "token_url": "http://id.example/t"}
    ((rule, severity, message),) = rules(settings(tmp_path, plain, "[]"))
    assert (rule, severity) == ("credentials", "warning") and "without TLS" in message
    assert rules(settings(tmp_path, plain | {"token_url": "http://127.0.0.1:1/t"}, "[]")) == []


@pytest.mark.parametrize("name", ["X_Remote-User", "x-original-url", "X-Real-IP"])
def test_a_documented_parameter_that_never_arrives_is_a_warning(tmp_path: Path, name: str) -> None:
    """Backends would wait for it in vain."""
    parameters = f"{{name: {name}, in: header, schema: {{type: string}}}}"
    ((rule, severity, message),) = rules(settings(tmp_path, {}, "[]", parameters))
    assert (rule, severity) == ("header-withheld", "warning") and name in message


def test_keys_are_loaded_and_published(tmp_path: Path) -> None:
    """What cannot sign, or be published, is an error at the setting and holds no part of a key."""
    private = private_key("EC").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(private)
    (tmp_path / "next.pem").write_bytes(pem("EC next"))
    chosen = settings(tmp_path, {"identity": True}, "[{auth: []}]")

    def with_keys(key: str, published: str) -> Settings:
        return replace(chosen, identity=Identity(f"file:{tmp_path}/{key}", str(tmp_path / published)))

    table = compile_settings(with_keys("key.pem", "next.pem")).table
    assert table is not None and table.jwks.count(b'"kid"') == 2
    introduction = table.operations[0].introduction
    assert introduction is not None and introduction.signer is not None and introduction.client is None
    for key, published, word in (
        ("next.pem", "next.pem", "identity.key: it is no private key"),
        ("key.pem", "key.pem", "identity.published: "),
        ("gone.pem", "next.pem", "No such file"),
    ):
        ((rule, severity, message),) = rules(with_keys(key, published))
        assert (rule, severity) == ("credentials", "error") and word in message
        assert "BEGIN" not in message
