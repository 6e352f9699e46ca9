"""The token dealer: RFC 6749, 7517, 7662, 8414."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import jwt
import pytest

from backends.common.command import UsageError
from backends.tests.conftest import ISSUER, LIFETIME, Clock
from backends.tests.documented import DocumentedClient
from backends.tokendealer import keys
from backends.tokendealer.__main__ import build, parse

BASIC = ("demo", "demo-secret")
GRANT = {"grant_type": "client_credentials"}
POST = GRANT | {"client_id": "demo", "client_secret": "demo-secret"}


def ask(dealer: DocumentedClient, **options: Any) -> str:
    """A token for the demonstration's client."""
    answer = dealer.post("oauth/token", data=GRANT | options, auth=BASIC)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def verify(dealer: DocumentedClient, token: str) -> dict[str, Any]:
    """What another service makes of a token; knows the key set only."""
    key_set = jwt.PyJWKSet.from_dict(dealer.get(".well-known/jwks.json").json())
    kid = jwt.get_unverified_header(token)["kid"]
    claims: dict[str, Any] = jwt.decode(
        token, key_set[kid].key, algorithms=["RS256"], audience="runnerly", issuer=ISSUER, options={"verify_exp": False}
    )
    return claims


def introspect(dealer: DocumentedClient, token: str) -> dict[str, Any]:
    """What the dealer itself says of a token."""
    answer = dealer.post("oauth/introspect", data={"token": token}, auth=BASIC)
    assert answer.status_code == 200
    content: dict[str, Any] = answer.json()
    return content


@pytest.mark.parametrize("how", [{"data": GRANT, "auth": BASIC}, {"data": POST}])
def test_both_ways_of_client_authentication_give_a_token(dealer: DocumentedClient, how: Any) -> None:
    """Credentials in the header and in the form are equally good."""
    answer = dealer.post("oauth/token", **how)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["expires_in"] == LIFETIME
    assert verify(dealer, answer.json()["access_token"])["sub"] == "demo"


def test_token_carries_the_claims_of_rfc_9068(dealer: DocumentedClient, clock: Clock) -> None:
    """Issuer, subject, audience, times, scope, a unique id and a key id are all there."""
    token = ask(dealer, scope="users:read")
    claims = verify(dealer, token)
    assert claims.pop("jti") != verify(dealer, ask(dealer))["jti"]
    assert claims == {
        "iss": ISSUER,
        "sub": "demo",
        "client_id": "demo",
        "aud": "runnerly",
        "scope": "users:read",
        "iat": clock(),
        "exp": clock() + LIFETIME,
    }
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"


def basic(text: bytes) -> dict[str, str]:
    """A header with these credentials."""
    return {"Authorization": f"Basic {base64.b64encode(text).decode()}"}


