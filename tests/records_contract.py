"""What the registry, the history and the writer's lock must do; subclass and provide the fixture of each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import BusyError, NotFoundError
from kb_app.page.export import conversation_markdown
from kb_app.page.labels import Labels
from kb_app.storage import registry
from kb_app.storage.catalog import Catalog, Content, FileRecord
from kb_app.storage.history import History
from kb_app.storage.lock import writer_lock
from kb_app.types import Answer, Chunk, Citation, Line
from tests.passages import passage
from tests.program import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

Connect = Callable[[], "sa.Engine"]

QUESTION = "夜班中途\n能休息多久？"
RULE = "夜班途中休息四十五分钟。"
HOLD = """
import sys; from pathlib import Path; from kb_app.storage.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "车间", purpose="kb rebuild"): print("held", flush=True); sys.stdin.read()
"""


class DatabaseContract:
    """``connect`` opens the test's database once more, as another process would."""

    @pytest.fixture
    def engine(self, connect: Connect) -> sa.Engine:
        return connect()

    @pytest.fixture
    def kb_id(self, engine: sa.Engine) -> int:
        return registry.create(engine, "车间", embedding="fake:hash", dimension=64).id


class RegistryContract(DatabaseContract):
    def test_what_is_made_is_found(self, engine: sa.Engine, connect: Connect) -> None:
        made = registry.create(engine, "车间 😀 'A'", embedding="fake:hash", dimension=64)
        assert registry.find(connect(), "车间 😀 'A'") == registry.require(connect(), "车间 😀 'A'") == made
        assert (made.embedding, made.dimension) == ("fake:hash", 64)
        assert registry.find(engine, "车间") is None

    def test_a_name_that_is_unknown_is_answered_with_the_known(self, engine: sa.Engine) -> None:
        with pytest.raises(NotFoundError, match="none yet"):
            registry.require(engine, "车间")
        registry.create(engine, "仓库", embedding="fake:hash", dimension=64)
        with pytest.raises(NotFoundError, match=r"no knowledge base '车间' \(there are: '仓库'\)"):
            registry.require(engine, "车间")

    def test_the_order_is_the_same_on_every_database(self, engine: sa.Engine) -> None:
        names = ["a", "啊", "B", "丁", "b", "default"]
        for name in names:
            registry.create(engine, name, embedding="fake:hash", dimension=64)
        assert [base.name for base in registry.everything(engine)] == sorted(names)

    def test_names_that_look_alike_have_folders_of_their_own(self, engine: sa.Engine) -> None:
        names = ["Plant A", "plant a", "plant-a", "车间", "仓库", "x" * 100, "../etc"]
        slugs = [registry.create(engine, name, embedding="fake:hash", dimension=64).slug for name in names]
        assert len(set(slugs)) == len(names)
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{1,62}[a-z0-9]", slug) for slug in slugs)

    def test_of_several_makers_one_makes_it(self, connect: Connect) -> None:
        engines = [connect() for _ in range(4)]
        start = threading.Barrier(len(engines))

        def make(engine: sa.Engine) -> registry.KnowledgeBaseRecord:
            start.wait()
            return registry.create(engine, "车间", embedding="fake:hash", dimension=64)

        with ThreadPoolExecutor(len(engines)) as pool:
            made = list(pool.map(make, engines))
        assert made == [made[0]] * len(engines)
        assert registry.everything(engines[0]) == made[:1]

    def test_another_embedding_model_is_stamped(self, engine: sa.Engine, kb_id: int) -> None:
        other = registry.create(engine, "仓库", embedding="fake:hash", dimension=64)
        registry.stamp(engine, kb_id, embedding="fake:other", dimension=32)
        changed = registry.require(engine, "车间")
        assert (changed.embedding, changed.dimension) == ("fake:other", 32)
        assert registry.require(engine, "仓库") == other

    def test_what_is_dropped_is_gone_with_all_that_was_in_it(self, engine: sa.Engine, kb_id: int) -> None:
        other = registry.create(engine, "仓库", embedding="fake:hash", dimension=64)
        for owner in (kb_id, other.id):
            Catalog(engine, owner).save(FileRecord("/一.md", "一.md"), Content((Chunk(RULE, 0, len(RULE)),)))
            History(engine, owner).add(History(engine, owner).start(QUESTION), Answer(QUESTION, QUESTION, "不知道"))
        registry.drop(engine, kb_id)
        assert registry.everything(engine) == [other]
        assert (Catalog(engine, kb_id).files(), History(engine, kb_id).conversations()) == ([], [])
        assert len(Catalog(engine, other.id).files()) == len(History(engine, other.id).conversations()) == 1
        again = registry.create(engine, "车间", embedding="fake:hash", dimension=64)
        assert again.id not in {kb_id, other.id}


def answer(text: str, *, question: str = QUESTION) -> Answer:
    """An answer with something in every field."""
    lines = (Line(0, len(RULE), 3, (0.1, 0.2, 0.9, 1 / 3)),)
    found = passage(RULE, page=3, headings=("第一章", "夜班"), found_by=("keyword", "dense"), lines=lines)
    other = passage("与此无关。\u2028", score=1 / 7, page=None, headings=())
    citation = Citation(1, found, RULE[2:4], 2, 4)
    return Answer(
        question, "夜班休息多久", text, (citation, citation), (found, other), reason="原因 \\ \"引号\" '单'",
        unsupported=("没有根据的一句。",), mode="llm", template="strict", model="某模型", thinking="想一想\n再说",
        timings={"search": 0.1 + 0.2},
    )  # fmt: skip


