"""JSON and XML as people read them: ``path: value`` lines, and tables for lists of like records.

unstructured expects its own elements in a JSON file and drops the names of XML's.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.parsers.grid import row_elements
from ingest.parsers.plain import text_elements
from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_BYTES = 100_000_000
MAX_XML = 50_000_000
"""Its tree takes about twelve times as much memory."""

_MAX_ELEMENTS = 2_000_000
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}encoding=[\"']([\w.-]{2,30})[\"']")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>")
_LONGEST_TAG = 40
_INLINE_LIST = 200
_SENTENCE = re.compile(r"[。！？；\n]")
_LONGEST_LEAD = 150


class Record(list[tuple[str, Any]]):
    """Names with their values, in order; a value is a text, a list of values, or a record."""


def read_json(data: bytes) -> ParsedDocument:
    """Read JSON or JSON lines, every value as it is written; what is neither is read as plain text."""
    _check_size(data, MAX_BYTES)
    text = decode(data)
    try:
        return ParsedDocument(tuple(_elements(_load(text))))
    except (ValueError, RecursionError):
        return ParsedDocument(tuple(text_elements(text)))


def read_xml(data: bytes) -> ParsedDocument:
    """Read XML, its elements' texts and attributes in order; what is none is read as plain text.

    Raises:
        DocumentError: It declares entities, which may stand for other files or for billions of characters.
    """
    from lxml import etree  # type: ignore[import-untyped]  # ships no types

    _check_size(data, MAX_XML)
    declared = _DECLARED.match(data[:400].lstrip(b"\xef\xbb\xbf"))
    text = decode(data, declared.group(1).decode("ascii") if declared else "")
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise DocumentError("declares entities (<!ENTITY …>), which are never resolved; save it without them")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", text).encode(), parser)
        return ParsedDocument(tuple(_elements(_from_xml(root))))
    except (etree.XMLSyntaxError, RecursionError):
        return ParsedDocument(tuple(text_elements(text)))


def _check_size(data: bytes, bound: int) -> None:
    if len(data) > bound:
        raise DocumentError(f"{len(data):,} bytes, over the bound of {bound:,} for this format; split the file")


def _load(text: str) -> Any:
    """The values; numbers stay as they are written, a name that stands twice keeps both values."""
    decoder = json.JSONDecoder(object_pairs_hook=Record, parse_float=str, parse_int=str, parse_constant=str)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [decoder.decode(line) for line in lines]


def _from_xml(node: Any) -> Any:
    """An element as a text, or as a record of its attributes and children; children of one name are a list."""
    children = [child for child in node if isinstance(child.tag, str)]
    mixed = any((child.tail or "").strip() for child in children) or (children and (node.text or "").strip())
    fields = Record((_name(key), value.strip()) for key, value in node.attrib.items() if value.strip())
    if mixed or not children:
        text = " ".join("".join(node.itertext()).split())
        return Record([*fields, ("", text)]) if fields else text
    start = 0
    while start < len(children):
        end = start
        while end < len(children) and children[end].tag == children[start].tag:
            end += 1
        values = [_from_xml(child) for child in children[start:end]]
        fields.append((_name(children[start].tag), values if len(values) > 1 else values[0]))
        start = end
    return fields


def _name(tag: str) -> str:
    """A tag without its namespace; none where it is too long to be read."""
    name = tag.rpartition("}")[2]
    return name if len(name) <= _LONGEST_TAG else ""


@dataclass(slots=True)
class _Lines:
    """``path: value`` lines that belong to one record."""

    lines: list[str] = field(default_factory=list)

    def add(self, path: str, value: str) -> None:
        if value.strip():
            self.lines.append(f"{path}: {value.strip()}" if path else value.strip())

    def flush_before_table(self, path: str) -> Iterator[Element]:
        """With the table's name below; a few lines lead to it together, as they tell whose table it is."""
        if sum(map(len, self.lines)) > _LONGEST_LEAD:
            yield from self.flush()
        if path:
            self.lines.append(f"{path}:")
        yield from self.flush()

    def flush(self) -> Iterator[Element]:
        if self.lines:
            yield Element("text", "\n".join(self.lines))
            self.lines = []


def _elements(value: Any) -> Iterator[Element]:
    lines = _Lines()
    for number, element in enumerate(_walk(value, "", lines)):
        if number > _MAX_ELEMENTS:
            raise DocumentError(f"more than {_MAX_ELEMENTS:,} values; split the file")
        yield element
    yield from lines.flush()


def _walk(value: Any, path: str, lines: _Lines) -> Iterator[Element]:
    if isinstance(value, Record):
        for name, inner in value:
            yield from _walk(inner, _joined(path, name), lines)
    elif isinstance(value, list):
        yield from _walk_list(value, path, lines)
    else:
        lines.add(path, _text(value))


def _walk_list(values: Sequence[Any], path: str, lines: _Lines) -> Iterator[Element]:
    if short := _inline(values):
        lines.add(path, short)
    elif len(values) > 1 and all(isinstance(value, Record) for value in values) and (rows := _table(values)):
        yield from lines.flush_before_table(path)
        yield from row_elements(rows)
    else:
        for number, value in enumerate(values, start=1):
            yield from _walk(value, f"{path}[{number}]" if path else "", lines)
            if not path or isinstance(value, Record):
                yield from lines.flush()


def _table(records: Iterable[Record]) -> list[list[str]]:
    """Header and rows of records that hold texts and short lists alone; none if they are too different."""
    columns: dict[str, int] = {}
    cells: list[dict[int, str]] = []
    filled = 0
    for record in records:
        flat = _flat(record, "")
        if flat is None or len(flat) != len(dict(flat)):
            return []
        cells.append({columns.setdefault(name, len(columns)): text for name, text in flat})
        filled += len(flat)
    if filled * 3 < len(columns) * len(cells):
        return []
    return [list(columns), *([row.get(i, "") for i in range(len(columns))] for row in cells)]


def _flat(record: Record, path: str) -> list[tuple[str, str]] | None:
    """Names and texts of a record, those of records in it below their names; None if it holds lists of records."""
    flat: list[tuple[str, str]] = []
    for name, value in record:
        if isinstance(value, Record):
            inner = _flat(value, _joined(path, name))
            if inner is None:
                return None
            flat += inner
        elif isinstance(value, list):
            short = _inline(value)
            if value and not short:
                return None
            flat.append((_joined(path, name), short))
        else:
            flat.append((_joined(path, name), _text(value)))
    return flat


def _inline(values: Sequence[Any]) -> str:
    """A list of short texts on one line; empty for others, as for sentences."""
    if any(isinstance(value, list) for value in values):
        return ""
    text = ", ".join(_text(value) for value in values)
    return text if len(text) <= _INLINE_LIST and not _SENTENCE.search(text) else ""


def _joined(path: str, name: str) -> str:
    name = one_line(name, 200)
    return f"{path}.{name}" if path and name else path or name


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
