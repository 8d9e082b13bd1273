"""Make models of a few thousand weights, one for each architecture: ``python tiny_models.py FOLDER ARCHITECTURE...``

Runs in the environment of the engines, and prints as one JSON line what stands there: their versions, and for each
architecture whether vLLM knows it (``vllm``), the version until which it did (``until``), how the weights were made
(``weights``: a ``checkpoint``, or ``made up`` by the engine from a configuration), or why no
model can be made (``error``). What such a model says means nothing; that it says something shows that it runs.
"""

from __future__ import annotations

import inspect
import json
import sys
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("*.md", "*.txt", "*.html", "*.csv")
VOCABULARY = 1024
SPECIAL = ("<unk>", "<s>", "</s>", "<think>", "</think>", "<tool_call>", "</tool_call>")
# What vLLM's parsers of DeepSeek's and Hunyuan's calls and thoughts insist on.
PARSED = (
    *("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
    *("<tool_calls>", "</tool_calls>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "<tool_sep>"),
)
CONTEXT = 2048
# Names that configurations share; each takes those that it knows. Heads of 32 are the smallest that vLLM computes
# without a graphics card.
SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": CONTEXT,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
    "tie_word_embeddings": False,
    "sliding_window": None,
    # experts
    "num_experts": 4,
    "num_local_experts": 4,
    "n_routed_experts": 4,
    "moe_num_experts": 4,
    "num_experts_per_tok": 2,
    "moe_k": 2,
    "moe_topk": 2,
    "moe_intermediate_size": 64,
    "shared_expert_intermediate_size": 64,
    "n_shared_experts": 1,
    "moe_num_shared_experts": 1,
    "num_shared_experts": 1,
    "num_shared_expert": 1,
    "n_group": 1,
    "topk_group": 1,
    "num_expert_group": 1,
    "first_k_dense_replace": 1,
    "moe_layer_start_index": 1,
    # compressed attention, in the one size that vLLM computes without a graphics card
    "q_lora_rank": 32,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 32,
    "qk_rope_head_dim": 64,
    "v_head_dim": 32,
    # linear attention beside the usual one
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 32,
    "linear_value_head_dim": 32,
    "num_nextn_predict_layers": 0,
    # older names
    "n_embd": 64,
    "n_layer": 2,
    "n_head": 2,
    "n_positions": CONTEXT,
    "query_pre_attn_scalar": 32,
}
# What single architectures need beside or instead; published configurations have these fields, whether or not the
# class in transformers knows them.
SPECIFIC: dict[str, dict[str, Any]] = {
    "BloomForCausalLM": {"tie_word_embeddings": True},
    "DeepseekV3ForCausalLM": {"topk_method": "noaux_tc"},
    "Glm4MoeForCausalLM": {"head_dim": 32},
    "Glm4MoeLiteForCausalLM": {"first_k_dense_replace": 1},
    "Glm5NextForConditionalGeneration": {"qk_rope_head_dim": 0},
    "HYV3ForCausalLM": {
        "first_k_dense_replace": 1,
        "expert_hidden_dim": 64,
        "route_norm": True,
        "qk_norm": True,
    },
}
# Architectures that transformers lacks: their published configurations have these fields.
_LLAMA_LIKE = {"hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "rope_scaling": None, "bias": False}
FOREIGN: dict[str, dict[str, Any]] = {
    "InternLM3ForCausalLM": {"model_type": "internlm3", **_LLAMA_LIKE, "qkv_bias": False},
    "MiniCPMForCausalLM": {
        "model_type": "minicpm",
        **_LLAMA_LIKE,
        "scale_emb": 12,
        "scale_depth": 1.4,
        "dim_model_base": 32,
        "num_experts": 0,
    },
    "ChatGLMModel": {
        "model_type": "chatglm",
        "num_layers": 2,
        "padded_vocab_size": VOCABULARY,
        "ffn_hidden_size": 128,
        "kv_channels": 32,
        "seq_length": CONTEXT,
        "multi_query_attention": True,
        "multi_query_group_num": 2,
        "add_bias_linear": False,
        "add_qkv_bias": True,
        "rmsnorm": True,
        "layernorm_epsilon": 1e-5,
        "apply_residual_connection_post_layernorm": False,
        "post_layer_norm": True,
        "original_rope": True,
    },
}
CARDS_ONLY = ("DeepseekV4ForCausalLM",)  # vLLM has its program for three makes of graphics cards, not for processors
# Their programs want torchvision even for text, of which there is no build for every PyTorch.
SEEING = ("Qwen3_5ForConditionalGeneration", "Qwen3_5MoeForConditionalGeneration", "Glm5NextForConditionalGeneration")
CONFIGURATION = """from transformers import PretrainedConfig


class TinyConfig(PretrainedConfig):
    model_type = "{model_type}"
"""


def make(folder: Path, architecture: str) -> str:
    """Make one model; returns how its weights came about.

    Raises:
        LookupError: Neither transformers nor this program knows the architecture, or the environment cannot run it.
    """
    if architecture in CARDS_ONLY:
        raise LookupError("the engine has it for graphics cards only")
    if architecture in SEEING and find_spec("torchvision") is None:
        raise LookupError("it sees pictures too, and the environment has no torchvision")
    config_class = native_config(architecture)
    if config_class is None and architecture not in FOREIGN:
        raise LookupError("no configuration: transformers has no such architecture, and tiny_models.py describes none")
    folder.mkdir(parents=True)
    save_tokenizer(folder)
    if config_class is None:
        _write_foreign(folder, architecture)
        return "made up"
    _save_random(folder, architecture, config_class)
    return "checkpoint"


def native_config(architecture: str) -> Any:
    """The configuration class that transformers has for an architecture, or None."""
    import transformers

    model_class = getattr(transformers, architecture, None)
    return model_class.config_class if model_class else None


def _save_random(folder: Path, architecture: str, config_class: Any) -> None:
    import torch
    import transformers

    config = tiny_config(config_class, SPECIFIC.get(architecture, {}))
    torch.manual_seed(0)
    model = getattr(transformers, architecture)(config).to(torch.bfloat16)
    model.save_pretrained(folder)


def tiny_config(config_class: Any, specific: dict[str, Any]) -> Any:
    """A configuration of that class in which all sizes that it knows are small, also in what it is made of."""
    known = set(inspect.signature(config_class.__init__).parameters) | set(vars(config_class()))
    values = {name: value for name, value in SIZES.items() if name in known} | specific
    parts = getattr(config_class, "sub_configs", {})
    for name, part in parts.items():
        if inspect.isclass(part):
            values[name] = tiny_config(part, specific).to_dict()
    return config_class(**values)


def _write_foreign(folder: Path, architecture: str) -> None:
    fields = {**SIZES, **FOREIGN[architecture], "architectures": [architecture], "dtype": "bfloat16"}
    fields["auto_map"] = {"AutoConfig": "configuration_tiny.TinyConfig"}
    (folder / "config.json").write_text(json.dumps(fields, indent=1), "utf-8")
    program = CONFIGURATION.format(model_type=fields["model_type"])
    (folder / "configuration_tiny.py").write_text(program, "utf-8")


def save_tokenizer(folder: Path) -> None:
    """A byte-level tokenizer of about a thousand pieces, learnt from the sample documents."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    samples = ROOT / "data" / "samples"
    texts = [path.read_text("utf-8", "replace") for kind in TEXTS for path in sorted(samples.rglob(kind))]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[*SPECIAL, *PARSED],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    unknown, begin, end, *_ = SPECIAL
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=unknown, bos_token=begin, eos_token=end, pad_token=end
    )
    wrapped.save_pretrained(folder)


def main() -> None:
    """Make every model that is asked for, whatever happens to the others."""
    folder, *architectures = sys.argv[1:]
    with redirect_stdout(sys.stderr):  # importing vLLM prints
        import transformers
        import vllm
        from vllm.model_executor.models import registry

        known = set(registry.ModelRegistry.get_supported_archs())
        removed = getattr(registry, "_PREVIOUSLY_SUPPORTED_MODELS", {})
        found = {
            architecture: {
                "vllm": architecture in known,
                "until": removed.get(architecture, ""),
                **_attempt(Path(folder) / architecture, architecture),
            }
            for architecture in architectures
        }
    versions = {"vLLM": vllm.__version__, "transformers": transformers.__version__}
    print(json.dumps({"versions": versions, "architectures": found}))


def _attempt(folder: Path, architecture: str) -> dict[str, str]:
    try:
        return {"weights": make(folder, architecture), "error": ""}
    except Exception as error:  # noqa: BLE001 - any library may refuse; the others go on
        return {"weights": "", "error": " ".join(f"{type(error).__name__}: {error}".split())[:300]}


if __name__ == "__main__":
    main()
