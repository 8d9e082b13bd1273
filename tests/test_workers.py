"""Files are read in processes of their own: one that crashes, hangs or grows costs its file alone."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from ingest import FileReport, SyncReport, sync
from ingest.pool import Workers, end_workers, read_in_worker
from ingest.reading import Job
from kb_app import KnowledgeBase, Settings
from kb_app.errors import DocumentError
from tests.fakes import HashEmbedder

LEAVE = "入职满一年的职工每年享有五天带薪年休假。"


@pytest.fixture(autouse=True)
def no_worker_is_left():
    end_workers()
    yield
    end_workers()


@pytest.fixture
def small(tmp_path: Path) -> Job:
    path = tmp_path / "年假.txt"
    path.write_text(LEAVE, encoding="utf-8")
    return Job(str(path), path.name)


@pytest.fixture
def large(tmp_path: Path) -> Job:
    """A text that takes seconds to cut."""
    path = tmp_path / "流水.txt"
    path.write_text("".join(f"第{i}号仓库于当日入库一批轴承。\n" for i in range(2_000_000)), encoding="utf-8")
    return Job(str(path), path.name)


def workers() -> list[int]:
    """The worker processes of this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == os.getpid() and "ingest.worker" in command:
            found.append(int(entry.name))
    return found


def test_a_file_is_read_and_its_worker_is_kept_for_the_next(small: Job):
    assert read_in_worker(small, seconds=30).content.chunks[0].text == LEAVE
    before = workers()
    assert read_in_worker(small, seconds=30).report.characters == len(LEAVE)
    assert workers() == before


def test_a_worker_that_is_killed_costs_its_file_alone(small: Job, large: Job):
    def kill() -> None:
        while not (found := workers()):
            time.sleep(0.01)
        time.sleep(0.5)
        os.kill(found[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(DocumentError, match="crashed"):
        read_in_worker(large, seconds=60)
    killer.join()
    assert read_in_worker(small, seconds=30).content.chunks[0].text == LEAVE


def test_a_file_that_takes_too_long_is_given_up(small: Job, large: Job):
    with pytest.raises(DocumentError, match=r"more than 0\.5 s"):
        read_in_worker(large, seconds=0.5)
    assert read_in_worker(small, seconds=30).content.chunks[0].text == LEAVE


def test_a_file_that_needs_too_much_memory_says_so(small: Job, large: Job):
    with pytest.raises(DocumentError, match="300 MiB of memory; raise KB_READ_MEMORY"):
        read_in_worker(Job(large.path, large.name, memory=300 << 20), seconds=60)
    assert read_in_worker(small, seconds=30).content.chunks[0].text == LEAVE


def test_two_threads_read_side_by_side(small: Job):
    readings = []
    threads = [threading.Thread(target=lambda: readings.append(read_in_worker(small, seconds=30))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reading.report.characters for reading in readings] == [len(LEAVE)] * 2


def test_the_number_of_a_worker_that_is_gone_is_not_killed(small: Job, monkeypatch: pytest.MonkeyPatch):
    read_in_worker(small, seconds=30)
    (gone,) = workers()
    os.kill(gone, signal.SIGKILL)
    while Path(f"/proc/{gone}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    killed: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "killpg", lambda group, _: killed.append(group))
        assert read_in_worker(small, seconds=30).content.chunks[0].text == LEAVE
    assert killed == []  # the system may have given that number to another program by now
    assert gone not in workers()


class TestSideBySide:
    """Several runs of one process, as the page has them."""

    @pytest.fixture
    def long(self, tmp_path: Path) -> Path:
        """A folder with one file that takes seconds to read and says little."""
        folder = tmp_path / "长"
        folder.mkdir()
        (folder / "流水.txt").write_text("\n" * 8_000_000 + LEAVE, encoding="utf-8")
        return folder

    def test_a_run_that_fails_costs_no_file_and_no_room_of_another(self, tmp_path: Path, long: Path, small: Job):
        settings = Settings(home=tmp_path / "home", llm_base_url="none")
        model = HashEmbedder()
        reports: list[SyncReport] = []

        def fail(file: FileReport) -> None:
            raise RuntimeError(f"nobody listens to {file.source}")

        with (
            KnowledgeBase.open("一", settings, embedder=model) as one,
            KnowledgeBase.open("二", settings, embedder=model) as other,
        ):
            reading = threading.Thread(target=lambda: reports.append(sync([long], one)))
            reading.start()
            while not workers():
                time.sleep(0.01)
            with pytest.raises(RuntimeError, match="年假"):
                sync([small.path], other, on_file=fail)
            assert reading.is_alive()
            assert model.leave_room
            reading.join()
            assert not model.leave_room
        assert (reports[0].added, reports[0].failed) == (["流水.txt"], [])

    def test_the_workers_of_a_run_that_has_ended_read_nothing_more(self, small: Job, long: Path):
        run, other = Workers(), Workers()
        ending = threading.Timer(0.5, run.end)
        ending.start()
        with pytest.raises(DocumentError):
            run.read(Job(str(long / "流水.txt"), "流水.txt"), seconds=60)
        with pytest.raises(DocumentError, match="run again"):
            run.read(small, seconds=60)
        assert other.read(small, seconds=30).content.chunks[0].text == LEAVE
