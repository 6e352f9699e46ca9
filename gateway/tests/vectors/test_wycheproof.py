"""Project Wycheproof's JWS and JWK vectors, at the level of keys and signatures.

Each vector is a key or a key set, a token and whether its author calls the token valid. Of the invalid ones none may be
accepted; where we refuse a valid one there is a reason.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.security.bearer import signature_check
from gateway.security.jose import parse_compact
from gateway.security.jwk import KEY_TYPES, parse_jwks
from gateway.security.principal import InvalidToken

DATA = Path(__file__).parent / "data"
ALL = tuple(KEY_TYPES)
CHECK = signature_check()

SYMMETRIC = "who could verify such a token could make it, too (RFC 8725 section 3.5): HS256, HS384, HS512 never count"
EMPTY = "an empty payload holds no claims"
OTHER_ALGORITHM = "the key says that it is for PS256, the token is signed with PS384 (RFC 7517 section 4.4)"
ES521 = "the key is for ES521, which is no algorithm (RFC 7518 section 3.4 has ES512)"
LENIENT = "characters that are not of base64url are not skipped"

# Valid vectors that we refuse: by group, then by comment.
REFUSED = {
    **dict.fromkeys(("jws_keyset", "hs256", "HS256", "HS384", "HS512"), SYMMETRIC),
    **dict.fromkeys(("emptyPayload",), EMPTY),
    **dict.fromkeys(("Figure20",), OTHER_ALGORITHM),
    **dict.fromkeys(("Figure27",), ES521),
    **dict.fromkeys(("Figure35", "ValidMac", "ValidEdgeCaseMac"), SYMMETRIC),
    **dict.fromkeys(("ValidSpacesInJsonHeader", "ValidWhiteSpaceInJsonHeader"), SYMMETRIC),
    **dict.fromkeys(("InvalidCharacterInsertedInHeader", "InvalidCharacterInsertedInPayload"), LENIENT),
}


class Case(NamedTuple):
    """One vector; `keys` is a JWK Set."""

    title: str
    group: str
    comment: str
    keys: bytes
    token: bytes
    valid: bool


def cases(name: str) -> Iterator[Case]:
    """The vectors of a file."""
    for group in json.loads((DATA / name).read_bytes())["testGroups"]:
        key: dict[str, Any] = group.get("public", group["private"])
        keys = json.dumps({"keys": key.get("keys", [key])}).encode()
        for test in group["tests"]:
            title = f"{test['tcId']} {group['comment']} {test['comment']}"
            token = test["jws"].encode()
            yield Case(title, group["comment"], test["comment"], keys, token, test["result"] == "valid")


def accepts(case: Case) -> bool:
    """Whether key and signature of the token are good to us."""
    try:
        compact = parse_compact(case.token)
        key = parse_jwks(case.keys, ALL).find(compact.kid, compact.algorithm)
        if key is None:
            return False
        CHECK(case.token, key, compact.algorithm)
    except (InvalidToken, ValueError):
        return False
    return True


@pytest.mark.parametrize("name", ["wycheproof-json-web-key.json", "wycheproof-json-web-signature.json"])
def test_vectors(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No invalid token is accepted, and no valid one refused without a reason."""
    judged = [(case, accepts(case)) for case in cases(name)]
    refused = [case for case, good in judged if case.valid and not good]
    unexplained = [case.title for case in refused if not {case.group, case.comment} & REFUSED.keys()]
    count = Counter((case.valid, good) for case, good in judged)
    with capsys.disabled():
        print(
            f"\n{name}: {count[True, True]} valid accepted, {count[True, False]} valid refused for reasons of ours, "
            f"{count[False, False]} invalid refused, {count[False, True]} invalid accepted"
        )
    assert [case.title for case, good in judged if good and not case.valid] == []
    assert unexplained == []
    assert count[True, True] > 0


def test_a_wrong_answer_would_be_seen() -> None:
    """A good vector with a changed signature."""
    good = next(case for case in cases("wycheproof-json-web-signature.json") if case.valid and accepts(case))
    head, _, signature = good.token.rpartition(b".")
    assert not accepts(good._replace(token=head + b"." + signature[::-1]))


def test_every_reason_has_its_vectors() -> None:
    """A reason that explains nothing is out of date."""
    names = ("wycheproof-json-web-key.json", "wycheproof-json-web-signature.json")
    refused = [case for name in names for case in cases(name) if case.valid and not accepts(case)]
    assert not REFUSED.keys() - {text for case in refused for text in (case.group, case.comment)}
