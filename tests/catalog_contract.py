"""What the catalog must do on every database; subclass and provide the ``connect`` fixture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import StorageError
from kb_app.storage import registry
from kb_app.storage.catalog import Catalog, Content, FileRecord
from kb_app.storage.pending import Pending
from kb_app.types import Chunk, Line
from tests.records_contract import DatabaseContract

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from tests.records_contract import Connect

SHIFT = "夜班从二十二点到次日六点，途中休息四十五分钟。"
HELMET = "进入装配车间必须戴安全帽，帽带要系紧。"
FORKLIFT = "叉车只能由持证人员驾驶，限速每小时五公里。😀𠮷"
TOO_MANY_VALUES = range(1, 70_001)  # more than PostgreSQL takes in one statement, SQLite takes fewer


def read(name: str, **fields: object) -> FileRecord:
    """A file that was read."""
    return replace(FileRecord(f"/docs/{name}", name, sha256="0" * 64, size=9, mtime_ns=2**62, read_ns=2**62), **fields)


def content(*texts: str, **fields: object) -> Content:
    """Chunks one after the other."""
    starts = [sum(map(len, texts[:number])) for number in range(len(texts))]
    chunks = tuple(Chunk(text, at, at + len(text), ("安全",), 2) for at, text in zip(starts, texts, strict=True))
    return replace(Content(chunks, title="车间守则", pages=3, details={"from": "生产部"}), **fields)


class CatalogContract(DatabaseContract):
    @pytest.fixture
    def catalog(self, engine: sa.Engine, kb_id: int) -> Catalog:
        return Catalog(engine, kb_id)

    @pytest.fixture
    def pending(self, engine: sa.Engine, kb_id: int) -> Pending:
        return Pending(engine, kb_id)

    @staticmethod
    def saved(catalog: Catalog, name: str, *texts: str) -> tuple[FileRecord, list[int]]:
        """Save a document anew; returns its record and the ids of its chunks in reading order."""
        there = {file.source: file.doc_id for file in catalog.files()}
        catalog.save(read(name, doc_id=there.get(name, 0)), content(*texts))
        file = next(file for file in catalog.files() if file.source == name)
        return file, [int(found.chunk_id) for found in catalog.neighbours(file.doc_id, 0, around=99)]

    def test_what_is_saved_is_there_word_for_word(self, catalog: Catalog, connect: Connect) -> None:
        lines = (Line(0, 4, 2, (0.1, 0.25, 0.9, 1 / 3)), Line(4, len(FORKLIFT), 3, (0.0, 0.0, 1.0, 0.05)))
        chunk = Chunk(FORKLIFT, 7, 7 + len(FORKLIFT), ("第二章 搬运", "叉车"), 2, lines)
        assert catalog.save(read("制度/搬运 '规定'.md"), content(chunks=(chunk,))) == 1
        file, ids = self.saved(Catalog(connect(), catalog.kb_id), "其他.md", SHIFT)
        (first,) = [found for found in catalog.files() if found != file]
        assert first == read("制度/搬运 '规定'.md", doc_id=first.doc_id)
        (found,) = catalog.neighbours(first.doc_id, 7, around=1)
        assert (found.text, found.headings, found.page, found.lines) == (FORKLIFT, chunk.headings, 2, lines)
        assert (found.source, found.title, found.start, found.end) == (first.source, "车间守则", 7, chunk.end)
        assert sorted(catalog.passages([*ids, int(found.chunk_id), 987_654])) == sorted([*ids, int(found.chunk_id)])

    def test_saved_again_unchanged_chunks_keep_their_ids(self, catalog: Catalog, pending: Pending) -> None:
        _, before = self.saved(catalog, "守则.md", SHIFT, HELMET, FORKLIFT)
        pending.mark_vectors(before)
        file, after = self.saved(catalog, "守则.md", FORKLIFT, SHIFT, "新来的员工先培训三天。")
        assert after[:2] == [before[2], before[0]]
        assert after[2] not in before
        assert [chunk.id for chunk in pending.without_vector()] == [after[2]]
        assert pending.deleted() == [before[1]]
        assert catalog.passages([before[1]]) == {}
        moved = catalog.passages([before[0]])[before[0]]
        assert (moved.text, moved.start) == (SHIFT, len(FORKLIFT))
        assert catalog.save(read("守则.md", doc_id=file.doc_id), content(FORKLIFT, SHIFT)) == 0

    def test_the_same_text_twice_is_two_chunks(self, catalog: Catalog, pending: Pending) -> None:
        _, twice = self.saved(catalog, "一.md", HELMET, HELMET)
        _, other = self.saved(catalog, "二.md", HELMET)
        assert len({*twice, *other}) == 3
        digest = pending.without_vector()[0].digest
        assert pending.twins([digest]) == {}
        pending.mark_vectors(other)
        assert pending.twins([digest, "no such"]) == {digest: other[0]}
        assert self.saved(catalog, "一.md", HELMET)[1] == twice[:1]
        assert pending.deleted() == twice[1:]

    def test_a_renamed_document_keeps_its_vectors_and_is_found_by_its_new_name(
        self, catalog: Catalog, pending: Pending
    ) -> None:
        file, ids = self.saved(catalog, "旧.md", SHIFT, HELMET)
        pending.mark_keywords(ids)
        pending.mark_vectors(ids)
        catalog.touch([replace(file, path="/docs/夜班/新.md", source="夜班/新.md")])
        assert catalog.passages(ids)[ids[0]].source == "夜班/新.md"
        assert [(chunk.id, chunk.name) for chunk in pending.without_keywords()] == [
            (chunk_id, "夜班/新.md\n车间守则") for chunk_id in ids
        ]
        assert pending.without_vector() == []
        assert [found.source for found in catalog.files()] == ["夜班/新.md"]

    def test_a_removed_document_is_gone_at_once_and_forgotten_later(self, catalog: Catalog, pending: Pending) -> None:
        file, ids = self.saved(catalog, "一.md", SHIFT, HELMET)
        other, kept = self.saved(catalog, "二.md", FORKLIFT)
        catalog.remove([file.doc_id])
        assert sorted(catalog.passages([*ids, *kept])) == kept
        assert catalog.files() == [other]
        assert [chunk.id for chunk in pending.without_vector()] == kept
        assert (pending.deleted(), pending.deleted(limit=1)) == (ids, ids[:1])
        pending.forget([ids[0], kept[0]])
        assert pending.deleted() == ids[1:]
        assert sorted(catalog.passages(kept)) == kept

    def test_a_file_that_fails_keeps_what_it_said(self, catalog: Catalog, pending: Pending) -> None:
        file, ids = self.saved(catalog, "一.md", SHIFT)
        catalog.fail(replace(file, error="is damaged"))
        catalog.fail(read("新.md", error="is empty"))
        assert [(d.source, d.error, d.chunks) for d in catalog.documents()] == [
            ("一.md", "is damaged", 1),
            ("新.md", "is empty", 0),
        ]
        assert sorted(catalog.passages(ids)) == ids
        assert (pending.counts().documents, pending.counts().failed) == (1, 2)

    def test_only_documents_that_say_something_are_counted(self, catalog: Catalog, pending: Pending) -> None:
        self.saved(catalog, "包.zip")
        gone, _ = self.saved(catalog, "旧.md", HELMET)
        self.saved(catalog, "包.zip/一.md", SHIFT)
        catalog.remove([gone.doc_id])
        assert (pending.counts().documents, pending.counts().failed) == (1, 0)

    def test_documents_are_counted(self, catalog: Catalog, pending: Pending) -> None:
        _, ids = self.saved(catalog, "一.md", SHIFT, HELMET, FORKLIFT)
        pending.mark_vectors(ids[:1])
        pending.mark_keywords(ids[:2])
        (document,) = catalog.documents()
        assert (document.chunks, document.pending, document.pages) == (3, 2, 3)
        assert document.details == {"from": "生产部"}
        counts = pending.counts()
        assert (counts.documents, counts.chunks, counts.pending_keywords, counts.pending_vectors) == (1, 3, 1, 2)
        assert list(pending.indexed_ids()) == [
            (ids[0], True, True),
            (ids[1], True, False),
            (ids[2], False, False),
        ]

    def test_the_order_is_the_same_on_every_database(self, catalog: Catalog) -> None:
        names = ["a.md", "啊.md", "B.md", "丁.md", "b.md", "a 1.md", "_.md"]
        for name in names:
            self.saved(catalog, name, SHIFT)
        assert [file.source for file in catalog.files()] == sorted(names)
        assert [document.source for document in catalog.documents()] == sorted(names)

    def test_work_comes_in_pages(self, catalog: Catalog, pending: Pending) -> None:
        self.saved(catalog, "一.md", *(f"第{number}号工位。" for number in range(1300)))
        ids = [chunk_id for chunk_id, _, _ in pending.indexed_ids()]
        assert [chunk.id for chunk in pending.without_keywords()] == ids[:512]
        assert [chunk.id for chunk in pending.without_vector(after=ids[1199])] == ids[1200:]
        pending.mark_keywords(ids[:1000])
        assert [chunk.id for chunk in pending.without_keywords()] == ids[1000:]
        assert len(ids) == len(set(ids)) == 1300

    def test_every_change_moves_the_generation_for_every_reader(
        self, catalog: Catalog, pending: Pending, connect: Connect
    ) -> None:
        file, ids = self.saved(catalog, "一.md", SHIFT)
        reader = Catalog(connect(), catalog.kb_id)
        changes: list[Callable[[], object]] = [
            lambda: catalog.save(file, content(SHIFT, HELMET)),
            lambda: catalog.touch([replace(file, mtime_ns=5)]),
            lambda: pending.mark_keywords(ids),
            lambda: pending.mark_vectors(ids),
            lambda: pending.unmark(ids, vectors=True),
            lambda: catalog.remove([file.doc_id]),
            lambda: pending.forget(ids),
        ]
        for change in changes:
            before = reader.generation()
            change()
            assert reader.generation() > before
        still = reader.generation()
        reader.files()
        assert reader.generation() == still

    def test_only_documents_move_the_number_of_changes(
        self, catalog: Catalog, pending: Pending, connect: Connect
    ) -> None:
        file, ids = self.saved(catalog, "一.md", SHIFT)
        reader = Catalog(connect(), catalog.kb_id)

        def moved(change: Callable[[], object]) -> bool:
            before = reader.changes()
            change()
            return reader.changes() > before

        assert not moved(lambda: pending.mark_keywords(ids))
        assert not moved(lambda: pending.mark_vectors(ids))
        assert not moved(lambda: pending.unmark(ids, vectors=True))
        assert not moved(lambda: catalog.touch([]))
        assert not moved(lambda: catalog.remove([]))
        assert moved(lambda: catalog.save(file, content(SHIFT, HELMET)))
        assert moved(lambda: catalog.touch([replace(file, mtime_ns=5)]))
        assert moved(lambda: catalog.fail(read("空.md", error="is empty")))
        assert moved(lambda: catalog.remove([file.doc_id]))
        assert not moved(lambda: pending.forget(ids))

    def test_what_is_known_of_documents_is_read_by_id_and_since_a_change(
        self, catalog: Catalog, engine: sa.Engine
    ) -> None:
        files = {name: self.saved(catalog, name, SHIFT)[0] for name in ("一.md", "二.md", "三.md", "四.md")}
        one, two, three, four = (file.doc_id for file in files.values())
        other = Catalog(engine, registry.create(engine, "仓库", embedding="fake:hash", dimension=64).id)
        before = catalog.changes()
        assert catalog.descriptions(after=before) == []
        catalog.save(files["二.md"], content(SHIFT, title="夜班须知", details={"date": "2024-05-01T08:00"}))
        catalog.touch([replace(files["四.md"], source="夜班/四.md")])
        catalog.remove([three])
        catalog.fail(read("五.md", error="is empty"))
        changed = catalog.descriptions(after=before)
        assert [(found.source, found.title) for found in changed] == [
            ("二.md", "夜班须知"),
            ("夜班/四.md", "车间守则"),
            ("五.md", "五.md"),
        ]
        assert (changed[0].date, changed[0].details) == ("2024-05-01", {"date": "2024-05-01T08:00"})
        everything = catalog.descriptions()
        assert everything[1:] == changed
        assert [found.doc_id for found in everything] == [one, two, four, changed[2].doc_id]
        assert catalog.removed([one, two, three, four]) == [three]
        assert catalog.removed([one, two, four]) == catalog.removed([]) == []
        assert catalog.descriptions([four, three, one, 987_654]) == [everything[0], everything[2]]
        assert catalog.descriptions(TOO_MANY_VALUES) == everything
        assert catalog.descriptions([]) == other.descriptions([one]) == other.descriptions() == []
        assert other.removed([]) == []

    def test_any_number_of_ids(self, catalog: Catalog, pending: Pending) -> None:
        _, ids = self.saved(catalog, "一.md", SHIFT, HELMET)
        pending.mark_vectors(ids)
        pending.unmark(TOO_MANY_VALUES, vectors=True)
        assert [chunk.id for chunk in pending.without_vector()] == ids
        catalog.remove(TOO_MANY_VALUES)
        assert (catalog.files(), pending.deleted()) == ([], ids)

    def test_all_chunks_are_asked_for_anew(self, catalog: Catalog, pending: Pending) -> None:
        _, ids = self.saved(catalog, "一.md", SHIFT)
        pending.mark_keywords(ids)
        pending.unmark(keywords=True)
        assert [chunk.id for chunk in pending.without_keywords()] == ids

    def test_nothing_changes_nothing(self, catalog: Catalog, pending: Pending) -> None:
        _, ids = self.saved(catalog, "空.md")
        assert ids == []
        assert (catalog.passages([]), pending.twins([]), catalog.neighbours(99, 0)) == ({}, {}, [])
        catalog.touch([])
        catalog.remove([])
        pending.mark_keywords([])
        pending.forget([])
        assert len(catalog.documents()) == 1

    def test_a_change_that_fails_leaves_nothing_behind(self, catalog: Catalog, pending: Pending) -> None:
        self.saved(catalog, "一.md", SHIFT)
        before = (catalog.generation(), catalog.documents())
        with pytest.raises(StorageError, match="cannot write the catalog") as raised:
            catalog.save(read("一.md"), content(HELMET))
        assert "\n" not in str(raised.value)
        assert (catalog.generation(), catalog.documents()) == before

    def test_each_knowledge_base_sees_only_its_own(self, catalog: Catalog, engine: sa.Engine) -> None:
        _, ids = self.saved(catalog, "一.md", SHIFT)
        other = registry.create(engine, "仓库", embedding="fake:hash", dimension=64)
        empty, nothing = Catalog(engine, other.id), Pending(engine, other.id)
        assert (empty.files(), empty.documents(), empty.passages(ids)) == ([], [], {})
        assert (nothing.without_vector(), list(nothing.indexed_ids()), nothing.counts().chunks) == ([], [], 0)
        nothing.forget(ids)
        assert sorted(catalog.passages(ids)) == ids
