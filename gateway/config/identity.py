"""Settings about who is calling: issuers of tokens, stores of API keys and passwords, and what backends are told."""

# ruff: noqa: RUF009 - `setting` makes a dataclass field, as `field` itself does

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.declare import setting

SCOPES = "`hierarchical` lets a scope stand for those below it: `runs` for `runs:read` and `runs.own`"


@dataclass(frozen=True, slots=True)
class Introspection:
    """Asking the issuer about opaque tokens (RFC 7662)."""

    url: str = setting("", "the introspection endpoint; empty is none")
    client_id: str = setting("", "the gateway's own client id there")
    client_secret: str = setting("", "and its secret", secret=True)
    cache: float = setting(60.0, "longest time an answer is believed; `exp` may shorten it", unit="seconds", minimum=0)
    negative_cache: float = setting(5.0, "how long a refused token is remembered", unit="seconds", minimum=0)
    timeout: float = setting(2.0, "longest time to wait for an answer", unit="seconds", minimum=0.01)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are accepted, and how they are checked (RFC 7519, RFC 7517, RFC 8725)."""

    issuer: str = setting("", "the exact `iss` of its tokens; taken from `discovery` when empty")
    audience: tuple[str, ...] = setting((), "the `aud` values of which a token must hold one", one=True)
    jwks: str = setting("", "URL or file of its JSON Web Key Set; taken from `discovery` when empty", path=True)
    discovery: str = setting("", "URL of its OpenID Connect or RFC 8414 metadata")
    algorithms: tuple[str, ...] = setting(
        ("RS256",),
        "signature algorithms accepted",
        choices=(
            *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
            *("ES256", "ES384", "ES512", "EdDSA"),
        ),
    )
    leeway: float = setting(10.0, "clock difference tolerated for `exp` and `nbf`", unit="seconds", minimum=0)
    refresh: float = setting(300.0, "age at which the key set is fetched again", unit="seconds", minimum=1)
    cooldown: float = setting(30.0, "least time between two fetches for an unknown `kid`", unit="seconds", minimum=0)
    clients: tuple[str, ...] = setting(
        (), "clients whose tokens are accepted, by `azp` or `client_id`; empty is all of them", one=True
    )
    claims: Mapping[str, tuple[str, ...]] = setting(
        dict,
        "claims that a token must hold, each with the values of which it must hold one; `*` is any value; a name that "
        "begins with `/` is a JSON Pointer (RFC 6901), such as `/realm_access/roles`",
        one=True,
    )
    token_type: str = setting(
        "any",
        "`at+jwt` accepts only tokens that call themselves access tokens, and hold what such a token must (RFC 9068)",
        choices=("any", "at+jwt"),
    )
    binding: str = setting(
        "offered",
        "tokens bound to a key by `cnf` always need its proof (RFC 8705, RFC 9449); `required` refuses all others",
        choices=("offered", "required"),
    )
    scopes: str = setting("exact", SCOPES, choices=("exact", "hierarchical"))
    introspection: Introspection = setting(Introspection, "how tokens that are no JWTs are judged")


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Where API keys are known from: exactly one of `file`, `variable` and `database`. Keys are stored hashed."""

    file: str = setting("", "file of keys, as `gateway keys create` writes it", path=True)
    variable: str = setting("", "environment variable with the lines of such a file")
    database: str = setting("", "URL of an SQL database", secret=True)
    pepper: str = setting("", "the secret that keys are hashed with (HMAC-SHA-256)", secret=True)
    scopes: str = setting("exact", SCOPES, choices=("exact", "hierarchical"))
    refresh: float = setting(5.0, "longest time until a change is seen", unit="seconds", minimum=0.1)


@dataclass(frozen=True, slots=True)
class PasswordStore:
    """Where user names and passwords are known from: exactly one of `file`, `variable` and `database`."""

    file: str = setting("", "file of lines NAME:HASH, where the hash is scrypt or argon2id", path=True)
    variable: str = setting("", "environment variable with such lines")
    database: str = setting("", "URL of an SQL database", secret=True)
    scopes: str = setting("exact", SCOPES, choices=("exact", "hierarchical"))
    refresh: float = setting(5.0, "longest time until a change is seen", unit="seconds", minimum=0.1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the backend of an API gets instead of, or beside, the caller's own credentials."""

    mode: str = setting(
        "tokens",
        "access tokens are passed on, while API keys and passwords end here (`tokens`); everything is passed on "
        "(`pass`) or removed (`strip`); the token is exchanged for one made for the backend (`exchange`, RFC 8693), or "
        "the gateway's own token takes its place (`client`, RFC 6749 section 4.4)",
        choices=("tokens", "pass", "strip", "exchange", "client"),
    )
    token_url: str = setting("", "the token endpoint for `exchange` and `client`")
    client_id: str = setting("", "the gateway's client id there")
    client_secret: str = setting("", "and its secret", secret=True)
    audience: str = setting("", "the audience to ask for")
    scope: str = setting("", "the scope to ask for, names separated by blanks")
    timeout: float = setting(2.0, "longest time to wait for the token endpoint", unit="seconds", minimum=0.01)
    leeway: float = setting(
        10.0, "how long before it expires a token is no longer sent to backends", unit="seconds", minimum=0
    )
    identity: bool = setting(False, "tell the backend who is calling in a signed token; see `identity`")


@dataclass(frozen=True, slots=True)
class Identity:
    """The gateway's own key, with which it tells backends who is calling. Its public half is at /jwks.json of the admin
    port."""

    key: str = setting("", "private key in PEM (EC P-256, or RSA of at least 2048 bits)", secret=True)
    published: str = setting(
        "",
        "file of further public keys in PEM, published beside it: the next key before it signs, the former one until "
        "its tokens have expired",
        path=True,
    )
    header: str = setting("X-Gateway-Identity", "header field that holds the token; nobody else may send it")
    issuer: str = setting("gateway", "its `iss`")
    lifetime: float = setting(60.0, "how long it is good", unit="seconds", minimum=2)


@dataclass(frozen=True, slots=True)
class Revocation:
    """Tokens and subjects that are refused although their signature is good."""

    file: str = setting(
        "", "file with lines `jti ID`, `sub SUBJECT` or `key ID`, read again when it changes", path=True
    )
    shared: bool = setting(
        False,
        "look for them in the Redis of `store` too, in the sorted set `{gateway}:revoked`; see [stores](stores.md)",
    )
