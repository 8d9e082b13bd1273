"""A model that goes round in circles is noticed; a table or a list is not mistaken for it."""

from __future__ import annotations

import pytest

from kb_app.models.streaming import loop_start
from tests.asking import ASK, client, joined
from tests.scripted_server import Script, serve

START = "根据资料，年假为五天[1]。"
ORDINALS = [*"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五", "十六"]
RULE = "员工应当在入职后三十日内向人力资源部提交健康证明"

LOOPS = {
    "sentence": ["请联系人事部门。"] * 6,
    "long sentence": [f"{RULE}，逾期未提交的，部门负责人应当书面说明原因并在五个工作日内补交，不得安排其独立上岗。\n"]
    * 4,
    "two sentences in turn": ["请联系人事部门。", "办公时间为工作日。"] * 6,
    "short phrase": ["好的"] * 30,
    "short phrase with a comma": ["没有，"] * 25,
    "one character": ["啊"] * 60,
    "english": ["please ask the office. "] * 6,
    "numbered list": [f"{number}. {RULE}。\n" for number in range(1, 20)],
    "numbered by years": [f"{year}年，{RULE}。\n" for year in range(2001, 2020)],
    "numbered in chinese": [f"第{word}条 {RULE}。\n" for word in ORDINALS],
    "numbered in turn": [
        f"{number}. {'请联系人事部门办理入职手续' if number % 2 else '请到一楼大厅领取工作证和饭卡'}。\n"
        for number in range(1, 40)
    ],
    "numbered paragraphs": [
        f"{number}. {RULE}，逾期未提交的，部门负责人应当书面说明原因并在五个工作日内补交，不得安排其独立上岗，"
        "直至补交完毕并经人力资源部核对无误。\n"
        for number in range(1, 9)
    ],
    "counter behind other numbers": [
        f"第3车间第{number}号机床每班由操作工擦拭2次并登记。\n" for number in range(1, 30)
    ],
    "short items": [f"{number}. 请联系人事部门\n" for number in range(1, 60)],
    "rows": ["| 行政部 | 每年一次 | 全体员工 |\n"] * 6,
    "ruled line": ["-"] * 500,
    "zeros": ["0"] * 30 + ["，"] + ["0."] * 300,
}

HONEST = {
    "twice": "年假五天。病假十天。婚假三天。" * 2,
    "months": "| 月份 | 天数 |\n| --- | --- |\n" + "".join(f"| {month} 月 | 5 天 |\n" for month in range(1, 13)),
    "days": "".join(f"| 7 月 {day} 日 | 正常 | 无 |\n" for day in range(1, 32)),
    "same cells": "| 部门 |" + " 5 天 |" * 12 + "\n| 车间 |" + " 正常 |" * 31,
    "responsible": "| 月份 |" + " 人力资源部经理 |" * 12 + "\n",
    "table head": "|" + " 项目 |" * 16 + "\n|" + " --- |" * 16 + "\n",
    "wide ruled table": "|" + " :---: |" * 24 + "\n",
    "values": "".join(f"| {year} 年 | {year * 7 % 13} 人 | 研发部 |\n" for year in range(1990, 2025)),
    "contacts": "".join(
        f"{n}. {'张王李赵陈刘'[n % 6]}{'明华芳伟'[n % 4]}，电话 {13800000000 + n * 7919}\n" for n in range(40)
    ),
    "steps": "".join(
        f"{n}. {step}\n" for n, step in enumerate(["提交申请", "主管审批", "人事备案", "财务核算"] * 2, 1)
    ),
    "counts a month": "".join(
        f"{month}月：{count}件\n" for month, count in enumerate([12, 9, 15, 11, 14, 8, 13, 16, 10, 7, 12], 1)
    ),
    "counts a month in sentences": "".join(
        f"{month}月份投诉受理中心共受理群众来电{count}件，全部按期办结[1]。\n"
        for month, count in enumerate([12, 9, 15, 11, 14, 8, 13, 16, 10, 7, 12, 12] * 2, 1)
    ),
    "values that grow": "".join(
        f"工龄满{years}年的员工每年享受带薪年休假{years + 4}天，由部门统筹安排[2]。\n" for years in range(1, 21)
    ),
    "values that grow as the counter": "".join(
        f"{number}号楼的电梯由物业公司安排{number}名维修工检查并存档。\n" for number in range(1, 21)
    ),
    "the same every month": "".join(
        f"{month}月：由安全生产办公室组织全体员工进行消防演练。\n" for month in range(1, 13)
    ),
    "same end": "".join(
        f"- {name}：由人力资源部负责，每年一次。\n" for name in ["入职", "转正", "调岗", "离职", "培训", "体检"]
    ),
    "ellipsis": "详见附件" + "…" * 12 + "\n" + "=" * 80 + "\n",
    "code": "0 0 0 0 0 0 0 0\n" * 8,
    "laugh": "哈哈哈哈哈哈，好的好的好的。",
    "english list": "".join(f"{n}. The office of room {n * 37 % 100} is open.\n" for n in range(1, 12)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_noticed_and_what_came_before_is_kept(name: str) -> None:
    units = LOOPS[name]
    text = START
    for count, unit in enumerate(units, 1):
        text += unit
        if (start := loop_start(text)) is not None:
            assert text[:start].startswith(START)
            assert len(text[:start]) <= len(START) + 3 * max(map(len, units)) + 40
            assert count >= 3
            return
    pytest.fail(f"not noticed: {text[-80:]!r}")


def test_the_first_of_the_sentences_that_repeat_stays_whole() -> None:
    text = START + "请联系人事部门。" * 6
    assert text[: loop_start(text)] == START + "请联系人事部门。"


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_text_is_never_taken_for_a_loop(name: str) -> None:
    text = START + "\n" + HONEST[name]
    for end in range(len(text) + 1):
        assert loop_start(text[:end]) is None, text[:end][-120:]


def test_the_samples_of_this_project_hold_no_loop() -> None:
    from kb_app.resources import resource

    texts = [path.read_text("utf-8") for path in sorted(resource("data").rglob("*.md"))]
    assert texts
    for text in texts:
        for end in range(0, len(text), 16):
            assert loop_start(text[:end]) is None, text[:end][-200:]


def test_a_model_that_loops_is_stopped_and_noted() -> None:
    with serve(Script(answers=[[START, *["请联系人事部门。"] * 500]], delay=0.002)) as server:
        pieces = list(client(server).stream(ASK))
        assert server.hung_up.wait(2)
    assert pieces[-1].note == "loop"
    text = joined(pieces)
    assert len(text) < 400
    assert text[: loop_start(text)] == START + "请联系人事部门。"


def test_a_loop_that_comes_in_one_piece_is_noted_too() -> None:
    with serve(Script(answers=[[START + "请联系人事部门。" * 9]], finish="length")) as server:
        assert [piece.note for piece in client(server).stream(ASK)] == ["", "loop"]
