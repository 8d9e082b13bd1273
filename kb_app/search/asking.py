"""What a question is about, and what kind of thing it asks for. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from kb_app.text import fold, keyword_pieces

_WORDS = re.compile(
    r"(?:请问|什么时候|什么样的?|什么|甚么|怎么样|怎样|怎么|如何|为何|为什么|多少|多久|多长|多大|多高|几时|何时|何地|何处|何种"
    r"|哪一?[个些种年月日天位家所座条部里儿]?|是谁|谁|是否|是不是|有没有|能不能|可不可以|吗|呢|吧|几|[的了是有在和与为以]|？|\?)"
    r"|\b(?:what|which|who|whom|whose|when|where|why|how|many|much|is|are|was|were|do|does|did|the|a|an|of|in|to)\b"
)
_NUMERAL = r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千万亿半]+)"
_DURATION = rf"{_NUMERAL}\s*个?(?:[天日年月周时分秒]|小时|工作日|days?|weeks?|months?|years?|hours?|minutes?)"
_MONEY = rf"{_NUMERAL}\s*[万亿]?(?:元|块|%)|[¥￥$€]\s*\d|免费"
_DATE = (
    r"\d\s*[年月日时点]|[一二三四五六七八九十〇零]+[年月日]|世纪|年代|\b(?:19|20)\d\d\b|\d:\d\d"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
_PLACE = r"[省市县区镇村州国路街岛山河湖海港楼层室]|位于|\b(?:in|at|near)\b"
_PERSON = r"由|负责|经理|主任|部门?|人员|办公室|中心|[处科室]长|\bby\b"
_REASON = r"因为|因此|由于|所以|原因|导致|为了|使得|\b(?:because|due|since|therefore)\b"
_HINTS = tuple(
    (re.compile(asking), re.compile(sign))
    for asking, sign in (
        (r"多久|多长时间|多少时间|几[天年周]|几个?月|几?小时|\bhow long\b", _DURATION),
        (r"多少钱|几块|什么价|费用|价格|\bcosts?\b|\bprice\b", _MONEY),
        (r"何时|什么时候|几时|几点|哪一?[年月日天]|时间|日期|\bwhen\b", _DATE),
        (r"多少|多长|多大|多高|多重|几|\bhow (?:many|much|long|old|large|big)\b", _NUMERAL),
        (r"哪里|哪儿|何地|何处|什么地方|位于哪|哪个?[省市县国]|\bwhere\b", _PLACE),
        (r"谁|哪位|哪个?(?:部门|单位|科室)|\bwho\b", _PERSON),
        (r"为什么|为何|为啥|原因|\bwhy\b", _REASON),
    )
)


def question_pieces(question: str) -> list[str]:
    """The pieces of a question that say what it is about: without its question words; all if nothing is left."""
    return list(_about(question))


@lru_cache(maxsize=64)  # a search asks once for each passage
def _about(question: str) -> tuple[str, ...]:
    return tuple(keyword_pieces(_WORDS.sub(" ", fold(question))) or keyword_pieces(question))


def asked_for(question: str) -> re.Pattern[str] | None:
    """What folded text holds that tells a duration, an amount, a date, a number, a place, a person or a reason.

    None where the question does not say which of them it wants.
    """
    folded = fold(question)
    return next((sign for asking, sign in _HINTS if asking.search(folded)), None)
