"""Faces of a knowledge base for LangChain applications."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_core.callbacks import CallbackManagerForRetrieverRun

    from kb_app.types import Answer, Event, Passage


class KBRetriever(BaseRetriever):
    """Finds passages as LangChain documents; ``metadata`` holds all fields of the passage but its text."""

    search: Any
    """``KnowledgeBase.search`` with its options bound."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        return [as_document(passage) for passage in self.search(query)]


class KBRunnable(Runnable[Any, Any]):
    """Answers questions: ``invoke`` returns an ``Answer``, ``stream`` yields its ``Event`` s.

    The input is a question, or a mapping with ``question`` and optionally ``history``.
    """

    def __init__(self, stream: Callable[..., Iterator[Event]]) -> None:
        """Wrap ``KnowledgeBase.stream`` with its options bound."""
        self._stream = stream

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:  # noqa: A002
        """Answer one question."""
        return cast("Answer", self._call_with_config(self._answer, input, config, **kwargs))

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Event]:  # noqa: A002
        """Answer one question, event by event."""

        def events(inputs: Iterator[Any]) -> Iterator[Event]:
            for one in inputs:
                yield from self._events(one)

        yield from self._transform_stream_with_config(iter([input]), events, config, **kwargs)

    def _events(self, input: Any) -> Iterator[Event]:  # noqa: A002
        if isinstance(input, str):
            return self._stream(input)
        return self._stream(input["question"], history=input.get("history", ()))

    def _answer(self, input: Any) -> Answer:  # noqa: A002
        *_, last = self._events(input)
        return cast("Answer", last.answer)


def as_document(passage: Passage) -> Document:
    """The passage as a LangChain document."""
    fields = asdict(passage)
    return Document(page_content=fields.pop("text"), metadata=fields, id=passage.chunk_id)
