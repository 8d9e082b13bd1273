"""Versions that are compared, codes of things, and lines that only name what is asked about."""

from __future__ import annotations

import pytest

from kb_app.answering.extractive import extract
from tests.passages import passage

OLD = passage(
    "质保金为合同价的百分之六，验收后一年退还。", doc_id="1", source="采购2021.md", title="采购办法2021", headings=()
)
NEW = passage(
    "质保金为合同价的百分之四，验收后两年退还。",
    doc_id="2",
    source="采购2024.md",
    title="采购办法2024",
    headings=(),
    score=0.85,
)


def test_both_versions_are_quoted_where_they_are_compared() -> None:
    parts = ["采购办法2021年的质保金", "采购办法2024年的质保金"]
    found = extract("采购办法2021年和2024年的质保金有什么不一样？", [OLD, NEW], parts=parts)
    assert [one.passage.source for one in found] == ["采购2021.md", "采购2024.md"]
    assert [one.passage for one in extract("质保金是多少？", [OLD, NEW])] == [OLD]


def test_a_part_that_names_a_year_is_answered_from_the_document_of_that_year() -> None:
    later = passage(
        "质保金在2021年以前为百分之九，2021年起改。", doc_id="2", source="采购2024.md", title="采购办法2024"
    )
    parts = ["2021年的质保金", "2024年的质保金"]
    found = extract("2021年和2024年的质保金有什么变化？", [NEW, later, OLD], parts=parts)
    assert OLD in [one.passage for one in found]


SHEET = "产品卡\n\n型号：MK-318 品名：烘鞋器\n\n额定功率200瓦，净重1.1千克。整机保修两年，出厂价96元。\n"


@pytest.mark.parametrize("question", ["MK-318的出厂价是多少", "ＭＫ－３１８的出厂价是多少"])
def test_a_code_counts_for_all_sentences_of_the_passage_that_has_it(question: str) -> None:
    sheet = passage(SHEET, title="产品卡", headings=())
    assert "整机保修两年，出厂价96元。" in [one.quote for one in extract(question, [sheet], limit=2)]


def test_the_number_of_a_code_finds_no_quantity() -> None:
    text = "喷枪每分钟耗气70升。枪身可换三种枪嘴。PQ-70用于家具厂和车身维修。"
    assert extract("PQ-70耗气多少", [passage(text, title="PQ-70", headings=())])[0].quote == "喷枪每分钟耗气70升。"
    text = "容积70升。枪身用于家具厂。PQ-70重两千克。"
    found = extract("PQ-70用于哪里", [passage(text, title="喷枪", headings=())], limit=1)
    assert [one.quote for one in found] == ["枪身用于家具厂。"]


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("型号：MK-31。\n出厂价按季调整，现为96元。\n", "MK-31的出厂价？", "出厂价按季调整，现为96元。"),
        (
            "甲方青石机床公司（以下简称青石机床），乙方白鹭电气公司（以下简称白鹭电气）。\n付款分三次，每次验收后十日内。\n",
            "青石机床公司给白鹭电气公司付款分几次？",
            "付款分三次，每次验收后十日内。",
        ),
    ],
)
def test_a_line_that_only_names_the_thing_is_not_quoted_first(text: str, question: str, answer: str) -> None:
    found = extract(question, [passage(text, title="合同", headings=())], limit=1)
    assert [one.quote for one in found] == [answer]


def test_who_is_called_what_is_told_where_it_is_asked() -> None:
    text = "甲方青石机床公司（以下简称青石机床），乙方白鹭电气公司（以下简称白鹭电气）。\n付款分三次。\n"
    assert "以下简称" in extract("合同的双方是谁？", [passage(text, title="合同", headings=())], limit=1)[0].quote


def test_a_rule_that_gives_its_place_a_short_name_tells_what_it_is_for() -> None:
    text = "第一条 为防止白鹭水库（以下简称水库）发生溺水，制定本规定。\n第二条 本规定自五月起施行。\n"
    found = extract("水库规定是为了什么制定？", [passage(text, title="规定", headings=())], limit=1)
    assert "防止" in found[0].quote


def test_a_heading_with_its_number_is_no_answer() -> None:
    text = "6. Liability\nEach party is liable up to the yearly fee.\n"
    found = extract("What is the liability?", [passage(text, title="Agreement", headings=("6. Liability",))])
    assert [one.quote for one in found] == ["Each party is liable up to the yearly fee."]
