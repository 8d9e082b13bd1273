"""A knowledge base within LangChain applications, and LangChain models within a knowledge base."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import FakeListChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModelError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda, RunnableParallel

from ingest import sync
from kb_app import Answer, Event, KnowledgeBase, Passage, Settings
from kb_app.errors import IndexMismatchError, QuestionError
from kb_app.models.embedding import LangChainEmbedder
from tests.fakes import HashEmbedder
from tests.program import write
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POOL = "游泳馆的开放时间是早上六点到晚上九点。"
GYM = "健身房的年卡价格是一千二百元。"
ASKED = "游泳馆几点开放？"
SAID = "游泳馆的开放时间是早上六点到晚上九点[1]。"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sports centre's documents in the knowledge base ``场馆``; tests only read it."""
    home = tmp_path_factory.mktemp("home")
    write(home / "文件" / "水上", 游泳馆=POOL)
    write(home / "文件" / "陆上", 健身房=GYM)
    with KnowledgeBase.open("场馆", Settings(home=home, llm_base_url="none"), embedder=HashEmbedder()) as kb:
        assert len(sync([home / "文件"], kb).added) == 2
    return home


@pytest.fixture
def kb(home: Path) -> Iterator[KnowledgeBase]:
    with open_with(home) as opened:
        yield opened


def open_with(home: Path, **models: Any) -> KnowledgeBase:
    settings = Settings(home=home, llm_base_url="none", min_score=0.001)
    return KnowledgeBase.open("场馆", settings, create=False, embedder=HashEmbedder(), **models)


def kinds(events: list[Event]) -> list[str]:
    """The kinds of events in their order, many tokens as one."""
    return list(dict.fromkeys(event.kind for event in events))


def tokens(events: list[Event]) -> str:
    return "".join(event.text for event in events if event.kind == "token")


