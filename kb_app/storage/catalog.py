"""Documents and chunks of one knowledge base: the truth from which both indexes are derived."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import func

from kb_app.storage import descriptions, passages
from kb_app.storage.chunk_rows import replace_chunks
from kb_app.storage.database import batches, reading, writing
from kb_app.storage.schema import chunks, documents, knowledge_bases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kb_app.storage.passages import Outline
    from kb_app.types import Chunk, Description, Passage

# Every search asks: a statement that is made once takes a third of the time.
_GENERATION = sa.select(knowledge_bases.c.generation).where(knowledge_bases.c.id == sa.bindparam("kb"))


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was when it was read.

    Attributes:
        path: Absolute path, the identity of a document.
        source: Path below the ingested folder, with ``/`` separators.
        sha256: Of the bytes; empty if they could not be read.
        size: In bytes.
        mtime_ns: Time of the last change, nanoseconds.
        read_ns: When it was read, nanoseconds.
        fingerprint: Version of parser and chunker that read it.
        error: Why it could not be read; empty if it could.
        container: Path of the archive or mail that the file is in; empty for a file of its own.
        doc_id: Key in the catalog; 0 before it is stored.
    """

    path: str
    source: str
    sha256: str = ""
    size: int = 0
    mtime_ns: int = 0
    read_ns: int = 0
    fingerprint: str = ""
    error: str = ""
    container: str = ""
    doc_id: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What was read from a file."""

    chunks: tuple[Chunk, ...]
    title: str = ""
    pages: int | None = None
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document of a knowledge base.

    Attributes:
        doc_id: Key, as in ``Passage.doc_id``.
        source: Path below the ingested folder, with ``/`` separators.
        path: Absolute path of the file.
        title: From the document, or its file name.
        pages: Number of pages, slides or sheets, or None.
        chunks: Number of chunks.
        pending: Chunks whose vector is still to be computed; keywords find them already.
        error: Why the file could not be read when last tried; empty if it could.
        details: Further fields, e.g. sender and date of a mail.
    """

    doc_id: str
    source: str
    path: str
    title: str
    pages: int | None
    chunks: int
    pending: int
    error: str
    details: dict[str, str]


