"""What Word and PowerPoint files share within their text: charts, SmartArt, equations, pictures."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ingest import pulse
from ingest.parsers.package import attribute, integer, local, q
from ingest.tables import markdown_table
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.parsers.package import Package

_MAX_POINTS = 100_000
_FORMS = {
    "f": "({num})/({den})", "rad": "{deg}√({e})", "nary": "{sign}_({sub})^({sup}) {e}",
    "sSup": "{e}^{sup}", "sSub": "{e}_{sub}", "sSubSup": "{e}_{sub}^{sup}",
}  # fmt: skip


class Pictures:
    """Reads the text of a package's pictures, each distinct one once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._seen: set[bytes] = set()

    def text(self, name: str) -> str:
        """The text in a picture; empty if it has none, was read before, or is no picture."""
        try:
            data = self._package.read(name)
        except DocumentError:
            # A document is not worth less for a broken picture.
            return ""
        digest = hashlib.sha256(data).digest()
        if not data or digest in self._seen:
            return ""
        self._seen.add(digest)
        return text_of_picture(data, len(self._seen))


def text_of_picture(data: bytes, number: int) -> str:
    """The text in the ``number``-th picture of a document."""
    from ingest.ocr import picture_text

    pulse.beat(number, number)
    return picture_text(data)


def chart(root: Any) -> tuple[str, str]:
    """A chart's title, and its categories and values as a Markdown table."""
    title = root.find(f".//{q('c:chart')}/{q('c:title')}")
    series = list(root.iter(q("c:ser")))
    columns = [_points(one, ("val", "yVal")) for one in series]
    labels: dict[int, str] = {}
    for one in series:
        labels = _points(one, ("cat", "xVal")) | labels
    names = ["".join(node.text or "" for node in _within(one, "tx", "v")) for one in series]
    indexes = sorted({index for column in [labels, *columns] for index in column})
    rows = [[labels.get(i, str(i + 1)), *(column.get(i, "") for column in columns)] for i in indexes]
    text = "".join(node.text or "" for node in title.iter(q("a:t"))) if title is not None else ""
    return text.strip(), markdown_table([["", *names], *rows]) if rows else ""


def _within(node: Any, child: str, name: str) -> Iterator[Any]:
    for found in node.findall(q(f"c:{child}")):
        yield from found.iter(q(f"c:{name}"))


def _points(series: Any, names: tuple[str, str]) -> dict[int, str]:
    points: dict[int, str] = {}
    for name in names:
        code = next((node.text or "" for node in _within(series, name, "formatCode")), "")
        for point in _within(series, name, "pt"):
            value = point.find(q("c:v"))
            index = integer(point.get("idx"), -1)
            if value is not None and 0 <= index < _MAX_POINTS:
                # Of categories on several levels the innermost comes first.
                points.setdefault(index, _shown(value.text or "", code))
    return points


def _shown(value: str, code: str) -> str:
    """A number as the chart shows it: without the digits that binary fractions add."""
    try:
        number = float(value)
    except ValueError:
        return value.strip()
    return f"{number * 100:.10g}%" if "%" in code else f"{number:.15g}"


def diagram(root: Any) -> list[str]:
    """The texts of a SmartArt graphic, from the outermost point inwards."""
    texts: dict[str, str] = {}
    tops: list[str] = []
    below: dict[str, list[tuple[int, str]]] = {}
    for node in root.iter():
        if local(node) == "pt":
            texts[node.get("modelId", "")] = paragraph_text(node)
            tops += [node.get("modelId", "")] * (node.get("type") == "doc")
        elif local(node) == "cxn" and node.get("type", "parOf") == "parOf":
            below.setdefault(node.get("srcId", ""), []).append((integer(node.get("srcOrd")), node.get("destId", "")))
    order: dict[str, None] = {}
    waiting = [*tops]
    while waiting:
        point = waiting.pop()
        if point not in order:
            order[point] = None
            waiting += [child for _, child in sorted(below.get(point, []), reverse=True)]
    found = [texts.get(point, "") for point in [*order, *(point for point in texts if point not in order)]]
    return [text for text in found if text.strip()]


def paragraph_text(node: Any) -> str:
    """The text of DrawingML paragraphs below a node, one a line."""
    return "\n".join(text for p in node.iter(q("a:p")) if (text := run_text(p).strip()))


def run_text(paragraph: Any) -> str:
    """The text of one DrawingML paragraph."""
    parts: list[str] = []
    _collect(paragraph, parts)
    return "".join(parts).replace("\v", "\n")


def _collect(node: Any, parts: list[str]) -> None:
    for child in node:
        name = local(child)
        if name == "t":
            parts.append(child.text or "")
        elif name in ("br", "tab"):
            parts.append("\n" if name == "br" else "\t")
        elif name == "oMath":
            parts.append(equation(child))
        elif name not in ("Fallback", "pPr", "rPr", "endParaRPr"):
            _collect(child, parts)


def equation(node: Any) -> str:
    """An equation on one line, e.g. ``(a+b)/(2)``: enough to find it by its letters and numbers."""
    name = local(node)
    if name == "t":
        return node.text or ""
    if name in _FORMS:
        parts = {local(child): child for child in node}
        texts = {key: equation(parts[key]) if key in parts else "" for key in ("num", "den", "deg", "e", "sub", "sup")}
        sign = next((attribute(child, "val") for child in node.iter(q("m:chr"))), "∫") if name == "nary" else ""
        return _FORMS[name].format(sign=sign, **texts)
    if name == "d":
        return f"({', '.join(equation(child) for child in node if local(child) == 'e')})"
    if name == "m":
        return "; ".join(" ".join(map(equation, row)) for row in node if local(row) == "mr")
    return "".join(equation(child) for child in node if not local(child).endswith("Pr"))
