"""OpenDocument: texts, slides and sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.opendocument import read_odp, read_ods, read_odt
from kb_app.errors import DocumentError
from tests import make_office
from tests.make_office import ODF, odf

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import ParsedDocument

OUTLINE = (
    "<office:styles><text:outline-style>"
    '<text:outline-level-style text:level="1" style:num-format="一, 二, 三, ..."'
    ' style:num-prefix="第" style:num-suffix="章"/>'
    '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="1"/>'
    "</text:outline-style></office:styles>"
)
LISTS = (
    '<style:style style:name="P1" style:parent-style-name="Title"/>'
    '<text:list-style style:name="L1">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")" text:display-levels="2"/>'
    "</text:list-style>"
    '<text:list-style style:name="L2">'
    '<text:list-level-style-bullet text:level="1" text:bullet-char="&#xf0b7;"/></text:list-style>'
)


def texts(parsed: ParsedDocument) -> list[str]:
    return [element.text for element in parsed.elements]


def para(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def item(inner: str) -> str:
    return f"<text:list-item>{inner}</text:list-item>"


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}>{para(text) if text else ''}</table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def test_headings_with_the_numbers_that_are_counted() -> None:
    body = (
        '<text:p text:style-name="P1">借阅办法</text:p><text:table-of-content><text:index-body>'
        f"{para('总则 1')}</text:index-body></text:table-of-content>"
        '<text:h text:outline-level="1">总则</text:h><text:h text:outline-level="2">目的</text:h>'
        '<text:h text:outline-level="2">范围</text:h><text:h text:outline-level="1">借期</text:h>'
    )
    parsed = read_odt(odf("text", body, styles=OUTLINE, lists=LISTS))
    assert [(e.level, e.text) for e in parsed.elements] == [
        (1, "借阅办法"),
        (2, "第一章 总则"),
        (3, "1 目的"),
        (3, "2 范围"),
        (2, "第二章 借期"),
    ]


def test_lists_restart_and_go_on_as_they_say() -> None:
    nested = f"<text:list>{item(para('身份证'))}</text:list>"
    body = (
        f'<text:list text:style-name="L1">{item(para("填表。") + nested)}{item(para("交表。"))}</text:list>'
        f'<text:list text:style-name="L1">{item(para("另一列。"))}</text:list>'
        f'<text:list text:style-name="L1" text:continue-numbering="true">{item(para("接着数。"))}</text:list>'
        f'<text:list text:style-name="L2">{item(para("无序。"))}</text:list>'
    )
    assert texts(read_odt(odf("text", body, lists=LISTS))) == [
        "1. 填表。",
        "1.a) 身份证",
        "2. 交表。",
        "1. 另一列。",
        "2. 接着数。",
        "• 无序。",
    ]


def test_spaces_breaks_notes_comments_and_boxes() -> None:
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body>{para('含节假日。')}</text:note-body></text:note>"
    )
    comment = f"<office:annotation><dc:creator>周岚</dc:creator>{para('核对天数')}</office:annotation>"
    box = f"<draw:frame><draw:text-box>{para('服务台')}</draw:text-box></draw:frame>"
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion>"
        + para("删去的")
        + "</text:deletion></text:changed-region>"
        f"</text:tracked-changes><text:p>借期<text:span>三十</text:span>天{note}，"
        "<text:s text:c='2'/>可续\n   借<text:line-break/>一次。"
        f"{comment}{box}</text:p>"
    )
    assert texts(read_odt(odf("text", body))) == [
        "借期三十天，  可续 借\n一次。",
        "脚注（1）：含节假日。",
        "批注（周岚）：核对天数",
        "服务台",
    ]


def test_tables_with_merged_and_repeated_cells() -> None:
    rows = [
        row(
            cell("馆别", 'table:number-rows-spanned="2"'),
            cell("册数", 'table:number-columns-spanned="2"'),
            "<table:covered-table-cell/>",
        ),
        row("<table:covered-table-cell/>", cell("上限"), cell("已借")),
        row(cell("总馆"), cell("十", 'table:number-columns-repeated="2"')),
    ]
    (table,) = read_odt(odf("text", f"<table:table>{''.join(rows)}</table:table>")).elements
    assert table.text.split("\n")[::2] == ["| 馆别 | 册数 上限 | 册数 已借 |", "| 总馆 | 十 | 十 |"]


def test_margins_title_author_and_date(tmp_path: Path) -> None:
    styles = (
        "<office:master-styles><style:master-page><style:header>" + para("青石图书馆") + "</style:header><style:footer>"
        "<text:p>第<text:page-number>2</text:page-number>页</text:p></style:footer></style:master-page></office:master-styles>"
    )
    meta = "<dc:title>借阅办法</dc:title><dc:creator>流通部</dc:creator><dc:date>2025-11-03T10:00:00</dc:date>"
    path = tmp_path / "借阅.odt"
    path.write_bytes(odf("text", para("正文。"), styles=styles, meta=meta))
    parsed = parse_file(path)
    assert texts(parsed) == ["正文。", "页眉：青石图书馆"]
    assert (parsed.title, parsed.metadata) == ("借阅办法", {"author": "流通部", "date": "2025-11-03"})


def test_a_chart_within_a_text_is_a_table() -> None:
    rows = row(cell("月"), cell("人次")) + row(cell("五月"), cell("820"))
    body = f"<office:body><table:table>{rows}</table:table></office:body>"
    chart = f"<office:document-content {ODF}>{body}</office:document-content>"
    data = odf("text", "<text:p>到馆<draw:frame><draw:object xlink:href='./Object 1'/></draw:frame></text:p>")
    assert texts(read_odt(with_part(data, "Object 1/content.xml", chart)))[1].endswith("| 五月 | 820 |")


def with_part(data: bytes, name: str, content: str) -> bytes:
    import io
    import zipfile

    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def test_slides_in_order_with_notes() -> None:
    def box(text: str, top: str, left: str = "1cm", kind: str = "") -> str:
        shown = f'presentation:class="{kind}"' if kind else ""
        return (
            f'<draw:frame {shown} svg:x="{left}" svg:y="{top}"><draw:text-box>{para(text)}</draw:text-box></draw:frame>'
        )

    said = box("放慢语速。", "1cm", kind="notes") + box("1", "9cm", kind="page-number")
    notes = f"<presentation:notes>{said}</presentation:notes>"
    first = (
        box("右", "5.1cm", "12cm")
        + box("左", "5cm")
        + box("读者培训", "50mm", kind="title")
        + box("3", "9cm", kind="page-number")
        + notes
    )
    parsed = read_odp(odf("presentation", f"<draw:page>{first}</draw:page><draw:page>{box('完', '1in')}</draw:page>"))
    assert [(e.kind, e.page, e.text) for e in parsed.elements] == [
        ("heading", 1, "读者培训"),
        ("text", 1, "左"),
        ("text", 1, "右"),
        ("text", 1, "备注：放慢语速。"),
        ("text", 2, "完"),
    ]
    assert parsed.pages == 2


def test_sheets_show_what_is_shown() -> None:
    money = 'office:value-type="currency" office:value="1234.5"'
    price = f"<table:table-cell {money}><text:p>￥1,234.50</text:p></table:table-cell>"
    bare = '<table:table-cell office:value-type="float" office:value="7"/>'
    rows = (
        row(
            cell("采购清单", 'table:number-columns-spanned="3"'),
            '<table:covered-table-cell table:number-columns-repeated="2"/>',
        )
        + row(cell("名称"), cell("单价"), cell("数量"))
        + row(cell("书架"), price, bare, cell("", 'table:number-columns-repeated="16380"'))
        + row(cell("", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048570"')
    )
    empty = f'<table:table table:name="空表">{row(cell(""))}</table:table>'
    body = f'<table:table table:name="采购">{rows}</table:table>{empty}'
    parsed = read_ods(odf("spreadsheet", body))
    assert [(e.kind, e.page, e.text) for e in parsed.elements] == [
        ("heading", 1, "采购"),
        ("text", 1, "采购清单"),
        ("table", 1, "| 名称 | 单价 | 数量 |\n| --- | --- | --- |\n| 书架 | ￥1,234.50 | 7 |"),
    ]
    assert parsed.pages == 2


@pytest.mark.parametrize("kind", ["text", "spreadsheet"])
def test_a_table_that_repeats_itself_without_end(kind: str) -> None:
    bomb = row(cell("炸弹", 'table:number-columns-repeated="16000"'), more='table:number-rows-repeated="1000000"')
    with pytest.raises(DocumentError, match="more than 2,000,000 cells"):
        (read_odt if kind == "text" else read_ods)(odf(kind, f"<table:table>{bomb}</table:table>"))


def test_protected_broken_and_wrong_files_say_why() -> None:
    protected = odf(
        "text", para("甲"), manifest="<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    )
    for data, reason in [
        (protected, "password"),
        (odf("text", para("甲"))[:150], "broken or truncated"),
        (odf("spreadsheet", ""), "no text in its content"),
        (make_office.package({"content.xml": "<a"}), "no valid XML"),
    ]:
        with pytest.raises(DocumentError, match=reason):
            read_odt(data)


def test_no_entity_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("密钥在此", encoding="utf-8")
    doctype = f'<!DOCTYPE d [<!ENTITY far SYSTEM "{secret.as_uri()}">]>'
    body = f"<office:body><office:text>{para('公开&far;')}</office:text></office:body>"
    content = f"{doctype}<office:document-content {ODF}>{body}</office:document-content>"
    assert texts(read_odt(make_office.package({"content.xml": content}))) == ["公开"]


REPEATED = 'table:number-columns-repeated="2"'
SMALL = {
    "text": f'<text:list text:style-name="L1">{item(para("填表"))}</text:list>{para("乙")}',
    "presentation": f"<draw:page><draw:frame svg:x='1cm' svg:y='2cm'>{para('丙')}</draw:frame></draw:page>",
    "spreadsheet": f"<table:table>{row(cell('丁', REPEATED), cell('戊'))}</table:table>",
}


@pytest.mark.parametrize(
    ("reader", "kind"), [("read_odt", "text"), ("read_odp", "presentation"), ("read_ods", "spreadsheet")]
)
def test_mutated_files_never_crash_the_reader(reader: str, kind: str) -> None:
    results, errors = make_office.survivors(f"opendocument:{reader}", odf(kind, SMALL[kind], lists=LISTS))
    assert results > 50
    assert errors > 50
