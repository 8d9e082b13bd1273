"""The chat page below its surface: words, HTML, exports, uploads, jobs."""

from __future__ import annotations

import re
import string
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.errors import BusyError, KBError, NotFoundError
from kb_app.notices import NO_MODEL
from kb_app.page import export, labels, lines, markdown, render, sources, uploads
from kb_app.page.jobs import AnswerJob, ModelWatch, WarmUp
from kb_app.page.labels import LABELS, Labels, language_of
from kb_app.page.markdown import plain_label
from kb_app.page.stopped import STOPPED, STOPPED_EARLY, stopped_answer
from kb_app.page.visit import BASE, CONVERSATION, MAX_ROWS, Visit, known_base, open_visit, with_language
from kb_app.page.workspace import Workspace
from kb_app.storage.history import Turn
from kb_app.types import Answer, Citation, Event, Passage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app import Settings

ROOT = Path(__file__).resolve().parents[1]
ZH, EN = Labels("zh"), Labels("en")
LEAVE = "员工入职满一年，每年有五天年假。满十年的，每年有十天。"
HOSTILE = (
    "<script>alert(1)</script> <img src=http://evil.example/a.png onerror=alert(1)> ![p](http://evil.example/p.png) "
    "[go](javascript:alert(1)) <http://evil.example> www.evil.example $x^2$ :material/home: :red[hot] "
    "<|im_start|> &lt;b&gt;"
)


def passage(text: str = LEAVE, *, title: str = "员工手册", page: int | None = 3) -> Passage:
    return Passage(
        text, "制度/员工手册.pdf", title, ("员工手册", "第二章 假期"), page, 0.9, "1", "7", 0, len(text), ("keyword",)
    )


def cited(number: int, start: int, end: int, where: Passage | None = None) -> Citation:
    where = where or passage()
    return Citation(number, where, where.text[start:end], start, end)


def no_context(_: Passage) -> tuple[str, str]:
    return "", ""


