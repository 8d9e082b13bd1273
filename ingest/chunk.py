"""A document's text, and the chunks that cover it: sentences joined to about 350 characters, tables by rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.assembly import MAX_BLOCK, assemble
from ingest.document import ChunkedDocument
from ingest.packing import pack, priority
from ingest.runs import LONGEST_LEAD, goes_on, runs_of
from kb_app.text import split_sentences
from kb_app.types import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.assembly import Assembly, Block
    from ingest.document import ParsedDocument

MAX_TEXT = 400
_TINY = 10
# A sentence is cut so that a tiny neighbour still fits to it.
_MAX_UNIT = MAX_TEXT - _TINY
_FEW_WORDS = 60
_GLUE, _CLAUSE, _SENTENCE, _LINE, _BLOCK = range(5)
_LINE_PATTERN = re.compile(r"[^\n]*\n+|[^\n]+")
_CLAUSE_PATTERN = re.compile(r"[^，、；,;]*[，、；,;]+[”’」』）】》\"')\]]*\s*|[^，、；,;]+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A chunk to be: its place, not yet without white space, its page, and the caption of a table in many parts."""

    start: int
    end: int
    page: int | None
    caption: str = ""


@dataclass(slots=True)
class _Units:
    """What is never cut, in order: offsets, pages, and the worth of the boundary before each."""

    starts: list[int]
    priorities: list[int]
    pages: list[int | None]

    def add(self, start: int, worth: int, page: int | None) -> None:
        """Append a unit; it ends where the next one begins."""
        self.starts.append(start)
        self.priorities.append(worth)
        self.pages.append(page)


def chunk_document(parsed: ParsedDocument) -> ChunkedDocument:
    """Put the document's text together and cut it into chunks.

    A chunk never holds two sections; it begins with the headings that stand directly above it. Where it is cut
    depends on the words near by alone, so that an edit changes few chunks.
    """
    whole = assemble(parsed.elements)
    text = whole.text
    chunks: list[Chunk] = []
    path: list[tuple[int, str]] = []
    for section in _with_end(text, list(_sections(whole.blocks))):
        for block in section:
            if block.kind == "heading" and block.level:
                path = [above for above in path if above[0] < block.level]
                path.append((block.level, " ".join(text[block.start : block.end].split())))
        headings = tuple(heading for _, heading in path)
        for piece in _pieces(text, section):
            chunks.append(_chunk(whole, piece, (*headings, piece.caption) if piece.caption else headings))
    return ChunkedDocument(text, tuple(chunks))


