"""Questions, answers and their sources as HTML. Whatever a model or a document says is escaped text here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kb_app.answering.readable import readable
from kb_app.notices import (
    MARKS_ADDED,
    MODEL_REFUSED,
    NO_MODEL,
    NOTHING_ASKED,
    SAMPLES_REFUSED,
    not_mentioned_in,
    offered_in,
    without_unfounded_marks,
)
from kb_app.page.lines import line_html
from kb_app.page.markdown import markdown_html
from kb_app.page.passages import passage_html
from kb_app.page.sources import group_sources, place
from kb_app.page.stopped import STOPPED, STOPPED_EARLY
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb_app.page.jobs import AnswerJob
    from kb_app.page.labels import Labels
    from kb_app.page.sources import Source
    from kb_app.types import Answer, Passage

Context = tuple[str, str]
"""What stands before and behind a passage in its document."""

_CONTEXT_LENGTH = 100
_NEAREST = 3
_REASONS = {
    NO_MODEL: "extractive_note",
    MARKS_ADDED: "marks_added",
    STOPPED: "stopped",
    STOPPED_EARLY: "stopped_early",
}
_REFUSALS = {MODEL_REFUSED: "refused_by_model", SAMPLES_REFUSED: "refused_by_samples"}


def question_html(question: str) -> str:
    """A question as it was typed."""
    return f'<div class="kb-question">{escape(question)}</div>'


def live_html(job: AnswerJob, labels: Labels) -> str:
    """An answer while it comes."""
    body = markdown_html(job.text) if job.text.strip() else ""
    return f'<div class="kb-answer kb-live">{body}</div><div class="kb-note kb-pulse">{_stage(job, labels)}</div>'


def answer_html(answer: Answer, labels: Labels, context: Callable[[Passage], Context]) -> str:
    """An answer with its marks, the sentences that nothing supports, its sources and a line about its making."""
    sources = group_sources(answer)
    titles = {source.number: place(source.passage, labels) for source in sources}
    kind = "kb-answer kb-refused" if answer.refused else "kb-answer"
    text = without_unfounded_marks(answer.text)  # they are underlined instead
    parts = [f'<div class="{kind}">{markdown_html(text, titles, answer.unsupported)}</div>']
    if answer.unsupported:
        parts.append(line_html(labels("unsupported_note")))
    if sources:
        parts.append(line_html(labels("sources"), "label"))
        parts += [source_html(source, labels, context(source.passage)) for source in sources]
    if answer.versions:
        parts.append(line_html(answer.versions))
    parts += [line_html(labels("differ") + line) for line in answer.disagreements]
    if answer.thinking:
        parts.append(_details("kb-thoughts", escape(labels("thoughts")), f"<p>{escape(answer.thinking)}</p>"))
    return "".join([*parts, line_html(made_by(answer, labels))])


def source_html(source: Source, labels: Labels, context: Context = ("", "")) -> str:
    """A source that opens at its passage, with the supporting words marked and what stands around it."""
    passage, (before, behind) = source.passage, context
    summary = f'<span class="kb-chip">{source.number}</span>{escape(place(passage, labels))}'
    body = (
        _faint(before and "…" + readable(before)[-_CONTEXT_LENGTH:])
        + passage_html(passage.text, source.spans)
        + _faint(behind and readable(behind)[:_CONTEXT_LENGTH] + "…")
        + line_html(passage.source, "path")
    )
    return _details("kb-source", summary, body)


def made_by(answer: Answer, labels: Labels) -> str:
    """Which model answered, how long it took, and why it is refused, extracted or stopped."""
    facts = [answer.model] if answer.model else []
    if answer.mode == "extractive" and answer.citations:
        facts.append(labels("extract"))
    if seconds := answer.timings.get("total"):
        facts.append(labels("seconds", seconds=f"{seconds:.1f}"))
    return " · ".join([*facts, *filter(None, [_reason(answer, labels)])])


def _reason(answer: Answer, labels: Labels) -> str:
    """The reason in the reader's language where it is a known one, else as the answer has it."""
    if NOTHING_ASKED in answer.reason:
        return labels("nothing_asked")
    if answer.refused:
        names = dict.fromkeys(one_line(passage.title or passage.source, 40) for passage in answer.passages)
        nearest = labels("refused_nearest", names=labels.join(list(names)[:_NEAREST])) if names else ""
        why = next((label for line, label in _REFUSALS.items() if line in answer.reason), "refused_unfound")
        offered = offered_in(answer.reason)
        offer = labels("refused_offered", question=offered) if offered else ""
        return (not_mentioned_in(answer.reason) or labels(why)) + offer + nearest
    key = _REASONS.get(answer.reason)
    return labels(key) if key else answer.reason


def _stage(job: AnswerJob, labels: Labels) -> str:
    if job.passages is None:
        return labels("searching")
    return labels("thinking") if job.thinking else labels("found", count=len(job.passages))


def _details(kind: str, summary: str, body: str) -> str:
    return f'<details class="{kind}"><summary>{summary}</summary><div>{body}</div></details>'


def _faint(text: str) -> str:
    return f'<p class="kb-context">{escape(text)}</p>' if text else ""
