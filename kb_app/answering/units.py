"""What can be quoted of a passage: its sentences and the rows of its tables, each with its place. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kb_app.answering.lists import MARKER, Led
from kb_app.answering.telling import ASKS, first_versions, label_of, tells
from kb_app.text import CJK, keyword_pieces, split_sentences, squash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb_app.types import Passage

MAX_SENTENCE = 90
"""A sentence of several clauses is quoted whole up to this length, a longer one by its clauses."""

_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*\|?\s*")
_CELL = re.compile(r"(?<!\\)\|")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(rf"[{CJK}\w]")
_CJK = re.compile(f"[{CJK}]")
_CLAUSE_END = re.compile(r"[；;]\s*\Z")
_WHOLE = re.compile(r"[。！？!?.…][”’」』）】》\"')\]]*\s*\Z")
_ANSWERED = 3
"""Sentences, at most, behind a question that answer it."""


@dataclass(frozen=True)
class Unit:
    """A sentence or a table row.

    Attributes:
        passage: Number of its passage, from 0.
        start: Offset of its first character in the passage's text.
        end: Offset after its last character.
        text: Its words; those of a row with the names of their columns.
        context: What it stands under: title, headings, the line that leads to its list, the question it answers.
        columns: Header of its table; empty for a sentence.
        cells: The cells of a row; empty for a sentence.
        lead: The line that leads to the list that it is an item of; empty for any other.
        paragraph: Offset of its line.
    """

    passage: int
    start: int
    end: int
    text: str
    context: str = ""
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    lead: str = ""
    paragraph: int = 0

    @cached_property
    def pieces(self) -> frozenset[str]:
        """Its pieces for comparing."""
        return frozenset(keyword_pieces(self.text))

    @property
    def group(self) -> tuple[object, ...]:
        """What the rows of one table, or the items of one list, have in common."""
        return (self.passage, self.columns, bool(self.cells), "" if self.cells else self.lead)


def units_of(passages: Sequence[Passage], *, versions: bool = False) -> list[Unit]:
    """All sentences and rows in order; headings, questions and lines that only lead to a list where nothing else is.

    Args:
        passages: Best first.
        versions: Keep what several versions of a document say in the same words with other numbers.
    """
    found = [(unit, passage) for number, passage in enumerate(passages) for unit in _units(number, passage)]
    telling = [(unit, passage) for unit, passage in found if tells(unit, passage)] or found
    return [unit for unit, _ in telling] if versions else list(first_versions(telling))


def row_text(text: str, start: int, end: int) -> str:
    """The table row at a place as ``column: value`` pairs; empty where there is no row."""
    row = text[start:end]
    return named(_header_above(text, start), cells_of(row)) if row.startswith("|") else ""


def named(columns: Sequence[str], cells: Sequence[str]) -> str:
    """The cells of a row, each behind the name of its column; empty ones are left out."""
    colon, gap = ("：", "；") if _CJK.search("".join([*columns, *cells])) else (": ", "; ")
    names = [*columns, *[""] * len(cells)]
    pairs = zip(names, cells, strict=False)
    return gap.join(f"{name}{colon}{value}" if name else value for name, value in pairs if value)


def cells_of(row: str) -> tuple[str, ...]:
    """The cells of a Markdown table row."""
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(" ".join(cell.replace("\\|", "|").replace("<br>", " ").split()) for cell in _CELL.split(inner))


def begins_inside(text: str, start: int) -> bool:
    """Whether what begins here is the later part of a sentence of the same line."""
    before = text[text.rfind("\n", 0, start) + 1 : start].strip()
    return bool(before) and not MARKER.fullmatch(before + " ") and not _WHOLE.search(before)


def ends_inside(text: str, end: int) -> bool:
    """Whether the sentence that is quoted up to here goes on in the same line."""
    stop = text.find("\n", end)
    rest = text[end : stop if stop >= 0 else len(text)].strip()
    return bool(rest.lstrip("；;")) and not _WHOLE.search(text[:end])


def _units(number: int, passage: Passage) -> Iterator[Unit]:
    above = "\n".join([passage.title, *passage.headings])
    header: tuple[str, ...] | None = None
    led, asked, text = Led(), _Asked(), passage.text
    headings = {squash(heading): "\n".join(passage.headings) for heading in passage.headings}
    for line in _LINE.finditer(text):
        if line.group().lstrip().startswith("|"):
            if header is None and _is_header(text, line.end()):
                header = cells_of(line.group())
            elif not _RULE.fullmatch(line.group()):
                header = header or ()
                yield from _row(number, line, header, f"{above}\n{led.announced}")
            continue
        header = None
        led.reach(line.group().strip(), headings.get(squash(_bare(line.group())), ""))
        for start, end in _sentences(text, line.start(), line.end()):
            context = f"{above}\n{led.above}\n{label_of(line.group())}\n{asked.before(text[start:end])}"
            yield Unit(number, start, end, text[start:end], context, lead=led.lead, paragraph=line.start())


def _bare(line: str) -> str:
    """A line without a marker before it."""
    return MARKER.sub("", line.strip(), count=1)


class _Asked:
    """The question of a list of questions and answers that sentences stand behind."""

    def __init__(self) -> None:
        self._question, self._left = "", 0

    def before(self, sentence: str) -> str:
        """The question that a sentence answers; empty where it is one, or none stands near before it."""
        if ASKS.search(sentence):
            self._question, self._left = sentence, _ANSWERED
            return ""
        self._left -= 1
        return self._question if self._left >= 0 else ""


def _row(number: int, line: re.Match[str], header: tuple[str, ...], context: str) -> Iterator[Unit]:
    bare = line.group().strip()
    start = line.start() + line.group().index(bare)
    cells = cells_of(bare)
    if _WORD.search("".join(cells)):
        yield Unit(number, start, start + len(bare), named(header, cells), context, header, cells)


def _sentences(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The places of the sentences of a line, without list markers, white space and a semicolon at the end."""
    for piece in _joined(split_sentences(text[start:stop])):
        bare = piece.strip()
        marker = MARKER.match(bare)
        head = marker.end() if marker else 0
        tail = len(_CLAUSE_END.sub("", bare))
        if _WORD.search(bare[head:tail]):
            begin = start + piece.index(bare)
            yield begin + head, begin + tail
        start += len(piece)


def _joined(sentences: Sequence[str]) -> list[str]:
    """Clauses that a semicolon parts are one sentence again where that is short, a list's number goes with its item."""
    joined: list[str] = []
    for sentence in sentences:
        short = bool(joined) and len(joined[-1]) + len(sentence) <= MAX_SENTENCE
        if joined and (MARKER.fullmatch(joined[-1]) or (short and _CLAUSE_END.search(joined[-1]))):
            joined[-1] += sentence
        else:
            joined.append(sentence)
    return joined


def _is_header(text: str, end: int) -> bool:
    following = _LINE.match(text, end)
    return following is not None and _RULE.fullmatch(following.group()) is not None


def _header_above(text: str, start: int) -> tuple[str, ...]:
    """The header of the table whose row begins at a place."""
    header: tuple[str, ...] | None = None
    for line in _LINE.finditer(text, 0, start):
        if not line.group().lstrip().startswith("|"):
            header = None
        elif header is None:
            header = cells_of(line.group()) if _is_header(text, line.end()) else ()
    return header or ()
