"""What models say when the documents do not tell, in any words, and what only sounds like it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.answering.output import refuses, unwrapped
from kb_app.refusal import REFUSAL, REFUSAL_EN, refusal_for, says_nothing, tells_of_nothing

REFUSALS = [
    REFUSAL,
    REFUSAL_EN,
    REFUSAL.rstrip("。"),
    f"**{REFUSAL}**",
    f"“{REFUSAL}”",
    REFUSAL + "[1]",
    REFUSAL + "资料只谈到婚假。",
    "根據現有資料無法回答這個問題。",
    # In Chinese, in other words.
    "抱歉，我无法根据提供的资料找到答案。",
    "抱歉，根据提供的资料，我无法回答这个问题。",
    "很抱歉，资料中未提及相关内容。",
    "资料中没有相关信息。",
    "资料中没有提到病假的天数。",
    "提供的资料中没有关于病假工资的信息。",
    "在所给的资料中，没有找到关于病假工资的说明。",
    "目前的知识库中没有收录该内容。",
    "对不起，我没有找到相关资料。",
    "现有资料不足以回答这个问题。",
    "现有信息不足，无法判断。",
    "资料未明确病假工资的具体数额。",
    "无法从资料中得知病假工资。",
    "资料里没写。",
    "文件未提及。",
    "資料沒有說明病假工資。",
    "病假工资：资料未说明。",
    "病假工资没有在资料中提及。",
    "以上资料与病假工资无关，无法回答。",
    "您的问题超出了资料的范围。",
    "未找到相关信息。",
    "暂无相关信息。",
    "不知道。",
    "资料不足",
    "回答：资料没有说明。",
    "回答：\n资料没有说明。",
    "1. 资料没有说明病假工资。\n2. 资料没有说明发放时间。",
    "资料没有说明病假工资，也没有说明发放时间，因此无法回答。",
    "关于病假工资和奖金，资料都没有提到，故无法给出答案。",
    "资料只介绍了婚假，没有说明病假工资。",
    "资料主要涉及婚假的申请，并未提到病假工资，所以我无法确定。",
    # With a mark.
    "资料没有说明病假工资[1]。",
    "资料[1]和[2]均未提到病假工资。",
    "根据资料[1][2]，没有找到病假工资的相关规定。",
    "资料只谈到婚假[1]。资料没有说明病假工资[1][2]。",
    # With a polite ending.
    "很抱歉，资料未提供病假工资的标准。建议咨询人事部门。",
    "资料没有提供足够的信息来回答这个问题。如需帮助，请联系人事处。",
    "关于病假工资，资料中没有说明，建议向人事处咨询。",
    "抱歉，资料没有说明病假工资。资料只介绍了婚假和年假。您可以咨询人事处。如果您有其他问题，请告诉我。",
    # In English.
    "I cannot answer this question based on the provided documents.",
    "The provided context does not contain information about sick pay.",
    "The documents don't say how much sick pay is.",
    "I couldn't find any information on this in the passages.",
    "There is no mention of sick pay in the documents [1][2].",
    "There is no information about sick pay in the passages.",
    "The passages do not mention sick pay [1].",
    "The passages do not mention sick pay, parental leave, or bonuses.",
    "Sick pay is not mentioned in the documents.",
    "The answer is not in the provided documents.",
    "Unfortunately, the passages do not specify sick pay. Please contact the office for help.",
    "Based on the given passages, it is not possible to determine the amount.",
    "The documents only describe wedding leave; they do not mention sick pay.",
    "The documents only describe wedding leave, but they do not mention sick pay.",
    "None of the passages mention sick pay.",
    "The passages provide no information on sick pay.",
    "I'm sorry, but sick pay is not mentioned in the provided documents.",
    "I'm sorry, I don't know.",
    "Insufficient information to answer.",
    "No relevant information was found.",
    "Unable to answer. Please ask the office.",
    # In JSON.
    json.dumps({"answer": REFUSAL, "sources": []}),
    json.dumps({"回答": "资料没有说明病假工资。"}, ensure_ascii=False),
    f"```json\n{json.dumps({'answer': 'The documents do not mention sick pay.'})}\n```",
]

ANSWERS = [
    "",
    "婚假为三天[2]。",
    "没有上限[1]。",
    REFUSAL + "不过婚假为三天[2]。",
    # A hole in an answer.
    "婚假为三天[2]。病假工资，资料没有说明。",
    "文件说明了婚假为三天[1]；关于病假工资，资料没有说明。",
    "婚假为三天[1]，资料没有说明病假工资。",
    "婚假为三天，病假工资资料没有说明。",
    "资料没有说明病假工资，但规定病假须提交证明[1]。",
    "资料没有说明病假工资。婚假为三天[1]。如需帮助，请联系人事处。",
    "人事处[1]。资料没有说明电话。",
    "人事处。资料没有说明电话。",
    "资料只说明婚假为3天，没有说明病假工资[1]。",
    "Wedding leave is three days [1]; sick pay is not mentioned in the documents.",
    "The passages do not mention sick pay, but wedding leave is three days [1].",
    # Facts that deny something.
    "合同没有规定违约金的，按法律处理[1]。",
    "本办法未提及的事项由人事部解释[1]。",
    "本办法未提及的事项由人事部解释。",
    "资料没有说明用途的，不予借阅[1]。",
    "资料没有说明用途的不予借阅[1]。",
    "说明书没有提到的故障，请拨打热线[1]。",
    "申请资料未提供完整的，不予受理[1]。",
    "提供的资料没有包含照片的，退回补正[1]。",
    "招标文件没有规定交货时间的，以合同为准[1]。",
    "投标文件未说明报价依据[1]。",
    "未按规定提交证明的，按旷工处理[1]。",
    "员工不能提供发票的，不予报销[1]。",
    "员工不能回答记者的提问[1]。",
    "员工不能回答记者的提问。",
    "没有找到相关规定的，由主任决定[1]。",
    "查不到相关记录的，按缺勤处理[1]。",
    "系统无法判断用户身份时会锁定账号[1]。",
    "没有相关证件的人员不得上岗[1]。",
    "请拨打人事处的电话[1]。",
    "The contract does not include delivery [1].",
    "Leave that is not taken is not paid [1].",
    "Documents that do not contain a signature are returned [1].",
    "No personal information is provided to third parties [1].",
    "You cannot find the reset button without opening the cover [1].",
]


@pytest.mark.parametrize("written", REFUSALS)
def test_a_refusal_is_known_in_any_words(written: str) -> None:
    assert refuses(unwrapped(written))


@pytest.mark.parametrize("written", ANSWERS)
def test_an_answer_with_a_no_in_it_is_no_refusal(written: str) -> None:
    assert not refuses(unwrapped(written))


@pytest.mark.parametrize(
    ("sentence", "nothing"),
    [
        (REFUSAL, True),
        ("资料没有说明病假工资。", True),
        ("关于病假工资，资料没有说明。", True),
        ("至于发放时间，所给材料均未提及，建议咨询人事处。", True),
        ("As for sick pay, the passages do not mention it.", True),
        ("婚假为三天。", False),
        ("病假工资无法确定。", False),
        ("资料没有说明用途的，不予借阅。", False),
        ("资料没有说明病假工资，但病假须提交证明。", False),
    ],
)
def test_a_sentence_that_tells_of_a_hole_is_no_claim_about_the_matter(sentence: str, nothing: bool) -> None:
    assert says_nothing(sentence) is nothing


@pytest.mark.parametrize(
    "said",
    [
        "价目表里没列重量，所以答不上来。",
        "手册没有给出保养费用。",
        "没能找到学生优惠方面的内容。",
        "很抱歉，章程里查不到寒假的安排。",
        "这份通知未写明报名费。",
        "规定里没说能不能带宠物，建议咨询前台。",
        "The price list does not mention the weight.",
    ],
)
def test_what_rests_on_nothing_and_says_that_something_is_not_told_is_a_refusal(said: str) -> None:
    assert tells_of_nothing([said])


@pytest.mark.parametrize(
    "said",
    [
        "重量为三十公斤。",
        "手册没有给出保养费用，但每次收二百元。",
        "没有写明期限的退货一律按七天处理。",
        "不能参加考试的须补考。",
        "好的，按您说的办。",
        "The weight is 30 kg.",
    ],
)
def test_a_claim_that_rests_on_nothing_is_no_refusal(said: str) -> None:
    assert not tells_of_nothing([said])


def test_the_refusal_is_in_the_language_of_the_question() -> None:
    assert [refusal_for("病假？"), refusal_for("Sick pay?")] == [REFUSAL, REFUSAL_EN]


@given(st.text(alphabet="资料没有说明，。的无法回答请but not in documents[1]\n", max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert refuses(text) in {True, False}
