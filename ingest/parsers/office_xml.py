"""Office documents in one XML file: Word 2003's own XML, and a whole package of parts written as XML.

Both become the package that today's Office writes, and are read as that. No library reads either.
"""

from __future__ import annotations

import base64
import binascii
import io
import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree  # type: ignore[import-untyped]  # ships no types

from ingest.parsers.package import attribute, local, parse_xml, q
from ingest.parsers.slides import read_pptx
from ingest.parsers.word import read_docx
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ingest.document import ParsedDocument

MAX_BYTES = 64_000_000
"""Its tree takes about twelve times as much memory."""

_WORD_2003 = b"http://schemas.microsoft.com/office/word/2003/wordml"
_WORD = q("w:p").partition("}")[0][1:]
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_SECTIONS = frozenset({"sect", "sub-section", "pBdrGroup"})
_PROPERTIES = {"Title": "title", "Author": "creator", "LastAuthor": "lastModifiedBy", "LastSaved": "modified"}


def read_word_xml(data: bytes) -> ParsedDocument:
    """Read a document of Word 2003 that was saved as XML."""
    root = parse_xml(_checked(data).replace(_WORD_2003, _WORD.encode()), "the file")
    return read_docx(_Word2003(root).package())


def read_flat_package(data: bytes) -> ParsedDocument:
    """Read a Word or PowerPoint file whose parts were written into one XML file.

    Raises:
        DocumentError: It holds neither a document nor slides.
    """
    root = parse_xml(_checked(data), "the file")
    parts = {attribute(part, "name").lstrip("/"): _part(part) for part in root if local(part) == "part"}
    packed = _zipped(parts)
    if "word/document.xml" in parts:
        return read_docx(packed)
    if "ppt/presentation.xml" in parts:
        return read_pptx(packed)
    raise DocumentError("a package of neither Word nor PowerPoint; open it in its program and save it anew")


def _checked(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{len(data):,} bytes, over the bound of {MAX_BYTES:,} for this format; split the file")
    return data


def _part(part: Any) -> bytes:
    body = next(iter(part), None)
    if body is None:
        return b""
    if local(body) == "binaryData":
        return _decoded(body.text)
    return etree.tostring(body[0]) if len(body) else b""


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "")
    except (binascii.Error, ValueError):
        return b""


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


