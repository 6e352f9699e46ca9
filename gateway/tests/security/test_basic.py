"""HTTP Basic: read strictly, compared with what is stored."""

import asyncio
from base64 import b64encode

import pytest

from gateway.security.basic import BasicScheme, known_users, parse_credentials
from gateway.security.hashing import PasswordHash, derive
from gateway.security.password_check import PasswordChecker
from gateway.security.principal import InvalidToken, Malformed, Principal
from gateway.security.records import PasswordRecord
from gateway.tests.security.storing import CHEAP, head, users

SECRET = CHEAP._replace(digest=derive(CHEAP, b"secret"))
OTHER = CHEAP._replace(digest=derive(CHEAP, b"other"))


def encoded(text: str | bytes) -> bytes:
    """What comes behind `Basic `."""
    return b64encode(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("text", "name", "password"),
    [
        ("Aladdin:open sesame", "Aladdin", b"open sesame"),
        ("test:123\xa3", "test", "123\xa3".encode()),
        ("anna:", "anna", b""),
        ("anna:a:b:", "anna", b"a:b:"),
        ("a\u030a:u\u0308", "\xe5", "\xfc".encode()),
    ],
)
def test_credentials(text: str, name: str, password: bytes) -> None:
    """The first two are those of RFC 7617; only the first colon parts, and both parts are normalised."""
    assert parse_credentials(encoded(text)) == (name, password)


@pytest.mark.parametrize(
    "credential",
    [
        b"",
        b"=",
        b"anna:secret",
        encoded("anna:secret")[:-1],
        encoded("anna:secre").rstrip(b"="),
        encoded("anna:secret") + b"=",
        encoded("anna:secret") + b" ",
        encoded("anna:secret") + b", " + encoded("anna:secret"),
        b"YW5uYTpzZWNyZXR=",
        encoded(b"\xfb\xff:\xfe").replace(b"+", b"-").replace(b"/", b"_"),
        encoded("anna"),
        encoded(":secret"),
        encoded("an\0na:secret"),
        encoded("anna:sec\nret"),
        encoded("anna:sec\x85ret"),
        encoded(b"anna:\xff"),
        encoded(b"anna:\xed\xa0\x80"),
        b"\xff",
        encoded("anna:" + "s" * 1000),
        b"A" * 1_000_000,
    ],
)
def test_credentials_that_cannot_be_read(credential: bytes) -> None:
    """Not base64, stray bits, not UTF-8, no colon, control characters, too long; no word of it is repeated."""
    with pytest.raises(Malformed) as caught:
        parse_credentials(credential)
    assert "secret" not in str(caught.value)
    str(caught.value).encode("ascii")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Basic YTpi", b"YTpi"),
        (b"bAsIc  YTpi", b"YTpi"),
        (b"Basic ", b""),
        (b"Basic", None),
        (b"BasicYTpi", None),
        (b"Bearer YTpi", None),
        (b"", None),
    ],
)
def test_what_is_offered(value: bytes, expected: bytes | None) -> None:
    """Only what is of this scheme."""
    scheme = BasicScheme("people", (users(),), PasswordChecker())
    assert scheme.offered(head((b"Authorization", value))) == expected


def test_users_are_known_by_their_passwords() -> None:
    """Recalled without a comparison, until the password changes."""
    people = users(PasswordRecord("anna", SECRET, ("read",)))
    compared: list[bytes] = []

    def compare(stored: PasswordHash, password: bytes) -> bytes:
        compared.append(password)
        return derive(stored, password)

    scheme = BasicScheme("people", (people,), PasswordChecker(compare=compare))
    good = encoded("anna:secret")

    async def ask(credential: bytes) -> Principal:
        return scheme.recall(credential, head()) or await scheme.verify(credential, head())

    async def scenario() -> None:
        assert scheme.recall(good, head()) is None
        principal = await ask(good)
        assert (principal.subject, principal.issuer, principal.scopes) == ("anna", "people", {"read"})
        assert await ask(good) == principal and compared == [b"secret"]
        for wrong in ("anna:Secret", "Anna:secret", "nobody:secret", "anna:"):
            with pytest.raises(InvalidToken, match="user name or the password is wrong"):
                await ask(encoded(wrong))
        people.source.content = known_users("people", [PasswordRecord("anna", OTHER)])[0]  # type: ignore[attr-defined]
        people.refresh()
        assert scheme.recall(good, head()) is None
        with pytest.raises(InvalidToken):
            await ask(good)
        assert (await ask(encoded("anna:other"))).scopes == frozenset()

    asyncio.run(scenario())


def test_somebody_unknown_costs_as_much_as_a_wrong_password() -> None:
    """The comparison happens, with a hash of the same cost that is nobody's."""
    compared: list[tuple[str, tuple[int, int, int]]] = []

    def compare(stored: PasswordHash, password: bytes) -> bytes:
        compared.append((stored.algorithm, stored.cost))
        return b""

    scheme = BasicScheme("people", (users(PasswordRecord("anna", SECRET)),), PasswordChecker(compare=compare))

    async def scenario() -> None:
        for name in ("anna", "nobody"):
            with pytest.raises(InvalidToken, match="user name or the password is wrong"):
                await scheme.verify(encoded(f"{name}:guess"), head())

    asyncio.run(scenario())
    assert compared == [("scrypt", CHEAP.cost)] * 2


def test_argon2id_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flaw names what to install."""
    monkeypatch.setattr("gateway.security.basic.find_spec", lambda name: None)
    record = PasswordRecord("anna", PasswordHash("argon2id", (19456, 2, 1), b"s" * 16, b"d" * 32))
    _, flaws = known_users("people", [record])
    assert "contract-gateway[argon2]" in flaws[0].message
