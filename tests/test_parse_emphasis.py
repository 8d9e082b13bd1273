"""Headings that only their look tells: bold or larger lines above a text, in every format that tells the look."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ingest.chunk import chunk_document
from ingest.document import Element, Look
from ingest.emphasis import mark_all_headings
from ingest.parsers.markup import read_html, read_markdown
from ingest.parsers.opendocument import read_odt
from ingest.parsers.rtf import read_rtf
from ingest.parsers.word import read_docx
from tests.make_office import docx, odf, p, part

if TYPE_CHECKING:
    from ingest.document import ParsedDocument

BODY = "锅炉房每班巡查两次，水位和压力记入交接本，发现异常先停炉再报告值班长。"
BOLD = Look(12, bold=True)
TEXT = Look(12)


def outline(parsed: ParsedDocument) -> list[tuple[str, int]]:
    return [(element.text, element.level) for element in parsed.elements if element.kind == "heading"]


def levels(*elements: Element) -> list[tuple[str, int]]:
    return [(e.text, e.level) for e in mark_all_headings(elements) if e.kind == "heading"]


def text(content: str, look: Look = TEXT) -> Element:
    return Element("text", content, look=look)


def run(content: str, size: int = 0, *, bold: bool = False) -> str:
    marks = ("<w:b/>" if bold else "") + (f'<w:sz w:val="{size}"/>' if size else "")
    return f"<w:r><w:rPr>{marks}</w:rPr><w:t>{content}</w:t></w:r>"


def test_bold_lines_of_word_are_headings_by_their_size() -> None:
    body = "".join(
        f"<w:p>{one}</w:p>"
        for one in (
            run("锅炉房管理办法", 36, bold=True),
            run("交接", 28, bold=True),
            run(BODY),
            run("巡查路线", 28, bold=True),
            run(BODY) + run("重点是阀门。", bold=True),
        )
    )
    parsed = read_docx(docx(body))
    assert outline(parsed) == [("锅炉房管理办法", 1), ("交接", 2), ("巡查路线", 2)]
    assert [chunk.headings for chunk in chunk_document(parsed).chunks] == [
        ("锅炉房管理办法", "交接"),
        ("锅炉房管理办法", "巡查路线"),
    ]


def test_a_style_or_its_parent_may_be_bold_and_a_run_may_not() -> None:
    styles = part(
        "w:styles",
        '<w:style w:type="paragraph" w:styleId="b"><w:name w:val="小标题"/><w:rPr><w:b/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="c"><w:name w:val="小标题 红"/><w:basedOn w:val="b"/></w:style>',
    )
    off = '<w:r><w:rPr><w:b w:val="0"/></w:rPr><w:t>不是标题的一行</w:t></w:r>'
    body = p("门卫", '<w:pStyle w:val="c"/>') + p(BODY)
    body += f'<w:p><w:pPr><w:pStyle w:val="b"/></w:pPr>{off}</w:p>' + p(BODY)
    assert outline(read_docx(docx(body, {"styles.xml": styles}))) == [("门卫", 1)]


def test_bold_lines_of_rtf() -> None:
    lines = r"{\b\fs32 Boiler rules\par}\pard\plain\fs24 " + "The water level is written down twice a shift. " * 3
    lines += r"\par{\dbch\ab Patrols\par}\pard\plain\fs24 Look at the valves first, then at the pumps.\par"
    assert outline(read_rtf(rb"{\rtf1\ansi " + lines.encode() + b"}")) == [("Boiler rules", 1), ("Patrols", 2)]


def test_bold_lines_of_opendocument() -> None:
    styles = (
        '<style:style style:name="P1" style:family="paragraph">'
        '<style:text-properties style:font-weight-asian="bold" style:font-size-asian="16pt"/></style:style>'
        '<style:style style:name="T1" style:family="text"><style:text-properties style:font-weight-asian="bold"/>'
        "</style:style>"
    )
    body = (
        f'<text:p text:style-name="P1">锅炉房</text:p><text:p>{BODY}</text:p>'
        f'<text:p><text:span text:style-name="T1">巡查</text:span></text:p><text:p>{BODY}</text:p>'
    )
    parsed = read_odt(odf("text", body, lists=styles))
    assert outline(parsed) == [("锅炉房", 1), ("巡查", 2)]


def test_bold_paragraphs_of_pages_and_of_markdown() -> None:
    page = f"<h1>锅炉房</h1><p><strong>交接</strong></p><p>{BODY}</p><p><b>巡查</b></p><p>{BODY}<b>重点</b></p>"
    assert [name for name, _ in outline(read_html(page.encode()))] == ["锅炉房", "交接", "巡查"]
    parsed = read_markdown(f"# 锅炉房\n\n**交接**\n\n{BODY}\n\n- **甲** 乙\n\n**完**\n".encode())
    assert [name for name, _ in outline(parsed)] == ["锅炉房", "交接"]


def test_a_larger_line_is_a_heading_without_being_bold() -> None:
    assert levels(text("安全守则", Look(22)), text(BODY), text(BODY)) == [("安全守则", 1)]


def test_numbered_lines_below_a_larger_line_and_above_a_smaller_one() -> None:
    found = levels(
        text("安全守则", Look(22, bold=True)),
        text("第一章 总则", Look(16, bold=True)),
        text("适用范围", BOLD),
        text(BODY),
        text("第二章 巡查", Look(16, bold=True)),
        text(BODY),
    )
    level = dict(found)
    assert level["安全守则"] < level["第一章 总则"] == level["第二章 巡查"] < level["适用范围"]


def test_headings_of_the_format_stand_above() -> None:
    found = levels(Element("heading", "总则", level=1), text("范围", BOLD), text(BODY), text(BODY))
    assert found == [("总则", 1), ("范围", 2)]


def test_what_is_bold_but_no_heading() -> None:
    sentence = text("严禁烟火，违者罚款。", BOLD)
    assert levels(text(BODY), sentence, text(BODY)) == []
    # The last line signs; a document that is bold throughout has no headings; many short lines are a list.
    assert levels(text(BODY), text("青禾中学总务处", BOLD)) == []
    assert levels(text("甲乙丙丁", BOLD), text(BODY, BOLD), text("戊己庚辛", BOLD), text(BODY, BOLD)) == []
    names = [text(name, BOLD) for name in ("水泵", "风机", "阀门", "仪表", "管道")]
    assert levels(text(BODY), *names, text(BODY)) == []


def test_python_docx_writes_such_documents() -> None:
    from docx import Document

    document = Document()
    document.add_paragraph().add_run("门卫值班").bold = True
    document.add_paragraph(BODY)
    buffer = io.BytesIO()
    document.save(buffer)
    assert outline(read_docx(buffer.getvalue())) == [("门卫值班", 1)]


def test_the_number_of_an_official_document_stays_with_what_it_is_about() -> None:
    lines = [
        run("江州纺机厂文件", 52, bold=True),
        run("江纺发〔2025〕7号"),
        run("关于锅炉房停炉检修的通知", 36, bold=True),
        run(BODY),
    ]
    parsed = read_docx(docx("".join(f"<w:p>{line}</w:p>" for line in lines)))
    (chunk,) = chunk_document(parsed).chunks
    assert chunk.headings == ("江州纺机厂文件", "关于锅炉房停炉检修的通知")
    assert chunk.text.startswith("江州纺机厂文件\n\n江纺发〔2025〕7号\n\n关于锅炉房停炉检修的通知\n\n")
    assert parsed.title == "关于锅炉房停炉检修的通知"


def test_a_bold_line_above_a_table_alone() -> None:
    table = Element("table", "| 线路 | 早班 |\n| --- | --- |\n| 城东 | 7:05 |")
    assert levels(text("班车时刻", BOLD), table) == [("班车时刻", 1)]
