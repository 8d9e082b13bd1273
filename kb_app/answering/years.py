"""The year that a question is about, and the years that documents are about. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_forms
from kb_app.numbers.values import value_of

if TYPE_CHECKING:
    from kb_app.types import Passage

_YEAR = r"(?<![\d.-])(?:19|20)\d\d(?!\d)"
_DIGITS = "〇零一二三四五六七八九"
_SPELLED = re.compile(rf"(?<![{_DIGITS}十百千])[一二][{_DIGITS}]{{3}}(?=年|版|学年)")
_SPAN = re.compile(r"((?:19|20)\d\d)年?度?\s?[-–—~至到]+\s?((?:19|20)\d\d)(?!\d)")
_ANY = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST_SPAN = 30
_NEAR = 20

_ASKED = re.compile(rf"({_YEAR})(?=年|版|学年|财年|\s?[-–—~至到]\s?(?:19|20)\d\d)")
_ASKED_IN_ENGLISH = re.compile(rf"\b(?:in|of|for|during|the|year|fiscal) ({_YEAR})\b")
_PERSON = r"(?:我们?|咱们?|本人|孩子|父母|家里)[^，,。;；？?]{0,8}\Z"
_SINCE = r"(?:自|从|自从|截[至止]|\b(?:since|before|after|until|from|by) )\Z"
_HAPPENED = (
    r"(?:入职|入学|入伍|入党|参加工作|毕业|结婚|离婚|出生|入住|交房|搬[进到来]|退休|转正|调[来到入]|考[上取]|开始|投保|注册|登记)"
    r"(?=[的了，,、有能可是享算]|\Z)"
    r"|(?:买|购|签|办|装|租|贷|借|建|修|评|聘|获|生|来|进|丢|坏|做|干|住)[^，,。？?]{0,4}[的了]"
)
_AFTER = re.compile(
    r"\A年?(?:\d{1,2}月(?:\d{1,2}[日号])?)?"
    rf"(?:以?[来起]|以?后(?!勤)|以?前(?![一二三两几])|之[前后]|[^，,。？?的]{{0,4}}(?:{_HAPPENED}))"
)

_RULES = re.compile(
    r"办法|规定|细则|标准|制度|守则|条例|手册|指南|须知|规程|章程|规范|准则|规则|政策|公约|说明|\b(?:policy|rules?|manual|guide|handbook|regulations?)\b"
)
_PERIOD = re.compile(r"\A年?\s?(?:度|学年|财年|[春夏秋冬]?季|采暖季|供暖季|学期|[春秋])")
_EDITION = re.compile(r"\A年?\d{0,2}月?\s?(?:\d*[版修]|修订|修正|试行|发布|实施|起)")
_FILED = re.compile(r"[〔\[【(（](?:19|20)\d\d[〕\]】)）]\s?第?\d+号|[a-z]+-(?:19|20)\d\d-\d+")
"""A year that is part of the number of a letter."""


@dataclass(frozen=True, slots=True)
class Years:
    """What a document calls itself.

    Attributes:
        subjects: Years that it is about: ``2024年度``.
        editions: Years of its edition, which holds until the next one: ``（2024年版）``.
    """

    subjects: frozenset[int]
    editions: frozenset[int]


def asked(question: str) -> list[tuple[int, str]]:
    """The years that a question asks about, each with how it is written: not those in which something happened.

    ``2024年入职的有年假吗`` does not ask about 2024, nor does ``2023年以后买的``.
    """
    folded = _digital(question)
    found = {}
    for match in [*_ASKED.finditer(folded), *_ASKED_IN_ENGLISH.finditer(folded)]:
        before, behind = folded[max(0, match.start(1) - _NEAR) : match.start(1)], folded[match.end(1) :]
        if not (re.search(f"{_PERSON}|{_SINCE}", before) or _AFTER.match(behind)):
            found[int(match[1])] = match[1] + "年" if behind.startswith("年") else match[1]
    return list(found.items())


def told(text: str) -> frozenset[int]:
    """The years that stand in a text, and those between the ends of a span."""
    folded = _digital(text)
    found = {int(match.group()) for match in _ANY.finditer(folded)}
    for match in _SPAN.finditer(folded):
        first, last = int(match[1]), int(match[2])
        found.update(range(first, last + 1) if 0 < last - first <= _LONGEST_SPAN else ())
    return frozenset(found)


def of_document(passage: Passage) -> Years:
    """The years in the title, the file name and the headings of a passage."""
    subjects: set[int] = set()
    editions: set[int] = set()
    for name in dict.fromkeys((passage.title, PurePosixPath(passage.source).stem, *passage.headings)):
        folded = _FILED.sub(" ", _digital(name))
        for match in _ANY.finditer(folded):
            behind = folded[match.end() :]
            is_edition = _EDITION.match(behind) or (_RULES.search(folded) and not _PERIOD.match(behind))
            (editions if is_edition and not _SPAN.search(folded) else subjects).add(int(match.group()))
        subjects |= told(folded) if _SPAN.search(folded) else set()
    return Years(frozenset(subjects), frozenset(editions))


def _digital(text: str) -> str:
    """The text in the form in which numbers are read, years of four Chinese digits in Arabic ones."""
    return _SPELLED.sub(lambda match: str(value_of(match.group())), number_forms(text))