class Catalog:
    """The rows of one knowledge base. Every change is one transaction and moves the generation on."""

    def __init__(self, engine: sa.Engine, kb_id: int) -> None:
        self.engine = engine
        self.kb_id = kb_id

    def generation(self) -> int:
        """A number that moves whenever a reader may find something else than before."""
        with reading(self.engine) as connection:
            return connection.execute(_GENERATION, {"kb": self.kb_id}).scalar() or 0

    def files(self) -> list[FileRecord]:
        """All files ever read into the knowledge base and not removed, by path."""
        c = documents.c
        columns = [c[field.name] for field in fields(FileRecord) if field.name != "doc_id"]
        query = sa.select(*columns, c.id.label("doc_id")).where(c.kb_id == self.kb_id)
        with reading(self.engine) as connection:
            found = [FileRecord(**row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda file: file.path)

    def documents(self) -> list[DocumentInfo]:
        """All documents, by source."""
        d, c = documents.c, chunks.c
        columns = (d.id, d.source, d.path, d.title, d.pages, d.error, d.details)
        pending = func.sum(sa.case((c.in_vectors, 0), else_=1))
        alive = sa.and_(c.doc_id == d.id, c.deleted == sa.false())
        query = (
            sa.select(*columns, func.count(c.id), func.coalesce(sa.case((func.count(c.id) > 0, pending)), 0))
            .select_from(documents.outerjoin(chunks, alive))
            .where(d.kb_id == self.kb_id)
            .group_by(d.id)
        )
        with reading(self.engine) as connection:
            found = [
                DocumentInfo(str(i), source, path, title, pages, count, left, error, dict(details))
                for i, source, path, title, pages, error, details, count, left in connection.execute(query)
            ]
        return sorted(found, key=lambda document: (document.source, document.path))

    def changes(self) -> int:
        """A number that moves with what is known of the documents, and not with what the indexes do."""
        return descriptions.changes(self.engine, self.kb_id)

    def removed(self, known: Collection[int]) -> list[int]:
        """Which of the documents are not there any more, where ``known`` are the ids of all that there were."""
        return descriptions.removed(self.engine, self.kb_id, known)

    def descriptions(self, doc_ids: Collection[int] | None = None, *, after: int = -1) -> list[Description]:
        """What is known of documents without their text, in the order of their ids.

        Args:
            doc_ids: Only of these, as far as they are there; None means all.
            after: Only of those that changed since ``changes`` was this number.
        """
        return descriptions.descriptions(self.engine, self.kb_id, doc_ids, after)

    def save(self, file: FileRecord, content: Content) -> int:
        """Store a document that was read; chunks whose text is unchanged keep their ids and vectors.

        Returns:
            The number of chunks that were not there before.
        """
        values = {"title": content.title, "pages": content.pages, "details": content.details}
        with self._changing() as connection:
            doc_id = _upsert(connection, self.kb_id, file, values)
            return replace_chunks(connection, self.kb_id, doc_id, content.chunks)

    def fail(self, file: FileRecord) -> None:
        """Note why a file could not be read; what an earlier version of it said stays."""
        if file.doc_id:
            with writing(self.engine) as connection:
                update = documents.update().where(documents.c.id == file.doc_id)
                connection.execute(update.values(error=file.error))
        else:
            with self._changing() as connection:
                _upsert(connection, self.kb_id, file, {"title": ""})

    def touch(self, files: Iterable[FileRecord]) -> None:
        """Note new times, paths or names of files whose bytes are unchanged; nothing is embedded again."""
        files = list(files)
        if not files:
            return
        with self._changing() as connection:
            for file in files:
                old = connection.execute(
                    sa.select(documents.c.source).where(documents.c.id == file.doc_id)
                ).scalar_one()
                _upsert(connection, self.kb_id, file, {})
                if old != file.source:
                    renamed = chunks.update().where(chunks.c.doc_id == file.doc_id)
                    connection.execute(renamed.values(in_keywords=False))

    def finish(self, container: str, fingerprint: str) -> None:
        """Note that an archive or mail and all files within it were read, but for those that failed."""
        d = documents.c
        there = sa.and_(d.kb_id == self.kb_id, sa.or_(d.path == container, d.container == container))
        unfinished = sa.and_(there, d.fingerprint == "", d.error == "")
        with writing(self.engine) as connection:
            connection.execute(documents.update().where(unfinished).values(fingerprint=fingerprint))

    def remove(self, doc_ids: Sequence[int]) -> None:
        """Remove documents: they are not found any more from now on; the indexes follow later."""
        if not doc_ids:
            return
        with self._changing() as connection:
            for part in batches(doc_ids):
                connection.execute(chunks.update().where(chunks.c.doc_id.in_(part)).values(deleted=True))
                connection.execute(documents.delete().where(documents.c.id.in_(part)))

    def passages(self, chunk_ids: Collection[int]) -> dict[int, Passage]:
        """The passages of chunk ids, without score; ids that no document has any more are left out."""
        return passages.passages(self.engine, self.kb_id, chunk_ids)

    def outlines(self, chunk_ids: Collection[int]) -> dict[int, Outline]:
        """What a ranking compares of chunk ids; ids that no document has any more are left out."""
        return passages.outlines(self.engine, self.kb_id, chunk_ids)

    def neighbours(self, doc_id: int, start: int, *, around: int = 1) -> list[Passage]:
        """The chunks of a document around an offset, in reading order."""
        c = chunks.c
        alive = sa.select(c.id).where(c.doc_id == doc_id, c.deleted == sa.false())
        before = alive.where(c.start < start).order_by(c.start.desc()).limit(around)
        after = alive.where(c.start >= start).order_by(c.start).limit(around + 1)
        with reading(self.engine) as connection:
            ids = [*connection.execute(before).scalars(), *connection.execute(after).scalars()]
        return sorted(self.passages(ids).values(), key=lambda passage: passage.start)

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """A transaction that changes documents; its number is counted first, for their rows to bear it."""
        with writing(self.engine) as connection:
            bump(connection, self.kb_id, of_documents=True)
            yield connection


def bump(connection: sa.Connection, kb_id: int, *, of_documents: bool = False) -> None:
    """Move the generation on, so that readers look again; at the documents too where those have changed."""
    c = knowledge_bases.c
    moved = {"generation": c.generation + 1} | ({"changes": c.changes + 1} if of_documents else {})
    connection.execute(knowledge_bases.update().where(c.id == kb_id).values(moved))


def _upsert(connection: sa.Connection, kb_id: int, file: FileRecord, values: Mapping[str, object]) -> int:
    change = sa.select(knowledge_bases.c.changes).where(knowledge_bases.c.id == kb_id).scalar_subquery()
    row = {**asdict(file), "kb_id": kb_id, "change": change, **values}
    doc_id = row.pop("doc_id")
    if not doc_id:
        return int(connection.execute(documents.insert().values(row).returning(documents.c.id)).scalar_one())
    connection.execute(documents.update().where(documents.c.id == doc_id).values(row))
    return int(doc_id)
