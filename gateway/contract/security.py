"""Security Requirement Objects to schemes: what a request has to carry, and who verifies it.

The document says what a caller needs; `gateway.yaml` says whose tokens, keys and passwords count. A scheme belongs to
those that the API's `security` names for it, or else to the only one of its kind that there is. A scheme's
`openIdConnectUrl` or `oauth2MetadataUrl` is where an issuer's metadata are, unless the settings name a place.

Schemes of one requirement that are proved by the same part of a request are proved together: two that take a token take
one token, of an issuer that both accept, which has the scopes of both.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.config import Api, Issuer, Settings
from gateway.contract.model import Contract, Operation, Requirement, SecurityScheme
from gateway.contract.stores import NOTHING, Stores
from gateway.security.api_key import ApiKeyScheme
from gateway.security.basic import BasicScheme
from gateway.security.bearer import bearer_verifier, proofs_for
from gateway.security.certificate import CertificateScheme
from gateway.security.introspect import ByForm, Introspector
from gateway.security.known import Known
from gateway.security.scheme import Alternative, Alternatives, Scheme
from gateway.security.token import TokenScheme, Verifier

# Kinds of credentials, by the settings' names for those who vouch for them.
TOKENS, KEYS, PASSWORDS, CERTIFICATES = "issuers", "keys", "passwords", "certificates"

# How a token may be presented (RFC 6750, RFC 9449); OAuth leaves it to the token.
PRESENTATIONS = {"bearer": ("bearer",), "dpop": ("dpop",)}
EITHER = ("bearer", "dpop")

# (type, scheme of `http`) to the kind of credential.
KINDS = {
    ("oauth2", ""): TOKENS,
    ("openIdConnect", ""): TOKENS,
    ("http", "bearer"): TOKENS,
    ("http", "dpop"): TOKENS,
    ("apiKey", ""): KEYS,
    ("http", "basic"): PASSWORDS,
    ("basic", ""): PASSWORDS,  # OpenAPI 2.0
    ("mutualTLS", ""): CERTIFICATES,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What one part of a request has to prove."""

    kind: str
    place: tuple[str, ...]  # of the credential: schemes with the same place are proved by the same credential
    names: tuple[str, ...]  # who may vouch for it, in the settings
    presentations: tuple[str, ...] = ()  # of a token
    discovery: str = ""  # where metadata are, if the settings do not say

    def with_(self, other: "Proof") -> "Proof":
        """What proves both."""
        names = tuple(name for name in self.names if name in other.names)
        presentations = tuple(way for way in self.presentations if way in other.presentations)
        return replace(self, names=names, presentations=presentations, discovery=self.discovery or other.discovery)

    @property
    def possible(self) -> bool:
        """Whether anybody could prove it."""
        return self.kind == CERTIFICATES or bool(self.names and (self.presentations or self.kind != TOKENS))

    @property
    def in_authorization(self) -> bool:
        """Whether it comes in the Authorization field, in which there is room for one."""
        return self.kind in (TOKENS, PASSWORDS) or self.place == (KEYS, "header", "authorization")


def compile_security(
    contract: Contract, settings: Settings, api: Api, known: Known, stores: Stores = NOTHING
) -> Callable[[Operation], Alternatives]:
    """A function from operation to compiled alternatives; only for what `check_security` has no error about.

    `known` holds what verifies for all APIs of a gateway; what is missing is added. `stores` are those of the settings.
    """

    def alternative(requirement: Requirement) -> Alternative:
        proofs = proofs_of(requirement, contract.schemes, settings, api)
        return tuple((_scheme(proof, settings, known, stores), scopes) for proof, scopes in proofs.items())

    return lambda operation: tuple(alternative(requirement) for requirement in enforced(operation, api))


def proofs_of(
    requirement: Requirement, schemes: Mapping[str, SecurityScheme], settings: Settings, api: Api
) -> dict[Proof, frozenset[str]]:
    """What a requirement comes down to, one proof for each credential, with its scopes.

    Those that say best who is calling come first: tokens, passwords, keys, certificates. Raises LookupError.
    """
    by_place: dict[tuple[str, ...], tuple[Proof, frozenset[str]]] = {}
    for name, scopes in requirement:
        proof = proof_of(schemes[name], settings, api)
        if proof.place in by_place:
            first, already = by_place[proof.place]
            proof, scopes = first.with_(proof), already | scopes
        by_place[proof.place] = proof, scopes
    order = (TOKENS, PASSWORDS, KEYS, CERTIFICATES)
    return dict(sorted(by_place.values(), key=lambda pair: order.index(pair[0].kind)))


def kind_of(scheme: SecurityScheme) -> str | None:
    """TOKENS, KEYS, PASSWORDS or CERTIFICATES; None for what cannot be verified."""
    return KINDS.get((scheme.type, scheme.scheme))


