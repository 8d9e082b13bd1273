"""An edit changes the chunks beside it and no others."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from ingest.chunk import chunk_document
from ingest.document import Element, ParsedDocument
from ingest.packing import pack, priority

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 600)]
Paragraphs = list[list[str]]


def sentence(rng: random.Random) -> str:
    length = min(150, max(8, int(rng.lognormvariate(3.5, 0.5))))
    words = rng.choices(LETTERS, k=length)
    if length > 30:
        words[length // 2] = "，"
    return "".join(words) + "。"


def document(rng: random.Random, sentences: int, *, per_paragraph: int) -> Paragraphs:
    body = [sentence(rng) for _ in range(sentences)]
    return [body[i : i + per_paragraph] for i in range(0, sentences, per_paragraph)]


def chunk_texts(paragraphs: Paragraphs) -> list[str]:
    elements = tuple(Element("text", "".join(paragraph)) for paragraph in paragraphs if paragraph)
    return [chunk.indexed_text for chunk in chunk_document(ParsedDocument(elements)).chunks]


def edited(rng: random.Random, paragraphs: Paragraphs, kind: str) -> Paragraphs:
    changed = [list(paragraph) for paragraph in paragraphs]
    paragraph = rng.choice([p for p in changed if len(p) > 1])
    i = rng.randrange(len(paragraph))
    if kind == "insert":
        paragraph.insert(i, sentence(rng))
    elif kind == "delete":
        del paragraph[i]
    elif kind == "replace":
        paragraph[i] = sentence(rng)
    else:
        middle = len(paragraph[i]) // 2
        paragraph[i] = paragraph[i][:middle] + "改动" + paragraph[i][middle + 1 :]
    return changed


@pytest.mark.parametrize("per_paragraph", [5, 10_000])
@pytest.mark.parametrize(("kind", "share"), [("amend", 0.99), ("insert", 0.95), ("delete", 0.95), ("replace", 0.95)])
def test_few_chunks_change(kind: str, share: float, per_paragraph: int) -> None:
    rng = random.Random(20260201)
    before = document(rng, 1000, per_paragraph=per_paragraph)
    known = set(chunk_texts(before))
    assert len(known) > 100
    changed = [sum(text not in known for text in chunk_texts(edited(rng, before, kind))) for _ in range(60)]
    assert sum(count <= 3 for count in changed) / len(changed) >= share
    assert max(changed) <= 6


def test_far_away_chunks_never_change() -> None:
    rng = random.Random(3)
    before = document(rng, 1500, per_paragraph=10_000)
    old = chunk_texts(before)
    new = chunk_texts([[sentence(rng), *before[0]]])
    assert new[-100:] == old[-100:]


def test_a_new_table_row_changes_one_part() -> None:
    rng = random.Random(4)
    rows = [f"| {sentence(rng)} | {i} |" for i in range(400)]

    def parts(lines: Sequence[str]) -> set[str]:
        table = "\n".join(["| 说明 | 号 |", "| --- | --- |", *lines])
        return {chunk.text for chunk in chunk_document(ParsedDocument((Element("table", table),))).chunks}

    assert len(parts([*rows[:150], "| 新的一行 | 0 |", *rows[150:]]) - parts(rows)) <= 3


def test_packing_by_hand() -> None:
    bounds = [0, 10, 20, 30, 40]
    assert pack(bounds, [0, 1, 9, 1], 20) == [0, 2]
    assert pack(bounds, [0, 9, 1, 9], 20) == [0, 1, 3]
    assert pack(bounds, [0, 1, 1, 1], 9) == [0, 1, 2, 3]
    assert pack([0, 5], [0], 1) == [0]


def test_priority_is_the_same_in_every_process() -> None:
    assert priority(1, "员工请假") == priority(1, "　员工请假") == (1 << 32) | crc32("员工请假".encode())
    assert priority(2, "甲") > priority(1, "乙")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_time_grows_with_the_length_only() -> None:
    rng = random.Random(5)
    base = "".join(sentence(rng) for _ in range(2000))
    short, long = ParsedDocument((Element("text", base),)), ParsedDocument((Element("text", base * 8),))
    chunk_document(short)
    assert seconds(lambda: chunk_document(long)) < 8 * 4 * max(seconds(lambda: chunk_document(short)), 0.01)
