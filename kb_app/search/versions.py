"""Versions of one document: which documents are, and which of them a question wants. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kb_app.numbers.values import chinese_number
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb_app.types import Description, Passage

OLDER = 0.92
"""What the score of a passage is multiplied with where another version of its document is wanted."""

ENOUGH = 0.7
"""Share of the score of such a passage that a passage of the wanted version needs to come before it. Two wordings of
one clause are that near to a question (0.73 to 0.98 in five pairs of rules); a clause that only the other version has
keeps its place."""

_NUMERAL = "[0-9一二三四五六七八九十]"
_YEAR = r"(?:19|20)\d\d"
_MONTH, _DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_DATE = re.compile(
    rf"(?<!\d)({_YEAR})(?:[-./年_]({_MONTH})(?:[-./月_]({_DAY})日?|月)?|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?|年)?(?!\d)"
)
_NUMBER = re.compile(rf"(?:第({_NUMERAL}{{1,3}})版|(?:\b|_|(?<=[^a-z]))v(?:er(?:sion)?)?\.?({_NUMERAL}+(?:\.\d+)*))")
_WORDS = re.compile(
    r"年?(?:修订|修正|更新|最新|试行|草案|初|旧|老|新|终|定|正式|送审|征求意见)(?:版|稿|本)?|年?版|年度?|副本"
    r"|\b(?:final|draft|rev(?:ised|ision)?|copy|old|new)\b"
)
_LEFT_OUT = re.compile(r"[\W_]+")
_RULES = "规定|制度|条例|办法|规则|标准|章程|细则"
_WANTS_OLD = re.compile(
    rf"旧的|[旧老](?:版|{_RULES})|(?<![\d月日号天周年点时班职学业])以前|原来|原先|当初|从前|先前|过去的|之前的?(?:版|{_RULES})|[上前]一版"
    rf"|(?:修订|修改|调整|变更)(?:以|之)?前|历史版本|原(?:{_RULES})"
    r"|\b(?:old|older|previous|former|earlier|before the (?:change|revision))\b",
    re.IGNORECASE,
)
_WANTS_NEW = re.compile(
    rf"新的|新(?:版|{_RULES})|最新|现在|目前|当前|如今|现行|(?:修订|修改|调整|变更|改了?)(?:以|之)?后|\b(?:new|newer|newest|latest|current|now)\b",
    re.IGNORECASE,
)
_WANTS_ALL = re.compile(
    r"新[旧老]|旧新|[两二三四五几各]个?版|每[个一]版|有(?:什么|何|哪些)变[化动]|\ball versions\b", re.IGNORECASE
)
_SHORTEST = 3
_BELOW = 0.0001  # the last digit of a score
# Mails of one subject are a conversation, pictures of one name are what a camera numbered.
_NO_VERSIONS = frozenset({"mail", "msg", "mbox", "picture", "zip", "tar", "7z"})


@dataclass(frozen=True, slots=True)
class Version:
    """A document that others are versions of.

    Attributes:
        label: Date or number that tells it from them, as the document writes it.
        rank: Newer versions have a higher one, 0 the oldest.
        family: Labels of all versions, oldest first.
        years: Years in its label, by which a question may name it.
        name: What all versions are called.
    """

    label: str
    rank: int
    family: tuple[str, ...]
    years: frozenset[str]
    name: str = ""

    @property
    def is_newest(self) -> bool:
        """Whether there is no newer one."""
        return self.rank == len(self.family) - 1


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a document calls its version.

    Attributes:
        name: Its title without that, the same for all versions.
        order: Date and number, to be compared with those of other versions.
        label: Both, as the document writes them.
    """

    name: str
    order: tuple[int, ...]
    label: str


class Versions:
    """The versions of all documents; never changed, so that threads may share them.

    Attributes:
        known: The documents that differ from another one in date or number but not in title, by id.
    """

    def __init__(self, documents: Iterable[Description] = ()) -> None:
        """Find them."""
        self.known: dict[int, Version] = {}
        self._marks: dict[int, _Mark] = {}
        self._families: dict[str, frozenset[int]] = {}
        self._put({one.doc_id: one for one in documents})

    def after(self, changed: Iterable[Description], removed: Iterable[int]) -> Versions:
        """The versions after a change of some documents: only their families are compared anew."""
        new = Versions()
        new.known, new._marks, new._families = dict(self.known), dict(self._marks), dict(self._families)
        new._put(dict.fromkeys(removed) | {one.doc_id: one for one in changed})
        return new

    def _put(self, changed: Mapping[int, Description | None]) -> None:
        """Put these documents in the place of what was there under their ids, None for those that are gone."""
        joined: defaultdict[str, set[int]] = defaultdict(set)
        left: defaultdict[str, set[int]] = defaultdict(set)
        for doc_id, one in changed.items():
            self.known.pop(doc_id, None)
            if old := self._marks.pop(doc_id, None):
                left[old.name].add(doc_id)
            if new := one and _mark_of(one):
                self._marks[doc_id] = new
                joined[new.name].add(doc_id)
        for name in dict.fromkeys((*left, *joined)):
            family = self._families.pop(name, frozenset()) - left[name] | joined[name]
            for doc_id in family:
                self.known.pop(doc_id, None)
            self.known |= _compared({doc_id: self._marks[doc_id] for doc_id in sorted(family)})
            if family:
                self._families[name] = family


