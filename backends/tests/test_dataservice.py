"""The data service: users, runs, pages, versions, secrets."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backends.common import hashing
from backends.common.command import UsageError
from backends.dataservice.store import Store
from backends.tests.documented import DocumentedClient

GRACE = {"email": "grace@example.com", "password": "correct horse battery", "firstname": "Grace", "lastname": "Hopper"}
PATCH = {"Content-Type": "application/merge-patch+json"}


def run(strava_id: int, start: str = "2026-03-01T08:00:00Z", **more: Any) -> dict[str, Any]:
    """A run to be added."""
    return {"title": "Run", "strava_id": strava_id, "distance": 5000, "start_date": start, "elapsed_time": 1500} | more


def add(data: DocumentedClient, *runs: dict[str, Any], user: int = 3) -> dict[str, Any]:
    """What became of a batch."""
    answer = data.post(f"users/{user}/runs", json={"runs": runs})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def walk(data: DocumentedClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    while True:
        page = data.get(path, params=query).json()
        items += page["items"]
        assert len(page["items"]) <= query["limit"]
        if page["next"] is None:
            return items
        assert page["items"], "an empty page cannot have a next one"
        query["cursor"] = page["next"]


def test_what_is_registered_is_what_is_read(data: DocumentedClient) -> None:
    """A new user is found at its Location, with the same ETag and without the password."""
    profile = {"age": 85, "weight": 60.25, "max_hr": 170, "rest_hr": 50, "vo2max": 40.5}
    created = data.post("users", json=GRACE | profile)
    assert created.status_code == 201
    found = data.get(f"http://service{created.headers['location']}")
    assert found.json() == created.json()
    assert found.headers["etag"] == created.headers["etag"]
    expected = {name: value for name, value in (GRACE | profile).items() if name != "password"}
    assert {name: found.json()[name] for name in expected} == expected


def test_address_is_taken_in_any_case(data: DocumentedClient) -> None:
    """Addresses are compared in lower case."""
    assert data.post("users", json=GRACE | {"email": "ADA@Example.com"}).status_code == 409
    assert data.post("users", json=GRACE).status_code == 201
    assert data.post("users", json=GRACE).status_code == 409


def test_two_who_register_at_once_do_not_both_get_the_address(data: DocumentedClient) -> None:
    """Of many at the same time exactly one is first."""
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: data.post("users", json=GRACE).status_code, range(8)))
    assert sorted(statuses) == [201] + [409] * 7


def test_passwords_and_tokens_never_come_back(data: DocumentedClient, store: Store) -> None:
    """The database file holds no password in clear, and no public answer holds one or a Strava token."""
    data.post("users", json=GRACE)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = Path(str(store.engine.url.database)).read_bytes()
    assert b"grace@example.com" in stored
    assert b"correct horse battery" not in stored
    assert "3f1a9d" not in data.get("users").text + data.get("users/1").text


@pytest.mark.parametrize(
    "change",
    [
        {"password": "short"},
        {"email": "nobody"},
        {"email": "a b@example.com"},
        {"firstname": ""},
        {"lastname": "a\u0000b"},
        {"age": -1},
        {"age": "36"},
        {"weight": 0},
        {"age": None},
        {"is_admin": True},
        {"firstname": "x" * 129},
    ],
)
def test_registration_that_breaks_the_contract(data: DocumentedClient, change: dict[str, Any]) -> None:
    """400 names the place and not the value, and nobody is registered."""
    answer = data.post("users", json=GRACE | change)
    assert answer.status_code == 400
    assert "correct horse" not in answer.text
    assert len(data.get("users").json()["items"]) == 3


def test_bad_values_are_not_echoed(data: DocumentedClient) -> None:
    """A password that is refused is not in the answer."""
    answer = data.post("users", json=GRACE | {"password": "hunter2"})
    assert answer.json()["detail"] == 'The body breaks "minLength" at "/password".'


def test_half_a_surrogate_pair_is_refused(data: DocumentedClient) -> None:
    """JSON can spell text that is none; that is the client's fault and no failure."""
    body = b'{"email": "a@b.c", "password": "12345678", "firstname": "\\ud800", "lastname": "x"}'
    answer = data.post("users", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["' OR 1=1 --", "Robert'); DROP TABLE users;--", "{{7*7}}", "<script>", "😀 Ünïcode"])
