"""Which weights a name means: an entry of the catalogue, a folder, or a repository that is in no catalogue."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb_app.errors import ModelError, NotFoundError
from kb_app.serving.catalogue import EngineSupport, Model, find_model

if TYPE_CHECKING:
    from collections.abc import Mapping

_GIB = 2**30
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_WEIGHTS = ("*.safetensors", "*.gguf", "*.bin")
_CONTEXT = ("max_position_embeddings", "seq_length", "model_max_length")
_GGUF_ENGINES = (EngineSupport("llamacpp"),)
_ALL_ENGINES = (
    EngineSupport("vllm"),
    EngineSupport("transformers"),
    EngineSupport("fastllm"),
    EngineSupport("lmdeploy"),
    EngineSupport("lightllm"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be served.

    Attributes:
        model: Its entry in the catalogue, or what its files tell.
        path: Folder or GGUF file of the weights; None where the engine fetches them.
        kind: Number format of the weights in ``path``.
        heads: Attention heads; 0 where they are not known.
        has_template: Whether the folder holds a chat template; False where there is no folder.
    """

    model: Model
    path: Path | None = None
    kind: str = "bf16"
    heads: int = 0
    has_template: bool = False


def resolve(name: str, catalogue: Mapping[str, Model], *, folder: str = "") -> Target:
    """What a name means.

    Args:
        name: A name of the catalogue, a folder or GGUF file, or a repository ``OWNER/NAME``.
        catalogue: Known models by name.
        folder: Where the weights of a known model lie already.

    Raises:
        NotFoundError: It is none of these, or the folder does not exist.
        ModelError: The folder holds no weights.
    """
    by_repository = {one.lower(): m for m in catalogue.values() for one in (m.huggingface, m.modelscope) if one}
    known = {known.lower(): model for known, model in catalogue.items()} | by_repository
    model = known.get(name.lower())
    if folder or (model is None and Path(name).expanduser().exists()):
        return _from_files(Path(folder or name).expanduser().resolve(), model, known)
    if model is None and _REPOSITORY.fullmatch(name):
        model = Model(name.rpartition("/")[2], huggingface=name, modelscope=name, engines=_ALL_ENGINES)
    return Target(model or find_model(name, catalogue))


def _from_files(path: Path, model: Model | None, known: Mapping[str, Model]) -> Target:
    if not path.exists():
        raise NotFoundError(f"there is no folder {str(path)!r}; name the folder that holds the weights")
    file = _gguf_file(path)
    config = _config(path) if path.is_dir() and file is None else {}
    if file is None and not config:
        raise ModelError(f"{str(path)!r} holds neither config.json nor a .gguf file; name a folder with weights")
    model = model or known.get(path.name.lower())
    architecture = next(iter(config.get("architectures") or ()), "")
    if model is None or (config and model.architecture not in {"", architecture}):
        engines = _GGUF_ENGINES if file else _ALL_ENGINES
        model = Model(path.stem if file else path.name, architecture=architecture, engines=engines)
    quantization = str((config.get("quantization_config") or {}).get("quant_method", ""))
    kind = "gguf" if file else quantization or "bf16"
    measured = replace(
        model,
        memory={kind: _size(path if path.is_dir() else path.parent, file)},
        context=model.context or _first(config, *_CONTEXT),
        kv_bytes=model.kv_bytes or cache_bytes(config),
    )
    return Target(measured, file or path, kind, _first(config, "num_attention_heads"), _has_template(path))


def cache_bytes(config: Mapping[str, Any]) -> int:
    """Bytes of cache for each token in 16 bit, from a config.json; 0 where it does not tell.

    2 bytes x layers x (key and value heads x their size, or the compressed vector of multi-head latent attention).
    """
    layers = _first(config, "num_hidden_layers", "num_layers")
    if rank := _first(config, "kv_lora_rank"):
        return 2 * layers * (rank + _first(config, "qk_rope_head_dim"))
    heads = _first(config, "num_attention_heads")
    if not heads:
        return 0
    size = _first(config, "head_dim") or _first(config, "hidden_size") // heads
    key_heads = _first(config, "num_key_value_heads", "multi_query_group_num") or heads
    return 2 * layers * 2 * key_heads * size


def _gguf_file(path: Path) -> Path | None:
    """The GGUF file that a path means; of one in several parts the first."""
    if path.is_file():
        return path if path.suffix.lower() == ".gguf" else None
    return None if (path / "config.json").exists() else next(iter(sorted(path.glob("*.gguf"))), None)


def _config(folder: Path) -> dict[str, Any]:
    """The model's config.json; where it speaks of more than text, the part about text is laid over it."""
    path = folder / "config.json"
    if not path.is_file():
        return {}
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        return {**config, **(config.get("text_config") or {}), "architectures": config.get("architectures")}
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{str(path)!r} cannot be read ({error}); download the model again") from error


def _first(config: Mapping[str, Any], *names: str) -> int:
    """The first of these numbers that a config.json has, else 0."""
    return next((value for name in names if isinstance(value := config.get(name), int)), 0)


def _size(folder: Path, file: Path | None) -> float:
    """GiB of the weights: of one format only, since a repository may hold the same weights in two."""
    patterns = (file.name.replace("00001-of", "*-of"),) if file else _WEIGHTS
    sizes = (sum(one.stat().st_size for one in folder.glob(pattern)) for pattern in patterns)
    return next((size / _GIB for size in sizes if size), 0.0)


def _has_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file():
        return True
    settings = folder / "tokenizer_config.json"
    return settings.is_file() and '"chat_template"' in settings.read_text(encoding="utf-8", errors="replace")
