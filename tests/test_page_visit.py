"""What one drawing of the chat page shows, and what all its sessions share."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import sync
from kb_app.errors import BusyError
from kb_app.page import uploads
from kb_app.page.markdown import plain_label
from kb_app.page.visit import BASE, CONVERSATION, MAX_ROWS, Visit, known_base, open_visit, with_language
from kb_app.page.workspace import Workspace
from kb_app.types import Answer
from tests.page_parts import ZH
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from kb_app import Settings


class TestVisit:
    @pytest.fixture
    def visit(self, settings: Settings) -> Visit:
        space = Workspace(settings)
        opened = open_visit(space, space.create("制度"), None)
        assert opened.shelf.warm_up.done.wait(60)  # a thread that is left cannot end with the tests
        return opened

    def held(self, visit: Visit, question: str = "年假几天？") -> Visit:
        history = visit.shelf.kb.history
        key = history.start(question)
        history.add(key, Answer(question, question, text="五天。"))
        return open_visit(visit.space, "制度", key)

    def test_the_list_begins_with_a_new_conversation_and_marks_what_is_shown(self, visit: Visit) -> None:
        assert [(item.label, item.shown, item.address) for item in visit.menu(ZH)] == [("新对话", True, {BASE: "制度"})]
        now = self.held(visit, "*年假* 几天？")
        new, old = now.menu(ZH)
        assert (new.shown, old.shown) == (False, True)
        assert (
            old.address == now.address == {BASE: "制度", CONVERSATION: now.conversation.id if now.conversation else ""}
        )
        assert old.label == plain_label("*年假* 几天？")

    def test_the_list_is_not_endless(self, visit: Visit) -> None:
        for number in range(MAX_ROWS + 3):
            visit.shelf.kb.history.start(f"第{number}问？")
        assert len(open_visit(visit.space, "制度", None).menu(ZH)) == MAX_ROWS + 1

    def test_a_vote_is_the_thumb_of_the_next_drawing(self, visit: Visit) -> None:
        now = self.held(visit)
        for chosen in (1, 0, None):
            now.vote(now.turns[0], chosen)
            now = open_visit(now.space, "制度", now.address[CONVERSATION])
            assert now.thumb(now.turns[0]) == chosen

    def test_an_empty_base_says_so_with_and_without_a_conversation(self, visit: Visit) -> None:
        assert visit.greeting(ZH) == self.held(visit).greeting(ZH) == (ZH("empty_base"), ZH("empty_base_text"))

    def test_only_what_can_be_read_is_counted_and_what_failed_is_told_apart(self, visit: Visit, tmp_path: Path) -> None:
        folder = tmp_path / "资料"
        folder.mkdir()
        bad, good = folder / "坏.pdf", folder / "值班.txt"
        bad.write_bytes(b"%PDF-1.7 nothing")
        sync([bad], visit.shelf.kb)
        unread = open_visit(visit.space, "制度", None)
        assert (unread.documents, unread.failed) == (0, 1)
        assert unread.greeting(ZH) == (ZH("unread_base"), ZH("unread_base_text", failed=1))
        assert unread.library_label(ZH) == "资料（0）· 1 份未能读取"
        good.write_text("值班室电话由总务科保管。", encoding="utf-8")
        sync([good], visit.shelf.kb)
        mixed = open_visit(visit.space, "制度", None)
        assert mixed.greeting(ZH) == (ZH("ask_first"), "“制度”里有 1 份资料。另有 1 份未能读取。")
        assert mixed.library_label(ZH) == "资料（1）· 1 份未能读取"
        bad.unlink()
        sync([folder], visit.shelf.kb, prune=True)
        assert open_visit(visit.space, "制度", None).library_label(ZH) == "资料（1）"
        assert visit.library_label(ZH) == ""

    def test_a_deleted_conversation_leads_to_a_new_one(self, visit: Visit) -> None:
        now = self.held(visit)
        assert now.conversation
        assert now.delete(now.conversation) == {BASE: "制度"}
        assert open_visit(now.space, "制度", now.address[CONVERSATION]).conversation is None

    def test_the_export_has_words_name_and_media_type(self, visit: Visit) -> None:
        text, name, kind = self.held(visit).exported(ZH)
        assert ("五天。" in text, name, kind) == (True, "年假几天？.md", "text/markdown")

    def test_addresses(self) -> None:
        assert known_base(["甲", "乙"], "乙") == "乙"
        assert known_base(["甲", "乙"], "丙") == "甲"
        assert with_language({"lang": "en", "kb": "甲"}, {"kb": "乙"}) == {"lang": "en", "kb": "乙"}
        assert with_language({"kb": "甲"}, {"kb": "乙"}) == {"kb": "乙"}


class TestWorkspace:
    def test_of_two_questions_at_once_in_one_conversation_one_is_asked(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        with serve(Script(fault="silent")) as server:
            space = Workspace(settings.model_copy(update={"llm_base_url": server.base_url}))
            shelf = space.open(space.create("制度"))
            (tmp_path / "值班.txt").write_text("值班晚上八点开始。", encoding="utf-8")
            sync([tmp_path / "值班.txt"], shelf.kb)
            key = shelf.kb.history.start("值班几点开始？")
            together, ended = threading.Barrier(4), list[str]()

            def ask() -> None:
                together.wait()
                try:
                    ended.append(space.ask(shelf, "值班几点开始？", key))
                except BusyError:
                    ended.append("busy")

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            if job := space.answer(key):
                job.stop()
        assert sorted(ended) == sorted([key, "busy", "busy", "busy"])

    @pytest.mark.parametrize("folder", ["~没有这个人/文档", "长" * 300, "/没有/文件夹", "\0"])
    def test_a_folder_that_cannot_be_is_told_in_a_line(self, settings: Settings, folder: str) -> None:
        assert Workspace(settings).folder_trouble(folder) == "no_folder"

    def test_a_folder_that_is_there_can_be_read(self, settings: Settings, tmp_path: Path) -> None:
        assert Workspace(settings).folder_trouble(f" {tmp_path} ") == ""
        assert Workspace(settings).folder_trouble(" ") == "folder_empty"


class TestUploads:
    @pytest.mark.parametrize(
        ("name", "safe"),
        [
            ("员工手册.docx", "员工手册.docx"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("a/b/c.md", "c.md"),
            (".hidden", "file.hidden"),
            ("..", "file"),
            ("", "file"),
            ("行\n一.md", "行 一.md"),
            ("😀 笔记.txt", "😀 笔记.txt"),
            ("~$锁.docx", "锁.docx"),
            ("长" * 200 + ".pdf", "长" * 66 + ".pdf"),
        ],
    )
    def test_names(self, name: str, safe: str) -> None:
        assert uploads.safe_name(name) == safe

    @given(st.text(max_size=300))
    def test_any_name_stays_in_its_folder(self, name: str) -> None:
        safe = uploads.safe_name(name)
        assert safe == Path(safe).name
        assert not safe.startswith(".")
        assert 0 < len(safe.encode()) <= 255

    def test_a_file_replaces_the_one_of_its_name(self, tmp_path: Path) -> None:
        uploads.save_upload(tmp_path / "u", "a.txt", b"old")
        path = uploads.save_upload(tmp_path / "u", "../a.txt", memoryview(b"new"))
        assert path == tmp_path / "u" / "a.txt"
        assert [(one.name, one.read_bytes()) for one in (tmp_path / "u").iterdir()] == [("a.txt", b"new")]
