"""What people do wrong and what goes wrong around them: one clear line with the remedy, the rest is done."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.cli import app
from kb_app.text import one_line
from tests.fakes import HashEmbedder
from tests.program import ROOT, SAMPLES, Program, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest import FileReport

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

    def test_each_bad_file_fails_alone_on_one_line_and_stays_listed(self, own: Program, folder: Path) -> None:
        for name, begin in {"手册.docx": "员工手册.docx", "规定.pdf": "信息安全管理规定.pdf"}.items():
            (folder / name).write_bytes((SAMPLES / "制度" / begin).read_bytes()[:3000])
        (folder / "表.xlsx").write_bytes(b"PK\x03\x04 not a sheet")
        (folder / "空.txt").touch()
        (folder / "两\n行.txt").touch()
        (folder / "断.txt").symlink_to(folder / "没有.txt")
        (folder / "夹.txt").mkdir()
        with (folder / "大.txt").open("wb") as file:
            file.truncate(500_000_001)  # a hole, no bytes on the disk
        lines = dict(line.split(": ", 1) for line in own.run("ingest", folder).complaints)
        office = "broken or truncated: not an Office file; open it in Office and save it anew"
        assert lines == {
            "手册.docx": office,
            "表.xlsx": office,
            "规定.pdf": "broken or truncated: not a readable PDF; export it anew",
            "空.txt": "file is empty (0 bytes)",
            "两 行.txt": "file is empty (0 bytes)",
            "大.txt": "500,000,001 bytes, over the bound of 500,000,000; split the file",
        }
        assert found(own) == ["好.txt"]
        status = own.run("status", "--json").json
        assert status["failed"] == 6
        assert {one_line(source): reason for source, reason in status["errors"].items()} == lines

    def test_two_of_one_name_each_tell_their_reason(self, kb_here: KnowledgeBase, tmp_path: Path) -> None:
        folders = [tmp_path / name for name in ("一月", "二月", "三月")]
        for folder, content in zip(folders, (b"", b"PK\x03\x04 no sheet", b""), strict=True):
            folder.mkdir()
            (folder / "考勤.xlsx").write_bytes(content)
        report = sync(folders, kb_here)
        assert report.failed == ["考勤.xlsx"] * 3
        reasons = report.errors["考勤.xlsx"].split(" · ")
        assert sorted(reason.split()[0] for reason in reasons) == ["broken", "file"]
        again = sync([folders[0]], kb_here)
        assert report.joined(again).errors == report.errors

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
    def test_file_without_permission(self, own: Program, folder: Path) -> None:
        write(folder, 密="秘密").joinpath("密.txt").chmod(0)
        (line,) = own.run("ingest", folder).complaints
        assert line.startswith("密.txt: cannot be opened: Permission denied")

    def test_any_name_is_a_name(self, own: Program, tmp_path: Path) -> None:
        odd = {"有 空格.txt", "鸡蛋🥚.txt", "两\n行.txt", "[bold]红.txt", "-k.txt"}
        for name in odd:
            (tmp_path / "文件").mkdir(exist_ok=True)
            (tmp_path / "文件" / name).write_text(f"{GOOD}{name}", encoding="utf-8")
        assert own.run("ingest", tmp_path / "文件").code == 0
        assert set(found(own)) == odd
        assert len(own.run("documents").out.splitlines()) == 1 + len(odd)
        assert own.run("remove", "两\n行.txt").code == 0

    def test_a_large_text_takes_a_bounded_share_of_memory(self, tmp_path: Path) -> None:
        large = tmp_path / "大.txt"
        sentence = "合同自双方签字之日起生效，有效期一年。\n"
        large.write_text(sentence * (10_000_000 // len(sentence.encode())), encoding="utf-8")
        script = (
            "import sys, pathlib\n"
            "from ingest.parse import parse_file\n"
            "from ingest.chunk import chunk_document\n"
            "chunks = chunk_document(parse_file(pathlib.Path(sys.argv[1]))).chunks\n"
            # Not ru_maxrss, which begins at the size of the process that started this one.
            "peak = pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"
            "print(len(chunks), int(peak) // 1024)\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", script, str(large)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
        chunks, megabytes = map(int, ended.stdout.split())
        assert chunks > 5_000
        assert megabytes < 100 + 20 * 10  # at most 20 bytes for each byte of the file

    def test_a_text_of_200_megabytes_costs_its_own_reading_and_no_more_memory_than_allowed(
        self, own: Program, folder: Path
    ) -> None:
        block = "合同自双方签字之日起生效，有效期一年。\n".encode() * 20_000
        with (folder / "大.txt").open("wb") as file:
            while file.tell() < 200_000_000:
                file.write(block)
        script = (
            "import resource, subprocess, sys\n"
            "ended = subprocess.run([sys.executable, '-m', 'kb_app.cli', 'ingest', sys.argv[1]])\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
            "sys.exit(ended.returncode)\n"
        )
        ran = own.run_python(["-c", script, str(folder)], KB_READ_MEMORY="500")
        assert ran.complaints == ["大.txt: needs more than 500 MiB of memory; raise KB_READ_MEMORY or split the file"]
        assert int(ran.out) < 600  # the largest of all processes, its code included
        assert found(own) == ["好.txt"]


class TestLinks:
    """Symbolic links are followed within the folder that was named, and not out of it."""

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_one_that_leads_out_is_a_line_and_the_rest_is_read(
        self, kb_here: KnowledgeBase, folder: Path, tmp_path: Path, dry_run: bool
    ) -> None:
        outside = tmp_path / "别处"
        outside.mkdir()
        (outside / "密.txt").write_text(GOOD, encoding="utf-8")
        (folder / "链.txt").symlink_to(outside / "密.txt")
        (folder / "链夹").symlink_to(outside)
        (folder / "同.txt").symlink_to(folder / "好.txt")
        report = sync([folder], kb_here, dry_run=dry_run)
        reason = "a symbolic link out of the folder, to {}; name that path too, or copy it here"
        assert report.errors == {"链.txt": reason.format(outside / "密.txt"), "链夹": reason.format(outside)}
        assert set(report.added) == {"好.txt", "同.txt"}

    def test_one_that_is_named_itself_is_read(self, kb_here: KnowledgeBase, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "链.txt").symlink_to(folder / "好.txt")
        assert sync([tmp_path / "链.txt"], kb_here).added == ["链.txt"]


class TestFilesInMotion:
    """Files that somebody works on while the folder is read."""

    def test_one_that_goes_on_changing_waits_for_the_next_run(self, kb_here: KnowledgeBase, folder: Path) -> None:
        path = folder / "流水.txt"
        path.write_text("每笔收入当天入账。\n" * 50_000, encoding="utf-8")
        stopped = threading.Event()
        writer = threading.Thread(target=append, args=(path, "又收了一笔。\n", stopped))
        writer.start()
        try:
            report = sync([folder], kb_here)
        finally:
            stopped.set()
            writer.join()
        assert report.errors == {"流水.txt": "the file changes while it is read; run again when it is at rest"}
        assert report.added == ["好.txt"]
        path.write_text("流水账已经结清。", encoding="utf-8")
        assert sync([folder], kb_here).updated == ["流水.txt"]
        assert kb_here.search("流水账结清", k=1)[0].text == "流水账已经结清。"

    def test_one_that_changes_once_is_read_as_it_is_then(self, kb_here: KnowledgeBase, tmp_path: Path) -> None:
        folder = write(tmp_path / "两个", 短="值班表每月初公布。", 长="每笔收入当天入账。\n" * 200_000)

        def on_file(report: FileReport) -> None:
            if report.source == "短.txt":  # both are read side by side, and the long one takes much longer
                with (folder / "长.txt").open("a", encoding="utf-8") as file:
                    file.write("\n\n盘点改在每周五进行。\n")

        settled = time.time() - 60
        os.utime(folder / "长.txt", (settled, settled))
        report = sync([folder], kb_here, on_file=on_file)
        assert report.added == ["短.txt", "长.txt"]
        assert kb_here.search("盘点改在周五", k=1)[0].text.endswith("盘点改在每周五进行。")
        assert sync([folder], kb_here).unchanged == ["短.txt", "长.txt"]

    def test_one_that_vanishes_fails_alone(self, folder: Path, tmp_path: Path) -> None:
        write(folder, 一="一号楼有电梯。", 二="二号楼没有电梯。")
        settings = Settings(home=tmp_path / "home", llm_base_url="none", processes=1)
        with KnowledgeBase.open(settings=settings, embedder=HashEmbedder()) as kb:
            report = sync([folder], kb, on_file=lambda _: (folder / "二.txt").unlink(missing_ok=True))
            assert report.errors == {"二.txt": "the file vanished while the folder was read; run again"}
            assert report.added == ["一.txt", "好.txt"]
            assert sync([folder], kb, prune=True).removed == ["二.txt"]
            assert [document.source for document in kb.documents()] == ["一.txt", "好.txt"]


@pytest.fixture
def kb_here(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """A knowledge base of this process that reads two files side by side."""
    settings = Settings(home=tmp_path / "home", llm_base_url="none", processes=2)
    with KnowledgeBase.open(settings=settings, embedder=HashEmbedder()) as opened:
        yield opened


def append(path: Path, line: str, stopped: threading.Event) -> None:
    with path.open("a", encoding="utf-8") as file:
        while not stopped.wait(0.002):
            file.write(line)
            file.flush()


class TestSettings:
    def test_unknown_variable(self, own: Program) -> None:
        line = own.run("list", KB_TOPK="3").complaint
        assert line.startswith("unknown setting KB_TOPK in the environment; unset it or write KB_TOP_K, known are ")

    def test_bad_file(self, own: Program, tmp_path: Path) -> None:
        path = tmp_path / "kb.toml"
        path.write_text('top_k = "many"', encoding="utf-8")
        line = own.run("list", KB_CONFIG=str(path)).complaint
        assert line.startswith("setting top_k is 'many': ")
        assert line.endswith(f"correct {path}")

    def test_home_that_cannot_be_made(self, own: Program, folder: Path) -> None:
        assert "check KB_HOME" in own.run("list", KB_HOME=str(folder / "好.txt" / "home")).complaint

    def test_unknown_template(self, kb: Program) -> None:
        line = kb.run("ask", "鸡蛋怎么保存", "--template", "nope").complaint
        assert line == "there is no prompt template 'nope'; known are cot, fewshot, fewshot_cot, strict"

    def test_a_knowledge_base_of_another_embedding_model(self, own: Program) -> None:
        with KnowledgeBase.open("旧", Settings(home=own.home), embedder=HashEmbedder()):
            pass
        line = own.run("search", "鸡蛋", "--kb", "旧").complaint
        assert "KB_EMBEDDING" in line
        assert line.endswith("`kb rebuild --kb 旧`")
        assert own.run("rebuild", "--kb", "旧").code == 0
        assert own.run("search", "鸡蛋", "--kb", "旧").code == 0


class TestQuestions:
    def test_empty_or_too_long(self, kb: Program) -> None:
        for command, question in (("search", ""), ("ask", " \n\u3000")):
            assert kb.run(command, question).complaint == "the question is empty; ask something"
        for command in ("search", "ask"):
            line = kb.run(command, "蛋" * 10_000).complaint
            assert line.startswith("the question has 10000 characters, at most 8000 are allowed; shorten it")

    def test_any_other_question_is_one(self, kb: Program) -> None:
        for question in ("-", "[/bold] \x1b[2J鸡蛋"):
            assert kb.run("ask", "--json", "--", question).code == 0
        with KnowledgeBase.open(settings=Settings(home=kb.home), create=False) as opened:
            for question in ("鸡蛋" * 3_900, "\x00\x1b[2J鸡蛋", '"(鸡蛋 AND OR NOT :*~^', "🥚", "。", "\ud800"):
                assert opened.ask(question).text

    def test_unknown_knowledge_base_names_the_known(self, kb: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        told = "no knowledge base '没有' (there are: 'default')"
        assert kb.run("search", "x", "--kb", "没有").complaint.startswith(told)
        monkeypatch.setenv("KB_HOME", str(kb.home))
        commands = (["ask", "x"], ["chat"], ["status"], ["documents"], ["remove", "x"], ["drop", "--yes"], ["rebuild"])
        for command in (*commands, ["doctor"]):
            ended = CliRunner().invoke(app, [*command, "--kb", "没有"])
            assert str(ended.exception).startswith(told), command

    def test_unknown_filter_names_the_known(self, kb: Program) -> None:
        assert (
            kb.run("search", "鸡蛋", "-f", "colour=白").complaint
            == "unknown filter 'colour'; use folder, name, ext, title, author, language, from, to, after, before"
        )

    def test_filter_without_a_value(self, kb: Program) -> None:
        assert "is not KEY=VALUE" in kb.run("search", "鸡蛋", "-f", "folder").complaint

    def test_unknown_document(self, kb: Program) -> None:
        assert kb.run("remove", "没有.txt").complaint.endswith("`kb documents` lists them")


class TestEvaluation:
    def test_missing_and_broken_files(self, own: Program, folder: Path, tmp_path: Path) -> None:
        questions = tmp_path / "q.jsonl"
        line = own.run("eval", "--docs", folder, "--questions", questions).complaint
        assert "name a JSON-lines file" in line
        questions.write_text('{"question": "x", "doc": "好.txt"}\n', encoding="utf-8")
        line = own.run("eval", "--docs", tmp_path / "没有", "--questions", questions).complaint
        assert line.endswith("name the folder of the documents with --docs")
        questions.write_text("no JSON\n", encoding="utf-8")
        assert (
            f"{questions}, line 1: not a question"
            in own.run("eval", "--docs", folder, "--questions", questions).complaint
        )
