"""RTF: Chinese in every way that programs write it, tables, notes, and nothing that is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.rtf import read_rtf
from kb_app.errors import DocumentError
from tests import make_office

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import ParsedDocument

FONTS = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 SimSun;}{\f2\fcharset136 MingLiU;}{\f3\fcharset2 Wingdings;}}"
STYLESHEET = r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 chapter;}{\s2 heading 2;}{\s3 Title;}{\s9 toc 1;}}"


def escaped(text: str, encoding: str = "gb18030") -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))


def unicode(text: str) -> str:
    halves = text.encode("utf-16-le")
    numbers = [int.from_bytes(halves[i : i + 2], "little", signed=True) for i in range(0, len(halves), 2)]
    return "".join(f"\\u{number}?" for number in numbers)


def rtf(body: str, head: str = r"\ansicpg936\deff0") -> bytes:
    return f"{{\\rtf1\\ansi{head}{FONTS}{STYLESHEET}{body}}}".encode("latin-1")


def texts(parsed: ParsedDocument) -> list[str]:
    return [element.text for element in parsed.elements]


def test_chinese_by_code_page_by_font_and_by_number() -> None:
    body = (
        rf"\pard {escaped('请按时交表。')}\par"
        rf"\pard\f1 {escaped('宋体写的字')}\f2 {escaped('繁體字型', 'big5')}\par"
        rf"\pard\uc1 {unicode('𠮷野家，共10份')}\par"
        r"\pard\uc2 \u20320\'c4\'e3\u22909\'ba\'c3!\par"
    )
    assert texts(read_rtf(rtf(body))) == ["请按时交表。", "宋体写的字繁體字型", "𠮷野家，共10份", "你好!"]


def test_a_second_byte_that_looks_like_a_sign_of_rtf() -> None:
    # The second byte of these characters is that of "\", "{" and "}".
    assert [char.encode("gb18030")[1] for char in "乗弡弣"] == [0x5C, 0x7B, 0x7D]
    body = "".join(f"\\'{char.encode('gb18030')[0]:02x}\\{chr(char.encode('gb18030')[1])}" for char in "乗弡弣")
    assert texts(read_rtf(rtf(rf"\pard\f1 {body}\par"))) == ["乗弡弣"]


def test_western_text_in_a_font_of_its_own() -> None:
    assert texts(read_rtf(rtf(r"\pard caf\'e9 \ldblquote ok\rdblquote\par", r"\ansicpg1252"))) == ["café “ok”"]


def test_headings_by_style_and_outline() -> None:
    body = (
        rf"\pard\s3 {escaped('门禁办法')}\par\pard\s9 {escaped('总则')}\tab 1\par\pard\s1 {escaped('总则')}\par"
        rf"\pard\s2 {escaped('目的')}\par\pard {escaped('凭证出入。')}\par\pard\outlinelevel2 {escaped('细则')}\par"
    )
    assert [(e.kind, e.level, e.text) for e in read_rtf(rtf(body)).elements] == [
        ("heading", 1, "门禁办法"),
        ("heading", 2, "总则"),
        ("heading", 3, "目的"),
        ("text", 0, "凭证出入。"),
        ("heading", 4, "细则"),
    ]


def test_lists_keep_the_numbers_that_were_counted() -> None:
    mark = r"{\listtext\pard\plain\f3 \'b7\tab}"
    body = rf"\pard{{\listtext\pard\plain 2.\tab}}{escaped('登记')}\par\pard{mark}{escaped('证件')}\par\pard{mark}\par"
    assert texts(read_rtf(rtf(body))) == ["2. 登记", "• 证件"]


def row(edges: str, *cells: str) -> str:
    return rf"\trowd{edges}\pard\intbl " + r"\cell ".join(escaped(text) for text in cells) + r"\cell\row "


def test_tables_with_merged_cells() -> None:
    body = (
        row(r"\clvmgf\cellx2000\cellx6000", "项目", "标准")
        + row(r"\clvmrg\cellx2000\cellx4000\cellx6000", "", "市内", "市外")
        + row(r"\cellx2000\clmgf\cellx4000\clmrg\cellx6000", "餐补", "三十元", "")
        + rf"\pard {escaped('以上含税。')}\par"
    )
    table, after = read_rtf(rtf(body)).elements
    assert table.text.split("\n") == [
        "| 项目 | 标准 市内 | 标准 市外 |",
        "| --- | --- | --- |",
        "| 餐补 | 三十元 | 三十元 |",
    ]
    assert after.text == "以上含税。"


def test_notes_comments_boxes_and_margins() -> None:
    shown = rf"{{\*\shpinst{{\sp{{\sn a}}{{\sv 1}}}}{{\shptxt {escaped('值班表')}\par}}}}"
    box = rf"{{\shp{shown}{{\shprslt {escaped('重复')}}}}}"
    body = (
        rf"{{\header\pard {escaped('内部资料')}\par}}{{\footer\pard 3\par}}"
        rf"\pard {escaped('押金可退。')}{{\footnote {escaped('七日内。')}}}"
        rf"{{\*\atnauthor {escaped('何青')}}}{{\*\annotation {escaped('是否要改？')}}}"
        rf"{box}\par\pard {escaped('另见下条。')}\par"
    )
    assert texts(read_rtf(rtf(body))) == [
        "押金可退。",
        "页眉：内部资料",
        "脚注（1）：七日内。",
        "批注（何青）：是否要改？",
        "值班表",
        "另见下条。",
    ]


def test_what_is_not_shown_is_not_read() -> None:
    body = (
        rf"{{\*\unknown {escaped('秘密')}}}\pard {escaped('甲')}{{\v {escaped('隐藏')}}}{{\deleted {escaped('删去')}}}"
        rf"{{\field{{\*\fldinst HYPERLINK x}}{{\fldrslt {escaped('链接')}}}}}"
        rf"{{\object{{\*\objdata 0105000002000000}}{{\result {escaped('对象')}}}}}\par"
    )
    assert texts(read_rtf(rtf(body))) == ["甲链接对象"]


def test_title_author_and_date(tmp_path: Path) -> None:
    info = rf"{{\info{{\title {escaped('巡检制度')}}}{{\author {escaped('设备科')}}}{{\revtim\yr2024\mo3\dy9\hr8}}}}"
    path = tmp_path / "巡检.rtf"
    path.write_bytes(rtf(info + rf"\pard {escaped('每日两次。')}\par"))
    parsed = parse_file(path)
    assert (parsed.title, parsed.metadata) == ("巡检制度", {"author": "设备科", "date": "2024-03-09"})


def test_text_in_a_picture() -> None:
    pytest.importorskip("ingest.ocr")
    digits = make_office.picture("METER 9052").hex()
    parsed = read_rtf(rtf(rf"\pard A{{\*\shppict{{\pict\pngblip {digits}}}}}\par"))
    assert ["9052" in text for text in texts(parsed)] == [False, True]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (rtf(r"\pard a\par")[:-9], "truncated"),
        (b"{\\rtf1" + b"{" * 5000, "nested"),
        (b"plain text", "not an RTF file"),
    ],
)
def test_broken_files_say_why(broken: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_rtf(broken)


def test_mutated_files_never_crash_the_reader() -> None:
    data = rtf(
        row(r"\cellx2000\cellx6000", "项目", "标准") + rf"\pard\s1 {escaped('总则')}{{\footnote a}}\par\bin3 abc"
    )
    results, errors = make_office.survivors("rtf:read_rtf", data)
    assert results > 50
    assert errors > 50
