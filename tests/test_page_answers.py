"""Answers and their sources on the chat page: HTML that fetches nothing, and the file that is exported."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.notices import MODEL_REFUSED, NO_MODEL, NOTHING_ASKED, SAMPLES_REFUSED, left_out, may_ask, not_mentioned
from kb_app.page import export, markdown, passages, render, sources
from kb_app.page.stopped import STOPPED, STOPPED_EARLY, stopped_answer
from kb_app.storage.history import Turn
from kb_app.types import Answer
from tests.page_parts import EN, HOSTILE, LEAVE, ZH, Tags, assert_inert, cited, no_context, passage


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
        html = passages.marked(text, 0, len(text), merged)
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

    @pytest.mark.parametrize(
        ("reason", "model", "told"),
        [
            (NOTHING_ASKED, "", "这句话没有提出问题，没有查找资料。"),
            (SAMPLES_REFUSED, "m", "多数次回答认为找到的资料没有说明答案。最接近的是：员工手册"),
            (not_mentioned(["3号楼"], "3号楼几点锁门"), "", "相关资料没有提到3号楼。最接近的是：员工手册"),
            (
                f"没有找到。{may_ask('图书室几点闭馆')} 最接近的是 nearest: 员工手册",
                "",
                "没有找到足够相关的资料。如果是接着上文问的，可以问：“图书室几点闭馆”。最接近的是：员工手册",
            ),
            (f"{left_out(2)} {MODEL_REFUSED}", "m", "模型认为找到的资料没有说明答案。最接近的是：员工手册"),
        ],
    )
    def test_a_refusal_says_why(self, reason: str, model: str, told: str) -> None:
        found = () if reason == NOTHING_ASKED else (passage(),)
        answer = Answer("q", "q", text="无法回答。", refused=True, reason=reason, model=model, passages=found)
        assert render.made_by(answer, ZH).removeprefix("m · ") == told

    def test_a_stopped_answer_keeps_words_and_sources(self) -> None:
        answer = stopped_answer("年假几天", "入职满一年，每年有五天年假。[1]满十", [passage()])
        assert answer.reason == STOPPED
        assert [one.number for one in answer.citations] == [1]
        assert answer.unsupported == ()
        assert render.made_by(answer, ZH) == ZH("stopped")
        assert stopped_answer("q", "", []).reason == STOPPED_EARLY


PRICES = (
    "以下为窑炉配件价目。\n\n| 型号 | 价格 |\n| --- | --- |\n| 炉门-12 | 860 元 |\n"
    "| 炉条-3 | 45 元\\|根<br>含税 |\n\n运费另计。"
)


class TestTables:
    def test_a_cited_row_is_marked_in_its_table(self) -> None:
        start = PRICES.index("| 炉门")
        source = sources.Source(1, passage(PRICES), ((start, PRICES.index("\n", start)),))
        html = render.source_html(source, ZH, ("", PRICES))
        assert "<tr><td><mark>炉门-12</mark></td><td><mark>860 元</mark></td></tr>" in html
        assert "<tr><th>型号</th><th>价格</th></tr>" in html
        assert "<td>45 元|根<br />含税</td>" in html
        assert html.count("<table>") == 1
        text = assert_inert(html).text
        assert "---" not in text
        assert "以下为窑炉配件价目。 型号：炉门-12；价格：860 元 型号：炉条-3；价格：45 元|根 含税 运费另计。" in text

    def test_text_with_strokes_that_is_no_table_stays(self) -> None:
        assert passages.passage_html("|x| 取绝对值", ()) == '<p class="kb-passage">|x| 取绝对值</p>'
        assert passages.passage_html("|甲|", ()) == '<p class="kb-passage">|甲|</p>'

    @given(
        st.text(st.sampled_from('<>&|-: \\\n"a年'), max_size=60),
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4),
    )
    def test_any_passage_is_inert(self, text: str, spans: list[tuple[int, int]]) -> None:
        inside = sources.merge_spans((min(a, len(text)), min(b, len(text))) for a, b in spans)
        tags = assert_inert(passages.passage_html(text, inside))
        assert [one for one in tags.text if one in "a年"] == [one for one in text if one in "a年"]

    def test_a_row_is_exported_with_the_names_of_its_columns(self) -> None:
        start = PRICES.index("| 炉门")
        answer = Answer("q", "q", text="860 元。[1]", citations=(cited(1, start, start + 17, passage(PRICES)),))
        text = export.conversation_markdown("价目", [Turn(1, "多少钱？", answer, 0)], ZH)
        assert "\n> 型号：炉门-12；价格：860 元\n" in text


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
