"""LoRA adapters of random numbers: what they say is nonsense, but each says another nonsense than the model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RANK = 4
TARGETS = ("q_proj", "v_proj")
_STRENGTH = 0.2


def write_adapter(folder: Path, model: Path, *, seed: int) -> Path:
    """Write an adapter for a Llama-like model in the form that PEFT saves; the same for the same seed."""
    config = json.loads((model / "config.json").read_text("utf-8"))
    generator = np.random.default_rng(seed)
    weights = {}
    for layer in range(config["num_hidden_layers"]):
        for target, width in zip(TARGETS, _widths(config), strict=True):
            name = f"base_model.model.model.layers.{layer}.self_attn.{target}"
            weights[f"{name}.lora_A.weight"] = _random(generator, RANK, config["hidden_size"])
            weights[f"{name}.lora_B.weight"] = _random(generator, width, RANK)
    folder.mkdir(parents=True)
    write_safetensors(folder / "adapter_model.safetensors", weights)
    described = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK, "bias": "none"}
    described |= {"target_modules": list(TARGETS), "base_model_name_or_path": str(model), "lora_dropout": 0.0}
    (folder / "adapter_config.json").write_text(json.dumps(described), "utf-8")
    return folder


def write_safetensors(path: Path, tensors: Mapping[str, np.ndarray[Any, np.dtype[np.float32]]]) -> None:
    """The format is eight bytes of length, a JSON header of that length, and the numbers one after the other."""
    header: dict[str, Any] = {}
    offset = 0
    for name, tensor in tensors.items():
        end = offset + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.tobytes())


def _widths(config: dict[str, Any]) -> tuple[int, int]:
    """Widths of queries and values."""
    head = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    return head * config["num_attention_heads"], head * config["num_key_value_heads"]


def _random(generator: np.random.Generator, *shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return generator.normal(scale=_STRENGTH, size=shape).astype(np.float32)
