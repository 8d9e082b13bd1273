"""HTML and Markdown, both through unstructured's HTML reader.

Its Markdown reader does the same behind Python-Markdown, which sees no list that follows a line of text.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.decoding import decode, html_charset
from ingest.document import Element, ParsedDocument
from ingest.headings import mark_headings, opening_title
from ingest.parsers.grid import table_elements
from ingest.parsers.library import partition
from ingest.parsers.package import metadata
from ingest.parsers.page import BREAK, prepare
from ingest.tables import html_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
_FRONT_FIELD = re.compile(r"^(author|date|updated):[ \t]*(.+)$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FOOTNOTE = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*")
_META = re.compile(r"<meta\s[^>]{0,1000}>", re.IGNORECASE)
_META_FIELD = re.compile(r"\b(name|property|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_DATES = ("article:modified_time", "dcterms.modified", "last-modified", "article:published_time", "pubdate", "date")


def read_html(data: bytes) -> ParsedDocument:
    """Read an HTML page: its headings, text, tables and code, without menus and footers."""
    return html_document(decode(data, html_charset(data)))


def read_markdown(data: bytes) -> ParsedDocument:
    """Read Markdown; a title in its front matter is the document's title."""
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    title = _FRONT_TITLE.search(front.group(1)) if front else None
    body = text[front.end() :] if front else text
    elements = html_elements(_markdown_to_html(_with_footnotes(body)))
    fields = {name: value.strip("\"' ") for name, value in _FRONT_FIELD.findall(front.group(1))} if front else {}
    return ParsedDocument(
        tuple(elements),
        title=title.group(1).strip("\"' ") if title else opening_title(elements),
        metadata=metadata(fields.get("author", ""), fields.get("updated") or fields.get("date", "")),
    )


def _with_footnotes(text: str) -> str:
    """Footnotes as text: CommonMark takes ``[^1]: …`` for a link's address, which nobody sees."""
    fence = ""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and (not fence or mark.group(1).startswith(fence)):
            fence = "" if fence else mark.group(1)
        elif not fence:
            lines[number] = _FOOTNOTE.sub(r"\n\\[^\1\\]: ", line)
    return "\n".join(lines)


def _markdown_to_html(text: str) -> str:
    html: str = import_module("markdown_it").MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    return html


def html_document(html: str) -> ParsedDocument:
    """The elements of an HTML text, titled by its ``<title>`` or its first heading."""
    title = re.search(r"<title[^>]*>(.*?)</title>", html[:100_000], re.IGNORECASE | re.DOTALL)
    elements = mark_headings(html_elements(html))
    fields = _meta(html[:100_000])
    unescaped = import_module("html").unescape(title.group(1)) if title else ""
    return ParsedDocument(
        tuple(elements),
        title=" ".join(unescaped.split()) or opening_title(elements),
        metadata=metadata(fields.get("author", ""), next((fields[name] for name in _DATES if name in fields), "")),
    )


def _meta(html: str) -> dict[str, str]:
    """What the page says of itself, by name."""
    fields: dict[str, str] = {}
    for tag in _META.findall(html):
        given = {name.lower(): "".join(values) for name, *values in _META_FIELD.findall(tag)}
        name = given.get("name") or given.get("property", "")
        if name and given.get("content"):
            fields.setdefault(name.lower(), import_module("html").unescape(given["content"]))
    return fields


def html_elements(html: str) -> list[Element]:
    """The elements of an HTML text in reading order."""
    if not html.strip():
        return []
    return [element for raw in partition("html", text=prepare(html)) for element in _elements(raw)]


def _elements(raw: Any) -> Iterator[Element]:
    text = _broken(raw.text)
    if raw.category == "Table" and raw.metadata.text_as_html:
        yield from table_elements([[_broken(cell) for cell in row] for row in html_rows(raw.metadata.text_as_html)])
    elif raw.category == "CodeSnippet" and text:
        yield Element("code", raw.text.replace(BREAK, "\n").strip("\n"))
    elif raw.category == "Title" and raw.metadata.category_depth is not None and text:
        yield Element("heading", " ".join(text.split("\n")), level=raw.metadata.category_depth + 1)
    else:
        yield from (Element("text", piece) for part in text.split("\n\n") if (piece := part.strip()))


def _broken(text: str) -> str:
    """A text with its line breaks, but none behind a Chinese comma; an empty line parts paragraphs."""
    lines = (line.strip() for line in text.split(BREAK))
    return re.sub(r"(?<=[，、])\n(?=[^\s])", "", re.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip()
