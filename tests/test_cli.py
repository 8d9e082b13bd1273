"""The real ``kb``, asked for what the sample documents say, with the embedding model of the repository."""

from __future__ import annotations

import json
import re
import time
from dataclasses import fields

import pytest

from kb_app import Answer, Passage
from tests.program import SAMPLES, Program
from tests.scripted_server import Script, refusing_url, serve

LEAVE = "入职满一年有几天年假？"
HANDBOOK = "制度/员工手册.docx"
SAID = ("员工入职满一年的，", "每年享有7天带薪年假", "[1]。")


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The samples in the knowledge base ``default``; tests only read it."""
    program = Program(tmp_path_factory.mktemp("shared"))
    ingested = program.run("ingest", SAMPLES)
    assert ingested.code == 0, ingested.err
    assert ingested.out == ""
    *files, summary = ingested.err.splitlines()
    assert len(files) == 14
    assert any(
        re.fullmatch(r"制度/信息安全管理规定\.pdf  pdf · 3 页 pages · [\d,]+ 字 characters · 1 表 tables · [\d.]+ s", f)
        for f in files
    )
    assert re.fullmatch(r"新增 added 14 · 片段 chunks (\d+) · 向量 embedded \1 · [\d.]+ s", summary)
    return program


def names(cls: type) -> list[str]:
    return [one.name for one in fields(cls)]


class TestSearch:
    def test_finds_and_shows_where(self, kb: Program) -> None:
        ran = kb.run("search", LEAVE, "-k", "2")
        assert (ran.code, ran.err) == (0, "")
        assert re.match(r"1\. 制度/员工手册\.docx · 员工手册 > 第四章 休假  [01]\.\d\d\n   第四章 休假\n", ran.out)
        assert "   第十三条 员工入职满一年的，每年享有7天带薪年假" in ran.out
        assert re.findall(r"^(\d)\. ", ran.out, re.MULTILINE) == ["1", "2"]

    def test_json_is_a_list_of_passages(self, kb: Program) -> None:
        found = kb.run("search", LEAVE, "-k", "3", "--json").json
        assert len(found) == 3
        assert all(list(passage) == names(Passage) for passage in found)
        assert found[0]["source"] == HANDBOOK

    def test_filters_add_up(self, kb: Program) -> None:
        found = kb.run("search", LEAVE, "-f", "folder=制度", "-f", "ext=docx", "-k", "20", "--json").json
        assert {passage["source"] for passage in found} == {HANDBOOK, "制度/采购管理办法.docx"}
        found = kb.run("search", LEAVE, "-f", "name=差旅*", "-k", "20", "--json").json
        assert {passage["source"] for passage in found} == {"制度/差旅与费用报销办法.md"}


class TestAsk:
    def test_without_a_model_it_quotes_the_document(self, kb: Program) -> None:
        ran = kb.run("ask", LEAVE)
        assert ran.code == 0
        assert "每年享有7天带薪年假" in ran.out
        assert f"[1] {HANDBOOK} · 员工手册 > 第四章 休假" in ran.out
        assert len(ran.err.splitlines()) == 1
        assert "KB_LLM_BASE_URL" in ran.err

    def test_json_is_the_answer(self, kb: Program) -> None:
        ran = kb.run("ask", LEAVE, "--json")
        answer = ran.json
        assert (ran.code, ran.err) == (0, "")
        assert list(answer) == names(Answer)
        assert (answer["mode"], answer["model"], answer["refused"]) == ("extractive", "", False)
        for citation in answer["citations"]:
            assert citation["passage"]["text"][citation["start"] : citation["end"]] == citation["quote"]

    def test_a_model_answers_and_its_words_come_one_by_one(self, kb: Program) -> None:
        with serve(Script(answers=[SAID], delay=0.3)) as server:
            process = Program(kb.home, {"KB_LLM_BASE_URL": server.base_url}).start("ask", LEAVE)
            assert process.stdout
            assert process.stdout.read(len(SAID[0])) == SAID[0]
            assert process.poll() is None
            out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert out.startswith("每年享有7天带薪年假[1]。\n")
        assert f"[1] {HANDBOOK}" in out
        assert err == ""

    def test_a_model_answers_in_json(self, kb: Program) -> None:
        with serve(Script(answers=[SAID])) as server:
            answer = kb.run("ask", LEAVE, "--template", "strict", "--json", KB_LLM_BASE_URL=server.base_url).json
        assert (answer["mode"], answer["model"], answer["template"]) == ("llm", "scripted", "strict")
        assert answer["text"] == "".join(SAID)
        assert [citation["passage"]["source"] for citation in answer["citations"]] == [HANDBOOK]
        assert answer["unsupported"] == []

    @pytest.mark.parametrize(
        ("script", "told"),
        [
            (Script(fault="silent"), "KB_LLM_TIMEOUT"),
            (Script(list_status=500), "500"),
            (Script(fault="dies", answers=[SAID]), "http://127.0.0.1"),
        ],
        ids=["slow", "fails to list", "dies"],
    )
    def test_a_server_in_trouble_is_one_line_and_the_documents_answer(
        self, kb: Program, script: Script, told: str
    ) -> None:
        with serve(script) as server:
            ran = kb.run("ask", LEAVE, KB_LLM_BASE_URL=server.base_url, KB_LLM_TIMEOUT="1")
        assert ran.code == 0
        assert "7天带薪年假" in ran.out
        assert HANDBOOK in ran.out
        assert len(ran.err.splitlines()) == 1
        assert told in ran.err

    def test_no_server_at_all_is_one_line_and_the_documents_answer(self, kb: Program) -> None:
        begin = time.monotonic()
        ran = kb.run("ask", LEAVE, KB_LLM_BASE_URL=refusing_url())
        assert time.monotonic() - begin < 15
        assert (ran.code, len(ran.err.splitlines())) == (0, 1)
        assert "7天带薪年假" in ran.out
        assert "vLLM" in ran.err

    def test_escape_sequences_of_a_model_do_not_reach_the_terminal(self, kb: Program) -> None:
        with serve(Script(answers=[["\x1b]0;stolen\x07\x1b[2J", *SAID]])) as server:
            ran = kb.run("ask", LEAVE, KB_LLM_BASE_URL=server.base_url)
        assert "7天带薪年假" in ran.out
        assert not set(ran.out) & {"\x1b", "\x07"}


def test_chat_remembers_and_ends_with_an_empty_line(kb: Program) -> None:
    with serve(Script(answers=[SAID])) as server:
        ran = kb.run("chat", stdin=f"{LEAVE}\n那满五年呢？\n\n", KB_LLM_BASE_URL=server.base_url)
    assert ran.code == 0, ran.err
    assert ran.out.count("来源 sources") == 2
    told = json.dumps(server.requests[-1]["messages"], ensure_ascii=False)
    assert LEAVE in told
    assert "那满五年呢" in told


def test_chat_says_once_that_no_model_is_connected_and_goes_on_after_a_bad_question(kb: Program) -> None:
    ran = kb.run("chat", stdin=f"{LEAVE}\n{'长' * 9000}\n{LEAVE}\n婚假有几天？\n")
    assert ran.code == 0
    assert ran.out.count("7天带薪年假") >= 2
    assert ran.out.count("来源 sources") == 3
    begin, told, complaint = ran.err.splitlines()
    assert "an empty line or `exit` ends" in begin
    assert "KB_LLM_BASE_URL" in told
    assert "9000 characters" in complaint


class TestWhatThereIs:
    def test_list(self, kb: Program) -> None:
        (base,) = kb.run("list", "--json").json
        assert (base["name"], base["counts"]["documents"]) == ("default", 14)
        header, row = kb.run("list").out.splitlines()
        assert "名称 name" in header
        assert row.startswith("default")
        assert re.search(r"\s14\s+0\s+\d+\s+\d+ kB\s", row)

    def test_status(self, kb: Program) -> None:
        ran = kb.run("status")
        assert (ran.code, ran.err) == (0, "")
        assert re.search(r"^文档 documents +14$", ran.out, re.MULTILINE)
        assert re.search(r"^占用 on disk +\d+ kB$", ran.out, re.MULTILINE)
        found = kb.run("status", "--json").json
        assert (found["documents"], found["failed"], found["pending_vectors"], found["errors"]) == (14, 0, 0, {})

    def test_documents_are_shown_whole_so_that_their_names_can_be_used(self, kb: Program) -> None:
        header, *rows = kb.run("documents").out.splitlines()
        sources = {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*.*")}
        assert header.startswith("来源 source")
        assert {re.split(r"\s{2,}", row)[0] for row in rows} == sources
        assert {one["source"] for one in kb.run("documents", "--json").json} == sources
