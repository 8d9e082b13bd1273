"""Plain text, CSV and encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoding import decode
from ingest.headings import numbering
from ingest.parse import parse_file
from ingest.parsers.plain import text_elements
from kb_app.errors import DocumentError
from tests import fuzzing, make_files

if TYPE_CHECKING:
    from pathlib import Path

SIMPLIFIED = make_files.TEXT
TRADITIONAL = "員工手冊\n\n入職滿一年的員工每年享有五天帶薪年假，應當在當年用完。辦理請假時，請填寫申請表並由主管簽名。"


def headings(path: Path) -> list[tuple[int, str]]:
    return [(e.level, e.text) for e in parse_file(path).elements if e.kind == "heading"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_simplified_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(SIMPLIFIED.replace("\n", "\r\n").encode(encoding))
    texts = [element.text for element in parse_file(path).elements]
    assert "第二章 休假" in texts
    assert "".join("".join(texts).split()) == "".join(SIMPLIFIED.split())


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "gb18030", "utf-16-le", "utf-16-be"])
def test_traditional_in_every_encoding(encoding: str) -> None:
    assert decode(TRADITIONAL.encode(encoding)) == TRADITIONAL


@pytest.mark.parametrize("text", ["年假五天", "报销须知：凭发票", "请假找主管。"])
def test_a_few_words(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


def test_declared_charset_is_tried_first() -> None:
    assert decode("資料".encode("big5"), "big5") == "資料"
    assert decode("资料库".encode("gbk"), "gb2312") == "资料库"
    assert decode("资料".encode(), "no-such-charset") == "资料"


def test_a_cut_character_is_an_error_not_a_loss() -> None:
    with pytest.raises(DocumentError, match="not readable as text"):
        decode(("员工手册。" * 50).encode() + b"\xe5")


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "Travel costs are refunded."])
def test_utf32(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_chinese_behind_a_long_english_beginning(encoding: str) -> None:
    text = "Travel costs are refunded against receipts.\n" * 3000 + "辦理請假手續，應當填寫申請表。"
    assert decode(text.encode(encoding)) == text


def test_line_ends_of_every_kind() -> None:
    assert decode("甲\r\n乙\r丙\n丁".encode("gbk")) == "甲\n乙\n丙\n丁"


@pytest.mark.parametrize("text", ["會議記錄", "通知", "員工請假須知", "電話費用報銷單", "鑰匙", "鹽灣觀鷹廳"])
def test_a_few_words_in_big5(text: str) -> None:
    assert decode(text.encode("big5")) == text


@pytest.mark.parametrize("text", ["Müller für alle Größen", "the café’s “menu” – a résumé", "Señor Ñandú está aquí"])
def test_western_text_is_not_taken_for_chinese(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_spoilt_byte_in_a_long_text_is_named(encoding: str) -> None:
    data = bytearray((SIMPLIFIED * 2000).encode(encoding))
    place = data.index(b"\n", 500_000)
    data[place:place] = b"\xff"
    with pytest.raises(DocumentError, match=rf"byte 0xff at offset {place:,} is no {encoding.upper()}"):
        decode(bytes(data))


def test_a_spoilt_byte_is_seldom_hidden_by_another_encoding() -> None:
    data = SIMPLIFIED.encode()
    for place in range(0, len(data), 7):
        with pytest.raises(DocumentError, match="UTF-8"):
            decode(data[:place] + b"\xff" + data[place:])


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01\x00" * 40, bytes(range(256)) * 20, b"MZ\x90\0\x03" + bytes(90)])
def test_binary_with_a_text_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match="binary"):
        parse_file(path)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_always_comes_back(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


def test_headings_by_numbering(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(SIMPLIFIED, encoding="utf-8")
    (top, *chapters) = headings(path)
    assert top == (1, "员工手册")
    assert [text for _, text in chapters] == ["第一章 总则", "第二章 休假", "第三章 差旅"]
    assert len({level for level, _ in chapters}) == 1 < chapters[0][0]


def test_first_sentence_is_no_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for first in ("本手册适用于全体员工。", "各位同事：", "员工手册\n本手册适用于全体员工。"):
        path.write_text(f"{first}\n\n{make_files.LEAVE}", encoding="utf-8")
        assert headings(path) == []


@pytest.mark.parametrize(
    "line",
    ["第一章 总则", "第一章总则", "第三节　考勤", "第十二条 年休假", "一、适用范围", "（一）申请条件",
     "1.1 目的", "2.3.1 报销流程", "第二编 合同", "附录A 术语", "Chapter 3 Leave"],
)  # fmt: skip
def test_heading_lines(line: str) -> None:
    assert numbering(line) is not None


@pytest.mark.parametrize(
    "line",
    ["第十二条 员工应当按时上班。", "第三章规定的情形除外", "一、员工应当遵守下列规定：", "1.5倍工资",
     "2026.3.1", "3.14", "一是准时", "（一）" + "字" * 50, "第一章 总则........3", "第一条员工", "本手册第一章"],
)  # fmt: skip
def test_other_lines(line: str) -> None:
    assert numbering(line) is None


def test_list_items_are_no_headings() -> None:
    elements = text_elements("办理时请带：\n一、身份证\n二、申请表\n三、照片\n\n其他事项另行通知。")
    assert all(element.kind == "text" for element in elements)


def test_table_of_contents_is_no_heading() -> None:
    elements = text_elements("目录\n\n第一章 总则\n第二章 休假\n\n正文开始。\n\n第一章 总则\n\n本手册适用于全体员工。")
    assert [e.text for e in elements if e.kind == "heading"] == ["第二章 休假", "第一章 总则"]


def test_levels_follow_the_numbering() -> None:
    text = "第一章 总则\n第一节 目的\n为了管理。\n一、范围\n适用于全体。\n（一）例外\n实习生除外。"
    levels = [e.level for e in text_elements(text) if e.kind == "heading"]
    assert levels == sorted(levels)
    assert len(set(levels)) == 4


@given(
    st.lists(
        st.sampled_from(["第一章 总则", "• 项目一", "- 项", "一、范围", "正文。", "", "  缩进", "1.1 目的", "（一）甲"])
    )
)
def test_no_character_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "".join("".join(e.text for e in text_elements(text)).split()) == "".join(text.split())


def test_csv_keeps_every_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('工号,姓名,备注\r\n007,林小满,"换行\n与|竖线"\r\n12,N/A,3.10\r\n'.encode("gb18030"))
    (element,) = parse_file(path).elements
    assert element.kind == "table"
    assert element.text.split("\n") == [
        "| 工号 | 姓名 | 备注 |",
        "| --- | --- | --- |",
        "| 007 | 林小满 | 换行<br>与\\|竖线 |",
        "| 12 | N/A | 3.10 |",
    ]


def test_csv_with_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("假别;天数\n年休假;5\n", encoding="utf-16")
    assert "| 年休假 | 5 |" in parse_file(path).elements[0].text


def test_csv_with_an_open_quotation(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('假别,天数\n"年休假,5\n', encoding="utf-8")
    with pytest.raises(DocumentError, match="not a valid CSV"):
        parse_file(path)


def test_mutated(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((SIMPLIFIED + TRADITIONAL).encode("gb18030"))
    assert fuzzing.survive("plain:read_text", path) > 50


def test_mutated_markdown(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(make_files.MARKDOWN, encoding="utf-8")
    assert fuzzing.survive("markup:read_markdown", path) > 50
