"""What the backends of an API get of a request's head: what ends at the gateway, and what it says instead."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.config import Api, Settings
from gateway.config.secret import SecretMissing, reveal
from gateway.contract.findings import Finding, Severity
from gateway.contract.in_settings import in_settings
from gateway.contract.model import Contract, Operation, SecurityScheme
from gateway.contract.security import KINDS, TOKENS, enforced, served
from gateway.security.identity import SigningKey, UnusableKey, jwks, public_keys, signing_key
from gateway.security.introduction import Introduction, introduction
from gateway.wire.fields import CLAIMED, DROPPED_FROM_REQUESTS, spelled
from gateway.wire.withheld import IDENTITY_FIELDS, METHOD_OVERRIDES, PROOFS, Withheld

LARGEST = 1 << 20  # bytes of the file of public keys
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_OWN = ("strip", "exchange", "client")  # the modes in which nothing of the caller's own goes on


@dataclass(frozen=True, slots=True)
class Keys:
    """The gateway's own key, None when there is none, and the JWK Set for /jwks.json."""

    signing: SigningKey | None
    published: bytes


def load_keys(settings: Settings) -> Keys:
    """The keys that `identity` names. Raises UnusableKey and SecretMissing, whose texts name the setting."""
    ours = settings.identity
    if not ours.key:
        return Keys(None, jwks(()))
    try:
        key = signing_key(reveal(ours.key))
    except UnusableKey as error:
        raise UnusableKey(f"identity.key: {error}") from None
    further: tuple[Mapping[str, str], ...] = ()
    if ours.published:
        try:
            with open(ours.published, "rb") as file:
                further = public_keys(file.read(LARGEST))
        except (OSError, UnusableKey) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise UnusableKey(f"identity.published: {ours.published}: {reason}") from None
    return Keys(key, jwks((key.public, *further)))


def check_identity(settings: Settings) -> Iterator[Finding]:
    """That the gateway can sign, and publish what verifies it."""
    try:
        load_keys(settings)
    except (UnusableKey, SecretMissing) as error:
        hint = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes a key"
        yield _finding("/identity", str(error), hint)


def check_outgoing(contract: Contract, settings: Settings, api: Api) -> Iterator[Finding]:
    """What of `credentials` could not be done, and which documented header parameters never arrive."""
    given = api.credentials
    place = f"/apis/{settings.apis.index(api)}/credentials" if api in settings.apis else "/apis"
    if given.mode == "exchange":
        for operation in served(contract):
            if any(pairs and not _has_token(pairs, contract) for pairs in enforced(operation, api)):
                message = (
                    f"{operation.method} {operation.template} lets callers in who have no token that could be "
                    f"exchanged: mode exchange of API {contract.api} needs a token of each"
                )
                yield Finding(operation.where, Severity.ERROR, "credentials", message, "choose another mode")
    url = urlsplit(given.token_url)
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        message = f"the token endpoint of API {contract.api} is asked without TLS: the secret is sent for all to read"
        yield _finding(f"{place}/token-url", message, "write https://", Severity.WARNING)
    reserved = (_reserved(settings) - DROPPED_FROM_REQUESTS) | CLAIMED
    for operation in served(contract):
        for parameter in operation.parameters:
            if parameter.place == "header" and _field(parameter.name) in reserved:
                message = f"header parameter {parameter.name!r} never reaches the backend: clients may not send it"
                hint = "give it another name; see docs/credentials.md and docs/exposure.md"
                yield Finding(parameter.where, Severity.WARNING, "header-withheld", message, hint)


def _has_token(pairs: tuple[tuple[str, frozenset[str]], ...], contract: Contract) -> bool:
    return any(KINDS.get((contract.schemes[name].type, contract.schemes[name].scheme)) == TOKENS for name, _ in pairs)


def compile_outgoing(
    contract: Contract, settings: Settings, api: Api, keys: Keys
) -> Callable[[Operation], tuple[Withheld, Introduction | None]]:
    """A function from operation to what ends here and what is said instead; only for settings without an error."""
    given = api.credentials
    secret = reveal(given.client_secret).decode("utf-8", "surrogateescape") if given.client_secret else ""
    ours = introduction(contract.api, given, secret, settings.identity, keys.signing)
    reserved = _reserved(settings)
    return lambda operation: (withheld(operation, contract, api, reserved), ours)


def _reserved(settings: Settings) -> frozenset[bytes]:
    """The fields that no client's request takes to a backend."""
    overrides = METHOD_OVERRIDES if settings.method_override == "drop" else frozenset[bytes]()
    return DROPPED_FROM_REQUESTS | IDENTITY_FIELDS | overrides | {_field(settings.identity.header)}


def withheld(operation: Operation, contract: Contract, api: Api, reserved: frozenset[bytes]) -> Withheld:
    """What of an operation's requests ends here. Credentials that `pass` leaves to the backend go on; the name of a key
    that an operation documents as a parameter, without using the key, is that parameter's."""
    mode = api.credentials.mode
    if mode == "pass":
        return Withheld(reserved)
    passed = operation.behaviour.passes | frozenset(api.passes)
    ending = [scheme for scheme in contract.schemes.values() if f"security:{scheme.name}" not in passed]
    keys = [scheme for scheme in ending if scheme.type == "apiKey" and not _is_parameter(scheme, operation)]
    names = {place: [key.parameter for key in keys if key.place == place] for place in ("header", "query", "cookie")}
    left = {contract.schemes[name] for name, _ in _left(operation, passed) if name in contract.schemes}
    unjudged = any(scheme.type != "apiKey" or _field(scheme.parameter) in PROOFS for scheme in left)
    whole = mode in _OWN and (mode != "strip" or not unjudged)
    fields = reserved.union(map(_field, names["header"]), PROOFS if whole else ())
    settled = whole or unjudged or not any(enforced(operation, api))
    return Withheld(
        fields=fields,
        query=frozenset(name.encode() for name in names["query"]),
        cookies=frozenset(name.encode() for name in names["cookie"]),
        passwords=not whole and any(scheme.type == "basic" or scheme.scheme == "basic" for scheme in ending),
        unverified=frozenset() if settled else fields | PROOFS,
    )


def _left(operation: Operation, passed: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What the operation's security asks for and `pass` leaves to the backend."""
    return (pair for pairs in operation.security for pair in pairs if f"security:{pair[0]}" in passed)


def _is_parameter(scheme: SecurityScheme, operation: Operation) -> bool:
    if any(name == scheme.name for pairs in operation.security for name, _ in pairs):
        return False
    same = _field if scheme.place == "header" else str.encode
    return any(
        parameter.place == scheme.place and same(parameter.name) == same(scheme.parameter)
        for parameter in operation.parameters
    )


def _field(name: str) -> bytes:
    return spelled(name.encode("latin-1", "replace"))


def _finding(pointer: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(in_settings(pointer), severity, "credentials", message, hint)
