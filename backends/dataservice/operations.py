"""The operations of `specs/dataservice.yaml`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from connexion import request
from connexion.lifecycle import ConnexionResponse
from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backends.common import hashing
from backends.common.app import empty, reply
from backends.common.conditional import require_match, unchanged
from backends.common.problem import Problem
from backends.dataservice import represent
from backends.dataservice.store import Run, Store, User

Body = dict[str, Any]
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}  # the ones with ON CONFLICT
MAX_ID = 2**53 - 1


class DataService:
    """One method per operation of the document."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def list_users(self, limit: int, cursor: str | None = None) -> ConnexionResponse:
        """listUsers"""
        return self.users_after(select(User), represent.user, limit, cursor)

    def list_strava_links(self, limit: int, cursor: str | None = None) -> ConnexionResponse:
        """listStravaLinks"""
        linked = select(User).where(User.strava_token.is_not(None))
        return self.users_after(linked, lambda user: {"user_id": user.id, "token": user.strava_token}, limit, cursor)

    def users_after(
        self, query: Select[User], show: Callable[[User], Body], limit: int, cursor: str | None
    ) -> ConnexionResponse:
        """One page of users, by id."""
        if cursor is not None:
            query = query.where(User.id > user_position(cursor))
        with self.store.reading() as session:
            rows = session.scalars(query.order_by(User.id).limit(limit + 1)).all()
        return page(rows, limit, show, lambda user: represent.encode_cursor(user.id))

    def register_user(self, body: Body) -> ConnexionResponse:
        """registerUser"""
        concealed = hashing.conceal(body["password"])
        try:
            with self.store.writing() as session:
                user = User(**body | {"email": body["email"].lower(), "password": concealed})
                session.add(user)
                session.flush()
                session.refresh(user)  # numbers as the database has them
                headers = {"Location": f"/data/users/{user.id}", "ETag": represent.user_tag(user)}
                return reply(represent.user(user), 201, headers)
        except IntegrityError:
            raise Problem(409, "This e-mail address is taken.") from None

    def get_user(self, user_id: int) -> ConnexionResponse:
        """getUser"""
        with self.store.reading() as session:
            user = find_user(session, user_id)
        return unless_unchanged(represent.user_tag(user), lambda: represent.user(user))

    def update_user(self, user_id: int, body: Body) -> ConnexionResponse:
        """updateUser"""
        with self.store.writing() as session:
            user = find_user(session, user_id, lock=True)
            require_match(field("if-match"), represent.user_tag(user), "user")
            for name, value in body.items():
                setattr(user, name, hashing.conceal(value) if name == "password" else value)
            user.version += 1
            session.flush()
            session.refresh(user)  # numbers as the database has them
            return reply(represent.user(user), 200, {"ETag": represent.user_tag(user)})

    def delete_user(self, user_id: int) -> ConnexionResponse:
        """deleteUser"""
        with self.store.writing() as session:
            user = find_user(session, user_id, lock=True)
            require_match(field("if-match"), represent.user_tag(user), "user")
            session.execute(delete(User).where(User.id == user_id))
        return empty()

    def check_credentials(self, body: Body) -> ConnexionResponse:
        """checkCredentials"""
        with self.store.reading() as session:
            user = session.scalar(select(User).where(User.email == body["email"].lower()))
        valid = hashing.matches(body["password"], user.password if user else None)
        return reply({"valid": valid, "user_id": user.id if user and valid else None})

    def link_strava(self, user_id: int, body: Body) -> ConnexionResponse:
        """linkStrava"""
        return self.keep_token(user_id, body["token"])

    def unlink_strava(self, user_id: int) -> ConnexionResponse:
        """unlinkStrava"""
        return self.keep_token(user_id, None)

    def keep_token(self, user_id: int, token: str | None) -> ConnexionResponse:
        """Set a user's Strava token; that changes what others see of the user."""
        with self.store.writing() as session:
            user = find_user(session, user_id, lock=True)
            if user.strava_token != token:
                user.strava_token = token
                user.version += 1
        return empty()

    def get_runs(
        self, user_id: int, limit: int, year: int | None = None, month: int | None = None, cursor: str | None = None
    ) -> ConnexionResponse:
        """getRuns"""
        query = select(Run).where(Run.runner_id == user_id, *period(year, month))
        if cursor is not None:
            query = query.where(tuple_(Run.start_date, Run.id) > tuple_(*run_position(cursor)))
        with self.store.reading() as session:
            find_user(session, user_id)
            rows = session.scalars(query.order_by(Run.start_date, Run.id).limit(limit + 1)).all()
        return page(rows, limit, represent.run, lambda run: represent.encode_cursor(run.start_date.isoformat(), run.id))

    def add_runs(self, user_id: int, body: Body) -> ConnexionResponse:
        """addRuns"""
        runs = [run | {"start_date": represent.from_text(run["start_date"])} for run in body["runs"]]
        with self.store.writing() as session:
            find_user(session, user_id, lock=True)
            added = sum(insert_run(session, run | {"runner_id": user_id}) for run in runs)
            known = select(Run.strava_id, Run.id).where(Run.runner_id == user_id)
            wanted = known.where(Run.strava_id.in_({run["strava_id"] for run in runs}))
            ids = {row.strava_id: row.id for row in session.execute(wanted)}
        return reply({"added": added, "skipped": len(runs) - added, "ids": [ids[run["strava_id"]] for run in runs]})

    def get_run(self, run_id: int) -> ConnexionResponse:
        """getRun"""
        with self.store.reading() as session:
            run = session.get(Run, run_id) if run_id <= MAX_ID else None
        if run is None:
            raise Problem(404, f"There is no run {run_id}.")
        return unless_unchanged(represent.run_tag(run), lambda: represent.run(run))


