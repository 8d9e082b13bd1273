"""``kb serve --engine transformers`` for real: weights without a chat template get the one of their family."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import httpx
import pytest

from kb_app import KnowledgeBase, Settings
from kb_app.serving.formats import find_format, render
from tests.fakes import HashEmbedder
from tests.program import ROOT
from tests.serving import Unset, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedTokenizerFast

pytestmark = pytest.mark.models

NAME = "Vicuna-7B-v1.5"
TEXT = "入职满一年有几天年假？员工每年享有五天带薪年假。" + "".join(map(chr, range(32, 127)))
MESSAGES = [
    {"role": "system", "content": "只根据资料回答。"},
    {"role": "user", "content": "入职满一年有几天年假？"},
]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """One token for each character."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = ["<unk>", "<s>", "</s>", *dict.fromkeys(TEXT)]
    made = Tokenizer(models.WordLevel({letter: number for number, letter in enumerate(letters)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


@pytest.fixture(scope="module")
def weights(tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of Vicuna's architecture whose folder has no chat template."""
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("weights") / NAME
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=1024, **sizes)).save_pretrained(
        folder
    )
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A cache of the hub in which another model lies."""
    other = tmp_path / "hub" / "models--somebody--Other"
    for folder in ("refs", "snapshots/abc", "blobs"):
        (other / folder).mkdir(parents=True)
    (other / "refs" / "main").write_text("abc")
    (other / "snapshots" / "abc" / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    return tmp_path / "hub"


def test_the_prompt_is_in_the_format_of_the_family(
    weights: Path, tokenizer: PreTrainedTokenizerFast, hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi", reason="transformers' server needs it: pip install 'transformers[serving]'")
    monkeypatch.delenv("KB_LLM_BASE_URL")
    port = free_port()
    places = {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]), "CUDA_VISIBLE_DEVICES": ""}
    kb = Unset(tmp_path / "home", places | {"HF_HUB_CACHE": str(hub)})
    started = kb.run("serve", weights, "--engine", "transformers", "--port", str(port), "--detach")
    try:
        assert started.code == 0, started.err
        url = json.loads((kb.home / "serve.json").read_text("utf-8"))["url"]
        body = {"model": str(weights), "messages": MESSAGES, "max_tokens": 4}
        answer = httpx.post(f"{url}/chat/completions", json=body, timeout=60)
        with KnowledgeBase.open(settings=Settings(home=kb.home), embedder=HashEmbedder()) as base:
            served = base.served_model()
    finally:
        kb.run("serve", "--stop")
    assert answer.status_code == 200, answer.text
    assert served is not None
    assert served.name == str(weights)
    prompt = render(find_format("vicuna"), MESSAGES)
    assert answer.json()["usage"]["prompt_tokens"] == len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
