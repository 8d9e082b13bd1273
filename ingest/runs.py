"""What of a section belongs together: texts that follow each other, a table and the lines that lead to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.assembly import Block

LONGEST_LEAD = 200
"""Characters of a text that may lead to what follows it."""

_LEAD_IN = re.compile(r"[：:]\s*\Z")
_CAPTION = re.compile(r"[：:]\s*\Z|\A\s*(?:表|附表|Table)\s*[\d一二三四五六七八九十]")
_QUESTION = re.compile(r"\A\s*(?:问|Q|[Qq]uestion)\s*\d{0,3}\s*[：:.、]|[？?]\s*\Z")
_ANSWER = re.compile(r"\s*(?:答|A|[Aa]nswer)\s*\d{0,3}\s*[：:.、]")
_REMARK = re.compile(r"\s*[（(]?(?:注|备注|備註|说明|說明|Notes?|Remarks?)\s*\d{0,2}\s*[：:](?=\s*\S)")
_SENTENCE_END = re.compile(r"[。！？；.!?;…]\s*\Z")
_LONGEST_TITLE = 60
_MOST_CAPTIONS = 3
"""Short lines directly above a table that tell what it holds: its title, its unit, its date."""


def runs_of(text: str, body: Iterable[Block]) -> list[tuple[list[Block], list[Block]]]:
    """Texts that follow each other, together; every table and piece of code with the lines that lead to it.

    Returns:
        For each run the lines that lead to it, and its blocks: of a table also the remark below it.
    """
    runs: list[tuple[list[Block], list[Block]]] = []
    for block in body:
        last = runs[-1][1] if runs else []
        if block.kind == "text" and last and (last[0].kind == "text" or _is_remark(text, last, block)):
            last.append(block)
            continue
        caption: list[Block] = []
        if block.kind != "text" and last and last[0].kind == "text":
            while last and len(caption) < _MOST_CAPTIONS and _is_caption(text[last[-1].start : last[-1].end], block):
                caption.insert(0, last.pop())
            if not last:
                runs.pop()
        runs.append((caption, [block]))
    return runs


def _is_remark(text: str, last: list[Block], block: Block) -> bool:
    """Whether a text explains the table directly above it."""
    line = text[block.start : block.end]
    return len(last) == 1 and last[0].kind == "table" and len(line) <= LONGEST_LEAD and _REMARK.match(line) is not None


def _is_caption(line: str, block: Block) -> bool:
    """Whether a line is short and says what the table or the code below it is."""
    if block.kind == "table" and len(line) <= _LONGEST_TITLE and not _SENTENCE_END.search(line):
        return True
    return len(line) <= LONGEST_LEAD and _CAPTION.search(line) is not None


def goes_on(before: str, line: str) -> bool:
    """Whether a line belongs to the one before: a list's first item to its lead-in, an answer to its question."""
    if len(before) > LONGEST_LEAD:
        return False
    return bool(_LEAD_IN.search(before) or (_QUESTION.search(before) and _ANSWER.match(line)))
