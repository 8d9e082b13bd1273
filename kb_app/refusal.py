"""The one sentence that says that the documents do not tell, and how a model may say so in its own words."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from kb_app.text import CJK, fold, squash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REFUSAL = "根据现有资料无法回答这个问题。"
REFUSAL_EN = "The documents at hand do not answer this question."

_CJK = re.compile(f"[{CJK}]")
_NOT_WORDS = re.compile(r"[\W_]+")

# What the model was shown. 申请材料 and 招标文件 are what an answer may be about, so a compound noun is not it.
_SHOWN = (
    r"(?:(?<![请名明交标同术训传件纸货审面税报案])(?:资料|材料|文件|文档)|知识库|上下文|检索结果|原文|文中"
    r"|(?:以上|上述|所给|现有|(?:提供|给出|检索到|找到|查到)的)(?:内容|信息|文本|片段|段落|条文))"
)
_SHOWN_EN = (
    r"\b(?:documents?|passages?|sources?|context|excerpts?|materials?|texts?|knowledge base|search results?"
    r"|(?:provided|given|available) information|information (?:provided|given|available))\b"
)
_NOT = r"(?:没有?|未(?:能|曾)?|并?无|不(?:含|包含|包括|涉及)|缺[少乏])"
_TELL = (
    r"(?:提[到及供出]|谈[到及]|说明|涉及|包[含括]|给出|记[载录]|写[明到]|规定|找到|列[出明]|介绍|指出|明确|收录"
    r"|描述|交代|[注标]明|回答)"
)
_TOLD = rf"(?:{_TELL}(?!的)|有关|相关|关于|具体|足够|任何|答案|[写说讲提](?=[了过到]|\Z))"
_THING = r"(?:信息|内容|资料|材料|文件|依据|规定|说明|答案|记录|描述|介绍)"
_TELL_EN = (
    r"(?:mention|say|state|specif|provide|contain|include|cover|answer|tell|give|indicate|address|discuss|explain"
    r"|describe|have (?:any|enough|sufficient|information))\w*"
)
_TOLD_EN = r"(?:mentioned|stated|specified|provided|given|covered|included|found|described|addressed|discussed)"
_NOT_EN = r"(?:do(?:es)? not|don't|doesn't|did not|didn't|never|neither|cannot|can't)"
_FACTS_EN = r"(?:information|mention|answers?|details?|data|indication|evidence|reference)"

_SAYS_NOTHING = re.compile(
    rf"{_SHOWN}[^。]{{0,16}}?{_NOT}[^。]{{0,8}}?{_TOLD}"
    rf"|{_NOT}[^。]{{0,4}}?在[^。]{{0,8}}{_SHOWN}[^。]{{0,4}}{_TELL}(?!的)"
    rf"|{_SHOWN}[^。]{{0,8}}?(?:不足以|无法|不能|难以|看不出|找不到|查不到|不够)"
    rf"|(?:无法|不能|没法|难以|没有|未能?)(?:从|在|根据)[^。]{{0,8}}{_SHOWN}"
    rf"|{_SHOWN}[^。]{{0,20}}无关\Z|超出[^。]{{0,6}}{_SHOWN}[^。]{{0,4}}范围"
    rf"|{_SHOWN_EN}(?! (?:that|which|who)\b)[^.]{{0,40}}?\b{_NOT_EN}\s+(?:\w+\s+)?{_TELL_EN}"
    rf"|\b(?:not|isn't|aren't|wasn't)\s+(?:\w+\s+)?(?:{_TOLD_EN}\s+)?(?:in|by)\s+(?:the|these|this|any|your)\b"
    rf"[^.]{{0,20}}{_SHOWN_EN}"
    rf"|\bno\s+(?:\w+\s+){{0,2}}{_FACTS_EN}\b[^.]{{0,40}}\b(?:in|from|by|within)\b[^.]{{0,20}}{_SHOWN_EN}"
    rf"|{_SHOWN_EN}[^.]{{0,30}}\b(?:provid|contain|giv|includ|offer|hav|ha)\w*\s+no\s+(?:\w+\s+){{0,2}}"
    rf"{_FACTS_EN}"
    rf"|\bnone of\b[^.]{{0,20}}{_SHOWN_EN}\s+{_TELL_EN}"
)
_TELLS_NOT = re.compile(
    rf"\A(?:也|均|都|且|并|亦|但|其中)*(?:没有|未能?|并未|没|不)[^。]{{0,6}}?{_TOLD}"
    rf"|\A(?:they|it|which|and|or)\s+(?:also\s+)?{_NOT_EN}\s+(?:\w+\s+)?{_TELL_EN}|\Anot {_TOLD_EN}"
)
"""A clause without a subject, where the documents were named before."""

_FOR_MYSELF = (
    r"(?:我们?|本?助手|目前|暂时?|尚|仍|也|还|均|因此|所以|故|从而|这个问题|该问题|您的问题|此问题|因而|于是|则|就)*"
)
_CANNOT = re.compile(
    rf"\A{_FOR_MYSELF}(?:无法|不能|没法|难以)[^。]{{0,20}}?(?:回答|作答|解答|确定|判断|得知|找到|确认|给出)"
    r"|(?:无法|没法|难以)(?:确定|判断|得知|确认|回答|知道)\Z|(?:无法|不能)(?:回答|解答)(?:这个|该|您的|此)?(?:问题|提问)"
    rf"|\A{_FOR_MYSELF}(?:没有?|未能?|没能?|找不到|查不到|暂?无)(?:找到|查到|检索到|搜到|获取|获得)?(?:到|任何)?"
    rf"[^。]{{0,14}}(?:相关|有关|关于[^。]{{1,12}})的?{_THING}\Z"
    r"|\A我?(?:不知道|不清楚|不确定)|\A(?:现有)?(?:资料|信息|依据)不足"
    r"|\A(?:(?:i|we|it is|it's|i am|i'm)\s+)?(?:therefore\s+)?"
    r"(?:cannot|can't|can not|could not|couldn't|unable to|not able to|not possible to|impossible to)\s+(?:\w+\s+)?"
    r"(?:answer|determine|find|tell|confirm|say|provide|give)\b"
    r"|\A(?:i|we)\s+(?:don't|do not|did not|didn't)\s+(?:know|have|find|see)\b"
    r"|\A(?:there (?:is|was)|i (?:have|found|see)|we have|with)?\s*(?:no|not enough|insufficient)\s+(?:\w+\s+)?"
    rf"{_FACTS_EN}(?:\s+(?:was|were|is|are|could be))?(?:\s+(?:found|available|provided|given))?"
    r"(?:\s+(?:on|about|regarding|for|to)\b.*)?\Z"
)
_CONDITION = re.compile(r"(?:的|时|者|的话|之日起|事项)\Z|的(?:不予|不得|一律|按|应|由|须|可以|退|视为)")
_DESCRIBES = re.compile(
    rf"{_SHOWN}[^。]{{0,4}}?(?:只|仅|主要|大多|均|都)[^。]{{0,4}}?(?:是|有|讲|说|谈|与|针对|关于|{_TELL})"
    rf"|{_SHOWN_EN}\s+(?:only|merely|just|mainly|primarily|all)\b"
)
_LEADS = re.compile(
    r"\A(?:非常|很|十分)?(?:抱歉|对不起|遗憾|不好意思|您好|你好)"
    r"|\A(?:根据|基于|按照?|依据|依照|从|在|就|关于|对于|至于|有关|针对|由于|鉴于|虽然|尽管|因此|所以|结合|查阅|经)"
    r"|\A(?:i'?m |i am |we are )?(?:so |very )?(?:sorry|afraid)|\A(?:i |we )?apologi[sz]e|\Aunfortunately"
    r"|\A(?:based on|according to|from|in|within|as for|regarding|concerning|after|given|with respect)\b"
)
_SENDS_ON = re.compile(
    r"\A(?:建议|请|如需|如有|如果?[您你]|若[您需有]|[您你](?:可以?|也可|还可|不妨|需要)|可以?(?:向|咨询|联系)|或者?"
    r"|以便|以获|欢迎|希望|谢谢|并)"
    r"|\A(?:please|you (?:may|can|could|should|might)|if you|i (?:recommend|suggest|would)"
    r"|for (?:more|further|details|help)|contact|consider|let me|feel free|or|and|thank)\b"
)
_PREDICATE = re.compile(
    r"[是为应须需按由可]|不[得予能]|[有享]|\d|[一二三四五六七八九十百千][天年月日元人个次]"
    r"|\b(?:is|are|was|were|be|must|may|can|shall|should|will|has|have|had|do|does|needs?|gets?|takes?)\b"
)
_CLAUSE = re.compile("[，,；;：:]")
_BULLET = re.compile(r"\A(?:[\W_]|\d{1,2}[.、)]|\((?:\d|[一二三四五])\))*")
_END = re.compile(r"[\W_]+\Z")
_ANNOUNCES = re.compile(r"\A(?:[\W_]|\d{1,2}[.、)])*\Z|[:：]\W*\Z")
_BUT = re.compile(r"\A(?:但是?|不过|然而|而且?|只是|but|however|yet)\s*")
_LONGEST_TOPIC = 60


_UNTOLD = re.compile(
    rf"(?:没有?能?|未能?|并未|无法|不能|没法|[找查]不到)[^。]{{0,4}}?(?:{_TELL}|[列写提说讲查]|得知|看到)(?!的)"
    r"|(?:回?答|说|查|看|判断)不(?:上来|出来?|了|到|清)"
    r"|\bnot? (?:\w+ ){0,3}(?:" + _TELL_EN + "|" + _TOLD_EN + r")\b|\bno (?:\w+ ){0,2}" + _FACTS_EN
)
"""Says that something is not told, of whatever: enough where nothing is cited and nothing holds the answer."""


class _Kind(Enum):
    """What a clause does in a refusal; ``OTHER`` says something of its own."""

    REFUSES = "refuses"
    LEADS = "leads"
    TOPIC = "topic"
    SENDS_ON = "sends on"
    DESCRIBES = "describes"
    OTHER = "other"


def refusal_for(question: str) -> str:
    """The refusal in the language of the question: Chinese where it holds a CJK character, else English."""
    return REFUSAL if _CJK.search(question) else REFUSAL_EN


def is_refusal_sentence(sentence: str) -> bool:
    """Whether one sentence is the refusal, whatever its width, script, case, white space and punctuation."""
    return _bare(sentence) in {_bare(REFUSAL), _bare(REFUSAL_EN)}


def is_refusal(sentences: Sequence[tuple[str, bool]]) -> bool:
    """Whether an answer says that the documents do not tell, in whatever words, and nothing else.

    The fixed sentence counts wherever it stands unless another sentence is cited. In other words it is one where
    each sentence refuses, excuses itself, sends the reader elsewhere, or tells only what the documents are about.

    Args:
        sentences: Each without its marks, and whether it has any.
    """
    if any(is_refusal_sentence(said) for said, _ in sentences):
        return not any(cited for said, cited in sentences if not is_refusal_sentence(said))
    refuses = named = False
    for said, cited in sentences:
        if _ANNOUNCES.search(said):
            continue
        kinds = list(_kinds(said, cited=cited, named=named))
        if not _is_part(kinds, cited=cited):
            return False
        refuses = refuses or _Kind.REFUSES in kinds
        named = named or _names_documents(said)
    return refuses


def tells_of_nothing(sentences: Sequence[str]) -> bool:
    """Whether an answer that rests on no passage says that something is not told, in whatever words, and nothing else.

    It may call what it was shown by any name (``价目表里没列重量``); of an answer that cites something
    ``is_refusal`` decides.
    """
    kinds = [kind for said in sentences if not _ANNOUNCES.search(said) for kind in _unfounded_kinds(said)]
    return _Kind.REFUSES in kinds and _Kind.OTHER not in kinds


def _unfounded_kinds(sentence: str) -> Iterator[_Kind]:
    for kind, clause in zip(_kinds(sentence, cited=False, named=True), _clauses(sentence), strict=True):
        is_untold = _UNTOLD.search(clause) and not _CONDITION.search(clause)
        yield _Kind.REFUSES if is_untold else kind


def says_nothing(sentence: str) -> bool:
    """Whether a sentence, without its marks, says that what the model was shown does not tell, and nothing else."""
    if is_refusal_sentence(sentence):
        return True
    kinds = list(_kinds(sentence, cited=True, named=False))
    return _Kind.REFUSES in kinds and _Kind.OTHER not in kinds


def _is_part(kinds: Sequence[_Kind], *, cited: bool) -> bool:
    """Whether a sentence of these clauses can stand in a refusal: what is cited must refuse or describe."""
    if _Kind.OTHER in kinds:
        return False
    if _Kind.REFUSES in kinds or _Kind.DESCRIBES in kinds:
        return True
    return not cited and bool({_Kind.LEADS, _Kind.SENDS_ON} & set(kinds))


def _kinds(sentence: str, *, cited: bool, named: bool) -> Iterator[_Kind]:
    """The kind of each clause; ``named`` says whether the documents were spoken of before."""
    named = named or _names_documents(sentence)
    refused = False
    for clause in _clauses(sentence):
        kind = _kind(clause, cited=cited, named=named, refused=refused)
        refused = refused or kind is _Kind.REFUSES
        yield kind


def _clauses(sentence: str) -> list[str]:
    bare = (_END.sub("", _BUT.sub("", _BULLET.sub("", written))) for written in _CLAUSE.split(fold(sentence)))
    return [clause for clause in bare if clause]


def _kind(clause: str, *, cited: bool, named: bool, refused: bool) -> _Kind:
    if not _CONDITION.search(clause) and _refuses(clause, cited=cited, named=named, refused=refused):
        return _Kind.REFUSES
    if _DESCRIBES.search(clause) and not re.search(r"\d", clause):
        return _Kind.DESCRIBES
    if _LEADS.match(clause) and not refused:
        return _Kind.LEADS
    if _SENDS_ON.match(clause):
        return _Kind.SENDS_ON
    is_topic = len(clause) <= _LONGEST_TOPIC and not _PREDICATE.search(clause) and not _CONDITION.search(clause)
    return _Kind.TOPIC if is_topic else _Kind.OTHER


def _refuses(clause: str, *, cited: bool, named: bool, refused: bool) -> bool:
    """Whether a clause refuses; one that is cited must speak of the documents, or follow what did."""
    if _SAYS_NOTHING.search(clause) or (named and _TELLS_NOT.search(clause)):
        return True
    return (refused or not cited) and bool(_CANNOT.search(clause))


def _names_documents(sentence: str) -> bool:
    return bool(re.search(f"{_SHOWN}|{_SHOWN_EN}", fold(sentence)))


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("", squash(text))
