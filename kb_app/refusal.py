"""The one sentence that says that the documents do not tell, and how a model may say so in its own words."""

from __future__ import annotations

import re

from kb_app.text import CJK, squash

REFUSAL = "根据现有资料无法回答这个问题。"
REFUSAL_EN = "The documents at hand do not answer this question."

_CJK = re.compile(f"[{CJK}]")
_NOT_WORDS = re.compile(r"[\W_]+")

# What the model was shown, named as such: 申请资料 and 文件 may be what an answer is about.
_SHOWN = r"(?:(?<!申请)(?<!证明)(?<!报名)(?<!提交)资料|文档|知识库|上下文|检索结果|以上内容|所给内容|提供的内容)"
_TELL = r"(?:提到|提及|说明|涉及|包含|包括|给出|记载|提供|写明|关于|有关|相关|规定|找到|列出|介绍|指出|明确|具体|答案)"
_SAYS_NOTHING = re.compile(
    rf"{_SHOWN}[^。；，,]{{0,16}}?(?:没有|未|没|不含|无)[^。；，,]{{0,6}}?{_TELL}"
    rf"|[^。；]{{1,30}}(?:没有|未|没)在[^。；，,]{{0,6}}{_SHOWN}[^。；，,]{{0,4}}{_TELL}"
    rf"|{_SHOWN}(?:中|里)?(?:也|均|都)?(?:没有|没)说"
    rf"|根据[^。；，,]{{0,10}}{_SHOWN}[^。；，,]{{0,6}}[，,](?:没有|未能?)(?:找到|提到|提及|说明|给出|发现)"
    r"|(?:documents?|passages?|sources?|context|excerpts?)\b[^.;]{0,40}?"
    r"\b(?:do(?:es)? not|don't|doesn't|did not|didn't|never)\s+(?:\w+\s+)?"
    r"(?:mention|say|state|specify|provide|contain|include|cover|answer|tell|give|indicate|address|discuss)"
    r"|\b(?:not|isn't|aren't)\s+(?:\w+\s+)?(?:mentioned|stated|specified|provided|given|covered|included|found)"
    r"\s+(?:in|by)\s+(?:the|these|any)\b[^.;]{0,20}\b(?:documents?|passages?|sources?|context|excerpts?)"
    r"|\bno\s+(?:\w+\s+)?(?:information|mention|answer|details?)\b[^.;]{0,40}"
    r"\b(?:documents?|passages?|sources?|context|provided|available)",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    r"(?:无法|不能|没法|难以)[^。，；]{0,20}(?:回答|确定|判断|得知|找到|确认|给出答案)"
    r"|(?:没有|未|没能?|找不到|查不到)(?:找到|查到|检索到)?[^。，；]{0,12}(?:相关|有关)[^。，；]{0,6}(?:信息|内容|资料|依据|规定)"
    r"|\A\W*(?:我)?(?:不知道|不清楚)|\A\W*(?:资料)?不足\W*\Z"
    r"|\b(?:cannot|can't|can not|unable to|not able to)\s+(?:answer|determine|find|tell|confirm)"
    r"|\bi\s+(?:don't|do not)\s+know\b",
    re.IGNORECASE,
)
_BUT = re.compile(r"[，,；;]\s*(?:但|不过|然而|只|而)|\b(?:but|however|only)\b", re.IGNORECASE)
_CLAUSE = re.compile("[，,；;]")
_GOES_ON = re.compile(
    r"\W*(?:也|且|并|因此|所以|故|从而|无法|不能|没有|未|建议|请|如需|如果您|如您|\W*\Z"
    r"|(?:and|or|so|nor|therefore|thus|hence|please|you|if|i)\b)",
    re.IGNORECASE,
)
_SORRY_BUT = re.compile(r"\A\W*(?:i'm |i am )?(?:sorry|很?抱歉|对不起)[,，]?\s*(?:but|但是?)?\s*", re.IGNORECASE)
_POLITE = re.compile(
    r"\A\W*(?:非常|很)?(?:抱歉|对不起|遗憾|建议|请|如需|如有|sorry|please|unfortunately|if you)", re.IGNORECASE
)


def refusal_for(question: str) -> str:
    """The refusal in the language of the question: Chinese where it holds a CJK character, else English."""
    return REFUSAL if _CJK.search(question) else REFUSAL_EN


def is_refusal_sentence(sentence: str) -> bool:
    """Whether one sentence is a refusal, whatever its width, case, white space and punctuation."""
    return _bare(sentence) in {_bare(REFUSAL), _bare(REFUSAL_EN)}


def says_nothing(sentence: str) -> bool:
    """Whether a sentence, without its marks, says that what the model was shown does not tell, and nothing else."""
    return is_refusal_sentence(sentence) or _is_only(_SAYS_NOTHING, sentence)


def gives_up(sentence: str) -> bool:
    """Whether a sentence without marks says in any words that there is no answer."""
    return says_nothing(sentence) or _is_only(_CANNOT, sentence)


def is_polite(sentence: str) -> bool:
    """Whether a sentence only excuses itself or sends the reader elsewhere."""
    return bool(_POLITE.search(sentence))


def _is_only(words: re.Pattern[str], sentence: str) -> bool:
    """Whether a sentence holds these words, and no ``but`` or further clause that leads on to something else."""
    said = _SORRY_BUT.sub("", sentence)
    match = words.search(said)
    if not match or _BUT.search(said):
        return False
    _, *clauses = _CLAUSE.split(said[match.end() :])  # 资料没有附照片的，退回补正: that is a rule
    return all(_GOES_ON.match(clause) for clause in clauses)


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("", squash(text))