def _sections(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Runs of blocks, each with the headings that begin it; a text of level 0 among these is none itself."""
    section: list[Block] = []
    for block in blocks:
        if block.kind == "heading" and section and not _stays_with(block, section[-1]):
            if _only_leads(section, block):
                section = [replace(one, kind="heading", level=one.level) for one in section]
            else:
                yield section
                section = []
        section.append(block)
    if section:
        yield section


def _with_end(text: str, sections: list[list[Block]]) -> list[list[Block]]:
    """A last page that is a heading of a few characters, as a slide of thanks, ends the section before."""
    if len(sections) > 1:
        *_, before, last = sections
        alone = all(block.kind == "heading" for block in last) and last[0].page != before[-1].page
        if alone and _is_tiny(text, last[0].start, last[-1].end):
            return [*sections[:-2], [*before, *(replace(block, kind="text") for block in last)]]
    return sections


def _only_leads(section: Sequence[Block], heading: Block) -> bool:
    """Whether a section is a heading and a few words, as a number or a date, above the first heading below it."""
    above = [block for block in section if block.kind == "heading"]
    words = section[len(above) :]
    return bool(
        above
        and heading.level > above[-1].level > 0
        and heading.page == section[-1].page
        and all(block.kind == "text" for block in words)
        and sum(block.end - block.start for block in words) <= _FEW_WORDS
    )


def _stays_with(heading: Block, last: Block) -> bool:
    """Whether a heading goes on with the headings before it; a slide's title does not with that of another."""
    return last.kind == "heading" and (heading.page == last.page or heading.level > last.level)


def _chunk(whole: Assembly, piece: _Piece, headings: tuple[str, ...]) -> Chunk:
    raw = whole.text[piece.start : piece.end]
    start = piece.start + len(raw) - len(raw.lstrip())
    stripped = raw.strip()
    end = start + len(stripped)
    return Chunk(stripped, start, end, headings, piece.page, whole.lines_within(start, end))


def _pieces(text: str, section: Sequence[Block]) -> list[_Piece]:
    """The pieces of a section in order, none of them tiny if it holds more."""
    lead = [block for block in section if block.kind == "heading"]
    body = section[len(lead) :]
    if not body:
        return _text_pieces(text, lead, [])
    pieces: list[_Piece] = []
    title = ""
    runs = runs_of(text, body)
    for i, (caption, run) in enumerate(runs):
        heads = lead if i == 0 else []
        if run[0].kind == "text":
            pieces += _text_pieces(text, heads, run)
            continue
        if not run[0].continued:
            # Its first line stands above each part of a table that is cut.
            cut = i + 1 < len(runs) and runs[i + 1][1][0].continued
            title = " ".join(text[caption[0].start : caption[0].end].split()) if cut and caption else ""
        made = _with_lead(text, [*heads, *caption], _block_pieces(text, run[0]))
        made[-1] = replace(made[-1], end=run[-1].end)
        pieces += (replace(piece, caption=title) for piece in made)
    return _absorb_tiny(text, pieces)


def _text_pieces(text: str, lead: Sequence[Block], run: Sequence[Block]) -> list[_Piece]:
    units = _Units([], [], [])
    for block in lead:
        _add_units(units, text, block, _MAX_UNIT, _GLUE)
    lead_length = run[0].start - lead[0].start if lead and run else 0
    glued = 0 < lead_length <= LONGEST_LEAD
    for i, block in enumerate(run):
        first = i == 0 and glued
        joined = i > 0 and goes_on(text[run[i - 1].start : run[i - 1].end], text[block.start : block.end])
        strength = _GLUE if first or joined else _BLOCK
        # The first sentence below a heading leaves room for it.
        _add_units(units, text, block, _MAX_UNIT - lead_length * first, strength)
    return _packed(units, [*lead, *run][-1].end, MAX_TEXT)


def _block_pieces(text: str, block: Block) -> list[_Piece]:
    """A table or a piece of code, whole; a long piece of code by its lines."""
    if block.kind == "table" or block.end - block.start <= MAX_BLOCK:
        return [_Piece(block.start, block.end, block.page)]
    units = _Units([], [], [])
    for line in _LINE_PATTERN.finditer(text, block.start, block.end):
        for start in range(line.start(), line.end(), MAX_BLOCK):
            units.add(start, priority(_LINE, text[start : start + MAX_BLOCK]), block.page)
    return _packed(units, block.end, MAX_BLOCK)


def _packed(units: _Units, end: int, limit: int) -> list[_Piece]:
    cuts = pack([*units.starts, end], units.priorities, limit)
    starts = [units.starts[i] for i in cuts]
    return [_Piece(a, b, units.pages[i]) for (a, b), i in zip(pairwise([*starts, end]), cuts, strict=True)]


def _with_lead(text: str, lead: Sequence[Block], pieces: list[_Piece]) -> list[_Piece]:
    """Put the headings before the first piece, as its beginning unless they are many."""
    if not lead:
        return pieces
    first = pieces[0]
    if first.start - lead[0].start > LONGEST_LEAD:
        return [*_text_pieces(text, lead, []), *pieces]
    return [_Piece(lead[0].start, first.end, lead[0].page), *pieces[1:]]


def _add_units(units: _Units, text: str, block: Block, room: int, strength: int) -> None:
    """Add the sentences of a block; a tiny one goes with the one before it, the first with the one behind it."""
    for start, end, worth in _sentences(text, block, room, strength):
        if _is_tiny(text, start, end) and units.starts and worth != _GLUE:
            continue
        after_tiny = len(units.starts) == 1 and _is_tiny(text, units.starts[0], start)
        units.add(start, priority(_GLUE if after_tiny else worth, text[start : min(end, start + 100)]), block.page)


def _sentences(text: str, block: Block, room: int, strength: int) -> Iterator[tuple[int, int, int]]:
    """Start, end and strength of each sentence, or of its clauses if it is longer than ``room``."""
    before = ""
    for line in _LINE_PATTERN.finditer(text, block.start, block.end):
        position = line.start()
        worth = strength if position == block.start else _GLUE if goes_on(before, line.group()) else _LINE
        before = line.group()
        for sentence in split_sentences(line.group()):
            end = position + len(sentence)
            if len(sentence) <= room:
                yield position, end, worth
            else:
                yield from _clauses(text, position, end, room, worth)
            position, worth = end, _SENTENCE


def _clauses(text: str, start: int, end: int, room: int, worth: int) -> Iterator[tuple[int, int, int]]:
    """Cut a long sentence behind its commas; where there is none for long, behind a word or anywhere."""
    for clause in _CLAUSE_PATTERN.finditer(text, start, end):
        position = clause.start()
        while clause.end() - position > room:
            cut = text.rfind(" ", position + room // 2, position + room) + 1 or position + room
            yield position, cut, worth
            position, worth = cut, _CLAUSE
        if position < clause.end():
            yield position, clause.end(), worth
            worth = _CLAUSE


def _is_tiny(text: str, start: int, end: int) -> bool:
    return end - start < 4 * _TINY and len("".join(text[start:end].split())) < _TINY


def _absorb_tiny(text: str, pieces: list[_Piece]) -> list[_Piece]:
    """Join a piece of a few characters to the one before it, the first to the one behind it."""
    kept: list[_Piece] = []
    for piece in pieces:
        if kept and (_is_tiny(text, piece.start, piece.end) or _is_tiny(text, kept[-1].start, kept[-1].end)):
            kept[-1] = replace(kept[-1], end=piece.end, caption=kept[-1].caption or piece.caption)
        else:
            kept.append(piece)
    return kept
