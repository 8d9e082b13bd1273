"""Word: what a reader sees on the page, and nothing that was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.word import read_docx
from kb_app.errors import DocumentError
from tests import make_office
from tests.make_office import cell, docx, p, part, table

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import ParsedDocument

STYLES = part(
    "w:styles",
    '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="节标题"/>'
    '<w:pPr><w:outlineLvl w:val="1"/><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="21"><w:name w:val="节标题 加粗"/><w:basedOn w:val="2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="t1"><w:name w:val="toc 1"/></w:style>',
)
NUMBERING = part(
    "w:numbering",
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/>'
    '<w:lvlText w:val="第%1章"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>'
    "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="1">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="japaneseCounting"/><w:lvlText w:val="（%1）"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0D8;"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>',
)
STYLED = {"styles.xml": STYLES, "numbering.xml": NUMBERING}


def style(name: str) -> str:
    return f'<w:pStyle w:val="{name}"/>'


def item(list_id: int, level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'


def texts(parsed: ParsedDocument) -> list[str]:
    return [element.text for element in parsed.elements]


def test_numbers_that_word_counts_are_text() -> None:
    body = (
        p("仓库管理规定", style("a"))
        + p("总则", style("1"))
        + p("目的", style("2"))
        + p("范围", style("21"))
        + p("出入库", style("1"))
        + p("入库验收", style("2"))
        + p("附则", '<w:outlineLvl w:val="0"/>')
    )
    parsed = read_docx(docx(body, STYLED))
    assert [(e.level, e.text) for e in parsed.elements if e.kind == "heading"] == [
        (1, "仓库管理规定"),
        (2, "第一章 总则"),
        (3, "1.1 目的"),
        (3, "1.2 范围"),
        (2, "第二章 出入库"),
        (3, "2.1 入库验收"),
        (2, "附则"),
    ]


def test_lists_keep_their_marks_and_start_where_they_say() -> None:
    body = p("验收数量。", item(2)) + p("核对单据。", item(2)) + p("送货单。", item(2, 1)) + p("另起一列。", item(3))
    assert texts(read_docx(docx(body, STYLED))) == [
        "（一）验收数量。",
        "（二）核对单据。",
        "• 送货单。",
        "（五）另起一列。",
    ]


def test_an_automatic_column_of_numbers_in_a_table() -> None:
    rows = [cell("序号") + cell("物料"), *(cell(p("", item(2)) + p("")) + cell(name) for name in ("螺栓", "垫片"))]
    rows[1] = cell(p("甲", item(2))) + cell("螺栓")
    rows[2] = cell(p("乙", item(2))) + cell("垫片")
    (element,) = read_docx(docx(table(*rows), STYLED)).elements
    assert element.text.split("\n")[2:] == ["| （一）甲 | 螺栓 |", "| （二）乙 | 垫片 |"]


def test_merged_cells_and_a_table_within_a_cell() -> None:
    inner = table(cell("上限") + cell("三百元"))
    rows = [
        cell("项目", '<w:vMerge w:val="restart"/>') + cell("标准", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("城市") + cell("乡镇"),
        cell("住宿") + cell(p("见下") + inner + p("")) + cell("二百元"),
    ]
    (element,) = read_docx(docx(table(*rows))).elements
    assert element.text.split("\n") == [
        "| 项目 | 标准 城市 | 标准 乡镇 |",
        "| --- | --- | --- |",
        "| 住宿 | 见下<br>上限 三百元 | 二百元 |",
    ]


def test_a_frame_of_one_cell_is_no_table() -> None:
    body = table(cell(p("第一条 为规范借阅，制定本办法。") + p("第二条 借期三十天。")))
    assert [e.kind for e in read_docx(docx(body)).elements] == ["text", "text"]


def test_notes_and_comments_stand_behind_their_paragraph() -> None:
    marks = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="3"/></w:r>'
    body = p("设备保修三年。", more=f'{marks}<w:r><w:commentReference w:id="0"/></w:r>') + p("另行通知。")
    note = '<w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2">{}</w:footnote>'
    parts = {
        "footnotes.xml": part("w:footnotes", note.format(p("自验收之日起算。"))),
        "endnotes.xml": part("w:endnotes", f'<w:endnote w:id="3">{p("See the warranty card.")}</w:endnote>'),
        "comments.xml": part("w:comments", f'<w:comment w:id="0" w:author="王芳">{p("改成两年？")}</w:comment>'),
    }
    assert texts(read_docx(docx(body, parts))) == [
        "设备保修三年。",
        "脚注（1）：自验收之日起算。",
        "Endnote (1): See the warranty card.",
        "批注（王芳）：改成两年？",
        "另行通知。",
    ]


def test_headers_and_footers_once_without_page_numbers() -> None:
    references = '<w:headerReference r:id="h1"/><w:headerReference r:id="h2"/><w:footerReference r:id="f1"/>'
    section = f"<w:sectPr>{references}</w:sectPr>"
    links = {"h1": ("header", "header1.xml"), "h2": ("header", "header2.xml"), "f1": ("footer", "footer1.xml")}
    parts = {
        "header1.xml": part("w:hdr", p("云岭水厂 内部资料")),
        "header2.xml": part("w:hdr", p("云岭水厂 内部资料")),
        "footer1.xml": part("w:ftr", p("第 3 页 共 8 页")),
    }
    whole = p("水厂手册") + p("正文。") + section
    assert texts(read_docx(docx(whole, parts, links))) == ["水厂手册", "页眉：云岭水厂 内部资料", "正文。"]


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{p('值班电话 6621')}</w:txbxContent>"
    drawn = (
        f"<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert texts(read_docx(docx(p("夜间报修", more=f"<w:r>{drawn}</w:r>")))) == ["夜间报修", "值班电话 6621"]


def test_tracked_changes_are_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>押金为</w:t></w:r><w:del><w:r><w:delText>五百</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>八百</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>移走的话</w:t></w:r></w:moveFrom>"
        "<w:r><w:t>元。</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>上半句，</w:t></w:r></w:p>" + p("下半句。")
    )
    gone = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('旧行')}{cell('旧值')}</w:tr>"
    grid = f"<w:tbl><w:tr>{cell('项')}{cell('值')}</w:tr>{gone}</w:tbl>"
    assert texts(read_docx(docx(body + grid))) == ["押金为八百元。", "上半句，下半句。", "| 项 | 值 |\n| --- | --- |"]


def test_fields_links_forms_and_hidden_text() -> None:
    body = (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
        "<w:hyperlink><w:r><w:t>报名网址</w:t></w:r></w:hyperlink><w:r><w:t xml:space='preserve"
        "'> 同意</w:t><w:sym w:font='Wingdings' w:char='F0FE'/><w:br/><w:t>次行</w:t></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        "<w:sdt><w:sdtContent><w:r><w:t>填写处</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )
    assert texts(read_docx(docx(body))) == ["报名网址 同意☑\n次行填写处"]


def test_an_equation_is_readable() -> None:
    fraction = (
        "<m:oMath><m:r><m:t>v=</m:t></m:r><m:f><m:num><m:sSup><m:e><m:r><m:t>s</m:t></m:r></m:e>"
        "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:num><m:den><m:r><m:t>t</m:t></m:r></m:den></m:f></m:oMath>"
    )
    assert texts(read_docx(docx(p("流速", more=fraction)))) == ["流速v=(s^2)/(t)"]


def test_contents_written_by_word_are_left_out() -> None:
    body = p("总则\t1", style("t1")) + p("总则", style("1"))
    assert texts(read_docx(docx(body, STYLED))) == ["第一章 总则"]


def test_text_in_a_picture_once(tmp_path: Path) -> None:
    pytest.importorskip("ingest.ocr")
    image = '<w:r><w:drawing><a:blip r:embed="i1"/></w:drawing></w:r>'
    parts = {"media/a.png": make_office.picture("VALVE 4821")}
    parsed = read_docx(docx(p("铭牌如图", more=image) + p("同上", more=image), parts, {"i1": ("image", "media/a.png")}))
    assert ["4821" in text for text in texts(parsed)] == [False, True, False]


def test_pages_are_those_that_word_saw() -> None:
    body = p("甲。") + "<w:p><w:r><w:lastRenderedPageBreak/><w:t>乙。</w:t></w:r></w:p>" + p("丙。")
    parsed = read_docx(docx(body))
    assert [e.page for e in parsed.elements] == [1, 2, 2]
    assert parsed.pages == 2


def test_author_date_title_and_embedded_file() -> None:
    embedded = '<w:r><w:object><o:OLEObject r:id="e1"/></w:object></w:r>'
    core = make_office.CORE.format(title="水质月报", author="化验室", date="2025-06-30")
    parts = {"embeddings/表.xlsx": b"PK\x03\x04..."}
    parsed = read_docx(docx(p("附件见内", more=embedded), parts, {"e1": ("package", "embeddings/表.xlsx")}, core))
    assert parsed.title == "水质月报"
    assert parsed.metadata == {"author": "化验室", "date": "2025-06-30"}
    assert [(file.name, file.data[:2]) for file in parsed.attachments] == [("表.xlsx", b"PK")]


def test_a_file_with_macros_and_a_strict_one(tmp_path: Path) -> None:
    plain = docx(p("含宏的表单也能读。"), {"vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub AutoOpen()"})
    path = tmp_path / "表单.docm"
    path.write_bytes(plain)
    assert texts(parse_file(path)) == ["含宏的表单也能读。"]
    strict = f'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>{p("严格格式。")}</w:body></w:document>'
    assert texts(read_docx(docx("", {"document.xml": strict}))) == ["严格格式。"]


def test_no_entity_is_fetched_or_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("密钥在此", encoding="utf-8")
    doctype = f'<!DOCTYPE d [<!ENTITY far SYSTEM "{secret.as_uri()}"><!ENTITY a "很多"><!ENTITY b "&a;&a;&a;">]>'
    root = part("w:document", f"<w:body>{p('公开&far;&b;')}</w:body>")
    (text,) = texts(read_docx(docx("", {"document.xml": doctype + root})))
    assert text == "公开"


def test_a_broken_link_costs_nothing_else() -> None:
    image = '<w:r><w:drawing><a:blip r:embed="i1"/></w:drawing></w:r>'
    assert texts(read_docx(docx(p("图已丢失", more=image), {}, {"i1": ("image", "NULL")}))) == ["图已丢失"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (docx("", {"document.xml": "<w:document"}), "no valid XML"),
        (docx(p("甲"))[:-60], "broken or truncated"),
        (make_office.package({"[Content_Types].xml": "x", "word/other.xml": "<a/>"}), "not in it"),
        (docx("", {"document.xml": b" " * 70_000_000}), "over the bound"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
    ],
)
def test_broken_files_say_why(broken: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_docx(broken)


def test_mutated_files_never_crash_the_reader() -> None:
    body = p("总则", style("1")) + p("核对单据。", item(2)) + table(cell("甲") + cell("乙", '<w:gridSpan w:val="2"/>'))
    results, errors = make_office.survivors("word:read_docx", docx(body, STYLED))
    assert results > 50
    assert errors > 50
