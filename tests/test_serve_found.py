"""A server that ``kb serve`` started answers without a setting, and a setting always wins: with real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.commands.invocation import scratch_base
from kb_app.connection import address
from kb_app.models.llm import discover
from tests.program import write
from tests.scripted_server import Script, refusing_url, serve
from tests.serving import Serving, Unset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.program import Program

QUESTION = "员工年假有几天？"
ANSWER = "小模型：年假有五天。[1]"
USUAL = "http://127.0.0.1:8000/v1"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A home with one document, and a server that may be started there."""
    made = Serving(tmp_path_factory.mktemp("found"))
    documents = write(made.kb.home.parent / "documents", 假期="员工年假有五天。病假须在三天内提交证明。")
    with KnowledgeBase.open(settings=Settings(home=made.kb.home, llm_base_url="none")) as kb:
        sync([documents], kb)
    yield made
    made.end()


@pytest.fixture(scope="module")
def running(serving: Serving) -> Serving:
    """The same with the server started; the tests above it in this file come before."""
    ran = serving.kb.run(*serving.command(options=("--detach",)))
    assert ran.code == 0, ran.err
    return serving


@pytest.fixture
def kb(serving: Serving) -> Program:
    """No word about a model server reaches it."""
    return Unset(serving.kb.home, serving.kb.settings)


@pytest.fixture
def settings(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a user who has set nothing but the home."""
    monkeypatch.delenv("KB_LLM_BASE_URL")
    return Settings(home=serving.kb.home)


def test_an_open_knowledge_base_notices_that_it_comes_and_goes(
    serving: Serving, kb: Program, settings: Settings
) -> None:
    with KnowledgeBase.open(settings=settings, create=False) as base:
        assert address(settings).url == USUAL
        ran = kb.run(*serving.command(options=("--detach",)))
        assert "就绪 ready: 小模型" in ran.err
        assert "export" not in ran.err
        assert base.ask(QUESTION).text == ANSWER
        kept = serving.record_file.read_text("utf-8")
        serving.end()
        assert address(settings).url == USUAL
    for text in (kept, json.dumps(json.loads(kept) | {"started": ""}), "{", "[]"):
        serving.record_file.write_text(text, "utf-8")
        assert address(settings).url == USUAL, text
    serving.record_file.unlink()


def test_every_command_asks_it_while_it_runs(running: Serving, kb: Program) -> None:
    assert kb.run("status", "--json").json["model"] == "小模型"
    assert kb.run("ask", QUESTION, "--json").json["text"] == ANSWER
    assert ANSWER in kb.run("chat", stdin=f"{QUESTION}\n\n").out


def test_what_is_set_wins_also_where_it_is_the_usual_address(
    running: Serving, kb: Program, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = running.kb.home
    assert address(settings).url == running.url
    assert kb.run("status", "--json", KB_LLM_BASE_URL=refusing_url()).json["model"] == ""
    for url in (USUAL, "none", ""):
        assert address(Settings(home=home, llm_base_url=url)).url == url
    monkeypatch.chdir(tmp_path)
    Path("kb.toml").write_text(f'llm_base_url = "{USUAL}"\n', "utf-8")
    assert address(Settings(home=home)).url == USUAL
    Path("kb.toml").unlink()
    monkeypatch.setenv("KB_LLM_BASE_URL", USUAL)
    assert address(Settings(home=home)).url == USUAL


def test_measuring_in_a_base_of_its_own_asks_it_too(
    running: Serving, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_HOME", str(running.kb.home))
    with scratch_base() as base:
        assert base.settings.home != running.kb.home
        assert base.connection.served() == discover(running.url)


def test_a_model_that_is_set_is_looked_for_there(running: Serving, settings: Settings) -> None:
    assert address(settings).model == "小模型"
    with KnowledgeBase.open(settings=Settings(home=running.kb.home, llm_model="公文"), create=False) as base:
        assert "has no model '公文', only 小模型" in base.ask(QUESTION).reason


def test_a_model_of_the_server_is_named_on_the_command_line(kb: Program) -> None:
    script = Script(model="青松-8B", adapters=("青松-公文",), answers=[["年假有五天。[1]"]])
    with serve(script) as server:
        at = {"KB_LLM_BASE_URL": server.base_url}
        assert kb.run("ask", QUESTION, "--model", "青松-公文", "--json", **at).json["model"] == "青松-公文"
        assert kb.run("chat", "--model", "青松-公文", stdin=f"{QUESTION}\n\n", **at).code == 0
        assert {body["model"] for body in server.requests} == {"青松-公文"}


def test_a_program_names_a_model_for_one_question(serving: Serving) -> None:
    script = Script(model="青松-8B", adapters=("青松-公文",), answers=[["年假有五天。[1]"]])
    with serve(script) as server:
        settings = Settings(home=serving.kb.home, llm_base_url=server.base_url)
        with KnowledgeBase.open(settings=settings, create=False) as base:
            assert [one.name for one in base.connection.listed()] == ["青松-8B", "青松-公文"]
            assert base.ask(QUESTION, model="青松-公文").model == "青松-公文"
            assert base.ask(QUESTION).model == "青松-8B"
            wrong = base.ask(QUESTION, model="青松-诗")
    assert wrong.mode == "extractive"
    assert "has no model '青松-诗', only 青松-8B, 青松-公文" in wrong.reason
