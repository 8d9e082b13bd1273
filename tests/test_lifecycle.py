"""A folder over time: added, edited, renamed, removed, interrupted, written by two."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from benchmarks.corpus import passages
from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.errors import BusyError, IndexMismatchError, NotFoundError, StorageError
from kb_app.maintenance import diagnose, drop, overview, rebuild, repair
from kb_app.storage.schema import meta
from tests.fakes import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LEAVE = "员工入职满一年后每年有七天年假，当年没有休完的可以顺延到次年三月底。"
HOTEL = "出差到一线城市的住宿费每晚不超过六百元，超出部分由本人承担。"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "制度").mkdir(parents=True)
    (folder / "制度/年假 办法😀.md").write_text(f"# 年假\n\n{LEAVE}\n", encoding="utf-8")
    (folder / "住宿.txt").write_text(HOTEL, encoding="utf-8")
    return folder


def sources(kb: KnowledgeBase) -> list[str]:
    return [document.source for document in kb.documents()]


def test_a_folder_is_added_then_unchanged(kb: KnowledgeBase, docs: Path) -> None:
    first = sync([docs], kb)
    assert sorted(first.added) == ["住宿.txt", "制度/年假 办法😀.md"]
    assert first.embedded == first.chunks == 2
    again = sync([docs], kb)
    assert (sorted(again.unchanged), again.added, again.embedded) == (sorted(first.added), [], 0)
    assert kb.search("年假有几天", k=1)[0].text.endswith(LEAVE)


def test_an_edit_embeds_only_what_changed(kb: KnowledgeBase, docs: Path) -> None:
    long = docs / "long.md"
    text = "\n\n".join(passages(60, seed=1))
    long.write_text(text, encoding="utf-8")
    sync([docs], kb)
    before = {chunk_id for chunk_id, _, _ in kb.pending.indexed_ids()}
    middle = text.index("。", len(text) // 2) + 1
    long.write_text(text[:middle] + "此处补充一句全新的说明。" + text[middle:], encoding="utf-8")
    report = sync([docs], kb)
    assert report.updated == ["long.md"]
    assert 1 <= report.embedded <= 3
    after = {chunk_id for chunk_id, _, _ in kb.pending.indexed_ids()}
    assert len(after - before) == report.embedded
    assert kb.search("全新的说明", k=1)[0].source == "long.md"
    assert diagnose(kb).healthy


def test_a_rename_embeds_nothing(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    (docs / "住宿.txt").rename(docs / "制度" / "差旅住宿.txt")
    report = sync([docs], kb)
    assert (report.renamed, report.embedded, report.added) == (["制度/差旅住宿.txt"], 0, [])
    assert kb.search("住宿费", k=1)[0].source == "制度/差旅住宿.txt"
    assert kb.search("差旅住宿", k=1, where={"folder": "制度"})


def test_a_copy_is_a_document_of_its_own_without_embedding(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    shutil.copy(docs / "住宿.txt", docs / "制度/副本.txt")
    report = sync([docs], kb)
    assert (report.added, report.embedded) == (["制度/副本.txt"], 0)
    assert {passage.source for passage in kb.search("住宿费", k=2)} == {"住宿.txt", "制度/副本.txt"}


def test_only_prune_removes_and_only_below_the_folder(kb: KnowledgeBase, docs: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "其他.txt").write_text("食堂早餐供应到九点。", encoding="utf-8")
    sync([docs, other], kb)
    (docs / "住宿.txt").unlink()
    (other / "其他.txt").unlink()
    assert sync([docs], kb).removed == []
    assert sync([docs], kb, prune=True, dry_run=True).removed == ["住宿.txt"]
    assert "住宿.txt" in sources(kb)
    assert sync([docs], kb, prune=True).removed == ["住宿.txt"]
    assert sources(kb) == ["其他.txt", "制度/年假 办法😀.md"]
    assert all(passage.source != "住宿.txt" for passage in kb.search("住宿费"))
    assert diagnose(kb).healthy


def test_a_missing_path_fails_alone_and_prunes_nothing(kb: KnowledgeBase, docs: Path, tmp_path: Path) -> None:
    sync([docs], kb)
    docs.rename(tmp_path / "moved away")
    report = sync([docs], kb, prune=True)
    assert report.failed == [str(docs)]
    assert "check the path" in report.errors[str(docs)]
    assert len(sources(kb)) == 2


def test_bad_files_fail_alone_and_are_tried_again(kb: KnowledgeBase, docs: Path) -> None:
    (docs / "empty.txt").write_bytes(b"")
    (docs / "broken.docx").write_bytes(b"PK\x03\x04 not a document")
    (docs / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0 old")
    report = sync([docs], kb)
    assert sorted(report.failed) == ["broken.docx", "empty.txt", "old.doc"]
    assert len(report.added) == 2
    assert all(reason and "\n" not in reason for reason in report.errors.values())
    (docs / "empty.txt").write_text("现在有内容了。", encoding="utf-8")
    assert sync([docs], kb).updated == ["empty.txt"]


def test_a_dry_run_changes_nothing(kb: KnowledgeBase, docs: Path) -> None:
    report = sync([docs], kb, dry_run=True)
    assert len(report.added) == 2
    assert kb.documents() == []


def test_a_removed_document_never_answers(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    kb.remove("住宿.txt")
    assert all(passage.source != "住宿.txt" for passage in kb.search("住宿费每晚"))
    with pytest.raises(NotFoundError, match="kb documents"):
        kb.remove("住宿.txt")


def test_one_writer_at_a_time(kb: KnowledgeBase, docs: Path) -> None:
    with kb.writing("kb ingest"), pytest.raises(BusyError, match=rf"process {os.getpid()} \(kb ingest"):
        sync([docs], kb)
    assert len(sync([docs], kb).added) == 2


def test_another_process_is_noticed(kb: KnowledgeBase, docs: Path, settings: Settings) -> None:
    sync([docs], kb)
    assert kb.search("食堂早餐", k=1)[0].source != "食堂.txt"
    (docs / "食堂.txt").write_text("食堂早餐供应到九点。", encoding="utf-8")
    program = (
        "import sys; from ingest import sync; from kb_app import KnowledgeBase, Settings; "
        "from tests.fakes import HashEmbedder; "
        "kb = KnowledgeBase.open('测试', Settings(home=sys.argv[1]), embedder=HashEmbedder()); sync([sys.argv[2]], kb)"
    )
    subprocess.run([sys.executable, "-c", program, str(settings.home), str(docs)], check=True, timeout=60)
    assert kb.search("食堂早餐", k=1)[0].source == "食堂.txt"
    assert sorted(kb.search("食堂早餐", k=1)[0].found_by) == ["dense", "keyword"]


def test_the_embedding_model_is_remembered(kb: KnowledgeBase, docs: Path, settings: Settings) -> None:
    sync([docs], kb)
    other = HashEmbedder(name="fake:other", dimension=32)
    with pytest.raises(IndexMismatchError, match="kb rebuild --kb 测试"):
        KnowledgeBase.open("测试", settings, embedder=other)
    assert rebuild("测试", settings, embedder=other) == 2
    with KnowledgeBase.open("测试", settings, embedder=other) as again:
        assert again.search("年假有几天", k=1)[0].source.startswith("制度/")
        assert diagnose(again).healthy


def test_a_newer_catalog_is_refused(kb: KnowledgeBase, settings: Settings) -> None:
    with kb.catalog.engine.begin() as connection:
        connection.execute(meta.update().values(value="99"))
    with pytest.raises(StorageError, match="version 99"):
        KnowledgeBase.open("测试", settings, embedder=HashEmbedder())


@pytest.mark.parametrize("index", ["chroma", "keywords"])
def test_a_damaged_index_is_named_and_rebuilt(docs: Path, settings: Settings, index: str) -> None:
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as kb:
        sync([docs], kb)
        folder = kb.folder / index
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as kb:
        with pytest.raises(StorageError, match="kb rebuild"):
            kb.search("年假")
        assert diagnose(kb).damaged
    rebuild("测试", settings, embedder=HashEmbedder())
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as kb:
        assert kb.search("年假有几天")
        assert diagnose(kb).healthy


def test_the_doctor_finds_and_mends_every_difference(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    first, second = (chunk_id for chunk_id, _, _ in kb.pending.indexed_ids())
    kb.vectors.delete([first])
    kb.vectors.add([777], [kb.embedder.embed_query("无主")], [7])
    with kb.writing("test"):
        kb.keywords.delete([second])
        kb.keywords.commit()
    found = diagnose(kb)
    assert (found.missing_vectors, found.orphan_vectors, found.missing_keywords) == ([first], [777], [second])
    repair(kb, found)
    assert diagnose(kb).healthy


def test_a_knowledge_base_is_listed_and_dropped(kb: KnowledgeBase, docs: Path, settings: Settings) -> None:
    sync([docs], kb)
    assert [(base.name, base.counts.documents) for base in overview(settings)] == [("测试", 2)]
    drop("测试", settings)
    assert overview(settings) == []
    assert not kb.folder.exists()
    with pytest.raises(NotFoundError, match="none yet"):
        KnowledgeBase.open("测试", settings, create=False, embedder=HashEmbedder())


def _start_ingest(docs: Path, home: Path, limit: Sequence[str] = ()) -> subprocess.Popen[str]:
    command = [*limit, sys.executable, "-m", "kb_app.cli", "ingest", str(docs)]
    environment = os.environ | {"KB_HOME": str(home)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("seconds", [1.2, 2.0, 3.0])
def test_a_killed_run_is_taken_up_where_it_was(tmp_path: Path, seconds: float) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number, text in enumerate(passages(40, seed=2)):
        (docs / f"{number}.txt").write_text(text, encoding="utf-8")
    settings = Settings(home=tmp_path / "home", llm_base_url="none")
    process = _start_ingest(docs, settings.home)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with KnowledgeBase.open("default", settings) as kb:
        sync([docs], kb)
        assert len(kb.documents()) == 40
        assert all(document.chunks == 1 and document.pending == 0 for document in kb.documents())
        assert diagnose(kb).healthy
        assert kb.vectors.ids() == kb.keywords.ids()


def test_a_full_disk_is_one_line_and_the_rest_is_done_later(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number, text in enumerate(passages(300, seed=4)):
        (docs / f"{number}.txt").write_text(text, encoding="utf-8")
    process = _start_ingest(docs, tmp_path / "home", ("prlimit", "--fsize=200000"))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in errors
    assert "disk" in errors
    settings = Settings(home=tmp_path / "home", llm_base_url="none")
    with KnowledgeBase.open("default", settings) as kb:
        sync([docs], kb)
        assert len(kb.documents()) == 300
        assert diagnose(kb).healthy


def test_keywords_find_a_document_before_its_vector_is_made(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    with kb.catalog.engine.begin() as connection:
        connection.execute(sa.text("update chunks set in_vectors = 0"))
    kb.vectors.delete(kb.vectors.ids())
    found = kb.search("年假有几天", k=1)[0]
    assert found.found_by == ("keyword",)
    assert not kb.ask("年假有几天").refused
    assert kb.status().pending_vectors == 2
    sync([docs], kb)
    assert kb.status().pending_vectors == 0
    assert "dense" in kb.search("年假有几天", k=1)[0].found_by