class HistoryContract(DatabaseContract):
    @pytest.fixture
    def history(self, engine: sa.Engine, kb_id: int) -> History:
        return History(engine, kb_id)

    def test_an_answer_comes_back_as_it_was(self, history: History, kb_id: int, connect: Connect) -> None:
        key = history.start(QUESTION)
        turn_id = history.add(key, answer("四十五分钟。[1] 😀"))
        (turn,) = History(connect(), kb_id).turns(key)
        assert turn.answer == answer("四十五分钟。[1] 😀")
        assert (turn.id, turn.question, turn.vote) == (turn_id, QUESTION, 0)

    def test_a_conversation_is_named_after_its_question_on_one_line(self, history: History) -> None:
        history.start(QUESTION)
        history.start("很长的问题" * 40)
        long, short = history.conversations()
        assert (short.title, len(long.title)) == ("夜班中途 能休息多久？", 24)

    def test_the_latest_comes_first(self, history: History) -> None:
        first, second = history.start("甲"), history.start("乙")
        assert [found.id for found in history.conversations()] == [second, first]
        history.add(first, answer("答"))
        assert [found.id for found in history.conversations()] == [first, second]

    def test_a_new_title_moves_nothing(self, history: History) -> None:
        first, second = history.start("甲"), history.start("乙")
        history.rename(first, "夜班\n规定")
        assert [(found.id, found.title) for found in history.conversations()] == [(second, "乙"), (first, "夜班 规定")]

    def test_turns_keep_their_order_when_they_are_shown_and_exported(self, history: History) -> None:
        key, other = history.start("甲"), history.start("乙")
        for number in range(12):
            history.add(key, answer(f"第{number}答", question=f"第{number}问"))
            history.add(other, answer("别的"))
        wanted = [f"第{number}问" for number in range(12)]
        assert [turn.question for turn in history.turns(key)] == wanted
        exported = conversation_markdown("夜班", history.turns(key), Labels("zh"))
        assert re.findall(r"^## (.+)$", exported, re.MULTILINE) == wanted
        assert "别的" not in exported

    def test_votes_are_kept_by_turn_and_can_be_taken_back(self, history: History) -> None:
        key = history.start("甲")
        ids = [history.add(key, answer("答")) for _ in range(3)]
        for turn_id, vote in zip(ids, (1, -1, 1), strict=True):
            history.vote(turn_id, vote)
        history.vote(ids[2], 0)
        assert [turn.vote for turn in history.turns(key)] == [1, -1, 0]

    def test_a_deleted_conversation_is_gone_and_takes_no_answer(self, history: History) -> None:
        key, other = history.start("甲"), history.start("乙")
        history.add(key, answer("答"))
        history.delete(key)
        assert [found.id for found in history.conversations()] == [other]
        assert history.turns(key) == []
        history.rename(key, "丙")
        with pytest.raises(NotFoundError, match="deleted meanwhile; ask again"):
            history.add(key, answer("晚到的答"))
        assert [found.title for found in history.conversations()] == ["乙"]

    def test_each_knowledge_base_has_its_own(self, history: History, engine: sa.Engine) -> None:
        key = history.start("甲")
        history.add(key, answer("答"))
        other = History(engine, registry.create(engine, "仓库", embedding="fake:hash", dimension=64).id)
        assert (other.conversations(), other.turns(key)) == ([], [])
        with pytest.raises(NotFoundError, match="ask again"):
            other.add(key, answer("答"))
        other.rename(key, "丙")
        assert history.conversations()[0].title == "甲"


class LockContract:
    """``folder`` is where the lock lies; it is not there yet."""

    def test_one_at_a_time_in_this_process(self, folder: Path) -> None:
        with (
            writer_lock(folder, "车间", purpose="kb ingest"),
            ThreadPoolExecutor(1) as pool,
            pytest.raises(BusyError, match=rf"'车间' is being written by process {os.getpid()} \(kb ingest, since"),
        ):
            pool.submit(writer_lock(folder, "车间", purpose="kb drop").__enter__).result()
        with writer_lock(folder, "车间", purpose="kb drop"):
            pass

    def test_it_is_free_again_after_an_error(self, folder: Path) -> None:
        with pytest.raises(LookupError), writer_lock(folder, "车间", purpose="kb ingest"):
            raise LookupError
        with writer_lock(folder, "车间", purpose="kb ingest"):
            pass

    @pytest.mark.parametrize("how", ["it ends", "it is killed"])
    def test_one_at_a_time_among_processes_however_one_ends(self, folder: Path, how: str) -> None:
        command = [sys.executable, "-c", HOLD, str(folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True, **pipes) as holder:
            assert holder.stdout.readline() == "held\n"
            with (
                pytest.raises(BusyError, match=rf"process {holder.pid} \(kb rebuild"),
                writer_lock(folder, "车间", purpose="kb ingest"),
            ):
                pass
            holder.kill() if how == "it is killed" else holder.communicate()
            holder.wait(20)
            with writer_lock(folder, "车间", purpose="kb ingest"):
                pass

    def test_the_holder_is_called_another_process_where_its_note_cannot_be_read(self, folder: Path) -> None:
        with writer_lock(folder, "车间", purpose="kb ingest"):
            (folder / "writer.json").write_text("{")
            with pytest.raises(BusyError, match="another process"), writer_lock(folder, "车间", purpose="kb drop"):
                pass
