"""The real ``kb``, command by command, with the embedding model of the repository and real files."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import threading
import time
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from ingest import SyncReport
from kb_app import Answer, Passage
from kb_app.cli import app
from tests.program import ROOT, SAMPLES, Program, write
from tests.scripted_server import Script, refusing_url, serve

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

LEAVE = "入职满一年有几天年假？"
HANDBOOK = "制度/员工手册.docx"
SAID = ("员工入职满一年的，", "每年享有7天带薪年假", "[1]。")
COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands if command.callback)


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
        re.fullmatch(r"制度/信息安全管理规定\.pdf  pdf · 3 页 pages · [\d,]+ 字 characters · [\d.]+ s", f)
        for f in files
    )
    assert re.fullmatch(r"新增 added 14 · 片段 chunks (\d+) · 向量 embedded \1 · [\d.]+ s", summary)
    return program


@pytest.fixture
def own(tmp_path: Path) -> Program:
    """An empty home for a test that writes."""
    return Program(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "文件", 香蕉="香蕉每斤三元。", 苹果="苹果每斤五元。")


def names(cls: type) -> list[str]:
    return [one.name for one in fields(cls)]


class TestIngest:
    def test_json_is_the_report(self, own: Program, folder: Path) -> None:
        first = own.run("ingest", folder, "--json")
        assert first.code == 0
        assert list(first.json) == names(SyncReport)
        assert first.json["added"] == ["苹果.txt", "香蕉.txt"]
        assert first.json["chunks"] == first.json["embedded"] == 2
        second = own.run("ingest", folder, "--json").json
        assert (second["unchanged"], second["embedded"]) == (["苹果.txt", "香蕉.txt"], 0)

    def test_dry_run_says_what_would_be_done_and_makes_nothing(self, own: Program, folder: Path) -> None:
        ran = own.run("ingest", folder, "--dry-run")
        assert (ran.code, ran.out) == (0, "新增 added  苹果.txt\n新增 added  香蕉.txt\n")
        assert "dry run, nothing changed" in ran.err
        assert own.run("list", "--json").json == []

    def test_prune_removes_what_is_gone_and_only_then(self, own: Program, folder: Path) -> None:
        own.run("ingest", folder)
        (folder / "苹果.txt").unlink()
        assert own.run("ingest", folder, "--json").json["removed"] == []
        preview = own.run("ingest", folder, "--prune", "--dry-run")
        assert preview.out == "移除 removed  苹果.txt\n"
        assert own.run("ingest", folder, "--prune", "--json").json["removed"] == ["苹果.txt"]
        assert [one["source"] for one in own.run("documents", "--json").json] == ["香蕉.txt"]

    def test_watch_finds_a_new_file_and_ends_with_ctrl_c(self, own: Program, folder: Path) -> None:
        watching = own.start("ingest", folder, "--watch", "--json", "--kb", "水果")
        too_long = threading.Timer(30, watching.kill)
        too_long.start()
        try:
            assert json.loads(next_line(watching))["added"] == ["苹果.txt", "香蕉.txt"]
            write(folder, 葡萄="葡萄每斤十二元。")
            while not (added := json.loads(next_line(watching))["added"]):
                pass
            assert added == ["葡萄.txt"]
            watching.send_signal(signal.SIGINT)
            _, err = watching.communicate(timeout=20)
        finally:
            too_long.cancel()
            watching.kill()
        assert watching.returncode == 0, err
        assert len(err.splitlines()) == 1
        assert "Ctrl-C" in err
        assert own.run("search", "葡萄多少钱", "-k", "1", "--kb", "水果", "--json").json[0]["source"] == "葡萄.txt"

    def test_progress_is_shown_in_a_terminal(self, own: Program) -> None:
        seen, code = in_terminal(own, "ingest", SAMPLES / "产品")
        assert code == 0
        assert re.search(r"读取 files\s.*5/5", seen)
        assert re.search(r"向量 chunks\s.*\d+/\d\d\b", seen)
        assert "新增 added 5" in seen


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def in_terminal(program: Program, *arguments: str | Path) -> tuple[str, int]:
    """What a command shows on a terminal, control sequences included."""
    ours, theirs = pty.openpty()
    process = program.start(*arguments, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while piece := read_terminal(ours):
        seen += piece
    os.close(ours)
    return seen.decode(), process.wait(timeout=60)


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""


class TestSearch:
    def test_finds_and_shows_where(self, kb: Program) -> None:
        ran = kb.run("search", LEAVE, "-k", "2")
        assert (ran.code, ran.err) == (0, "")
        assert re.match(r"1\. 制度/员工手册\.docx · 员工手册 > 第四章 休假  0\.\d\d\n   第四章 休假\n", ran.out)
        assert "   第十三条 员工入职满一年的，每年享有7天带薪年假" in ran.out
        assert re.findall(r"^(\d)\. ", ran.out, re.MULTILINE) == ["1", "2"]

    def test_json_is_a_list_of_passages(self, kb: Program) -> None:
        found = kb.run("search", LEAVE, "-k", "3", "--json").json
        assert len(found) == 3
        assert all(list(passage) == names(Passage) for passage in found)
        assert found[0]["source"] == HANDBOOK

    @pytest.mark.parametrize(
        ("condition", "allowed"),
        [("folder=产品", r"产品/.*"), ("ext=pdf", r".*\.pdf"), ("name=差旅*", r"制度/差旅与费用报销办法\.md")],
    )
    def test_a_filter_keeps_only_its_documents(self, kb: Program, condition: str, allowed: str) -> None:
        found = kb.run("search", LEAVE, "-k", "20", "-f", condition, "--json").json
        assert found
        assert all(re.fullmatch(allowed, passage["source"]) for passage in found)

    def test_filters_add_up(self, kb: Program) -> None:
        found = kb.run("search", LEAVE, "-f", "folder=制度", "-f", "ext=docx", "-k", "20", "--json").json
        assert {passage["source"] for passage in found} == {HANDBOOK, "制度/采购管理办法.docx"}


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
            (Script(fault="html"), "http://127.0.0.1"),
            (Script(status=500), "500"),
            (Script(list_status=500), "500"),
            (Script(fault="dies", answers=[SAID]), "http://127.0.0.1"),
            (Script(answers=[["我什么都知道。"]]), "cites no passage"),
        ],
        ids=["slow", "nonsense", "fails", "fails to list", "dies", "cites nothing"],
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


def test_chat_goes_on_after_a_question_that_cannot_be_asked(kb: Program) -> None:
    ran = kb.run("chat", stdin=f"{'长' * 9000}\n{LEAVE}\n")
    assert ran.code == 0
    assert "7天带薪年假" in ran.out
    assert "9000 characters" in ran.err


class TestWhatThereIs:
    def test_list(self, kb: Program) -> None:
        (base,) = kb.run("list", "--json").json
        assert (base["name"], base["counts"]["documents"]) == ("default", 14)
        header, row = kb.run("list").out.splitlines()
        assert "名称 name" in header
        assert row.startswith("default")
        assert re.search(r"\s14\s+0\s+\d+\s+\d+ kB\s", row)

    def test_list_of_nothing_says_how_to_begin(self, own: Program) -> None:
        ran = own.run("list")
        assert (ran.code, ran.out) == (0, "")
        assert "kb ingest FOLDER" in ran.err

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

    def test_remove_forgets_the_document_and_leaves_the_file(self, own: Program, folder: Path) -> None:
        own.run("ingest", folder)
        assert own.run("remove", "苹果.txt").code == 0
        assert [one["source"] for one in own.run("search", "苹果", "--json").json] == ["香蕉.txt"]
        assert (folder / "苹果.txt").exists()

    def test_drop_asks_first(self, own: Program, folder: Path) -> None:
        own.run("ingest", folder, "--kb", "水果")
        refused = own.run("drop", "--kb", "水果", stdin="n\n")
        assert (refused.code, refused.out.strip()) == (1, "")
        assert len(own.run("list", "--json").json) == 1
        assert own.run("drop", "--kb", "水果", "--yes").code == 0
        assert own.run("list", "--json").json == []
        assert len(list(folder.iterdir())) == 2


class TestRepair:
    def test_a_lost_index_is_found_and_made_anew(self, own: Program, folder: Path) -> None:
        own.run("ingest", folder)
        healthy = own.run("doctor")
        assert (healthy.code, healthy.out) == (0, "")
        lose_vectors(own)
        sick = own.run("doctor")
        assert sick.code == 1
        assert "missing_vectors: 2" in sick.out
        assert "kb doctor --repair" in sick.err
        mended = own.run("doctor", "--repair", "--json")
        assert mended.code == 0
        assert mended.json["missing_vectors"] == []
        assert own.run("search", "苹果价格", "--json").json[0]["found_by"] == ["dense", "keyword"]

    def test_rebuild_makes_both_indexes_from_the_catalog_alone(self, own: Program, folder: Path) -> None:
        own.run("ingest", folder)
        for path in folder.iterdir():
            path.unlink()
        ran = own.run("rebuild")
        assert ran.code == 0
        assert "embedded 2" in ran.err
        assert own.run("search", "苹果价格", "--json").json[0]["source"] == "苹果.txt"


def lose_vectors(program: Program) -> None:
    script = (
        "from kb_app import KnowledgeBase\n"
        "with KnowledgeBase.open() as kb:\n"
        "    kb.vectors.delete([int(p.chunk_id) for p in kb.search('水果', k=9)])\n"
    )
    lost = program.run_python(["-c", script])
    assert lost.code == 0, lost.err


def test_eval_measures_on_a_knowledge_base_of_its_own(own: Program, folder: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    lines = [
        {"id": one, "question": f"{one}多少钱一斤", "answers": [], "doc": f"{one}.txt"} for one in ("香蕉", "苹果")
    ]
    questions.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    ran = own.run("eval", "--docs", folder, "--questions", questions, "--json")
    assert ran.code == 0, ran.err
    scores = {"questions": 2, "hit_at_1": 1.0, "hit_at_5": 1.0, "mrr_at_10": 1.0, "recall_at_10": 1.0}
    assert ran.json["retrieval"] == scores
    assert own.run("list", "--json").json == []


def test_eval_prints_a_table(own: Program) -> None:
    some = (ROOT / "data/eval/questions.jsonl").read_text(encoding="utf-8").splitlines()[:2]
    questions = own.home.with_name("questions.jsonl")
    questions.write_text("\n".join(some), encoding="utf-8")
    document = next((ROOT / "data/eval/docs").rglob(json.loads(some[0])["doc"]))
    ran = own.run("eval", "--docs", document, "--questions", questions)
    assert ran.code == 0, ran.err
    assert re.search(r"^all +2 ", ran.out, re.MULTILINE)
    assert "embed: p50" in ran.err


def test_config_shows_where_a_setting_comes_from(own: Program) -> None:
    own.home.mkdir(parents=True)
    (own.home / "kb.toml").write_text('top_k = 3\nmin_score = 0.3\nllm_api_key = "hush"\n', encoding="utf-8")
    ran = own.run("config", "--json", KB_MIN_SCORE="0.4")
    assert ran.code == 0, ran.err
    rows = {row["name"]: (row["value"], row["from"]) for row in ran.json}
    assert rows["KB_TOP_K"] == ("3", "kb.toml")
    assert rows["KB_MIN_SCORE"] == ("0.4", "KB_MIN_SCORE")
    assert rows["KB_TEMPLATE"] == ("strict", "default")
    assert "hush" not in ran.out
    assert re.search(r"^KB_TOP_K +3 +kb\.toml ", own.run("config").out, re.MULTILINE)


class TestUsage:
    def test_help_names_every_command(self, own: Program) -> None:
        ran = own.run("--help")
        assert ran.code == 0
        assert all(re.search(rf"│ {name} ", ran.out) for name in COMMANDS)
        assert "--debug" in ran.out

    @pytest.mark.parametrize("command", COMMANDS)
    def test_each_command_has_its_help(self, own: Program, command: str) -> None:
        ran = own.run(command, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert f"Usage: kb {command}" in ran.out or f"kb_app.cli {command}" in ran.out

    @pytest.mark.parametrize(
        "arguments",
        [["search"], ["search", "x", "-k", "0"], ["search", "x", "--nope"], ["nope"], ["ask", "a", "b"], ["ingest"]],
        ids=" ".join,
    )
    def test_wrong_usage_is_status_2(self, own: Program, arguments: list[str]) -> None:
        ran = own.run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "Usage:" in ran.err
        assert "Traceback" not in ran.err

    def test_a_traceback_is_shown_with_debug_alone(self, own: Program) -> None:
        assert own.run("search", "年假").complaint
        for place in (["--debug", "search", "年假"], ["search", "年假", "--debug"]):
            ran = own.run(*place)
            assert ran.code == 1
            assert "Traceback" in ran.err
            assert "NotFoundError" in ran.err