def test_text_is_only_text(data: DocumentedClient, text: str) -> None:
    """Whatever looks like code somewhere is stored and returned as it is."""
    location = data.post("users", json=GRACE | {"lastname": text}).headers["location"]
    assert data.get(f"http://service{location}").json()["lastname"] == text
    assert len(data.get("users").json()["items"]) == 4


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_users_hold_everybody_once(data: DocumentedClient, limit: int) -> None:
    """Walking all pages gives all users in the order in which they registered."""
    for number in range(4):
        data.post("users", json=GRACE | {"email": f"grace{number}@example.com"})
    assert [user["id"] for user in walk(data, "users", limit=limit)] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 100])
def test_pages_of_runs_hold_every_run_once(data: DocumentedClient, limit: int) -> None:
    """Runs come oldest first, also where several start at the same time."""
    starts = ["2026-03-02T08:00:00Z", "2026-03-01T08:00:00.5Z", "2026-03-01T08:00:00Z"]
    ids = add(data, *(run(number, starts[number % 3]) for number in range(1, 7)))["ids"]
    walked = walk(data, "users/3/runs", limit=limit)
    assert [item["id"] for item in walked] == [ids[1], ids[4], ids[0], ids[3], ids[2], ids[5]]


def test_cursor_survives_changes(data: DocumentedClient) -> None:
    """What is added or deleted between two pages neither repeats nor hides other items."""
    first = data.get("users", params={"limit": 2}).json()
    data.delete("users/2", headers={"If-Match": "*"})
    data.post("users", json=GRACE)
    second = data.get("users", params={"limit": 2, "cursor": first["next"]}).json()
    assert [user["id"] for user in second["items"]] == [3, 4]


@pytest.mark.parametrize(
    "cursor", ["A", "AAAA", "____", "MXwy", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "4pGg", "MjAyNi0wMS0wMXwtMQ"]
)
@pytest.mark.parametrize("path", ["users", "users/1/runs", "strava-links"])
def test_invented_cursor_is_refused(data: DocumentedClient, path: str, cursor: str) -> None:
    """A cursor that never was a `next` is 400, whatever it decodes to."""
    assert data.get(path, params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("limit", ["0", "101", "x", "1.5", ""])
def test_limit_out_of_bounds(data: DocumentedClient, limit: str) -> None:
    """The size of a page has bounds."""
    assert data.get("users", params={"limit": limit}).status_code == 400


@pytest.mark.parametrize(
    ("path", "field", "status"),
    [
        ("users/1", None, 200),
        ("users/1", '"user-1-1"', 304),
        ("users/1", 'W/"user-1-1"', 304),
        ("users/1", '"other", "user-1-1"', 304),
        ("users/1", "*", 304),
        ("users/1", '"user-1-2"', 200),
        ("users/1", "user-1-1", 200),
        ("runs/1", '"run-1"', 304),
        ("runs/1", '"run-2"', 200),
        ("users/99", "*", 404),
    ],
)
def test_conditional_reads(data: DocumentedClient, path: str, field: str | None, status: int) -> None:
    """If-None-Match compares weakly and takes lists and `*` (RFC 9110 section 13.1.2)."""
    answer = data.get(path, headers={} if field is None else {"If-None-Match": field})
    assert answer.status_code == status
    assert ("etag" in answer.headers) == (status != 404)


@pytest.mark.parametrize(
    ("user", "field", "status"),
    [
        (1, None, 428),
        (1, '"user-1-1"', 200),
        (1, '"other", "user-1-1"', 200),
        (1, "*", 200),
        (1, 'W/"user-1-1"', 412),
        (1, '"user-1-2"', 412),
        (1, "user-1-1", 412),
        (99, "*", 404),
    ],
)
def test_conditional_writes(data: DocumentedClient, user: int, field: str | None, status: int) -> None:
    """If-Match is required and compares strongly (RFC 9110 section 13.1.1); a refused change changes nothing."""
    headers = {} if field is None else {"If-Match": field}
    before = data.get("users/1").text
    answer = data.patch(f"users/{user}", json={"age": 99}, headers=PATCH | headers)
    assert answer.status_code == status
    assert (data.get("users/1").text == before) == (status != 200)
    expected = 204 if status == 200 else status
    etag = answer.headers.get("etag", field)
    assert data.delete(f"users/{user}", headers={"If-Match": etag} if etag else {}).status_code == expected


def test_of_two_writers_one_learns_that_it_was_late(data: DocumentedClient) -> None:
    """No update is lost: of many that read the same version one succeeds."""
    etag = data.get("users/1").headers["etag"]

    def write(age: int) -> int:
        answer = data.patch("users/1", json={"age": age}, headers=PATCH | {"If-Match": etag})
        return int(answer.status_code)

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(write, range(20, 28)))
    assert sorted(statuses) == [200] + [412] * 7
    assert data.get("users/1").json()["age"] == 20 + statuses.index(200)


