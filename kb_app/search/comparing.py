"""The sides of a comparison, each with what is compared, so that each can be searched for by itself. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kb_app.subjects import form
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_AND = r"(?:以及|还是|(?<!和)和|与|跟|同|及|、|\s+(?:and|or|versus|vs\.?)\s+)"
_BECAME = r"(?:(?:有(?:什么|何|哪些|没有)|发生了?(?:什么|哪些))变[化动]|怎么变)"
_UNLIKE = (
    rf"(?:(?:之间)?(?:有(?:什么|何|哪些|没有)|的)?(?:区别|不同|差别|差异|差距|异同|相同|不一样)|{_BECAME}|相?差多少|相比|哪一?[个种家款台](?:更|比较)?"
    r"|(?:是否|是不是)一样|一样[大小高低长短多少重贵快慢]?(?:吗|不一样)|分别|各自?(?:是|为|有|要|需)?|比起来)"
)
_COMPARED = re.compile(
    rf"\A(?:请?(?:比较|对比)(?:一下)?|(?:compare|between)\s+)?(?P<sides>[^，,。？?谁]{{1,24}}?(?:{_AND}[^，,。？?谁]{{1,24}}?){{1,3}})"
    rf"(?P<of>的(?!有)[^，,。？?和与]{{1,16}}?)?{_UNLIKE}(?P<rest>.*)\Z",
    re.DOTALL,
)
_NEW_AND_OLD = re.compile(
    rf"\A(?P<before>[^，,。？?]{{0,16}}?)(?P<both>新[旧老]|旧新)(?P<behind>[^，,。？?]{{2,24}}?){_UNLIKE}(?P<rest>.*)\Z",
    re.DOTALL,
)
# Only where both sides are of one kind: 比 and 到 stand in many words.
_AGAINST = re.compile(
    r"\A(?:(?:跟|和|与|同|比起)(?P<other>[^，,。？?]{2,24}?)(?:相比|比较|比起来|比)?[，,]|(?P<one>[^，,。？?]{2,24}?)(?:比|变?到|至))"
    rf"(?P<last>[^，,。？?]{{2,24}}?)(?:{_UNLIKE}|[上下]?[涨升降调][高低]?了?(?:多少|几|吗)|(?:增[加长]|减少|下降|提高|降低|缩短|延长)了?(?:多少|几|吗)"
    r"|(?P<more>[大小高低长短多少贵重轻快慢远][出了]?(?:多少|几|吗)))[^，,。？?]{0,8}[。？?]*\Z"
)
_EARLIER = r"以前|之前|从前|过去|先前|原来|原先|原本|当初|旧版|老版|(?:修订|修改|调整|变更)前"
_LATER = r"以后|之后|现在|目前|当前|如今|现行|新版|(?:修订|修改|调整|变更)后"
_TIME = re.compile(rf"({_EARLIER}|{_LATER})的?")
_WHEN = re.compile(rf"(?:改|变|修订|修改|更新|调整|变更)了?(?:以后|之后|后)|{_TIME.pattern}")
_TOKEN = re.compile(
    r"(?P<code>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)|(?P<numeral>[〇零一二三四五六七八九十百]+|[甲乙丙丁])"
    rf"|(?P<time>{_EARLIER}|{_LATER}|[去今前明]年|[上本]个?(?:年|月|周|季度|学期))|.",
    re.DOTALL,
)
_CONCERNING = re.compile(r"(?<=..)(?<![针面相绝])对于?(?![讲象外虾])[^的]{2,}\Z")
_COUNTED = re.compile(r"(?<=..)[两二三四][个家款种类台位所座间](?P<what>[^的]*)\Z")
_OF = re.compile(r"的.*", re.DOTALL)
_REGARDING = re.compile(r"(?<![现正存所])在([^在的]{2,10})(?:方面|上)\Z")
_PUNCTUATION = re.compile(r"[？?。！!]+\Z")
_NUMERAL = "数"
_SHORTEST = 2


class _Token(NamedTuple):
    """A code, a numeral or a word for a time, whose place another of its kind can take; or any other character."""

    kind: str
    varies: bool
    start: int
    end: int


def sides_of(question: str) -> list[str]:
    """The sides of a comparison, each with what is compared; any other question alone.

    What one side alone says of all is said of each: ``采购办法2022年和2024年质保金有什么不一样`` has the sides
    ``采购办法2022年质保金`` and ``采购办法2024年质保金``.
    """
    asked = question.strip()
    return _new_and_old(asked) or _against(asked) or _compared(asked) or [question]


def _compared(asked: str) -> list[str]:
    match = _COMPARED.match(asked)
    if not match:
        return []
    sides = [side.strip() for side in re.split(_AND, match["sides"])]
    if min(map(len, sides)) < _SHORTEST:
        return []
    of = match["of"] or ""
    if counted := _COUNTED.search(sides[-1]):
        sides[-1], of = sides[-1][: counted.start()], counted["what"] + of
    whole = _around_what_differs(sides) or _at_other_times(sides) or _with_ends(sides, of)
    return _followed([side + of for side in whole], match["rest"])


def _new_and_old(asked: str) -> list[str]:
    """``新旧规则`` is two."""
    match = _NEW_AND_OLD.match(asked)
    if not match:
        return []
    return _followed([f"{match['before']}{age}{match['behind']}" for age in match["both"]], match["rest"])


def _against(asked: str) -> list[str]:
    """Both of what is compared with 比, or became the other: ``从2023年到2025年餐费涨了多少``."""
    match = _AGAINST.match(asked)
    if not match:
        return []
    first, last = match["other"] or match["one"], match["last"]
    sides = _around_what_differs([first, last])
    if not sides and (behind := _behind(first, last)):
        sides = [first, last + behind]
    return _followed(sides, match["more"] or "")


def _followed(sides: Sequence[str], rest: str) -> list[str]:
    tail = _PUNCTUATION.sub("", rest).strip()
    return [one_line(_REGARDING.sub(r"的\1", side) + tail) for side in sides]


def _around_what_differs(sides: Sequence[str]) -> list[str]:
    """The sides with what the first says before, and the last behind, what differs; none where they are not alike.

    They are where the end of the first and the beginning of the last differ in a code, a numeral or a time alone.
    """
    first, *middle, last = sides
    ends, begins = _tokens(first), _tokens(last)
    for count in range(min(len(ends), len(begins)), 0, -1):
        if _are_alike(ends[-count:], begins[:count], whole=count == len(ends)):
            before, behind = first[: ends[-count].start], last[begins[count - 1].end :]
            before = before.rstrip("从由")
            differing = [first[ends[-count].start :], *middle, last[: begins[count - 1].end]]
            return [before + one + behind for one in differing]
    return []


def _are_alike(ends: Sequence[_Token], begins: Sequence[_Token], *, whole: bool) -> bool:
    """Whether they differ in what varies alone; one Chinese numeral may be part of a word (``统一``)."""
    if [token.kind for token in ends] != [token.kind for token in begins]:
        return False
    varying = [token.kind for token in ends if token.varies]
    return bool(varying) and (whole or len(ends) > 1 or varying != [_NUMERAL])


def _at_other_times(sides: Sequence[str]) -> list[str]:
    """``和以前`` is about what the other side is about; none where no side is a time alone."""
    subject = next((side for side in sides if not _TIME.fullmatch(side)), "")
    times = [_TIME.fullmatch(side) for side in sides]
    if not subject or not any(times):
        return []
    of_all = _WHEN.sub("", subject)
    return [time[1] + of_all if time else side for time, side in zip(times, sides, strict=True)]


def _with_ends(sides: Sequence[str], of: str) -> list[str]:
    """The sides with what only the last, or only the first, says of all of them: ``A100水泵和B200``."""
    first, *others = sides
    found = _CONCERNING.search(others[-1]) or (None if of else _OF.search(others[-1]))
    if found:
        return [side if side.endswith(found.group()) else side + found.group() for side in sides]
    owner = "" if of else first[: first.rfind("的") + 1]
    return [first, *(owner + side + _behind(first, side) for side in others)]


def _behind(first: str, side: str) -> str:
    """What the first side says behind a name of the kind that the other one is."""
    named, alone = _tokens(first), _tokens(side)
    is_alike = len(named) > len(alone) and _are_alike(named[: len(alone)], alone, whole=True)
    return first[named[len(alone) - 1].end :] if is_alike else ""


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(_kind(match), match.lastgroup is not None, match.start(), match.end()) for match in _TOKEN.finditer(text)
    ]


def _kind(match: re.Match[str]) -> str:
    if match.lastgroup == "code":
        return re.sub(r"(.)\1+", r"\1", form(match.group()))
    return {"numeral": _NUMERAL, "time": "时"}.get(match.lastgroup or "", match.group())
