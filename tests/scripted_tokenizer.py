"""The tokenizer of the scripted model server: a character is a token, but a word of ASCII letters is one."""

from __future__ import annotations

import re
from typing import Any

TEMPLATE_TOKENS = 5
"""What its chat template adds to each message."""

_TOKEN = re.compile(r"[A-Za-z]+|.", re.DOTALL)


def tokens_of(text: str) -> list[str]:
    return _TOKEN.findall(text)


def tokenized(kind: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """What the endpoint of an engine answers; None where it refuses the request."""
    if kind == "llama.cpp":  # without content it finds no token, and does not complain
        pieces = tokens_of(body.get("content", ""))
        as_pieces = [{"id": number, "piece": piece} for number, piece in enumerate(pieces)]
        return {"tokens": as_pieces if body.get("with_pieces") else list(range(len(pieces)))}
    if kind == "vllm" and "messages" in body:
        contents = [tokens_of(message["content"]) for message in body["messages"]]
        count = sum(len(pieces) + TEMPLATE_TOKENS for pieces in contents)
        return {"count": count, "max_model_len": 4096, "tokens": list(range(count))}
    if kind in {"vllm", "plain"} and "prompt" in body:
        pieces = tokens_of(body["prompt"])
        answer: dict[str, Any] = {"count": len(pieces), "max_model_len": 4096, "tokens": list(range(len(pieces)))}
        if kind == "vllm" and body.get("return_token_strs"):
            answer["token_strs"] = [_byte_level(piece) for piece in pieces]
        return answer
    return None


def _byte_level(piece: str) -> str:
    """As byte-level vocabularies write a token: one character for each of its bytes."""
    return "".join(chr(0x100 + byte) for byte in piece.encode())
