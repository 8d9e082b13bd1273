"""``kb serve`` from outside: a real process of an engine's make is started, watched and ended by the real command."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kb_app.models.llm import discover
from kb_app.serving.record import group_lives, started
from tests.serving import Serving, free_port, make_adapter, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READY = "就绪 ready: 小模型 · "


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    made = Serving(tmp_path)
    yield made
    made.end()


class TestLifecycle:
    def test_is_started_waited_for_found_by_the_client_and_ended(self, serving: Serving) -> None:
        command = serving.command("--loads", "1.5", options=("--detach", "--engine", "vllm", "--max-model-len", "2048"))
        ran = serving.kb.run(*command, "--enforce-eager", KB_LLM_API_KEY="geheim")
        assert (ran.code, ran.out) == (0, ""), ran.err
        assert f"{READY}{serving.url} · 日志 log {serving.log}\nexport KB_LLM_BASE_URL={serving.url}\n" in ran.err
        found = discover(serving.url)
        assert (found.name, found.context) == ("小模型", 2048) if found else pytest.fail("nobody listens")
        record = serving.record
        assert list(record) == ["url", "model", "engine", "pid", "log", "started"]
        assert (record["url"], record["model"], record["engine"]) == (serving.url, "小模型", "vLLM")
        assert serving.kb.run("serve", "--status", "--json").json == {**record, "ready": True}
        argv = json.loads(serving.told("argv"))
        assert argv[:2] == ["--model", str(serving.weights)]
        assert argv[-3:] == ["--loads", "1.5", "--enforce-eager"]
        assert "geheim" not in " ".join(argv)
        environment = json.loads(serving.told("environment"))
        assert environment["VLLM_API_KEY"] == "geheim"
        assert (environment["HF_HUB_OFFLINE"], environment["VLLM_CPU_KVCACHE_SPACE"]) == ("1", "1")
        worker, pid = int(serving.told("worker")), int(str(record["pid"]))
        assert started(worker)
        assert serving.kb.run("serve", "--stop").err == "已结束 ended: 小模型\n"
        assert not serving.record_file.exists()
        assert (started(worker), group_lives(pid)) == ("", False)
        again = serving.kb.run("serve", "--stop")
        assert (again.code, again.err) == (0, "没有在运行的服务 · no server runs\n")
        status = serving.kb.run("serve", "--status", "--json")
        assert (status.code, status.json) == (1, None)

    def test_one_that_dies_is_one_line_with_the_root_cause(self, serving: Serving) -> None:
        ran = serving.kb.run(*serving.command("--dies", "torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB"))
        assert ran.code == 1
        assert ran.err.splitlines()[1:] == [
            "错误 error: vLLM ended with status 1: torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB; lower "
            "--max-model-len or --memory-share, or choose smaller weights with --precision "
            f"(log: {serving.log})"
        ]
        assert not serving.record_file.exists()

    def test_one_that_never_answers_is_ended(self, serving: Serving) -> None:
        ran = serving.kb.run(*serving.command("--deaf", options=("--timeout", "1.5")))
        assert ran.code == 1
        assert "does not answer after 1.5 s, its last words: Loading weights: 90%; wait longer" in ran.err
        assert started(int(serving.told("worker"))) == ""
        assert not serving.record_file.exists()

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
    def test_in_the_foreground_it_ends_with_the_command(self, serving: Serving, number: int, code: int) -> None:
        process = serving.kb.start(*serving.command())
        assert process.stderr is not None
        assert any("press Ctrl-C to end" in line for line in process.stderr)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert process.returncode == code, err
        assert started(int(serving.told("worker"))) == ""
        assert not serving.record_file.exists()
        assert "Traceback" not in err

    def test_ended_from_elsewhere_is_no_error_and_a_crash_is(self, serving: Serving) -> None:
        process = serving.kb.start(*serving.command())
        wait_for(lambda: serving.log.exists() and discover(serving.url))
        assert serving.kb.run("serve", "--stop").code == 0
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err.splitlines()[-1]) == (0, "已结束 ended"), err
        ran = serving.kb.run(*serving.command("--crashes", "1.5"))
        assert ran.code == 1
        assert ran.err.splitlines()[-1].startswith("错误 error: vLLM ended with status 3: ValueError: 缓存坏了 (log: ")

    def test_only_one_at_a_time_and_only_on_a_free_port(self, serving: Serving) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", serving.port))
            other.listen()
            taken = serving.kb.run(*serving.command())
        assert "cannot listen on 127.0.0.1" in taken.err
        assert serving.kb.run(*serving.command(options=("--detach",))).code == 0
        second = serving.kb.run(*serving.command(), "--port", str(free_port()))
        assert second.code == 1
        assert f"小模型 is served at {serving.url} already (process {serving.record['pid']})" in second.err

    def test_a_process_that_only_has_its_number_is_left_alone(self, serving: Serving) -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
            record = {"url": serving.url, "model": "小模型", "engine": "vLLM", "pid": innocent.pid, "log": "x"}
            serving.kb.home.mkdir()
            serving.record_file.write_text(json.dumps(record | {"started": "an hour ago"}), "utf-8")
            assert serving.kb.run("serve", "--status").code == 1
            serving.record_file.write_text(json.dumps(record | {"started": "an hour ago"}), "utf-8")
            assert serving.kb.run("serve", "--stop").err == "没有在运行的服务 · no server runs\n"
            assert innocent.poll() is None
            innocent.kill()


class TestAdapters:
    def test_come_and_go_while_it_runs(self, serving: Serving, tmp_path: Path) -> None:
        first, second = make_adapter(tmp_path / "first"), make_adapter(tmp_path / "second", 40)
        nobody = serving.kb.run("serve", "--adapter", f"公文={first}")
        assert nobody.complaint.startswith("no server runs that `kb serve` started")
        options = ("--detach", "--runtime-adapters", "--adapter", f"公文={first}")
        assert serving.kb.run(*serving.command(options=options)).code == 0
        argv = json.loads(serving.told("argv"))
        assert argv[argv.index("--lora-modules") + 1] == f"公文={first}"
        assert argv[argv.index("--max-lora-rank") + 1] == "16"
        assert serving.kb.run("serve", "--adapter", f"合同={second}").err == f"已装入 loaded: 合同 · {second}\n"
        assert discover(serving.url, model="合同") is not None
        assert serving.kb.run("serve", "--unload", "合同").err == "已卸下 unloaded: 合同\n"
        wrong = serving.kb.run("serve", "--unload", "没有")
        assert wrong.complaint.startswith("the model server refuses '没有': ")

    def test_a_server_that_takes_none_says_how_it_would(self, serving: Serving, tmp_path: Path) -> None:
        assert serving.kb.run(*serving.command(options=("--detach",))).code == 0
        ran = serving.kb.run("serve", "--adapter", f"公文={make_adapter(tmp_path / 'a')}")
        assert ran.complaint.endswith("takes no adapters while it runs; start it with --runtime-adapters")
        assert serving.kb.run("serve", "--adapter", "公文").complaint.startswith("adapter '公文' is not NAME=DIR")
