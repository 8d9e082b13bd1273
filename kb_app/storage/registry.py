"""The knowledge bases of a catalog: names, and what each was built with."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from kb_app.errors import NotFoundError, SettingsError, StorageError
from kb_app.storage.database import reading, writing
from kb_app.storage.schema import chunks, documents, knowledge_bases
from kb_app.text import one_line

_TABLE = knowledge_bases.c
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class KnowledgeBaseRecord:
    """A row of the catalog.

    Attributes:
        id: Key in the catalog.
        name: Display name, in any script.
        slug: ASCII name of its folder and of its Chroma collection.
        embedding: Stamp of the embedding model that made its vectors.
        dimension: Length of its vectors.
    """

    id: int
    name: str
    slug: str
    embedding: str
    dimension: int


def find(engine: sa.Engine, name: str) -> KnowledgeBaseRecord | None:
    """The knowledge base of that name."""
    with reading(engine) as connection:
        row = connection.execute(_select().where(_TABLE.name == name)).one_or_none()
    return KnowledgeBaseRecord(*row) if row else None


def require(engine: sa.Engine, name: str) -> KnowledgeBaseRecord:
    """The knowledge base of that name.

    Raises:
        NotFoundError: There is none.
    """
    found = find(engine, name)
    if found is None:
        known = ", ".join(repr(base.name) for base in everything(engine)) or "none yet"
        raise NotFoundError(
            f"no knowledge base {one_line(name)!r} (there are: {known}); make one with `kb ingest FOLDER --kb NAME`"
        )
    return found


def create(engine: sa.Engine, name: str, *, embedding: str, dimension: int) -> KnowledgeBaseRecord:
    """Make a knowledge base; where another process made it meanwhile, that one is returned.

    Raises:
        SettingsError: The name is empty, or so long that nobody would type it again.
    """
    if not name.strip() or len(name) > _LONGEST_NAME:
        what = f"is longer than {_LONGEST_NAME} characters" if name.strip() else "is empty"
        raise SettingsError(
            f"the name {one_line(name, 40)!r} of a knowledge base {what}; choose one such as 'handbook'"
        )
    values = {
        "name": name,
        "slug": slug(name),
        "embedding": embedding,
        "dimension": dimension,
        "created": time.time(),
        "generation": 0,
    }
    try:
        with writing(engine) as connection:
            connection.execute(knowledge_bases.insert().values(values))
    except StorageError as error:
        if not isinstance(error.__cause__, IntegrityError):
            raise
    return require(engine, name)


def everything(engine: sa.Engine) -> list[KnowledgeBaseRecord]:
    """All knowledge bases, by name."""
    with reading(engine) as connection:
        found = [KnowledgeBaseRecord(*row) for row in connection.execute(_select())]
    return sorted(found, key=lambda base: base.name)


def stamp(engine: sa.Engine, kb_id: int, *, embedding: str, dimension: int) -> None:
    """Record the embedding model that a rebuild uses from now on."""
    with writing(engine) as connection:
        connection.execute(
            knowledge_bases.update().where(_TABLE.id == kb_id).values(embedding=embedding, dimension=dimension)
        )


def drop(engine: sa.Engine, kb_id: int) -> None:
    """Forget a knowledge base with its documents, chunks and conversations."""
    with writing(engine) as connection:
        connection.execute(chunks.delete().where(chunks.c.kb_id == kb_id))
        connection.execute(documents.delete().where(documents.c.kb_id == kb_id))
        connection.execute(knowledge_bases.delete().where(_TABLE.id == kb_id))


def slug(name: str) -> str:
    """An ASCII name that is valid for a folder and a Chroma collection, and differs for every display name."""
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"kb-{readable}-{digest}" if readable else f"kb-{digest}"


def _select() -> sa.Select[int, str, str, str, int]:
    return sa.select(_TABLE.id, _TABLE.name, _TABLE.slug, _TABLE.embedding, _TABLE.dimension)
