"""Every family of the catalogue is served by the engine that it is meant for, with a model of random weights."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from kb_app.models.llm import LanguageModel
from kb_app.models.streaming import Request
from kb_app.serving.catalogue import load_catalogue
from kb_app.serving.formats import find_format, render
from tests.llm.families import Row, most_formats, representatives, template_of, why_not_vllm, write_table
from tests.llm.serving import ENVIRONMENT, PYTHON, ROOT, DidNotStartError, Server, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb_app.serving.catalogue import Model

FAMILIES = representatives(load_catalogue())
BOUNDED = most_formats(FAMILIES)
RESULTS = ROOT / "benchmarks" / "results" / "families.md"
LIMITS = {"Sparse Attention is not supported on CPU": "its sparse attention needs a graphics card"}
"""What the log of an engine says where an architecture wants more than this machine has, and what to call it."""
QUESTION = [
    {"role": "system", "content": "你是知识库的问答助手。"},
    {"role": "user", "content": "年假有几天？"},
]


def _marked() -> Iterator[Any]:
    for architecture in dict.fromkeys(model.architecture for model in FAMILIES):
        short = [pytest.mark.llm] if architecture in BOUNDED else []
        yield pytest.param(architecture, marks=[pytest.mark.llm_families, *short])


@pytest.fixture(scope="session")
def tiny(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture(scope="session")
def facts(tiny: Path) -> dict[str, Any]:
    """What ``tiny_models.py`` tells of the engines, after it has made the models."""
    names = list(dict.fromkeys(model.architecture for model in FAMILIES))
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("tiny_models.py"), tiny, *names],
        env=os.environ | ENVIRONMENT | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture
def rows(request: pytest.FixtureRequest) -> Iterator[list[Row]]:
    """Collects what ran; the long run writes it down."""
    rows: list[Row] = []
    yield rows
    if "llm_families" in request.config.option.markexpr:
        write_table(RESULTS, rows, FAMILIES)


@pytest.mark.parametrize("architecture", list(_marked()))
def test_every_family_of_an_architecture_is_served(
    architecture: str, facts: dict[str, Any], rows: list[Row], tiny: Path, tmp_path: Path
) -> None:
    found = facts["architectures"][architecture]
    vllm, transformers = (f"{name} {version}" for name, version in facts["versions"].items())
    models = [model for model in FAMILIES if model.architecture == architecture]
    refused = {model.name: why for model in models if (why := why_not_vllm(model, found, vllm))}
    rows += [Row(model, vllm, refused[model.name]) for model in models if model.name in refused]
    served = [model for model in models if model.name not in refused]
    if served:
        server = _vllm(served[0], tiny / architecture, found["weights"], tmp_path)
        rows += _run(served, server, vllm, found["weights"], _ask_vllm)
    elif found["weights"] == "checkpoint":
        server = _transformers(models[0], tiny / architecture, tmp_path)
        rows += _run(models[:1], server, transformers, found["weights"], _ask_transformers)
    else:
        pytest.skip("; ".join(dict.fromkeys(refused.values())))


def _run(
    models: Sequence[Model],
    server: Server,
    engine: str,
    weights: str,
    ask: Callable[[Server, Model, bool], None],
) -> Iterator[Row]:
    """One start for all families of an architecture, and a line for each."""
    try:
        with serving(server):
            for model in models:
                ask(server, model, model is models[0])
                yield Row(model, engine, "answers", weights)
    except DidNotStartError as error:
        yield from (Row(model, engine, f"did not start: {error.cause[:160]}", weights) for model in models)
        if limit := next((what for sign, what in LIMITS.items() if sign in error.log), ""):
            pytest.skip(f"{engine}: {limit}")
        raise


def _vllm(model: Model, folder: Path, weights: str, home: Path) -> Server:
    """The first family as ``kb serve`` starts it; the others send their format with their question."""
    if find_format(model.prompt_format).shipped:
        (folder / "chat_template.jinja").write_text(template_of(model), "utf-8")
    asked = (model.name, "--from", str(folder), "--engine", "vllm", "--name", "tiny", "--max-model-len", "1024")
    made_up = ("--load-format", "dummy", "--trust-remote-code") if weights == "made up" else ()
    return Server(home, asked, ("--enforce-eager", "--max-num-seqs", "4", "--trust-request-chat-template", *made_up))


def _ask_vllm(server: Server, model: Model, first: bool) -> None:
    """One answer of the right shape, to the very text that the format makes of the question."""
    sent = {"model": "tiny", "messages": QUESTION, **({} if first else {"chat_template": template_of(model)})}
    tokens = httpx.post(f"{server.url}/tokenize", json=sent).raise_for_status().json()["tokens"]
    asked = {"model": "tiny", "tokens": tokens}
    prompt = httpx.post(f"{server.url}/detokenize", json=asked).raise_for_status().json()["prompt"]
    if not (style := find_format(model.prompt_format)).shipped:
        assert prompt == render(style, QUESTION), f"{model.name} is asked in another format than {style.name}"
    assert QUESTION[-1]["content"] in prompt
    _check_answer(server, {**sent, "max_tokens": 8, "ignore_eos": True})
    if first:
        pieces = LanguageModel(server.base_url).stream(QUESTION, Request(max_tokens=64))
        assert next(pieces).text  # what follows may be thinking without end
        pieces.close()


def _transformers(model: Model, folder: Path, home: Path) -> Server:
    """What vLLM lacks and transformers has itself: it takes the format from the folder alone."""
    (folder / "chat_template.jinja").write_text(template_of(model), "utf-8")
    return Server(home, (model.name, "--from", str(folder), "--engine", "transformers"))


def _ask_transformers(server: Server, model: Model, first: bool) -> None:
    _check_answer(server, {"model": server.asked[2], "messages": QUESTION, "max_tokens": 8})


def _check_answer(server: Server, asked: dict[str, Any]) -> None:
    answer = httpx.post(f"{server.base_url}/chat/completions", json=asked, timeout=120).raise_for_status().json()
    choice = answer["choices"][0]
    assert choice["message"]["role"] == "assistant"
    assert choice["finish_reason"] in {"length", "stop"}
    assert answer["usage"]["completion_tokens"] > 0
