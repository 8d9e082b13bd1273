"""Make the office files of ``data/samples`` from the texts in ``tools/sample_texts``, always the same.

Run: ``python tools/make_samples.py [FOLDER]``
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

import docx
import openpyxl  # type: ignore[import-untyped]  # ships no types
import pptx
from pptx.util import Cm
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # same
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]  # same
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # same
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # same
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table  # type: ignore[import-untyped]  # same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from docx.document import Document
    from docx.opc.coreprops import CoreProperties
    from pptx.slide import Slide

TEXTS = Path(__file__).parent / "sample_texts"
SAMPLES = Path(__file__).parent.parent / "data" / "samples"
AUTHOR = "禾岫科技有限公司"
MADE = datetime(2025, 10, 20, 9, 0, tzinfo=UTC)
FONT = "STSong-Light"
CORE_DATE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

Kind = Literal["heading", "text", "bullet", "number", "note", "table"]
PREFIXES: tuple[tuple[str, Kind], ...] = (("- ", "bullet"), ("> ", "note"))


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a sample text: a heading, a paragraph, a list item, a speaker note or a table."""

    kind: Kind
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def read_blocks(text: str) -> list[Block]:
    """Read the markup of the sample texts: Markdown with one block a line, tables without a rule."""
    blocks: list[Block] = []
    for line in text.splitlines():
        if line.startswith("|"):
            row = tuple(cell.strip() for cell in line.strip("|").split("|"))
            above = blocks.pop().rows if blocks[-1].kind == "table" else ()
            blocks.append(Block("table", rows=(*above, row)))
        elif line:
            blocks.append(_read_line(line))
    return blocks


def _read_line(line: str) -> Block:
    if line.startswith("#"):
        marks, text = line.split(" ", 1)
        return Block("heading", text, level=len(marks))
    if numbered := re.match(r"\d+\. ", line):
        return Block("number", line[numbered.end() :])
    for prefix, kind in PREFIXES:
        if line.startswith(prefix):
            return Block(kind, line.removeprefix(prefix))
    return Block("text", line)


def make_docx(blocks: Sequence[Block]) -> bytes:
    """A Word document with built-in heading, list and table styles."""
    document = docx.Document()
    _stamp(document.core_properties, blocks[0].text)
    for block in blocks:
        _add_to_docx(document, block)
    return _saved(document.save)


def _add_to_docx(document: Document, block: Block) -> None:
    styles = {"bullet": "List Bullet", "number": "List Number"}
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level - 1)
    elif block.kind == "table":
        table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    else:
        document.add_paragraph(block.text, style=styles.get(block.kind))


def make_pptx(blocks: Sequence[Block]) -> bytes:
    """Slides: one for each heading, with bullets, tables and speaker notes."""
    presentation = pptx.Presentation()
    _stamp(presentation.core_properties, blocks[0].text)
    for heading, body in _sections(blocks):
        layout = 0 if heading.level == 1 else 5 if body[0].kind == "table" else 1
        slide = presentation.slides.add_slide(presentation.slide_layouts[layout])
        _fill_slide(slide, heading, body)
    return _saved(presentation.save)


def _fill_slide(slide: Slide, heading: Block, body: Sequence[Block]) -> None:
    title = slide.shapes.title
    if title is None:
        raise ValueError(f"the layout of slide {heading.text!r} has no title")
    title.text = heading.text
    notes = slide.notes_slide.notes_text_frame
    if notes is not None:
        notes.text = "\n".join(block.text for block in body if block.kind == "note")
    lines = [block.text for block in body if block.kind in ("text", "bullet")]
    if lines:
        slide.placeholders[1].text = "\n".join(lines)
    for block in body:
        if block.kind == "table":
            _add_slide_table(slide, block.rows)


def _add_slide_table(slide: Slide, rows: Sequence[Sequence[str]]) -> None:
    frame = slide.shapes.add_table(len(rows), len(rows[0]), Cm(2), Cm(5), Cm(21), Cm(8))
    for row_number, row in enumerate(rows):
        for column, text in enumerate(row):
            frame.table.cell(row_number, column).text = text


def make_xlsx(blocks: Sequence[Block]) -> bytes:
    """A workbook with one sheet for each second-level heading; numbers are stored as numbers."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    workbook.properties.creator = AUTHOR
    workbook.properties.title = blocks[0].text
    for heading, body in _sections(blocks[1:]):
        sheet = workbook.create_sheet(heading.text)
        for row in body[0].rows:
            sheet.append([int(cell) if cell.isdecimal() else cell for cell in row])
    return _saved(workbook.save)


def make_pdf(blocks: Sequence[Block]) -> bytes:
    """A PDF with text, set in a Chinese font that every reader brings along."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    target = io.BytesIO()
    template = SimpleDocTemplate(
        target, pagesize=A4, invariant=1, pageCompression=0, title=blocks[0].text, author=AUTHOR
    )
    story = [flowable for block in blocks for flowable in _flowables(block)]
    template.build(story, onFirstPage=_page_number, onLaterPages=_page_number)
    return target.getvalue()


def _flowables(block: Block) -> Iterator[object]:
    body = ParagraphStyle("body", fontName=FONT, fontSize=12, leading=22, wordWrap="CJK", spaceAfter=8)
    if block.kind == "table":
        cell = ParagraphStyle("cell", parent=body, fontSize=10, leading=14, spaceAfter=0)
        rows = [[Paragraph(escape(text), cell) for text in row] for row in block.rows]
        yield Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")])
        yield Spacer(1, 12)
    elif block.kind == "heading":
        size = {1: 22, 2: 16}.get(block.level, 13)
        yield Paragraph(
            escape(block.text),
            ParagraphStyle("heading", parent=body, fontSize=size, leading=size * 1.8, keepWithNext=1),
        )
    else:
        yield Paragraph(escape(block.text), body)


def _page_number(canvas: object, template: object) -> None:
    canvas.setFont(FONT, 9)  # type: ignore[attr-defined] # reportlab ships no types
    canvas.drawCentredString(A4[0] / 2, 30, f"第 {template.page} 页")  # type: ignore[attr-defined] # same


def _sections(blocks: Sequence[Block]) -> list[tuple[Block, list[Block]]]:
    sections: list[tuple[Block, list[Block]]] = []
    for block in blocks:
        if block.kind == "heading":
            sections.append((block, []))
        else:
            sections[-1][1].append(block)
    return sections


def _stamp(properties: CoreProperties, title: str) -> None:
    properties.author = properties.last_modified_by = AUTHOR
    properties.title = title
    properties.comments = ""
    properties.created = properties.modified = MADE


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    """The saved file with the time of saving taken out."""
    written, target = io.BytesIO(), io.BytesIO()
    save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = CORE_DATE.sub(rb"\g<1>" + MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), data)
            copy.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


WRITERS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "制度/员工手册.docx": make_docx,
    "制度/采购管理办法.docx": make_docx,
    "制度/信息安全管理规定.pdf": make_pdf,
    "制度/新员工入职引导.pptx": make_pptx,
    "产品/HX-200产品手册.docx": make_docx,
    "会议/培训计划与部门预算.xlsx": make_xlsx,
}


def make_samples(folder: Path) -> list[Path]:
    """Write every office file below ``folder``."""
    paths = [folder / name for name in WRITERS]
    for path, write in zip(paths, WRITERS.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write(read_blocks((TEXTS / f"{path.stem}.md").read_text("utf-8"))))
    return paths


if __name__ == "__main__":
    make_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
