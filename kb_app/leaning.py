"""Whether a question leans on what was said before it, corrects it, or asks nothing at all. Pure."""

from __future__ import annotations

import re

from kb_app.scripts import to_simplified
from kb_app.subjects import ASKS, says_little
from kb_app.text import CJK, fold, keyword_pieces

NUMERAL = r"[一二三四五六七八九十百两\d]{1,6}"
ORDINAL = rf"第{NUMERAL}[条款项点章节个种步类次]"
TRAILING = re.compile(r"呢\s*[？?。]?\s*\Z")
FILLER = re.compile(r"[？?。！!]|[呢吗吧啊]\s*\Z|请问")
HAS_CJK = re.compile(f"[{CJK}]")

_OPENING = re.compile(
    r"\A(?:那么?|它们?|[他她]们?|这|该|其(?!他|中|余)|还有|另外|此外|然后|接着|以及|同样|上面|上述|刚才|前者|后者|换成|如果是|要是|为什么呢?[？?]?\Z)"
    rf"|\A(?!第一次){ORDINAL}"
    r"|\A(?:and|or|but|so|what about|how about|what if|it|its|they|them|their|this|that|these|those|then|also|same"
    r"|the (?:first|second|third|fourth|last|other|former|latter)(?: one)?|why\??\Z|why not|more)\b"
)
_PRONOUN = re.compile(
    r"它们?|(?<![其吉维])他(?!人)|她|这[个种些项份]|那[个种些项份里边]|[这那]儿(?![科童子女])|该(?:公司|产品|制度|项|人)|也(?![许门])"
    r"|\b(?:it|its|they|their|them|he|she|his|her|one)\b"
)
"""也 too: it adds to something that was said."""

_CORRECTION = re.compile(
    r"\A(?:(?:不是?|不对|错了)[\s，,。！!]*)?我(?:(?:要|想)?[问说指]的?是|是[问说要](?:的是)?|的意思是)[\s，,：:]*(?=\S)"
    r"|\A(?:no[\s,.]*)?i (?:meant?|was asking about) (?=\S)",
    re.IGNORECASE,
)
_DEPARTMENT = re.compile(r"\bIT\b")
_CLAUSE = re.compile("[，,]")
_FEW_PIECES = 2
_SHORT, _SHORT_WORDS = 25, 60
_NO_WORD = re.compile(r"[\W_]*[a-z]?[\W_]*")
_COURTESY = re.compile(
    r"(?:(?:好的?|行|嗯+|哦+|多谢|谢谢?|感谢|麻烦|明白了?|知道了|了解了?|收到|辛苦了?|再见|拜拜|没有?(?:问题|事)?了|[你您]好|大家好|在吗"
    r"|(?:早上|上午|中午|下午|晚上)好|[你您]|[了啦啊哈呀哟喽]"
    r"|ok|okay|thanks?|thank you|bye|hello|hi|great|a lot|so much|very much|good (?:morning|afternoon|evening))"
    r"[\s，,。.!！~]*)+[？?]?\Z"
)


def asks_nothing(question: str) -> bool:
    """Whether someone only says thanks, yes, hello or goodbye, or writes no word: signs, or a single letter."""
    folded = fold(question).strip()
    return bool(_NO_WORD.fullmatch(folded)) or (len(folded) <= _SHORT and bool(_COURTESY.fullmatch(folded)))


def leans_on_conversation(question: str) -> bool:
    """Whether a question can hardly be understood without what was said before it.

    It begins with a pronoun, a connective or an ordinal, has a pronoun and is short, ends as ``……呢？`` and is
    short, asks on without a subject (``怎么办理？``), corrects what was asked, or says nearly nothing. Thanks lean
    on nothing.
    """
    if asks_nothing(question):
        return False
    return corrected(question) != "" or refers(question) or says_little(_folded(question))


def refers(question: str) -> bool:
    """Whether a question refers to what was said, rather than only naming no subject."""
    folded = _folded(question)
    if _OPENING.search(folded) or len(set(keyword_pieces(FILLER.sub("", folded)))) < _FEW_PIECES:
        return True
    is_short = len(folded) <= (_SHORT if HAS_CJK.search(folded) else _SHORT_WORDS)
    # 给他们买保险 behind a comma: they were named before it.
    return is_short and bool(_PRONOUN.search(_CLAUSE.split(folded)[0]) or TRAILING.search(folded))


def corrected(question: str) -> str:
    """What was meant instead of what was asked (``不是，我问的是研究生``); empty where nothing is corrected.

    Where a whole question follows, it stands for itself.
    """
    start = _CORRECTION.match(to_simplified(question))
    meant = FILLER.sub("", question[start.end() :]).strip(" ，,的") if start else ""
    return "" if len(meant) > _SHORT or ASKS.search(fold(meant)) else meant


def without_correction(question: str) -> str:
    """A question without the words that say it corrects another."""
    start = _CORRECTION.match(to_simplified(question))
    return question[start.end() :] if start else question


def _folded(question: str) -> str:
    return fold(_DEPARTMENT.sub("信息技术", question)).strip()
