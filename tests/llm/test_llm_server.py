"""The real command and the Python contract against a real model on a real vLLM: the wiring, not the wit."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest

from kb_app.models.llm import LanguageModel, ServedModel, discover
from tests.llm.serving import CONTEXT, NAME, wait_for

if TYPE_CHECKING:
    from collections.abc import Generator

    from kb_app import KnowledgeBase
    from kb_app.types import Event
    from tests.llm.conftest import KB
    from tests.llm.serving import Server

pytestmark = [pytest.mark.llm, pytest.mark.usefixtures("ingested")]

QUESTION = "How much is the daily meal allowance on a business trip?"
FACT = "The daily meal allowance on a business trip is 42 euros."
ANSWER_SECONDS = 180


def ask_json(kb_command: KB, *arguments: str) -> dict[str, Any]:
    """The one JSON document that ``kb ask --json`` prints."""
    process = kb_command("ask", *arguments, "--json")
    output, errors = process.communicate(timeout=ANSWER_SECONDS)
    assert process.returncode == 0, errors
    answer: dict[str, Any] = json.loads(output)
    return answer


def test_the_server_tells_its_model_and_context(server: Server) -> None:
    assert discover(server.base_url) == ServedModel(NAME, CONTEXT)


def test_the_model_stops_at_its_own_end(server: Server) -> None:
    finished = server.finished()
    question = [{"role": "user", "content": "What is the capital of France? Answer in one short sentence."}]
    said = "".join(piece.text for piece in LanguageModel(server.base_url).stream(question))
    assert "Paris" in said
    assert "<|im_end|>" not in said
    assert wait_for(lambda: server.finished() == finished + 1, 5)


def test_ask_prints_the_words_while_the_model_still_speaks(server: Server, kb_command: KB) -> None:
    chats = server.chats()
    with kb_command("ask", QUESTION, "--template", "long") as process:
        assert process.stdout
        first = process.stdout.read(1)
        still_speaking = wait_for(lambda: server.running() == 1, 2)
        rest, errors = process.communicate(timeout=ANSWER_SECONDS)
    assert process.returncode == 0, errors
    assert still_speaking
    assert len(first + rest) > 100
    assert server.chats() == chats + 1


def test_ask_with_the_default_template_names_the_model(server: Server, kb_command: KB) -> None:
    chats = server.chats()
    answer = ask_json(kb_command, QUESTION)
    assert server.chats() == chats + 1
    assert {"first_token", "generate", "retrieve", "total"} <= answer["timings"].keys()
    assert answer["passages"][0]["source"] == "travel.md"
    # whatever so small a model says: it is the answer, a refusal, or the reason why the answer is a quote
    assert NAME in (answer["model"] or answer["reason"])
    assert answer["text"]


def test_an_answer_of_the_model_is_cited_and_checked(kb_command: KB) -> None:
    answer = ask_json(kb_command, FACT, "--template", "copy")
    assert (answer["mode"], answer["model"], answer["reason"]) == ("llm", NAME, "")
    assert "42 euros" in answer["text"]
    marks = {int(number) for number in re.findall(r"\[(\d+)\]", answer["text"])}
    citations = answer["citations"]
    assert marks == {one["number"] for one in citations} == {1}
    assert "42 euros" in citations[0]["quote"]
    assert all(one["quote"] == one["passage"]["text"][one["start"] : one["end"]] for one in citations)


def test_the_stream_brings_the_words_of_the_model_before_the_answer(server: Server, base: KnowledgeBase) -> None:
    tokens = server.metric("vllm:generation_tokens_total")
    events = list(base.stream(FACT, template="copy"))
    words = [event.text for event in events if event.kind == "token"]
    assert [event.kind for event in events] == ["retrieved", *["token"] * len(words), "answer"]
    assert len(words) > 1
    assert "42 euros" in "".join(words)
    answer = events[-1].answer
    assert answer
    assert answer.timings["first_token"] < answer.timings["total"]
    assert server.metric("vllm:generation_tokens_total") > tokens


def test_closing_the_stream_ends_the_request_on_the_server(server: Server, base: KnowledgeBase) -> None:
    finished = server.finished()
    events = cast("Generator[Event]", base.stream(QUESTION, template="long"))
    with closing(events):
        assert any(event.kind == "token" for event in events)
        assert wait_for(lambda: server.running() == 1, 2)
    assert wait_for(lambda: server.running() == 0, 1)
    assert server.finished() == finished


def test_a_command_that_is_killed_ends_its_request(server: Server, kb_command: KB) -> None:
    with kb_command("ask", QUESTION, "--template", "long") as process:
        assert process.stdout
        assert process.stdout.read(1)
        assert wait_for(lambda: server.running() == 1, 2)
        process.kill()
    assert wait_for(lambda: server.running() == 0, 1)
