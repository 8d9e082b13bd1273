"""Sections around passages: the document's own text, within its headings and a limit, each text once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import sync
from ingest.chunk import chunk_document
from ingest.document import Element, ParsedDocument
from ingest.parse import parse_file
from kb_app.search.sections import AROUND, widen
from kb_app.types import Line
from tests.passages import passage

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app import KnowledgeBase
    from kb_app.types import Passage

LIMIT = 700
ABOUT = ("假期", "差旅", "采购")


def paragraphs(about: str, count: int) -> str:
    rule = f"每位教职工都要在当周完成{about}登记，并把结果交给总务处存档备查。" * 4
    return "\n\n".join(f"{about}第{number}条规定如下，{rule}" for number in range(1, count + 1))


MANUAL = "# 柳林中学手册\n\n" + "\n\n".join(f"## {about}\n\n{paragraphs(about, 6)}" for about in ABOUT) + "\n"


@dataclass(frozen=True)
class Book:
    """A document in a knowledge base, with its text as it was read."""

    kb: KnowledgeBase
    text: str
    chunks: list[Passage]

    def widen(self, *hits: Passage, limit: int = LIMIT) -> list[Passage]:
        return widen(hits, self._around, limit=limit)

    def _around(self, hit: Passage) -> list[Passage]:
        return self.kb.catalog.neighbours(int(hit.doc_id), hit.start, around=AROUND)


def read(kb: KnowledgeBase, path: Path) -> Book:
    sync([path], kb)
    (document,) = kb.documents()
    chunks = kb.catalog.neighbours(int(document.doc_id), 0, around=100)
    return Book(kb, chunk_document(parse_file(path)).text, chunks)


@pytest.fixture
def book(kb: KnowledgeBase, tmp_path: Path) -> Book:
    path = tmp_path / "手册.md"
    path.write_text(MANUAL, "utf-8")
    return read(kb, path)


def test_a_section_is_the_text_of_the_document_within_its_headings_and_the_limit(book: Book) -> None:
    assert len(book.chunks) > 9
    for hit in book.chunks:
        (section,) = book.widen(hit)
        assert section.text == book.text[section.start : section.end]
        assert section.start <= hit.start < hit.end <= section.end
        assert len(hit.text) < len(section.text) <= LIMIT
        assert section.headings == hit.headings
        others = [about for about in ABOUT if about not in hit.headings]
        assert not any(about in section.text for about in others)
        assert (section.chunk_id, section.score, section.source) == (hit.chunk_id, hit.score, hit.source)


def test_what_is_read_is_what_stands_in_the_file(book: Book) -> None:
    (section,) = book.widen(book.chunks[1], limit=5000)
    assert section.text == f"柳林中学手册\n\n假期\n\n{paragraphs('假期', 6)}"


def test_it_grows_on_both_sides(book: Book) -> None:
    hit = book.chunks[1]
    (section,) = book.widen(hit)
    assert section.start < hit.start
    assert section.end > hit.end


@pytest.mark.parametrize("limit", [1, 200, 300, 600, 900, 1500])
def test_a_section_is_as_long_as_the_limit_allows(book: Book, limit: int) -> None:
    for hit in book.chunks:
        (section,) = book.widen(hit, limit=limit)
        assert len(section.text) <= max(limit, len(hit.text))
        if limit < len(hit.text):
            assert section == hit
    lengths = [len(book.widen(book.chunks[1], limit=one)[0].text) for one in (1, limit)]
    assert lengths == sorted(lengths)


def test_two_hits_that_touch_are_one_section_at_the_place_of_the_better(book: Book) -> None:
    first, second = replace(book.chunks[1], score=0.4), replace(book.chunks[2], score=0.8)
    elsewhere = replace(book.chunks[-1], score=0.6)
    joined, other = book.widen(second, elsewhere, first)
    assert (joined.chunk_id, joined.score) == (second.chunk_id, 0.8)
    assert joined.start <= first.start < second.end <= joined.end
    assert joined.text == book.text[joined.start : joined.end]
    assert other.chunk_id == elsewhere.chunk_id


def test_a_hit_between_two_sections_makes_them_one(book: Book) -> None:
    one, between, two = (replace(book.chunks[at], score=score) for at, score in ((1, 0.9), (2, 0.5), (3, 0.7)))
    assert one.headings == two.headings
    (section,) = book.widen(one, two, between, limit=300)
    assert (section.start, section.end, section.score) == (one.start, two.end, 0.9)
    assert section.text == book.text[one.start : two.end]


def test_neighbours_under_other_headings_stay_apart(book: Book) -> None:
    at = next(at for at, chunk in enumerate(book.chunks) if "差旅" in chunk.headings)
    last, first = book.chunks[at - 1], book.chunks[at]
    sections = book.widen(first, last, limit=5000)
    assert [section.headings[-1] for section in sections] == ["差旅", "假期"]
    assert sections[1].end <= sections[0].start


def test_every_hit_is_in_exactly_one_section(book: Book) -> None:
    sections = book.widen(*book.chunks[::-1])
    for hit in book.chunks:
        assert sum(one.start <= hit.start and hit.end <= one.end for one in sections) == 1
    in_order = sorted(sections, key=lambda one: one.start)
    assert all(one.end <= other.start for one, other in pairwise(in_order))


def test_sections_of_other_documents_are_left_out(kb: KnowledgeBase, tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        (tmp_path / f"{name}.md").write_text(MANUAL.replace("柳林", name), "utf-8")
    sync([tmp_path / "甲.md", tmp_path / "乙.md"], kb)
    hits = [kb.catalog.neighbours(int(one.doc_id), 0)[0] for one in kb.documents()]
    sections = widen(hits, lambda hit: kb.catalog.neighbours(int(hit.doc_id), hit.start, around=AROUND), limit=LIMIT)
    assert [section.doc_id for section in sections] == [hit.doc_id for hit in hits]
    assert all(
        f"{name}中学" in section.text
        for name, section in zip("甲乙", sorted(sections, key=lambda s: "乙中" in s.text), strict=True)
    )


def test_english_sentences_keep_their_offsets(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "pump.txt"
    path.write_text(
        " ".join(f"Valve {number} of the pump is opened by hand after it has cooled down." for number in range(40))
    )
    book = read(kb, path)
    (section,) = book.widen(book.chunks[1], limit=2000)
    assert len(section.text) == section.end - section.start > 400
    assert section.text.split() == book.text[section.start : section.end].split()


def test_a_part_of_a_table_with_its_header_repeated_is_left_as_it_is() -> None:
    header = "| 城市 | 标准 |\n| --- | --- |\n"
    row = "| 松山 | 300 元 |"
    before = passage("| 柳林 | 200 元 |", chunk_id="1", start=0)
    part = passage(header + row, chunk_id="2", start=16, end=16 + len(row))
    after = passage("以上自元旦起执行。", chunk_id="3", start=part.end + 1)
    assert widen([part], lambda _: [before, part, after], limit=500) == [part]
    assert widen([after], lambda _: [before, part, after], limit=500) == [after]


def test_a_hit_that_its_document_no_longer_holds_stays_as_it_is() -> None:
    hit = passage("婚假为三天。", chunk_id="7")
    assert widen([hit], lambda _: [passage("年假为五天。", chunk_id="8")], limit=500) == [hit]
    assert widen([], lambda _: [], limit=500) == []


lines = st.lists(st.text("年假规定出差住宿费标准。，", min_size=30, max_size=60), min_size=8, max_size=24)


@settings(max_examples=30)
@given(lines, st.data())
def test_lines_keep_their_places(texts: list[str], data: st.DataObject) -> None:
    """Each line carries its number as its height on the page; whatever grows, it is still that line."""
    elements = [
        Element("text", text, page=1, lines=(Line(0, len(text), 1, (0.1, at / 1000, 0.9, (at + 1) / 1000)),))
        for at, text in enumerate(texts)
    ]
    document = chunk_document(ParsedDocument(tuple(elements)))
    chunks = [
        passage(one.text, chunk_id=str(at), start=one.start, end=one.end, headings=one.headings, lines=one.lines)
        for at, one in enumerate(document.chunks)
    ]
    hits = data.draw(st.permutations(chunks).map(lambda order: order[:3]))
    for section in widen(hits, lambda _: chunks, limit=data.draw(st.integers(100, 1500))):
        assert section.text == document.text[section.start : section.end]
        assert list(section.lines) == sorted(section.lines, key=lambda line: line.start)
        shown = [section.text[line.start : line.end] for line in section.lines]
        numbers = [round(line.box[1] * 1000) for line in section.lines]
        assert numbers == sorted(numbers)
        assert all(part in texts[number] for number, part in zip(numbers, shown, strict=True))
        assert "".join(shown) == "".join(section.text.split())