def proof_of(scheme: SecurityScheme, settings: Settings, api: Api) -> Proof:
    """What a scheme asks for, and who vouches for it. Raises LookupError with what to say about it."""
    kind = kind_of(scheme)
    if kind is None:
        raise LookupError(f"type {' '.join(filter(None, (scheme.type, scheme.scheme)))} is not supported")
    if kind == CERTIFICATES:
        if settings.tls.clients == "off" or not settings.tls.certificates:
            raise LookupError("no client is asked for a certificate")
        return Proof(kind, (kind,), ())
    names = api.security.get(scheme.name) or _only(kind, settings)
    missing = [name for name in names if name not in configured(kind, settings)]
    if missing:
        raise LookupError(f"{missing[0]} is not under `{kind}`")
    presentations = PRESENTATIONS.get(scheme.scheme, EITHER) if kind == TOKENS else ()
    return Proof(kind, (kind, *_place(scheme)), tuple(dict.fromkeys(names)), presentations, scheme.discovery)


def _place(scheme: SecurityScheme) -> tuple[str, ...]:
    """Where an API key is; names of header fields are the same in upper and lower case."""
    if scheme.type != "apiKey":
        return ()
    return scheme.place, scheme.parameter.lower() if scheme.place == "header" else scheme.parameter


def configured(kind: str, settings: Settings) -> Mapping[str, object]:
    """The settings of those who vouch for a kind of credential, by name."""
    sections: Mapping[str, Mapping[str, object]] = {
        TOKENS: settings.issuers,
        KEYS: settings.keys,
        PASSWORDS: settings.passwords,
    }
    return sections.get(kind, {})


def _only(kind: str, settings: Settings) -> tuple[str, ...]:
    """The only one of its kind. Raises LookupError."""
    names = tuple(configured(kind, settings))
    if len(names) > 1:
        raise LookupError(f"which of the {kind} {', '.join(names)} is behind the scheme is not said")
    if not names:
        what = {TOKENS: "issuer", KEYS: "store of keys", PASSWORDS: "store of passwords"}[kind]
        raise LookupError(f"no {what} is configured, so that nobody's {_PLURAL[kind]} could be accepted")
    return names


_PLURAL = {TOKENS: "tokens", KEYS: "keys", PASSWORDS: "passwords"}


def issuer_of(name: str, discovery: str, settings: Settings) -> Issuer:
    """An issuer's settings, completed by what a scheme says."""
    issuer = settings.issuers[name]
    return replace(issuer, discovery=discovery) if discovery and not (issuer.jwks or issuer.discovery) else issuer


def served(contract: Contract) -> Iterator[Operation]:
    """The operations that are routed."""
    return (operation for operation in contract.operations if not operation.behaviour.internal)


def enforced(operation: Operation, api: Api) -> tuple[Requirement, ...]:
    """The requirements without the schemes that are passed; one that has nothing left lets everybody in."""
    passed = operation.behaviour.passes | frozenset(api.passes)
    return tuple(
        tuple(pair for pair in requirement if f"security:{pair[0]}" not in passed) for requirement in operation.security
    )


def used_schemes(contract: Contract, api: Api) -> list[SecurityScheme]:
    """Each scheme that an operation enforces, once."""
    names = dict.fromkeys(
        name for operation in served(contract) for requirement in enforced(operation, api) for name, _ in requirement
    )
    return [contract.schemes[name] for name in names]


def _scheme(proof: Proof, settings: Settings, known: Known, stores: Stores) -> Scheme:
    if proof.kind == CERTIFICATES:
        return known.get(proof, None, CertificateScheme)
    if proof.kind == KEYS:
        keys = tuple(stores.keys[name] for name in proof.names)
        _, place, parameter = proof.place
        return known.get(proof, keys, lambda: ApiKeyScheme(", ".join(proof.names), place, parameter, keys))
    if proof.kind == PASSWORDS:
        users = tuple(stores.passwords[name] for name in proof.names)
        return known.get(proof, users, lambda: BasicScheme(", ".join(proof.names), users, stores.checker))
    issuers = {name: issuer_of(name, proof.discovery, settings) for name in proof.names}
    verifiers = tuple(
        _verifier(name, issuers[name], known, stores) for name in sorted(issuers, key=lambda name: _cost(issuers[name]))
    )
    proofs = known.get("proofs", settings.public_origins, lambda: proofs_for(settings.public_origins))
    ways = proofs if "dpop" in proof.presentations else None, "bearer" in proof.presentations
    return known.get(proof, (verifiers, ways), lambda: TokenScheme(verifiers, *ways))


def _cost(issuer: Issuer) -> int:
    """In which order several issuers are tried. Who is known by its `iss` says at once that a token is another's; for
    others metadata have to be there; and nobody is shown a token that a key can judge."""
    if not (issuer.jwks or issuer.discovery):
        return 2
    return 0 if issuer.issuer else 1


def _verifier(name: str, issuer: Issuer, known: Known, stores: Stores) -> Verifier:
    """By keys, by asking the issuer, or, where there are both, by the form of the token."""
    key = TOKENS, name, issuer.discovery
    if not issuer.introspection.url:
        return known.get(key, issuer, lambda: bearer_verifier(name, issuer))
    secret = stores.secrets[name]
    opaque = known.get((*key, "opaque"), (issuer, secret), lambda: Introspector(name, issuer, secret))
    if not (issuer.jwks or issuer.discovery):
        return opaque
    signed = known.get(key, issuer, lambda: bearer_verifier(name, issuer))
    return known.get((*key, "both"), (signed, opaque), lambda: ByForm(signed, opaque))