class Tags(HTMLParser):
    """The tags and attributes that a browser would see, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


ALLOWED = {
    "div", "span", "p", "br", "hr", "sup", "mark", "details", "summary", "strong", "em", "s", "code", "pre", "ul", "ol",
    "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "b",
}  # fmt: skip


def assert_inert(html: str) -> Tags:
    tags = Tags(html)
    assert {tag for tag, _ in tags.seen} <= ALLOWED
    assert {name for _, attributes in tags.seen for name in attributes} <= {"class", "title", "role", "style", "start"}
    assert all("url" not in (attributes.get("style") or "") for _, attributes in tags.seen)
    return tags


class TestLabels:
    def test_both_languages_have_every_label(self) -> None:
        assert all(len(pair) == 2 and all(pair) for pair in LABELS.values())

    def test_both_languages_take_the_same_values(self) -> None:
        for key, pair in LABELS.items():
            chinese, english = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair)
            assert chinese == english, key

    def test_chinese_labels_are_chinese_and_english_ones_are_not(self) -> None:
        for key, (chinese, english) in LABELS.items():
            assert re.search("[\u4e00-\u9fff]", chinese), key
            assert not re.search("[\u4e00-\u9fff]", english), key

    def test_every_label_that_the_page_names_exists_and_none_is_left_over(self) -> None:
        code = "".join(path.read_text() for path in [ROOT / "streamlit_app.py", *(ROOT / "kb_app/page").glob("*.py")])
        table = (ROOT / "kb_app/page/labels.py").read_text()
        named = set(re.findall(r'\b(?:say|labels|self)\(\s*"([a-z_.]+)"', code))
        assert named <= LABELS.keys()
        rest = code.replace(table, "")
        unused = [key for key in LABELS if not key.startswith("error.") and f'"{key}"' not in rest]
        assert unused == [], unused

    def test_every_error_class_has_a_line(self) -> None:
        assert {f"error.{cls.__name__}" for cls in [KBError, *KBError.__subclasses__()]} <= LABELS.keys()

    def test_an_error_is_one_line_with_its_remedy(self) -> None:
        assert (
            ZH.trouble(BusyError("process 7 writes; wait")) == "知识库正在被写入，请稍候再试。 process 7 writes; wait"
        )

    def test_an_unexpected_error_shows_nothing_of_the_program(self) -> None:
        assert "secret" not in ZH.trouble(RuntimeError("secret path"))

    @pytest.mark.parametrize(("code", "language"), [(None, "zh"), ("en", "en"), ("zh", "zh"), ("<b>", "zh")])
    def test_the_language_of_an_address(self, code: str | None, language: str) -> None:
        assert language_of(code) == language


class TestMarkdown:
    def test_marks_become_chips_that_name_their_source(self) -> None:
        html = markdown.markdown_html("有五天。[1] 另见[7]", {1: "员工手册 · 第 3 页"})
        assert '<sup class="kb-chip" title="员工手册 · 第 3 页">1</sup>' in html
        assert "[7]" in html

    def test_markdown_is_kept(self) -> None:
        tags = Tags(markdown.markdown_html("**五天**\n\n- 甲\n- 乙\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
        assert {"strong", "ul", "li", "table", "td"} <= {tag for tag, _ in tags.seen}

    def test_marks_in_code_stay(self) -> None:
        assert "<code>a[1]</code>" in markdown.markdown_html("`a[1]`")

    @pytest.mark.parametrize("text", [HOSTILE, f"[x]: http://evil.example\n\n{HOSTILE}", "<div>\n\n![][1]\n\n</div>"])
    def test_hostile_text_is_text(self, text: str) -> None:
        tags = assert_inert(markdown.markdown_html(text, {}))
        assert "![" in tags.text

    @given(st.text(st.sampled_from("<>[]()!`*_#|-:&;'\"\\/ \n1ahrefsci。年\ue000\ue001"), max_size=80))
    def test_any_text_is_inert(self, text: str) -> None:
        assert_inert(markdown.markdown_html(text, {1: '"><script>'}))

    def test_only_unsupported_sentences_are_underlined(self) -> None:
        html = markdown.markdown_html("- 有五天年假。[1]\n- 另有十天病假。[2]", {1: "a", 2: "b"}, ["- 另有十天病假。"])
        assert '<li><span class="kb-unsupported">另有十天病假。<sup' in html
        assert html.count("kb-unsupported") == 1

    @given(st.text(max_size=60))
    def test_a_label_has_no_syntax_left(self, text: str) -> None:
        label = markdown.plain_label(text)
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_`$\[\]<>#!|~]", label.replace("\\\\", ""))
        assert not re.search(r":material/|https?://|www\.", label)


class TestSources:
    def test_citations_of_one_passage_are_one_source_with_merged_spans(self) -> None:
        answer = Answer("q", "q", text="", citations=(cited(2, 0, 4), cited(1, 3, 9), cited(2, 4, 6), cited(2, 10, 12)))
        assert [(one.number, one.spans) for one in sources.group_sources(answer)] == [
            (1, ((3, 9),)),
            (2, ((0, 6), (10, 12))),
        ]

    def test_a_place_names_document_page_and_headings_once(self) -> None:
        assert sources.place(passage(), ZH) == "员工手册 · 第 3 页 · 第二章 假期"
        assert sources.place(passage(page=None), EN) == "员工手册 · 第二章 假期"

    @given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6))
    def test_a_highlight_shows_the_whole_text_and_marks_exactly_the_spans(
        self, text: str, spans: list[tuple[int, int]]
    ) -> None:
        inside = [(min(a, len(text)), min(b, len(text))) for a, b in spans]
        merged = sources.merge_spans(inside)
        html = render.highlight(text, merged)
        plain = Tags(f"<p>{html}</p>").text
        marked = {i for start, end in merged for i in range(start, end)}
        assert plain.replace("\r", "\n") == text.replace("\r\n", "\n").replace("\r", "\n") or plain == text
        assert marked == {i for start, end in inside for i in range(start, end)}
        assert html.count("<mark>") == len(merged)


class TestAnswer:
    def test_a_source_shows_quote_place_path_and_neighbours(self) -> None:
        answer = Answer(
            "q", "q", text="有五天。[1]", citations=(cited(1, 0, 16),), reason=NO_MODEL, timings={"total": 0.12}
        )
        html = render.answer_html(answer, ZH, lambda _: ("前文", "后文"))
        assert f"<mark>{LEAVE[:16]}</mark>" in html
        text = assert_inert(html).text
        for words in (
            "第 3 页",
            "第二章 假期",
            "制度/员工手册.pdf",
            "…前文",
            "后文…",
            "原文摘录 · 0.1 秒",
            ZH("extractive_note"),
        ):
            assert words in text

    def test_hostile_document_and_answer_are_text(self) -> None:
        bad = passage(HOSTILE, title=HOSTILE)
        answer = Answer(
            HOSTILE, "q", text=f"{HOSTILE}[1]", citations=(cited(1, 0, 20, bad),), thinking=HOSTILE,
            reason=HOSTILE, model=HOSTILE, unsupported=(HOSTILE.strip(),), mode="llm",
        )  # fmt: skip
        assert_inert(render.question_html(HOSTILE))
        tags = assert_inert(render.answer_html(answer, ZH, lambda _: (HOSTILE, HOSTILE)))
        assert "<|im_start|>" in tags.text

    def test_a_refusal_is_calm_and_names_what_is_nearest(self) -> None:
        answer = Answer(
            "q", "q", text="根据现有资料无法回答这个问题。", refused=True, reason="x", passages=(passage(),)
        )
        html = render.answer_html(answer, ZH, no_context)
        assert "kb-refused" in html
        assert "没有找到足够相关的资料。最接近的是：员工手册" in html

    def test_a_stopped_answer_keeps_words_and_sources(self) -> None:
        answer = stopped_answer("年假几天", "入职满一年，每年有五天年假。[1]满十", [passage()])
        assert answer.reason == STOPPED
        assert [one.number for one in answer.citations] == [1]
        assert answer.unsupported == ()
        assert render.made_by(answer, ZH) == ZH("stopped")
        assert stopped_answer("q", "", []).reason == STOPPED_EARLY


class TestLines:
    def test_a_model_name_is_text(self) -> None:
        watch = ModelWatch(lambda: None)
        watch.trouble = HOSTILE
        assert_inert(lines.model_html(watch, ZH, known=True))

    def test_the_end_of_a_list_says_what_is_not_shown(self) -> None:
        assert "还有 3 个" in lines.end_of_list_html(53, 50, ZH)
        assert lines.end_of_list_html(50, 50, ZH) == ""
        assert "没有符合的资料" in lines.end_of_list_html(0, 50, ZH)

    def test_the_style_of_the_page_is_style_alone(self) -> None:
        assert not re.sub(r"<style>.*?</style>", "", lines.page_style(ZH), flags=re.DOTALL).strip()
        assert ZH("drop_here") in lines.page_style(ZH)

    def test_what_nobody_foresaw_is_logged_and_what_a_reader_caused_is_not(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert lines.logged_trouble(NotFoundError("gone; look"), ZH) == "没有找到。 gone; look"
        assert caplog.records == []
        assert lines.logged_trouble(RuntimeError("secret path"), ZH) == ZH("error.unexpected")
        assert "secret path" in caplog.text

    def test_failures_are_shown_with_their_reasons(self) -> None:
        from ingest import SyncReport

        report = SyncReport(added=["a.md"], seconds=1.23)
        report.fail("坏<b>.pdf", "it is broken; mend it")
        html = lines.report_html(report, NotFoundError("gone; look"), ZH)
        assert "已读入 1 个文件，用时 1.2 秒" in html
        assert "1 个未能读取：<br>坏&lt;b&gt;.pdf: it is broken; mend it" in html
        assert "没有找到。 gone; look" in html


class TestExport:
    def test_a_conversation_reads_as_markdown(self) -> None:
        answer = Answer("年假几天？", "q", text="有五天。[1]", citations=(cited(1, 0, 16),))
        text = export.conversation_markdown("年假", [Turn(1, "年假几天？", answer, 0)], ZH)
        assert text == (
            "# 年假\n\n## 年假几天？\n\n有五天。[1]\n\n**出处**\n\n"
            f"[1] 员工手册 · 第 3 页 · 第二章 假期\n> {LEAVE[:16]}\n"
        )

    @given(st.text(st.sampled_from("<>[]()!:/ahs \n`\\"), max_size=60))
    def test_nothing_active_is_exported(self, text: str) -> None:
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark").parse(export.inert(text))
        kinds = {child.type for token in tokens for child in (token.children or [token])}
        assert not kinds & {"image", "link_open", "html_inline", "html_block"}

    def test_the_file_name_is_safe(self) -> None:
        assert export.file_name("../年假.几天?") == "年假 几天_.md"


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


class Script:
    """The events of an answer, each let through by the test; notes when it is closed."""

    def __init__(self, *words: str) -> None:
        self.closed = threading.Event()
        self.gate = threading.Semaphore(0)
        self.words = words

    def events(self) -> Iterator[Event]:
        try:
            yield Event("retrieved", passages=(passage(),))
            for word in self.words:
                self.gate.acquire()
                yield Event("token", text=word)
            yield Event("answer", answer=Answer("q", "q", text="".join(self.words), mode="llm", model="m"))
        finally:
            self.closed.set()


class TestAnswerJob:
    def test_an_answer_is_kept_once_when_it_is_complete(self) -> None:
        script, kept = Script("有", "五天"), list[Answer]()
        job = AnswerJob("q", script.events(), kept.append)
        script.gate.release(2)
        assert job.done.wait(5)
        assert [answer.text for answer in kept] == ["有五天"]

    def test_stopping_keeps_what_came_and_ends_the_model(self) -> None:
        script, kept = Script("有五天", "年假"), list[Answer]()
        job = AnswerJob("q", script.events(), kept.append)
        script.gate.release()
        while not job.text:
            threading.Event().wait(0.01)
        job.stop()
        job.stop()
        assert [(answer.text, answer.reason) for answer in kept] == [("有五天", STOPPED)]
        script.gate.release()
        assert script.closed.wait(5)

    def test_an_error_ends_it_and_is_kept(self) -> None:
        def events() -> Iterator[Event]:
            raise BusyError("later")
            yield

        job = AnswerJob("q", events(), lambda _: None)
        assert job.done.wait(5)
        assert str(job.error) == "later"


class TestModelWatch:
    def test_a_slow_server_does_not_hold_the_page(self) -> None:
        gate = threading.Event()
        watch = ModelWatch(lambda: gate.wait(5) and None)
        assert not watch.look(wait=0.01)
        gate.set()
        assert watch.look(wait=5)
        assert watch.model is None

    def test_trouble_is_told(self) -> None:
        def ask() -> None:
            raise KBError("wrong key; set it")

        watch = ModelWatch(ask)
        assert watch.look(wait=5)
        assert watch.trouble == "wrong key; set it"


class TestWarmUp:
    def test_it_searches_once(self) -> None:
        asked: list[str] = []
        assert WarmUp(asked.append).done.wait(5)
        assert len(asked) == 1

    @pytest.mark.parametrize("error", [BusyError("later"), RuntimeError("broken")])
    def test_what_fails_is_left_to_the_first_question(self, error: Exception) -> None:
        def search(_: str) -> None:
            raise error

        assert WarmUp(search).done.wait(5)

    def test_a_knowledge_base_that_is_opened_is_ready_before_anybody_asks(self, settings: Settings) -> None:
        space = Workspace(settings)
        shelf = space.open(space.create("制度"))
        assert shelf.warm_up.done.wait(60)
        before = {thread.name for thread in threading.enumerate()}
        assert "warm-up" not in before
        assert {"keywords", "vectors"} <= vars(shelf.kb).keys()
        assert space.open("制度") is shelf


class TestVisit:
    @pytest.fixture
    def visit(self, settings: Settings) -> Visit:
        space = Workspace(settings)
        return open_visit(space, space.create("制度"), None)

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


def test_nothing_below_the_page_imports_streamlit() -> None:
    for path in Path(labels.__file__).parent.glob("*.py"):
        assert not re.search(r"^\s*(?:import|from) streamlit", path.read_text(), re.MULTILINE), path


def test_no_html_is_allowed_unsafely() -> None:
    assert "unsafe_allow" not in (ROOT / "streamlit_app.py").read_text()
