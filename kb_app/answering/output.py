"""What a model wrote, made fit to be checked: taken out of JSON, cut to whole sentences, known as a refusal. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from kb_app.citing.citations import cited_sentences, marks, strip_marks
from kb_app.refusal import is_refusal

_FENCE = re.compile(r"\A```[\w-]*[^\S\n]*\n(.*?)\n?(?:```)?\s*\Z", re.DOTALL)
_ANSWER_KEYS = ("answer", "回答", "答案", "text", "content", "response", "result", "output")
_WHOLE = re.compile(r"(?:[。！？；!?…|]|\.|\n)[”’』」）】》〉\"')\]*_\s|]*\Z")


def unwrapped(text: str) -> str:
    """The text of an answer that is wrapped in a code fence, or in JSON as ``{"answer": "..."}``."""
    bare = text.strip()
    if (fence := _FENCE.match(bare)) and "```" not in fence.group(1):
        bare = fence.group(1).strip()
    if not bare.startswith(("{", "[")):
        return bare
    try:
        return _text_in(json.loads(bare, strict=False)) or bare
    except (ValueError, RecursionError):
        return bare


def _text_in(value: Any) -> str:
    """The words of an answer in parsed JSON; empty where it is something else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text_in, value))) if all(isinstance(item, dict) for item in value) else ""
    if not isinstance(value, dict):
        return ""
    named = {str(key).strip().lower(): item for key, item in value.items()}
    return next((text for key in _ANSWER_KEYS if key in named and (text := _text_in(named[key]))), "")


def whole_sentences(text: str) -> str:
    """The text without a last sentence that was cut off; all of it where there is no other."""
    sentences = cited_sentences(text.rstrip())
    if len(sentences) < 2 or _WHOLE.search(strip_marks(sentences[-1]).rstrip(" ")):
        return text
    return "".join(sentences[:-1]).rstrip()


def refuses(text: str) -> bool:
    """Whether an answer says that the documents do not tell, in whatever words, and nothing else."""
    sentences = [(strip_marks(sentence).strip(), bool(marks(sentence))) for sentence in cited_sentences(text)]
    return is_refusal([(said, cited) for said, cited in sentences if said])
