"""Conversations of several turns without a model: what is searched for, and what the reader gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb_app.citing.citations import strip_marks
from kb_app.notices import NOTHING_ASKED
from tests.office import office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app import KnowledgeBase


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


TURNS = [
    # A pronoun, and what the documents call a row of a table.
    (["QT-5净水机多重？"], "它的保修期呢？", ["QT-5", "保修期：三年"]),
    (["QT-5净水机多重？", "它的保修期呢？"], "那QT-9呢？", ["QT-9", "保修期：五年", "-QT-5"]),
    (["QT-5净水机多重？"], "多少钱？", ["QT-5", "2600 元", "-QT-2"]),
    (["QT-5净水机多重？", "多少钱？"], "滤芯多久换一次？", ["QT-5", "九个月"]),
    (["QT-2的保修期多久？"], "QT-9的呢？", ["QT-9", "保修期：五年", "-QT-2"]),
    # Another member of the same kind.
    (["北京的住宿上限是多少？"], "那上海呢？", ["上海", "540 元", "-北京"]),
    (["北京的住宿上限是多少？", "那上海呢？"], "西宁呢？", ["西宁", "310 元", "-北京"]),
    (["北京的住宿上限是多少？"], "伙食补贴呢？", ["北京", "110 元", "-上海"]),
    (["北京的住宿上限是多少？", "伙食补贴呢？"], "成都的呢？", ["成都", "90 元", "-北京"]),
    # Members of a list, by their number.
    (["停车收费有哪几种？"], "第二种怎么收费？", ["包月停车", "二百二十元", "-包年停车"]),
    (["停车收费有哪几种？", "第二种怎么收费？"], "第三种呢？", ["包年停车", "两千元", "-包月停车"]),
    (["停车收费有哪几种？"], "包年的能退款吗？", ["中途不退款"]),
    # Asking on.
    (["包月停车怎么收费？"], "怎么办理？", ["三号门岗亭"]),
    (["包月停车怎么收费？", "怎么办理？"], "需要什么材料？", ["行驶证复印件"]),
    (["今年的供暖推迟了吗？"], "为什么？", ["水泵在检修"]),
    (["今年能一人通宵做实验吗？"], "为什么？", ["烫伤"]),
    (["职工可以借几册书？"], "能续借吗？", ["可以续借一次"]),
    (["职工可以借几册书？", "能续借吗？"], "借期多久？", ["四十天"]),
    (["供暖时车间的室温最低多少度？"], "不够的话找谁？", ["6120"]),
    # A new subject does not lean on the conversation.
    (["QT-5净水机多重？", "它的保修期呢？"], "图书室周几闭馆？", ["周一闭馆"]),
    (["北京的住宿上限是多少？"], "通宵实验要几个人在场？", ["两人在场"]),
    (["图书室在哪里？"], "How long is a guest account valid?", ["three days"]),
    # In English.
    (["What is the guest network called?"], "How long is an account valid?", ["three days"]),
    (["How long is a guest account valid?"], "How do I get one?", ["visitor form"]),
    (["Who gets a guest account?", "Where is the network desk?"], "Which floor is it on?", ["second floor"]),
    (["Are video calls slow on the guest network?"], "Why?", ["5 Mbps"]),
]


@pytest.mark.parametrize(("before", "question", "held"), TURNS)
def test_a_turn_gets_its_answer(kb: KnowledgeBase, before: list[str], question: str, held: list[str]) -> None:
    history: list[tuple[str, str]] = []
    for asked in before:
        history.append((asked, kb.ask(asked, history=history).text))
    answer = kb.ask(question, history=history)
    said = strip_marks(answer.text)
    assert [words for words in held if not words.startswith("-") and words not in said] == []
    assert [words for words in held if words.startswith("-") and words[1:] in said] == []
    assert len(answer.citations) <= 5  # a list counts as one


@pytest.mark.parametrize("thanks", ["谢谢！", "好的，明白了。", "Thanks a lot!", "ok, thank you"])
def test_thanks_are_no_question_about_what_was_said_before(kb: KnowledgeBase, thanks: str) -> None:
    history = [("北京的住宿上限是多少？", kb.ask("北京的住宿上限是多少？").text)]
    answer = kb.ask(thanks, history=history)
    assert (answer.refused, answer.passages, answer.reason) == (True, (), NOTHING_ASKED)


def test_more_of_the_same_searches_for_the_whole_question_again(kb: KnowledgeBase) -> None:
    history = [("办理包月停车需要哪些材料？", kb.ask("办理包月停车需要哪些材料？").text)]
    assert kb.ask("还有别的吗？", history=history).search_question == "办理包月停车需要哪些材料 还有别的吗？"
