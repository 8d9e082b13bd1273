"""What a served model can do beyond answering: adapters, forms, a full context, many readers, a sudden death."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from ingest import sync
from kb_app import KnowledgeBase
from kb_app.models.llm import LanguageModel
from kb_app.models.streaming import Request
from tests.llm.conftest import ADAPTERS
from tests.llm.serving import CONTEXT, NAME, wait_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from kb_app import Settings
    from kb_app.types import Event
    from tests.llm.conftest import KB
    from tests.llm.serving import Server

pytestmark = [pytest.mark.llm, pytest.mark.usefixtures("ingested")]

FACT = "The daily meal allowance on a business trip is 42 euros."
READERS = 32
SCHEMA = {
    "type": "object",
    "properties": {
        "verdict": {"type": "string", "enum": ["supported", "contradicted", "absent"]},
        "sentence": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "required": ["verdict", "sentence"],
    "additionalProperties": False,
}
WAREHOUSES = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛")
DUTIES = (
    "{name}字仓库的钥匙由当班仓管员随身携带，交接时双方当面清点并在登记簿上签名，缺一把即停止出库。",
    "入库的纸箱先在{name}字仓库东侧的黄线区内停放半日，确认没有受潮、压塌和虫蛀之后才能上架。",
    "{name}字仓库每逢周三上午盘点易耗品，账面与实物相差超过百分之二时，当天向物资科写出书面说明。",
    "雨季期间{name}字仓库的除湿机不得关闭，仓管员每隔四小时抄一次湿度，高于六十五时通知维修班。",
    "领料单须写明用途和班组，{name}字仓库不接受口头领料，节假日急用时由值班主任补签。",
    "{name}字仓库的消防通道宽一米五，任何货物不得占用，保安队每晚九点巡查并拍照留底。",
)


def say(model: LanguageModel, question: str, request: Request) -> str:
    pieces = model.stream([{"role": "user", "content": question}], request)
    return "".join(piece.text for piece in pieces if piece.kind == "text")


@pytest.fixture(scope="module")
def long_base(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Eight sections in Chinese, which take this English model several times its context."""
    folder = tmp_path_factory.mktemp("warehouses")
    sections = [
        f"## {name}字仓库管理细则\n\n" + "\n\n".join(duty.format(name=name) for duty in DUTIES) for name in WAREHOUSES
    ]
    (folder / "仓库管理细则.md").write_text("# 仓库管理细则\n\n" + "\n\n".join(sections), "utf-8")
    with KnowledgeBase.open("warehouses", settings) as base:
        assert not sync([folder], base).failed
        yield base


def test_adapters_are_served_as_models_and_speak_differently(server: Server) -> None:
    listed = [one["id"] for one in httpx.get(f"{server.base_url}/models").json()["data"]]
    assert listed == [NAME, *ADAPTERS]
    exact = Request(temperature=0.0, max_tokens=24)
    said = {
        name: say(LanguageModel(server.base_url, model=name), "What is the capital of France?", exact)
        for name in listed
    }
    assert all(said.values())
    assert len(set(said.values())) == len(listed), said


def test_an_adapter_answers_from_the_documents(settings: Settings, server: Server) -> None:
    chosen = settings.model_copy(update={"llm_model": ADAPTERS[0]})
    before = server.chats()
    with KnowledgeBase.open("llm", chosen, create=False) as base:
        answer = base.ask(FACT, template="copy")
    assert server.chats() > before
    # an adapter of random numbers may say what no passage supports: then the reason names it
    assert ADAPTERS[0] in (answer.model or answer.reason)


def test_an_answer_keeps_to_a_schema(server: Server) -> None:
    question = (
        f"Sentence 3: {FACT} The travel rules say 42 euros. What is your verdict on the sentence? Answer in JSON."
    )
    said = say(LanguageModel(server.base_url), question, Request(schema=SCHEMA, temperature=0.0, max_tokens=64))
    verdict: dict[str, Any] = json.loads(said)
    assert verdict.keys() == {"verdict", "sentence"}
    assert verdict["verdict"] in SCHEMA["properties"]["verdict"]["enum"]  # type: ignore[index]
    assert verdict["sentence"] in range(1, 10)


def test_passages_that_do_not_fit_the_context_are_left_out(long_base: KnowledgeBase, server: Server) -> None:
    before = server.chats()
    answer = long_base.ask("仓库的钥匙、盘点和领料有哪些规定？", template="plain")
    assert server.chats() > before
    assert len(answer.passages) > 2
    assert answer.left_out > 0
    assert f"{answer.left_out} 段资料" in answer.reason
    assert answer.text


def test_a_question_longer_than_the_context_gets_an_extract_and_the_reason(long_base: KnowledgeBase) -> None:
    question = "仓库的钥匙由谁携带？" + "".join(duty.format(name="甲") for duty in DUTIES * 9) + "仓库的钥匙由谁携带？"
    assert len(question) > CONTEXT  # and a character takes two to three tokens of this vocabulary
    answer = long_base.ask(question, template="plain")
    assert answer.mode == "extractive"
    assert "context" in answer.reason
    assert answer.citations


def test_many_readers_are_answered_at_once(settings: Settings, server: Server) -> None:
    before, most = server.chats(), 0.0
    with KnowledgeBase.open("llm", settings, create=False) as base, ThreadPoolExecutor(READERS) as readers:
        answers = [readers.submit(base.ask, FACT, template="copy") for _ in range(READERS)]
        while not all(answer.done() for answer in answers):
            most = max(most, server.running())
    said = [answer.result() for answer in answers]
    assert server.chats() >= before + READERS
    assert most > READERS / 4
    assert all(NAME in (one.model or one.reason) for one in said)
    assert sum(one.mode == "llm" for one in said) > READERS / 2
    assert server.running() == 0


def test_status_tells_how_busy_the_server_is(base: KnowledgeBase, kb_command: KB, server: Server) -> None:
    with closing(cast("Generator[Event]", base.stream(FACT, template="long"))) as events:
        assert any(event.kind == "token" for event in events)
        process = kb_command("status", "--json")
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    status = json.loads(output)
    assert (status["model"], status["load"]["running"]) == (NAME, 1)
    assert wait_for(lambda: server.running() == 0, 1)


def test_a_server_that_dies_in_an_answer_and_comes_back(settings: Settings, server: Server) -> None:
    with KnowledgeBase.open("llm", settings, create=False) as base:
        events = []
        for event in base.stream("How much is the daily meal allowance?", template="long"):
            events.append(event)
            if event.kind == "token" and server.is_healthy():
                assert wait_for(lambda: server.running() == 1, 5)
                server.kill()
        answer = events[-1].answer
        assert answer
        assert (answer.mode, answer.refused) == ("extractive", False)
        assert "42 euros" in answer.text
        assert "broke off" in answer.reason
        server.start()
        again = base.ask(FACT, template="copy")
    assert (again.mode, again.model) == ("llm", NAME)
    assert "42 euros" in again.text
