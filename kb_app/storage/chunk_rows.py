"""Writes the chunks of a document into the catalog, in place of those that were there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from kb_app.storage.schema import chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.types import Chunk


def replace_chunks(connection: sa.Connection, kb_id: int, doc_id: int, new: Sequence[Chunk]) -> int:
    """Keep the rows whose text is still there, add the new ones, mark the rest as deleted.

    Returns:
        The number of chunks that were added.
    """
    c = chunks.c
    pool: defaultdict[str, list[int]] = defaultdict(list)
    there = sa.select(c.id, c.digest).where(c.doc_id == doc_id, c.deleted == sa.false()).order_by(c.id.desc())
    for chunk_id, old_digest in connection.execute(there):
        pool[old_digest].append(chunk_id)
    moved, added = [], []
    for chunk in new:
        key = _digest(chunk.indexed_text)
        place = _place(chunk)
        if pool[key]:
            moved.append(place | {"row": pool[key].pop(), "text": chunk.text})
        else:
            added.append(place | {"kb_id": kb_id, "doc_id": doc_id, "text": chunk.text, "digest": key})
    if moved:
        connection.execute(chunks.update().where(c.id == sa.bindparam("row")), moved)
    if added:
        connection.execute(chunks.insert(), added)
    gone = [chunk_id for ids in pool.values() for chunk_id in ids]
    if gone:
        mark = chunks.update().where(c.id == sa.bindparam("row"))
        connection.execute(mark, [{"row": chunk_id, "deleted": True} for chunk_id in gone])
    return len(added)


def _place(chunk: Chunk) -> dict[str, object]:
    return {
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "headings": list(chunk.headings),
        "lines": [(line.start, line.end, line.page, *line.box) for line in chunk.lines],
    }


def _digest(text: str) -> str:
    """What decides whether a text must be embedded; not its identity."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
