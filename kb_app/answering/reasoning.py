"""Reasoning that a template asks for, told from the answer by two headings while it comes. Pure.

A heading is the template's word alone at the start of a line, with a colon, brackets or signs of Markdown:
``【分析】``, ``**分析：**``, ``## 分析``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kb_app.models.streaming import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LONGEST_HEADING = 24
_CONCLUSION = re.compile(
    r"^\W*(?:最终|最后)?(?:答案|结论|回答|(?:final\s+)?answer)\W*?[:：]\s*", re.MULTILINE | re.IGNORECASE
)
_BEHIND_HEADING = " \t\r\n:："


def split_reasoning(pieces: Iterable[Piece], headings: Sequence[str]) -> Iterator[Piece]:
    """Tell the text under the first heading, which is thinking, from the text under the second, the answer.

    An output that does not begin with the first heading is an answer from its first word.
    """
    splitter = _Splitter(_heading(headings[0]), _heading(headings[1]))
    for piece in pieces:
        if piece.kind != "text" or piece.note:
            yield piece
        else:
            yield from splitter.feed(piece.text)
    yield from splitter.feed("", is_last=True)


@dataclass(slots=True)
class _Splitter:
    """Where in the output we are, and what is held back until it can be told."""

    opening: re.Pattern[str]
    closing: re.Pattern[str]
    state: Literal["start", "thinking", "answer", "text"] = "start"
    held: str = ""

    def feed(self, text: str, *, is_last: bool = False) -> Iterator[Piece]:
        self.held += text
        if self.state == "start":
            self._start(is_last)
        if self.state == "thinking":
            yield from self._thinking(is_last)
        if self.state == "answer":
            self.held = self.held.lstrip(_BEHIND_HEADING)
            self.state = "text" if self.held else "answer"
        if self.state == "text":
            yield from _piece("text", self.held)
            self.held = ""

    def _start(self, is_last: bool) -> None:
        begun = self.held.lstrip()
        for heading, state in ((self.opening, "thinking"), (self.closing, "answer")):
            match = heading.match(begun)
            if match and (is_last or _is_complete(begun, match)):
                self.state, self.held = state, begun[match.end() :]  # type: ignore[assignment]  # one of its states
                return
        if is_last or len(begun) > _LONGEST_HEADING:
            self.state = "text"

    def _thinking(self, is_last: bool) -> Iterator[Piece]:
        match = self.closing.search(self.held)
        if match and (is_last or _is_complete(self.held, match)):
            yield from _piece("thinking", self.held[: match.start()])
            self.state, self.held = "answer", self.held[match.end() :]
            return
        ready = len(self.held) if is_last else len(self.held) - _undecided(self.held)
        yield from _piece("thinking", self.held[:ready])
        self.held = self.held[ready:]


def behind_headings(text: str, thinking: str, headings: Sequence[str]) -> tuple[str, str]:
    """The answer and the reasoning of a model that did not keep to the headings.

    Where the second heading stands in the text, what is before it was reasoning. Where all was reasoning, the
    answer is what it concludes with: behind a word such as ``结论：``, else its last paragraph.
    """
    if match := _heading(headings[1]).search(text):
        return text[match.end() :].lstrip(_BEHIND_HEADING), thinking + text[: match.start()]
    if text.strip() or not thinking.strip():
        return text, thinking
    if conclusions := list(_CONCLUSION.finditer(thinking)):
        return thinking[conclusions[-1].end() :], thinking[: conclusions[-1].start()]
    before, gap, last = thinking.rstrip().rpartition("\n\n")
    return (last, before) if gap else (thinking, "")


@lru_cache(maxsize=16)
def _heading(word: str) -> re.Pattern[str]:
    return re.compile(
        rf"^[^\S\n]*(?:#+[^\S\n]*)?(?:\*\*)?[【\[<（(]?[^\S\n]*{re.escape(word)}[^\S\n]*"
        r"(?:[】\]>）)](?:\*\*)?|(?:\*\*)?[:：](?:\*\*)?|\*\*(?=\s)|(?=\n))",
        re.MULTILINE,
    )


def _is_complete(held: str, heading: re.Match[str]) -> bool:
    """Whether enough stands behind a heading to tell that no sign of it is still to come."""
    behind = held[heading.end() :]
    return len(behind) > 2 or "\n" in behind


def _undecided(held: str) -> int:
    """How many characters at the end may be the beginning of a heading: a last line that is still short."""
    line = held[held.rfind("\n") + 1 :]
    return len(line) if len(line) < _LONGEST_HEADING else 0


def _piece(kind: Literal["text", "thinking"], text: str) -> Iterator[Piece]:
    if text:
        yield Piece(kind, text)
