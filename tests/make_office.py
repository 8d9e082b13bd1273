"""Writes office files part by part, with what no library writes, and breaks them in many small ways."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "r": _OFFICE,
    }.items()
)
ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
        "presentation": "presentation", "svg": "svg-compatible", "meta": "meta", "manifest": "manifest",
    }.items()
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
    "<dcterms:modified>{date}T08:00:00Z</dcterms:modified></cp:coreProperties>"
)


def package(parts: Mapping[str, str | bytes], *, first: tuple[str, str] | None = None) -> bytes:
    """A ZIP of the parts; ``first`` is one that stands uncompressed at the beginning."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def relations(links: Mapping[str, tuple[str, str]]) -> str:
    """Links of a part: id, then kind and target."""
    entries = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, (kind, target) in links.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>'
    )


def docx(
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
    core: str = "",
) -> bytes:
    """A Word file: the XML of its body, further parts below ``word/``, the links of the document."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations({"r0": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(links or {}),
    }
    files |= {f"word/{name}": part for name, part in (parts or {}).items()}
    return package(files | ({"docProps/core.xml": core} if core else {}))


def part(name: str, content: str) -> str:
    """The root element of a part with the namespaces that the makers use."""
    return f"<{name} {NAMESPACES}>{content}</{name}>"


def p(text: str, properties: str = "", more: str = "") -> str:
    """A Word paragraph."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r>{more}</w:p>"


def table(*rows: str) -> str:
    """A Word table of rows, each the XML of its cells."""
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(content: str, properties: str = "") -> str:
    """A Word cell; plain text becomes a paragraph."""
    inner = content if content.startswith("<") else p(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def odf(kind: str, body: str, *, styles: str = "", lists: str = "", meta: str = "", manifest: str = "") -> bytes:
    """An OpenDocument file of a kind: ``text``, ``presentation`` or ``spreadsheet``."""
    content = (
        f"<office:document-content {ODF}><office:automatic-styles>{lists}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    files = {
        "content.xml": content,
        "styles.xml": f"<office:document-styles {ODF}>{styles}</office:document-styles>",
        "meta.xml": f"<office:document-meta {ODF}><office:meta>{meta}</office:meta></office:document-meta>",
        "META-INF/manifest.xml": f"<manifest:manifest {ODF}>{manifest}</manifest:manifest>",
    }
    return package(files, first=("mimetype", f"application/vnd.oasis.opendocument.{kind}"))


def picture(text: str) -> bytes:
    """A PNG with a text in it."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (520, 120), "white")
    ImageDraw.Draw(image).text((30, 30), text, "black", ImageFont.load_default(48))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# Broken files

_SURVIVE = """
import importlib, pickle, resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
module, function = sys.argv[1].split(":")
read = getattr(importlib.import_module("ingest.parsers." + module), function)
results = errors = 0
for data in pickle.load(sys.stdin.buffer):
    try:
        read(data)
        results += 1
    except MemoryError:
        raise
    except Exception:
        errors += 1
print(results, errors)
"""


def mutations(data: bytes, count: int) -> Iterator[bytes]:
    """The file broken in ``count`` ways, always the same: bytes changed or cut out, in it or in its parts."""
    chance = random.Random(len(data))
    whole = not data.startswith(b"PK")
    for i in range(count):
        yield _broken(data, chance) if whole or i % 4 == 0 else _broken_part(data, chance)


def survivors(reader: str, data: bytes, count: int = 500) -> tuple[int, int]:
    """How many of the mutations a reader (``module:function``) reads, and how many it refuses, within 1 GiB."""
    import pickle

    done = subprocess.run(
        [sys.executable, "-c", _SURVIVE, reader],
        input=pickle.dumps(list(mutations(data, count))),
        capture_output=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    results, errors = done.stdout.split()[-2:]
    return int(results), int(errors)


def _broken(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 20])):
        at = chance.randrange(len(broken))
        broken[at] = chance.choice([broken[at] ^ (1 << chance.randrange(8)), chance.randrange(256), 0x3C, 0x7D])
    if chance.random() < 0.3:
        start = chance.randrange(len(broken))
        del broken[start : start + chance.choice([1, 8, 200, len(broken)])]
    return bytes(broken)


def _broken_part(data: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([name for name, part in parts.items() if part])
    parts[name] = _broken_text(parts[name], chance) if chance.random() < 0.7 else _broken(parts[name], chance)
    return package(parts)


def _broken_text(data: bytes, chance: random.Random) -> bytes:
    """Numbers and names changed so that the XML often stays well-formed."""
    broken = bytearray(data)
    digits = [i for i, byte in enumerate(broken) if 0x30 <= byte <= 0x39 or byte == 0x22]
    for _ in range(chance.choice([1, 4, 30])):
        at = chance.choice(digits) if digits else chance.randrange(len(broken))
        broken[at] = chance.choice(b"0123456789-") if broken[at] != 0x22 else broken[at]
    if chance.random() < 0.5:
        at = chance.randrange(len(broken))
        broken[at : at + 1] = chance.choice([b"p", b"w", b"9999999", b"tbl", b""])
    return bytes(broken)
