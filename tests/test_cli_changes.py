"""The commands of the real ``kb`` that change something, its settings, its help, and its exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import threading
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from ingest import SyncReport
from kb_app.cli import app
from tests.program import ROOT, SAMPLES, Program, write

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands if command.callback)


@pytest.fixture
def own(tmp_path: Path) -> Program:
    """An empty home for a test that writes."""
    return Program(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "文件", 香蕉="香蕉每斤三元。", 苹果="苹果每斤五元。")


class TestIngest:
    def test_what_is_there_is_read_and_what_is_gone_goes_with_prune(self, own: Program, folder: Path) -> None:
        planned = own.run("ingest", folder, "--dry-run")
        assert (planned.code, planned.out) == (0, "新增 added  苹果.txt\n新增 added  香蕉.txt\n")
        assert "dry run, nothing changed" in planned.err
        nothing = own.run("list")
        assert (nothing.code, nothing.out) == (0, "")
        assert "kb ingest FOLDER" in nothing.err
        first = own.run("ingest", folder, "--json")
        assert first.code == 0
        assert list(first.json) == [one.name for one in fields(SyncReport)]
        assert first.json["added"] == ["苹果.txt", "香蕉.txt"]
        assert first.json["chunks"] == first.json["embedded"] == 2
        (folder / "苹果.txt").unlink()
        second = own.run("ingest", folder, "--json").json
        assert (second["unchanged"], second["embedded"], second["removed"]) == (["香蕉.txt"], 0, [])
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

    def test_ctrl_c_ends_with_one_line_and_the_next_run_goes_on(self, own: Program, tmp_path: Path) -> None:
        docs = write(tmp_path / "多", **{f"水果{i}": f"第{i}种水果每斤{i}元。" * 60 for i in range(25)})
        reading = own.start("ingest", docs)
        too_long = threading.Timer(60, reading.kill)
        too_long.start()
        try:
            assert reading.stderr is not None
            assert reading.stderr.readline().startswith("水果")
            reading.send_signal(signal.SIGINT)
            _, err = reading.communicate(timeout=30)
        finally:
            too_long.cancel()
            reading.kill()
        assert (reading.returncode, err.splitlines()[-1]) == (
            130,
            "已停止，已写入的都保留，其余下次接着做 · stopped; what is written stays, the next run does the rest",
        )
        assert own.run("ingest", docs, "--json").json["failed"] == []
        assert len(own.run("documents", "--json").json) == 25
        assert own.run("doctor").code == 0

    @pytest.mark.parametrize(("name", "told"), [("", "is empty"), (" ", "is empty"), ("名" * 101, "longer than 100")])
    def test_a_name_that_is_none(self, own: Program, folder: Path, name: str, told: str) -> None:
        assert told in own.run("ingest", folder, "--kb", name).complaint
        assert own.run("list").out == ""

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


def test_remove_forgets_a_document_and_drop_asks_before_it_forgets_all(own: Program, folder: Path) -> None:
    own.run("ingest", folder, "--kb", "水果")
    assert own.run("remove", "苹果.txt", "--kb", "水果").code == 0
    assert [one["source"] for one in own.run("search", "苹果", "--kb", "水果", "--json").json] == ["香蕉.txt"]
    for answer in ("n\n", ""):
        refused = own.run("drop", "--kb", "水果", stdin=answer)
        assert (refused.code, refused.out) == (1, "")
        asked, told = refused.err.splitlines()
        assert "'水果'" in asked
        assert "nothing is deleted" in told
    agreed = own.run("drop", "--kb", "水果", stdin="y\n")
    assert (agreed.code, agreed.out) == (0, "")
    assert "已删除 deleted: 水果" in agreed.err
    assert own.run("list", "--json").json == []
    assert len(list(folder.iterdir())) == 2


def test_lost_indexes_are_found_and_made_anew(own: Program, folder: Path) -> None:
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
    for path in folder.iterdir():
        path.unlink()
    rebuilt = own.run("rebuild")  # from the catalog alone
    assert rebuilt.code == 0
    assert "embedded 2" in rebuilt.err
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
    def test_each_command_has_its_help(self, command: str) -> None:
        ran = CliRunner().invoke(app, [command, "--help"], prog_name="kb")
        assert (ran.exit_code, ran.stderr) == (0, "")
        assert f"Usage: kb {command}" in ran.stdout

    @pytest.mark.parametrize(
        "arguments", [["search"], ["search", "x", "-k", "0"], ["nope"], ["ask", "a", "b"], ["ingest"]], ids=" ".join
    )
    def test_wrong_usage_is_status_2(self, arguments: list[str]) -> None:
        ran = CliRunner().invoke(app, arguments)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "Usage:" in ran.stderr

    def test_wrong_usage_of_the_program_is_status_2_without_a_traceback(self, own: Program) -> None:
        ran = own.run("search", "x", "--nope")
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
