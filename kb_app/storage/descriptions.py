"""Reads what is known of documents out of the catalog, all of it or what a change has moved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from kb_app.storage.database import batches, reading
from kb_app.storage.passages import file_name
from kb_app.storage.schema import documents, knowledge_bases
from kb_app.types import Description

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_D = documents.c
# Every search asks: a statement that is made once takes a third of the time.
_CHANGES = sa.select(knowledge_bases.c.changes).where(knowledge_bases.c.id == sa.bindparam("kb"))


def changes(engine: sa.Engine, kb_id: int) -> int:
    """How often documents were stored, renamed or removed."""
    with reading(engine) as connection:
        return connection.execute(_CHANGES, {"kb": kb_id}).scalar() or 0


def removed(engine: sa.Engine, kb_id: int, known: Collection[int]) -> list[int]:
    """Which documents are not there any more, as ``Catalog.removed`` says."""
    there = sa.and_(_D.kb_id == kb_id, _D.id <= max(known, default=0))  # later ones have higher ids
    with reading(engine) as connection:
        if connection.execute(sa.select(sa.func.count()).where(there)).scalar() == len(known):
            return []
        left = connection.execute(sa.select(_D.id).where(there)).scalars().all()
    return sorted(set(known).difference(left))


def descriptions(engine: sa.Engine, kb_id: int, doc_ids: Collection[int] | None, after: int) -> list[Description]:
    """What is known of documents, as ``Catalog.descriptions`` says."""
    query = sa.select(_D.id, _D.source, _D.title, _D.details, _D.mtime_ns).order_by(_D.id)
    if doc_ids is None:
        parts = [query.where(_D.kb_id == kb_id, _D.change > after)]
    else:  # the sum keeps SQLite from the index over all documents, which it prefers to a few ids
        mine = query.where(_D.kb_id + 0 == kb_id, _D.change > after)
        parts = [mine.where(_D.id.in_(part)) for part in batches(sorted(doc_ids))]
    with reading(engine) as connection:
        return [
            Description(i, source, title or file_name(source), _date(details, mtime_ns), dict(details))
            for part in parts
            for i, source, title, details, mtime_ns in connection.execute(part).all()
        ]


def _date(details: Mapping[str, str], mtime_ns: int) -> str:
    """The date of a document: its own, or that of its file."""
    return details.get("date", "")[:10] or datetime.fromtimestamp(mtime_ns / 1e9, tz=UTC).date().isoformat()
