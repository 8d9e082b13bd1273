"""What tells things of one kind apart: ``3号楼``, ``第五届``, ``四等奖``, ``南校区``, and whether a text has it. Pure.

A label says which one, a quantity how many: ``3号楼`` is a label, ``3栋楼房`` is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_forms
from kb_app.numbers.values import WORDS, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHINESE = "〇零一二两三四五六七八九十百"
_N = rf"(?:(?<![\d.月])\d{{1,3}}(?![\d.])|(?<![{_CHINESE}几月])[{_CHINESE}]{{1,4}})"
_OF = "宿舍|教学|办公|公寓|住宅|实训|实验|综合|学生|员工|职工|居民|商业|门诊|住院"
_HOUSE = rf"号(?:(?:{_OF})?楼(?![上下道梯])|公寓|宿舍)|[栋幢](?!楼房)"
_NUMBERED = "车间|仓库|厅|馆|桥|井|炉|泵|机组|电梯|通道|出口|站台|厂房|食堂|会议室|教室|实验室|停车场|球场|岗亭|窗口"
_ORDERED = "届|次|期(?![间限满末])|批|轮|学期|季度|阶段|版|食堂|车间|分厂|分公司|项目部|医院|小学|中学|实验室|仓库"
_KINDS = (
    ("楼", _HOUSE, ""),
    ("单元", "单元", ""),
    ("线", "号线", ""),
    ("门", "号门(?!牌)", ""),
    ("等奖", r"等(?:奖|(?=\s*[|:]|\s*\Z))", "特"),
    ("期", r"期(?=工程|项目|[^\w]|\Z|[的何几怎多由在哪有是和与]|什么)", ""),
    ("层", "楼(?![上下道梯房盘宇栋号])", ""),
)
"""Kind, what stands behind the number in its labels, and characters that stand for a number."""

_ENGLISH = {
    "building": "楼", "block": "楼", "dormitory": "楼", "line": "线", "gate": "门", "unit": "单元", "phase": "期",
    "session": "届", "term": "届", "batch": "批", "round": "轮", "prize": "等奖", "floor": "层", "canteen": "食堂",
    "workshop": "车间", "warehouse": "仓库", "quarter": "季度",
}  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_THINGS = "|".join(_ENGLISH)
_IN_ENGLISH = re.compile(
    rf"\b(?P<thing>{_THINGS}) (?:no\.? ?|number |#)?(?P<number>\d{{1,3}}|{'|'.join(WORDS)})\b"
    rf"|\b(?P<nth>\d{{1,3}}(?=st|nd|rd|th)|{'|'.join(_ORDINALS)})(?:st|nd|rd|th)?[ -](?:class )?(?P<of>{_THINGS})\b"
)
_TO, _AND = r"[-–—~至到]+", "[、,，和与及]"
_JOIN = rf"\s?(?:{_TO}|{_AND})\s?"
_MOST = 20
"""Members of a list, at most, that are read as one."""

_LONGEST_RANGE = 100
_LETTER = r"(?<![a-z0-9])[a-z](?![a-z])"
_SIDE = re.compile(r"(?<![山广江陕河湖云海关以])([东西南北][南北]?)(校区|院区|厂区|园区|门(?![市店诊卫窗]))")
_ALL = "(?:各|每|历|所有|全部|任何|任意|任一|其他|其它|其余|不论|无论)(?:个|号|一|条)?"
_ONE = re.compile(r"首(?=[届次批期轮])")
_ONWARD = r"(?:及|或|含|\(含\))?(?:以上|以后|之后|起|后)"
_UPTO = r"(?:及|或|含|\(含\))?(?:以下|以内|之内|以前|之前)"


@dataclass(frozen=True, slots=True)
class Label:
    """Which one of its kind.

    Attributes:
        kind: What there are several of, ``楼``.
        value: Its number as plain digits, its letter or its direction.
        written: As the text writes it; a member of a list or a range with what is said of all.
        start: Offset in the text as ``forms`` gives it.
        end: Offset after its last character.
    """

    kind: str
    value: str
    written: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@lru_cache(maxsize=64)
def forms(text: str) -> str:
    """The text as labels are read in it: compatibility forms unified, lower case, simplified."""
    return _ONE.sub("第一", number_forms(text))


@lru_cache(maxsize=64)  # a question with several labels looks for each in the same passages
def labels(text: str) -> tuple[Label, ...]:
    """The labels of a text in order; a list or a range, ``1至3号楼``, is all that it names."""
    folded = forms(text)
    found = [*_numbered(folded), *_sides(folded), *_english(folded)]
    return tuple(sorted(dict.fromkeys(found), key=lambda label: label.start))


def holds(text: str, label: Label) -> bool:
    """Whether a text names what a label names: by itself, in a list or a range, or as ``第三次起``."""
    return label in labels(text) or _in_bounds(forms(text), label)


def holds_all(text: str, kind: str) -> bool:
    """Whether a text speaks of all of a kind: ``各楼``, ``每次``."""
    return re.search(f"{_ALL}{_noun(kind)}", forms(text)) is not None


def is_styled_alike(one: Label, other: Label) -> bool:
    """Whether two labels of a kind count in one way: numbers, letters, directions. ``A栋`` may well be ``1号楼``."""
    return one.kind == other.kind and one.value.isdecimal() == other.value.isdecimal()


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for kind, behind, special in _KINDS:
        number = rf"(?:{_N}|[{special}])" if special else _N
        number = rf"(?:{number}|{_LETTER})" if kind == "楼" else number
        between = rf"第?{number}(?:{behind})?(?:等|期|号|楼)?{_JOIN}"
        yield kind, re.compile(rf"(?P<more>(?:{between}){{0,{_MOST}}})(?P<last>{number})(?P<unit>{behind})")
    for sign, nouns in (("第", _ORDERED), ("", _NUMBERED)):
        number_sign = "" if sign else "号"
        between = rf"第?{_N}号?(?:{nouns})?{_JOIN}"
        yield "", re.compile(rf"{sign}(?P<more>(?:{between}){{0,{_MOST}}})(?P<last>{_N}){number_sign}(?P<unit>{nouns})")


_PATTERNS = tuple(_patterns())
_COUNTED = re.compile("[共有分约建]了?\\Z")
_COUNTS = frozenset("期栋幢")
"""What is counted as well as told apart: ``共四栋``."""
_TOKEN = re.compile(rf"(?P<number>{_N}|{_LETTER}|特)|(?P<to>{_TO})")


def _numbered(folded: str) -> Iterator[Label]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            if _COUNTED.search(folded, max(0, match.start() - 2), match.start()) and match["unit"] in _COUNTS:
                continue
            values = _values(match["more"] + match["last"])
            for value in values:
                written = match.group() if len(values) == 1 else value + match["unit"]
                yield Label(kind or match["unit"], value, written, *match.span())


def _values(written: str) -> list[str]:
    """The numbers of a list, those between the ends of a range with them."""
    values: list[str] = []
    is_range = False
    for match in _TOKEN.finditer(written):
        if match["to"]:
            is_range = bool(values)
            continue
        value = _plain(match["number"])
        if is_range and values[-1].isdecimal() and value.isdecimal() and int(value) - int(values[-1]) < _LONGEST_RANGE:
            values += [str(number) for number in range(int(values[-1]) + 1, int(value))]
        values.append(value)
        is_range = False
    return values


def _plain(number: str) -> str:
    return str(int(value_of(number))) if number[0].isdecimal() or number[0] in _CHINESE else number


def _sides(folded: str) -> Iterator[Label]:
    for match in _SIDE.finditer(folded):
        yield Label(match[2] if match[2] != "门" else "大门", match[1], match.group(), *match.span())


def _english(folded: str) -> Iterator[Label]:
    for match in _IN_ENGLISH.finditer(folded):
        number = match["number"] or match["nth"]
        value = str(_ORDINALS.index(number) + 1 if number in _ORDINALS else int(value_of(number)))
        yield Label(_ENGLISH[match["thing"] or match["of"]], value, match.group(), *match.span())


def _noun(kind: str) -> str:
    return {"楼": "(?:楼|栋|幢)", "等奖": "等", "线": "线路?", "大门": "门"}.get(kind, kind)


def _in_bounds(folded: str, label: Label) -> bool:
    """Whether ``第三次起`` or ``五层以下`` holds it."""
    if not label.value.isdecimal():
        return False
    value, noun = int(label.value), rf"号?{_noun(label.kind)}"
    above = re.finditer(rf"({_N}){noun}{_ONWARD}", folded)
    below = [*re.finditer(rf"({_N}){noun}{_UPTO}", folded), *re.finditer(rf"前({_N})个?{noun}", folded)]
    return any(value >= int(_plain(match[1])) for match in above) or any(
        value <= int(_plain(match[1])) for match in below
    )
