"""Word and PowerPoint through unstructured, Excel cell by cell."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ingest.document import Element, ParsedDocument
from ingest.headings import MAX_HEADING, mark_headings, opening_title
from ingest.parsers.archive import check_archive
from ingest.parsers.library import partition
from ingest.tables import html_rows, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING_STYLE = re.compile(r"(?:heading|标题|標題) ?([1-9])$", re.IGNORECASE)
_TITLE_STYLES = frozenset({"Title", "标题", "標題"})
_SENTENCE_END = tuple("。！？；：…”』」）!?;:.)")
# Words that authoring programs write into the title field by themselves.
_EMPTY_TITLES = re.compile(
    r"(?:powerpoint )?(?:presentation|演示文稿)|(?:microsoft )?word.*|untitled.*|.*\.\w{3,4}", re.I
)


def read_docx(data: bytes) -> ParsedDocument:
    """Read a Word document: headings by style and outline level, then by numbering."""
    check_archive(data)
    levels, title = _docx_outline(data)
    raw = [e for e in partition("docx", file=io.BytesIO(data)) if e.category not in ("Header", "Footer", "PageBreak")]
    elements = mark_headings(list(_rejoin(_with_level(element, levels) for element in map(_element, raw) if element)))
    return ParsedDocument(tuple(elements), title=title or opening_title(elements))


def read_pptx(data: bytes) -> ParsedDocument:
    """Read slides: the title as heading, then the text, then the speaker's notes."""
    check_archive(data)
    from pptx import Presentation

    presentation = Presentation(io.BytesIO(data))
    raw = partition("pptx", file=io.BytesIO(data), include_page_breaks=False)
    slides = {page: list(slide) for page, slide in groupby(raw, key=lambda e: e.metadata.page_number)}
    elements: list[Element] = []
    for page, slide in enumerate(presentation.slides, start=1):
        elements += _slide(slides.get(page, []))
        if notes := _notes(slide):
            elements.append(Element("text", notes, page=page))
    title = _sensible(presentation.core_properties.title)
    return ParsedDocument(tuple(elements), title or opening_title(elements), pages=len(presentation.slides))


def _element(raw: Any) -> Element | None:
    page = raw.metadata.page_number
    if raw.category == "Table":
        table = markdown_table(html_rows(raw.metadata.text_as_html or "")) or raw.text.strip()
        return Element("table", table, page=page) if table else None
    text = raw.text.strip()
    return Element("text", text, page=page) if text else None


def _sensible(title: str | None) -> str:
    flat = " ".join((title or "").split())
    return "" if _EMPTY_TITLES.fullmatch(flat) else flat


# Word


def _docx_outline(data: bytes) -> tuple[dict[str, int], str]:
    """The level of each heading paragraph by its text, and the title; unstructured guesses both by English rules."""
    from docx import Document

    document = Document(io.BytesIO(data))
    ranks = {p.text.strip(): rank for p in document.paragraphs if (rank := _outline_rank(p)) is not None}
    titled = 0 in ranks.values()
    levels = {text: rank + titled for text, rank in ranks.items() if text}
    return levels, _sensible(document.core_properties.title)


def _outline_rank(paragraph: Any) -> int | None:
    """0 for a document title, 1 to 9 for a heading, None for other paragraphs."""
    own = paragraph._p.xpath("./w:pPr/w:outlineLvl/@w:val")
    if own:
        return int(own[0]) + 1 if own[0] in "012345678" else None
    style = paragraph.style
    while style is not None:
        if style.name in _TITLE_STYLES:
            return 0
        if match := _HEADING_STYLE.match(style.name or ""):
            return int(match.group(1))
        level = style.element.xpath("./w:pPr/w:outlineLvl/@w:val")
        if level and level[0] in "012345678":
            return int(level[0]) + 1
        style = style.base_style
    return None


def _with_level(element: Element, levels: dict[str, int]) -> Element:
    """The element as a heading if its text, with or without the number that Word counts, is one."""
    level = levels.get(element.text) or levels.get(element.text.partition(" ")[2])
    return replace(element, kind="heading", level=level) if level and element.kind == "text" else element


def _rejoin(elements: Iterator[Element]) -> Iterator[Element]:
    """Put together a paragraph that unstructured cut where Word broke the page."""
    last: Element | None = None
    for element in elements:
        if last and _goes_on(last, element):
            last = replace(last, text=last.text + element.text)
            continue
        if last:
            yield last
        last = element
    if last:
        yield last


def _goes_on(last: Element, element: Element) -> bool:
    both_text = last.kind == element.kind == "text"
    next_page = last.page is not None and element.page == last.page + 1
    return both_text and next_page and len(last.text) > MAX_HEADING and not last.text.endswith(_SENTENCE_END)


# PowerPoint


def _slide(raw: list[Any]) -> Iterator[Element]:
    """A slide's elements, its title first; unstructured orders the shapes by their height on the slide."""
    title = next((e for e in raw if e.category == "Title" and e.metadata.category_depth == 0), None)
    if title is None and raw and raw[0].category in ("Title", "NarrativeText", "UncategorizedText"):
        title = raw[0] if len(raw[0].text.strip()) <= MAX_HEADING else None
    if title is not None:
        yield Element("heading", title.text.strip(), level=1, page=title.metadata.page_number)
    for element in map(_element, (e for e in raw if e is not title)):
        if element:
            yield element


def _notes(slide: Any) -> str:
    """The speaker's notes; unstructured would put them before the slide's title."""
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return frame.text.strip() if frame is not None else ""
