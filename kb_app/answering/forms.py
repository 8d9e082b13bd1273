"""The form of what a question asks for, where it can be checked: ``几台`` wants ``3台``. Pure.

A sentence may be about what is asked and not tell it: the pool, but not how deep it is. Only forms that an answer can
hardly be without are here; a brand, a name or a point in time has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

_N = r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千万亿半数]+)\s?(?:[多余几来]|[百千万亿]+)?\s?"
_HOW_MANY = "(?:几|多少)"
_SPAN = (
    rf"{_N}个?(?:[天日周月年时分秒]|小时|钟头|星期|礼拜|学期|季度|工作[日天]|自然[日天]|代|岁)|[当次即]\s?[日天时]|立即|马上|随时"
    r"|终[身生]|长期|永久|没有期限|不限|\b(?:days?|weeks?|months?|years?|hours?|minutes?)\b|\d:\d\d"
)
_MONEY = (
    rf"{_N}(?:元|块|角|圆|[美欧日港]元|%|折|倍|成)|[¥$€£]\s?\d|\b(?:cny|rmb|usd|eur)\b|百分之|免费|免[收交缴付除]|不收|全免|不[用要][交付钱]"
    r"|无[需须][交付缴]|工资|原价|市价|净值|照价|全额|半价|\d\s?/|[\d十百千万]人民币"
)
_LENGTH = rf"{_N}(?:[厘毫分千]?米|公里|里|层|[ckm]?m\b|℃|°|度|%)"
_MASS = rf"{_N}(?:[千毫]?克|公?斤|吨|k?g\b|t\b)"
_POWER = rf"{_N}(?:[千兆]?瓦|k?w\b)"
_GROUPS = (
    "台部套架 辆台部 本册部种 人名位员户 家所间个 间套户室 双副 次回遍趟 回次遍趟 节课 篇份 张份幅 层楼 件套个 座栋幢"
    " 名人位 位人名 户家 份张套 套件 块片 级档 页张 岁周 分 颗粒 场次 盏 把 箱盒 瓶桶 袋包 支根 株棵 头只 艘 架台 枚"
    " 题道 字 册本 科门 门科 只个"
)
_ALIKE = _GROUPS.split()
"""What is counted, and by which other words the same is counted."""

_ANY = "个名人位项处座片台部间种条件所家张份套辆本册节章款类栋幢层次只块支扇口块组队级门科段盏把户"
_FIXED = (
    (rf"{_HOW_MANY}年(?!级|代)", rf"{_N}(?:年|学年|周年|代)|(?:1[2-9]|[2-9]\d)个月|终[身生]|长期|永久|不限|\byears?\b"),
    (rf"{_HOW_MANY}个?(?:天|日|周|月|小时|钟头|分钟|星期|礼拜|工作日|学期|秒)|多长时间", _SPAN),
    (r"多少(?:钱|元|块|费用)|几(?:块|元)钱?|什么价", _MONEY),
    (
        r"几号(?!楼|线|门|窗|车|机|公寓|宿舍|库|仓)",
        rf"{_N}[日号]|月[底末初]|[上中下]旬|最后一(?:天|个)|\d[./-]\d|\b(?:\d+(?:st|nd|rd|th))\b",
    ),
    (r"(?<![哪这那以下列])几点(?!要求|建议|意见|注意)", rf"\d:\d\d|{_N}[点时]|全天|昼夜|午夜|\d\s?[ap]\.?m\b"),
    (rf"{_HOW_MANY}\s?(?:千瓦|瓦|kw|w)(?!时)|功率(?:是|有)?(?:多[大少])", _POWER),
    (rf"多[深宽远厚]|多长(?!时间|时候|久)|{_HOW_MANY}\s?(?:[厘毫千]?米|公里)(?!\w*[平立]方)", _LENGTH),
    (rf"多重|{_HOW_MANY}\s?(?:[千毫]?克|公?斤|吨)", _MASS),
    (rf"{_HOW_MANY}\s?(?:度|摄氏度|℃)", rf"{_N}(?:度|℃|°|摄氏)"),
    (
        r"(?:电话|手机|热线|分机)(?:的?号码?)?(?:是|为)?(?:多少|几号|什么|[?？]?\Z)|\b(?:phone|extension) number",
        r"\d{7,}|\d{3,4}[-\s]\d{3,}|(?:电话|热线|分机|拨打?|致电|号码?|ext\.?|call|phone)[^\d。]{0,8}\d{3,}",
    ),
    (r"(?:邮箱|邮件地址|电子邮[箱件])(?:地址)?(?:是|为)?(?:多少|什么|[?？]?\Z)|\be-?mail address\b", r"\w@\w"),
    (r"(?:网址|网站地址)(?:是|为)?(?:多少|什么|[?？]?\Z)", r"https?:|www\.|\w\.(?:com|cn|org|net|edu|gov|example)\b"),
    (
        r"(?:什么|哪种|啥)颜色|颜色(?:是|为)?(?:什么|哪)|\bwhat colou?r\b",
        r"[红橙黄绿青蓝紫黑白灰棕粉金银褐彩]|色|colou?r",
    ),
    (r"(?:什么|具体|哪[种个款])型号|型号(?:是|叫|为)?(?:什么|多少)|型号[?？]?\Z", r"[a-z]+[-\s]?\d|\d[a-z]"),
    (r"\bhow many \w+", rf"\d|{_N}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|no)\b"),
)
_UNITS = "".join(dict.fromkeys(group[0] for group in _ALIKE))
_COUNTED = re.compile(rf"(?<![哪这那以下列])(?:{_HOW_MANY}个?(?P<unit>[{_UNITS}])(?!样)|{_HOW_MANY}个(?![月小星礼样]))")
_IN_COLUMN = re.compile(r"\(([^()]{1,4})\): ?([\d.,]+)")
_OTHERWISE = re.compile(
    r"吗|(.)不\1|[能可是]否|有没有|可不可以|怎[么样]|如何|为什么|为何|(?:好|过|过了|这|前|隔|没|等了?)几"
    r"|\A(?:can|could|is|are|does|do|may|should)\b"
)
"""What asks for something else, beside which ``几天`` is no question, or is none by itself."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of what a question asks for.

    Attributes:
        asked: The words of the question that ask for it.
        sign: What folded text holds that tells it.
    """

    asked: str
    sign: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        """Whether a text has something of this form, be the unit in the name of its column: ``押金（元）：300``."""
        return self.sign.search(_IN_COLUMN.sub(r":\2\1", fold(text))) is not None


@lru_cache(maxsize=64)
def form_of(question: str) -> Form | None:
    """The form of what a question asks for; None where it asks for none that can be checked."""
    folded = fold(question)
    if _OTHERWISE.search(folded):
        return None
    written = question if len(question) == len(folded) else folded
    return next(
        (Form(written[start:end].strip(" ?？"), re.compile(sign)) for (start, end), sign in _forms(folded)), None
    )


def _forms(folded: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Where a question asks for something that has a form, and that form."""
    for asking, sign in _FIXED:
        if match := re.search(asking, folded):
            yield match.span(), sign
    if match := _COUNTED.search(folded):
        alike = next((group for group in _ALIKE if group[0] == match["unit"]), _ANY)
        yield match.span(), rf"{_N}个?[{alike}]"
