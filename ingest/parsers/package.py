"""An office file as a package of XML parts: bounded, offline, read with lxml."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lxml import etree  # type: ignore[import-untyped]  # ships no types

from ingest.parsers.archive import check_archive
from kb_app.errors import DocumentError
from kb_app.text import CJK, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.document import Element

MAX_XML = 64_000_000
"""Bytes of one XML part: its tree takes about twelve times as much memory."""

_NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
}
# Files saved as "strict" name the same elements by other addresses.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(main|relationships|chart|math|diagram)")
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)
_LABELS = {
    "footnote": ("脚注", "Footnote"),
    "endnote": ("尾注", "Endnote"),
    "comment": ("批注", "Comment"),
    "notes": ("备注", "Notes"),
    "header": ("页眉", "Header"),
    "footer": ("页脚", "Footer"),
}
_CJK = re.compile(f"[{CJK}]")
# Words that authoring programs write into the title field by themselves.
_EMPTY_TITLES = re.compile(
    r"(?:powerpoint )?(?:presentation|演示文稿)\s*\d*|(?:microsoft )?word.*|untitled.*|.*\.\w{3,4}", re.I
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another.

    Attributes:
        kind: Last word of its type, e.g. ``"image"``.
        target: Name of the other part within the package.
    """

    kind: str
    target: str


class Package:
    """The parts of an office file, by name without regard to case.

    Raises:
        DocumentError: It is no archive, or unpacks to more than is bearable.
    """

    def __init__(self, data: bytes) -> None:
        check_archive(data)
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._names = {name.replace("\\", "/").lower(): name for name in self._zip.namelist()}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def read(self, name: str, limit: int = 0) -> bytes:
        """The bytes of a part; none if it is not there.

        Raises:
            DocumentError: The part is broken, or larger than ``limit``.
        """
        stored = self._names.get(name.lower())
        if stored is None:
            return b""
        size = self._zip.getinfo(stored).file_size
        if limit and size > limit:
            raise DocumentError(f"{name} unpacks to {size:,} bytes, over the bound of {limit:,}; split the file")
        try:
            return self._zip.read(stored)
        except _BROKEN as error:
            raise DocumentError(f"broken or truncated at {name}; open it in its program and save it anew") from error

    def xml(self, name: str) -> Any:
        """The tree of a part, None if it is not there; what it names outside of itself is never fetched."""
        data = self.read(name, MAX_XML)
        if not data:
            return None
        if b"purl.oclc.org/ooxml" in data:
            data = _STRICT.sub(_transitional, data)
        return parse_xml(data, name)

    def relations(self, name: str) -> dict[str, Relation]:
        """The links of a part to others, by their id; links to the outside are left out."""
        folder, base = posixpath.split(name)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found = {}
        for link in root if root is not None else ():
            target = link.get("Target", "") if local(link) == "Relationship" else ""
            if target and link.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[link.get("Id", "")] = Relation(link.get("Type", "").rpartition("/")[2], path)
        return found

    def main(self, fallback: str) -> tuple[str, Any]:
        """Name and tree of the part that holds the document.

        Raises:
            DocumentError: There is none.
        """
        links = self.relations("").values()
        named = next((link.target for link in links if link.kind == "officeDocument"), fallback)
        name = named if named in self else fallback
        root = self.xml(name)
        if root is None:
            raise DocumentError(f"broken: {fallback} is not in it; open it in its program and save it anew")
        return name, root

    def core(self) -> tuple[str, dict[str, str]]:
        """Title and metadata (author, date) from the core properties."""
        links = self.relations("").values()
        root = self.xml(next((link.target for link in links if link.kind == "core-properties"), "docProps/core.xml"))
        fields = {local(node): (node.text or "").strip() for node in root} if root is not None else {}
        author = fields.get("creator") or fields.get("lastModifiedBy", "")
        return sensible_title(fields.get("title", "")), metadata(
            author, fields.get("modified") or fields.get("created", "")
        )


def parse_xml(data: bytes, name: str) -> Any:
    """Parse XML without fetching or expanding anything.

    Raises:
        DocumentError: It is no well-formed XML.
    """
    try:
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        raise DocumentError(
            f"broken: {name} is no valid XML ({one_line(error.msg, 160)}); save the file anew"
        ) from error


def q(name: str) -> str:
    """A prefixed name as lxml spells it, e.g. ``w:p``."""
    return _qualified(name)


def local(node: Any) -> str:
    """A node's name without its namespace; empty for comments and entities."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def attribute(node: Any, name: str, default: str = "") -> str:
    """An attribute by its local name, in whatever namespace."""
    return next((str(value) for key, value in node.attrib.items() if key.rpartition("}")[2] == name), default)


def integer(text: str | None, default: int = 0) -> int:
    """A number in an attribute, or the default where it is none."""
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,9}", text) else default


def children(node: Any, wanted: Iterable[str], through: Iterable[str]) -> Iterator[Any]:
    """The children with one of the wanted names, and those within wrappers, in order."""
    for child in node:
        if (name := local(child)) in wanted:
            yield child
        elif name in through:
            yield from children(child, wanted, through)


def marked(kind: str, text: str, by: str = "") -> str:
    """A text with a label that says what it is, in the text's language: ``批注（王芳）：…``."""
    chinese, english = _LABELS[kind]
    if _CJK.search(text):
        return f"{chinese}（{by}）：{text}" if by else f"{chinese}：{text}"
    return f"{english} ({by}): {text}" if by else f"{english}: {text}"


def with_margins(body: Sequence[Element], margins: Sequence[Element]) -> list[Element]:
    """Headers and footers behind the first line: they belong to all of a document, not to its last section."""
    return [*body[:1], *margins, *body[1:]]


def sensible_title(title: str) -> str:
    """A title field on one line; empty where a program filled it in by itself."""
    flat = " ".join(title.split())
    return "" if _EMPTY_TITLES.fullmatch(flat) else flat


def metadata(author: str, date: str) -> dict[str, str]:
    """The fields of ``ParsedDocument.metadata`` that are known."""
    day = _DATE.match(date)
    fields = {"author": " ".join(author.split()), "date": day.group() if day else ""}
    return {key: value for key, value in fields.items() if value}


@cache
def _qualified(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{rest}"


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)


def _transitional(match: re.Match[bytes]) -> bytes:
    return b"http://schemas.openxmlformats.org/%s/2006/%s" % match.groups()
