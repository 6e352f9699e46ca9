"""Settings about who may connect, and from which pages: TLS, addresses, proxies, origins, browsers."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.declare import setting


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for the public listener. The first is the default; others are chosen by SNI."""

    certificate: str = setting("", "PEM file: the certificate, then those that signed it", path=True, required=True)
    key: str = setting("", "PEM file of its private key", path=True, required=True)


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS on the public listener; off without certificates."""

    certificates: tuple[Certificate, ...] = setting((), "certificates and keys; files are read again when they change")
    minimum: str = setting("1.2", "oldest version accepted", choices=("1.2", "1.3"))
    clients: str = setting(
        "off",
        "certificates of clients: not asked for, `optional` or `required`",
        choices=("off", "optional", "required"),
    )
    ca: str = setting("", "PEM file of the authorities that client certificates are accepted from", path=True)


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """TLS towards a backend with an https URL. Its certificate is always verified."""

    ca: str = setting("", "PEM file of authorities to believe instead of the system's", path=True)
    certificate: str = setting("", "PEM file of the gateway's certificate for this backend", path=True)
    key: str = setting("", "PEM file of its private key", path=True)
    minimum: str = setting("1.2", "oldest version accepted", choices=("1.2", "1.3"))
    name: str = setting("", "name to verify instead of the host of the URL")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Which client addresses may call. `deny` wins over `allow`; an empty `allow` is everybody."""

    allow: tuple[str, ...] = setting((), "networks", one=True)
    deny: tuple[str, ...] = setting((), "networks", one=True)


@dataclass(frozen=True, slots=True)
class Cors:
    """Which pages of other origins may call (the Fetch standard, CORS protocol). Off without origins."""

    origins: tuple[str, ...] = setting(
        (), "`https://app.example`, `https://*.app.example` for its subdomains, or `*`", one=True
    )
    credentials: bool = setting(False, "let cookies and other credentials come along; never with `*`")
    max_age: float = setting(600.0, "how long a browser may remember the answer", unit="seconds", minimum=0)
    headers: tuple[str, ...] = setting((), "request header fields allowed beside the documented ones", one=True)
    expose: tuple[str, ...] = setting((), "response header fields shown beside the documented ones", one=True)
    private_network: bool = setting(False, "let pages of the public internet call a private network")


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields of responses."""

    set: Mapping[str, str] = setting(dict, "put on every response, in place of the backend's own")
    remove: tuple[str, ...] = setting((), "taken from every response of a backend", one=True)
