"""What a sync tells: its progress, what it read from each file, and what it did in all."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was read from a file.

    Attributes:
        source: Its source.
        kind: What it is, by its content, e.g. ``"pdf"``.
        pages: Pages, slides or sheets, or None where it has none.
        characters: Characters of text.
        tables: Tables in it.
        ocr: Why a page was read by OCR, by page number.
        chunks: Chunks in it.
        seconds: Time it took to read.
        error: Why it could not be read; empty if it could.
    """

    source: str = ""
    kind: str = ""
    pages: int | None = None
    characters: int = 0
    tables: int = 0
    ocr: dict[int, str] = field(default_factory=dict)
    chunks: int = 0
    seconds: float = 0.0
    error: str = ""


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        added: Sources of documents that were new.
        updated: Sources of documents that were read again because they changed.
        renamed: Sources, as they are now, of documents whose file was moved or renamed.
        unchanged: Sources of documents that needed nothing.
        removed: Sources of documents that were removed because their file is gone.
        failed: Sources of files that could not be read, and paths that are not there.
        errors: Why, for each of ``failed``; two files of one source share an entry.
        files: What was read from each file that was read.
        chunks: Chunks that were not there before.
        embedded: Texts that went through the embedding model.
        seconds: Time it took.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    files: list[FileReport] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0

    def fail(self, source: str, reason: str) -> None:
        """Note a file that could not be read."""
        self.failed.append(source)
        self.errors[source] = _both(self.errors.get(source, ""), reason)

    def in_order(self) -> SyncReport:
        """The same with every list by source; files are read side by side and end in any order."""
        for sources in (self.added, self.updated, self.renamed, self.unchanged, self.removed, self.failed):
            sources.sort()
        self.files.sort(key=lambda file: file.source)
        self.errors = dict(sorted(self.errors.items()))
        return self

    def joined(self, other: SyncReport) -> SyncReport:
        """Two runs as one."""
        sources = ("added", "updated", "renamed", "unchanged", "removed", "failed", "files")
        return SyncReport(
            **{name: [*getattr(self, name), *getattr(other, name)] for name in sources},
            errors=self.errors
            | {source: _both(self.errors.get(source, ""), why) for source, why in other.errors.items()},
            chunks=self.chunks + other.chunks,
            embedded=self.embedded + other.embedded,
            seconds=round(self.seconds + other.seconds, 3),
        )


def _both(known: str, reason: str) -> str:
    """Reasons of two files that have one source, as those of two folders may; an equal one once."""
    return f"{known} · {reason}" if known and reason not in known.split(" · ") else known or reason


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that is done and work that is known.

    Attributes:
        files: Files that are read.
        all_files: Files to read, as far as known: archives bring more.
        embedded: Chunks that were embedded.
        all_chunks: Chunks that wait or waited for it.
        current: Source of the file whose pages are counted.
        page: Its pages that are read.
        pages: All its pages.
    """

    files: int = 0
    all_files: int = 0
    embedded: int = 0
    all_chunks: int = 0
    current: str = ""
    page: int = 0
    pages: int = 0
