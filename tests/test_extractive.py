"""Answers without a model are words of the passages, few of them, each with its mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.answering.extractive import compose, extract
from kb_app.citing.citations import marks
from kb_app.search.asking import question_pieces
from tests.passages import LEAVE, TABLE, WEDDING, passage
from tests.rerank_server import shared_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = [
    "年假",
    "五天",
    "婚假",
    "。",
    "！",
    "；",
    "：",
    "？",
    "1. ",
    "- ",
    "\n",
    "| 北京 | 120 |\n",
    "| --- | --- |\n",
    "[3]",
    " ",
    "leave. ",
]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("满十年有几天年假？", "10天"),
        ("婚假须提前多久申请？", "两周"),
        ("病假要交什么？", "医院证明"),
        ("How long is 婚假?", "三天"),
    ],
)
def test_the_first_sentences_hold_the_answer(question: str, holds: str) -> None:
    citations = extract(question, [LEAVE, WEDDING])
    assert holds in "".join(one.quote for one in citations)
    assert len(citations) <= 3


def test_one_sentence_is_enough_where_one_stands_out() -> None:
    noise = passage("".join(f"第{number}号仓库存放办公用品。" for number in "甲乙丙丁戊"), title="仓库", headings=())
    assert [one.quote for one in extract("婚假有几天？", [WEDDING, noise])] == [WEDDING.text]


def test_the_title_counts_for_every_sentence_of_its_document() -> None:
    text = "紫云山步道开放于二〇一一年。全长七公里。周一闭园维护。"
    other = passage("青石湖环线全长九公里。", title="青石湖环线", headings=())
    citations = extract("紫云山步道全长多少？", [passage(text, title="紫云山步道", headings=()), other], limit=1)
    assert citations[0].quote == "全长七公里。"


def test_a_table_row_is_quoted_alone_and_read_with_its_columns() -> None:
    citations = extract("成都每日补贴多少？", [TABLE])
    assert [one.quote for one in citations] == ["| 成都 | 90 元 |"]
    assert compose(citations) == "- 城市：成都；每日补贴：90 元[1]"


@pytest.mark.parametrize("question", ["每日补贴", "每日补贴是多少？"])
def test_a_question_that_names_a_column_gets_all_its_rows(question: str) -> None:
    around = passage("两人同住的，另给补贴。每日须在系统里登记。", source="差旅.xlsx", title="差旅")
    quotes = [one.quote for one in extract(question, [TABLE, around])]
    assert quotes[:2] == ["| 北京 | 120 元 |", "| 成都 | 90 元 |"]


def test_a_long_table_is_not_quoted_whole() -> None:
    rows = "".join(f"| 第{number}仓 | {number * 10} 吨 |\n" for number in range(1, 30))
    table = passage(f"| 仓库 | 承重上限 |\n| --- | --- |\n{rows}", headings=())
    assert 1 <= len(extract("承重上限是多少？", [table])) <= 3
    assert [one.quote for one in extract("第17仓的承重上限是多少？", [table])] == ["| 第17仓 | 170 吨 |"]


def test_a_bar_and_a_line_break_in_a_cell_are_read_as_such() -> None:
    table = passage("| 型号 | 接口 |\n| --- | --- |\n| QX-3 | 甲\\|乙<br>丙 |\n| QX-9 | 丁 |\n", headings=())
    assert compose(extract("QX-3 有哪些接口？", [table])) == "- 型号：QX-3；接口：甲|乙 丙[1]"


def test_headings_questions_and_lead_ins_are_no_answers() -> None:
    text = (
        "第三章 假期\n问：探亲假有几天？\n探亲假的天数如下：\n（一）探望父母的，二十天；\n（二）探望配偶的，三十天；\n"
    )
    quotes = [one.quote for one in extract("探亲假有几天？", [passage(text)])]
    assert set(quotes) <= {"（一）探望父母的，二十天", "（二）探望配偶的，三十天"}
    assert quotes


def test_clauses_of_a_short_sentence_stay_together_and_those_of_a_long_one_show_that_it_goes_on() -> None:
    short = "值班满一年的，补休三天；满三年的，补休五天。"
    assert [one.quote for one in extract("值班满三年补休几天？", [passage(short)], limit=1)] == [short]
    by_leader, by_head = "由班组长登记，" * 8, "由车间主任复核，" * 8
    long = f"补助按下列标准发放，{by_leader}电工每晚六十元；{by_head}焊工每晚八十元；其余每晚四十元。"
    shown = compose(extract("焊工每晚多少元？", [passage(long)], limit=1))
    assert shown.startswith("…由车间主任复核")
    assert "焊工每晚八十元" in shown
    assert "；[" not in shown
    assert "；…" not in shown


def test_a_list_marker_is_not_part_of_a_quote() -> None:
    text = "2. 借用投影仪须提前一天登记。\n- 归还时由保管员验收。\n"
    assert [one.quote for one in extract("借用投影仪要提前多久登记？", [passage(text)], limit=1)] == [
        "借用投影仪须提前一天登记。"
    ]


def test_an_embedding_may_decide() -> None:
    def similarity(_: str, texts: Sequence[str]) -> list[float]:
        return [float("病假" in text) for text in texts]

    assert extract("sick leave", [LEAVE], similarity=similarity, limit=1)[0].quote == "病假须在三天内提交医院证明。"


def test_a_footnote_mark_in_a_document_points_nowhere() -> None:
    citations = extract("年假几天？", [passage("年假为五天[7]。")])
    assert citations[0].quote == "年假为五天[7]。"
    assert compose(citations) == "年假为五天。[1]"


@pytest.mark.parametrize("passages", [[], [passage("")], [passage("——\n  ")]])
def test_nothing_to_say_is_an_empty_answer(passages: list) -> None:
    assert extract("年假？", passages) == []
    assert compose([]) == ""


@pytest.mark.parametrize("question", ["？", "的", "什么", "🙂", "asdf"])
def test_a_question_without_words_still_gets_a_quote(question: str) -> None:
    assert extract(question, [LEAVE])


def test_question_words_do_not_count() -> None:
    assert question_pieces("年假有几天？") == ["年假", "天"]
    assert question_pieces("什么") == ["什么"]


@given(st.lists(TEXTS, max_size=4), st.sampled_from(["年假几天？", "北京多少", "leave", ""]), st.integers(1, 3))
def test_every_quote_is_a_span_and_every_mark_has_one(texts: list[str], question: str, limit: int) -> None:
    passages = [passage(text, chunk_id=str(number)) for number, text in enumerate(texts)]
    citations = extract(question, passages, limit=limit)
    for one in citations:
        assert one.passage.text[one.start : one.end] == one.quote == one.quote.strip()
        assert not set(one.quote) <= set("|-\n ")
    assert list(dict.fromkeys(one.number for one in citations)) == list(
        range(1, len({one.number for one in citations}) + 1)
    )
    assert set(marks(compose(citations))) == {one.number for one in citations}


def test_an_article_that_is_asked_for_comes_whole_and_nothing_else() -> None:
    rules = passage(
        "第二章 费用\n\n第九条 下列费用由住户承担：\n（一）水费；\n（二）电费。\n逾期的，按日加收。\n"
        "第十条 押金在退租后退还。",
        title="宿舍管理办法",
    )
    fines = passage("第二十条 违反第九条规定的，由后勤处处罚。", source="宿舍.md", title="宿舍管理办法", chunk_id="2")
    quotes = [citation.quote for citation in extract("《宿舍管理办法》第九条是怎么规定的？", [fines, rules])]
    assert quotes == ["第九条 下列费用由住户承担：", "（一）水费；", "（二）电费。", "逾期的，按日加收。"]
    leave = passage("第三条 满一年的，五天；满十年的，十天。\n当年休完。", title="宿舍管理办法")
    quotes = [citation.quote for citation in extract("《宿舍管理办法》第三条说什么？", [leave])]
    assert quotes == ["第三条 满一年的，五天；满十年的，十天。", "当年休完。"]
    assert "后勤处" in extract("违反第九条由谁处罚？", [fines, rules])[0].quote


def test_a_question_that_names_a_paper_is_answered_from_it() -> None:
    shops = [
        passage(
            f"| 品名 | 单价 |\n| --- | --- |\n| 投影仪 | {price} 元 |\n",
            source=f"{shop}店报价单.csv",
            title=f"{shop}店报价单",
            headings=(),
            doc_id=shop,
            chunk_id=shop,
            score=0.21 if shop == "江苑" else 0.09,
        )
        for shop, price in (("东苑", 3001), ("江苑", 3002), ("江门", 3003))
    ]
    assert [citation.passage.doc_id for citation in extract("江苑店的投影仪多少钱？", shops)] == ["江苑"]


def test_a_short_answer_is_found_by_the_question_before_it() -> None:
    faq = passage(
        "问：宿舍能用电磁炉吗？\n答：不可以。\n\n问：晚上几点熄灯？\n答：二十三点，周末晚半小时。\n\n问：可以养宠物吗？\n答：不行。",
        title="宿舍问答",
        headings=(),
    )
    for question, answer in (("宿舍能不能用电磁炉？", "答：不可以。"), ("可以养宠物吗？", "答：不行。")):
        assert extract(question, [faq], similarity=shared_pieces, limit=1)[0].quote == answer
