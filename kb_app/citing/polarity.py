"""Whether a sentence denies what another one says: ``无需审批`` against ``须经审批``. Pure, and careful."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kb_app.text import CJK, keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAME_CLAUSE = 0.55
"""Least share of a clause's pairs and characters that another one must hold to speak of the same thing."""

_SAME_WORD = 0.2
"""The same where one denies a word that the other holds."""

_FEW, _NEARLY_ALL = 2, 0.75
_NO_DENIAL = re.compile(
    r"不仅|不但|不只|不论|不管|不同|不断|不足|不良|不动产|不过|不久|不定期|不可抗力|不锈钢|不合格[品的者率件]|不大于|不小于|不等|不便|不妨|不少"
    r"|不(?:得|应|能|可|宜)?(?:超过|低于|高于|少于|多于|晚于|迟于|早于|大于|小于|超出)|不满|(?<![收达看找想做得受])不到|不限于|不含税|不当|不利|不慎|不适"
    r"|未来|未成年|未婚|无论|无线|无人机|无形|无障碍|无机|无菌|无纸化|无故|无偿|无息|无损|无烟|无害|无关|无限|无缝|非常|非洲|非遗|非法|非金属|莫非|除非|是否|能否|可否|否则"
    r"|无法定|免疫|避免|以免|免得|未必|不必要的|不正当|不合理|不可分割|不在职|没收"
    r"|\bnot only\b|\bno (?:later|more|less|fewer) than\b|\bnot (?:more|less|later) than\b"
    r"|\bnot exceed(?:ing)?\b|\bno\. ?\d"
)
_CUE = re.compile(
    r"禁止|严禁|谢绝|拒绝|不予|不得|不能|不可以?|不准|不许|不允许|不需要?|不必|不用|不须|无需|无须|毋须|毋需|不会|不再|没有|并非|未曾|未经|尚未"
    r"|不|未|没|无|免(?=费|交|收|缴|予|除|征)|非"
    r"|\b(?:not|never|no|without|cannot|neither|nor|prohibited|forbidden|unless|prohibits?|forbids?)\b|n['’]t\b"
)
_QUOTED = re.compile("[《「『“][^《「『“》」』”]{1,40}[》」』”]")  # a title that says 不 denies nothing
_CLAUSE = re.compile(r"[，,。；;！!？?\n：:|]+")
# What a list is of is said of its items.
_LABEL = re.compile(r"(?m)^([\s\d.、*•-]*(?:(?!不|未|没|无|禁|免)[^，,。；;：:\n]){1,8}(?<![道说称曰]))[：:]")
# Half a double denial: 未经批准，不得外出 says what 经批准可以外出 says.
_CONDITION = re.compile(
    r"[^，。；]{0,12}(?:未|没有|无|非经)[^，。；]{1,16}|(?:without|unless)\b.+|(?:if|when)\b.+\bnot\b.+"
)
_DENIED = re.compile(rf"(?:{_CUE.pattern})[的了也都就还应须需要必可能得\s]*([{CJK}]{{2}}|[a-z]+)")
_ATTRIBUTE = re.compile(
    rf"(?:{_CUE.pattern})(?![在于向从对由把将给])[^，。；]{{1,10}}(?:的(?=[^，。；]{{3,}})|时(?=[须应可由将要]))"
)
_CONDITIONAL = ("的", "者", "时", "后", "前")
_FUNCTION = re.compile(
    "[的了也都就还应须需要必可能]|允许|以及|可以|需要|必须|应当|准许|\\b(?:must|may|can|could|should|shall|do|does|is|are|be|been|will|would)\\b"
)


