"""A knowledge base of the papers of an invented industrial park: tables, lists, steps, reasons, definitions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.library import library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb_app import KnowledgeBase

PAPERS = {
    "净水机选型.md": (
        "# 青塔净水机选型表\n\n青塔净水机由江边工业园后勤部统一采购。\n\n## 型号\n\n"
        "| 型号 | 保修期 | 重量 | 滤芯多久更换 | 单价 |\n| --- | --- | --- | --- | --- |\n"
        "| QT-2 | 一年 | 12 公斤 | 六个月 | 1800 元 |\n| QT-5 | 三年 | 19 公斤 | 九个月 | 2600 元 |\n"
        "| QT-9 | 五年 | 31 公斤 | 十二个月 | 4300 元 |\n\n## 保养\n\n"
        "滤芯由后勤部更换，员工不得自行拆机。水温超过八十度时机器自动断电，原因是内部管路不耐高温。\n"
    ),
    "停车收费.md": (
        "# 江边工业园停车管理办法\n\n## 收费\n\n停车收费分为三种：\n\n"
        "1. 临时停车每小时收费三元，每天最多收二十四元。\n2. 包月停车每月收费二百二十元，须绑定车牌。\n"
        "3. 包年停车每年收费两千元，中途不退款。\n\n## 办理\n\n办理包月停车须携带下列材料：\n\n"
        "- 行驶证复印件\n- 工作证\n- 本人签字的停车承诺书\n\n包月停车在三号门岗亭办理，当天生效。\n"
        "访客车辆可以停在北区，不得停入地下车库。\n"
    ),
    "出差住宿.md": (
        "# 江边工业园出差住宿标准\n\n| 城市 | 住宿上限 | 每日伙食补贴 |\n| --- | --- | --- |\n"
        "| 北京 | 520 元 | 110 元 |\n| 上海 | 540 元 | 115 元 |\n"
        "| 成都 | 380 元 | 90 元 |\n| 西宁 | 310 元 | 85 元 |\n\n"
        "超过住宿上限的部分由本人承担。陪同外宾出差的，可以按外宾的标准住宿。\n"
    ),
    "实验室准入.md": (
        "# 江边工业园公共实验室准入指南\n\n## 怎样申请\n\n首次使用公共实验室须先参加安全培训，再通过线上考试。"
        "考试八十分为合格，合格后，在园区系统里填写准入申请单，由实验室主任审批，一般两个工作日内答复。\n\n"
        "## 规定\n\n通宵实验是指当天二十三时以后仍在进行的实验。通宵实验须有两人在场，并提前一天报备。\n"
        "去年冬天有人独自通宵实验时烫伤，因此今年起禁止一人通宵。\n借用的量具最长使用十五天，逾期每天扣一分。\n"
    ),
    "供暖通知.txt": (
        "江边工业园供暖通知\n\n今年的供暖从十一月十二日开始，到次年三月二十日结束。\n"
        "供暖推迟一周，是因为换热站的水泵在检修。\n办公楼的室温不低于二十度，车间不低于十六度。\n"
        "室温不足的，请拨打后勤部电话 6120 报修。\n"
    ),
    "图书室.md": (
        "# 江边工业园职工图书室\n\n通借通还，是指在任何一个分馆借的书可以还到另一个分馆。"
        "职工每人最多借六册，借期四十天，可以续借一次。\n"
        "图书室在综合楼三层，周一闭馆。\n\n# 儿童角\n\n职工子女可以进入儿童角，须有家长陪同。\n"
    ),
    "guest-network.md": (
        "# Guest network of the Riverside Park\n\nThe guest network is called RIVER-GUEST. "
        "A guest account is valid for three days and can be used on two devices.\n\n"
        "To get an account, the host fills in the visitor form and sends it to the network desk. "
        "The network desk is on the second floor of the main building. "
        "Video calls are slow on the guest network because its bandwidth is limited to 5 Mbps.\n"
    ),
}


@contextmanager
def office(folder: Path) -> Iterator[KnowledgeBase]:
    """Open it, without a language model."""
    with library(folder, None, PAPERS) as kb:
        yield kb
