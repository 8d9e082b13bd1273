"""A citation of a PDF as the page that was printed, with the cited lines marked; nothing where the file is gone."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.page.original import Original, cited_pages, originals, pictures
from kb_app.page.sources import Source, group_sources
from kb_app.types import Line
from tests.fakes import HashEmbedder
from tests.make_pdf import POWER, SAFETY, drawn, flow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas

QUESTION = "任何一项不合格还能开机吗？"
CITED = "任何一项不合格都不得开机"


def rules(canvas: Canvas) -> None:
    flow(canvas, SAFETY, y=700)
    flow(canvas, POWER, y=300)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "安全.pdf").write_bytes(drawn(lambda canvas: flow(canvas, "目录"), rules))
    return tmp_path / "files"


@pytest.fixture
def kb(folder: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    settings = Settings(home=tmp_path / "home", llm_base_url="none", min_score=0.0)
    with KnowledgeBase.open(settings=settings, embedder=HashEmbedder()) as kb:
        sync([folder], kb)
        yield kb


def source(kb: KnowledgeBase) -> Source:
    """The sentence that is cited, as a source."""
    (passage,) = (one for one in kb.search(QUESTION) if CITED in one.text)
    start = passage.text.index(CITED)
    return Source(1, passage, ((start, start + len(CITED)),))


def shown(kb: KnowledgeBase, one: Source) -> Original:
    (found,) = originals(kb, [one])
    return found


def test_the_cited_lines_are_marked_and_others_are_not(kb: KnowledgeBase) -> None:
    one = source(kb)
    found = shown(kb, one)
    ((page, boxes),) = found.pages
    assert page == 2
    assert len(boxes) < len(one.passage.lines)
    (drawn_page,) = pictures(found)
    picture = Image.open(io.BytesIO(drawn_page.whole)).convert("RGB")
    assert (drawn_page.page, round(picture.width, -1)) == (2, 1400)
    left, top, right, bottom = boxes[0]
    inside = picture.crop(
        (int(left * picture.width), int(top * picture.height), int(right * picture.width), int(bottom * picture.height))
    )
    colours = {colour for _, colour in inside.getcolors(1 << 20)}
    assert (255, 226, 110) in colours, "the marker"
    assert min(sum(colour) for colour in colours) < 120, "the letters below it stay dark"
    lower = picture.crop((0, picture.height // 2, picture.width, picture.height))
    assert (255, 226, 110) not in {colour for _, colour in lower.getcolors(1 << 20)}
    part = Image.open(io.BytesIO(drawn_page.part)).convert("RGB")
    assert part.width == picture.width
    assert part.height < picture.height / 2, "the cited lines and a little around them"
    marked = {y for y in range(part.height) if (255, 226, 110) in {part.getpixel((x, y)) for x in range(0, 1400, 7)}}
    assert 0 < min(marked) < max(marked) < part.height - 1


def test_lines_all_over_a_page_are_shown_on_the_whole_page(kb: KnowledgeBase) -> None:
    found = shown(kb, source(kb))
    (page,) = pictures(replace(found, pages=((2, ((0.1, 0.05, 0.9, 0.1), (0.1, 0.8, 0.9, 0.95))),)))
    assert (page.part, page.whole[:4]) == (b"", b"\x89PNG")


def test_the_answer_of_extracts_leads_to_its_page(kb: KnowledgeBase) -> None:
    answer = kb.ask(QUESTION)
    found = originals(kb, group_sources(answer))
    assert [(one.source.number, one.path.name, one.pages[0][0]) for one in found] == [(1, "安全.pdf", 2)]


def test_nothing_is_shown_of_a_file_that_is_gone_or_was_changed(kb: KnowledgeBase, folder: Path) -> None:
    one, path = source(kb), folder / "安全.pdf"
    os.utime(path, ns=(time.time_ns(), time.time_ns()))
    assert originals(kb, [one]) == []
    sync([folder], kb)
    assert originals(kb, [one]) != []
    path.write_bytes(drawn(lambda canvas: flow(canvas, SAFETY.replace("不合格", "不达标"))))
    sync([folder], kb)
    assert originals(kb, [one]) == [], "the page says something else now"
    path.unlink()
    assert originals(kb, [source_of_anything(kb)]) == []


def source_of_anything(kb: KnowledgeBase) -> Source:
    passage = kb.search("冲压车间")[0]
    return Source(1, passage, ((0, len(passage.text)),))


def test_a_file_that_cannot_be_drawn_shows_nothing(kb: KnowledgeBase, folder: Path, tmp_path: Path) -> None:
    found = shown(kb, source(kb))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 no page")
    assert pictures(Original(found.source, tmp_path / "broken.pdf", found.pages)) == []
    assert pictures(Original(found.source, found.path, ((99, ()),))) == []


def test_what_is_no_pdf_of_its_own_has_no_page(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "安全.md").write_text(f"# 安全\n\n{SAFETY}\n", "utf-8")
    settings = Settings(home=tmp_path / "home", llm_base_url="none", min_score=0.0)
    with KnowledgeBase.open(settings=settings, embedder=HashEmbedder()) as kb:
        sync([tmp_path / "files"], kb)
        assert originals(kb, group_sources(kb.ask(QUESTION))) == []


def test_pages_of_a_quote_that_goes_over_an_end_of_page() -> None:
    lines = [Line(number * 10, number * 10 + 9, 1 + number // 2, (0.1, 0.1, 0.9, 0.2)) for number in range(10)]
    assert [(page, len(boxes)) for page, boxes in cited_pages(lines, [(15, 35)])] == [(1, 1), (2, 2)]
    assert [page for page, _ in cited_pages(lines, [(0, 99)])] == [1, 2, 3]
    assert cited_pages(lines, [(9, 10)]) == ()
    assert cited_pages((), [(0, 5)]) == ()
