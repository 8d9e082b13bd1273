"""An HTML page made ready for unstructured: what it would lose is put in words that it keeps."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.parsers.furniture import remove_furniture
from ingest.parsers.page_heads import mark_bold_lines
from ingest.tables import html_rows
from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Iterator

BREAK = "\ufdd0"
"""Stands for a line break until the elements are there; no text may hold this code point."""

_WIDE = f"{CJK}\u3000-\u303f\uff00-\uffef"
BREAK_IN_CHINESE = re.compile(rf"(?<=[{_WIDE}])[ \t]*\n[ \t]*(?=[{_WIDE}])")
# unstructured leaves these out as "likely boilerplate"; they hold questions and answers, captions, whole pages.
_RENAMED = {"details": "div", "summary": "p", "figure": "div", "figcaption": "p", "form": "div", "label": "span"}
# It also leaves out a paragraph of one character, such as 无, unless it is a list item.
_DROPPED_BY_LIBRARY = (
    " | ".join(f".//{tag}" for tag in _RENAMED) + " | .//*[self::p or self::div or self::dt or self::blockquote]"
    "[string-length(normalize-space()) = 1 and not(.//p or .//div or .//table)]"
)
_LAYOUT = (
    ".//table[.//h1 or .//h2 or .//h3 or .//h4 or .//h5 or .//h6 or @role='presentation' or .//table[count(.//tr) > 1]]"
)
_NOTE = re.compile(r"\d{1,3}|[*†‡]")


def prepare(html: str) -> str:
    """Mend in the tree what is lost: merged cells, list numbers, captions, folded parts, Chinese lines."""
    lxml_html = import_module("lxml.html")
    # Bytes, since lxml refuses a str with an encoding declaration; as XHTML pages have one.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True)
    root = lxml_html.document_fromstring(html.replace(BREAK, "").encode("utf-8"), parser=parser)
    remove_furniture(root)
    _drop_reading_aids(root)
    for node in root.xpath(".//button"):
        node.tag = "span" if node.xpath("ancestor::h1|ancestor::h2|ancestor::h3|ancestor::h4|ancestor::h5") else "p"
    for node in root.xpath(_DROPPED_BY_LIBRARY):
        node.tag = _RENAMED.get(node.tag, "li")
    for caption in root.xpath(".//table/caption"):
        caption.tag = "p"
        caption.getparent().addprevious(caption)
    for layout in root.xpath(_LAYOUT):
        _unfold(layout)
    for inner in root.xpath(".//table//table"):
        _unfold(inner, "span")
    _join_chinese_lines(root)
    for table in root.xpath(".//table[.//@rowspan or .//@colspan]"):
        _fill_table(lxml_html, table)
    mark_bold_lines(root)
    for numbered in root.xpath(".//ol"):
        _write_numbers(numbered)
    prepared: str = lxml_html.tostring(root, encoding="unicode")
    return prepared


def _drop_reading_aids(root: Any) -> None:
    """Take out how characters are pronounced; the number of a note gets brackets, or it joins the word before."""
    for node in root.xpath(".//ruby//rt | .//ruby//rp"):
        node.drop_tree()
    for node in root.xpath(".//sup[a] | .//a[sup]"):
        text = node.xpath("string()").strip()
        if _NOTE.fullmatch(text):
            for child in list(node):
                node.remove(child)
            node.text = f"[{text}]"


def _unfold(table: Any, tag: str = "div") -> None:
    """A table that only places parts of a page becomes those parts, one within a cell its text."""
    for node in [table, *_own_parts(table)]:
        if node.tag == "tr" and tag == "span":
            node.text = BREAK + (node.text or "")
        node.tag = tag
        node.tail = f" {node.tail or ''}"


def _own_parts(table: Any) -> Iterator[Any]:
    for node in table.iterchildren("tbody", "thead", "tfoot", "tr", "td", "th"):
        yield node
        yield from _own_parts(node)


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
        if node.tag == "br" and node.getparent() not in verbatim:
            node.tail = BREAK + (node.tail or "")
