"""Markdown, HTML and mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from kb_app.errors import DocumentError
from tests import make_files

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import Element, ParsedDocument


def parse(tmp_path: Path, name: str, content: str | bytes) -> ParsedDocument:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return parse_file(path)


def kinds(parsed: ParsedDocument, kind: str) -> list[Element]:
    return [element for element in parsed.elements if element.kind == kind]


def test_markdown_headings_and_title(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "a.md", make_files.MARKDOWN)
    assert parsed.title == "员工手册（试行）"
    assert [(e.level, e.text) for e in kinds(parsed, "heading")] == [(1, "员工手册"), (2, "休假"), (3, "步骤")]


def test_markdown_text(tmp_path: Path) -> None:
    texts = [e.text for e in kinds(parse(tmp_path, "a.md", make_files.MARKDOWN), "text")]
    assert texts[0] == "本手册由人事部负责解释。"
    assert texts[-5:] == ["办理时请带：", "身份证", "申请表", "1. 填表", "2. 交主管签字"]
    assert make_files.LEAVE in texts


def test_markdown_table_and_code(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "a.md", make_files.MARKDOWN)
    (table,) = kinds(parsed, "table")
    assert table.text == "| 假别 | 天数 |\n| --- | --- |\n| 年休假 | 5 |\n| 甲\\|乙 | 1 |"
    (code,) = kinds(parsed, "code")
    assert code.text == "# 不是标题\ndef days(years):\n\n    return 5 if years >= 1 else 0"


def test_markdown_in_gb18030(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "a.markdown", "# 休假\n\n年假五天。".encode("gb18030"))
    assert [e.text for e in parsed.elements] == ["休假", "年假五天。"]
    assert parsed.title == "休假"


def test_html_page(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "a.html", make_files.HTML)
    assert parsed.title == "休假制度 & 流程"
    assert [(e.level, e.text) for e in kinds(parsed, "heading")] == [(1, "休假制度"), (2, "天数")]
    texts = [e.text for e in kinds(parsed, "text")]
    assert texts == [make_files.LEAVE, "各类假期", "试用期有年假吗？", "没有。", "甲", "乙类假期", "1. 填表", "2. 签字"]


def test_html_merged_cells(tmp_path: Path) -> None:
    (table,) = kinds(parse(tmp_path, "a.htm", make_files.HTML), "table")
    assert table.text.split("\n") == [
        "| 假别 | 天数 最少 | 天数 最多 |",
        "| --- | --- | --- |",
        "| 年休假 | 5 | 15 |",
    ]


def test_html_preformatted(tmp_path: Path) -> None:
    (code,) = kinds(parse(tmp_path, "a.html", make_files.HTML), "code")
    assert code.text == "第一行\n    缩进的第二行"


def test_html_in_gbk_by_its_meta_tag(tmp_path: Path) -> None:
    html = '<html><head><meta charset="gb2312"></head><body><p>請假須知與朱镕基</p></body></html>'
    assert parse(tmp_path, "a.html", html.encode("gbk")).elements[0].text == "請假須知與朱镕基"


def test_html_of_scripts_only(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no text found"):
        parse(tmp_path, "a.html", "<html><body><script>let a = '文字'</script></body></html>")


def test_html_nested_very_deeply(tmp_path: Path) -> None:
    html = "<div>" * 20_000 + "年假五天。" + "</div>" * 20_000
    with pytest.raises(DocumentError) as caught:
        parse(tmp_path, "a.html", html)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("html", [False, True])
def test_mail(tmp_path: Path, html: bool, charset: str) -> None:
    parsed = parse(tmp_path, "a.eml", make_files.mail(html=html, charset=charset))
    assert parsed.title == "关于年休假的通知"
    assert parsed.metadata["from"] == "人事部 <hr@example.com>"
    assert parsed.metadata["date"] == "2026-02-02"
    assert "Date: Mon, 02 Feb 2026 09:00:00 +0800" in parsed.elements[1].text
    assert parsed.elements[0].kind == "heading"
    assert "From: 人事部 <hr@example.com>" in parsed.elements[1].text
    assert make_files.LEAVE in [element.text for element in parsed.elements]


def test_mail_with_raw_bytes_in_its_header(tmp_path: Path) -> None:
    raw = "Subject: 放假通知\nFrom: hr@example.com\nContent-Type: text/plain; charset=gb2312\n\n春节放假八天。"
    for encoding in ("utf-8", "gb18030"):
        parsed = parse(tmp_path, "a.eml", raw.encode(encoding))
        assert parsed.title == "放假通知"
        assert parsed.elements[-1].text == "春节放假八天。"


def test_text_that_is_no_mail(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="not a mail"):
        parse(tmp_path, "a.eml", "这只是一段文字。")
