"""Hashes of keys and passwords: known vectors, strict reading, bounds."""

import hashlib
import hmac

import pytest

from gateway.security import hashing
from gateway.security.hashing import (
    KeyHash,
    PasswordHash,
    derive,
    hash_key,
    hash_password,
    parse_key_hash,
    parse_password_hash,
)

SALT, DIGEST = "c29tZSBzYWx0IGhlcmU", "A" * 43
CHEAP = PasswordHash("scrypt", (14, 8, 1), b"SodiumChloride", b"\0" * 32)


@pytest.mark.parametrize(
    ("pepper", "expected"),
    [
        (b"", KeyHash("sha256", hashlib.sha256(b"a key").digest())),
        (b"pepper", KeyHash("hmac-sha256", hmac.digest(b"pepper", b"a key", "sha256"))),
    ],
)
def test_keys_are_hashed_with_the_pepper(pepper: bytes, expected: KeyHash) -> None:
    """HMAC with one, a plain hash without; both are read back as they were written."""
    assert hash_key(b"a key", pepper) == expected
    assert parse_key_hash(expected.text()) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256",
        "sha256:",
        "sha256:" + "A" * 42,
        "sha256:" + "A" * 42 + "B",
        "md5:" + "A" * 43,
        "sha256:" + "!" * 43,
    ],
)
def test_hashes_of_keys_are_read_strictly(text: str) -> None:
    """Another algorithm, another length and what is no canonical base64url are refused, without a word of the hash."""
    with pytest.raises(ValueError, match="its hash is") as caught:
        parse_key_hash(text)
    assert "AAAA" not in str(caught.value)


def test_scrypt_is_that_of_the_rfc() -> None:
    """RFC 7914 section 12, third vector."""
    digest = derive(CHEAP._replace(digest=b"\0" * 64), b"pleaseletmein")
    assert digest.hex().startswith("7023bdcb3afd7348461c06cd81fd38eb")


def test_argon2id_is_that_of_the_reference() -> None:
    """The same string as the reference implementation's binding makes of it."""
    argon2 = pytest.importorskip("argon2")
    text = argon2.PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash("secret")
    stored = parse_password_hash(text)
    assert stored.text() == text
    assert derive(stored, b"secret") == stored.digest != derive(stored, b"Secret")


def test_a_new_password_is_salted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hashes of one password differ, and both are found right."""
    monkeypatch.setattr(hashing, "SCRYPT_COST", (14, 8, 1))
    one, two = hash_password(b"secret"), hash_password(b"secret")
    assert one.digest != two.digest
    assert parse_password_hash(one.text()) == one
    assert derive(two, b"secret") == two.digest


def test_a_decoy_costs_the_same_and_is_nobodys() -> None:
    """Cost and lengths stay, salt and digest do not."""
    decoy = CHEAP.decoy()
    assert (decoy.algorithm, decoy.cost) == (CHEAP.algorithm, CHEAP.cost)
    assert decoy.digest != CHEAP.digest and decoy.salt != CHEAP.salt


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no PHC string"),
        ("secret", "no PHC string"),
        ("$2b$12$" + "a" * 53, "no PHC string"),
        (f"$argon2i$v=19$m=19456,t=3,p=1${SALT}${DIGEST}", "no PHC string"),
        (f"$argon2id$v=16$m=19456,t=3,p=1${SALT}${DIGEST}", "not understood"),
        (f"$argon2id$m=19456,t=3,p=1${SALT}${DIGEST}", "not understood"),
        (f"$scrypt$ln=14,p=5,r=8${SALT}${DIGEST}", "not understood"),
        (f"$scrypt$ln=10,r=8,p=1${SALT}${DIGEST}", "so cheap"),
        (f"$argon2id$v=19$m=1024,t=1,p=1${SALT}${DIGEST}", "so cheap"),
        (f"$scrypt$ln=0,r=8,p=1${SALT}${DIGEST}", "not from 1 to 20"),
        (f"$scrypt$ln=9999999,r=8,p=1${SALT}${DIGEST}", "not from 1 to 20"),
        (f"$scrypt$ln=20,r=8,p=1${SALT}${DIGEST}", "more than the gateway"),
        (f"$scrypt$ln=14,r=8,p=99${SALT}${DIGEST}", "more than the gateway"),
        (f"$argon2id$v=19$m=9999999,t=1,p=1${SALT}${DIGEST}", "more than the gateway"),
        (f"$argon2id$v=19$m=65536,t=3,p=0${SALT}${DIGEST}", "more than the gateway"),
    ],
)
def test_hashes_of_passwords_are_read_strictly(text: str, message: str) -> None:
    """Other algorithms, and costs that give passwords away or take the gateway's memory."""
    with pytest.raises(ValueError, match=message) as caught:
        parse_password_hash(text)
    assert DIGEST not in str(caught.value)
