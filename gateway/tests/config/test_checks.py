"""What the types of settings cannot say."""

from gateway.config import Api, Issuer, KeyStore, Settings
from gateway.config.checks import CHECKS


def flaws(settings: Settings) -> list[str]:
    """Place and message of every flaw, in the order of the checks."""
    return [f"{pointer}: {message}" for check in CHECKS for pointer, message, _ in check(settings)]


def test_who_verifies_a_scheme_is_known() -> None:
    """An issuer, a store of keys or one of passwords; each of several."""
    api = Api(__file__, "http://h", security={"jwt": ("dealer", "nobody"), "key": ("partners",)})
    issuer = Issuer(issuer="https://a.example", audience=("a",), jwks="https://a.example/keys")
    settings = Settings(apis=(api,), issuers={"dealer": issuer}, keys={"partners": KeyStore()})
    assert [flaw for flaw in flaws(settings) if "/security/" in flaw] == [
        '/apis/0/security/jwt: security scheme "jwt" names "nobody", which is not under issuers, keys or passwords'
    ]
