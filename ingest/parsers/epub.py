"""EPUB: the chapters in the order of its spine, each read as an HTML page.

unstructured has an EPUB reader too, which needs the program pandoc and forgets where a chapter begins.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ingest import pulse
from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.headings import mark_headings, opening_title
from ingest.parsers.drawing import Pictures
from ingest.parsers.markup import html_elements
from ingest.parsers.package import Package, attribute, local, metadata, parse_xml, sensible_title
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHAPTER = 20_000_000
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbncx+xml", "image/svg+xml"})
# Fonts may be scrambled in a book that is free to read.
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_epub(data: bytes) -> ParsedDocument:
    """Read a book: chapters by its spine, without its own table of contents.

    Raises:
        DocumentError: It is protected, or it does not say what it consists of.
    """
    package = Package(data)
    _check_protection(package)
    name, root = _book(package)
    folder = posixpath.dirname(name)
    pages = list(_spine(root, folder))
    elements: list[Element] = []
    pictures = Pictures(package)
    for number, page in enumerate(pages, start=1):
        elements += _chapter(package, page, pictures)
        pulse.beat(number, len(pages))
    elements = mark_headings(elements)
    fields = _fields(root)
    title = sensible_title(fields.get("title", "")) or opening_title(elements)
    date = fields.get("modified") or fields.get("date", "")
    return ParsedDocument(tuple(elements), title, metadata=metadata(fields.get("creator", ""), date))


def _check_protection(package: Package) -> None:
    root = package.xml("META-INF/encryption.xml")
    methods = [attribute(node, "Algorithm") for node in root.iter("{*}EncryptionMethod")] if root is not None else []
    if "META-INF/rights.xml" in package or any(method not in _FONT_SCRAMBLING for method in methods):
        raise DocumentError("protected by digital rights management; its text cannot be read, get a copy without it")


def _book(package: Package) -> tuple[str, Any]:
    """Name and tree of the file that lists the parts of the book."""
    container = package.xml("META-INF/container.xml")
    names = [attribute(node, "full-path") for node in container.iter("{*}rootfile")] if container is not None else []
    for name in names:
        if (root := package.xml(name)) is not None:
            return name, root
    raise DocumentError("broken: it does not list its chapters (META-INF/container.xml); get the book anew")


def _fields(root: Any) -> dict[str, str]:
    """Title, creator and dates; of several the first, but all creators."""
    fields: dict[str, str] = {}
    authors: list[str] = []
    for node in root.iterfind("{*}metadata//{*}*"):
        text = " ".join((node.text or "").split())
        if local(node) == "creator" and text:
            authors.append(text)
        elif attribute(node, "property") == "dcterms:modified":
            fields.setdefault("modified", text)
        elif text:
            fields.setdefault(local(node), text)
    return fields | {"creator": "、".join(dict.fromkeys(authors))}


def _spine(root: Any, folder: str) -> Iterator[str]:
    """The names of the chapters in reading order, without the table of contents."""
    items = {attribute(node, "id"): node for node in root.iterfind("{*}manifest/{*}item")}
    contents = {attribute(node, "href").partition("#")[0] for node in _guided(root)}
    for reference in root.iterfind("{*}spine/{*}itemref"):
        item = items.get(attribute(reference, "idref"))
        if item is None or attribute(item, "media-type") not in _PAGES:
            continue
        href = attribute(item, "href").partition("#")[0]
        if href not in contents and "nav" not in attribute(item, "properties").split():
            yield posixpath.normpath(posixpath.join(folder, unquote(href)))


def _guided(root: Any) -> list[Any]:
    return [node for node in root.iterfind("{*}guide/{*}reference") if attribute(node, "type") == "toc"]


def _chapter(package: Package, name: str, pictures: Pictures) -> Iterator[Element]:
    data = package.read(name, _MAX_CHAPTER)
    if not data.strip():
        return
    html = decode(data)
    yield from html_elements(html)
    if "<img" in html or "<image" in html:
        for target in _images(data, name):
            if text := pictures.text(target):
                yield Element("text", text)


def _images(data: bytes, name: str) -> list[str]:
    """The pictures of a chapter, by name within the book."""
    try:
        root = parse_xml(data, name)
    except DocumentError:
        return []
    links = [attribute(node, "src") or attribute(node, "href") for node in root.iter("{*}img", "{*}image")]
    folder = posixpath.dirname(name)
    return [posixpath.normpath(posixpath.join(folder, unquote(link))) for link in links if link]
