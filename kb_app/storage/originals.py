"""The file that a passage was read from, as long as it is still the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from kb_app.storage.database import reading
from kb_app.storage.passages import passages
from kb_app.storage.schema import documents

if TYPE_CHECKING:
    from kb_app.types import Line, Passage


def file_of(engine: sa.Engine, kb_id: int, doc_id: int) -> Path | None:
    """The file of a document; None where it is gone, has changed since it was read, or is in an archive or a mail."""
    c = documents.c
    query = sa.select(c.path, c.container, c.size, c.mtime_ns).where(c.id == doc_id, c.kb_id == kb_id)
    with reading(engine) as connection:
        row = connection.execute(query).first()
    if row is None or row.container:
        return None
    path = Path(row.path)
    try:
        now = path.stat()
    except OSError:
        return None
    return path if (now.st_size, now.st_mtime_ns) == (row.size, row.mtime_ns) else None


def lines_of(engine: sa.Engine, kb_id: int, passage: Passage) -> tuple[Line, ...]:
    """Where the lines of a passage stand now; none where the document was read anew and says something else."""
    now = passages(engine, kb_id, [int(passage.chunk_id)]).get(int(passage.chunk_id))
    return now.lines if now and (now.doc_id, now.text) == (passage.doc_id, passage.text) else ()