def test_etag_stands_for_these_very_bytes(data: DocumentedClient) -> None:
    """The answer to a change and the next read agree byte by byte, as a strong ETag promises."""
    changed = data.patch("users/1", json={"weight": 60}, headers=PATCH | {"If-Match": "*"})
    read = data.get("users/1")
    assert (changed.headers["etag"], changed.content) == (read.headers["etag"], read.content)


def test_merge_patch_removes_with_null(data: DocumentedClient) -> None:
    """Absent attributes stay, null removes one (RFC 7396)."""
    changed = data.patch("users/1", json={"weight": None, "age": 37}, headers=PATCH | {"If-Match": "*"}).json()
    assert "weight" not in changed
    assert (changed["age"], changed["max_hr"]) == (37, 184)


@pytest.mark.parametrize("patch", [{}, {"id": 7}, {"email": "x@y.z"}, {"firstname": None}, {"age": 151}, [], 1])
def test_patch_that_breaks_the_contract(data: DocumentedClient, patch: Any) -> None:
    """Nothing else can be changed, and a patch must change something."""
    assert data.patch("users/1", json=patch, headers=PATCH | {"If-Match": "*"}).status_code == 400


def test_patch_in_plain_json_is_not_a_merge_patch(data: DocumentedClient) -> None:
    """The media type says what `null` means, so another one is 415."""
    assert data.patch("users/1", json={"age": 1}, headers={"If-Match": "*"}).status_code == 415


def test_password_can_be_changed(data: DocumentedClient) -> None:
    """The new one is good, the old one is not."""
    data.patch("users/1", json={"password": "difference engine"}, headers=PATCH | {"If-Match": "*"})
    for password, valid in (("difference engine", True), ("analytical engine", False)):
        answer = data.post("credentials/check", json={"email": "ada@example.com", "password": password})
        assert answer.json()["valid"] == valid


def test_deleting_a_user_takes_the_runs_along(data: DocumentedClient) -> None:
    """Nothing of the user is left, and the id is never given again."""
    newest = data.post("users", json=GRACE).json()["id"]
    (run_id,) = add(data, run(1), user=newest)["ids"]
    assert data.delete(f"users/{newest}", headers={"If-Match": "*"}).status_code == 204
    assert data.get(f"users/{newest}").status_code == 404
    assert data.get(f"users/{newest}/runs").status_code == 404
    assert data.get(f"runs/{run_id}").status_code == 404
    assert data.post("users", json=GRACE).json()["id"] > newest


def test_batch_can_be_repeated(data: DocumentedClient) -> None:
    """A second time adds nothing and names the same runs; duplicates within a batch count once."""
    first = add(data, run(1), run(2), run(1))
    assert (first["added"], first["skipped"], first["ids"][0]) == (2, 1, first["ids"][2])
    again = add(data, run(2), run(1), run(3))
    assert (again["added"], again["skipped"]) == (1, 2)
    assert again["ids"][:2] == [first["ids"][1], first["ids"][0]]
    assert len(walk(data, "users/3/runs", limit=100)) == 3


def test_strava_ids_are_known_per_user(data: DocumentedClient) -> None:
    """Two users may have a run with the same Strava id."""
    assert add(data, run(1), user=2)["added"] == add(data, run(1), user=3)["added"] == 1


def test_batches_at_the_same_time_add_each_run_once(data: DocumentedClient) -> None:
    """Many who import the same runs at once do no harm and all learn the same ids."""
    batch = [run(number) for number in range(1, 21)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: add(data, *batch), range(8)))
    assert sum(result["added"] for result in results) == 20
    assert len({tuple(result["ids"]) for result in results}) == 1


def test_batch_for_nobody(data: DocumentedClient) -> None:
    """Runs of a user that does not exist are refused."""
    assert data.post("users/99/runs", json={"runs": [run(1)]}).status_code == 404


@pytest.mark.parametrize(
    "batch",
    [
        {},
        {"runs": []},
        {"runs": [run(1, distance=-1)]},
        {"runs": [run(1, start="yesterday")]},
        {"runs": [run(1, start="2026-02-30T00:00:00Z")]},
        {"runs": [run(1, start="0001-01-01T00:00:00+12:00")]},
        {"runs": [run(1, runner_id=1)]},
        {"runs": [run(2**53)]},
        {"runs": [run(number) for number in range(1, 202)]},
    ],
)
def test_batch_that_breaks_the_contract(data: DocumentedClient, batch: dict[str, Any]) -> None:
    """One bad run spoils the batch: nothing of it is added."""
    assert data.post("users/3/runs", json=batch).status_code == 400
    assert walk(data, "users/3/runs", limit=100) == []


