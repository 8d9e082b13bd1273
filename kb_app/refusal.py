"""The one sentence that says that the documents do not tell; prompt, code and tests share it."""

from __future__ import annotations

import re

from kb_app.text import CJK, squash

REFUSAL = "根据现有资料无法回答这个问题。"
REFUSAL_EN = "The documents at hand do not answer this question."

_CJK = re.compile(f"[{CJK}]")
_NOT_WORDS = re.compile(r"[\W_]+")


def refusal_for(question: str) -> str:
    """The refusal in the language of the question: Chinese where it holds a CJK character, else English."""
    return REFUSAL if _CJK.search(question) else REFUSAL_EN


def is_refusal_sentence(sentence: str) -> bool:
    """Whether one sentence is a refusal, whatever its width, case, white space and punctuation."""
    return _bare(sentence) in {_bare(REFUSAL), _bare(REFUSAL_EN)}


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("", squash(text))
