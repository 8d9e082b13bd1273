"""Synthetic Chinese office text: the same for the same seed, and different from passage to passage."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNITS = [
    "行政部",
    "财务部",
    "人事部",
    "采购部",
    "研发中心",
    "客服中心",
    "仓储部",
    "法务部",
    "培训中心",
    "信息部",
    "质检部",
    "市场部",
    "基建处",
    "教务处",
    "图书馆",
]
_THINGS = [
    "报销单",
    "合同",
    "设备台账",
    "考勤记录",
    "预算表",
    "验收报告",
    "会议纪要",
    "出差申请",
    "采购清单",
    "培训计划",
    "库存盘点表",
    "客户档案",
    "图纸",
]
_ACTS = ["提交", "审核", "归档", "登记", "复核", "盖章", "公示", "退回", "更新", "核对", "转交", "汇总"]
_PLACES = ["总部三楼", "东区仓库", "西楼会议室", "南门值班室", "北区实验楼", "地下车库", "综合服务大厅", "第二教学楼"]
_NAMES = [family + given for family in "周吴郑王冯陈褚卫蒋沈" for given in ("立恒", "雨桐", "家宁", "思远", "若兰")]
_SENTENCES = (
    "{unit}应当在每月{day}日前{act}上月的{thing}，逾期{hours}小时未办理的，由{name}通知负责人。",
    "{name}于{month}月{day}日在{place}交接了编号为{code}的{thing}，双方核对无误后签字。",
    "金额超过{money}元的{thing}须经{unit}和{unit2}共同{act}，金额较小的由经办人自行{act}。",
    "如需查阅{year}年的{thing}，请携带工作证到{place}找{name}登记，每次借阅不超过{hours}小时。",
    "{unit}的编制为{count}人，其中{count2}人负责{thing}的{act}，其余人员按季度轮换。",
    "经检查，{place}共有{count}处问题，{unit}已{act}整改方案，预计{month}月底完成，费用约{money}元。",
)
_QUESTIONS = (
    "{unit}什么时候要{act}{thing}？",
    "编号{code}的{thing}由谁交接？",
    "超过{money}元的{thing}要谁{act}？",
    "到哪里查阅{year}年的{thing}？",
)


def passages(count: int, seed: int = 0, length: int = 340) -> Iterator[str]:
    """Passages of about ``length`` characters."""
    chance = random.Random(seed)
    for _ in range(count):
        text = ""
        while len(text) < length - 30:
            text += _fill(chance, _SENTENCES)
        yield text


def questions(count: int, seed: int = 0) -> Iterator[str]:
    """Short questions in the words of the passages."""
    chance = random.Random(seed)
    return (_fill(chance, _QUESTIONS) for _ in range(count))


def _fill(chance: random.Random, templates: tuple[str, ...]) -> str:
    return chance.choice(templates).format(
        unit=chance.choice(_UNITS),
        unit2=chance.choice(_UNITS),
        thing=chance.choice(_THINGS),
        act=chance.choice(_ACTS),
        place=chance.choice(_PLACES),
        name=chance.choice(_NAMES),
        code=f"{chance.choice('ABCDEFGH')}{chance.randrange(10_000):04}",
        day=chance.randint(1, 28),
        month=chance.randint(1, 12),
        year=chance.randint(2008, 2026),
        hours=chance.randint(2, 96),
        money=chance.randint(1, 900) * 100,
        count=chance.randint(3, 60),
        count2=chance.randint(1, 9),
    )
