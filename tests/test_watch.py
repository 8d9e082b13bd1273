"""A folder that is watched: what changes is read, whatever else happens to the knowledge base meanwhile."""

from __future__ import annotations

import json
import logging
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from ingest import watch
from kb_app import KnowledgeBase, Settings
from kb_app.maintenance import diagnose
from tests.fakes import HashEmbedder
from tests.program import Program, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest import SyncReport


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "文件", 食堂="食堂早餐供应到九点。")


@pytest.fixture
def colleague(kb: KnowledgeBase, settings: Settings) -> Iterator[KnowledgeBase]:
    """The same knowledge base, as another program has it open."""
    with KnowledgeBase.open(kb.name, settings, embedder=HashEmbedder()) as opened:
        yield opened


@pytest.fixture
def reports(kb: KnowledgeBase, docs: Path) -> Iterator[Iterator[SyncReport]]:
    """A watch over the folder, which is given up after half a minute."""
    stop = threading.Event()
    too_long = threading.Timer(30, stop.set)
    too_long.start()
    watching = watch([docs], kb, stop=stop)
    yield watching
    too_long.cancel()
    stop.set()
    assert list(watching) == []


def next_that_adds(reports: Iterator[SyncReport]) -> list[str]:
    """What the next sync that adds something added; a change may be noticed in two parts."""
    return next(report.added for report in reports if report.added)


def test_a_colleague_who_writes_is_waited_for_and_told_once(
    kb: KnowledgeBase,
    colleague: KnowledgeBase,
    docs: Path,
    reports: Iterator[SyncReport],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert next_that_adds(reports) == ["食堂.txt"]
    writing = threading.Event()
    written = threading.Event()

    def write_for_a_while() -> None:
        with colleague.writing("kb remove"):
            write(docs, 班车="班车每天七点半发车。")
            writing.set()
            written.wait(2.5)

    working = threading.Thread(target=write_for_a_while)
    working.start()
    assert writing.wait(10)
    with caplog.at_level(logging.WARNING, logger="ingest"):
        assert next_that_adds(reports) == ["班车.txt"]
    working.join()
    (told,) = [record.getMessage() for record in caplog.records if record.name.startswith("ingest")]
    assert "kb remove" in told
    assert "\n" not in told
    write(docs, 停车="停车位每季度抽签一次。")
    assert next_that_adds(reports) == ["停车.txt"]
    assert diagnose(kb).healthy


def test_the_program_waits_too_and_says_so_on_one_line(tmp_path: Path, docs: Path) -> None:
    program = Program(tmp_path / "home")
    settings = Settings(home=program.home, llm_base_url="none")
    with KnowledgeBase.open("后勤", settings) as kb, kb.writing("kb rebuild"):
        watching = program.start("ingest", docs, "--watch", "--json", "--kb", "后勤")
        too_long = threading.Timer(60, watching.kill)
        too_long.start()
        assert watching.stderr is not None
        lines = [watching.stderr.readline(), watching.stderr.readline()]
    try:
        assert "Ctrl-C" in lines[0]
        assert "后勤" in lines[1]
        assert "kb rebuild" in lines[1]
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline())["added"] == ["食堂.txt"]
        watching.send_signal(signal.SIGINT)
        assert watching.communicate(timeout=30)[1] == ""
        assert watching.returncode == 0
    finally:
        too_long.cancel()
        watching.kill()