@dataclass(slots=True)
class _Word2003:
    """A document of Word 2003 on its way to today's parts; its elements already bear today's names.

    Attributes:
        root: The whole, changed on the way.
        links: Relations of the document by id: kind and target.
        parts: Bytes by name, without the document itself.
        notes: Foot- and endnotes and comments by kind.
    """

    root: Any
    links: dict[str, tuple[str, str]] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    notes: dict[str, list[Any]] = field(default_factory=dict)

    def package(self) -> bytes:
        """The bytes of the same document as DOCX.

        Raises:
            DocumentError: It has no body.
        """
        body = self.root.find(q("w:body"))
        if body is None:
            raise DocumentError("broken: no text body in it; open it in Word and save it anew")
        self._take_pictures()
        self._take_margins()
        self._take_revisions()
        self._take_notes()
        for numbering in list(self.root.iter(q("w:listPr"))):
            _write_number(numbering)
        _unwrap(node for node in list(body.iter()) if local(node) in _SECTIONS)
        document = etree.Element(q("w:document"))
        document.append(body)
        return _zipped(self.parts | self._rest(document))

    def _rest(self, document: Any) -> dict[str, bytes]:
        """The parts that gather what was found."""
        parts = {"word/document.xml": etree.tostring(document), "docProps/core.xml": self._core()}
        styles = self.root.find(q("w:styles"))
        if styles is not None:
            parts["word/styles.xml"] = etree.tostring(styles)
        for kind, nodes in self.notes.items():
            whole = etree.Element(q(f"w:{kind}s"))
            whole.extend(nodes)
            parts[f"word/{kind}s.xml"] = etree.tostring(whole)
        parts["word/_rels/document.xml.rels"] = _relations(self.links)
        parts["_rels/.rels"] = _relations({"r0": ("officeDocument", "word/document.xml")})
        return parts

    def _core(self) -> bytes:
        core = etree.Element(f"{{{_CORE}}}coreProperties")
        for node in self.root.iterfind("{*}DocumentProperties/{*}*"):
            if local(node) in _PROPERTIES:
                etree.SubElement(core, f"{{{_CORE}}}{_PROPERTIES[local(node)]}").text = node.text
        return bytes(etree.tostring(core))

    def _take_pictures(self) -> None:
        """Pictures lie in the text; what draws them names them."""
        for node in list(self.root.iter(q("w:binData"))):
            name = attribute(node, "name")
            target = f"media/{len(self.links):04d}{posixpath.splitext(name)[1]}"
            self.parts[f"word/{target}"] = _decoded(node.text)
            self.links[name] = ("image", target)
            _remove(node)
        for node in self.root.iter("{*}imagedata"):
            node.set(q("r:id"), attribute(node, "src"))

    def _take_margins(self) -> None:
        """Headers and footers become parts of their own."""
        for node in [*self.root.iter(q("w:hdr")), *self.root.iter(q("w:ftr"))]:
            kind = "header" if local(node) == "hdr" else "footer"
            name = f"{kind}{len(self.links)}"
            reference = etree.Element(q(f"w:{kind}Reference"))
            reference.set(q("r:id"), name)
            self.links[name] = (kind, f"{name}.xml")
            node.addprevious(reference)
            self.parts[f"word/{name}.xml"] = etree.tostring(node, with_tail=False)
            _remove(node)

    def _take_revisions(self) -> None:
        """What was deleted goes, what was inserted stays, comments become notes."""
        for node in list(self.root.iter("{*}annotation")):
            kind = attribute(node, "type")
            content = next((child for child in node if local(child) == "content"), None)
            if kind == "Word.Comment" and content is not None:
                self._note(node, "comment", list(content), attribute(node, "author"))
            elif kind == "Word.Insertion" and content is not None:
                _unwrap([content, node])
            else:
                _remove(node)

    def _take_notes(self) -> None:
        for kind in ("footnote", "endnote"):
            for node in list(self.root.iter(q(f"w:{kind}"))):
                if next(node.iterancestors(q("w:body")), None) is not None:
                    self._note(node, kind, list(node), "")

    def _note(self, node: Any, kind: str, content: list[Any], author: str) -> None:
        """Put a note aside and a reference to it in its place."""
        notes = self.notes.setdefault(kind, [])
        number = str(len(notes) + 1)
        note = etree.Element(q(f"w:{kind}"), {q("w:id"): number, q("w:author"): author})
        note.extend(content)
        notes.append(note)
        reference = etree.Element(q(f"w:{kind}Reference"), {q("w:id"): number})
        node.addprevious(reference)
        _remove(node)


def _write_number(numbering: Any) -> None:
    """The number that Word counted, as text before the paragraph."""
    shown = next((attribute(node, "val") for node in numbering if local(node) == "t"), "")
    paragraph = next(numbering.iterancestors(q("w:p")), None)
    if paragraph is None or not shown:
        return
    run = etree.Element(q("w:r"))
    # The mark of a symbol font is a letter elsewhere.
    etree.SubElement(run, q("w:t")).text = "• " if len(shown) == 1 and not shown.isalnum() else f"{shown} "
    paragraph.insert(1, run)


def _unwrap(nodes: Iterable[Any]) -> None:
    """Put the children of nodes into their places."""
    for node in nodes:
        for child in list(node):
            node.addprevious(child)
        _remove(node)


def _remove(node: Any) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _relations(links: Mapping[str, tuple[str, str]]) -> bytes:
    root = etree.Element(f"{{{_PACKAGE}}}Relationships")
    for key, (kind, target) in links.items():
        etree.SubElement(
            root, f"{{{_PACKAGE}}}Relationship", {"Id": key, "Type": f"{_OFFICE}/{kind}", "Target": target}
        )
    return bytes(etree.tostring(root))
