"""Reads chunks out of the catalog: as passages, or only what a ranking compares of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from kb_app.storage.database import reading
from kb_app.storage.schema import chunks, documents
from kb_app.types import Line, Passage

if TYPE_CHECKING:
    from collections.abc import Collection

_C, _D = chunks.c, documents.c
_OUTLINE = (_C.text, _D.source, _C.start)
_PASSAGE = (_C.text, _D.source, _D.title, _C.headings, _C.page, _C.doc_id, _C.start, _C.end, _C.lines)
_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a ranking compares of a chunk: a tenth of what is stored of a page with the places of its lines.

    Attributes:
        text: The words of the document, verbatim.
        source: Path of the document below the ingested folder, with ``/`` separators.
        start: Offset of the text in the document.
    """

    text: str
    source: str
    start: int


def outlines(engine: sa.Engine, kb_id: int, chunk_ids: Collection[int]) -> dict[int, Outline]:
    """What is compared of chunk ids; ids that no document has any more are left out."""
    return {i: Outline(*values) for i, *values in _rows(engine, kb_id, chunk_ids, _OUTLINE_QUERY)}


def passages(engine: sa.Engine, kb_id: int, chunk_ids: Collection[int]) -> dict[int, Passage]:
    """The passages of chunk ids, without score; ids that no document has any more are left out."""
    return {i: _passage(i, *values) for i, *values in _rows(engine, kb_id, chunk_ids, _PASSAGE_QUERY)}


def file_name(source: str) -> str:
    """The last part of a path: what a document without a title is called."""
    return source.rsplit("/", 1)[-1]


def _query(columns: tuple[sa.ColumnElement[Any], ...]) -> sa.Select[Any]:
    """Rows by id alone.

    With the knowledge base and the mark of deletion among the conditions, SQLite prefers the index over all chunks of
    the knowledge base to the ids, and reads the whole of it.
    """
    joined = sa.select(_C.kb_id, _C.deleted, _C.id, *columns).join_from(chunks, documents, _C.doc_id == _D.id)
    return joined.where(_C.id.in_(_IDS)).order_by(_C.id)


_OUTLINE_QUERY, _PASSAGE_QUERY = _query(_OUTLINE), _query(_PASSAGE)


def _rows(engine: sa.Engine, kb_id: int, chunk_ids: Collection[int], query: sa.Select[Any]) -> list[tuple[Any, ...]]:
    if not chunk_ids:
        return []
    with reading(engine) as connection:
        found = connection.execute(query, {"ids": sorted(chunk_ids)}).all()
    return [tuple(values) for of, is_deleted, *values in found if of == kb_id and not is_deleted]


def _passage(  # noqa: PLR0913, PLR0917 - a row, in the order of its columns
    chunk_id: int,
    text: str,
    source: str,
    title: str,
    headings: list[str],
    page: int | None,
    doc_id: int,
    start: int,
    end: int,
    lines: list[list[Any]],
) -> Passage:
    return Passage(
        text=text,
        source=source,
        title=title or file_name(source),
        headings=tuple(headings),
        page=page,
        score=0.0,
        doc_id=str(doc_id),
        chunk_id=str(chunk_id),
        start=start,
        end=end,
        found_by=(),
        lines=tuple(Line(first, last, on, tuple(box)) for first, last, on, *box in lines),
    )
