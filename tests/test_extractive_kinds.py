"""What a reader without a model gets for each kind of question: the words that answer it, and few others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb_app.citing.citations import strip_marks
from tests.office import office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app import KnowledgeBase


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


ASKED = [
    ("QT-5净水机的保修期多久？", ["保修期：三年"], 2),
    ("QT-9有多重？", ["重量：31 公斤"], 2),
    ("上海的住宿上限是多少？", ["上海；住宿上限：540 元"], 2),
    ("各城市的住宿上限是多少？", ["北京", "上海", "成都", "西宁"], 5),
    ("停车收费有哪几种？", ["临时停车", "包月停车", "包年停车"], 3),
    ("办理包月停车需要哪些材料？", ["行驶证复印件", "工作证", "停车承诺书"], 4),
    ("包年停车怎么收费？", ["每年收费两千元"], 2),
    ("北京和成都的住宿上限分别是多少？", ["北京；住宿上限：520 元", "成都；住宿上限：380 元"], 2),
    ("QT-2和QT-9的保修期有什么区别？", ["保修期：一年", "保修期：五年"], 2),
    ("供暖什么时候开始，室温不足怎么报修？", ["十一月十二日", "6120"], 3),
    ("包月停车在哪里办理，多少钱一个月？", ["三号门岗亭", "二百二十元"], 3),
    ("访客的车能停地下车库吗？", ["不得停入地下车库"], 2),
    ("什么是通宵实验？", ["当天二十三时以后"], 2),
    ("通借通还是什么意思？", ["还到另一个分馆"], 2),
    ("为什么禁止一人通宵？", ["烫伤"], 2),
    ("供暖为什么推迟？", ["水泵在检修"], 2),
    ("怎样申请使用公共实验室？", ["安全培训", "准入申请单"], 3),
    ("准入申请由谁审批？", ["实验室主任"], 2),
    ("图书室在哪里？", ["综合楼三层"], 2),
    ("车间的室温最低多少度？", ["十六度"], 2),
    ("How long is a guest account valid?", ["three days"], 2),
    ("Why are video calls slow?", ["5 Mbps"], 2),
    ("Where is the network desk?", ["second floor"], 2),
]


@pytest.mark.parametrize(("question", "held", "most"), ASKED)
def test_the_quotes_hold_the_answer_and_are_few(kb: KnowledgeBase, question: str, held: list[str], most: int) -> None:
    answer = kb.ask(question)
    said = strip_marks(answer.text)
    assert [words for words in held if words not in said] == []
    assert len(answer.citations) <= most
