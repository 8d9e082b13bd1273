"""Marks such as ``[1]`` in an answer, in all the forms that models write; pure functions of text."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from kb_app.text import split_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_MAX_DIGITS = 3  # [2024] is a year, no mark
_NUMBER = rf"\d{{1,{_MAX_DIGITS}}}"
_WORD = r"(?:passage|source|citation|ref|doc|资料|来源|文档|片段|引用|参考)\s*[:：#]?\s*"
_SEPARATOR = r"\s*(?:[,，、;；]|[-–—~～至到])\s*|\s+"
_MARK = re.compile(
    rf"\^?[\[［【]\s*\^?(?:{_WORD})?({_NUMBER}(?:(?:{_SEPARATOR})\^?(?:{_WORD})?{_NUMBER})*)\s*[\]］】](?:\^|\([^()\s]*\))?",
    re.IGNORECASE,
)
MARKS = re.compile(rf"(?:[^\S\n]{{0,8}}(?:{_MARK.pattern}))+", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})(?:\s*[-–—~～至到]\s*({_NUMBER}))?")
_SOURCE_LIST = re.compile(
    rf"\n(?:[#*_\s]*(?:参考资料|参考文献|资料来源|引用来源|来源|脚注|注释|references|sources|notes)[*_\s]*[:：]?[*_]*\s*)\n*"
    rf"(?:\s*(?:[-*•]\s*)?(?:{_MARK.pattern})[^\n]*(?:\n|\Z))+\s*\Z",
    re.IGNORECASE,
)
_FOOTNOTES = re.compile(r"(?:\n\s*\[\^\d{1,3}\](?:[:：]| )[^\n]*)+\s*\Z")
_CODE = (
    r"^ {0,3}(?P<fence>```|~~~).*?(?:^ {0,3}(?P=fence)[^\n]*$|\Z)"
    r"|(?<!`)(?P<tick>`{1,3})(?!`)[^\n]{1,200}?(?<!`)(?P=tick)(?!`)"
)
# Code is matched to be passed over: a[0] in it is no mark.
_CODE_OR_MARKS = re.compile(rf"{_CODE}|(?P<marks>{MARKS.pattern})", re.IGNORECASE | re.MULTILINE | re.DOTALL)
# Private characters stand for the brackets of code, and none of them comes from a model.
_BRACKETS, _PRIVATE = "[［【]］】", "\ue010\ue011\ue012\ue013\ue014\ue015"
_HIDDEN, _SHOWN = str.maketrans(_BRACKETS, _PRIVATE), str.maketrans(_PRIVATE, _BRACKETS)
_NEITHER = str.maketrans("", "", _PRIVATE)
_TAIL = re.compile(r"\s*\|?\s*\Z")  # a table row keeps its last bar
_GAP = re.compile(r"[^\S\n]*")


def marks(text: str) -> list[int]:
    """The numbers of all marks in a text, ranges spelt out, in order; ``a[0]`` in code is none."""
    return [
        number
        for group in groups(text)
        for match in _MARK.finditer(group.group())
        for number in _numbers(match.group(1))
    ]


def groups(text: str) -> list[re.Match[str]]:
    """The marks of a text, those together that follow one another."""
    return [match for match in _CODE_OR_MARKS.finditer(text) if match["marks"]]


def strip_marks(text: str) -> str:
    """The text without its marks, nor those that taking one away leaves, as in ``[[1]2]``."""
    while (bare := _replaced(text, lambda _: "")) != text:
        text = bare
    return bare


def without_source_list(text: str) -> str:
    """An answer without the list of sources or footnotes that a model adds at its end."""
    return _FOOTNOTES.sub("", _SOURCE_LIST.sub("", text)).strip()


def cited_sentences(text: str) -> list[str]:
    """Sentences, each with the marks that follow it on its line; joined they are the text again."""
    sentences: list[str] = []
    for sentence in split_sentences(text):
        leading = MARKS.match(sentence)
        if leading and sentences and not sentences[-1].endswith("\n"):
            sentences[-1] += leading.group()
            sentence = sentence[leading.end() :]  # noqa: PLW2901 - the rest of it
            if sentences[-1] and not sentence.strip():
                sentences[-1] += sentence
                continue
        sentences.append(sentence)
    return sentences


def hide_code(text: str) -> str:
    """The text with other characters for the brackets in its code, so that its sentences can be read one by one."""
    clean = text.translate(_NEITHER)
    return _CODE_OR_MARKS.sub(
        lambda match: match.group() if match["marks"] else match.group().translate(_HIDDEN), clean
    )


def show_code(text: str) -> str:
    """What ``hide_code`` was given."""
    return text.translate(_SHOWN)


def in_code(text: str, sentences: Sequence[str]) -> list[bool]:
    """Which sentences of a text stand in a block of code."""
    blocks = [match.span() for match in _CODE_OR_MARKS.finditer(text) if match["fence"]]
    starts = accumulate((len(sentence) for sentence in sentences), initial=0)
    return [any(first <= start < end for first, end in blocks) for start, _ in zip(starts, sentences, strict=False)]


def segments(sentence: str) -> list[str]:
    """A sentence cut behind each group of marks; joined they are the sentence again."""
    ends = [match.end() for match in groups(sentence)]
    cuts = [0, *ends[:-1], len(sentence)]
    return [sentence[start:end] for start, end in pairwise(cuts) if end > start]


def with_marks(text: str, numbers: Sequence[int]) -> str:
    """A text with these marks instead of its own, where its last ones stand or behind its last word."""
    written = "".join(f"[{number}]" for number in numbers)
    own = groups(text)
    if not own:
        body = _TAIL.sub("", text)
        return body + written + text[len(body) :]
    last = own[-1]
    gap = _GAP.match(last.group())
    return strip_marks(text[: last.start()]) + (gap.group() if gap and written else "") + written + text[last.end() :]


def known_only(text: str, count: int) -> str:
    """All marks as ``[n]``, without unknown and repeated numbers."""
    same = {number: number for number in range(1, count + 1)}
    while (known := rewrite(text, same)) != text:
        text = known  # again, since what is dropped may leave a mark: [[9]1]
    return text


def rewrite(text: str, new: Mapping[int, int]) -> str:
    """All marks as ``[n]`` with new numbers; what has none is dropped."""

    def one(match: re.Match[str]) -> str:
        kept = [new[number] for number in dict.fromkeys(marks(match.group())) if number in new]
        gap = _GAP.match(match.group())
        return (gap.group() if gap and kept else "") + "".join(f"[{number}]" for number in kept)

    return _replaced(text, one)


def _replaced(text: str, new: Callable[[re.Match[str]], str]) -> str:
    return _CODE_OR_MARKS.sub(lambda match: new(match) if match["marks"] else match.group(), text)


def _numbers(inside: str) -> Iterator[int]:
    for first, last in _RANGE.findall(inside):
        low, high = int(first), int(last or first)
        yield from range(min(low, high), max(low, high) + 1)
