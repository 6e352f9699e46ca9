"""HTTP Basic (RFC 7617), read strictly: canonical base64 of UTF-8 text without control characters, with a colon."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from math import inf
from typing import NamedTuple

from gateway.security.hashing import SCRYPT_COST, PasswordHash
from gateway.security.password_check import PasswordChecker
from gateway.security.principal import InvalidToken, Malformed, Principal
from gateway.security.records import Flaw, Granted, PasswordRecord, has_control, password_text, user_name
from gateway.security.stores import Watched
from gateway.wire.message import RequestHead

LARGEST = 1024  # bytes of base64

_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_WRONG = "the user name or the password is wrong"


class User(NamedTuple):
    """A user as requests meet one."""

    principal: Principal
    hash: PasswordHash


Users = Mapping[str, User]  # by name


def known_users(
    store: str, records: Iterable[PasswordRecord], granted: Granted = frozenset
) -> tuple[Users, list[Flaw]]:
    """The users of a store by name, and what keeps their passwords from being compared. `granted` makes of scopes what
    they stand for."""
    users: dict[str, User] = {}
    flaws: list[Flaw] = []
    for record in records:
        if record.hash.algorithm == "argon2id" and find_spec("argon2") is None:
            flaws.append(Flaw(0, f"the hash of {record.name} is argon2id: pip install 'contract-gateway[argon2]'"))
        principal = Principal(
            subject=record.name,
            issuer=store,
            scopes=granted(record.scopes),
            claims={"sub": record.name, "scope": " ".join(record.scopes)},
            expires=inf,
            authorization=True,
        )
        users[record.name] = User(principal, record.hash)
    return users, flaws


class BasicScheme:
    """One Security Scheme Object of type http, scheme basic. See `Scheme`."""

    challenges: tuple[bytes, ...] = (b'Basic realm="gateway", charset="UTF-8"',)

    def __init__(self, name: str, stores: Iterable[Watched[Users]], checker: PasswordChecker) -> None:
        self.name = name
        self._stores = tuple(stores)
        self._checker = checker
        users = next((store.value for store in self._stores if store.value), {})
        alike = next(iter(users.values())).hash if users else PasswordHash("scrypt", SCRYPT_COST, bytes(16), bytes(32))
        self._nobody = alike.decoy()

    def start(self) -> None:
        """See `Scheme`: look for changes of the stores."""
        for store in self._stores:
            store.start()

    def offered(self, head: RequestHead) -> bytes | None:
        """See `Scheme`."""
        value = head.lookup.get(b"authorization")
        return value[6:].strip(b" ") if value is not None and value[:6].lower() == b"basic " else None

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """See `Scheme`."""
        try:
            name, _ = parse_credentials(credential)
        except InvalidToken:
            return None
        user = self._find(name)
        if user is None or not self._checker.recall(self._checker.label(credential, user.hash)):
            return None
        return user.principal

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """See `Scheme`. Somebody unknown costs as much as a wrong password."""
        name, password = parse_credentials(credential)
        user = self._find(name)
        stored = self._nobody if user is None else user.hash
        right = await self._checker.verify(self._checker.label(credential, stored), name, password, stored)
        if user is None or not right:
            raise InvalidToken(_WRONG)
        return user.principal

    def _find(self, name: str) -> User | None:
        known = (store.value for store in self._stores)  # each looked at once: another thread may exchange it
        return next((users[name] for users in known if name in users), None)


def parse_credentials(credential: bytes) -> tuple[str, bytes]:
    """User name and password (UTF-8), both in NFC. Raises Malformed."""
    if len(credential) > LARGEST or not _BASE64.fullmatch(credential):
        raise Malformed("they are not exactly one user name and password in base64")
    try:
        data = b64decode(credential, validate=True)
        text = data.decode()
    except ValueError:
        raise Malformed("they are not base64 of UTF-8 text") from None
    name, colon, password = text.partition(":")
    if b64encode(data) != credential or not colon or not name:
        raise Malformed("they are not exactly one user name and password in base64")
    if has_control(text):
        raise Malformed("the user name or the password holds a control character")
    return user_name(name), password_text(password)
