"""Stores in an SQL database, by SQLAlchemy: two tables, read as a whole and compared with what was read before.

A store is read as a whole, not key by key, so that a flood of unknown keys never reaches the database, and a database
that is down for a while takes nobody's access away. SQLAlchemy is an extra and imported only where a store needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gateway.security.records import Flaw, KeyRecord, PasswordRecord, key_record, password_record
from gateway.security.stores import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

KEYS, PASSWORDS = "gateway_keys", "gateway_passwords"
COLUMNS = {
    KEYS: ("id", "hash", "owner", "scopes", "expires", "quota", "created", "note", "revoked"),
    PASSWORDS: ("name", "hash", "scopes"),
}
MISSING = "SQLAlchemy is not installed: pip install 'contract-gateway[database]'"
TIMEOUT = 5  # seconds to connect, and for one statement where the database can be told

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "postgresql": {"connect_timeout": TIMEOUT, "options": f"-c statement_timeout={TIMEOUT * 1000}"},
    "mysql": {"connect_timeout": TIMEOUT},
    "sqlite": {"timeout": TIMEOUT},
}

Row = tuple[Any, ...]
T = TypeVar("T")


class Database:
    """The two tables. Connections are opened for each use and shared with nobody, so that a fork does no harm."""

    def __init__(self, url: str) -> None:
        try:
            import sqlalchemy
        except ImportError:
            raise StoreError("database", Flaw(0, MISSING)) from None
        try:
            parsed = sqlalchemy.make_url(url)
            arguments = _ARGUMENTS.get(parsed.get_backend_name(), {})
            self._engine: Engine = sqlalchemy.create_engine(
                parsed, poolclass=sqlalchemy.pool.NullPool, connect_args=arguments
            )
        except (sqlalchemy.exc.ArgumentError, ImportError, ValueError) as error:
            message = f"its URL is none that SQLAlchemy understands, or its driver is missing: {type(error).__name__}"
            raise StoreError("database", Flaw(0, message)) from None
        metadata = sqlalchemy.MetaData()
        self._tables: dict[str, Table] = {
            name: sqlalchemy.Table(
                name,
                metadata,
                *(
                    sqlalchemy.Column(
                        column,
                        sqlalchemy.String(255) if column in ("id", "name") else sqlalchemy.Text,
                        primary_key=column in ("id", "name"),
                        nullable=False,
                        server_default=None if column in ("id", "name") else "",
                    )
                    for column in columns
                ),
            )
            for name, columns in COLUMNS.items()
        }

    def rows(self, table: str) -> list[Row]:
        """All rows, ordered by their key. Raises StoreError."""
        found = self._tables[table]
        with self._connected(table) as connection:
            return [tuple(row) for row in connection.execute(found.select().order_by(*found.primary_key))]

    def put(self, record: KeyRecord | PasswordRecord) -> None:
        """Add a record, or put it in the place of the one with its id or name; the tables are made if they are not
        there. Raises StoreError."""
        table, values = _values(record)
        found, key = self._tables[table], COLUMNS[table][0]
        with self._connected(table) as connection:
            found.metadata.create_all(connection)
            connection.execute(found.delete().where(found.c[key] == values[key]))
            connection.execute(found.insert().values(values))

    def remove(self, table: str, key: str) -> None:
        """Drop the row with this id or name. Raises StoreError."""
        found = self._tables[table]
        with self._connected(table) as connection:
            connection.execute(found.delete().where(found.c[COLUMNS[table][0]] == key))

    @contextmanager
    def _connected(self, table: str) -> Iterator[Connection]:
        """One transaction. The texts of drivers may hold the URL, so none is passed on."""
        import sqlalchemy

        try:
            with self._engine.begin() as connection:
                yield connection
        except sqlalchemy.exc.SQLAlchemyError as error:
            cause = type(getattr(error, "orig", None) or error).__name__
            message = f"the database cannot be asked ({cause}); is it there, and does it have the table {table}?"
            raise StoreError(f"table {table}", Flaw(0, message)) from None


def _values(record: KeyRecord | PasswordRecord) -> tuple[str, dict[str, str]]:
    scopes = " ".join(record.scopes)
    if isinstance(record, PasswordRecord):
        return PASSWORDS, {"name": record.name, "hash": record.hash.text(), "scopes": scopes}
    return KEYS, dict.fromkeys(COLUMNS[KEYS], "") | record.members() | {"scopes": scopes}


class DatabaseSource(Generic[T]):
    """The records of a table; see `gateway.security.stores.Source`. The mark is the rows themselves."""

    def __init__(self, database: Database, table: str, make: Callable[[list[Any]], tuple[T, list[Flaw]]]) -> None:
        self._database = database
        self._table = table
        self._make = make

    def read(self, mark: object) -> tuple[object, T] | None:
        """See `Source`."""
        rows = self._database.rows(self._table)
        if rows == mark:
            return None
        content, flaws = self._make(sound(self._table, rows))
        if flaws:
            raise StoreError(f"table {self._table}", *flaws)
        return rows, content


def rows_of(database: Database, table: str) -> list[Any]:
    """The records of a table. Raises StoreError."""
    return sound(table, database.rows(table))


def sound(table: str, rows: list[Row]) -> list[Any]:
    """The records that rows hold. Raises StoreError when there are others."""
    records, flaws = _records(table, rows)
    if flaws:
        raise StoreError(f"table {table}", *flaws, rest=records)
    return records


def _records(table: str, rows: list[Row]) -> tuple[list[Any], list[Flaw]]:
    """The records that rows hold. A flaw names the row by its key."""
    records: list[Any] = []
    flaws: list[Flaw] = []
    for row in rows:
        values = dict(zip(COLUMNS[table], ("" if value is None else str(value) for value in row), strict=True))
        try:
            if table == KEYS:
                records.append(key_record(values | {"scopes": values["scopes"].split()}))
            else:
                records.append(password_record(values["name"], values["hash"], values["scopes"]))
        except ValueError as error:
            flaws.append(Flaw(0, f"the row {row[0]!r:.80}: {error}"))
    return records, flaws
