"""What goes on in threads behind the chat page."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import BusyError, KBError
from kb_app.page.jobs import AnswerJob, IngestJob, ModelWatch, WarmUp
from kb_app.page.stopped import STOPPED
from kb_app.page.workspace import Workspace
from kb_app.types import Answer, Event
from tests.page_parts import passage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb_app import KnowledgeBase, Settings


class Script:
    """The events of an answer, each let through by the test; notes when it is closed."""

    def __init__(self, *words: str) -> None:
        self.closed = threading.Event()
        self.gate = threading.Semaphore(0)
        self.words = words

    def events(self) -> Iterator[Event]:
        try:
            yield Event("retrieved", passages=(passage(),))
            for word in self.words:
                self.gate.acquire()
                yield Event("token", text=word)
            yield Event("answer", answer=Answer("q", "q", text="".join(self.words), mode="llm", model="m"))
        finally:
            self.closed.set()


class TestAnswerJob:
    def test_an_answer_is_kept_once_when_it_is_complete(self) -> None:
        script, kept = Script("有", "五天"), list[Answer]()
        job = AnswerJob("q", script.events(), kept.append)
        script.gate.release(2)
        assert job.done.wait(5)
        assert [answer.text for answer in kept] == ["有五天"]

    def test_stopping_keeps_what_came_and_ends_the_model(self) -> None:
        script, kept = Script("有五天", "年假"), list[Answer]()
        job = AnswerJob("q", script.events(), kept.append)
        script.gate.release()
        while not job.text:
            threading.Event().wait(0.01)
        job.stop()
        job.stop()
        assert [(answer.text, answer.reason) for answer in kept] == [("有五天", STOPPED)]
        script.gate.release()
        assert script.closed.wait(5)

    def test_an_error_ends_it_and_is_kept(self) -> None:
        def events() -> Iterator[Event]:
            raise BusyError("later")
            yield

        job = AnswerJob("q", events(), lambda _: None)
        assert job.done.wait(5)
        assert str(job.error) == "later"

    def test_an_error_after_a_stop_is_not_shown_beside_the_answer_that_is_kept(self) -> None:
        gate, ended, kept = threading.Event(), threading.Event(), list[Answer]()

        def events() -> Iterator[Event]:
            yield Event("retrieved", passages=(passage(),))
            yield Event("token", text="有五天")
            gate.wait(5)
            try:
                raise KBError("the server hung up; ask again")
            finally:
                ended.set()

        job = AnswerJob("q", events(), kept.append)
        while not job.text:
            threading.Event().wait(0.01)
        job.stop()
        gate.set()
        assert ended.wait(5)
        while any(thread.name == "answer" for thread in threading.enumerate()):
            threading.Event().wait(0.01)
        assert (len(kept), job.error) == (1, None)


class TestIngestJob:
    def test_nothing_to_read_does_not_end_it_for_good(self, kb: KnowledgeBase, tmp_path: Path) -> None:
        (tmp_path / "通知.txt").write_text("食堂周日停供早餐。", encoding="utf-8")
        job = IngestJob(kb)
        job.add([])
        job.add([tmp_path / "通知.txt"])
        end = time.monotonic() + 30
        while job.running and time.monotonic() < end:
            threading.Event().wait(0.01)
        assert not job.running
        assert job.error is None
        assert job.report
        assert job.report.added == ["通知.txt"]


class TestModelWatch:
    def test_a_slow_server_does_not_hold_the_page(self) -> None:
        gate = threading.Event()
        watch = ModelWatch(lambda: gate.wait(5) and None)
        assert not watch.look(wait=0.01)
        gate.set()
        assert watch.look(wait=5)
        assert watch.model is None

    def test_trouble_is_told(self) -> None:
        def ask() -> None:
            raise KBError("wrong key; set it")

        watch = ModelWatch(ask)
        assert watch.look(wait=5)
        assert watch.trouble == "wrong key; set it"


class TestWarmUp:
    def test_it_searches_once(self) -> None:
        asked: list[str] = []
        assert WarmUp(asked.append).done.wait(5)
        assert len(asked) == 1

    @pytest.mark.parametrize("error", [BusyError("later"), RuntimeError("broken")])
    def test_what_fails_is_left_to_the_first_question(self, error: Exception) -> None:
        def search(_: str) -> None:
            raise error

        assert WarmUp(search).done.wait(5)

    def test_a_knowledge_base_that_is_opened_is_ready_before_anybody_asks(self, settings: Settings) -> None:
        space = Workspace(settings)
        shelf = space.open(space.create("制度"))
        assert shelf.warm_up.done.wait(60)
        before = {thread.name for thread in threading.enumerate()}
        assert "warm-up" not in before
        assert {"keywords", "vectors"} <= vars(shelf.kb).keys()
        assert space.open("制度") is shelf
