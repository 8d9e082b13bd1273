"""What people do wrong and what goes wrong around them: one clear line with the remedy, the rest is done."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kb_app import KnowledgeBase, Settings
from tests.fakes import HashEmbedder
from tests.program import ROOT, SAMPLES, Program, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "鸡蛋应当冷藏保存。"


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """One small document in ``default``; tests only read it."""
    home = tmp_path_factory.mktemp("home")
    program = Program(home / "kb")
    assert program.run("ingest", write(home / "文件", 鸡蛋=GOOD)).code == 0
    return program


@pytest.fixture
def own(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good document, beside which something is wrong."""
    return write(tmp_path / "文件", 好=GOOD)


def found(program: Program) -> list[str]:
    return [one["source"] for one in program.run("search", "鸡蛋", "--json").json]


class TestFiles:
    def test_missing_path_is_named_and_the_rest_is_read(self, own: Program, folder: Path) -> None:
        (line,) = own.run("ingest", folder.with_name("没有"), folder).complaints
        assert line == f"{folder.with_name('没有')}: there is no such file or folder; check the path"
        assert found(own) == ["好.txt"]

    def test_empty_folder(self, own: Program, tmp_path: Path) -> None:
        (tmp_path / "空").mkdir()
        (line,) = own.run("ingest", tmp_path / "空").complaints
        assert line == f"{tmp_path / '空'}: no documents in this folder; put files into it, or name another"

    def test_broken_and_empty_files_fail_alone_and_stay_listed(self, own: Program, folder: Path) -> None:
        for name, begin in {"手册.docx": "员工手册.docx", "规定.pdf": "信息安全管理规定.pdf"}.items():
            (folder / name).write_bytes((SAMPLES / "制度" / begin).read_bytes()[:3000])
        (folder / "表.xlsx").write_bytes(b"PK\x03\x04 not a sheet")
        (folder / "空.txt").touch()
        lines = dict(line.split(": ", 1) for line in own.run("ingest", folder).complaints)
        office = "broken or truncated: not an Office file; open it in Office and save it anew"
        assert lines == {
            "手册.docx": office,
            "表.xlsx": office,
            "规定.pdf": "broken or truncated: not a readable PDF; export it anew",
            "空.txt": "file is empty (0 bytes)",
        }
        assert found(own) == ["好.txt"]
        status = own.run("status", "--json").json
        assert (status["failed"], status["errors"]) == (4, lines)

    def test_a_mended_file_is_read_the_next_time(self, own: Program, folder: Path) -> None:
        (folder / "空.txt").touch()
        assert own.run("ingest", folder).code == 1
        write(folder, 空="鸡蛋要轻放。")
        assert own.run("ingest", folder).code == 0
        assert sorted(found(own)) == ["好.txt", "空.txt"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
    def test_file_without_permission(self, own: Program, folder: Path) -> None:
        write(folder, 密="秘密").joinpath("密.txt").chmod(0)
        (line,) = own.run("ingest", folder).complaints
        assert line.startswith("密.txt: cannot be opened: Permission denied")

    def test_a_link_to_nothing_and_a_folder_named_like_a_file_stop_nobody(self, own: Program, folder: Path) -> None:
        (folder / "断.txt").symlink_to(folder / "没有.txt")
        (folder / "夹.txt").mkdir()
        ran = own.run("ingest", folder)
        assert "Traceback" not in ran.err
        assert found(own) == ["好.txt"]

    def test_any_name_is_a_name(self, own: Program, tmp_path: Path) -> None:
        odd = {"有 空格.txt", "鸡蛋🥚.txt", "两\n行.txt", "[bold]红.txt", "-k.txt"}
        for name in odd:
            (tmp_path / "文件").mkdir(exist_ok=True)
            (tmp_path / "文件" / name).write_text(f"{GOOD}{name}", encoding="utf-8")
        assert own.run("ingest", tmp_path / "文件").code == 0
        assert set(found(own)) == odd
        assert len(own.run("documents").out.splitlines()) == 1 + len(odd)
        assert own.run("remove", "两\n行.txt").code == 0

    def test_a_name_with_a_line_break_fails_on_one_line(self, own: Program, folder: Path) -> None:
        (folder / "两\n行.txt").touch()
        assert own.run("ingest", folder).complaints == ["两 行.txt: file is empty (0 bytes)"]

    def test_a_file_over_the_bound_is_refused_unread(self, own: Program, folder: Path) -> None:
        with (folder / "大.txt").open("wb") as file:
            file.truncate(500_000_001)  # a hole, no bytes on the disk
        (line,) = own.run("ingest", folder).complaints
        assert line == "大.txt: 500,000,001 bytes, over the bound of 500,000,000; split the file"
        assert found(own) == ["好.txt"]

    def test_a_large_text_takes_a_bounded_share_of_memory(self, tmp_path: Path) -> None:
        large = tmp_path / "大.txt"
        sentence = "合同自双方签字之日起生效，有效期一年。\n"
        large.write_text(sentence * (10_000_000 // len(sentence.encode())), encoding="utf-8")
        script = (
            "import resource, sys, pathlib\n"
            "from ingest.parse import parse_file\n"
            "from ingest.chunk import chunk_document\n"
            "chunks = chunk_document(parse_file(pathlib.Path(sys.argv[1]))).chunks\n"
            "print(len(chunks), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", script, str(large)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
        chunks, megabytes = map(int, ended.stdout.split())
        assert chunks > 5_000
        assert megabytes < 100 + 20 * 10  # at most 20 bytes for each byte of the file


class TestSettings:
    def test_unknown_variable(self, own: Program) -> None:
        line = own.run("list", KB_TOPK="3").complaint
        assert line.startswith("unknown setting KB_TOPK in the environment; unset it")
        assert "KB_TOP_K" in line

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('llm_mode = "x"', "unknown setting 'llm_mode' (settings file: {path}); remove it, known are home"),
            ("top_k =", "{path}: Invalid value ("),
            ('top_k = "many"', "setting top_k is 'many': "),
            ("min_score = 7", "setting min_score is 7: "),
        ],
    )
    def test_bad_file(self, own: Program, tmp_path: Path, text: str, told: str) -> None:
        path = tmp_path / "kb.toml"
        path.write_text(text, encoding="utf-8")
        line = own.run("list", KB_CONFIG=str(path)).complaint
        assert line.startswith(told.format(path=path))
        assert str(path) in line

    def test_missing_file(self, own: Program) -> None:
        assert "KB_CONFIG names 'nope.toml', which is not a file" in own.run("list", KB_CONFIG="nope.toml").complaint

    def test_bad_value_of_a_variable(self, own: Program) -> None:
        assert own.run("list", KB_TOP_K="0").complaint.endswith("correct KB_TOP_K")

    def test_home_that_cannot_be_made(self, own: Program, folder: Path) -> None:
        assert "check KB_HOME" in own.run("list", KB_HOME=str(folder / "好.txt" / "home")).complaint

    def test_unknown_template(self, kb: Program) -> None:
        line = kb.run("ask", "鸡蛋怎么保存", "--template", "nope").complaint
        assert "no prompt template 'nope'" in line
        assert "strict" in line

    def test_a_knowledge_base_of_another_embedding_model(self, own: Program) -> None:
        with KnowledgeBase.open("旧", Settings(home=own.home), embedder=HashEmbedder()):
            pass
        line = own.run("search", "鸡蛋", "--kb", "旧").complaint
        assert "KB_EMBEDDING" in line
        assert line.endswith("`kb rebuild --kb 旧`")
        assert own.run("rebuild", "--kb", "旧").code == 0
        assert own.run("search", "鸡蛋", "--kb", "旧").code == 0


class TestQuestions:
    @pytest.mark.parametrize("command", ["search", "ask"])
    @pytest.mark.parametrize("question", ["", " \n\u3000"], ids=["empty", "blank"])
    def test_empty(self, kb: Program, command: str, question: str) -> None:
        assert kb.run(command, question).complaint == "the question is empty; ask something"

    @pytest.mark.parametrize("command", ["search", "ask"])
    def test_ten_thousand_characters(self, kb: Program, command: str) -> None:
        line = kb.run(command, "蛋" * 10_000).complaint
        assert line.startswith("the question has 10000 characters, at most 8000 are allowed; shorten it")

    @pytest.mark.parametrize(
        "question", ["鸡蛋" * 3_900, "\x00\x1b[2J鸡蛋", '"(鸡蛋 AND OR NOT :*~^', "🥚", "。", "-", "[/bold]"]
    )
    def test_any_other_question_is_one(self, kb: Program, question: str) -> None:
        question = question.replace("\x00", "")  # no argument of a process can hold it
        assert kb.run("ask", "--json", "--", question).code == 0

    def test_unknown_knowledge_base_names_the_known(self, kb: Program) -> None:
        for command in (["search", "x"], ["ask", "x"], ["status"], ["drop", "--yes"], ["rebuild"], ["doctor"]):
            line = kb.run(*command, "--kb", "没有").complaint
            assert line.startswith("no knowledge base '没有' (there are: 'default')")

    def test_unknown_filter_names_the_known(self, kb: Program) -> None:
        assert (
            kb.run("search", "鸡蛋", "-f", "colour=白").complaint == "unknown filter 'colour'; use folder, name, ext, title, author, language, from, to, after, before"
        )

    def test_filter_without_a_value(self, kb: Program) -> None:
        assert "is not KEY=VALUE" in kb.run("search", "鸡蛋", "-f", "folder").complaint

    def test_unknown_document(self, kb: Program) -> None:
        assert kb.run("remove", "没有.txt").complaint.endswith("`kb documents` lists them")


class TestEvaluation:
    def test_missing_files(self, own: Program, folder: Path, tmp_path: Path) -> None:
        line = own.run("eval", "--docs", folder, "--questions", tmp_path / "q.jsonl").complaint
        assert "name a JSON-lines file" in line
        (tmp_path / "q.jsonl").write_text('{"question": "x", "doc": "好.txt"}\n', encoding="utf-8")
        line = own.run("eval", "--docs", tmp_path / "没有", "--questions", tmp_path / "q.jsonl").complaint
        assert line.endswith("name the folder of the documents with --docs")

    def test_a_line_that_is_no_question(self, own: Program, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "q.jsonl").write_text("no JSON\n", encoding="utf-8")
        line = own.run("eval", "--docs", folder, "--questions", tmp_path / "q.jsonl").complaint
        assert f"{tmp_path / 'q.jsonl'}, line 1: not a question" in line