def find_user(session: Session, user_id: int, lock: bool = False) -> User:
    """The user, kept from being changed by others until the transaction ends if `lock`; raises 404."""
    user = session.get(User, user_id, with_for_update=lock or None) if user_id <= MAX_ID else None
    if user is None:
        raise Problem(404, f"There is no user {user_id}.")
    return user


def insert_run(session: Session, run: Body) -> bool:
    """Add the run unless the runner has one with that Strava id; whether it was added."""
    insert = INSERT[session.get_bind().dialect.name](Run).values(**run)
    return session.execute(insert.on_conflict_do_nothing().returning(Run.id)).first() is not None


def page(
    rows: Sequence[Any], limit: int, show: Callable[[Any], Body], cursor: Callable[[Any], str]
) -> ConnexionResponse:
    """The first `limit` rows; one row more than that means that there is a next page."""
    shown = rows[:limit]
    following = cursor(shown[-1]) if len(rows) > limit else None
    return reply({"items": [show(row) for row in shown], "next": following})


def unless_unchanged(etag: str, show: Callable[[], Body]) -> ConnexionResponse:
    """200 with the representation, or 304 when the client has it."""
    if unchanged(field("if-none-match"), etag):
        return empty(304, {"ETag": etag})
    return reply(show(), 200, {"ETag": etag})


def field(name: str) -> str | None:
    """The values of a request header field, joined (RFC 9110 section 5.3); None when there are none."""
    values = request.headers.getlist(name)
    return ", ".join(values) if values else None


def period(year: int | None, month: int | None) -> list[Any]:
    """The conditions for runs that started in a year, or in a month of it; raises 400."""
    if year is None:
        if month is not None:
            raise Problem(400, '"month" needs "year".')
        return []
    start = datetime(year, month or 1, 1)
    end = datetime(year, month + 1, 1) if month and month < 12 else datetime(year + 1, 1, 1)
    return [Run.start_date >= start, Run.start_date < end]


def user_position(cursor: str) -> int:
    """The id of the last user of a page; raises 400."""
    keys = represent.decode_cursor(cursor)
    if len(keys) != 1 or not keys[0].isdecimal() or int(keys[0]) > MAX_ID:
        raise represent.bad_cursor()
    return int(keys[0])


def run_position(cursor: str) -> tuple[datetime, int]:
    """Start and id of the last run of a page; raises 400."""
    try:
        start, id = represent.decode_cursor(cursor)
        position = datetime.fromisoformat(start), int(id)
    except ValueError:
        raise represent.bad_cursor() from None
    if position[0].tzinfo or not 0 <= position[1] <= MAX_ID:
        raise represent.bad_cursor()
    return position
