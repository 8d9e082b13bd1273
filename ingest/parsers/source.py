"""Source code and settings: word for word, cut at definitions and blank lines, headed by what is defined.

unstructured takes code for prose and drops its indentation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_PIECE = 800
"""Characters up to which pieces between blank lines stay together."""

_DEEPEST = 8
_LONGEST_LINE = 300
_WORDS = (
    "export default public private protected internal static final abstract async sealed partial pub unsafe inline"
    " virtual override data open"
).replace(" ", "|")
_KINDS = "class|interface|trait|struct|enum|record|object|impl|namespace|module|def|func|function|fn|fun|sub|procedure"
_DEFINITIONS = (
    re.compile(rf"(?:(?:{_WORDS})\s+)*(?:{_KINDS})\s+(?:\([^)]*\)\s*)?(?P<name>[\w$.:]+)"),
    re.compile(r"(?!return|else|new|throw)[\w<>\[\],*&:~ ]+?[ *&](?P<name>\w+)\s*\([^;{}]*\)[\w\s,]*\{\s*$"),
    re.compile(r"(?P<name>\w[\w-]*)\s*\(\)\s*\{"),
    re.compile(
        r"create\s+(?:or\s+replace\s+)?(?:table|view|function|procedure|trigger)\s+(?:if\s+not\s+exists\s+)?"
        r"(?P<name>[\w.`\"\[\]]+)",
        re.IGNORECASE,
    ),
    re.compile(r"\\(?:part|chapter|(?:sub)*section)\*?\{(?P<name>[^}]+)\}"),
)
_SECTIONS = (
    re.compile(r"\[+(?P<name>[^\[\]]{1,80})\]+\s*(?:[#;].*)?$"),
    re.compile(r"(?P<name>[\w.\- ]{1,80}):\s*(?:[|>][-+\d]{0,2}\s*)?(?:#.*)?$"),
)
_NO_NAMES = frozenset(("if", "for", "while", "switch", "catch", "else", "foreach", "do", "try"))
# Comments and decorators belong to the definition below them.
_LEADING = re.compile(r"\s*(?:#|//|/\*|\*|@|--|;|%)")
_BLANK = re.compile(r"\n(?:[ \t]*\n)+")


def read_code(data: bytes) -> ParsedDocument:
    """Read source code; classes and functions are headings, their code follows."""
    return _read(data, _DEFINITIONS, _DEEPEST)


def read_settings(data: bytes) -> ParsedDocument:
    """Read YAML, TOML or INI; sections, and keys with something below them, are headings."""
    return _read(data, _SECTIONS, 0)


def _read(data: bytes, patterns: Sequence[re.Pattern[str]], deepest: int) -> ParsedDocument:
    return ParsedDocument(tuple(_elements(decode(data), patterns, deepest)))


def _elements(text: str, patterns: Sequence[re.Pattern[str]], deepest: int) -> Iterator[Element]:
    lines = text.split("\n")
    start = 0
    for number, line in enumerate(lines):
        name = _defined(line, patterns, deepest)
        if not name:
            continue
        begin = number
        while begin > start and _LEADING.match(lines[begin - 1]):
            begin -= 1
        yield from _pieces("\n".join(lines[start:begin]))
        yield Element("heading", name, level=2 if line[0].isspace() else 1)
        start = begin
    yield from _pieces("\n".join(lines[start:]))


def _defined(line: str, patterns: Sequence[re.Pattern[str]], deepest: int) -> str:
    """The name of what a line defines; empty if it defines nothing."""
    stripped = line.lstrip()
    indent = len(line[: len(line) - len(stripped)].expandtabs(4))
    if indent > deepest or len(line) > _LONGEST_LINE:
        return ""
    found = next(filter(None, (pattern.match(stripped) for pattern in patterns)), None)
    name = found.group("name").strip(' .:`"') if found else ""
    return "" if name in _NO_NAMES else name


def _pieces(text: str) -> Iterator[Element]:
    """Code between blank lines, as many of them together as fit."""
    piece = ""
    for block in _blocks(text):
        if piece and len(piece) + len(block) > MAX_PIECE:
            yield Element("code", piece.strip("\n").rstrip())
            piece = ""
        piece += block
    if piece.strip():
        yield Element("code", piece.strip("\n").rstrip())


def _blocks(text: str) -> Iterator[str]:
    """The text in pieces, each with the blank lines behind it."""
    start = 0
    for match in _BLANK.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    yield text[start:]
