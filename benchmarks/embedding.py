"""The embedded model against PyTorch on the same weights: ``python -m benchmarks.embedding [--json]``.

Needs the extra ``models``. The other way is that of sentence-transformers: a batch of 16 texts at a time, sorted by
length, in PyTorch.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import BertConfig, BertModel

from benchmarks.bases import machine, print_table
from benchmarks.corpus import passages, questions
from kb_app.models.embedded import PASSAGE, QUERY, EmbeddedModel
from tools.embedder.vocabulary import make_tokenizer
from tools.embedder.weights import BLOCK, Weights, load

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 16
ROUNDS = 3
TEXTS = 96
SAME = 0.99
PIECES = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"} | {
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


class TorchModel:
    """The 32-bit model in PyTorch."""

    def __init__(self) -> None:
        """Make it of the package's weights."""
        weights = load()
        self._tokenizer = make_tokenizer(weights.pieces, [float(score) for score in weights.scores])
        self._tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
        self._tokenizer.enable_truncation(512)
        places = len(weights.floats("emb.pos")) // weights.hidden
        config = BertConfig(
            vocab_size=len(weights.pieces),
            hidden_size=weights.hidden,
            num_hidden_layers=weights.layers,
            num_attention_heads=weights.heads,
            intermediate_size=weights.feed_forward,
            max_position_embeddings=places,
            type_vocab_size=1,
            layer_norm_eps=1e-12,
            attn_implementation="sdpa",
        )
        self._model = BertModel(config, add_pooling_layer=False).eval()
        self._model.load_state_dict(_state(weights))

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors of shape ``(texts, dimension)``, batch by batch, longest first."""
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = np.zeros((len(texts), self._model.config.hidden_size), np.float32)
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            vectors[rows] = self._batch([texts[i] for i in rows])
        return vectors

    def _batch(self, texts: list[str]) -> Any:  # numpy's array of a tensor
        encoded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([one.ids for one in encoded])
        mask = torch.tensor([one.attention_mask for one in encoded])
        with torch.inference_mode():
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        return torch.nn.functional.normalize(pooled, dim=1).numpy()


def _state(weights: Weights) -> dict[str, torch.Tensor]:
    hidden = weights.hidden
    state = {
        "embeddings.word_embeddings.weight": _matrix(weights, "emb.word", hidden)[: len(weights.pieces)],
        "embeddings.position_embeddings.weight": torch.tensor(weights.floats("emb.pos").reshape(-1, hidden)),
        "embeddings.token_type_embeddings.weight": torch.tensor(weights.floats("emb.type").reshape(-1, hidden)[:1]),
        "embeddings.LayerNorm.weight": torch.tensor(weights.floats("emb.ln.w")),
        "embeddings.LayerNorm.bias": torch.tensor(weights.floats("emb.ln.b")),
    }
    for layer in range(weights.layers):
        for short, name in PIECES.items():
            width = weights.feed_forward if short == "fo" else hidden
            stem = f"encoder.layer.{layer}.{name}"
            state[f"{stem}.weight"] = _matrix(weights, f"l{layer}.{short}.w", width)
            state[f"{stem}.bias"] = torch.tensor(weights.floats(f"l{layer}.{short}.b"))
        for short, name in NORMS.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = torch.tensor(weights.floats(f"l{layer}.{short}.w"))
            state[f"encoder.layer.{layer}.{name}.bias"] = torch.tensor(weights.floats(f"l{layer}.{short}.b"))
    return state


def _matrix(weights: Weights, name: str, width: int) -> torch.Tensor:
    values, scales = weights.quantised(name, width)
    blocks = values.reshape(len(values), -1, BLOCK) * scales[:, :, None]
    return torch.tensor(blocks.reshape(len(values), width).astype(np.float32))


def _seconds(work: Any) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure() -> dict[str, float]:
    """Both ways in turn; medians."""
    ours, theirs = EmbeddedModel(), TorchModel()
    texts, asked = list(passages(TEXTS)), list(questions(20))
    prefixed = [PASSAGE + text for text in texts]
    same = np.sum(np.stack(list(ours.embed_documents(texts[:BATCH]))) * theirs.embed(prefixed[:BATCH]), axis=1)
    many, single = [], []
    for _ in range(ROUNDS):
        many.append((_seconds(lambda: list(ours.embed_documents(texts))), _seconds(lambda: theirs.embed(prefixed))))
        for question in asked:
            ours_once, theirs_once = partial(ours.embed_query, question), partial(theirs.embed, [QUERY + question])
            single.append((_seconds(ours_once), _seconds(theirs_once)))
    characters = sum(map(len, texts))
    speed = [characters / statistics.median(column) for column in zip(*many, strict=True)]
    latency = [statistics.median(column) * 1000 for column in zip(*single, strict=True)]
    return {
        "lowest_cosine": float(min(same)),
        "embedded_characters_a_second": speed[0],
        "pytorch_characters_a_second": speed[1],
        "passages_ratio": speed[0] / speed[1],
        "embedded_question_ms": latency[0],
        "pytorch_question_ms": latency[1],
        "question_ratio": latency[1] / latency[0],
    }


def main() -> None:
    """Print both in one table, or with ``--json`` as one object; status 1 where the two models differ."""
    found = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps({"machine": machine(), **found}, ensure_ascii=False))
    else:
        print(f"Embedding on {machine()}; lowest cosine between the two {found['lowest_cosine']:.4f}\n")
        speed = [round(found[f"{way}_characters_a_second"]) for way in ("embedded", "pytorch")]
        latency = [f"{found[f'{way}_question_ms']:.1f}" for way in ("embedded", "pytorch")]
        rows = [
            ("passages, characters a second (ratio at least 2)", *speed, found["passages_ratio"]),
            ("one short question, ms", *latency, found["question_ratio"]),
        ]
        print_table(("", "embedded", "PyTorch", "times as fast"), rows)
    if found["lowest_cosine"] <= SAME:
        sys.exit("the two are not the same model: their speeds cannot be compared")


if __name__ == "__main__":
    main()
