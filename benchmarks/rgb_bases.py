"""Bases that are kept from run to run, and questions that see a part of one."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ingest import sync
from kb_app import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from benchmarks.rgb_items import Item
    from kb_app import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.types import Answer, Passage

_WITHIN: ContextVar[Mapping[str, str] | None] = ContextVar("within", default=None)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        item: Question and what a right answer holds.
        condition: Name of the measure.
        where: The documents that it may see, ``folder`` and ``name`` as in ``kb_app.search.selection``; all where it is
            empty.
    """

    item: Item
    condition: str
    where: Mapping[str, str]


class PartedBase(KnowledgeBase):
    """A knowledge base that can be asked as if it held some of its documents only."""

    def ask_within(self, question: Question) -> Answer:
        """Answer from the documents that a question may see.

        Raises:
            RuntimeError: The answer rests on others: what is asked does not go through ``find``.
        """
        token = _WITHIN.set(question.where or None)
        try:
            answer = self.ask(question.item.query)
        finally:
            _WITHIN.reset(token)
        if question.where:
            pattern = "{folder}/{name}".format_map(question.where)
            if others := [one.source for one in answer.passages if not fnmatchcase(one.source, pattern)]:
                raise RuntimeError(f"{question.item.id}: an answer from {others[0]}, which was not to be seen")
        return answer

    def find(self, question: str, vector: Any, **options: Any) -> list[Passage]:
        """``KnowledgeBase.find`` within what the question that is being asked may see."""
        return super().find(question, vector, **{**options, "where": options.get("where") or _WITHIN.get()})


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Make a folder hold these files, path to text, and no others; what is right stays untouched."""
    for path in sorted(folder.rglob("*.txt")) if folder.is_dir() else []:
        if str(path.relative_to(folder)) not in files:
            path.unlink()
    for name, text in files.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")


@contextmanager
def open_base(name: str, settings: Settings, embedder: Embedder, folder: Path) -> Iterator[PartedBase]:
    """A base in line with a folder."""
    with PartedBase.open(name, settings, embedder=embedder) as kb:
        assert isinstance(kb, PartedBase)
        failed = sync([folder], kb, prune=True).failed
        if failed:
            raise RuntimeError(f"{len(failed)} passages could not be read: {failed}")
        yield kb
