"""A prompt that is too long, in the words of each engine."""

from __future__ import annotations

import re

from kb_app.models.faults import ContextOverflowError, find_status, said_as_data, said_by_server

_STATUSES = {400, 413, 422, 500}
_ABOUT = re.compile(
    r"context[_ ](?:length|size|window)|(?:model(?:'s)? )?(?:maximum|max) (?:model )?(?:context|length|len)\b"
    r"|prompt is too long|contextwindowexceeded|exceed the configured limit|range of input length"
    r"|must be <= \d+\. given|too many (?:input )?tokens|longer than the (?:maximum )?model|exceed_context_size",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"(?:context length(?: is| of)?|context size|model length of|model len(?:gth)?(?: is| of)?|context window(?: of)?|"
    r"must be <=|limit of)\D{0,3}(\d+)",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(?<!bound for )\b(\d+)(?: tokens)? (?:in the messages|tokens from the input|input tokens|`inputs` tokens)"
    r"|resulted in (\d+) tokens|(?:prompt|input|request)\D{0,20}\((?:length )?(\d+)(?: tokens)?\)"
    r"|prompt contains (?:at least )?(\d+)\b(?! characters)|prompt length\D{0,5}(\d+)",
    re.IGNORECASE,
)


def overflow(error: BaseException, where: str) -> ContextOverflowError | None:
    """The error as one of a prompt that is too long, or None if it is about something else."""
    words = said_by_server(error)
    if find_status(error) not in _STATUSES or not _ABOUT.search(words + str(said_as_data(error).get("type", ""))):
        return None
    data = said_as_data(error)
    limit = _number(data.get("n_ctx")) or _first(_LIMIT, words)
    prompt = _number(data.get("n_prompt_tokens")) or _first(_PROMPT, words)
    told = f" ({prompt} of at most {limit} tokens)" if prompt and limit else ""
    line = f"the model server at {where} says that the question and its passages exceed the model's context{told}"
    return ContextOverflowError(f"{line}; set KB_TOP_K lower", limit=limit, prompt=prompt)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _first(pattern: re.Pattern[str], words: str) -> int | None:
    found = pattern.search(words)
    return next((int(group) for group in found.groups() if group), None) if found else None
