"""What families of models need to be asked well, as their makers recommend it; small data, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PENALTY_NAMES = {"vllm": "repetition_penalty", "sglang": "repetition_penalty", "llamacpp": "repeat_penalty"}


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of models is asked.

    Attributes:
        penalty: Factor by which words that were said become less likely; 1 for none.
        thinking_temperature: Temperature while it may think, where a low one sends it round in circles; None keeps
            the usual one.
        opens: Whether its chat template opens the thinking, so that only the closing tag is seen.
    """

    penalty: float = 1.05
    thinking_temperature: float | None = None
    opens: bool = False


# The first that is found in the lower-case name counts. Reasoning models are harmed by a penalty: they must repeat
# the words of the question while they think.
_FAMILIES = (
    (r"deepseek-?r1|qwq|qwen3.*thinking|glm-z1", Family(1.0, 0.6, opens=True)),
    (r"qwen3.*instruct|qwen3-coder", Family()),
    (r"qwen3|glm-4\.[5-9]|seed-oss|minimax-m", Family(1.0, 0.6)),
)
_USUAL = Family()


def family_of(model: str) -> Family:
    """The family that a model belongs to by its name."""
    name = model.lower()
    return next((family for pattern, family in _FAMILIES if re.search(pattern, name)), _USUAL)


def penalty_name(engine: str) -> str:
    """What an engine calls the penalty on repetition; empty for one that is not known to take it."""
    return _PENALTY_NAMES.get(engine.lower().replace(".", ""), "")
