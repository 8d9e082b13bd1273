"""What a scripted model server is told to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Fault = Literal[
    "", "html", "dies", "no_end", "reset", "nonsense_json", "garbage", "error_event", "hollow", "pings", "silent"
]
"""What goes wrong with an answer.

``dies`` closes the connection after half of the pieces, ``no_end`` does so politely and ``reset`` rudely; ``garbage``
sends half of a JSON document there, ``error_event`` an error; ``hollow`` sends events without words for ever, ``pings``
comments, and ``silent`` nothing.
"""


@dataclass
class Script:
    """What the server says.

    Attributes:
        answers: One list of pieces for each request; the last is repeated.
        reasoning: Pieces that come before, in the field ``reasoning_content``.
        model: Name of the model it lists; another one is answered with 404.
        context: Its ``max_model_len``.
        engine: Its ``owned_by``.
        adapters: Names of adapters that it lists besides, without a context of their own.
        status: HTTP status of a chat request.
        statuses: Of the first chat requests, before ``status`` counts; 0 hangs up without a word.
        trouble: Message of an error.
        headers: Headers of an error.
        refuses: Fields of which it says that it does not know them.
        list_status: HTTP status of the list of models.
        health: HTTP status of ``/health``.
        finish: Its ``finish_reason``.
        fault: See ``Fault``.
        delay: Seconds before each piece.
        key: Key that it demands.
        tokenizer: Whose form of ``/tokenize`` it has; none by default.
        metrics: What ``/metrics`` says, one text for each time it is asked; the last is repeated.
    """

    answers: Sequence[Sequence[str]] = (("好的",),)
    reasoning: Sequence[str] = ()
    model: str = "scripted"
    context: int | None = 4096
    engine: str = ""
    adapters: Sequence[str] = ()
    status: int = 200
    statuses: Sequence[int] = ()
    trouble: str = "scripted trouble"
    headers: Mapping[str, str] = field(default_factory=dict)
    refuses: Sequence[str] = ()
    list_status: int = 200
    health: int = 200
    finish: str = "stop"
    fault: Fault = ""
    delay: float = 0.0
    key: str = ""
    tokenizer: Literal["", "vllm", "plain", "llama.cpp", "slow"] = ""
    metrics: Sequence[str] = ()