@pytest.mark.parametrize(
    ("options", "status", "error"),
    [
        ({"data": {"scope": "users:read"}, "auth": BASIC}, 400, "invalid_request"),
        ({"data": {"grant_type": ""}, "auth": BASIC}, 400, "invalid_request"),
        ({"data": {"grant_type": ["client_credentials"] * 2}, "auth": BASIC}, 400, "invalid_request"),
        ({"data": GRANT | {"scope": ["users:read", "runs:read"]}, "auth": BASIC}, 400, "invalid_request"),
        ({"data": POST, "auth": BASIC}, 400, "invalid_request"),
        ({"data": GRANT | {"client_id": "reader"}, "auth": BASIC}, 400, "invalid_request"),
        ({"content": b"grant_type=%ff&x=y", "auth": BASIC}, 400, "invalid_request"),
        ({"content": b"", "auth": BASIC}, 400, "invalid_request"),
        ({"data": GRANT | {"scope": "x" * 1001}, "auth": BASIC}, 400, "invalid_request"),
        ({"data": {"grant_type": "password"}, "auth": BASIC}, 400, "unsupported_grant_type"),
        ({"data": GRANT | {"scope": "users:delete"}, "auth": BASIC}, 400, "invalid_scope"),
        ({"data": GRANT | {"scope": "users:read  runs:read"}, "auth": BASIC}, 400, "invalid_scope"),
        ({"data": GRANT | {"audience": "bank"}, "auth": BASIC}, 400, "invalid_target"),
        ({"data": GRANT}, 401, "invalid_client"),
        ({"data": GRANT | {"client_id": "demo"}}, 401, "invalid_client"),
        ({"data": GRANT, "auth": ("demo", "wrong")}, 401, "invalid_client"),
        ({"data": GRANT, "auth": ("nobody", "demo-secret")}, 401, "invalid_client"),
        ({"data": GRANT, "auth": ("", "")}, 401, "invalid_client"),
        ({"data": POST | {"client_secret": "wrong"}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Basic !!!"}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": basic(b"demo")}, 401, "invalid_client"),
        ({"data": GRANT, "headers": basic(b"\xff:\xff")}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Bearer abc"}}, 401, "invalid_client"),
    ],
)
def test_error_table_of_rfc_6749(dealer: DocumentedClient, options: Any, status: int, error: str) -> None:
    """Each fault has its error code, and a 401 says how to authenticate."""
    if "content" in options:
        options = options | {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    answer = dealer.post("oauth/token", **options)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_unknown_client_and_wrong_secret_look_the_same(dealer: DocumentedClient) -> None:
    """Nobody learns which client ids exist."""
    unknown = dealer.post("oauth/token", data=GRANT, auth=("nobody", "wrong"))
    wrong = dealer.post("oauth/token", data=GRANT, auth=("demo", "wrong"))
    assert (unknown.content, unknown.headers) == (wrong.content, wrong.headers)


def test_credentials_in_the_header_are_form_urlencoded(dealer_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A colon in a client id survives (RFC 6749 section 2.3.1)."""
    arguments = parse(["add-client", "a:b c", "--scope", "users:read", "--data", str(dealer_data)])
    arguments.run(arguments)
    secret = capsys.readouterr().out.strip()
    dealer = DocumentedClient("tokendealer", build(dealer_data, ISSUER, LIFETIME))
    answer = dealer.post("oauth/token", data=GRANT, headers=basic(f"a%3Ab+c:{secret}".encode()))
    assert answer.json()["scope"] == "users:read"


def test_unknown_and_empty_fields_are_ignored(dealer: DocumentedClient) -> None:
    """An extension's field does no harm, a field without value is none (RFC 6749 section 3.2)."""
    answer = dealer.post("oauth/token", data=GRANT | {"resource": "x", "scope": ""}, auth=BASIC)
    assert answer.json()["scope"] == "users:read users:write runs:read runs:write"


def test_scope_is_granted_once_each(dealer: DocumentedClient) -> None:
    """A scope that is asked for twice is one scope."""
    answer = dealer.post("oauth/token", data=GRANT | {"scope": "runs:read runs:read"}, auth=BASIC)
    assert answer.json()["scope"] == "runs:read"


def test_json_is_no_form(dealer: DocumentedClient) -> None:
    """Another media type is 415."""
    assert dealer.post("oauth/token", json=POST).status_code == 415


def test_introspection_describes_a_good_token(dealer: DocumentedClient) -> None:
    """The answer repeats the claims."""
    token = ask(dealer)
    assert introspect(dealer, token) == {"active": True, "token_type": "Bearer"} | verify(dealer, token)


def test_introspection_of_anything_else_says_no_more_than_inactive(
    dealer: DocumentedClient, dealer_data: Path, clock: Clock
) -> None:
    """Expired, forged, unsigned, foreign tokens and rubbish are all just inactive."""
    token = ask(dealer)
    claims = verify(dealer, token)
    kid = jwt.get_unverified_header(token)["kid"]
    ours, other = keys.load(dealer_data / "keys.json")[0], keys.generate(0)
    without_id = {name: value for name, value in claims.items() if name != "jti"}
    bad = [
        "rubbish",
        token[:-8] + "AAAAAAAA",
        jwt.encode(claims, other.private, "RS256", headers={"kid": kid}),
        jwt.encode(claims, other.private, "RS256", headers={"kid": "unknown"}),
        jwt.encode(claims, "", "none", headers={"kid": kid}),
        jwt.encode(claims | {"iss": "http://elsewhere"}, ours.private, "RS256", headers={"kid": kid}),
        jwt.encode(without_id, ours.private, "RS256", headers={"kid": kid}),
    ]
    assert [introspect(dealer, token) for token in bad] == [{"active": False}] * len(bad)
    clock.time += LIFETIME
    assert introspect(dealer, token) == {"active": False}


def test_introspection_needs_a_client(dealer: DocumentedClient) -> None:
    """Who holds a token may not ask about it without credentials (RFC 7662 section 2.1)."""
    assert dealer.post("oauth/introspect", data={"token": ask(dealer)}).status_code == 401
    assert dealer.post("oauth/introspect", data={"token": ""}, auth=BASIC).json()["error"] == "invalid_request"


def test_key_set_holds_public_keys_only(dealer: DocumentedClient) -> None:
    """The set is what RFC 7517 asks for, and none of a key's private members is in it."""
    (key,) = dealer.get(".well-known/jwks.json").json()["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    assert len(base64.urlsafe_b64decode(key["n"] + "==")) * 8 == keys.BITS


def test_metadata_is_found_under_both_names(dealer: DocumentedClient) -> None:
    """RFC 8414 and OpenID Connect discovery give the same document, in the issuer's name."""
    metadata = dealer.get(".well-known/oauth-authorization-server").json()
    assert metadata == dealer.get(".well-known/openid-configuration").json()
    assert metadata["issuer"] == ISSUER
    assert metadata["jwks_uri"].startswith(ISSUER)


def test_rotation_keeps_old_tokens_alive_until_they_expire(
    dealer: DocumentedClient, dealer_data: Path, clock: Clock
) -> None:
    """A running dealer signs with the new key at once and publishes the old one as long as it is needed."""
    old = ask(dealer)
    path = dealer_data / "keys.json"
    keys.save(path, keys.rotate(keys.load(path), keys.generate(int(clock())), int(clock())))
    new = ask(dealer)
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert verify(dealer, old)["sub"] == verify(dealer, new)["sub"] == "demo"
    assert introspect(dealer, old)["active"]
    clock.time += LIFETIME - 1
    assert introspect(dealer, old)["active"]
    clock.time += 1
    kids = [key["kid"] for key in dealer.get(".well-known/jwks.json").json()["keys"]]
    assert kids == [jwt.get_unverified_header(new)["kid"]]


def test_rotation_forgets_keys_that_nothing_can_need() -> None:
    """A key retired for longer than any token lives is dropped from the file."""
    ring: keys.Ring = (keys.Key("a", "", 0),)
    ring = keys.rotate(ring, keys.Key("b", "", 10), 10)
    ring = keys.rotate(ring, keys.Key("c", "", 20), 20)
    assert [(key.kid, key.retired) for key in ring] == [("c", 0), ("b", 20), ("a", 10)]
    ring = keys.rotate(ring, keys.Key("d", "", 0), 15 + keys.LONGEST_LIFETIME)
    assert [key.kid for key in ring] == ["d", "c", "b"]


def run(*argv: str) -> None:
    """Run a command of the dealer in this process."""
    arguments = parse(list(argv))
    arguments.run(arguments)


def test_commands_make_a_dealer_that_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """keygen, add-client and rotate leave files that the service starts with."""
    folder = str(tmp_path / "new")
    run("keygen", "--data", folder)
    capsys.readouterr()
    run("add-client", "importer", "--scope", "runs:write", "--audience", "a", "--audience", "b", "--data", folder)
    secret = capsys.readouterr().out.strip()
    run("rotate", "--data", folder)
    dealer = DocumentedClient("tokendealer", build(Path(folder), ISSUER, LIFETIME))
    answer = dealer.post("oauth/token", data=GRANT | {"audience": "b"}, auth=("importer", secret))
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["scope"]) == ("b", "runs:write")
    assert len(dealer.get(".well-known/jwks.json").json()["keys"]) == 2


def test_secrets_are_stored_for_the_owner_only_and_never_in_clear(dealer_data: Path) -> None:
    """Files are 0600, and no file holds a client's secret."""
    for name in ("keys.json", "clients.json"):
        assert stat.S_IMODE((dealer_data / name).stat().st_mode) == 0o600
        assert b"demo-secret" not in (dealer_data / name).read_bytes()


@pytest.mark.parametrize("name", ["keys.json", "clients.json"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_files_that_others_may_touch_stop_the_start(dealer_data: Path, name: str, mode: int) -> None:
    """The message names the file and the remedy."""
    (dealer_data / name).chmod(mode)
    with pytest.raises(UsageError, match=rf"{name} .*chmod 600"):
        build(dealer_data, ISSUER, LIFETIME)


@pytest.mark.parametrize("name", ["keys.json", "clients.json"])
@pytest.mark.parametrize("content", ["{", '[{"id": 1}]', '[{"kid": "a", "pem": "x", "created": 1}]'])
def test_broken_files_stop_the_start(dealer_data: Path, name: str, content: str) -> None:
    """Cut-off and foreign content is named, not guessed at."""
    (dealer_data / name).write_text(content)
    with pytest.raises(UsageError, match=name):
        build(dealer_data, ISSUER, LIFETIME)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--data", "{new}"], "no signing key"),
        (["--data", "{old}", "--lifetime", "86401"], "--lifetime"),
        (["--data", "{old}", "--demo", "--host", "0.0.0.0"], "--demo"),
        (["keygen", "--data", "{old}"], "exists"),
        (["rotate", "--data", "{new}"], "no signing key"),
        (["add-client", "demo", "--data", "{old}"], "exists"),
    ],
)
def test_misuse_is_refused(dealer_data: Path, tmp_path: Path, argv: list[str], message: str) -> None:
    """Commands that cannot work say why and change nothing."""
    before = {path.name: path.read_bytes() for path in dealer_data.iterdir()}
    with pytest.raises(UsageError, match=message):
        run(*(word.format(new=tmp_path / "new", old=dealer_data) for word in argv))
    assert {path.name: path.read_bytes() for path in dealer_data.iterdir()} == before


def test_keys_without_clients_are_not_enough(dealer_data: Path) -> None:
    """A dealer that nobody can ask does not start."""
    (dealer_data / "clients.json").write_text(json.dumps([]))
    with pytest.raises(UsageError, match="add-client"):
        build(dealer_data, ISSUER, LIFETIME)
