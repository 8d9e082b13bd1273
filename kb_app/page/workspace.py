"""What all sessions of the chat page share: open knowledge bases, running answers, running reads."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb_app.config import Settings
from kb_app.errors import BusyError
from kb_app.knowledge_base import KnowledgeBase
from kb_app.page.jobs import AnswerJob, IngestJob, ModelWatch, WarmUp
from kb_app.page.uploads import FOLDER, save_upload
from kb_app.storage import registry
from kb_app.storage.database import open_database
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb_app.page.render import Context
    from kb_app.storage.catalog import DocumentInfo
    from kb_app.types import Passage

_HISTORY_TURNS = 6


@dataclass(frozen=True, slots=True)
class Shelf:
    """A knowledge base that is open, with what goes on around it."""

    id: int
    kb: KnowledgeBase
    ingest: IngestJob
    model: ModelWatch
    warm_up: WarmUp


class Workspace:
    """Opened once a process; safe to share between the threads of all sessions."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Open the catalog; knowledge bases are opened when they are asked for."""
        self.settings = settings or Settings()
        self._engine = open_database(self.settings.home, self.settings.database_url)
        self._shelves: dict[int, Shelf] = {}
        self._answers: dict[str, AnswerJob] = {}
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def names(self) -> list[str]:
        """The knowledge bases there are, by name."""
        return [record.name for record in registry.everything(self._engine)]

    def create(self, name: str) -> str:
        """Make a knowledge base; returns its name, which is on one line."""
        name = one_line(name)
        KnowledgeBase.open(name, self.settings).close()
        return name

    def name_trouble(self, name: str) -> str:
        """The key of the label that says why there can be no new knowledge base of that name; empty if there can."""
        if not one_line(name):
            return "name_empty"
        return "name_taken" if one_line(name) in self.names() else ""

    def open(self, name: str) -> Shelf:
        """A knowledge base that is there, opened once a process; it warms up in a thread.

        Raises:
            NotFoundError: There is none of that name.
            IndexMismatchError: It was built with another embedding model.
        """
        record = registry.require(self._engine, name)
        with self._lock:
            shelf = self._shelves.get(record.id)
            if shelf is None:
                kb = KnowledgeBase.open(name, self.settings, create=False)
                model = ModelWatch(kb.served_model, kb.connection.listed)
                shelf = Shelf(record.id, kb, IngestJob(kb), model, WarmUp(kb.search))
                self._shelves[record.id] = shelf
        return shelf

    def ask(self, shelf: Shelf, question: str, conversation_id: str | None, *, model: str = "") -> str:
        """Begin an answer; returns the id of its conversation, which is a new one where none is given.

        The usual model answers where none is named, or the named one cannot be chosen any more.

        Raises:
            QuestionError: The question is empty or too long.
            BusyError: The conversation is waiting for another answer.
        """
        with self._asking:  # from the look at what is waited for until the new answer is there to be seen
            return self._ask(shelf, question, conversation_id, model)

    def _ask(self, shelf: Shelf, question: str, conversation_id: str | None, model: str) -> str:
        history = shelf.kb.history
        said = history.turns(conversation_id)[-_HISTORY_TURNS:] if conversation_id else []
        if (waiting := self.answer(conversation_id)) and not waiting.done.is_set():
            raise BusyError("this conversation waits for an answer; stop it, or wait for it")
        chosen = model if model in shelf.model.choices else ""
        spoken = [(turn.question, turn.answer.text) for turn in said]
        events = shelf.kb.stream(question, history=spoken, model=chosen)
        key = conversation_id or history.start(question)
        job = AnswerJob(
            question.strip(), events, lambda answer: history.add(key, answer), min_score=self.settings.min_score
        )
        self._answers[key] = job
        return key

    def answer(self, conversation_id: str | None) -> AnswerJob | None:
        """The answer that a conversation waits for, or one that failed."""
        job = self._answers.get(conversation_id or "")
        if job and job.done.is_set() and not job.error:
            self.dismiss(conversation_id or "")
            return None
        return job

    def dismiss(self, conversation_id: str) -> None:
        """Forget an answer that failed."""
        self._answers.pop(conversation_id, None)

    def delete_conversation(self, shelf: Shelf, conversation_id: str) -> None:
        """Delete a conversation; an answer that it waits for is stopped first."""
        if job := self.answer(conversation_id):
            job.stop()
        self.dismiss(conversation_id)
        shelf.kb.history.delete(conversation_id)

    def upload(self, shelf: Shelf, files: Iterable[tuple[str, bytes | memoryview]]) -> None:
        """Keep dropped files below ``KB_HOME`` and read them."""
        shelf.ingest.add([save_upload(self.uploads(shelf), name, content) for name, content in files])

    def folder_trouble(self, folder: str) -> str:
        """The key of the label that says why a folder cannot be read; empty if it can be tried."""
        if not folder.strip():
            return "folder_empty"
        try:
            return "" if _path(folder).exists() else "no_folder"
        except (OSError, RuntimeError):  # a name that is too long, or the home of somebody who is unknown
            return "no_folder"

    def read_folder(self, shelf: Shelf, folder: str) -> None:
        """Read a folder or a file of this machine."""
        shelf.ingest.add([_path(folder)])

    def find_documents(self, shelf: Shelf, words: str) -> list[DocumentInfo]:
        """The documents whose source or title holds these words."""
        wanted = words.strip().casefold()
        return [one for one in shelf.kb.documents() if wanted in f"{one.source} {one.title}".casefold()]

    def remove(self, shelf: Shelf, document: DocumentInfo) -> None:
        """Remove a document; a file that was dropped on the page goes too, any other file stays."""
        shelf.kb.remove(document.path)
        path = Path(document.path)
        if path.parent == self.uploads(shelf).absolute():
            path.unlink(missing_ok=True)

    def uploads(self, shelf: Shelf) -> Path:
        """Where files that are dropped on the page are kept."""
        return self.settings.home / FOLDER / shelf.kb.folder.name

    def context(self, shelf: Shelf, passage: Passage) -> Context:
        """What stands before and behind a passage; nothing where the document has changed since."""
        around = shelf.kb.catalog.neighbours(int(passage.doc_id), passage.start)
        position = next((i for i, one in enumerate(around) if one.text == passage.text), None)
        if position is None:
            return "", ""
        return _text(around[:position][-1:]), _text(around[position + 1 :][:1])


def _path(folder: str) -> Path:
    return Path(folder.strip()).expanduser()


def _text(passages: Sequence[Passage]) -> str:
    return passages[0].text if passages else ""
