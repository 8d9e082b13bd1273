"""Web pages, books and texts as they really are: layout by tables, folded answers, notes, hard line breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.markup import read_html, read_markdown
from ingest.parsers.plain import read_text
from ingest.parsers.source import read_settings
from ingest.parsers.structured import read_xml
from tests.test_parse_epub import book

if TYPE_CHECKING:
    from pathlib import Path


def html(body: str, head: str = "") -> list[tuple[str, str]]:
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    return [(element.kind, element.text) for element in read_html(page.encode()).elements]


def test_a_page_laid_out_by_tables() -> None:
    found = html(
        "<table><tr><td><h2>借阅规则</h2><p>补发工本费五十元。</p>"
        "<table><tr><th rowspan=2>读者</th><th colspan=2>图书</th></tr><tr><th>册数</th><th>天数</th></tr>"
        "<tr><td>成人</td><td>20</td><td>28 <table><tr><td>可续借</td></tr></table></td></tr></table>"
        "<h3>例外</h3><p>参考书不外借。</p></td></tr></table>"
    )
    assert found == [
        ("heading", "借阅规则"),
        ("text", "补发工本费五十元。"),
        ("table", "| 读者 | 图书 册数 | 图书 天数 |\n| --- | --- | --- |\n| 成人 | 20 | 28<br>可续借 |"),
        ("heading", "例外"),
        ("text", "参考书不外借。"),
    ]


@pytest.mark.parametrize(
    "button", ["<h3><button>积分会过期吗</button></h3>", "<button class=q>积分会过期吗？</button>"]
)
def test_a_question_that_unfolds_its_answer(button: str) -> None:
    texts = [text for _, text in html(f"{button}<div style='display:none'>两年后过期。</div><button>提交</button>")]
    assert [text.rstrip("？") for text in texts] == ["积分会过期吗", "两年后过期。"]


def test_line_breaks_stay_and_empty_lines_part_paragraphs() -> None:
    assert html("<div>电话：8512<br>传真：8513<br><br>地址：临港路八号<br/></div><pre>甲<br>乙</pre>") == [
        ("text", "电话：8512\n传真：8513"),
        ("text", "地址：临港路八号"),
        ("code", "甲\n乙"),
    ]
    assert html("<div>逾期每日罚款2元，<br>最高100元。</div>") == [("text", "逾期每日罚款2元，最高100元。")]
    assert html("<h1>净水器<br>发布方案</h1><p>五月。</p>")[0] == ("heading", "净水器 发布方案")


def test_what_a_page_says_of_itself() -> None:
    head = "<meta name='Author' content='宣传科'><meta name=\"PubDate\" content=\"2023-05-06 10:00\">"
    page = f"<html><head>{head}</head><body><p>停水通知</p></body></html>"
    assert read_html(page.encode()).metadata == {"author": "宣传科", "date": "2023-05-06"}


def test_numbered_headings_of_a_page_without_any() -> None:
    assert html("<p>一、检查范围</p><p>全市食堂。</p><p>二、检查内容</p><p>留样柜。</p>")[::2] == [
        ("heading", "一、检查范围"),
        ("heading", "二、检查内容"),
    ]


def test_footnotes_and_front_matter_of_markdown() -> None:
    text = (
        "---\ntitle: 手册\nauthor: 韩磊\ndate: 2024-11-05\n---\n\n端口八四四三[^1]\n\n```\n[^2]: 代码\n```\n\n"
        "[^1]: 仅对内网\n    开放。\n[^b]: 见附录。\n"
    )
    parsed = read_markdown(text.encode())
    assert parsed.metadata == {"author": "韩磊", "date": "2024-11-05"}
    assert [element.text for element in parsed.elements] == [
        "端口八四四三[^1]",
        "[^2]: 代码",
        "[^1]: 仅对内网开放。",
        "[^b]: 见附录。",
    ]


def test_a_book_without_reading_aids_but_with_its_notes(tmp_path: Path) -> None:
    page = (
        '<h1>第一章 水</h1><p>水温八十度<a href="#f"><sup>1</sup></a>为宜，'
        "<ruby>茗<rp>(</rp><rt>míng</rt><rp>)</rp></ruby>香方出。</p><p>第二章　器</p><p>紫砂壶为佳。</p>"
    )
    path = tmp_path / "a.epub"
    path.write_bytes(book({"a.xhtml": page}))
    elements = parse_file(path).elements
    assert [element.text for element in elements][1] == "水温八十度[1]为宜，茗香方出。"
    assert [element.level for element in elements if element.kind == "heading"] == [1, 1]


WRAPPED = (
    "　　近期气温升高，为防止食物中毒事件发生，经研究，决定于九月十五\n日至九月三十日对全市学校食堂进行一次卫生检查，"
    "现将有关事项通知\n如下：\n　　各校应当在开学之前完成自查，并将自查的情况报送市教育局的体卫科\n备案。\n"
)


def test_hard_line_breaks_within_chinese() -> None:
    (element,) = read_text(WRAPPED.encode("gb18030")).elements
    assert element.text.split("\n") == [
        "近期气温升高，为防止食物中毒事件发生，经研究，决定于九月十五日至九月三十日对全市学校食堂进行一次卫生检查，现将有关事项通知如下：",
        "　　各校应当在开学之前完成自查，并将自查的情况报送市教育局的体卫科备案。",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "关于做好二〇〇三年秋季学校食堂卫生检查工作的通知\n关于印发海澜市城区中小学校舍安全专项整治工作实施方案的通知\n关于更换三号楼电梯的批复",
        "窗前的灯亮到很晚\n没有人记得雨什么时候停\n只有风还在走",
        "The pump was checked.\nThe valve was closed by the operator on duty this evening.\nDone",
    ],
)
def test_lines_that_end_by_themselves_stay(text: str) -> None:
    assert "\n".join(element.text for element in read_text(text.encode()).elements) == text


def test_a_block_of_text_in_settings_has_its_name() -> None:
    elements = read_settings("通知:\n  渠道: 短信\n说明: |\n  进入延迟队列。\n".encode()).elements
    assert [element.text for element in elements if element.kind == "heading"] == ["通知", "说明"]


def test_sentences_of_xml_stand_on_lines_of_their_own() -> None:
    (element,) = read_xml("<公文><段>预算38万元。</段><段>工期45天。</段></公文>".encode()).elements
    assert element.text == "段[1]: 预算38万元。\n段[2]: 工期45天。"