@dataclass(frozen=True, slots=True)
class _Clause:
    pieces: frozenset[str]
    characters: frozenset[str]
    denied: tuple[str, ...]
    condition: str
    attribute: str
    denies: bool
    is_condition: bool

    def held_by(self, other: _Clause) -> float:
        """How much of it another clause says, whether or not it denies it."""
        pieces = len(self.pieces & other.pieces) / len(self.pieces)
        return (pieces + len(self.characters & other.characters) / len(self.characters)) / 2

    def denies_beside(self, other: _Clause) -> bool:
        """Whether it denies something, its condition left out where the other clause says nothing of that."""
        if self.attribute and self.attribute not in other.pieces:
            return False  # 未参加的须补考 denies nothing of who has to
        return self.denies or bool(self.condition and not other.condition and self.condition not in other.pieces)


def is_denied(claim: str, texts: Iterable[str]) -> bool:
    """Whether each clause of the texts that speaks of the same as a clause of the claim says the opposite.

    Args:
        claim: A folded sentence.
        texts: Folded sentences that it cites.
    """
    known = [clause for text in texts for clause in _clauses(text)]
    clauses = [clause for clause in _clauses(claim) if len(clause.pieces) >= 2]
    return any(_is_opposed(clause, known) or _is_only_denied(clause, known) for clause in clauses)


def _is_only_denied(clause: _Clause, known: list[_Clause]) -> bool:
    """Whether an affirming clause holds nearly all words that only a denying one has: no 电饭锅, but 水杯."""
    if clause.denies:
        return False
    affirmed = frozenset[str]().union(*(other.pieces for other in known if not other.denies_beside(clause)))
    for index, other in enumerate(known):
        is_conditional = index and known[index - 1].is_condition
        own = other.pieces - affirmed if other.denies_beside(clause) and not is_conditional else frozenset[str]()
        if len(own) >= _FEW and len(own & clause.pieces) >= _NEARLY_ALL * len(own):
            return True
    return False


def _is_opposed(clause: _Clause, known: list[_Clause]) -> bool:
    scored = [(_likeness(clause, other), other) for other in known]
    best = max((score for score, _ in scored), default=0.0)
    if best < _SAME_CLAUSE:
        return False
    near = [other for score, other in scored if score >= max(_SAME_CLAUSE, 0.8 * best)]
    return all(other.denies_beside(clause) != clause.denies_beside(other) for other in near)


def _likeness(clause: _Clause, other: _Clause) -> float:
    """How much both speak of the same; what one denies, the other may say in a longer clause."""
    held = clause.held_by(other)
    denied = any(word in other.pieces for word in clause.denied) or any(word in clause.pieces for word in other.denied)
    return max(held, _SAME_CLAUSE) if denied and held >= _SAME_WORD else held


def _clauses(text: str) -> list[_Clause]:
    """The clauses of a folded text; a condition that denies goes with a clause behind it that does so too."""
    parts = [part.strip() for part in _CLAUSE.split(_LABEL.sub(r"\1 ", _QUOTED.sub(" ", text)))]
    clauses: list[_Clause] = []
    for before, part in pairwise(["", *parts]):
        is_double = _CONDITION.fullmatch(before) and _counts(before) == 1 == _counts(part)
        if is_double:
            clauses.pop()
        clauses.append(_clause(f"{before}，{part}" if is_double else part))
    return [clause for clause in clauses if clause.pieces]


def _counts(text: str) -> int:
    return len(_CUE.findall(_NO_DENIAL.sub(" ", text)))


def _clause(text: str) -> _Clause:
    meant = _NO_DENIAL.sub(" ", text)
    bare = _FUNCTION.sub(" ", _CUE.sub(" ", meant))
    pieces = frozenset(keyword_pieces(bare))
    denied = tuple(_DENIED.findall(meant))
    count = _counts(text)
    english = re.search(r"\b(?:without|unless) (\w+)", meant)
    condition = "" if count != 2 else english[1] if english else denied[0] if denied else ""
    attributive = _ATTRIBUTE.search(meant) if count == 1 else None
    attribute = denied[0] if attributive and denied else ""
    return _Clause(
        pieces, frozenset("".join(pieces)), denied, condition, attribute, count % 2 == 1, text.endswith(_CONDITIONAL)
    )
