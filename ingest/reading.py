"""From a file to what the catalog stores, and what is worth saying about the reading."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.chunk import chunk_document
from ingest.kinds import kind_of
from ingest.language import language_of
from ingest.parse import parse_file
from ingest.report import FileReport
from kb_app.storage.catalog import Content

if TYPE_CHECKING:
    from ingest.document import Member, ParsedDocument


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read.

    Attributes:
        path: Where its bytes lie.
        name: What it is called.
        scratch: Folder for the files within it; None leaves them alone.
        password: For a protected PDF.
        memory: Bytes of memory that the reading may take.
    """

    path: str
    name: str
    scratch: str | None = None
    password: str = ""
    memory: int = 3 << 30


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read and cut.

    Attributes:
        content: What the catalog stores.
        report: What is worth saying; its source is not filled in yet.
        members: The files within it, in the scratch folder.
    """

    content: Content
    report: FileReport
    members: tuple[Member, ...] = ()


def read(job: Job) -> Reading:
    """Read a file and cut it into chunks.

    Raises:
        DocumentError: It cannot be read.
    """
    begin = time.perf_counter()
    path = Path(job.path)
    parsed = parse_file(path, name=job.name, scratch=Path(job.scratch) if job.scratch else None, password=job.password)
    chunked = chunk_document(parsed)
    report = FileReport(
        kind=kind_of(path, job.name),
        pages=parsed.pages,
        characters=len(chunked.text),
        tables=sum(element.kind == "table" for element in parsed.elements),
        ocr=parsed.ocr,
        chunks=len(chunked.chunks),
        seconds=round(time.perf_counter() - begin, 3),
    )
    content = Content(chunked.chunks, parsed.title, parsed.pages, _details(parsed, chunked.text, report.kind))
    return Reading(content, report, parsed.members)


def _details(parsed: ParsedDocument, text: str, kind: str) -> dict[str, str]:
    language = language_of(text)
    return parsed.metadata | {"kind": kind} | ({"language": language} if language else {})
