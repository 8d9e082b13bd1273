"""EPUB: the chapters of a book in the order of its spine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.epub import read_epub
from kb_app.errors import DocumentError
from tests import make_office

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ingest.document import ParsedDocument

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
CHAPTERS = {
    "a1.xhtml": "<h1>第一章 选种</h1><p>种子要在阴凉处晾干。</p>",
    "b%202.xhtml": (
        "<h1>第二章 育苗</h1><table><tr><th>作物</th><th>天数</th></tr><tr><td>番茄</td><td>45</td></tr></table>"
    ),
    "nav.xhtml": "<nav><h1>目录</h1><ol><li>第一章 选种</li></ol></nav>",
}
ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
    '<e:EncryptedData><e:EncryptionMethod Algorithm="{}"/></e:EncryptedData></encryption>'
)


def book(
    chapters: Mapping[str, str] = CHAPTERS, more: Mapping[str, str | bytes] | None = None, head: str = ""
) -> bytes:
    """An EPUB; its spine is in another order than its files."""
    order = ["nav.xhtml", *sorted((name for name in chapters if name != "nav.xhtml"), reverse=True)]
    kind = 'media-type="application/xhtml+xml"'
    nav = {"nav.xhtml": 'properties="nav"'}
    items = "".join(f'<item id="i{n}" href="{name}" {kind} {nav.get(name, "")}/>' for n, name in enumerate(order))
    spine = "".join(f'<itemref idref="i{n}"/>' for n in (0, *range(len(order) - 1, 0, -1)))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>菜园笔记</dc:title><dc:creator>陆平</dc:creator><dc:creator>方舟</dc:creator>"
        f'<dc:date>2019-04-01</dc:date><meta property="dcterms:modified">2023-05-06T00:00:00Z</meta></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    files: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf}
    for name, inner in chapters.items():
        page = (
            f'{head}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{inner}</body></html>'
        )
        files[f"OEBPS/{name.replace('%20', ' ')}"] = page
    return make_office.package(files | dict(more or {}), first=("mimetype", "application/epub+zip"))


def texts(parsed: ParsedDocument) -> list[str]:
    return [element.text for element in parsed.elements]


def test_chapters_in_order_without_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "菜园.epub"
    path.write_bytes(book())
    parsed = parse_file(path)
    assert [(e.kind, e.text) for e in parsed.elements] == [
        ("heading", "第一章 选种"),
        ("text", "种子要在阴凉处晾干。"),
        ("heading", "第二章 育苗"),
        ("table", "| 作物 | 天数 |\n| --- | --- |\n| 番茄 | 45 |"),
    ]
    assert parsed.title == "菜园笔记"
    assert parsed.metadata == {"author": "陆平、方舟", "date": "2023-05-06"}


def test_text_in_a_picture() -> None:
    pytest.importorskip("ingest.ocr")
    chapters = {"c1.xhtml": '<p>标签</p><img src="../img/a.png"/>'}
    assert [
        "3317" in text for text in texts(read_epub(book(chapters, {"img/a.png": make_office.picture("SEED 3317")})))
    ] == [
        False,
        True,
    ]


def test_scrambled_fonts_are_no_protection() -> None:
    fonts = {"META-INF/encryption.xml": ENCRYPTION.format("http://www.idpf.org/2008/embedding")}
    assert texts(read_epub(book(more=fonts)))[0] == "第一章 选种"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (
            book(more={"META-INF/encryption.xml": ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}),
            "rights",
        ),
        (book(more={"META-INF/rights.xml": "<rights/>"}), "rights"),
        (make_office.package({"META-INF/container.xml": "<container/>"}), "chapters"),
        (book()[:300], "broken or truncated"),
    ],
)
def test_protected_and_broken_books_say_why(broken: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_epub(broken)


def test_no_entity_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("密钥在此", encoding="utf-8")
    head = f'<!DOCTYPE html [<!ENTITY far SYSTEM "{secret.as_uri()}">]>'
    assert "密钥" not in "".join(texts(read_epub(book({"c1.xhtml": "<p>公开的一段话&far;</p>"}, head=head))))


def test_mutated_books_never_crash_the_reader() -> None:
    results, errors = make_office.survivors("epub:read_epub", book({"c1.xhtml": "<h1>选种</h1><p>晾干。</p>"}))
    assert results > 50
    assert errors > 50
