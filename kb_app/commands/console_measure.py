"""How the command line shows what was measured."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from kb_app.commands import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kb_app.calibration import Calibration
    from kb_app.evaluation import Ablation, Evaluation, RetrievalScores, Worth
    from kb_app.evaluation.answers import AnswerScores
    from kb_app.evaluation.bootstrap import Interval

_NONE = "–"
_SECTIONS = {
    "retrieval": "检索 retrieval",
    "refusal": "拒答，仅凭分数 refusal by the score",
    "citations": "引用 citations",
    "answers": "回答 answers",
    "score": "分数 the score as a probability",
}
_NAMES = {
    "retrieval.hit_at_1": "首位命中 hit@1",
    "retrieval.hit_at_5": "前五命中 hit@5",
    "retrieval.mrr_at_10": "MRR@10",
    "retrieval.recall_at_10": "召回 recall@10",
    "refusal.precision": "精确率 precision",
    "refusal.recall": "召回率 recall",
    "refusal.f1": "F1",
    "refusal.kept": "可答而未拒 answerable kept",
    "refusal.auroc": "AUROC",
    "citations.quotes_verbatim": "引文逐字相符 quotes word for word",
    "citations.sentences_cited": "有引用的句子 sentences cited",
    "citations.sentences_supported": "有依据的句子 sentences supported",
    "citations.document_precision": "引用文档精确率 document precision",
    "citations.document_recall": "引用文档召回率 document recall",
    "citations.only_right": "只引正确文档 only right documents",
    "answers.contains_answer": "含标准答案 contains answer",
    "answers.character_f1": "字符 F1 character F1",
    "answers.refusal_agreement": "拒答一致 refusal agreement",
    "answers.refusal_precision": "拒答精确率 refusal precision",
    "answers.refusal_recall": "拒答召回率 refusal recall",
    "answers.refusal_f1": "拒答 refusal F1",
    "answers.sentences": "每答句数 sentences an answer",
    "answers.characters": "每答字数 characters an answer",
    "score.ece": "校准误差 ECE",
    "score.brier": "Brier",
}
_ABLATED = {
    "retrieval.hit_at_1": "hit@1",
    "retrieval.hit_at_5": "hit@5",
    "retrieval.mrr_at_10": "MRR@10",
    "answers.refusal_f1": "拒答 refusal F1",
    "refusal.f1": "拒答 refusal F1",
    "refusal.auroc": "AUROC",
    "answers.contains_answer": "含答案 contains",
}
_PARTS = {
    "keyword": "关键词 keyword",
    "dense": "向量 dense",
    "fusion": "融合 fusion",
    "scripts": "繁简数字 scripts",
    "sections": "上下文 sections",
    "rerank": "重排 rerank",
    "gate": "拒答门槛 gate",
    "check": "核对 check",
}


def print_evaluation(result: Evaluation) -> None:
    """Print every measure with its interval and size, retrieval by kind first."""
    _print_kinds(result)
    for section, title in _SECTIONS.items():
        if getattr(result, section) is not None:
            _print_section(section, title, result)
    _print_reliability(result)
    if result.ablation:
        print_ablation(result.ablation)
    for stage, times in result.seconds.items():
        console.say(f"{stage}: p50 {times['p50'] * 1000:.1f} ms, p95 {times['p95'] * 1000:.1f} ms")
    console.say(" · ".join(f"{name} {value}" for name, value in result.setup.items()))
    if result.absent:
        console.complain(
            f"{len(result.absent)} 个标准文档不在库中 documents of the questions are not there, "
            f"each a miss: {', '.join(result.absent[:5])}"
        )


def print_ablation(found: Ablation) -> None:
    """Print what each part is worth, in points of a hundred; a star marks an interval without 0."""
    shown = [name for name in _ABLATED if name in found.full and not _is_repeated(name, found.full)]
    console.out.print()
    console.out.print("[bold]去掉一项少多少（百分点）· What is lost without a part, in points[/]")
    full = ("全部 all", *(_points(found.full[name]) for name in shown))
    rows = [
        (_PARTS.get(part, part), *(_worth(worth.get(name)) for name in shown)) for part, worth in found.parts.items()
    ]
    sizes = {name: worth.n for parts in found.parts.values() for name, worth in parts.items()}
    columns = (f"{_ABLATED[name]} (n {sizes.get(name, 0)})" for name in shown)
    console.table(("部分 part", *columns), [full, *rows])
    console.say(f"题数 questions {found.questions}; [95 % 区间 interval], * 区间不含 0 the interval leaves out 0")
    for part, reason in found.left_out.items():
        console.say(f"未测 left out: {_PARTS.get(part, part)}: {reason}")


def print_calibration(found: Calibration, kept: Path) -> None:
    """Print what has changed for a reader, where it is kept, and how to undo it."""
    rows = [
        ("无关段落算依据 wrong passages count", f"{found.passed_before:.0%}", f"{found.passed:.0%}"),
        ("原文段落算依据 own passages count", f"{found.kept_before:.0%}", f"{found.kept:.0%}"),
    ]
    console.table(("", "出厂 as shipped", "现在 now"), rows)
    lines = [f"用文档里的 {found.questions} 句话试过 · tried with {found.questions} sentences of the documents"]
    if found.moved > 0:
        lines.append("分数都高了，拒答会少些 · every score is higher now: fewer questions are refused")
    elif found.moved < 0:
        lines.append("分数都低了，拒答会多些 · every score is lower now: more questions are refused")
    else:
        lines.append("分数合适，没有变 · the scores fit as they are: nothing has changed")
    lines.append(f"存于 kept in {kept}；删除它就恢复 · delete it to undo")
    for line in lines:
        console.say(line)


@contextmanager
def counter(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that counts questions."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ProgressBar(*columns, console=console.err, transient=True, disable=not console.err.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_kinds(result: Evaluation) -> None:
    rows = [_kind_row("all", result.retrieval, result.answers)]
    rows += [_kind_row(kind, scores, result.answers_by_kind.get(kind)) for kind, scores in result.by_kind.items()]
    columns = ("kind", "questions", "hit@1", "hit@5", "MRR@10", "recall@10", "含答案 contains")
    shown = len(columns) if result.answers else len(columns) - 1
    console.table(columns[:shown], [row[:shown] for row in rows])


def _kind_row(kind: str, scores: RetrievalScores, answers: AnswerScores | None) -> list[object]:
    means = (scores.hit_at_1, scores.hit_at_5, scores.mrr_at_10, scores.recall_at_10)
    return [kind, scores.questions, *map(_share, means), _share(answers.contains_answer if answers else None)]


def _print_section(section: str, title: str, result: Evaluation) -> None:
    console.out.print()
    scores, bounds = getattr(result, section), result.intervals.get(section, {})
    rows = [
        (_NAMES[f"{section}.{name}"], _share(getattr(scores, name)), _interval(interval), interval.n)
        for name, interval in bounds.items()
    ]
    console.table((title, "值 value", "95 % 区间 interval", "数 n"), rows)
    if section == "answers" and result.answers:
        console.say("来自 from: " + " · ".join(f"{author} {count}" for author, count in result.answers.by.items()))


def _print_reliability(result: Evaluation) -> None:
    if not result.score or not result.score.passages:
        return
    console.out.print()
    rows = [
        (f"{one.low:.1f}–{one.high:.1f}", one.passages, _share(one.mean_score), _share(one.share_right))
        for one in result.score.bins
    ]
    console.table(("分数段 score", "段落 passages", "平均分 mean score", "正确率 share right"), rows)


def _is_repeated(name: str, full: Mapping[str, float | None]) -> bool:
    """Whether what the answers did says the same better."""
    return name == "refusal.f1" and "answers.refusal_f1" in full


def _share(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4g}" if abs(value) >= 10 else f"{value:.4f}"


def _interval(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return _NONE
    return f"{_share(interval.low)} – {_share(interval.high)}"


def _points(value: float | None) -> str:
    return _NONE if value is None else f"{value * 100:.1f}"


def _worth(worth: Worth | None) -> str:
    if worth is None or worth.value is None or worth.low is None or worth.high is None:
        return _NONE
    star = "*" if worth.low > 0 or worth.high < 0 else ""
    return f"{worth.value * 100:+.1f}{star} [{worth.low * 100:+.1f}, {worth.high * 100:+.1f}]"
