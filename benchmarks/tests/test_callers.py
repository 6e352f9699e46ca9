"""Credentials that are good, and settings that accept them."""

from pathlib import Path

import jwt

from benchmarks import callers


def test_a_token_is_signed_by_the_published_key(tmp_path: Path) -> None:
    """For the audience, and for longer than a run takes."""
    settings, headers = callers.with_token(tmp_path)
    issuer = settings["issuers"]["main"]
    (key,) = jwt.PyJWKSet.from_json(Path(issuer["jwks"]).read_text()).keys
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, key, ["RS256"], audience=issuer["audience"], issuer=issuer["issuer"])
    assert claims["exp"] - claims["iat"] == callers.GOOD_FOR


def test_a_key_is_in_the_store(tmp_path: Path) -> None:
    """Not itself: its hash."""
    settings, headers = callers.with_key(tmp_path)
    text = Path(settings["keys"]["partners"]["file"]).read_text()
    assert headers["X-Api-Key"] not in text
    assert callers.SUBJECT in text
