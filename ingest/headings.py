"""Headings that only their numbering tells: 第三章, 第十二条 …, 一、, （一）, 1.1 at the start of a short line."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.document import Element

MAX_HEADING = 40
ITEM = (
    r"[●•·■◆▪○►☑]|[(（]?\d{1,3}[)）、]|[①-⑳]|第[一二三四五六七八九十百0-9]+[编章节条]"
    r"|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]"
)
"""How a line begins that is no continuation of the one above: an item of a list, an article. Of a pattern."""

_NUMERAL = "[一二三四五六七八九十百千零〇两0-9０-９]{1,6}"
_SPACE = r"[ \t\u3000]"
# After 第三章 without a space, these begin a reference ("第三章规定的…"), not a title.
_TITLE = rf"(?:{_SPACE}+\S.*|{_SPACE}*$|(?![的规所中至和与及或第之以、，]).{{1,15}}$)"
_PATTERNS = (
    ("part", 1, re.compile(rf"第{_NUMERAL}(?:编|篇|部分){_TITLE}")),
    ("chapter", 2, re.compile(rf"第{_NUMERAL}章{_TITLE}")),
    ("chapter", 2, re.compile(rf"附[录件](?:[一二三四五六七八九十0-9A-Z]+)?(?:{_SPACE}*[：:]?{_SPACE}*\S{{0,20}})?$")),
    ("chapter", 2, re.compile(r"(?:Chapter|Part|Appendix) (?:[0-9]+|[IVX]+|[A-Z])\b")),
    ("section", 3, re.compile(rf"第{_NUMERAL}节{_TITLE}")),
    ("article", 4, re.compile(rf"第{_NUMERAL}条(?:{_SPACE}+\S.*|{_SPACE}*$)")),
    ("ordinal", 5, re.compile(r"[一二三四五六七八九十]{1,3}、\S")),
    ("bracket", 6, re.compile(rf"[（(][一二三四五六七八九十]{{1,3}}[）)]{_SPACE}*\S")),
)
_DECIMAL = re.compile(rf"(\d{{1,2}}(?:\.\d{{1,2}}){{1,4}})[.．、]?{_SPACE}+(?=[^\d\s])")
_NOT_IN_HEADING = re.compile(r"[。！？；，：!?;\n]|[:.,…]$|\.{4}|…{2}")
_CONTENTS = re.compile(r"(?:目录|目錄|议程|議程|提纲|大纲|contents|agenda|outline)", re.IGNORECASE)
_LONGEST_COVER = 100
_MOST_ON_COVER = 3
"""Elements of a first slide that bears a title, below it a name or a day."""

_LETTERHEAD = 6
_SUBJECT = re.compile(r"关于[^。；\n]{2,60}的(?:通知|决定|意见|批复|函|报告|请示|公告|通报|规定|办法)$")
_LISTS = frozenset({"ordinal", "bracket"})


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a line is numbered.

    Attributes:
        kind: Name of the scheme, e.g. ``"chapter"``; two lines of one list have the same.
        rank: Depth of the scheme among the others, 1 the outermost.
    """

    kind: str
    rank: int

    @property
    def is_list_like(self) -> bool:
        """Whether short list items are numbered the same way."""
        return self.kind in _LISTS or self.kind.startswith("decimal")


def numbering(line: str) -> Numbering | None:
    """The numbering of a line that may be a heading; None for a sentence, a clause or a long line."""
    if not is_title_like(line):
        return None
    for kind, rank, pattern in _PATTERNS:
        if pattern.match(line):
            return Numbering(kind, rank)
    if decimal := _DECIMAL.match(line):
        depth = decimal.group(1).count(".")
        return Numbering(f"decimal{depth}", 6 + depth)
    return None


def mark_headings(elements: Sequence[Element]) -> list[Element]:
    """Turn numbered short paragraphs into headings, below the headings that the format itself marks.

    Lines of one numbering that follow each other without a text between are a list or a table of contents
    and stay text; of chapters the last one may still head the text behind it.
    """
    found = [numbering(element.text) if element.kind in ("text", "heading") else None for element in elements]
    marked = [element.kind == "heading" for element in elements]
    base = max((element.level for element in elements if element.kind == "heading"), default=0)
    known = {n.kind: e.level for n, e, structural in zip(found, elements, marked, strict=True) if n and structural}
    result = []
    for i, (element, number) in enumerate(zip(elements, found, strict=True)):
        if number and not marked[i] and not _in_list(found, i):
            level = known.get(number.kind, base + number.rank)
            result.append(replace(element, kind="heading", level=level))
        else:
            result.append(element)
    return result


def below_cover(elements: Sequence[Element]) -> list[Element]:
    """The headings of slides below the title of the first one, where that only bears what all of them are called."""
    cover = [element for element in elements if element.page == 1]
    is_cover = (
        cover
        and cover[0].kind == "heading"
        and not _CONTENTS.fullmatch(cover[0].text)
        and len(cover) <= _MOST_ON_COVER
        and all(element.kind == "text" for element in cover[1:])
        and sum(len(element.text) for element in cover) <= _LONGEST_COVER
    )
    if not is_cover:
        return list(elements)
    return [
        replace(element, level=element.level + 1) if element.kind == "heading" and element.page != 1 else element
        for element in elements
    ]


def is_title_like(line: str) -> bool:
    """Whether a line is short and no sentence."""
    return 0 < len(line) <= MAX_HEADING and not _NOT_IN_HEADING.search(line)


def opening_title(elements: Sequence[Element]) -> str:
    """What a document is called by its beginning: a short first line, or its first heading, or nothing.

    Below the letterhead of an office (…文件) stands what it is about (关于…的通知).
    """
    first = elements[0].text.partition("\n")[0].strip() if elements and elements[0].kind == "text" else ""
    if not is_title_like(first):
        first = next((element.text for element in elements if element.kind == "heading"), "")
    if first.endswith("文件"):
        return next((one.text for one in elements[:_LETTERHEAD] if _SUBJECT.match(one.text)), first)
    return first


def _in_list(found: Sequence[Numbering | None], i: int) -> bool:
    number = found[i]
    if i + 1 < len(found) and found[i + 1] == number:
        return True
    return bool(number and number.is_list_like and i > 0 and found[i - 1] == number)
