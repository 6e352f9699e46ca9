"""The tables, and transactions on SQLite or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint, create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

from backends.common.command import UsageError

Id = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up in INTEGER columns only
PROFILE = ("age", "weight", "max_hr", "rest_hr", "vo2max")


def utc_now() -> datetime:
    """Now, as the tables keep times: UTC without saying so."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


class Table(DeclarativeBase):
    """Base of the tables."""


class User(Table):
    """A runner. `version` counts the changes; `password` is concealed."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  ids of deleted users never come back

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    email: Mapped[str] = mapped_column(String(128), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    firstname: Mapped[str] = mapped_column(String(128))
    lastname: Mapped[str] = mapped_column(String(128))
    age: Mapped[int | None]
    weight: Mapped[float | None]
    max_hr: Mapped[int | None]
    rest_hr: Mapped[int | None]
    vo2max: Mapped[float | None]
    strava_token: Mapped[str | None] = mapped_column(String(128))
    created: Mapped[datetime] = mapped_column(default=utc_now)


class Run(Table):
    """A run; stored once per runner and Strava id, and never changed."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("runner_id", "strava_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    runner_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(128))
    description: Mapped[str | None] = mapped_column(String(512))
    strava_id: Mapped[int] = mapped_column(BigInteger)
    distance: Mapped[float]
    start_date: Mapped[datetime]
    elapsed_time: Mapped[int]
    average_speed: Mapped[float | None]
    average_heartrate: Mapped[float | None]
    total_elevation_gain: Mapped[float | None]


class Store:
    """A database, with its tables made if need be. Raises UsageError when it cannot be used."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            self.engine = connect_sqlite(parsed) if is_sqlite(parsed) else create_engine(parsed)
            Table.metadata.create_all(self.engine)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise UsageError(f"no database driver for that URL: {error}") from None
        except OperationalError as error:
            raise UsageError(f"the database cannot be used: {error.orig}") from None
        self.engine.dispose()  # worker processes are forked after this and must not share connections
        self.writer = self.engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that changes nothing."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, unless an exception ends it."""
        with Session(self.writer) as session, session.begin():
            yield session


def is_sqlite(url: URL) -> bool:
    """Whether SQLite is behind this URL."""
    return url.get_backend_name() == "sqlite"


def connect_sqlite(url: URL) -> Engine:
    """SQLite with real transactions: a writer waits at the start instead of failing in the middle."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 10})

    def opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own idea of when a transaction starts
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", opened)
    event.listen(engine, "begin", begin)
    return engine
