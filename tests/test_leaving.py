"""An answer is left from another thread while its model has not said a word: the request ends, nothing new begins."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from kb_app.page.jobs import AnswerJob, ModelWatch
from kb_app.page.stopped import STOPPED_EARLY
from tests.library import library
from tests.scripted_server import Script, serve
from tests.serving import wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb_app import KnowledgeBase
    from kb_app.leaving import Leavable
    from kb_app.types import Answer
    from tests.scripted_server import ScriptedServer

QUESTION = "入职满一年有几天年假？"
TALK = [("教职工婚假有几天？", "三天。[1]")]
WITHIN = 1.0
"""Seconds in which a request must have ended."""


def listening(events: Leavable) -> threading.Thread:
    """A thread that takes the events of an answer as they come."""
    thread = threading.Thread(target=lambda: list(events), daemon=True)
    thread.start()
    return thread


def stopped(
    kb: KnowledgeBase, server: ScriptedServer, question: str = QUESTION, history: Sequence[object] = ()
) -> Answer:
    """An answer of the page, stopped while its model is silent."""
    kept: list[Answer] = []
    job = AnswerJob(question, kb.stream(question, history=history), kept.append)
    wait_for(lambda: server.running)
    time.sleep(0.1)
    job.stop()
    return kept[0]


def answering() -> bool:
    """Whether a thread of the page still answers."""
    return any(thread.name == "answer" for thread in threading.enumerate())


@pytest.mark.parametrize("fault", ["silent", "pings", "hollow"])
def test_a_model_that_has_said_nothing_is_hung_up_on(tmp_path: Path, fault: str) -> None:
    with serve(Script(answers=[[]], fault=fault)) as server, library(tmp_path, server) as kb:  # type: ignore[arg-type]
        answer = stopped(kb, server)
        assert server.hung_up.wait(WITHIN)
        assert (answer.text, answer.reason) == ("", STOPPED_EARLY)
        wait_for(lambda: not answering(), WITHIN)
        assert len(server.requests) == 1


def test_the_question_that_is_made_of_a_conversation_is_hung_up_on(tmp_path: Path) -> None:
    with serve(Script(fault="silent")) as server, library(tmp_path, server) as kb:
        stopped(kb, server, "那年假呢？", TALK)
        assert server.hung_up.wait(WITHIN)
        wait_for(lambda: not answering())  # a search that has begun comes to its end
        assert len(server.requests) == 1, "the answer itself is not asked for any more"


def test_all_samples_are_hung_up_on(tmp_path: Path) -> None:
    with serve(Script(fault="silent")) as server, library(tmp_path, server, samples=3) as kb:
        events = kb.stream(QUESTION)
        thread = listening(events)
        wait_for(lambda: server.running == 3)
        events.close()
        wait_for(lambda: server.running == 0, WITHIN)
        thread.join(WITHIN)
        assert not thread.is_alive()


def test_a_reader_who_waits_for_a_turn_leaves_the_line(tmp_path: Path) -> None:
    with serve(Script(fault="silent")) as server, library(tmp_path, server, llm_requests=1) as kb:
        first, second = kb.stream(QUESTION), kb.stream(QUESTION)
        speaking = listening(first)
        wait_for(lambda: server.running == 1)
        waiting = listening(second)
        time.sleep(0.3)
        second.close()
        waiting.join(WITHIN)
        assert (waiting.is_alive(), speaking.is_alive()) == (False, True)
        first.close()
        speaking.join(WITHIN)
        assert len(server.requests) == 1


def test_an_answer_that_is_closed_before_it_began_asks_nothing(tmp_path: Path) -> None:
    with serve() as server, library(tmp_path, server) as kb:
        events = kb.stream(QUESTION)
        events.close()
        events.close()
        assert list(events) == []
        assert server.requests == []


class TestChoice:
    def test_several_models_can_be_chosen_and_a_single_one_cannot(self, tmp_path: Path) -> None:
        script = Script(model="青松-8B", adapters=("公文", "合同"))
        with serve(script) as server, library(tmp_path, server) as kb:
            watch = ModelWatch(kb.served_model, kb.connection.listed)
            assert watch.look(wait=5)
            assert watch.offer("") == (("青松-8B", "公文", "合同"), "青松-8B")
            assert watch.offer("合同")[1] == "合同"
            assert watch.offer("已卸下")[1] == "青松-8B"
            script.adapters = ()
            alone = ModelWatch(kb.served_model, kb.connection.listed)
            assert alone.look(wait=5)
            assert alone.offer("合同") == ((), "青松-8B")

    def test_without_a_server_there_is_nothing_to_choose(self, tmp_path: Path) -> None:
        with library(tmp_path, None) as kb:
            watch = ModelWatch(kb.served_model, kb.connection.listed)
            assert watch.look(wait=5)
            assert watch.offer("合同") == ((), "")
