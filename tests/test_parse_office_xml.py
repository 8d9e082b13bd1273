"""Office documents that are one XML file, and old exports that only bear Excel's name."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from ingest.chunk import chunk_document
from ingest.parse import parse_file
from ingest.parsers.office_xml import read_flat_package, read_word_xml
from ingest.parsers.sheet_xml import read_sheet_xml
from kb_app.errors import DocumentError
from tests.fuzzing import survive
from tests.make_office import NAMESPACES, p, picture

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import ParsedDocument

WORD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<?mso-application progid="Word.Document"?>\n'
    '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"'
    ' xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:aml="http://schemas.microsoft.com/aml/2001/core" xmlns:o="urn:schemas-microsoft-com:office:office">'
    "<o:DocumentProperties><o:Title>泳池开放须知</o:Title><o:Author>体育科</o:Author>"
    "<o:LastSaved>2005-06-01T08:00:00Z</o:LastSaved></o:DocumentProperties>"
    '<w:styles><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>'
    "<w:body><wx:sect>{}</wx:sect></w:body></w:wordDocument>"
)
BOOK = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
    '<Style ss:ID="m"><NumberFormat ss:Format="#,##0.00"/></Style></Styles>{}</Workbook>'
)

DOWN, MONEY = 'ss:MergeDown="1"', 'ss:StyleID="m"'


def w(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def data(value: object, kind: str = "String", more: str = "") -> str:
    return f'<Cell {more}><Data ss:Type="{kind}">{value}</Data></Cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<Row {more}>{''.join(cells)}</Row>"


def sheet(name: str, *rows: str, more: str = "") -> str:
    return f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table>{more}</Worksheet>'


def texts(parsed: ParsedDocument) -> list[tuple[str, str]]:
    return [(element.kind, element.text) for element in parsed.elements]


def test_word_2003_with_its_headings_tables_and_fields() -> None:
    table = "<w:tbl>{}</w:tbl>".format(
        "".join(
            f"<w:tr><w:tc>{w(a)}</w:tc><w:tc>{w(b)}</w:tc></w:tr>" for a, b in (("场次", "票价"), ("夜场", "25 元"))
        )
    )
    heading = w("开放时间", '<w:pStyle w:val="1"/>')
    body = f"<wx:sub-section>{heading}{w('每天十三点至二十一点开放。')}</wx:sub-section>{table}"
    parsed = read_word_xml(WORD.format(body).encode())
    assert texts(parsed) == [
        ("heading", "开放时间"),
        ("text", "每天十三点至二十一点开放。"),
        ("table", "| 场次 | 票价 |\n| --- | --- |\n| 夜场 | 25 元 |"),
    ]
    assert (parsed.title, parsed.metadata) == ("泳池开放须知", {"author": "体育科", "date": "2005-06-01"})


def test_word_2003_without_what_was_deleted_and_with_what_hangs_on_it() -> None:
    change = (
        '<aml:annotation aml:id="{}" w:type="Word.{}" aml:author="林溪"><aml:content>{}</aml:content></aml:annotation>'
    )
    body = (
        "<w:p><w:r><w:t>水温不低于</w:t></w:r>"
        + change.format(1, "Deletion", "<w:r><w:delText>二十四</w:delText></w:r>")
        + change.format(2, "Insertion", "<w:r><w:t>二十六</w:t></w:r>")
        + "<w:r><w:t>度</w:t></w:r><w:r><w:footnote>" + w("池中央测得。") + "</w:footnote></w:r>"
        + "<w:r>" + change.format(3, "Comment", w("冬天另定")) + "</w:r></w:p>"
        + w("自带泳帽", '<w:listPr><w:ilvl w:val="0"/><wx:t wx:val="（一）"/></w:listPr>')
        + "<w:sectPr><w:hdr>" + w("体育科印发") + "</w:hdr></w:sectPr>"
    )  # fmt: skip
    assert [text for _, text in texts(read_word_xml(WORD.format(body).encode()))] == [
        "水温不低于二十六度",
        "页眉：体育科印发",
        "脚注（1）：池中央测得。",
        "批注（林溪）：冬天另定",
        "（一） 自带泳帽",
    ]


def test_pictures_of_word_2003_are_read() -> None:
    shown = base64.b64encode(picture("POOL CLOSED")).decode()
    body = (
        f'<w:p><w:r><w:pict><w:binData w:name="wordml://01.png">{shown}</w:binData>'
        '<v:shape><v:imagedata src="wordml://01.png"/></v:shape></w:pict></w:r></w:p>'
    )
    ((_, text),) = texts(read_word_xml(WORD.format(body).encode()))
    assert "POOL" in text


def test_a_package_written_as_one_file() -> None:
    part = '<pkg:part pkg:name="{}"><pkg:xmlData>{}</pkg:xmlData></pkg:part>'
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>'
    )
    whole = (
        '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        + part.format("/_rels/.rels", relation)
        + part.format(
            "/word/document.xml", f"<w:document {NAMESPACES}><w:body>{p('池水每日换三成。')}</w:body></w:document>"
        )
        + '<pkg:part pkg:name="/word/media/a.png"><pkg:binaryData>AAAA</pkg:binaryData></pkg:part></pkg:package>'
    )
    assert texts(read_flat_package(whole.encode())) == [("text", "池水每日换三成。")]
    with pytest.raises(DocumentError, match="neither Word nor PowerPoint"):
        read_flat_package(b'<a xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"/>')


def test_a_workbook_as_xml_with_gaps_merged_cells_and_formats() -> None:
    rows = (
        row(data("泳池月报", more='ss:MergeAcross="3"')),
        row(data("月份", more=DOWN), data("门票", more='ss:MergeAcross="1"'), data("上座率", more=DOWN)),
        row(data("张数", more='ss:Index="2"'), data("金额")),
        row(data("六月"), data(812, "Number"), data("20300", "Number", MONEY), data(0.635, "Number", 'ss:StyleID="p"')),
        row(data("七月"), data("38250.5", "Number", 'ss:Index="3" ' + MONEY)),
        row(data("检修日", more='ss:Index="2"'), data("2005-07-18T00:00:00.000", "DateTime"), more='ss:Index="9"'),
    )  # fmt: skip
    hidden = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    parsed = read_sheet_xml(
        BOOK.format(sheet("月报", *rows) + sheet("旧表", row(data("留底"), data(1, "Number")), more=hidden)).encode()
    )
    assert texts(parsed)[:3] == [
        ("heading", "月报"),
        ("text", "泳池月报"),
        (
            "table",
            "| 月份 | 门票 张数 | 门票 金额 | 上座率 |\n| --- | --- | --- | --- |\n"
            "| 六月 | 812 | 20,300.00 | 63.50% |\n| 七月 |  | 38,250.50 |  |",
        ),
    ]
    assert "2005-07-18" in texts(parsed)[3][1]
    assert texts(parsed)[4] == ("heading", "旧表（隐藏）")
    assert parsed.pages == 2


@pytest.mark.parametrize("name", ["报表.xml", "报表.doc", "报表.xls", "报表"])
def test_they_are_known_by_what_they_say_whatever_they_are_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(WORD.format(w("救生员每班两人。")), encoding="utf-8")
    assert texts(parse_file(tmp_path / name))[0] == ("text", "救生员每班两人。")
    (tmp_path / name).write_text(BOOK.format(sheet("表", row(data("甲"), data("乙")))), encoding="utf-8-sig")
    assert texts(parse_file(tmp_path / name))[0] == ("heading", "表")


@pytest.mark.parametrize(
    "content",
    [
        "<html><body><table><tr><th>场次</th><th>人数</th></tr><tr><td>夜场</td><td>96</td></tr></table></body></html>",
        "<meta charset=utf-8><table><tr><td>场次</td><td>人数</td></tr><tr><td>夜场</td><td>96</td></tr></table>",
        "场次\t人数\n夜场\t96\n",
        "场次,人数\n夜场,96\n",
    ],
)
def test_what_programs_export_under_the_name_of_excel(tmp_path: Path, content: str) -> None:
    (tmp_path / "导出.xls").write_bytes(content.encode("gb18030") if "charset" not in content else content.encode())
    (chunk,) = chunk_document(parse_file(tmp_path / "导出.xls")).chunks
    assert chunk.text == "| 场次 | 人数 |\n| --- | --- |\n| 夜场 | 96 |"


def test_other_xml_is_read_as_before(tmp_path: Path) -> None:
    (tmp_path / "泳池.xml").write_text("<池><水温>26</水温></池>", encoding="utf-8")
    assert texts(parse_file(tmp_path / "泳池.xml")) == [("text", "水温: 26")]


@pytest.mark.parametrize(("reader", "content"), [
    ("office_xml:read_word_xml", WORD.format(w("救生员每班两人。", '<w:pStyle w:val="1"/>') * 3)),
    ("sheet_xml:read_sheet_xml", BOOK.format(sheet("表", row(data("甲"), data(3, "Number", 'ss:Index="4"')) * 3))),
])  # fmt: skip
def test_mutated_files_never_crash_the_reader(tmp_path: Path, reader: str, content: str) -> None:
    (tmp_path / "a.xml").write_text(content, encoding="utf-8")
    assert survive(reader, tmp_path / "a.xml") > 0
