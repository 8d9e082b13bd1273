"""Tables of the catalog, in SQLAlchemy Core; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    or_,
)

VERSION = 4

UPGRADES = {
    1: (
        "ALTER TABLE documents ADD COLUMN container TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE chunks ADD COLUMN lines JSON NOT NULL DEFAULT '[]'",
    ),
    # Characters are folded in both indexes since then.
    2: ("UPDATE chunks SET in_keywords = false, in_vectors = false",),
    3: (
        "ALTER TABLE knowledge_bases ADD COLUMN changes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE documents ADD COLUMN change INTEGER NOT NULL DEFAULT 0",
    ),
}
"""What brings a catalog of each older version to the next one."""

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False))

knowledge_bases = Table(
    "knowledge_bases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("embedding", Text, nullable=False),
    Column("dimension", Integer, nullable=False),
    # The first moves with all that readers may see, the second only with what is known of the documents.
    Column("generation", Integer, nullable=False, default=0),
    Column("changes", Integer, nullable=False, default=0),
    Column("created", Float, nullable=False),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kb_id", ForeignKey("knowledge_bases.id", ondelete="CASCADE"), nullable=False),
    Column("path", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("container", Text, nullable=False, default=""),
    Column("title", Text, nullable=False, default=""),
    Column("sha256", String(64), nullable=False, default=""),
    Column("size", BigInteger, nullable=False, default=0),
    Column("mtime_ns", BigInteger, nullable=False, default=0),
    Column("read_ns", BigInteger, nullable=False, default=0),
    Column("fingerprint", Text, nullable=False, default=""),
    Column("pages", Integer),
    Column("details", JSON, nullable=False, default=dict),
    Column("error", Text, nullable=False, default=""),
    # Which of the changes made it what it is.
    Column("change", Integer, nullable=False, default=0),
    UniqueConstraint("kb_id", "path"),
    sqlite_autoincrement=True,
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kb_id", ForeignKey("knowledge_bases.id", ondelete="CASCADE"), nullable=False),
    Column("doc_id", Integer, nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("page", Integer),
    Column("headings", JSON, nullable=False, default=list),
    Column("lines", JSON, nullable=False, default=list),
    Column("text", Text, nullable=False),
    Column("digest", String(40), nullable=False),
    Column("in_keywords", Boolean, nullable=False, default=False),
    Column("in_vectors", Boolean, nullable=False, default=False),
    Column("deleted", Boolean, nullable=False, default=False),
    sqlite_autoincrement=True,
)

# The work that is left is a small part of a large table: index only that part.
_unfinished = or_(chunks.c.in_keywords == false(), chunks.c.in_vectors == false(), chunks.c.deleted)
Index("chunks_unfinished", chunks.c.kb_id, chunks.c.id, sqlite_where=_unfinished, postgresql_where=_unfinished)
Index("chunks_by_digest", chunks.c.kb_id, chunks.c.digest)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kb_id", ForeignKey("knowledge_bases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("updated", Float, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("vote", Integer, nullable=False, default=0),
    Column("created", Float, nullable=False),
    sqlite_autoincrement=True,
)
