"""Opens the catalog's database and checks its version."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb_app.errors import StorageError
from kb_app.storage import schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

CATALOG_FILE = "catalog.sqlite"
_BUSY_SECONDS = 30


def open_database(home: Path, url: str = "") -> sa.Engine:
    """Open the catalog, making it if there is none.

    Args:
        home: Folder for the SQLite file; made if it is missing.
        url: SQLAlchemy URL of another database; empty means SQLite in ``home``.

    Raises:
        StorageError: The database cannot be opened, or a newer program wrote it.
    """
    place = _without_password(url) or str(home / CATALOG_FILE)
    try:
        home.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url or f"sqlite:///{place}")
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _configure_sqlite)
        _prepare(engine, place)
    except (OSError, ImportError, SQLAlchemyError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StorageError(f"cannot open the catalog {place}: {reason}; check KB_HOME and KB_DATABASE_URL") from error
    return engine


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
            f"cannot write the catalog: {error.orig}; free disk space or check the database, then run again: "
            "what is written stays, the rest is done then"
        ) from error


def _without_password(url: str) -> str:
    return sa.make_url(url).render_as_string(hide_password=True) if url else ""


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
    with engine.begin() as connection:
        if not sa.inspect(connection).has_table(schema.meta.name):
            schema.metadata.create_all(connection)
            connection.execute(schema.meta.insert().values(key="version", value=str(schema.VERSION)))
            return
        version = int(connection.execute(sa.select(schema.meta.c.value).filter_by(key="version")).scalar() or 0)
    if version != schema.VERSION:
        raise StorageError(
            f"the catalog {place} has version {version}, this program knows version {schema.VERSION}; "
            "install the newer kb-app, or set KB_HOME to another folder"
        )
