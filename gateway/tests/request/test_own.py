"""Another's object is 403 before the backend is asked, over the wire and in every mode of validation."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.config import Concurrency, Credentials, Identity
from gateway.request import handle
from gateway.tests.harness import body_of, status_of
from gateway.tests.request.callers import bearer, document, get, settings
from gateway.tests.request.conftest import Call
from gateway.tests.security.issuing import private_key


def outcome(call: Call, folder: Path, *requests: bytes, mode: str = "block") -> list[int]:
    """The statuses; only what was answered with 200 reached the backend."""
    seen = call(*requests, document=document(mode), **settings(folder))
    statuses = [status_of(answer) for answer in seen.answers]
    assert len(seen.requests) == statuses.count(200)
    return statuses


@pytest.mark.parametrize("mode", ["block", "off"])
def test_each_caller_sees_only_the_own(call: Call, tmp_path: Path, mode: str) -> None:
    """Whatever is judged of the request otherwise; staff see all."""
    requests = [
        get(b"/users/7/things", bearer()),
        get(b"/users/%37/things", bearer(sub="7")),
        get(b"/users/8/things", bearer()),
        get(b"/users/07/things", bearer()),
        get(b"/users/8/things", bearer(scope="staff")),
        get(b"/users/8/things", bearer(scope="staffing")),
        get(b"/users/7/things", bearer(sub=None, client_id="7")),
        get(b"/things?user_id=7", bearer()),
        get(b"/things?user_id=8", bearer()),
        get(b"/things", bearer()),
        get(b"/things", bearer(scope="staff")),
    ]
    assert outcome(call, tmp_path, *requests, mode=mode) == [200, 200, 403, 403, 200, 403, 403, 200, 403, 403, 403]


@pytest.mark.parametrize(
    "target",
    [
        b"/users/7%2f..%2f8/things",
        b"/users/7;a=8/things",
        b"/users/%2537/things",
        b"/users/7%20/things",
        b"/users/8/things?user_id=7",
        b"/things?user_id=7&user_id=8",
        b"/things?user_id=8&user_id=7",
        b"/things?user_id=7;user_id=8",
        b"/things?user_id[]=8&user_id=7",
        b"/things?user_id=7&USER_ID=8",
        b"/things?user_id=7%268",
        b"/things?user%255fid=7",
    ],
)
@pytest.mark.parametrize("mode", ["block", "observe", "off"])
def test_tricks_come_to_nothing(call: Call, tmp_path: Path, target: bytes, mode: str) -> None:
    """Nothing reaches the backend in which it could find somebody else."""
    (status,) = outcome(call, tmp_path, get(target, bearer()), mode=mode)
    assert status in (400, 403)


def test_the_answer_names_neither_the_value_nor_the_caller(call: Call, tmp_path: Path) -> None:
    """A problem document without what was sent, and without a word on whether there is such an object."""
    seen = call(get(b"/users/4711/things", bearer(sub="subject-of-caller")), document=document(), **settings(tmp_path))
    problem = json.loads(body_of(seen.answers[0]))
    assert problem["type"].endswith("#forbidden") and problem["status"] == 403
    assert "user_id" in problem["detail"]
    assert seen.count("gateway_refused_total", 'cause="owner"') == 1
    assert b"4711" not in seen.answers[0] and b"subject-of-caller" not in seen.answers[0]


def test_who_is_unknown_is_told_to_authenticate(call: Call, tmp_path: Path) -> None:
    """Before anything is compared."""
    assert outcome(call, tmp_path, get(b"/users/8/things"), get(b"/users/8/things", b"Authorization: x\r\n")) == [
        401,
        401,
    ]


def test_ownership_comes_before_the_body_and_its_type(call: Call, tmp_path: Path) -> None:
    """The order of the request line: somebody else's object hides what else is wrong."""
    wrong = get(b"/users/8/things?nothing=1", bearer(), b"Content-Type: a/b\r\nContent-Length: 2\r\n") + b"[]"
    assert outcome(call, tmp_path, wrong) == [403]
    mine = get(b"/users/7/things?nothing=1", bearer(), b"Content-Type: a/b\r\nContent-Length: 2\r\n") + b"[]"
    assert outcome(call, tmp_path, mine) == [400]


def test_ownership_comes_after_the_caller_and_before_limits_and_tokens(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is somebody else's takes nothing of a limit, and nobody asks for a token in its name."""
    steps: list[str] = []

    def note(name: str) -> None:
        real = getattr(handle, name)

        def noted(*arguments: object) -> object:
            steps.append(name)
            return real(*arguments)

        monkeypatch.setattr(handle, name, noted)

    for name in ("authenticate", "own", "validate_request", "introduce", "occupy", "forward"):
        note(name)
    private = private_key("EC").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(private)
    chosen = settings(tmp_path) | {"identity": Identity(key=f"file:{tmp_path}/key.pem")}
    api = {"credentials": Credentials(identity=True), "concurrency": Concurrency(limit=9)}
    call(get(b"/users/8/things", bearer()), document=document(), api=api, **chosen)
    assert steps == ["authenticate", "own"]
    steps.clear()
    call(get(b"/users/7/things", bearer()), document=document(), api=api, **chosen)
    assert steps == ["authenticate", "own", "validate_request", "introduce", "occupy", "forward"]
    steps.clear()
    call(get(b"/users/7/things?x=1", bearer()), document=document(), api=api, **chosen)
    assert steps == ["authenticate", "own", "validate_request"]
