"""Passages that fit no question clearly are judged by the nearest of their sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ingest import sync
from kb_app import KnowledgeBase
from kb_app.parts import Parts
from kb_app.search.second_look import DOUBT, HOPELESS, PASSAGES, SENTENCES, Sentences, doubtful, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kb_app.storage.vectors import Vector

QUESTION = np.array([1, 0], dtype=np.float32)

RULES = """# 校园生活须知

教学楼每天早上六点半开门，晚上十点半关门。自行车停在指定的车棚内，电动车不得进楼充电。
食堂的餐具用后放回收残台，浪费严重的给予提醒。体育馆周末对外开放，校内人员凭卡免费入场。
公共浴室的热水供应到晚上十点。因病不能上课的，由班主任准假，事后三日内补交医院证明。
快递统一放在南门驿站，超过五天未取的退回。宿舍熄灯后请保持安静，违者通报。
"""


def embed(texts: Iterable[str]) -> Iterator[Vector]:
    """A sentence is as near to the question as its number of stars."""
    for text in texts:
        angle = (10 - text.count("*")) * np.pi / 20
        yield np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def test_each_text_gets_its_nearest_sentence() -> None:
    near = nearest(QUESTION, ["一*。二***。三。", "四**。"], len, Sentences(embed))
    assert near == pytest.approx([np.cos(7 * np.pi / 20), np.cos(8 * np.pi / 20)], abs=1e-6)
    assert nearest(QUESTION, [], len, Sentences(embed)) == []


def test_of_a_long_text_the_sentences_are_compared_that_hold_most() -> None:
    text = "近*****。" + "".join(f"占位占位占位{number}。" for number in range(SENTENCES))
    assert nearest(QUESTION, [text], len, Sentences(embed)) == pytest.approx([0], abs=1e-6)
    assert nearest(QUESTION, [text], lambda sentence: sentence.count("*"), Sentences(embed)) == pytest.approx(
        [np.sqrt(0.5)], abs=1e-6
    )


def test_a_sentence_is_embedded_once() -> None:
    asked: list[str] = []

    def counted(texts: Iterable[str]) -> Iterator[Vector]:
        return embed(asked.append(text) or text for text in texts)

    sentences = Sentences(counted)
    first = sentences.vectors(["一*。", "二**。", "一*。"])
    again = sentences.vectors(["二**。", "三。"])
    assert asked == ["一*。", "二**。", "三。"]
    assert [v.tolist() for v in (first[0], first[1])] == [v.tolist() for v in (first[2], again[0])]


def test_what_is_clear_or_hopeless_is_not_looked_at() -> None:
    assert doubtful({}) == []
    assert doubtful({1: DOUBT, 2: 0.3}) == []
    assert doubtful({1: 0.2, 2: HOPELESS / 2, 3: 0.3}) == [3, 1]
    assert len(doubtful(dict.fromkeys(range(PASSAGES + 5), 0.2))) == PASSAGES


def test_one_sentence_among_many_is_found_by_what_it_means(tmp_path: Path) -> None:
    (tmp_path / "须知.md").write_text(RULES, encoding="utf-8")
    question = "感冒发烧来不了学校怎么请假"
    with KnowledgeBase.open("rules") as kb:
        sync([tmp_path], kb)
        looked_at = kb.search(question, k=1)[0].score
    with KnowledgeBase.open("rules", parts=replace(Parts(), second_look=False)) as kb:
        assert looked_at > kb.search(question, k=1)[0].score
