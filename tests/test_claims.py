"""How many wrong sentences are found, and how many right ones are taken for wrong, on sentences labelled by hand."""

from __future__ import annotations

import time

import pytest

from kb_app.citing.citations import cite
from tests.labelled_claims import PASSAGES, REPORTED
from tests.labelled_tuning import MORE_TUNING, MORE_TUNING_PASSAGES, TUNING, TUNING_PASSAGES
from tests.labelled_tuning_more import LAST_TUNING, LAST_TUNING_PASSAGES
from tests.passages import passage


def found_wrong(sentence: str, cites: str) -> bool:
    return bool(cite(f"{sentence}[1]", [PASSAGES[cites]]).unsupported)


def test_wrong_sentences_are_found_and_right_ones_are_left_alone() -> None:
    wrong = [one for one in REPORTED if one.wrong]
    right = [one for one in REPORTED if not one.wrong]
    assert len(wrong) >= 25
    assert len(right) >= 25
    missed = [one for one in wrong if not found_wrong(one.sentence, one.cites)]
    alarms = [one for one in right if found_wrong(one.sentence, one.cites)]
    assert len(missed) <= 0.1 * len(wrong), missed
    assert len(alarms) <= 0.05 * len(right), alarms


def test_the_sentences_that_rules_were_chosen_on_are_still_told_apart() -> None:
    passages = {**TUNING_PASSAGES, **MORE_TUNING_PASSAGES, **LAST_TUNING_PASSAGES}
    labelled = [*TUNING, *MORE_TUNING, *LAST_TUNING]
    found = [bool(cite(f"{one.sentence}[1]", [passages[one.cites]]).unsupported) for one in labelled]
    errors = [one for one, wrong in zip(labelled, found, strict=True) if wrong != bool(one.wrong)]
    assert len(errors) <= 0.05 * len(labelled), errors


def test_right_sentences_find_their_passage_whatever_number_the_model_wrote() -> None:
    keys = list(PASSAGES)
    passages = [PASSAGES[key] for key in keys]
    right = [one for one in REPORTED if not one.wrong and one.cites != "maintenance"]
    results = []
    for one in right:
        wrong_number = (keys.index(one.cites) + 1) % len(keys) + 1
        result = cite(f"{one.sentence}[{wrong_number}]", passages)
        results.append([citation.passage for citation in result.citations] == [PASSAGES[one.cites]])
    assert sum(results) >= 0.8 * len(results)


@pytest.mark.parametrize(
    ("sentence", "denied"),
    [
        ("外来车辆不得进入厂区。", False),
        ("外来车辆禁止进入厂区。", False),
        ("外来车辆可以进入厂区。", True),
        ("外来车辆进入厂区须经批准。", False),
        ("进入车间必须戴安全帽。", False),
        ("进入车间不用戴安全帽。", True),
        ("参观人员无需缴费。", False),
        ("参观人员需要缴费。", True),
        ("没有预约的人员不能参观。", False),
        ("预约的人员才能参观。", False),
        ("参观人数不得超过30人。", False),
        ("参观人数应超过30人。", True),
    ],
)
def test_denial_in_both_directions(sentence: str, denied: bool) -> None:
    rules = passage(
        "外来车辆未经批准不得进入厂区。进入车间须戴安全帽。参观人员不需要缴费。未预约的人员不能参观。参观人数不超过30人。",
        title="厂区管理", headings=(),
    )  # fmt: skip
    assert bool(cite(f"{sentence}[1]", [rules]).unsupported) is denied


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("“阳光午餐”计划覆盖全部年级。", True),
        ("“营养早餐”计划覆盖全部年级。", False),
        ("《午餐管理细则》由总务处编写。", True),
        ("《早餐管理细则》由总务处编写。", False),
        ("系统 MealPro 3 于９月上线。", True),
        ("系统 FoodPlus 3 于9月上线。", False),
        ("計劃由總務處的許佳寧負責。", True),
        ("计划由总务处的许文涛负责。", True),  # 许 begins words too (许可), so it is not taken for a surname
        ("计划由教务处负责。", False),
        ("计划由总务处的王涛负责。", False),
    ],
)
def test_names_and_quoted_words_stand_in_the_passage(sentence: str, holds: bool) -> None:
    lunch = passage(
        "「阳光午餐」计划覆盖全部年级，由总务处的许佳宁负责。《午餐管理细则》由总务处编写。MealPro 3 系统于9月上线。",
        title="午餐计划", headings=(), source="午餐.md",
    )  # fmt: skip
    assert (cite(f"{sentence}[1]", [lunch]).unsupported == ()) is holds


def test_an_answer_of_ten_sentences_is_checked_fast() -> None:
    bodies = [
        "".join(
            f"第{n}条 {place}的设备每{n}个月检修一次，费用为{n * 100}元，由维修组登记后报管理处备案。"
            for n in range(1, 33)
        )
        for place in ("东楼", "西楼", "南楼", "北楼", "前楼", "后楼")
    ]
    answer = "".join(f"东楼的设备每{n}个月检修一次，费用为{n * 100}元[{n % 6 + 1}]。" for n in range(1, 11))
    times = []
    for turn in range(5):
        passages = [passage(f"{turn}号。{body}"[:1200], title="检修", headings=()) for body in bodies]
        start = time.process_time()
        result = cite(answer, passages)
        times.append(time.process_time() - start)
    assert result.citations
    assert min(times) < 0.15
    print(f"checked in {min(times) * 1000:.1f} ms")
