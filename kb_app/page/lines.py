"""The small pieces of the page around the conversation, as escaped HTML."""

from __future__ import annotations

import logging
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from kb_app.connection import address
from kb_app.errors import KBError
from kb_app.text import one_line

if TYPE_CHECKING:
    from ingest import Progress, SyncReport
    from kb_app.config import Settings
    from kb_app.page.jobs import ModelWatch
    from kb_app.page.labels import Labels
    from kb_app.storage.catalog import DocumentInfo

MODEL_COMMANDS = "kb serve Qwen3-8B --detach\nkb ui"

_MAX_FAILURES = 20
_STYLE = Path(__file__).with_name("page.css")
_log = logging.getLogger(__name__)


def line_html(text: str, kind: str = "note") -> str:
    """One line: a ``note``, ``label``, ``title``, ``path``, ``brand`` or ``error``."""
    role = ' role="alert"' if kind == "error" else ""
    return f'<div class="kb-{kind}"{role}>{escape(text)}</div>'


def heading_html(title: str, text: str) -> str:
    """A title with a sentence below it, for a page without a conversation."""
    return f'<div class="kb-hero"><h1>{escape(title)}</h1><p>{escape(text)}</p></div>'


def page_style(labels: Labels) -> str:
    """The style of the page; our words stand over the English ones that Streamlit's upload field has built in."""
    words = (labels("drop_here"), labels("drop_browse"))
    upload = ":root {{ --kb-drop-here: '{}'; --kb-drop-browse: '{}'; }}".format(*words)
    return f"<style>{_STYLE.read_text('utf-8')}</style><style>{upload}</style>"


def document_html(document: DocumentInfo, labels: Labels) -> str:
    """A row of the list of documents."""
    facts = [labels("chunks", count=document.chunks)]
    if document.pages:
        facts.insert(0, labels("pages", count=document.pages))
    if document.pending:
        facts.append(labels("pending", count=document.pending))
    reason = one_line(labels.reason(document.error), 200)
    trouble = line_html(labels("unreadable", reason=reason), "error") if reason else ""
    name = escape(one_line(document.source, 120))
    return f'<div class="kb-row"><b>{name}</b><span>{escape(" · ".join(facts))}</span>{trouble}</div>'


def end_of_list_html(count: int, shown: int, labels: Labels) -> str:
    """Below a list of documents: how many more there are, or that there is none; nothing where all are shown."""
    if count > shown:
        return line_html(labels("more_documents", count=count - shown))
    return "" if count else line_html(labels("no_documents"))


def progress_bars(progress: Progress | None, labels: Labels) -> list[tuple[float, str]]:
    """Files read of all, and passages embedded of all that are known: shares and words; none before the first."""
    if progress is None or not progress.all_files:
        return []
    now = asdict(progress)
    bars = [(progress.files / progress.all_files, labels("reading", **now))]
    if progress.all_chunks:
        bars.append((min(1.0, progress.embedded / progress.all_chunks), labels("embedding", **now)))
    return bars


def report_html(report: SyncReport | None, error: Exception | None, labels: Labels) -> str:
    """How a reading ended: how many files were read, which were not and why."""
    lines = [line_html(labels.trouble(error), "error")] if error else []
    if report:
        read = len(report.added) + len(report.updated) + len(report.renamed)
        facts = [labels("done", read=read, seconds=f"{report.seconds:.1f}")]
        if report.unchanged:
            facts.append(labels("done_unchanged", unchanged=len(report.unchanged)))
        lines.append(line_html(" · ".join(facts)))
        lines += _failures(report, labels)
    return "".join(lines)


def logged_trouble(error: Exception, labels: Labels) -> str:
    """A line for the reader; what nobody foresaw is in the log with where it happened."""
    if not isinstance(error, KBError):
        _log.error("the page could not be drawn", exc_info=error)
    return labels.trouble(error)


def model_html(watch: ModelWatch, labels: Labels, *, known: bool) -> str:
    """The language model behind a dot that is filled where one is connected; several are named in their menu."""
    if watch.model:
        text = labels("model") if watch.choices else watch.model.name
    elif known:
        text = labels("model_trouble" if watch.trouble else "model_none")
    else:
        text = labels("model_looking")
    dot = "kb-dot kb-on" if watch.model else "kb-dot"
    return f'<div class="kb-status"><span class="{dot}"></span>{escape(text)}</div>'


def model_help_html(watch: ModelWatch, settings: Settings, labels: Labels) -> str:
    """What is looked at now and what is wrong with it, and how to start a model."""
    if settings.answers_with_model:
        now = labels("connect_looks_at", url=address(settings).url)
    else:
        now = labels("connect_off")
    trouble = line_html(labels.reason(watch.trouble), "error") if watch.trouble else ""
    return line_html(now) + trouble + line_html(labels("connect_text"))


def _failures(report: SyncReport, labels: Labels) -> list[str]:
    if not report.failed:
        return []
    lines = [
        f"{one_line(source, 60)}: {one_line(labels.reason(reason), 160)}" for source, reason in report.errors.items()
    ]
    shown = [labels("done_failed", failed=len(report.failed)), *lines[:_MAX_FAILURES]]
    if len(lines) > _MAX_FAILURES:
        shown.append("…")
    return [f'<div class="kb-error" role="alert">{"<br>".join(map(escape, shown))}</div>']
