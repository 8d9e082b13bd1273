"""The names in a sentence, which must stand in what it cites: people, offices, titles, quoted and Latin words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.text import CJK, squash

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = re.compile(r"[“「『《〈\"]([^“”「」『』《》〈〉\"\n]{2,40})[”」』》〉\"]")
_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*(?:[-_./+][A-Za-z0-9]+)*")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*[0-9])(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_SURNAMES = (
    "张王李刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧曹袁邓傅沈彭吕苏卢蒋蔡"
    "贾丁魏薛叶阎潘杜戴汪姜姚谭廖邹熊陆郝孔崔邱秦侯邵孟雷黎贺龚"
)
_POSITIONS = (
    "总?经理|主任|老师|教授|先生|女士|主管|总监|院长|校长|厂长|处长|科长|部长|局长|所长|站长|工程师|医生|博士|同志|书记"
)
_NO_NAME = re.compile(
    "周(?:[期末岁年边围转五六日内一二三四]|.?[上下]午)|何[时种处人地]|黄[金色]|张贴|林[业地区木]|董事|徐徐|孟加|孔[子径洞]|雷[电雨达击]"
    "|陆[地路续运]|秦[皇岭]|叶[片子]|杨树|苏[打州]|胡同|唐山|梁柱|熊猫|丁香|罗[马列]|王牌"
)
_DOES = f"负责|审[批核]|批准|复核|担任|签|主[持讲]|任(?![何意])|兼任|保管|维护|接待|{_POSITIONS}"
_PERSON = re.compile(
    rf"(?<=[由是为叫找向系人理任长员部处科室院厂组的:：、，,|])([{_SURNAMES}][{CJK}]{{1,2}}?)(?={_DOES}|[。，、；,;|（(]|$)"
    rf"|([{_SURNAMES}][{CJK}]{{1,2}}?)(?={_DOES})|([{_SURNAMES}][{CJK}]?)(?={_POSITIONS})"
)
_TITLES = re.compile(
    "副?总经理|董事长|副?总裁|总监|副?校长|副?院长|副?厂长|班主任|辅导员|部门经理|部门负责人|项目经理|分管副总|总工程师"
)
_FUNCTION = "的于找去问往来各本该等和在由到其所个有全内外上下一两及与或向经对把将至从每某另这那为是须需请报给了可并且"
_LONG_OFFICES = ("委员会", "办公室", "集团", "公司", "大学", "学院", "医院", "银行", "中心", "中学", "小学")
_SHORT_OFFICES = ("处", "科", "局", "部", "厂")
_OFFICES = (*_LONG_OFFICES, *_SHORT_OFFICES)
_OFFICE = re.compile(
    rf"([{CJK}]{{2}})((?:{'|'.join(_LONG_OFFICES)})(?![生学习])"
    "|厅(?!长)|馆(?![长内员藏])|站(?![长在点立])|部(?![门分署队位件])|处(?![理于罚分置方境以在长])|科(?![技学目室])"
    r"|局(?![面部])|厂(?![家房区商]))"
)
_NO_OFFICE = frozenset(
    (
        "全部",
        "内部",
        "外部",
        "干部",
        "局部",
        "总部",
        "分部",
        "到处",
        "用处",
        "好处",
        "何处",
        "本科",
        "专科",
        "结局",
        "布局",
        *("市中心", "县中心", "镇中心", "区中心", "城中心", "场中心", "高中学"),
    )
)
_RATE = re.compile("每(?:个)?(小时|天|日|周|星期|月|学年|学期|季度|年|晚|次|件|吨|公斤|平方米|立方米|户|亩)")
_SAME_RATE = {
    **dict.fromkeys(("天", "日"), ("天", "日")),
    **dict.fromkeys(("周", "星期"), ("周", "星期")),
    "月": ("月", "个月"),
}
_LETTER = re.compile("([A-Za-z]+ [B-HJ-Z])(?![A-Za-z0-9'’])|(?<![A-Za-z0-9])([A-Z][座栋区楼级类型组班厅库线口])")
_STOP = frozenset(("ok", "vs", "id", "no", "am", "pm", "app", "web", "email", "pdf", "word", "excel"))


def missing_names(claim: str, contexts: list[str], *, translated: bool) -> list[str]:
    """The names of a sentence that none of the squashed texts holds.

    Args:
        claim: The sentence as it is written.
        contexts: Squashed texts, as of ``text.squash``.
        translated: The sentence and the texts are in different languages, where only codes such as ``XR-200`` stay.
    """
    if translated:
        wanted = [squash(code) for code in _CODE.findall(claim)]
        return [name for name in wanted if not _held(name, contexts)]
    missing = [name for name in (*_names(claim), *_letters(claim)) if not _held(squash(name), contexts)]
    missing += [office[0] + office[1] for office in offices(claim) if not _office_held(*office, contexts)]
    return missing + list(_other_rates(claim, contexts))


def has_names(claim: str) -> bool:
    """Whether a sentence names anything."""
    return any(True for found in (_names, _letters, offices) for _ in found(claim))


def _held(name: str, contexts: list[str]) -> bool:
    return any(name in context for context in contexts)


def _names(claim: str) -> Iterator[str]:
    for quoted in _QUOTED.findall(claim):
        yield from (part for part in re.split("…+|\\.{3,}", quoted.rstrip("。，,.；;！？!?")) if part.strip())
    yield from _latin(claim)
    folded = squash(claim)
    for match in _PERSON.finditer(folded):
        name = match[1] or match[2] or match[3]
        if name and not _NO_NAME.match(name) and _is_name(name[1:]):
            yield name
    yield from _TITLES.findall(folded)


def _latin(claim: str) -> Iterator[str]:
    """Latin words of a Chinese sentence; of an English one those in capitals, behind its first word."""
    is_chinese = bool(re.search(f"[{CJK}]", claim))
    for count, match in enumerate(_LATIN.finditer(claim)):
        word = match.group()
        if len(word) < 2 or word.casefold() in _STOP:
            continue
        if is_chinese or (count and word[0].isupper()) or any(char.isdigit() for char in word):
            yield word


def offices(claim: str) -> Iterator[tuple[str, str, str]]:
    """Two characters of the name of an office, its kind, and the two characters before, which may belong to it."""
    folded = squash(claim)
    for match in _OFFICE.finditer(folded):
        stem, kind = match.groups()
        is_place = (kind == "部" and stem[1] in "东南西北中") or (
            kind == "处" and stem[1] in "深远高近低难长短明暗别出入去"
        )
        if is_place or not _is_name(stem) or stem[1] + kind in _NO_OFFICE:
            continue
        before = folded[max(0, match.start() - 2) : match.start()]
        yield stem, kind, before if re.fullmatch(f"[{CJK}]{{2}}", before) and _is_name(before) else ""


def _is_name(text: str) -> bool:
    return not any(char in _FUNCTION for char in text)


def _office_held(stem: str, kind: str, before: str, contexts: list[str]) -> bool:
    """Whether an office stands in the texts, or its name without what kind of office it is."""
    others = "|".join(other for other in _OFFICES if other != kind)  # 财务处 is no 财务部
    for context in contexts:
        if before + stem + kind in context:
            return True
        named = [name for name in re.findall(rf"([{CJK}]{{2}}){stem}{kind}", context) if _is_name(name)]
        if len(before) == 2 and named and all(len(set(before) & set(name)) == 1 for name in named):
            continue  # 河西供水公司 is no 河东供水公司
        if stem + kind in context or re.search(rf"{stem}(?!{others})", context) or _is_short_for(stem, kind, context):
            return True
        if before and before[0] + stem[0] + kind in context:
            return True
    return False


def _is_short_for(stem: str, kind: str, context: str) -> bool:
    """Whether a context has the office in full: 客户服务中心 for 客服中心."""
    return bool(re.search(rf"{stem[0]}[{CJK}]{stem[1]}[{CJK}]{kind}", context))


def _other_rates(claim: str, contexts: list[str]) -> Iterator[str]:
    """``每天`` where the texts say ``每小时`` and nothing of days."""
    for unit in _RATE.findall(squash(claim)):
        written = _SAME_RATE.get(unit, (unit,))
        known = any(sign + one in context for context in contexts for one in written for sign in "每/一按逐")
        if not known and any(_RATE.search(context) for context in contexts):
            yield "每" + unit


def _letters(claim: str) -> Iterator[str]:
    """A letter that tells one thing from another: ``building C``, ``B座``."""
    for before, behind in _LETTER.findall(claim):
        yield before or behind
