"""HTML and Markdown, both through unstructured's HTML reader.

Its Markdown reader does the same behind Python-Markdown, which sees no list that follows a line of text.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.headings import opening_title
from ingest.parsers.furniture import remove_furniture
from ingest.parsers.library import partition
from ingest.tables import html_rows, markdown_table
from kb_app.text import CJK

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,20})", re.IGNORECASE)
_WIDE = f"{CJK}\u3000-\u303f\uff00-\uffef"
BREAK_IN_CHINESE = re.compile(rf"(?<=[{_WIDE}])[ \t]*\n[ \t]*(?=[{_WIDE}])")
# unstructured leaves these out as "likely boilerplate"; they hold questions and answers, captions, whole pages.
_RENAMED = {"details": "div", "summary": "p", "figure": "div", "figcaption": "p", "form": "div", "label": "span"}
# It also leaves out a paragraph of one character, such as 无, unless it is a list item.
_DROPPED_BY_LIBRARY = (
    " | ".join(f".//{tag}" for tag in _RENAMED) + " | .//*[self::p or self::div or self::dt or self::blockquote]"
    "[string-length(normalize-space()) = 1 and not(.//p or .//div or .//table)]"
)


def read_html(data: bytes) -> ParsedDocument:
    """Read an HTML page: its headings, text, tables and code, without menus and footers."""
    declared = _META_CHARSET.search(data, 0, 4096)
    return html_document(decode(data, declared.group(1).decode("ascii") if declared else ""))


def read_markdown(data: bytes) -> ParsedDocument:
    """Read Markdown; a title in its front matter is the document's title."""
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    title = _FRONT_TITLE.search(front.group(1)) if front else None
    body = text[front.end() :] if front else text
    elements = html_elements(_markdown_to_html(body))
    return ParsedDocument(tuple(elements), title=title.group(1).strip("\"' ") if title else opening_title(elements))


def _markdown_to_html(text: str) -> str:
    html: str = import_module("markdown_it").MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    return html


def html_document(html: str) -> ParsedDocument:
    """The elements of an HTML text, titled by its ``<title>`` or its first heading."""
    title = re.search(r"<title[^>]*>(.*?)</title>", html[:100_000], re.IGNORECASE | re.DOTALL)
    elements = html_elements(html)
    unescaped = import_module("html").unescape(title.group(1)) if title else ""
    return ParsedDocument(tuple(elements), title=" ".join(unescaped.split()) or opening_title(elements))


def html_elements(html: str) -> list[Element]:
    """The elements of an HTML text in reading order."""
    if not html.strip():
        return []
    converted = (_element(raw) for raw in partition("html", text=_prepare(html)))
    return [element for element in converted if element is not None]


def _element(raw: Any) -> Element | None:
    text = raw.text.strip()
    if raw.category == "Table" and raw.metadata.text_as_html:
        table = markdown_table(html_rows(raw.metadata.text_as_html))
        return Element("table", table) if table else None
    if not text:
        return None
    if raw.category == "CodeSnippet":
        return Element("code", raw.text.strip("\n"))
    if raw.category == "Title" and raw.metadata.category_depth is not None:
        return Element("heading", text, level=raw.metadata.category_depth + 1)
    return Element("text", text)


def _prepare(html: str) -> str:
    """Mend in the tree what unstructured loses: merged cells, list numbers, captions, folded parts, Chinese lines."""
    lxml_html = import_module("lxml.html")
    # Bytes, since lxml refuses a str with an encoding declaration; as XHTML pages have one.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True)
    root = lxml_html.document_fromstring(html.encode("utf-8"), parser=parser)
    remove_furniture(root)
    for node in root.xpath(_DROPPED_BY_LIBRARY):
        node.tag = _RENAMED.get(node.tag, "li")
    for caption in root.xpath(".//table/caption"):
        caption.tag = "p"
        caption.getparent().addprevious(caption)
    for table in root.xpath(".//table[.//@rowspan or .//@colspan][not(.//table)]"):
        _fill_table(lxml_html, table)
    for numbered in root.xpath(".//ol"):
        _write_numbers(numbered)
    _join_chinese_lines(root)
    prepared: str = lxml_html.tostring(root, encoding="unicode")
    return prepared


def _fill_table(lxml_html: Any, table: Any) -> None:
    rows = html_rows(lxml_html.tostring(table, encoding="unicode", with_tail=False))
    for node in table.xpath(".//tr"):
        node.getparent().remove(node)
    for row in rows:
        line = lxml_html.etree.SubElement(table, "tr")
        for cell in row:
            lxml_html.etree.SubElement(line, "td").text = cell


def _write_numbers(numbered: Any) -> None:
    start = numbered.get("start", "1")
    first = int(start) if start.isdecimal() else 1
    for number, item in enumerate(numbered.findall("li"), start=first):
        inner = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
        inner.text = f"{number}. {(inner.text or '').lstrip()}"


def _join_chinese_lines(root: Any) -> None:
    """A line break within Chinese is no space, though HTML would make it one."""
    verbatim = set(root.xpath(".//pre | .//pre//* | .//code | .//textarea"))
    for node in root.iter():
        if node.text and node not in verbatim:
            node.text = BREAK_IN_CHINESE.sub("", node.text)
        if node.tail and node.getparent() not in verbatim:
            node.tail = BREAK_IN_CHINESE.sub("", node.tail)
