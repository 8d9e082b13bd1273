"""Which of a question's pieces a text holds: what comes of cutting the text into pieces, in a fraction of the time.

A question has a few dozen pieces, a passage hundreds: they are looked for, and nothing is cut. Pure.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_pieces
from kb_app.text import CJK, fold, split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAIR = re.compile(f"[{CJK}]{{2}}")
_RULE = re.compile(r"[|:\s-]+")
_RUN = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")


class Wanted:
    """Pieces that are looked for in texts."""

    def __init__(self, pieces: Iterable[str]) -> None:
        """Sort them by what finds them: ``pieces`` are those of ``kb_app.text.keyword_pieces``."""
        wanted = frozenset(pieces)
        # Two Chinese characters side by side are a piece wherever they stand.
        self._pairs = sorted(piece for piece in wanted if _PAIR.fullmatch(piece))
        self._runs = wanted.difference(self._pairs)
        # However numbers are written, their pieces have Arabic digits.
        self._numbers = frozenset(piece for piece in self._runs if any(char.isdecimal() for char in piece))

    def held(self, text: str) -> set[str]:
        """Those that are among the pieces of a text."""
        return self._in(_whole(text))

    def held_by_sentences(self, text: str) -> list[set[str]]:
        """Those that are among the pieces of each sentence of a text."""
        return [self._in(sentence) for sentence in _sentences(text)]

    def _in(self, text: _Text) -> set[str]:
        found = {pair for pair in self._pairs if pair in text.folded}
        if self._runs:
            found |= self._runs & text.runs
        if self._numbers:
            found |= self._numbers & text.numbers
        return found


class _Text:
    """A text as it is searched, no more of it than is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.folded = fold(text)

    @cached_property
    def runs(self) -> frozenset[str]:
        return frozenset(_RUN.findall(self.folded))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(number_pieces(self._text))


@lru_cache(maxsize=1024)  # titles and headings, which many passages share
def _whole(text: str) -> _Text:
    return _Text(text)


@lru_cache(maxsize=512)  # the searches for one answer find the same passages; 5 MB at 400 characters a passage
def _sentences(text: str) -> tuple[_Text, ...]:
    return tuple(map(_Text, sentences_of(text)))


def sentences_of(text: str) -> list[str]:
    """The sentences of a passage; a row of a table, which says nothing alone, is read below the first row of it."""
    read, header = [], ""
    for sentence in split_sentences(text):
        is_row = sentence.lstrip().startswith("|")
        if is_row and _RULE.fullmatch(sentence.strip()):
            continue
        read.append(header + sentence if is_row else sentence)
        header = (header or sentence) if is_row else ""
    return read
