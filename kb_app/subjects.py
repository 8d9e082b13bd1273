"""What a Chinese question is about, and whether it leaves that to what was asked before it. Pure."""

from __future__ import annotations

import re

ASKS = re.compile(
    r"什么|甚么|多[少久长大高重快]|几[天年个月次点种日号元块钱人周岁米项条级层本册位家步]|哪|谁|怎么|怎样|如何|为何|为啥|何时|何地|吗"
    r"|(.)不\1|(?:能|可|是)否|有没有|可不可以"
)
"""The word by which a clause asks."""

_OPENS_WITHOUT = (
    r"又|还|也|都|后来|之后|然后|随后|原来|现在|目前|那么?|并且?|最[多少长久迟晚早]|一般|分别|具体|应该?|需要?|须|要|能|可以?|会"
    r"|由|有|在|去|到|向|找|凭|提前|每|一[个年天次]|多久|多少|几|何|哪|谁|怎|如何|什么|为|是|收|办|交|填"
)
_ASPECTS = (
    r"(?:期限?|费用?|价[格钱]?|金额|额度|利率|时间|条件|流程|地[点址]|电话|标准|[上下]限|材料|手续|要求|范围|人数|数量|日期|原因"
    r"|后果|比例|次数|工资|奖金|名额|重量|面积|尺寸|型号|功率)"
)
_ASKS_ON = re.compile(rf"(?:{_OPENS_WITHOUT})|.?{_ASPECTS}(?:[是为有要多几怎如在从由呢]|分别|\W*\Z)")
_IS_ASPECT = re.compile(
    rf"(?:.{{0,4}}{_ASPECTS}|.{{0,3}}(?:补贴|津贴|补助|待遇|押金|罚款)|.{{1,5}}(?:期|费|价|率|量|数|额))\Z"
)
_POLITE = r"(?:请问|我?想问(?:一下)?|我?想知道|请介绍一下|介绍一下)?"
_VERB = (
    r"是|有|[放存摆停设]?在(?!线)|怎么|怎样|如何|多少|多[久长大高重]|几|什么|哪|由?谁|能否|能不能|能|可以|需要|应该|要|吗|为何|为什么|会|原来|现在|目前|一般"
    r"|最[多少长迟晚]"
)
_SUBJECT = re.compile(rf"\A{_POLITE}(.{{2,20}}?)(?:的|{_VERB})")
_WHOLE_SUBJECT = re.compile(rf"\A{_POLITE}(.{{2,24}}?)(?:的?(?:{_VERB}))")
_UNCLEAR = re.compile(
    r"[，,。？?；;]|什么|多少|哪|谁|怎|如何|几|\A(?:我们?|你们?|您|他们?|她|它|这|那|其|没|让|能|要|可以|会|给|被|适合|在|从|把|因为|如果|有)"
)
_EMPTY = re.compile(
    rf"什么(?:时候|时间|地方)|怎么?样|{ASKS.pattern}|{_VERB}|[\s\W]|提前|些|的话|请问|那么?|还|也|又|再|就|都|了|呢|吧|啊|的|得|一|个|钱|我们?|你们?|该|应|须|由|找|去|到"
)
_FEW = 3
CONDITION = re.compile(r"\A(?:如果|要是|若是?)?[^，,。？?]{1,6}的话[，,]?|\A(?:如果|要是|若是?)[^，,。？?]{1,8}[，,]")
"""A condition at the beginning of a question."""

_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[\w.-]*\d)[A-Za-z0-9][A-Za-z0-9.-]*(?<![.-])")


def asks_on(text: str) -> bool:
    """Whether a clause begins as if its subject had been named: with its verb, or an aspect of it (``费用谁出``)."""
    return bool(_ASKS_ON.match(text))


def says_little(question: str) -> bool:
    """Whether a question that names no subject has next to nothing beside its question word: ``怎么办理？``."""
    asked = CONDITION.sub("", question)
    return bool(ASKS.search(asked)) and asks_on(asked) and len(_EMPTY.sub("", asked)) < _FEW


def content_of(question: str) -> str:
    """The words of a question beside those that every question has."""
    return _EMPTY.sub("", CONDITION.sub("", question))


def is_aspect(text: str) -> bool:
    """Whether words name what a thing has (``保修期``, ``费用``) rather than a thing."""
    return bool(_IS_ASPECT.match(text))


def subject_of(question: str, *, whole: bool = False) -> str:
    """What a Chinese question is about, as it is written before its verb or question word; empty where unclear.

    Args:
        question: One that stands alone.
        whole: With what is asked of it: ``水泵的保修期`` rather than ``水泵``.
    """
    match = (_WHOLE_SUBJECT if whole else _SUBJECT).match(question.strip())
    subject = match[1].strip() if match else ""
    return "" if _UNCLEAR.search(subject) else subject


def same_code(new: str, text: str) -> str:
    """The part of a text that differs from a name in its numerals and letters alone; empty where there is none.

    ``QT-5`` for ``QT-9``, ``一等`` for ``二等``; a code is found as a whole, ``X200`` for ``X3000``, or by the part
    that is given: ``37A`` of ``HT-37A`` for ``22A``.
    """
    if form(new) == new:
        return ""
    if _CODE.fullmatch(new):
        codes = [found.group() for found in _CODE.finditer(text)]
        parts = [part for code in codes for part in re.split("[.-]", code) if re.search(r"\d", part)]
        return next((code for code in codes + parts if _kind(code) == _kind(new)), "")
    places = (text[start : start + len(new)] for start in range(len(text) - len(new) + 1))
    return next((part for part in places if form(part) == form(new)), "")


def _kind(code: str) -> str:
    return re.sub("0+", "0", form(code))


def form(text: str) -> str:
    """The text with every numeral and Latin letter as one of its kind: versions of one name have one form."""
    return re.sub(r"[a-zA-Z]", "a", re.sub(r"[\d一二三四五六七八九十甲乙丙丁]", "0", text))
