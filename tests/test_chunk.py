"""What every chunk promises, for every document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.assembly import MAX_BLOCK
from ingest.chunk import MAX_TEXT, chunk_document
from ingest.document import Element, ParsedDocument
from ingest.parsers.plain import text_elements

if TYPE_CHECKING:
    from ingest.document import ChunkedDocument

SENTENCE = "员工请假应当提前向主管提出，经批准后方可离岗。"
characters = st.one_of(
    st.sampled_from("假期天数员工一二。！？；…”』），、 \n\u3000ab.|-#"), st.characters(exclude_categories=["Cs"])
)
texts = st.text(characters, min_size=1, max_size=900).map(str.strip).filter(bool)
headings = st.builds(
    Element,
    st.just("heading"),
    st.text("章节总则休假 12", min_size=1, max_size=60).map(str.strip).filter(bool),
    st.integers(1, 4),
)
blocks = st.builds(Element, st.sampled_from(["text", "text", "text", "code"]), texts)
tables = st.lists(st.text("天假|数五", max_size=120), max_size=30).map(
    lambda rows: Element("table", "\n".join(["| 假别 | 天数 |", "| --- | --- |", *(f"| {row} | 1 |" for row in rows)]))
)
documents = st.lists(st.one_of(headings, blocks, blocks, tables), min_size=1, max_size=12)


def chunked(*elements: Element) -> ChunkedDocument:
    return chunk_document(ParsedDocument(elements))


def text(content: str, page: int | None = None) -> Element:
    return Element("text", content, page=page)


@given(documents)
@settings(max_examples=200, deadline=None)
def test_chunks_cover_the_text(elements: list[Element]) -> None:
    document = chunked(*elements)
    position = 0
    for chunk in document.chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip() != ""
        assert not document.text[position : chunk.start].strip()
        assert chunk.start >= position
        position = chunk.end
    assert not document.text[position:].strip()


@given(documents)
@settings(max_examples=100, deadline=None)
def test_every_word_of_an_element_is_in_the_text(elements: list[Element]) -> None:
    document = chunked(*elements)
    for element in elements:
        for line in element.text.split("\n"):
            assert line.strip() in document.text


@given(st.lists(texts, min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_text_chunks_are_bounded(paragraphs: list[str]) -> None:
    for chunk in chunked(*map(text, paragraphs)).chunks:
        assert len("".join(chunk.text.split())) <= MAX_TEXT


@given(documents)
@settings(max_examples=100, deadline=None)
def test_cut_again_is_the_same(elements: list[Element]) -> None:
    assert chunked(*elements) == chunked(*elements)


def test_sentences_keep_their_ends() -> None:
    quoted = "主管说：“可以请假。”员工问：“几天呢？”答复是五天！……"
    document = chunked(text((SENTENCE + quoted) * 30))
    assert len(document.chunks) > 3
    for chunk in document.chunks:
        assert chunk.text.endswith(("。", "。”", "？”", "！……"))
        assert not chunk.text.startswith(("”", "。", "…"))


def test_most_chunks_are_nearly_full() -> None:
    sentences = [
        f"第{i}号规定要求" + "员工遵守" * (i * 7 % 9) + "，" + "违者告知" * (i * 5 % 7) + "。" for i in range(2000)
    ]
    lengths = sorted(len(chunk.text) for chunk in chunked(text("".join(sentences))).chunks)
    assert lengths[-1] <= MAX_TEXT
    assert lengths[len(lengths) // 2] >= 270
    assert sum(lengths) / len(lengths) >= 260


def test_headings_stay_with_their_text() -> None:
    document = chunked(
        text("前言。"),
        Element("heading", "第一章 总则", level=1),
        Element("heading", "第一节 目的", level=2),
        text(SENTENCE),
        Element("heading", "第二章 休假", level=1),
        text(SENTENCE),
        Element("heading", "附录", level=1),
    )
    assert [(c.text, c.headings) for c in document.chunks] == [
        ("前言。", ()),
        (f"第一章 总则\n\n第一节 目的\n\n{SENTENCE}", ("第一章 总则", "第一节 目的")),
        (f"第二章 休假\n\n{SENTENCE}", ("第二章 休假",)),
        ("附录", ("附录",)),
    ]
    assert document.chunks[1].indexed_text == document.chunks[1].text


def test_later_chunks_carry_the_headings_above() -> None:
    document = chunked(Element("heading", "休假", level=1), text(SENTENCE * 60))
    assert len(document.chunks) > 2
    assert all(chunk.headings == ("休假",) for chunk in document.chunks)
    assert document.chunks[0].text.startswith("休假\n\n员工")
    assert document.chunks[1].indexed_text.startswith("休假\n")


def test_slides_with_a_title_alone_stay_apart() -> None:
    first, second = Element("heading", "封面", level=1, page=1), Element("heading", "目录", level=1, page=2)
    document = chunked(first, second, text("年假五天，婚假十天。", page=2))
    assert [(c.page, c.headings) for c in document.chunks] == [(1, ("封面",)), (2, ("目录",))]


def test_page_is_where_the_chunk_begins() -> None:
    document = chunked(*(text(f"这是第{page}页的内容。" + SENTENCE * 15, page=page) for page in (1, 2, 3)))
    for chunk in document.chunks:
        before = document.text[: chunk.start + 12]
        assert chunk.page == max(page for page in (1, 2, 3) if page == 1 or f"第{page}页" in before)


def test_a_quotation_mark_is_never_alone() -> None:
    document = chunked(text(SENTENCE * 17), text("”"), Element("table", "| 甲 |\n| --- |\n| 乙 |"), text("。"))
    assert all(len("".join(chunk.text.split())) >= 10 for chunk in document.chunks)
    assert chunked(text("”")).chunks[0].text == "”"


def test_a_short_first_line_goes_with_what_follows() -> None:
    document = chunked(text("年假"), text(SENTENCE * 40))
    assert document.chunks[0].text.startswith("年假\n\n员工")
    assert all(len(chunk.text) <= MAX_TEXT for chunk in document.chunks)


def test_long_sentence_is_cut_at_commas() -> None:
    document = chunked(text("，".join(["员工应当遵守各项规章制度" + "并" * (i % 5) for i in range(90)]) + "。"))
    assert len(document.chunks) > 3
    assert all(chunk.text.endswith(("，", "。")) for chunk in document.chunks)


def test_words_without_any_end_are_cut_hard() -> None:
    assert max(len(chunk.text) for chunk in chunked(text("字" * 5000)).chunks) <= MAX_TEXT
    for chunk in chunked(text("holiday request " * 400)).chunks:
        assert chunk.text.split(" ")[0] in ("holiday", "request")


def rows(count: int) -> str:
    body = [f"| 项目{i} | {'说明' * (i % 7)} | {i} |" for i in range(count)]
    return "\n".join(["| 名称 | 说明 | 数目 |", "| --- | --- | --- |", *body])


def test_short_table_is_whole_with_its_heading() -> None:
    document = chunked(Element("heading", "清单", level=1), Element("table", rows(10)), text(SENTENCE))
    assert [chunk.text for chunk in document.chunks] == [f"清单\n\n{rows(10)}", SENTENCE]


def test_long_table_repeats_its_header() -> None:
    chunks = chunked(Element("table", rows(200))).chunks
    assert len(chunks) > 5
    assert all(chunk.text.startswith("| 名称 | 说明 | 数目 |\n| --- | --- | --- |\n| 项目") for chunk in chunks)
    assert all(len(chunk.text) <= MAX_BLOCK for chunk in chunks)
    assert [line for chunk in chunks for line in chunk.text.split("\n")[2:]] == rows(200).split("\n")[2:]


def test_row_longer_than_the_bound_is_one_part() -> None:
    huge = f"| {'长' * 2000} | 1 | 2 |"
    chunks = chunked(Element("table", f"{rows(3)}\n{huge}\n| 末 | 1 | 2 |")).chunks
    assert sum(huge in chunk.text for chunk in chunks) == 1
    assert "| 末 | 1 | 2 |" in chunks[-1].text


def test_code_whole_or_by_lines() -> None:
    line = "    total = total + days_of(leave)\n"
    short, long = ("def f():\n" + line * n + "    return total" for n in (5, 60))
    assert [chunk.text for chunk in chunked(Element("code", short)).chunks] == [short]
    chunks = chunked(Element("code", long)).chunks
    assert all(len(chunk.text) <= MAX_BLOCK for chunk in chunks)
    assert all(chunk.text.startswith(("def f", "total =", "return")) for chunk in chunks)


def test_an_answer_stays_with_its_question_and_a_list_with_its_lead_in() -> None:
    pairs = [
        f"问：第{i}类费用怎样报销，需要哪些材料，应当向哪个部门提出？\n答：" + f"第{i}类费用凭发票报销。" * (i % 7 + 1)
        for i in range(1, 40)
    ]
    for text in ("\n\n".join(pairs), "\n".join(pairs)):
        chunks = chunk_document(ParsedDocument(tuple(text_elements(text)))).chunks
        assert len(chunks) > 5
        assert not any(chunk.text.startswith("答：") for chunk in chunks)
    items = [f"{'前述资料' * (i % 9 + 5)}应当包括：\n（1）申请表；\n（2）发票；\n（3）合同。" for i in range(40)]
    chunks = chunk_document(ParsedDocument(tuple(text_elements("\n\n".join(items))))).chunks
    assert not any(chunk.text.endswith("：") for chunk in chunks)


def test_a_table_stays_with_the_line_above_it() -> None:
    rows = "\n".join(["| 城市 | 上限 |", "| --- | --- |", *(f"| 城市{i} | {300 + i} |" for i in range(20))])
    elements = [Element("text", "出差须提前申请。" * 60), Element("text", "表2 各地住宿费上限"), Element("table", rows)]
    chunks = chunk_document(ParsedDocument(tuple(elements))).chunks
    assert chunks[-1].text.startswith("表2 各地住宿费上限\n\n| 城市")
    assert all("表2" not in chunk.text for chunk in chunks[:-1])


TABLE = "| 车间 | 产量 |\n| --- | --- |\n| 铸造 | 320 |"


def test_the_lines_above_a_table_stay_with_it() -> None:
    document = chunked(
        Element("heading", "月报", level=1),
        text(SENTENCE * 15),
        text("各车间产量"),
        text("单位：吨"),
        Element("table", TABLE),
        text(SENTENCE),
        Element("table", TABLE),
    )
    assert [chunk.text for chunk in document.chunks][-3:] == [f"各车间产量\n\n单位：吨\n\n{TABLE}", SENTENCE, TABLE]


def test_a_caption_between_two_tables_goes_with_the_second() -> None:
    document = chunked(Element("table", TABLE), text("备件"), Element("table", TABLE))
    assert [chunk.text for chunk in document.chunks] == [TABLE, f"备件\n\n{TABLE}"]


def test_each_part_of_a_long_table_stands_below_its_caption() -> None:
    rows = "\n".join(f"| 铸造{i} | {i}00 |" for i in range(150))
    document = chunked(
        Element("heading", "月报", level=1), text("各车间产量"), Element("table", f"{TABLE}\n{rows}"), text(SENTENCE)
    )
    *parts, last = document.chunks
    assert len(parts) > 2
    assert {part.headings for part in parts} == {("月报", "各车间产量")}
    assert all(part.indexed_text.count("各车间产量") == 1 for part in parts)
    assert last.headings == ("月报",)


def test_a_last_slide_of_a_few_words_is_no_chunk_of_its_own() -> None:
    document = chunked(
        Element("heading", "奖惩", level=1, page=1), text(SENTENCE, 1), Element("heading", "谢谢", level=1, page=2)
    )
    assert [(c.text, c.headings, c.page) for c in document.chunks] == [(f"奖惩\n\n{SENTENCE}\n\n谢谢", ("奖惩",), 1)]


def test_a_line_that_leads_to_a_list_is_no_remark_on_the_table_above() -> None:
    document = chunked(text(SENTENCE), Element("table", TABLE), text("说明："), text("1. 凭旧换新，遗失照价赔偿。"))
    assert [chunk.text for chunk in document.chunks][1:] == [TABLE, "说明：\n\n1. 凭旧换新，遗失照价赔偿。"]


def test_a_remark_below_a_table_stays_with_it() -> None:
    document = chunked(text(SENTENCE), Element("table", TABLE), text("注：不含外协。"), text(SENTENCE), text(SENTENCE))
    assert [chunk.text for chunk in document.chunks] == [
        SENTENCE,
        f"{TABLE}\n\n注：不含外协。",
        f"{SENTENCE}\n\n{SENTENCE}",
    ]
