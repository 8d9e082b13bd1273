"""Opens the catalog's database and checks its version."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb_app.errors import StorageError
from kb_app.storage import schema
from kb_app.text import one_line

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CATALOG_FILE = "catalog.sqlite"
# Ids in one statement: SQLite takes 32,766 values, PostgreSQL 65,535.
BATCH = 10_000
_BUSY_SECONDS = 30
_REASON_LENGTH = 300
_POSTGRES = "postgresql+psycopg"
_READERS = 32
# Of several processes that find no tables one makes them; the others wait, and find them.
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(5271009)"}


def open_database(home: Path, url: str = "") -> sa.Engine:
    """Open the catalog, making it if there is none.

    Args:
        home: Folder for the SQLite file; made if it is missing.
        url: SQLAlchemy URL of another database; empty means SQLite in ``home``.

    Raises:
        StorageError: The database cannot be opened, or a newer program wrote it.
    """
    place = _place(home, url)
    shown = place.render_as_string(hide_password=True) if url else str(home / CATALOG_FILE)
    try:
        home.mkdir(parents=True, exist_ok=True)
        # A database made in the C locale would hand over bytes in place of text.
        options = {"client_encoding": "utf8"} if place.drivername == _POSTGRES else {}
        # A server may have been started again since a connection was last used.
        # Files are opened and set up once a reader, not anew for each that comes when some are busy.
        pool = {"pool_size": _READERS} if place.drivername.startswith("sqlite") else {}
        engine = sa.create_engine(place, pool_pre_ping=bool(url), connect_args=options, **pool)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _configure_sqlite)
        _prepare(engine, shown)
    except ImportError as error:
        remedy = "pip install 'kb-app[postgres]'" if place.drivername == _POSTGRES else "pip install DRIVER"
        raise StorageError(
            f"cannot open the catalog {shown}: its driver is not installed ({error}); "
            f"run `{remedy}`, or unset KB_DATABASE_URL"
        ) from error
    except (OSError, SQLAlchemyError) as error:
        raise StorageError(
            f"cannot open the catalog {shown}: {_reason(error)}; check KB_HOME and KB_DATABASE_URL"
        ) from error
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to look things up; an unreachable or damaged database becomes a StorageError.

    Raises:
        StorageError: The catalog could not be read.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise StorageError(f"cannot read the catalog: {_reason(error)}; check the database, then run again") from error


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction; a full disk or an unreachable database becomes a StorageError.

    Raises:
        StorageError: The change could not be written; nothing of it was.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StorageError(
            f"cannot write the catalog: {_reason(error)}; free disk space or check the database, then run again: "
            "what is written stays, the rest is done then"
        ) from error


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in parts that fit into one statement."""
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def _place(home: Path, url: str) -> sa.URL:
    if not url:
        return sa.URL.create("sqlite", database=str(home / CATALOG_FILE))
    try:
        place = sa.make_url(url)
    except (SQLAlchemyError, ValueError) as error:  # its message repeats the text, which may hold a password
        raise StorageError(
            "KB_DATABASE_URL is not a database URL; write for example postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    return place.set(drivername=_POSTGRES) if place.drivername in {"postgresql", "postgres"} else place


def _reason(error: Exception) -> str:
    return one_line(str(error.orig if isinstance(error, DBAPIError) else error), _REASON_LENGTH)


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare(engine: sa.Engine, place: str) -> None:
    """Make the tables, or check that this program knows the ones that are there."""
    with engine.connect() as connection:
        exists = sa.inspect(connection).has_table(schema.meta.name)
    if not exists:
        _create(engine)
    version = _version(engine)
    if version in schema.UPGRADES:
        _upgrade(engine)
        version = _version(engine)
    if version != schema.VERSION:
        raise StorageError(
            f"the catalog {place} has version {version}, this program knows version {schema.VERSION}; "
            "install the newer kb-app, or set KB_HOME to another folder"
        )


def _version(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return _version_of(connection)


def _version_of(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(schema.meta.c.value).filter_by(key="version")).scalar() or 0)


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that keeps every other process from changing the tables."""
    with engine.begin() as connection:
        if alone := _ALONE.get(engine.dialect.name):
            connection.exec_driver_sql(alone)
        yield connection


def _upgrade(engine: sa.Engine) -> None:
    """Bring an older catalog to this version, in one transaction; documents are read again at the next sync."""
    with _alone(engine) as connection:
        while (version := _version_of(connection)) in schema.UPGRADES:
            for statement in schema.UPGRADES[version]:
                connection.exec_driver_sql(statement)
            connection.execute(schema.meta.update().filter_by(key="version").values(value=str(version + 1)))


def _create(engine: sa.Engine) -> None:
    """Make all tables in one transaction, so that none are left half made."""
    with _alone(engine) as connection:
        if not sa.inspect(connection).has_table(schema.meta.name):
            schema.metadata.create_all(connection)
            connection.execute(schema.meta.insert().values(key="version", value=str(schema.VERSION)))
