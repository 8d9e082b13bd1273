"""What models write beside the answer itself: JSON, fences, half a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.answering.output import unwrapped, whole_sentences

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
