"""What models write beside the answer itself: JSON, fences, half a sentence, refusals in their own words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.answering.output import refuses, unwrapped, whole_sentences

ANSWER = "婚假为三天[2]。\n\n须提前两周申请[2]。"


@pytest.mark.parametrize(
    "written",
    [
        ANSWER, f"  {ANSWER}\n", json.dumps({"answer": ANSWER}), json.dumps({"回答": ANSWER, "编号": [2]}),
        f"```json\n{json.dumps({'answer': ANSWER}, ensure_ascii=False)}\n```", f"```\n{ANSWER}\n```",
        f"```markdown\n{ANSWER}", '{"answer": "' + ANSWER + '"}', json.dumps({"response": {"text": ANSWER}}),
        json.dumps([{"answer": "婚假为三天[2]。"}, {"answer": "须提前两周申请[2]。"}]),
    ],
)  # fmt: skip
def test_an_answer_is_taken_out_of_its_wrapping(written: str) -> None:
    assert unwrapped(written).replace("\n\n", "\n") == ANSWER.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "written", ["[1] 婚假为三天。", "{婚假}为三天[2]。", '{"number": 3}', "[1, 2]", "用 ```code``` 表示[1]。"]
)
def test_what_only_looks_like_a_wrapping_stays(written: str) -> None:
    assert unwrapped(written) == written


@given(st.text(max_size=80))
def test_unwrapping_takes_any_text(text: str) -> None:
    assert isinstance(unwrapped(text), str)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("年假五天[1]。婚假为三", "年假五天[1]。"),
        ("年假五天[1]。婚假为三天[2]。", "年假五天[1]。婚假为三天[2]。"),
        ("年假五天。[1]婚假为", "年假五天。[1]"),
        ("年假五天，其余", "年假五天，其余"),
        ("It is 5 days [1]. It costs 1.5 yu", "It is 5 days [1]."),
        ("- 年假五天[1]\n- 婚假为三天[2]\n- 病", "- 年假五天[1]\n- 婚假为三天[2]"),
    ],
)
def test_a_text_that_was_cut_off_ends_with_its_last_whole_sentence(written: str, kept: str) -> None:
    assert whole_sentences(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "根据现有资料无法回答这个问题。",
        "抱歉，我无法根据提供的资料找到答案。", "提供的资料中没有关于病假工资的信息。",
        "资料没有说明病假工资[1]。", "根据资料[1][2]，没有找到病假工资的相关规定。", "病假工资没有在资料中提及。",
        "很抱歉，资料未提供病假工资的标准。建议咨询人事部门。", "未找到相关信息。",
        "资料没有说明病假工资，也没有说明发放时间，因此无法回答。",
        "不知道。", "资料不足",
        "The documents at hand do not answer this question.", "The passages do not mention sick pay [1].",
        "I'm sorry, but sick pay is not mentioned in the provided documents.",
        "There is no information about sick pay in the passages.", "Unable to answer. Please ask the office.",
    ],
)  # fmt: skip
def test_a_refusal_is_known_in_any_words(written: str) -> None:
    assert refuses(written)


@pytest.mark.parametrize(
    "written",
    [
        "", "婚假为三天[2]。", "申请资料未提供完整的，不予受理[1]。", "提供的资料没有包含照片的，退回补正[1]。",
        "未按规定提交证明的，按旷工处理[1]。",
        "资料没有说明病假工资，但规定病假须提交证明[1]。", "婚假为三天[2]。病假工资，资料没有说明。",
        "员工不能提供发票的，不予报销[1]。", "没有上限[1]。", "Leave that is not taken is not paid [1].",
        "The contract does not include delivery [1].",
    ],
)  # fmt: skip
def test_an_answer_with_a_no_in_it_is_no_refusal(written: str) -> None:
    assert not refuses(written)