class Recorder(BaseCallbackHandler):
    """Writes down which callbacks were called, and what they were told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.results: list[Any] = []

    def on_retriever_start(self, serialized: object, query: str, **_: Any) -> None:
        self.calls.append(f"retriever start {query}")

    def on_retriever_end(self, documents: Any, **_: Any) -> None:
        self.calls.append("retriever end")
        self.results.append(documents)

    def on_retriever_error(self, error: BaseException, **_: Any) -> None:
        self.calls.append(f"retriever error {type(error).__name__}")

    def on_chain_start(self, serialized: object, inputs: object, **_: Any) -> None:
        self.calls.append("chain start")

    def on_chain_end(self, outputs: Any, **_: Any) -> None:
        self.calls.append("chain end")
        self.results.append(outputs)

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        self.calls.append(f"chain error {type(error).__name__}")


class TestRetriever:
    def test_it_finds_what_a_search_finds(self, kb: KnowledgeBase) -> None:
        retriever = kb.as_retriever(k=1)
        assert isinstance(retriever, BaseRetriever)
        (document,) = retriever.invoke(ASKED)
        (passage,) = kb.search(ASKED, k=1)
        assert (document.page_content, document.id) == (POOL, passage.chunk_id)
        assert set(document.metadata) == {one.name for one in fields(Passage)} - {"text"}
        assert document.metadata["source"] == "水上/游泳馆.txt"
        assert document.metadata["score"] == passage.score
        assert document.metadata["found_by"] == passage.found_by

    def test_number_and_filter(self, kb: KnowledgeBase) -> None:
        assert len(kb.as_retriever(k=2).invoke(ASKED)) == 2
        (document,) = kb.as_retriever(k=2, where={"folder": "陆上"}).invoke(ASKED)
        assert document.page_content == GYM

    def test_batch_and_async_are_the_same(self, kb: KnowledgeBase) -> None:
        retriever = kb.as_retriever(k=1)
        one, other = retriever.batch([ASKED, "年卡价格"])
        assert (one[0].page_content, other[0].page_content) == (POOL, GYM)
        assert asyncio.run(retriever.ainvoke(ASKED)) == one

    def test_callbacks_are_called(self, kb: KnowledgeBase) -> None:
        recorder = Recorder()
        found = kb.as_retriever(k=1).invoke(ASKED, {"callbacks": [recorder]})
        assert recorder.calls == [f"retriever start {ASKED}", "retriever end"]
        assert recorder.results == [found]

    def test_an_empty_question_is_an_error_of_ours(self, kb: KnowledgeBase) -> None:
        recorder = Recorder()
        with pytest.raises(QuestionError, match="empty"):
            kb.as_retriever().invoke(" ", {"callbacks": [recorder]})
        assert recorder.calls[-1] == "retriever error QuestionError"

    def test_it_is_a_step_of_a_chain(self, kb: KnowledgeBase) -> None:
        chain = kb.as_retriever(k=1) | RunnableLambda(lambda documents: documents[0].page_content)
        assert chain.invoke(ASKED) == POOL


class TestRunnable:
    @pytest.mark.parametrize(
        "asked", [ASKED, {"question": ASKED}, {"question": ASKED, "history": []}, {"question": ASKED, "history": None}]
    )
    def test_a_question_alone_or_in_a_mapping(self, kb: KnowledgeBase, asked: object) -> None:
        runnable = kb.as_runnable()
        assert isinstance(runnable, Runnable)
        answer = runnable.invoke(asked)
        assert isinstance(answer, Answer)
        assert answer.text == "游泳馆的开放时间是早上六点到晚上九点。[1]"
        assert answer.citations[0].passage.source == "水上/游泳馆.txt"

    @pytest.mark.parametrize(
        "history",
        [
            [SystemMessage("你是助手"), HumanMessage(ASKED), AIMessage("早上六点到晚上九点。")],
            [(ASKED, "早上六点到晚上九点。")],
            [{"role": "user", "content": ASKED}, {"role": "assistant", "content": "早上六点到晚上九点。"}],
        ],
        ids=["LangChain messages", "pairs", "dictionaries"],
    )
    def test_a_follow_up_leans_on_the_history(self, kb: KnowledgeBase, history: list[object]) -> None:
        answer = kb.as_runnable().invoke({"question": "那周末呢？", "history": history})
        assert "游泳馆" in answer.search_question
        assert answer.passages[0].source == "水上/游泳馆.txt"

    @pytest.mark.parametrize("asked", [7, None, [ASKED], {}, {"query": ASKED}, {"question": 7}])
    def test_anything_else_is_refused(self, kb: KnowledgeBase, asked: object) -> None:
        with pytest.raises(QuestionError, match="a mapping with 'question' and 'history'"):
            kb.as_runnable().invoke(asked)
        with pytest.raises(QuestionError, match="a mapping with 'question' and 'history'"):
            list(kb.as_runnable().stream(asked))

    def test_it_streams_the_events(self, kb: KnowledgeBase) -> None:
        events = list(kb.as_runnable().stream(ASKED))
        assert kinds(events) == ["retrieved", "token", "answer"]
        assert events[-1].answer
        assert tokens(events).strip() == events[-1].answer.text.strip()

    def test_a_batch_answers_in_order(self, kb: KnowledgeBase) -> None:
        answers = kb.as_runnable().batch([ASKED, {"question": "健身房年卡多少钱？"}])
        assert [answer.passages[0].text for answer in answers] == [POOL, GYM]

    def test_async_is_the_same(self, kb: KnowledgeBase) -> None:
        runnable = kb.as_runnable()

        async def ask() -> tuple[Answer, list[Event]]:
            return await runnable.ainvoke(ASKED), [event async for event in runnable.astream(ASKED)]

        answer, events = asyncio.run(ask())
        assert answer.text == runnable.invoke(ASKED).text
        assert kinds(events) == ["retrieved", "token", "answer"]

    def test_an_error_reaches_who_waits_for_it(self, kb: KnowledgeBase) -> None:
        async def ask() -> None:
            async for _ in kb.as_runnable().astream(" "):
                pass

        with pytest.raises(QuestionError, match="empty"):
            asyncio.run(ask())

    def test_callbacks_are_called(self, kb: KnowledgeBase) -> None:
        recorder, runnable = Recorder(), kb.as_runnable()
        config = {"callbacks": [recorder]}
        runnable.invoke(ASKED, config)
        list(runnable.stream(ASKED, config))
        for ask in (runnable.invoke, lambda *given: list(runnable.stream(*given))):
            with pytest.raises(QuestionError):
                ask(" ", config)
        assert recorder.calls == ["chain start", "chain end"] * 2 + ["chain start", "chain error QuestionError"] * 2
        assert list(map(type, recorder.results)) == [Answer, Event]


class TestChain:
    """The next step gets the answer, whichever way the chain is run."""

    def test_invoked_streamed_and_batched(self, kb: KnowledgeBase) -> None:
        chain = kb.as_runnable() | RunnableLambda(lambda answer: answer.text)
        text = kb.ask(ASKED).text
        assert chain.invoke(ASKED) == text
        assert list(chain.stream(ASKED)) == [text]
        assert chain.batch([ASKED, ASKED]) == [text, text]

    def test_async(self, kb: KnowledgeBase) -> None:
        chain = kb.as_runnable() | RunnableLambda(lambda answer: answer.text)

        async def ask() -> tuple[str, list[str]]:
            return await chain.ainvoke(ASKED), [text async for text in chain.astream(ASKED)]

        text = kb.ask(ASKED).text
        assert asyncio.run(ask()) == (text, [text])

    def test_its_input_is_made_by_a_step_before_it(self, kb: KnowledgeBase) -> None:
        both = RunnableParallel(
            question=RunnableLambda(lambda asked: asked["text"]), history=RunnableLambda(lambda asked: asked["before"])
        )
        asked = {"text": "那周末呢？", "before": [HumanMessage(ASKED), AIMessage("六点。")]}
        chain = both | kb.as_runnable() | RunnableLambda(lambda answer: answer.search_question)
        assert "游泳馆" in chain.invoke(asked)
        assert list(chain.stream(asked)) == [chain.invoke(asked)]

    def test_beside_other_steps(self, kb: KnowledgeBase) -> None:
        chain = RunnableParallel(answer=kb.as_runnable(), documents=kb.as_retriever(k=1))
        found = chain.invoke(ASKED)
        assert found["answer"].passages[0].chunk_id == found["documents"][0].id


class TestChatModel:
    """A LangChain chat model, handed in, writes the answer."""

    def test_it_answers_with_checked_citations(self, home: Path) -> None:
        with open_with(home, chat_model=FakeListChatModel(responses=[SAID])) as kb:
            answer = kb.as_runnable().invoke(ASKED)
        assert (answer.mode, answer.model, answer.text) == ("llm", "FakeListChatModel", SAID)
        assert [citation.quote for citation in answer.citations] == [POOL]

    def test_its_words_come_piece_by_piece(self, home: Path) -> None:
        with open_with(home, chat_model=FakeListChatModel(responses=[SAID])) as kb:
            events = list(kb.as_runnable().stream(ASKED))
        assert tokens(events) == SAID
        assert len([event for event in events if event.kind == "token"]) > 5

    def test_where_it_fails_the_documents_answer(self, home: Path) -> None:
        broken = FakeListChatModel(responses=[SAID], error_on_chunk_number=3)
        with open_with(home, chat_model=broken) as kb:
            answer = kb.ask(ASKED)
        assert (answer.mode, answer.text) == ("extractive", "游泳馆的开放时间是早上六点到晚上九点。[1]")
        assert FakeListChatModelError.__name__ in answer.reason
        assert "\n" not in answer.reason

    def test_without_evidence_it_is_not_asked(self, home: Path) -> None:
        model = FakeListChatModel(responses=[SAID, "第二句"])
        settings = Settings(home=home, llm_base_url="none", min_score=1)
        with KnowledgeBase.open("场馆", settings, embedder=HashEmbedder(), chat_model=model) as kb:
            assert kb.ask("zebra").refused
        assert model.i == 0


@pytest.mark.parametrize("is_async", [False, True])
def test_who_stops_listening_stops_the_model(home: Path, is_async: bool) -> None:
    async def listen(kb: KnowledgeBase) -> None:
        events = kb.as_runnable().astream(ASKED)
        async for event in events:
            if event.kind == "token":
                break
        await events.aclose()  # type: ignore[attr-defined]  # a generator

    with serve(Script(answers=[list(SAID) * 50], delay=0.05)) as server:
        settings = Settings(home=home, llm_base_url=server.base_url, min_score=0.001)
        with KnowledgeBase.open("场馆", settings, create=False, embedder=HashEmbedder()) as kb:
            if is_async:
                asyncio.run(listen(kb))
            else:
                events = kb.as_runnable().stream(ASKED)
                next(event for event in events if event.kind == "token")
                events.close()  # type: ignore[attr-defined]  # a generator
            assert server.hung_up.wait(5)


def test_many_threads_share_one(kb: KnowledgeBase) -> None:
    runnable, texts = kb.as_runnable(), []
    threads = [threading.Thread(target=lambda: texts.append(runnable.invoke(ASKED).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 8
    assert len(set(texts)) == 1


class TestEmbeddings:
    """LangChain embeddings, handed in, make the vectors."""

    def test_they_are_used_and_remembered(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path / "home", llm_base_url="none")
        embedder = LangChainEmbedder(DeterministicFakeEmbedding(size=24), name="校内模型")
        with KnowledgeBase.open("场馆", settings, embedder=embedder) as kb:
            assert sync([write(tmp_path / "文件", 泳=POOL, 健=GYM)], kb).embedded == 2
            (vector,) = kb.vectors.vectors([int(kb.search(ASKED, k=1)[0].chunk_id)]).values()
            assert vector.shape == (24,)
            # The same text has the same vector, so it lies nearest.
            (best,) = kb.as_retriever(k=1).invoke(GYM)
            assert best.page_content == GYM
            assert "dense" in best.metadata["found_by"]
        with pytest.raises(IndexMismatchError, match="langchain:校内模型"):
            KnowledgeBase.open("场馆", settings, embedder=HashEmbedder())
