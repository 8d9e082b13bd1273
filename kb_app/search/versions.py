"""Versions of one document: which documents are, and which of them a question wants. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import chinese_number
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb_app.types import Description

OLDER = 0.92
"""What the score of a passage is multiplied with where another version of its document is wanted: enough to order
two readings of one clause, too little to push a passage below one that says something else."""

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
_WANTS_OLD = re.compile(
    r"旧版|老版|旧的|以前的?|原来的?|原先|之前的?版|上一版|前一版|修订前|修改前|历史版本|过去的|原(?:规定|制度|条例|办法)"
    r"|\b(?:old|older|previous|former|earlier|before the (?:change|revision))\b",
    re.IGNORECASE,
)
_SHORTEST = 3
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
    """

    label: str
    rank: int
    family: tuple[str, ...]
    years: frozenset[str]

    @property
    def is_newest(self) -> bool:
        """Whether there is no newer one."""
        return self.rank == len(self.family) - 1


def find_versions(documents: Iterable[Description]) -> dict[int, Version]:
    """The documents that differ from another one in date or number but not in title, by id."""
    families: defaultdict[str, list[tuple[tuple[int, ...], str, int]]] = defaultdict(list)
    for document in documents:
        if document.details.get("kind") in _NO_VERSIONS:
            continue
        for text in dict.fromkeys((PurePosixPath(document.source).stem, document.title)):
            name, order, label = _taken_apart(text)
            if order and len(name) >= _SHORTEST:
                families[name].append((order, label, document.doc_id))
                break
    found = {}
    for members in families.values():
        labels = tuple(dict.fromkeys(label for _, label, _ in sorted(members)))
        if len(labels) > 1:
            for _, label, doc_id in members:
                found[doc_id] = Version(label, labels.index(label), labels, frozenset(re.findall(_YEAR, label)))
    return found


def weight(version: Version, question: str) -> float:
    """1 for the version that a question wants, ``OLDER`` for another one.

    The wanted one is the one whose label or year the question names; else the newest, or an older one where
    the question asks for what was before.
    """
    if any(squash(label) in squash(question) for label in version.family):
        return 1.0 if squash(version.label) in squash(question) else OLDER
    named = set(re.findall(rf"(?<!\d){_YEAR}(?!\d)", question))
    if named & {year for label in version.family for year in re.findall(_YEAR, label)}:
        return 1.0 if named & version.years else OLDER
    return OLDER if version.is_newest == bool(_WANTS_OLD.search(question)) else 1.0


def note(versions: Mapping[str, Version]) -> str:
    """One line for the reader: which versions an answer used, and which others there are; by title."""
    parts = []
    for title, version in versions.items():
        others = "、".join(label for label in version.family if label != version.label)
        parts.append(f"《{title}》：所用版本 version used {version.label}，另有 others {others}")
    return "；".join(parts)


def _taken_apart(text: str) -> tuple[str, tuple[int, ...], str]:
    """A title without what tells its version, that as numbers to be compared, and as it is written."""
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
    return _LEFT_OUT.sub("", _WORDS.sub("", lowered)), order, label


def _value(number: str) -> int:
    return int(number) if number.isdecimal() else int(chinese_number(number))
