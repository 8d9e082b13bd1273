"""``kb status`` shows how busy the model server is, where it tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kb_app import KnowledgeBase, Settings
from kb_app.commands.console import print_health, print_json
from kb_app.maintenance import health
from kb_app.models.metrics import ServerLoad, read_samples, server_load
from tests.fakes import HashEmbedder
from tests.scripted_server import Script, refusing_url, serve

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app.maintenance import Health

VLLM = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{{engine="0",model_name="qwen"}} 2.0
vllm:num_requests_running{{engine="1",model_name="a \\"b\\" {{c}}"}} 1.0
vllm:num_requests_waiting{{engine="0",model_name="qwen"}} 4.0
{cache}{{engine="0",model_name="qwen"}} 0.4213
vllm:generation_tokens_total{{engine="0",model_name="qwen"}} {tokens}
"""
LLAMA = """\
llamacpp:requests_processing 0
llamacpp:requests_deferred 0
llamacpp:tokens_predicted_total 512
"""


def vllm(tokens: int, cache: str = "vllm:kv_cache_usage_perc") -> str:
    return VLLM.format(tokens=tokens, cache=cache)


def state(tmp_path: Path, base_url: str) -> Health:
    settings = Settings(home=tmp_path / "home", llm_base_url=base_url)
    with KnowledgeBase.open("制度", settings, embedder=HashEmbedder()) as kb:
        return health(kb)


@pytest.mark.parametrize("cache", ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"])
def test_a_busy_vllm_tells_its_load(cache: str) -> None:
    with serve(Script(metrics=[vllm(1000, cache), vllm(1150, cache)])) as server:
        load = server_load(server.base_url)
    assert load
    assert (load.running, load.waiting, load.cache) == (3, 4, 0.4213)
    assert load.tokens_per_second
    assert 50 < load.tokens_per_second <= 150  # 150 tokens in a second, or more where this machine is busy


def test_an_idle_server_is_asked_once() -> None:
    with serve(Script(metrics=[LLAMA])) as server:
        assert server_load(server.base_url) == ServerLoad(running=0, waiting=0, tokens_per_second=0.0)
        assert server.scraped == 1


def test_a_restart_between_two_looks_is_no_negative_speed() -> None:
    with serve(Script(metrics=[vllm(1000), vllm(3)])) as server:
        assert server_load(server.base_url) == ServerLoad(3, 4, 0.4213, 0.0)


@pytest.mark.parametrize(
    "metrics", [[], ["<html>no metrics</html>"], ["vllm:num_requests_running NaN"], ["x 1\n\x00 2"]]
)
def test_a_server_that_does_not_tell_has_no_load(metrics: list[str]) -> None:
    with serve(Script(metrics=metrics)) as server:
        assert server_load(server.base_url) is None
    assert server_load(refusing_url()) is None


def test_samples_are_read_in_every_form_that_the_format_allows() -> None:
    text = 'a 1\nb{x="y"} 2e3\nc{x="1 2",y="}"} 3 1700000000\n# a 7\nbad\nd{x="y"} +Inf\na 2\ne notanumber\n'
    assert read_samples(text) == {"a": 3.0, "b": 2000.0, "c": 3.0, "d": float("inf")}


def test_status_shows_the_load_to_people_and_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Script(metrics=[vllm(1000), vllm(1150)])) as server:
        found = state(tmp_path, server.base_url)
    print_health(found)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "model load" in line)
    for words in ("运行 running 3", "排队 waiting 4", "KV cache 42%", "tokens/s"):
        assert words in line
    print_json(found)
    assert json.loads(capsys.readouterr().out)["load"]["waiting"] == 4


def test_status_without_metrics_shows_no_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve() as server:
        found = state(tmp_path, server.base_url)
    print_health(found)
    assert "model load" not in capsys.readouterr().out
    assert (found.model, found.load) == ("scripted", None)


def test_status_tells_what_is_wrong_with_the_model_server_beside_all_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(Script(key="secret")) as server:
        found = state(tmp_path, server.base_url)
    print_health(found)
    assert (found.model, found.documents) == ("", 0)
    assert "KB_LLM_API_KEY" in found.model_error
    assert "KB_LLM_API_KEY" in capsys.readouterr().err
