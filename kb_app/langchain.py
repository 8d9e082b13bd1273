"""Faces of a knowledge base for LangChain applications."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from kb_app.errors import QuestionError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

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

    The input is a question, or a mapping with ``question`` and optionally ``history``. The next step of a chain
    gets the ``Answer``, whether the chain is invoked or streamed.
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

    async def astream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Event]:  # noqa: A002
        """Answer one question, event by event; the work is done in threads."""
        events = self.stream(input, config, **kwargs)
        stepping = threading.Lock()

        def step() -> Event | None:
            with stepping:
                return next(events, None)

        def close() -> None:
            with stepping:
                events.close()  # type: ignore[attr-defined]  # a generator

        try:
            while (event := await run_in_executor(None, step)) is not None:
                yield event
        finally:
            # Not awaited: who cancels shall not wait for a model that is silent.
            asyncio.get_running_loop().run_in_executor(None, close)

    def transform(self, input: Iterator[Any], config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Answer]:  # noqa: A002
        """As a step of a chain that is streamed: the answer when it is complete."""
        for event in super().transform(input, config, **kwargs):
            if event.answer is not None:
                yield event.answer

    async def atransform(
        self,
        input: AsyncIterator[Any],  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Answer]:
        """As ``transform``."""
        async for event in super().atransform(input, config, **kwargs):
            if event.answer is not None:
                yield event.answer

    def _events(self, input: Any) -> Iterator[Event]:  # noqa: A002
        if isinstance(input, str):
            return self._stream(input)
        if not isinstance(input, Mapping) or not isinstance(input.get("question"), str):
            raise QuestionError(
                f"the input is {one_line(repr(input))}; give a question, or a mapping with 'question' and 'history'"
            )
        return self._stream(input["question"], history=input.get("history") or ())

    def _answer(self, input: Any) -> Answer:  # noqa: A002
        *_, last = self._events(input)
        return cast("Answer", last.answer)


def as_document(passage: Passage) -> Document:
    """The passage as a LangChain document."""
    fields = asdict(passage)
    return Document(page_content=fields.pop("text"), metadata=fields, id=passage.chunk_id)