def test_run_is_read_as_it_was_added(data: DocumentedClient) -> None:
    """Times come back in UTC, attributes that were not given are absent."""
    (id,) = add(data, run(7, "2026-03-01T00:30:00+01:00", average_speed=3.5))["ids"]
    assert data.get(f"runs/{id}").json() == run(7, "2026-02-28T23:30:00Z", average_speed=3.5, id=id, runner_id=3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"year": 2025}, [1]),
        ({"year": 2026}, [2, 3, 4]),
        ({"year": 2025, "month": 12}, [1]),
        ({"year": 2026, "month": 1}, [2, 3]),
        ({"year": 2026, "month": 12}, [4]),
        ({"year": 2026, "month": 2}, []),
    ],
)
def test_runs_of_a_year_or_month(data: DocumentedClient, query: dict[str, int], found: list[int]) -> None:
    """A run belongs to the month in which it started, in UTC; the edges belong to one month each."""
    starts = ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-01-31T23:59:59Z", "2026-12-31T23:59:59Z"]
    add(data, *(run(number, start) for number, start in enumerate(starts, 1)))
    assert [item["strava_id"] for item in walk(data, "users/3/runs", limit=2, **query)] == found


@pytest.mark.parametrize(
    ("query", "status"),
    [({"month": 1}, 400), ({"year": 2026, "month": 13}, 400), ({"year": "MMXXVI"}, 400), ({"years": 2026}, 400)],
)
def test_filters_are_not_guessed_at(data: DocumentedClient, query: dict[str, Any], status: int) -> None:
    """A filter that makes no sense, or has no such name, is refused instead of ignored."""
    assert data.get("users/1/runs", params=query).status_code == status


@pytest.mark.parametrize(
    ("email", "password", "valid"),
    [
        ("ada@example.com", "analytical engine", True),
        ("Ada@Example.COM", "analytical engine", True),
        ("ada@example.com", "Analytical engine", False),
        ("ada@example.com", "", False),
        ("nobody@example.com", "analytical engine", False),
    ],
)
def test_credentials(data: DocumentedClient, email: str, password: str, valid: bool) -> None:
    """Only address and password together are good."""
    answer = data.post("credentials/check", json={"email": email, "password": password})
    assert answer.json() == {"valid": valid, "user_id": 1 if valid else None}


def test_unknown_address_costs_as_much_as_a_wrong_password(
    data: DocumentedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both hash exactly once, so that the time taken tells nothing."""
    salts: list[str] = []
    digest = hashing.digest

    def counted(secret: str, salt: str) -> str:
        salts.append(salt)
        return digest(secret, salt)

    monkeypatch.setattr(hashing, "digest", counted)
    for email in ("ada@example.com", "nobody@example.com"):
        data.post("credentials/check", json={"email": email, "password": "wrong password"})
    assert len(salts) == 2


def test_strava_links(data: DocumentedClient) -> None:
    """Linking and unlinking can be repeated, shows in the user and its version, and is listed with the token."""
    assert data.get("strava-links").json()["items"] == [{"user_id": 1, "token": "3f1a9d"}]
    etag = data.get("users/2").headers["etag"]
    for _ in range(2):
        assert data.put("users/2/strava", json={"token": "new"}).status_code == 204
    assert data.get("users/2").json()["strava_linked"] is True
    assert data.get("users/2").headers["etag"] != etag
    assert walk(data, "strava-links", limit=1)[1] == {"user_id": 2, "token": "new"}
    for _ in range(2):
        assert data.delete("users/2/strava").status_code == 204
    assert data.get("users/2").json()["strava_linked"] is False
    assert data.put("users/99/strava", json={"token": "new"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [("users/0", 400), ("users/99", 404), ("users/x", 404), ("users/1.5", 404), ("runs/99", 404), ("nothing", 404)],
)
def test_what_does_not_exist(data: DocumentedClient, path: str, status: int) -> None:
    """Ids that are none, and unknown ids, give a problem document."""
    answer = data.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "no database driver"),
        ("oracle9://x/y", "no database driver"),
        ("sqlite:////nowhere/at/all.db", "cannot be used"),
    ],
)
def test_database_that_cannot_be_used(url: str, message: str) -> None:
    """The start is refused with a reason."""
    with pytest.raises(UsageError, match=message):
        Store(url)
