"""The catalog in SQLite, and what is said where a database cannot be opened."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from kb_app.errors import StorageError
from kb_app.storage import registry
from kb_app.storage.catalog import Catalog, Content, FileRecord
from kb_app.storage.database import CATALOG_FILE, open_database
from kb_app.storage.passages import Outline
from kb_app.storage.schema import VERSION, meta
from kb_app.types import Chunk
from tests.catalog_contract import CatalogContract
from tests.program import Program, write
from tests.records_contract import Connect, HistoryContract, LockContract, RegistryContract
from tests.servers.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_DRIVER = "import sys; sys.modules['psycopg'] = None; from kb_app.cli import main; main()"


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    return lambda: open_database(tmp_path / "home")


class TestCatalogInSQLite(CatalogContract):
    pass


class TestRegistryInSQLite(RegistryContract):
    pass


class TestHistoryInSQLite(HistoryContract):
    pass


class TestLockInAFolder(LockContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "厂区" / "kb"


def test_a_newer_version_is_refused_and_left_as_it_is(connect: Connect) -> None:
    engine = connect()
    with engine.begin() as connection:
        connection.execute(meta.update().values(value=str(VERSION + 1)))
    with pytest.raises(StorageError, match=rf"version {VERSION + 1}, this program knows version {VERSION}; install"):
        connect()
    with engine.connect() as connection:
        assert connection.execute(sa.select(meta.c.value)).scalar() == str(VERSION + 1)


def test_an_older_catalog_is_brought_up_to_date_with_its_documents(connect: Connect) -> None:
    engine = connect()
    record = registry.create(engine, "车间", embedding="fake:hash", dimension=64)
    file = FileRecord("/文档/年假.txt", "年假.txt", sha256="0" * 64, fingerprint="old")
    Catalog(engine, record.id).save(file, Content((Chunk("年假有五天。", 0, 6),)))
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE documents DROP COLUMN container"))
        connection.execute(sa.text("ALTER TABLE documents DROP COLUMN change"))
        connection.execute(sa.text("ALTER TABLE chunks DROP COLUMN lines"))
        connection.execute(sa.text("ALTER TABLE knowledge_bases DROP COLUMN changes"))
        connection.execute(meta.update().values(value="1"))
    catalog = Catalog(connect(), record.id)
    assert [(file.source, file.container) for file in catalog.files()] == [("年假.txt", "")]
    assert [(p.text, p.lines) for p in catalog.passages([1]).values()] == [("年假有五天。", ())]
    assert [one.source for one in catalog.descriptions()] == ["年假.txt"]
    assert catalog.descriptions(after=catalog.changes()) == []
    catalog.save(FileRecord("/文档/年假.txt", "年假.txt", doc_id=1), Content((), title="年假办法"))
    assert [one.title for one in catalog.descriptions(after=0)] == ["年假办法"]
    with engine.connect() as connection:
        assert connection.execute(sa.select(meta.c.value)).scalar() == str(VERSION)


def test_passages_are_looked_up_by_their_ids_however_many_others_there_are(connect: Connect) -> None:
    engine = connect()
    record = registry.create(engine, "车间", embedding="fake:hash", dimension=64)
    catalog = Catalog(engine, record.id)
    catalog.save(FileRecord("/文档/一.txt", "一.txt"), Content((Chunk("年假有五天。", 0, 6),)))
    asked: list[tuple[str, object]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    for wanted in (1, 10, 1000):
        catalog.passages(range(1, wanted + 1))
        catalog.outlines(range(1, wanted + 1))
    with engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all() for text, values in [*asked]]
    assert len(plans) == 6
    for plan in plans:
        assert {row[3].replace("(rowid=?)", "").strip() for row in plan} == {
            "SEARCH chunks USING INTEGER PRIMARY KEY",
            "SEARCH documents USING INTEGER PRIMARY KEY",
        }


def test_what_is_known_of_documents_is_looked_up_by_their_ids_however_many_others_there_are(connect: Connect) -> None:
    engine = connect()
    record = registry.create(engine, "车间", embedding="fake:hash", dimension=64)
    catalog = Catalog(engine, record.id)
    asked: list[tuple[str, object]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    for wanted in (1, 10, 1000):
        catalog.descriptions(range(1, wanted + 1))
    with engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all() for text, values in [*asked]]
    assert [[row[3] for row in plan] for plan in plans] == [
        ["SEARCH documents USING INTEGER PRIMARY KEY (rowid=?)"]
    ] * 3


def test_an_outline_is_a_part_of_its_passage(connect: Connect) -> None:
    engine = connect()
    records = [registry.create(engine, name, embedding="fake:hash", dimension=64) for name in ("车间", "仓库")]
    catalog, other = (Catalog(engine, record.id) for record in records)
    for name in ("一.txt", "二.txt"):
        texts = (Chunk("年假有五天。", 0, 6), Chunk("病假要证明。", 6, 12))
        catalog.save(FileRecord(f"/文档/{name}", name), Content(texts))
    catalog.remove([1])
    changed = (Chunk("年假有五天。", 0, 6), Chunk("事假要批准。", 6, 12))
    catalog.save(FileRecord("/文档/二.txt", "二.txt", doc_id=2), Content(changed))
    passages = catalog.passages(range(9))
    assert [(p.chunk_id, p.source, p.start) for p in passages.values()] == [("3", "二.txt", 0), ("5", "二.txt", 6)]
    assert catalog.outlines([5, 4, 3, 2, 99]) == {
        i: Outline(passage.text, passage.source, passage.start) for i, passage in passages.items()
    }
    assert catalog.outlines([]) == other.outlines([3]) == {}


def test_several_that_open_it_first_make_it_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(lambda _: open_database(tmp_path / "home"), range(8)))
    registry.create(engines[0], "车间", embedding="fake:hash", dimension=64)
    assert all(len(registry.everything(engine)) == 1 for engine in engines)
    with engines[0].connect() as connection:
        assert connection.execute(sa.select(meta.c.value)).scalars().all() == [str(VERSION)]


def test_a_start_that_was_cut_off_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / CATALOG_FILE) as small:
        small.execute("create table other (id integer)")
        small.execute("create index chunks_by_digest on other (id)")  # stops the start half way
    with pytest.raises(StorageError, match="chunks_by_digest already exists"):
        open_database(home)
    with sqlite3.connect(home / CATALOG_FILE) as small:
        assert small.execute("select name from sqlite_master where type = 'table'").fetchall() == [("other",)]
        small.execute("drop table other")
    assert registry.everything(open_database(home)) == []


@pytest.mark.parametrize("name", ["a?b", "a%20b", "a#b", "厂区 一", "a;b=c"])
def test_any_folder_is_a_home(tmp_path: Path, name: str) -> None:
    open_database(tmp_path / name)
    assert (tmp_path / name / CATALOG_FILE).is_file()


def test_a_damaged_file_is_one_line(tmp_path: Path, connect: Connect) -> None:
    engine = connect()
    catalog = Catalog(engine, 1)
    engine.dispose()
    for file in (tmp_path / "home").glob(f"{CATALOG_FILE}*"):
        file.write_bytes(b"damaged" * 1000)
    for use in (catalog.files, connect):
        with pytest.raises(StorageError, match="not a database; check") as raised:
            use()
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["geheim", "://", "postgresql://kb:geheim@127.0.0.1:port/kb"])
def test_an_address_that_is_none_is_answered_with_an_example(tmp_path: Path, url: str) -> None:
    complaint = Program(tmp_path).run("list", KB_DATABASE_URL=url).complaint
    assert "KB_DATABASE_URL is not a database URL; write for example postgresql://" in complaint
    assert "geheim" not in complaint


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_that_is_not_there_is_one_line_without_the_password(tmp_path: Path, scheme: str) -> None:
    docs = write(tmp_path / "docs", 守则="夜班途中休息四十五分钟。")
    url = f"{scheme}://kb:geheim@127.0.0.1:{free_port()}/kb"
    complaint = Program(tmp_path / "home").run("ingest", docs, KB_DATABASE_URL=url).complaint
    assert "postgresql+psycopg://kb:***@127.0.0.1" in complaint
    assert "check KB_HOME and KB_DATABASE_URL" in complaint
    assert "geheim" not in complaint


def test_a_missing_driver_is_named_with_its_command(tmp_path: Path) -> None:
    url = "postgresql://kb@127.0.0.1/kb"
    complaint = Program(tmp_path).run_python(["-c", WITHOUT_DRIVER, "list"], KB_DATABASE_URL=url).complaint
    assert "its driver is not installed" in complaint
    assert "`pip install 'kb-app[postgres]'`" in complaint


def test_any_other_database_of_sqlalchemy_may_be_named(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.sqlite"
    docs = write(tmp_path / "docs", 守则="夜班途中休息四十五分钟。")
    kb = Program(tmp_path / "home", {"KB_DATABASE_URL": f"sqlite:///{elsewhere}"})
    assert kb.run("ingest", docs).code == 0
    assert elsewhere.is_file()
    assert not (tmp_path / "home" / CATALOG_FILE).exists()
    assert kb.run("status", "--json").json["documents"] == 1
