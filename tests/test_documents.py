"""What a search knows of the documents follows the catalog, and costs what has changed rather than what there is."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kb_app.assembling import disagreements_in
from kb_app.search.documents import Documents
from kb_app.storage import registry
from kb_app.storage.catalog import Catalog, Content, FileRecord
from kb_app.storage.database import open_database, writing
from kb_app.storage.pending import Pending
from kb_app.storage.schema import documents
from kb_app.types import Chunk
from tests.passages import passage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kb_app.types import Description

MANY = 400
QUESTION = "柳林中学值班办法里夜里巡查几次？"
DUTY = Content(
    (Chunk("值班人员每晚巡查两次。", 0, 11),), title="柳林中学值班办法2023年版", details={"author": "后勤处"}
)


class CountingCatalog(Catalog):
    """Notes how many descriptions each look at the documents has read."""

    def descriptions(self, *which: Any, **since: Any) -> list[Description]:
        found = super().descriptions(*which, **since)
        self.read.append(len(found))
        return found

    read: list[int]


@pytest.fixture
def catalog(tmp_path: Path) -> CountingCatalog:
    """A school's notices, and two versions of its rules of duty."""
    engine = open_database(tmp_path / "home")
    catalog = CountingCatalog(engine, registry.create(engine, "学校", embedding="fake:hash", dimension=64).id)
    catalog.read = []
    names = [f"第{number}号教室使用通知" for number in range(MANY)]
    rows = [{"kb_id": catalog.kb_id, "path": f"/{name}", "source": f"{name}.md", "title": name} for name in names]
    with writing(engine) as connection:
        connection.execute(documents.insert(), rows)
    for name in ("值班2021.md", "值班2023.md"):
        catalog.save(FileRecord(f"/{name}", name), replace(DUTY, title=f"柳林中学值班办法{name[2:6]}年版"))
    return catalog


def file(catalog: Catalog, source: str) -> FileRecord:
    return next(found for found in catalog.files() if found.source == source)


def look(known: Documents) -> tuple[int, frozenset[int], frozenset[int]]:
    """All that a search asks: how many versions there are, which documents are named and which selected."""
    return len(known.versions()), known.named(QUESTION), known.selected({"author": "后勤"})


def calls(do: Callable[[], object]) -> int:
    """How many Python functions it runs."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(None)
    return count


def test_it_follows_what_is_stored_renamed_and_removed(catalog: CountingCatalog) -> None:
    known = Documents(catalog)
    older, newer = file(catalog, "值班2021.md"), file(catalog, "值班2023.md")
    both = {older.doc_id, newer.doc_id}
    assert look(known) == (2, both, both)
    catalog.save(newer, replace(DUTY, title="柳林中学食堂办法2023年版", details={}))
    assert look(known) == (0, {older.doc_id}, {older.doc_id})
    catalog.touch([replace(newer, source="柳林中学值班办法（2023）.md")])
    assert known.versions().keys() == both
    catalog.remove([newer.doc_id])
    catalog.save(FileRecord("/值班2023.md", "值班2023.md"), DUTY)
    third = file(catalog, "值班2023.md").doc_id
    assert look(known) == (2, {older.doc_id, third}, {older.doc_id, third})
    catalog.remove([older.doc_id])
    assert look(known) == (0, {third}, {third})
    assert look(known) == look(Documents(catalog))


def test_what_the_indexes_do_is_no_change_of_documents(catalog: CountingCatalog) -> None:
    known = Documents(catalog)
    before = look(known)
    assert catalog.read == [MANY + 2]
    pending = Pending(catalog.engine, catalog.kb_id)
    ids = [chunk_id for chunk_id, _, _ in pending.indexed_ids()]
    for mark in (pending.mark_keywords, pending.mark_vectors, lambda ids: pending.unmark(ids, keywords=True)):
        generation = catalog.generation()
        mark(ids)
        assert catalog.generation() > generation
        assert look(known) == before
    assert catalog.read == [MANY + 2]


def test_a_change_costs_what_it_has_changed(catalog: CountingCatalog) -> None:
    known = Documents(catalog)
    first = calls(lambda: look(known))
    changes: list[Callable[[], object]] = [
        lambda: catalog.save(file(catalog, "值班2021.md"), DUTY),
        lambda: catalog.save(FileRecord("/新.md", "新.md"), replace(DUTY, title="图书馆开放时间")),
        lambda: catalog.touch([replace(file(catalog, "新.md"), mtime_ns=9)]),
        lambda: catalog.remove([file(catalog, "新.md").doc_id]),
    ]
    costs = []
    for change in changes:
        change()
        costs.append(calls(lambda: (known.versions(), known.named(QUESTION))))
    assert catalog.read == [MANY + 2, 1, 1, 1, 0]
    assert max(costs) < first / 5


def test_titles_are_not_taken_apart_again_where_only_their_files_were_touched(catalog: CountingCatalog) -> None:
    known = Documents(catalog)
    first = calls(lambda: known.named("值班办法"))
    catalog.touch([replace(found, mtime_ns=9) for found in catalog.files()])
    assert calls(lambda: known.named("值班办法")) < first / 2
    assert catalog.read == [MANY + 2, MANY + 2]


def test_of_many_readers_one_looks_and_the_others_wait(catalog: CountingCatalog) -> None:
    known = Documents(catalog)
    start = threading.Barrier(8)

    def search(_: int) -> object:
        start.wait()
        return look(known)

    with ThreadPoolExecutor(8) as pool:
        for reads in range(1, 4):
            assert len(set(pool.map(search, range(8)))) == 1
            assert len(catalog.read) == reads
            catalog.save(FileRecord(f"/{reads}.md", f"{reads}.md"), DUTY)


def test_the_dates_of_two_documents_that_differ_are_read_by_their_ids(catalog: CountingCatalog) -> None:
    older, newer = file(catalog, "值班2021.md"), file(catalog, "值班2023.md")
    catalog.touch([replace(older, mtime_ns=1_612_137_600 * 10**9), replace(newer, mtime_ns=1_696_118_400 * 10**9)])
    found = [
        passage(text, source=one.source, title="值班办法", headings=(), doc_id=str(one.doc_id))
        for one, text in ((older, "值班津贴每晚50元。"), (newer, "值班津贴每晚80元。"))
    ]
    assert disagreements_in(catalog)(found, "值班津贴每晚多少元？") == [
        "值班2021.md（2021-02-01）：“值班津贴每晚50元。” ／ 值班2023.md（2023-10-01）：“值班津贴每晚80元。”"
    ]
    assert catalog.read == [2]
