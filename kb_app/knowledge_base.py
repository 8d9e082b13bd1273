"""``KnowledgeBase``: opens the parts, wires them, and answers."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from kb_app.answering.answerer import Answerer
from kb_app.assembling import disagreements_in, registered, rerank_by, score_in, sections_of, similarity_by
from kb_app.checking import asked, conditions, how_many, said_before
from kb_app.config import Settings
from kb_app.connection import Connection
from kb_app.errors import NotFoundError
from kb_app.indexing import Indexer
from kb_app.leaving import Leavable
from kb_app.models.languages import AcrossLanguages
from kb_app.parts import ALL
from kb_app.search.searcher import Searcher, merged
from kb_app.search.splitting import split_question
from kb_app.storage import keywords, vectors
from kb_app.storage.catalog import Catalog
from kb_app.storage.database import open_database
from kb_app.storage.history import History
from kb_app.storage.lock import writer_lock
from kb_app.storage.pending import Pending
from kb_app.wiring import check_before_opening, manner_for, prompts_for, reranker_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import sqlalchemy as sa
    from langchain_core.language_models import BaseChatModel

    from kb_app.answering.speaking import AnswerModel
    from kb_app.langchain import KBRetriever, KBRunnable
    from kb_app.models.embedding import Embedder
    from kb_app.models.llm import ServedModel
    from kb_app.parts import Parts
    from kb_app.storage.catalog import DocumentInfo
    from kb_app.storage.pending import Counts
    from kb_app.storage.registry import KnowledgeBaseRecord
    from kb_app.storage.vectors import Vector
    from kb_app.types import Answer, Passage


class KnowledgeBase:
    """Documents that can be searched and asked. Safe to share between threads; close it when done."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        record: KnowledgeBaseRecord,
        engine: sa.Engine,
        settings: Settings,
        *,
        embedder: Embedder,
        chat_model: BaseChatModel | None = None,
        parts: Parts = ALL,
    ) -> None:
        """Wire the parts; use ``open`` instead."""
        self.name = record.name
        self.settings = settings
        self.parts = parts
        self.embedder = AcrossLanguages(embedder, folder=settings.home / "languages", scripts=parts.scripts)
        self.catalog = Catalog(engine, record.id)
        self.history = History(engine, record.id)
        self._record = record
        self._engine = engine
        self.connection = Connection(settings, chat_model)
        self._seen_generation = -1
        self._is_writer = False
        self._refreshing = threading.Lock()

    @classmethod
    def open(  # noqa: PLR0913 - each argument is optional
        cls,
        name: str = "default",
        settings: Settings | None = None,
        *,
        create: bool = True,
        embedder: Embedder | None = None,
        chat_model: BaseChatModel | None = None,
        parts: Parts = ALL,
    ) -> KnowledgeBase:
        """Open a knowledge base.

        Args:
            name: Its name, in any script.
            settings: Where it lies and which models it uses; by default from ``kb.toml`` and the environment.
            create: Make it if there is none of that name.
            embedder: An embedding model to use instead of the one in the settings.
            chat_model: A LangChain chat model to use instead of the model server in the settings.
            parts: What of the search and the checks is at work; for measuring.

        Raises:
            NotFoundError: There is none of that name and ``create`` is false.
            IndexMismatchError: It was built with another embedding model.
            StorageError: The catalog cannot be opened.
            SettingsError: A setting has a value that cannot be used.
        """
        settings = settings or Settings()
        check_before_opening(settings, name, create=create)
        engine = open_database(settings.home, settings.database_url)
        record, embedder = registered(engine, name, settings, create=create, embedder=embedder)
        return cls(record, engine, settings, embedder=embedder, chat_model=chat_model, parts=parts)

    @property
    def folder(self) -> Path:
        """Where its indexes lie."""
        return self.settings.base_folder(self._record.slug)

    @cached_property
    def keywords(self) -> keywords.KeywordIndex:
        """The keyword index."""
        return keywords.KeywordIndex(self.folder / "keywords", scripts=self.parts.scripts)

    @cached_property
    def vectors(self) -> vectors.VectorIndex:
        """The vector index."""
        return vectors.VectorIndex(self.folder / "chroma", self._record.slug, url=self.settings.chroma_url)

    @cached_property
    def pending(self) -> Pending:
        """What the indexes still have to do."""
        return Pending(self._engine, self._record.id)

    def search(self, question: str, *, k: int | None = None, where: Mapping[str, str] | None = None) -> list[Passage]:
        """Find the passages that fit a question, by its words and by its meaning, best first.

        Args:
            question: In any language.
            k: Number of passages at most; by default ``KB_TOP_K``.
            where: Only documents that fit, e.g. ``{"folder": "制度", "ext": "pdf", "after": "2024-01-01"}``; the
                names are those of ``kb_app.search.selection.FILTERS``.

        Raises:
            QuestionError: The question is empty or too long, a filter is unknown, or ``k`` below 1.
            ModelError: The embedding model or the reranker does not answer.
        """
        parts = split_question(asked(question))
        return self.search_all([question, *parts] if len(parts) > 1 else [question], k=k, where=where)

    def search_all(
        self, questions: Sequence[str], *, k: int | None = None, where: Mapping[str, str] | None = None
    ) -> list[Passage]:
        """Search for several questions at once: the passages of all of them, the best one of each among them."""
        every = tuple(dict.fromkeys(map(asked, questions)))
        k, where = how_many(k, self.settings.top_k), conditions(where)
        return merged([self.find(one, self.embedder.embed_query(one), k=k, where=where, beside=every) for one in every])

    def find(self, question: str, vector: Vector, *, k: int | None = None, **options: Any) -> list[Passage]:
        """``search`` with the question's vector given; the options are those of ``Searcher.find``."""
        self._refresh()
        return self.searcher.find(question, vector, k=how_many(k, self.settings.top_k), **options)

    def ask(
        self, question: str, *, history: Sequence[object] = (), template: str | None = None, model: str = ""
    ) -> Answer:
        """Answer a question from the documents.

        Args:
            question: In any language.
            history: What was said before: messages, ``{"role", "content"}``, or (question, answer) pairs.
            template: Name of the prompt template; by default ``KB_TEMPLATE``.
            model: One of those that the model server lists; by default ``KB_LLM_MODEL``.

        Raises:
            QuestionError: The question is empty or too long.
        """
        *_, last = self.stream(question, history=history, template=template, model=model)
        assert last.answer is not None  # noqa: S101 - the contract of stream
        return last.answer

    def stream(
        self, question: str, *, history: Sequence[object] = (), template: str | None = None, model: str = ""
    ) -> Leavable:
        """Answer a question while it is being answered; closing the iterator, from any thread, stops the model.

        Yields:
            ``retrieved``, then ``thinking`` and ``token`` as they come, then ``answer`` with the complete answer.
        """
        question, history = asked(question), said_before(history)
        chosen = self.connection.model(model)
        return Leavable(chosen, lambda leashed: self._answerer(template, leashed).stream(question, history))

    def documents(self) -> list[DocumentInfo]:
        """The documents, by source; those that could not be read say why."""
        return self.catalog.documents()

    def remove(self, source: str) -> None:
        """Remove a document, and with an archive or a mail what is in it; the file stays.

        Args:
            source: As ``documents()`` shows it, or the absolute path of the file.

        Raises:
            NotFoundError: There is no such document.
        """
        with self.writing("kb remove") as indexer:
            files = self.catalog.files()
            chosen = {record.path for record in files if source in (record.source, record.path)}
            if not chosen:
                raise NotFoundError(f"no document {source!r} in {self.name!r}; `kb documents` lists them")
            self.catalog.remove([record.doc_id for record in files if chosen & {record.path, record.container}])
            indexer.delete()

    def status(self) -> Counts:
        """How many documents and chunks there are, and how many chunks wait for an index."""
        return self.pending.counts()

    @contextmanager
    def writing(self, purpose: str) -> Iterator[Indexer]:
        """Be the one writer.

        Raises:
            BusyError: Another process writes; the message says which.
        """
        with writer_lock(self.folder, self.name, purpose=purpose):
            self._refresh()
            self._is_writer = True
            try:
                yield Indexer(self.pending, self.keywords, self.vectors, self.embedder)
            finally:
                self.keywords.close()
                self._seen_generation = self.catalog.generation()
                self._is_writer = False

    def as_retriever(self, *, k: int | None = None, where: Mapping[str, str] | None = None) -> KBRetriever:
        """A LangChain retriever over this knowledge base."""
        from kb_app.langchain import KBRetriever

        return KBRetriever(search=partial(self.search, k=k, where=where))

    def as_runnable(self, *, template: str | None = None) -> KBRunnable:
        """A LangChain runnable: question in, ``Answer`` out; its stream yields the events of ``stream``."""
        from kb_app.langchain import KBRunnable

        return KBRunnable(partial(self.stream, template=template))

    def close(self) -> None:
        """Let go of the database and of the indexes."""
        if vectors := self.__dict__.pop("vectors", None):
            vectors.close()
        self._engine.dispose()

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refresh(self) -> None:
        """Look at the indexes anew where another process has written; the writer sees its own changes."""
        if self._is_writer:
            return
        with self._refreshing:
            generation = self.catalog.generation()
            if generation != self._seen_generation:
                self.keywords.reload()
                self.vectors.reload()
                self._seen_generation = generation

    @cached_property
    def searcher(self) -> Searcher:
        """The search over both indexes."""
        score = score_in(self.folder)
        return Searcher(
            self.catalog,
            self.keywords,
            self.vectors,
            self.embedder,
            score,
            self.parts,
            rerank=rerank_by(reranker_for(self.settings), score) if self.parts.rerank else None,
        )

    def served_model(self) -> ServedModel | None:
        """The language model that would answer now, or None; asked of the server at most every few seconds.

        Raises:
            ModelError: There is a server, but it does not serve what the settings name.
        """
        return self.connection.served()

    def _answerer(self, template: str | None, model: AnswerModel | None) -> Answerer:
        return Answerer(
            retrieve=self.search_all,
            split=split_question,
            widen=sections_of(self.catalog, self.settings.section if self.parts.sections else 0),
            prompts=prompts_for(self.settings, template or self.settings.template),
            model=model,
            manner=manner_for(self.settings),
            similarity=similarity_by(self.embedder),
            background=lambda *shares: self.embedder.background.between(*shares),  # noqa: PLW0108 - measured at need
            versions=self.searcher.version_note,
            disagreements=disagreements_in(self.catalog),
            parts=self.parts,
        )
