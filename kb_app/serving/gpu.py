"""The graphics cards of this machine, as the driver's own program lists them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from kb_app.errors import ModelError

_SECONDS = 20
_QUERY = ("--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits")
_GIVEN = re.compile(r"(\d{1,3})x(\d+(?:\.\d+)?)(?:@(\d+\.\d+))?")
_NO_CARDS = {"", "-1", "none"}


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card.

    Attributes:
        name: As the driver calls it, e.g. ``NVIDIA GeForce RTX 4090``.
        memory: All of its memory in GiB, used or free.
        capability: Compute capability, e.g. 8.9; 0 where the driver does not tell.
    """

    name: str
    memory: float
    capability: float = 0.0


def gpus() -> list[Gpu]:
    """The NVIDIA cards of this machine in the driver's order; none without the driver.

    ``CUDA_VISIBLE_DEVICES`` hides cards from the engines, so it hides them here too.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        listed = subprocess.run(  # noqa: S603 - a fixed argument list
            [program, *_QUERY], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return visible(parse(listed.stdout), os.environ.get("CUDA_VISIBLE_DEVICES")) if listed.returncode == 0 else []


def visible(cards: list[Gpu], setting: str | None) -> list[Gpu]:
    """The cards that a setting of ``CUDA_VISIBLE_DEVICES`` leaves; None is no setting."""
    if setting is None:
        return cards
    if setting.strip().lower() in _NO_CARDS:
        return []
    named = [part.strip() for part in setting.split(",")]
    if all(part.isdigit() for part in named):
        return [cards[int(part)] for part in named if int(part) < len(cards)]
    return cards[: len(named)]  # named by identifiers that the list above does not show


def given(text: str) -> list[Gpu]:
    """Cards that a person describes as ``COUNTxGIB`` or ``COUNTxGIB@CAPABILITY``, e.g. ``2x80@9.0``.

    Raises:
        ModelError: It is not written so.
    """
    match = _GIVEN.fullmatch(text)
    if match is None or float(match[2]) <= 0:
        raise ModelError(f"cards {text!r} are not COUNTxGIB; write for example --gpus 2x80, or 0x1 for none")
    return [Gpu("GPU", float(match[2]), float(match[3] or 8.0))] * int(match[1])


def parse(text: str) -> list[Gpu]:
    """Cards from the lines ``name, MiB, capability`` that the driver's program prints.

    Lines without a number of MiB (a card that fell off the bus) are left out.
    """
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.rsplit(",", 2)]
        if len(parts) == 3 and parts[1].isdigit():
            found.append(Gpu(parts[0], int(parts[1]) / 1024, _number(parts[2])))
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