def _mark_of(document: Description) -> _Mark | None:
    """What a document calls its version, by its file name or else its title; None where neither names one."""
    if document.details.get("kind") in _NO_VERSIONS:
        return None
    texts = dict.fromkeys((PurePosixPath(document.source).stem, document.title))
    return next((mark for mark in map(_mark, texts) if mark.order and len(mark.name) >= _SHORTEST), None)


def _compared(family: Mapping[int, _Mark]) -> dict[int, Version]:
    """The versions of one title; none where all call themselves the same."""
    ordered = sorted((mark.order, mark.label) for mark in family.values())
    labels = tuple(dict.fromkeys(label for _, label in ordered))
    if len(labels) < 2:
        return {}
    return {
        doc_id: Version(mark.label, labels.index(mark.label), labels, frozenset(_years(mark.label)), mark.name)
        for doc_id, mark in family.items()
    }


def in_order(passages: Iterable[Passage], known: Mapping[int, Version], question: str) -> list[Passage]:
    """Passages by score, those of the wanted versions of documents before what the others say of the same.

    Args:
        passages: With scores in [0, 1].
        known: The versions of documents, by their ids.
        question: As it was asked.

    Returns:
        The score of a passage of another version is multiplied with ``OLDER``, and is below that of the best one of
        the wanted version of the document where this one reaches ``ENOUGH`` of it.
    """
    found = [(passage, known.get(int(passage.doc_id))) for passage in passages]
    best: defaultdict[str, float] = defaultdict(float)
    for passage, version in found:
        if version and weight(version, question) == 1:
            best[version.name] = max(best[version.name], passage.score)
    scored = [
        replace(passage, score=round(_scored(passage.score, version, question, best), 4)) for passage, version in found
    ]
    return sorted(scored, key=lambda passage: -passage.score)


def _scored(score: float, version: Version | None, question: str, best: Mapping[str, float]) -> float:
    if version is None or weight(version, question) == 1:
        return score
    lowered, of_wanted = score * OLDER, best.get(version.name, 0.0)
    return max(0.0, min(lowered, of_wanted - _BELOW)) if of_wanted >= ENOUGH * score else lowered


def weight(version: Version, question: str) -> float:
    """1 for the version that a question wants, ``OLDER`` for another one.

    The wanted one is the one whose label or year the question names; else the newest, or an older one where
    the question asks for what was before, or all where it asks for both.
    """
    if any(squash(label) in squash(question) for label in version.family):
        return 1.0 if squash(version.label) in squash(question) else OLDER
    named = _years(question)
    if named & {year for label in version.family for year in _years(label)}:
        return 1.0 if named & version.years else OLDER
    wants_old = bool(_WANTS_OLD.search(question))
    if _WANTS_ALL.search(question) or (wants_old and _WANTS_NEW.search(question)):
        return 1.0
    return OLDER if version.is_newest == wants_old else 1.0


def note(versions: Mapping[str, Version], question: str = "") -> str:
    """One line for the reader: which versions an answer used, and which others there are; by title.

    Where the question names a year that no version has, the line says so.
    """
    parts = []
    for title, version in versions.items():
        others = "、".join(label for label in version.family if label != version.label)
        lacking = "、".join(_lacking(version, question))
        none = f"没有{lacking}年的版本 there is no version of {lacking}，" if lacking else ""
        parts.append(f"《{title}》：{none}所用版本 version used {version.label}，另有 others {others}")
    return "；".join(parts)


def _lacking(version: Version, question: str) -> list[str]:
    """The years that a question names, if no version has one of them; none where versions are numbered otherwise."""
    has = {year for label in version.family for year in _years(label)}
    named = _years(question)
    return sorted(named) if has and not named & has else []


def _years(text: str) -> set[str]:
    return set(re.findall(rf"(?<!\d){_YEAR}(?!\d)", text))


def _mark(text: str) -> _Mark:
    lowered = text.lower()
    dates = list(_DATE.finditer(lowered))
    numbers = list(_NUMBER.finditer(lowered))
    order = tuple(int(part) for part in dates[-1].groups() if part) if dates else ()
    if numbers:
        written = next(filter(None, numbers[-1].groups()))
        order += tuple(_value(part) for part in written.split("."))
    marks = sorted([match.span() for match in (*dates, *numbers)])
    label = text[marks[0][0] : marks[-1][1]].strip(" ._-()（）") if marks else ""
    for start, end in reversed(marks):
        lowered = lowered[:start] + " " + lowered[end:]
    return _Mark(_LEFT_OUT.sub("", _WORDS.sub("", lowered)), order, label)


def _value(number: str) -> int:
    return int(number) if number.isdecimal() else int(chinese_number(number))
