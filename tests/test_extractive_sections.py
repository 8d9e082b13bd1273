"""Lists below a heading, passages far behind the best one, and sentences in another language than the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.answering.across_languages import across
from kb_app.answering.extractive import extract
from tests.passages import passage

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = [
    "1）查油位和皮带",
    "2）排气阀全开",
    "3）按绿钮，等转速稳住",
    "4）慢慢关排气阀",
    "5）并入总管",
    "6）记录电流",
    "7）挂上运行牌",
]
START = "8.3 启动\n\n" + "\n\n".join(STEPS)
PARKING = "第五章 停车\n\n一、地面车位先到先停。\n二、访客头两小时免费，之后每小时四元。\n"
PARKING += "三、限速十公里。\n四、货车不得进入。\n"


def quotes(question: str, text: str, headings: tuple[str, ...]) -> list[str]:
    return [one.quote for one in extract(question, [passage(text, title="站房手册", headings=headings)])]


def test_items_below_a_heading_are_the_list_that_it_names() -> None:
    headings = ("8 空压机", "8.3 启动")
    assert quotes("启动空压机的步骤有哪些？", START, headings) == STEPS
    assert quotes("启动空压机后转速要怎样？", START, headings)[0] == STEPS[2]


def test_a_heading_that_shares_one_word_with_the_question_does_not_bring_its_section() -> None:
    found = quotes("来的客人停车怎么收钱，每小时多少元？", PARKING, ("第五章 停车",))
    assert "二、访客头两小时免费，之后每小时四元。" in found
    assert len(found) < 4


def test_a_heading_leads_to_no_line_without_a_marker() -> None:
    plain = START.translate(str.maketrans(dict.fromkeys("1234567）", ""))).replace("8. 启动", "8.3 启动")
    assert len(quotes("启动空压机的步骤有哪些？", plain, ("8 空压机", "8.3 启动"))) <= 3


def test_the_code_of_a_thing_in_the_head_of_a_table_asks_for_no_column() -> None:
    rows = "| 项目 | FQ-70 |\n| --- | --- |\n| 容积 | 80 L |\n| 噪声 | 66 dB |\n| 保修 | 两年 |\n"
    found = extract("FQ-70的噪声多大", [passage(rows, title="样本", headings=())])
    assert [one.quote for one in found] == ["| 噪声 | 66 dB |"]
    whole = extract("FQ-70有哪些参数", [passage(rows, title="样本", headings=())])
    assert len(whole) == 3


def test_a_passage_far_behind_the_best_one_is_not_quoted() -> None:
    best = passage("The first half hour costs 1.20 pounds.", title="Bikes", headings=(), score=0.6)
    far = passage("租借投影仪半小时多少钱由总务处定。", title="投影仪", headings=(), score=0.1)
    near = passage("租借投影仪半小时多少钱由总务处定。", title="投影仪", headings=(), score=0.4)
    question = "租借自行车半小时多少钱？"
    assert [one.passage for one in extract(question, [best, far])] == [best]
    assert near in [one.passage for one in extract(question, [best, near])]


def background(one: float, other: float) -> float:
    return 0.8 if (one > 0.5) == (other > 0.5) else 0.7


def cosines(_: str, texts: Sequence[str]) -> list[float]:
    return [0.84 if "投影仪" in text else 0.82 for text in texts]


def test_what_a_common_language_adds_is_taken_away_where_the_best_passage_is_in_another_one() -> None:
    english = passage("The first half hour costs 1.20 pounds.", title="Bikes", headings=(), score=0.6)
    chinese = passage("投影仪由总务处保管。", title="设备", headings=(), score=0.5)
    question = "租借单车半小时多少钱？"
    fair = across(question, [english, chinese], cosines, background)
    asked = ["投影仪由总务处保管。", "The first half hour costs 1.20 pounds."]
    assert fair(question, asked)[1] > fair(question, asked)[0]
    assert extract(question, [english, chinese], similarity=fair, limit=1)[0].passage is english
    first = [passage(chinese.text, title="设备", headings=(), score=0.9), english]
    assert across(question, first, cosines, background)(question, asked) == cosines(question, asked)
