"""A second look: the model judges each sentence of its answer against the passages it was given."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from kb_app.answering.prompting import build_messages
from kb_app.answering.speaking import reply
from kb_app.citing.citations import cited_sentences, is_claim, strip_marks
from kb_app.errors import ModelError
from kb_app.refusal import says_nothing
from kb_app.types import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.answering.speaking import AnswerModel
    from kb_app.answering.templates import Template
    from kb_app.types import Finding, Passage

MOST_CLAIMS = 40
"""Sentences that are looked at once more, from the first on."""

_FINDINGS = ("supported", "contradicted", "absent")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"number": {"type": "integer"}, "finding": {"type": "string", "enum": list(_FINDINGS)}},
                "required": ["number", "finding"],
            },
        }
    },
    "required": ["findings"],
}
"""What a server that can is held to; where it cannot, the words are read as they come."""

_TOKENS_PER_CLAIM = 32
_NUMBERED = re.compile(r"(?:number\W{1,4}|第|^|[\n{,，；;])\s*[\"(（\[]?(\d{1,2})(?!\d)", re.IGNORECASE)
_WORDS: tuple[tuple[Finding, re.Pattern[str]], ...] = (
    ("contradicted", re.compile(r"contradict|矛盾|相反|不符|不一致|冲突", re.IGNORECASE)),
    (
        "absent",
        re.compile(
            r"absent|not (?:in|mentioned|supported)|unsupported|未提|没有|没提|不支持|无法|未说明|无依据", re.IGNORECASE
        ),
    ),
    ("supported", re.compile(r"supported|支持|一致|有依据|得出|符合", re.IGNORECASE)),
)


def verify(
    model: AnswerModel, template: Template, question: str, text: str, passages: Sequence[Passage]
) -> tuple[Verdict, ...]:
    """What the model finds of each sentence that claims something; those that it does not judge are left out.

    Raises:
        ModelError: It failed, or judged no sentence in a form that can be read.
    """
    bare = (strip_marks(sentence).strip() for sentence in cited_sentences(text))
    claims = [claim for claim in bare if is_claim(claim) and not says_nothing(claim)][:MOST_CLAIMS]
    if not claims:
        return ()
    messages = build_messages(template, question, passages, claims=claims)
    longest = _TOKENS_PER_CLAIM * len(claims) + _TOKENS_PER_CLAIM
    findings = read_findings(reply(model, messages, template, schema=SCHEMA, max_tokens=longest))
    verdicts = tuple(Verdict(claim, findings[number]) for number, claim in enumerate(claims, 1) if number in findings)
    if not verdicts:
        raise ModelError("the model judged no sentence in the form that was asked for; serve another model")
    return verdicts


def read_findings(written: str) -> dict[int, Finding]:
    """The finding of each numbered sentence, from JSON or from a list in words such as ``1. 支持``."""
    start, end = written.find("{"), written.rfind("}")
    try:
        return _from_json(json.loads(written[start : end + 1], strict=False))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return _from_words(written)


def _from_json(parsed: Any) -> dict[int, Finding]:
    items = parsed["findings"]
    if isinstance(items, dict):
        items = [{"number": number, "finding": finding} for number, finding in items.items()]
    found = {int(item["number"]): str(item["finding"]).strip().lower() for item in items}
    return {number: cast("Finding", finding) for number, finding in found.items() if finding in _FINDINGS}


def _from_words(written: str) -> dict[int, Finding]:
    found: dict[int, Finding] = {}
    places = list(_NUMBERED.finditer(written))
    ends = [match.start() for match in places[1:]] + [len(written)]
    for match, end in zip(places, ends, strict=False):
        said = written[match.end() : end]
        finding = next((finding for finding, words in _WORDS if words.search(said)), None)
        if finding:
            found.setdefault(int(match[1]), finding)
    return found
