"""Forms that are laid out as tables: names and their values in turn, without a header row."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL = re.compile(
    r"[\s\u3000]*(?:\S{0,6}(?:姓名|性别|性別|民族|籍贯|年龄|学历|專業|专业|职务|職務|职称|岗位|部门|部門|单位|單位|名称|名稱|"
    r"编号|編號|号码|號碼|证号|合同号|电话|電話|手机|邮箱|地址|日期|时间|時間|期限|型号|型號|规格|規格|数量|數量|金额|金額|"
    r"原因|事由|说明|說明|结论|結論|结果|結果|意见|意見|签字|簽字|签名|盖章|备注|備註|负责人|负责人员|联系人|聯絡人|申请人|"
    r"经办人|验收人|审批人|审核人|科长|经理|主任|班长|户名|账号|帳號|开户行|来源|用途|地点|地點|内容|项目|類別|类别|等级|状态)"
    r"|(?:Name|Date|Address|Phone|Department|Position|Amount|Remarks?|Signature|Model|Number|No\.))[\s\u3000]*[:：]?",
    re.IGNORECASE,
)
_FEWEST_PAIRS = 4
_LABELLED = 0.6


def form_table(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The names of a form as a header row and its values below; nothing for a table that has a header row.

    Its rows hold pairs, most of them more than one, and most of the names are such as forms ask for.
    """
    pairs = [pair for row in rows for pair in _pairs(row)]
    wide = sum(len(_pairs(row)) > 1 for row in rows)
    if len(pairs) < _FEWEST_PAIRS or 2 * wide < len(rows) or len(pairs) != sum(map(_least_pairs, rows)):
        return []
    labels = [label for label, _ in pairs]
    values = [value for _, value in pairs]
    if sum(map(_is_label, labels)) < _LABELLED * len(labels) or sum(map(_is_label, values)) > len(values) / 4:
        return []
    return [[label.rstrip("：: ") for label in labels], values]


def _pairs(row: Sequence[str]) -> list[tuple[str, str]]:
    """Names and values in turn, a cell that covers several columns once; nothing if they are no pairs."""
    cells = _cells(row)
    return list(zip(cells[::2], cells[1::2], strict=True)) if len(cells) % 2 == 0 else []


def _cells(row: Sequence[str]) -> list[str]:
    return [text for text, group in groupby(row) for _ in (range(1) if text else group)]


def _least_pairs(row: Sequence[str]) -> int:
    return max(len(_cells(row)) // 2, 1)


def _is_label(text: str) -> bool:
    return _LABEL.fullmatch(text) is not None
