"""Every line of a chunk can be shown on its page: offsets and places survive joining and cutting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import chunk_document
from ingest.document import Element, ElementKind, ParsedDocument
from kb_app.types import Line

words = st.text("年假规定出差住宿。，", min_size=12, max_size=60)


def element(kind: ElementKind, lines: list[str], separator: str) -> Element:
    """An element whose lines carry their number as their height on the page."""
    places = []
    start = 0
    for number, line in enumerate(lines):
        places.append(Line(start, start + len(line), 1, (0.1, number / 1000, 0.9, (number + 1) / 1000)))
        start += len(line) + len(separator)
    return Element(kind, separator.join(lines), page=1, lines=tuple(places))


@given(st.lists(st.lists(words, min_size=1, max_size=20), min_size=1, max_size=5))
def test_lines_of_paragraphs_are_where_they_say(paragraphs: list[list[str]]) -> None:
    elements = [element("text", lines, "") for lines in paragraphs]
    for chunk in chunk_document(ParsedDocument(tuple(elements))).chunks:
        shown = "".join(chunk.text[line.start : line.end] for line in chunk.lines)
        assert "".join(shown.split()) == "".join(chunk.text.split())


def test_the_rows_of_a_long_table_keep_their_places() -> None:
    rows = ["| 城市 | 上限 |", "| --- | --- |", *(f"| 第{i}座城市的名字 | 每晚{i}元 |" for i in range(120))]
    table = element("table", rows, "\n")
    chunks = chunk_document(ParsedDocument((Element("text", "出差须提前申请。" * 9), table))).chunks
    parts = [chunk for chunk in chunks if chunk.text.startswith("|")]
    assert len(parts) > 3
    found = {}
    for chunk in parts:
        for line in chunk.lines:
            found[chunk.text[line.start : line.end]] = round(line.box[1] * 1000)
    assert found == {row: number for number, row in enumerate(rows)}
