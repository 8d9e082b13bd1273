"""What the indexes still have to do to agree with the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import false, func

from kb_app.storage.catalog import bump
from kb_app.storage.database import batches, reading, writing
from kb_app.storage.schema import chunks, documents
from kb_app.types import Chunk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

PAGE = 512
_C = chunks.c


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk as the indexes see it.

    Attributes:
        id: Key in the catalog and in both indexes.
        doc_id: Key of its document.
        name: Source and title of its document, for the keyword index.
        text: Headings and text.
        digest: Equal for equal texts.
    """

    id: int
    doc_id: int
    name: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a knowledge base: chunks, those that wait for an index, and its documents.

    Attributes:
        documents: Those that say something. Neither an archive nor a mail that only holds others is one.
        failed: Those that could not be read; one that could be before is counted above too, it says what it said.
    """

    documents: int
    failed: int
    chunks: int
    pending_keywords: int
    pending_vectors: int


class Pending:
    """The unfinished rows of one knowledge base."""

    def __init__(self, engine: sa.Engine, kb_id: int) -> None:
        self._engine = engine
        self._kb_id = kb_id
        self._mine = _C.kb_id == kb_id
        self._alive = sa.and_(self._mine, _C.deleted == false())

    def without_keywords(self, *, limit: int = PAGE) -> list[IndexedChunk]:
        """Chunks that the keyword index does not have yet, oldest first."""
        return self._page(sa.and_(self._alive, _C.in_keywords == false()), 0, limit)

    def without_vector(self, *, after: int = 0, limit: int = PAGE) -> list[IndexedChunk]:
        """Chunks with an id above ``after`` that have no vector yet, oldest first."""
        return self._page(sa.and_(self._alive, _C.in_vectors == false()), after, limit)

    def deleted(self, *, limit: int = PAGE) -> list[int]:
        """Ids of chunks that are to leave both indexes."""
        query = sa.select(_C.id).where(self._mine, _C.deleted).order_by(_C.id).limit(limit)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def twins(self, digests: Collection[str]) -> dict[str, int]:
        """For each digest a chunk that has a vector already."""
        query = (
            sa.select(_C.digest, func.min(_C.id))
            .where(self._mine, _C.in_vectors, _C.digest.in_(digests))
            .group_by(_C.digest)
        )
        with reading(self._engine) as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def mark_keywords(self, chunk_ids: Sequence[int]) -> None:
        """Note that the keyword index has these chunks."""
        self._set(chunk_ids, "in_keywords")

    def mark_vectors(self, chunk_ids: Sequence[int]) -> None:
        """Note that the vector index has these chunks."""
        self._set(chunk_ids, "in_vectors")

    def unmark(self, chunk_ids: Sequence[int] | None = None, *, keywords: bool = False, vectors: bool = False) -> None:
        """Ask for chunks to be indexed anew; all of them if none are named."""
        values = ({"in_keywords": False} if keywords else {}) | ({"in_vectors": False} if vectors else {})
        wanted = [self._mine] if chunk_ids is None else [self._mine & _C.id.in_(part) for part in batches(chunk_ids)]
        with writing(self._engine) as connection:
            for where in wanted:
                connection.execute(chunks.update().where(where).values(values))
            bump(connection, self._kb_id)

    def forget(self, chunk_ids: Collection[int]) -> None:
        """Drop the rows of deleted chunks, once both indexes are without them."""
        with writing(self._engine) as connection:
            connection.execute(chunks.delete().where(self._mine, _C.deleted, _C.id.in_(chunk_ids)))
            bump(connection, self._kb_id)

    def indexed_ids(self) -> Iterator[tuple[int, bool, bool]]:
        """All chunks that are alive: id, in the keyword index, in the vector index."""
        query = sa.select(_C.id, _C.in_keywords, _C.in_vectors).where(self._alive).order_by(_C.id)
        with reading(self._engine) as connection:
            yield from connection.execution_options(yield_per=10_000).execute(query)

    def counts(self) -> Counts:
        """Numbers of the knowledge base as they are now."""
        d = documents.c
        says = sa.exists().where(_C.doc_id == d.id, _C.deleted == false())
        docs = sa.select(func.count(sa.case((says, 1))), func.count(sa.case((d.error != "", 1))))
        alive = sa.select(func.count()).where(self._alive)
        with reading(self._engine) as connection:
            readable, failed = connection.execute(docs.where(d.kb_id == self._kb_id)).one()
            return Counts(
                documents=readable,
                failed=failed,
                chunks=connection.execute(alive).scalar_one(),
                pending_keywords=connection.execute(alive.where(_C.in_keywords == false())).scalar_one(),
                pending_vectors=connection.execute(alive.where(_C.in_vectors == false())).scalar_one(),
            )

    def _page(self, where: sa.ColumnElement[bool], after: int, limit: int) -> list[IndexedChunk]:
        query = (
            sa.select(_C.id, _C.doc_id, documents.c.source, documents.c.title, _C.headings, _C.text, _C.digest)
            .join_from(chunks, documents, _C.doc_id == documents.c.id)
            .where(where, _C.id > after)
            .order_by(_C.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [
                IndexedChunk(i, doc_id, f"{source}\n{title}", Chunk(text, 0, 0, tuple(headings)).indexed_text, digest)
                for i, doc_id, source, title, headings, text, digest in connection.execute(query)
            ]

    def _set(self, chunk_ids: Sequence[int], column: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(chunks.update().where(_C.id.in_(chunk_ids)).values({column: True}))
            bump(connection, self._kb_id)
