"""The catalog in a real PostgreSQL (make test-postgres)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.errors import StorageError
from kb_app.maintenance import diagnose
from kb_app.storage import registry
from kb_app.storage.database import open_database
from kb_app.storage.history import History
from tests.catalog_contract import CatalogContract
from tests.fakes import HashEmbedder
from tests.program import Program, write
from tests.records_contract import Connect, HistoryContract, RegistryContract
from tests.servers.processes import Cluster, cluster, postgres_binaries

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.postgres

SHIFT = "夜班从二十二点到次日六点，途中休息四十五分钟。"
HELMET = "进入装配车间必须戴安全帽，帽带要系紧。"
QUESTION = "夜班中途休息多久？"


@pytest.fixture
def connect(database_url: str, tmp_path: Path) -> Connect:
    return lambda: open_database(tmp_path / "home", database_url)


@pytest.fixture
def kb(database_url: str, tmp_path: Path) -> Program:
    return Program(tmp_path / "home", {"KB_DATABASE_URL": database_url})


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "docs", 夜班=SHIFT, 安全帽=HELMET)


class TestCatalogInPostgreSQL(CatalogContract):
    pass


class TestRegistryInPostgreSQL(RegistryContract):
    pass


class TestHistoryInPostgreSQL(HistoryContract):
    pass


def test_the_whole_program(kb: Program, docs: Path) -> None:
    assert kb.run("ingest", docs, "--json").json["embedded"] == 2
    answer = kb.run("ask", QUESTION, "--json").json
    assert answer["citations"][0]["passage"]["source"] == "夜班.txt"
    (docs / "夜班.txt").rename(docs / "班次.txt")
    assert kb.run("ingest", docs, "--json").json["renamed"] == ["班次.txt"]
    assert kb.run("doctor").code == 0
    assert kb.run("remove", "安全帽.txt").code == 0
    assert [document["source"] for document in kb.run("documents", "--json").json] == ["班次.txt"]
    assert kb.run("rebuild").code == 0
    assert kb.run("doctor").code == 0
    assert list(kb.home.rglob("*.sqlite")) == []
    assert kb.run("drop", "--yes").code == 0
    assert kb.run("list", "--json").json == []


def test_two_processes_that_begin_at_once_on_an_empty_database(kb: Program, docs: Path) -> None:
    processes = [kb.start("ingest", docs, "--kb", name) for name in ("甲班", "乙班")]
    ended = [(process.communicate(timeout=120), process.returncode) for process in processes]
    assert [code for _, code in ended] == [0, 0], ended
    assert [base["name"] for base in kb.run("list", "--json").json] == ["乙班", "甲班"]
    for name in ("甲班", "乙班"):
        assert kb.run("doctor", "--kb", name).code == 0
        assert kb.run("ask", QUESTION, "--kb", name, "--json").json["citations"]


def test_many_that_open_it_first_make_it_once(connect: Connect) -> None:
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(lambda _: connect(), range(8)))
    registry.create(engines[0], "车间", embedding="fake:hash", dimension=64)
    assert all(len(registry.everything(engine)) == 1 for engine in engines)


def test_what_another_process_reads_in_is_found_here(kb: Program, docs: Path, database_url: str) -> None:
    settings = Settings(home=kb.home, database_url=database_url, llm_base_url="none")
    with KnowledgeBase.open("default", settings) as here:
        sync([docs], here)
        assert here.search("年终奖", k=1)[0].source != "奖金.txt"
        write(docs, 奖金="年终奖在次年一月发放。")
        (docs / "安全帽.txt").unlink()
        assert kb.run("ingest", docs, "--prune").code == 0
        found = here.search("年终奖", k=3)
        assert (found[0].source, sorted(found[0].found_by)) == ("奖金.txt", ["dense", "keyword"])
        assert "安全帽.txt" not in {passage.source for passage in found}
        assert diagnose(here).healthy


def test_a_folder_reads_as_it_does_into_sqlite(kb: Program, docs: Path, tmp_path: Path) -> None:
    write(docs, 标记="途中休息\u2028四十五分钟😀𠮷。", 空字符="途中\x00休息。", b=HELMET, B=SHIFT, 啊=SHIFT)
    outcomes = []
    for program in (kb, Program(tmp_path / "sqlite")):
        errors = program.run("ingest", docs, "--json").json["errors"]
        listed = program.run("documents", "--json").json
        documents = [(one["source"], one["title"], one["chunks"], one["error"]) for one in listed]
        hits = sorted((p["source"], p["text"], p["score"]) for p in program.run("search", "休息", "--json").json)
        outcomes.append((errors, documents, hits))
        assert program.run("doctor").code == 0
    assert outcomes[0] == outcomes[1]
    errors, documents, hits = outcomes[0]
    assert list(errors) == ["空字符.txt"]
    assert [name for name, *_ in documents] == sorted(name for name, *_ in documents)
    assert len(hits) >= 5


def test_a_wrong_password_and_an_unknown_database_are_one_line(kb: Program, server: Cluster, database_url: str) -> None:
    for url, told in (
        (server.url("kb1", password="geheim"), "password authentication failed"),
        (server.url("nirgends"), 'database "nirgends" does not exist'),
    ):
        complaint = kb.run("list", KB_DATABASE_URL=url).complaint
        assert told in complaint
        assert complaint.endswith("check KB_HOME and KB_DATABASE_URL")
        assert "geheim" not in complaint


def test_a_server_that_goes_away_is_one_line_and_all_goes_on_when_it_is_back(tmp_path: Path, docs: Path) -> None:
    binaries = postgres_binaries()
    assert binaries is not None
    with cluster(binaries) as own:
        settings = Settings(home=tmp_path / "home", database_url=own.url("postgres"), llm_base_url="none")
        with own.running():
            kb = KnowledgeBase.open("车间", settings, embedder=HashEmbedder())
            sync([docs], kb)
        uses = [kb.status, lambda: kb.search(QUESTION), lambda: kb.history.start(QUESTION), lambda: sync([docs], kb)]
        for use in uses:
            with pytest.raises(StorageError, match="check the database") as raised:
                use()
            assert "\n" not in str(raised.value)
        with own.running():
            write(docs, 奖金="年终奖在次年一月发放。")
            assert sync([docs], kb).added == ["奖金.txt"]
            assert kb.search(QUESTION, k=1)[0].source == "夜班.txt"
            assert diagnose(kb).healthy
        with own.running():  # started again while nobody looked
            assert kb.status().documents == 3
        kb.close()


def test_a_database_made_without_an_encoding_keeps_chinese(server: Cluster, tmp_path: Path, database_url: str) -> None:
    with open_database(tmp_path, database_url).connect() as connection:
        connection.connection.driver_connection.autocommit = True
        plain = "ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
        connection.exec_driver_sql(f"CREATE DATABASE plain {plain}")
    engine = open_database(tmp_path, server.url("plain"))
    kb_id = registry.create(engine, "车间", embedding="fake:hash", dimension=64).id
    History(engine, kb_id).start(QUESTION)
    again = open_database(tmp_path, server.url("plain"))
    assert [found.title for found in History(again, kb_id).conversations()] == [QUESTION]
    assert registry.require(again, "车间").id == kb_id
