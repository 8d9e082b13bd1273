"""RGB in Chinese (Chen, Lin, Han and Sun, AAAI 2024): ``python -m benchmarks.rgb [--pool all] [--json]``.

Asks the knowledge base as a person would: it must find the passages, refuse where they do not tell, and answer. Without
``KB_LLM_BASE_URL`` the answers are extracts. The data are not part of this repository.

``--pool item``: a question sees the passages of its measure alone, five as in the paper. They lie in one base, in a
folder for each item, and the search is held to them; only the rarity of words is that of the whole base.
``--pool all``: a question sees the passages of all items. As the questions that are to be refused are those of the
noise measure, there are two bases: each lacks the passages that answer one half of them, and that half is refused
there and the other answered. Questions that a passage of another item answers as well are left out; planted errors
are left out too, since nothing could tell them from the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bases import ROOT, machine, print_table
from benchmarks.rgb_bases import Question, lay_out, open_base
from benchmarks.rgb_items import CONDITIONS, PASSAGES, REJECTION, lettered, passages, pooled, read_items, told_elsewhere
from benchmarks.rgb_report import COLUMNS, CUT_OFFS, Outcome, outcome, row, summary, sweep
from benchmarks.vectors import cached
from kb_app import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.rgb_items import Item
    from benchmarks.vectors import CachedEmbedder

DATA = ROOT.parent / "shared/evaldata"
FILES = ("rgb_zh_open.jsonl", "rgb_zh_open_rejection.jsonl")
NAMES = [condition.name for condition in CONDITIONS]
ANSWERABLE = {
    "noise_robustness": "answerable",
    "information_integration": "integration",
    "counterfactual": "counterfactual, as it is",
}


def of_items(items: Sequence[Item], count: int) -> Iterator[Question]:
    """The questions of ``--pool item``, each with the files that it may see."""
    for condition in CONDITIONS:
        for item in items:
            if passages(item, condition, count):
                where = {"folder": item.folder, "name": f"*-*{condition.letter}*.txt"}
                yield Question(item, condition.name, where)


def of_pool(items: Sequence[Item], rejected: Sequence[Item], half: int) -> Iterator[Question]:
    """The questions of one of the two bases of ``--pool all``: those of its half answered, the rejected ones."""
    by_kind: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_kind[item.kind].append(item)
    for kind, name in ANSWERABLE.items():
        yield from (Question(item, name, {}) for item in by_kind[kind][half::2])
    texts = list(pooled(items, rejected).values())
    yield from (Question(item, REJECTION.name, {}) for item in rejected if not told_elsewhere(item, texts))


def halves(items: Sequence[Item]) -> list[tuple[int, list[Item]]]:
    """Which rejections belong to each of the two bases: those whose item is answered in the other one."""
    noise = [item.folder for item in items if item.kind == "noise_robustness"]
    rejections = [item for item in items if item.kind == REJECTION.kind]
    return [(half, [item for item in rejections if item.folder in noise[1 - half :: 2]]) for half in (0, 1)]


def measure(options: argparse.Namespace, items: Sequence[Item], embedder: CachedEmbedder) -> list[Outcome]:
    """Ask all questions of the pool."""
    if options.pool == "item":
        files = lettered(items, options.passages)
        return ask(options, "item", files, list(of_items(items, options.passages)), embedder)
    found: list[Outcome] = []
    for half, rejected in halves(items):
        questions = list(of_pool(items, rejected, half))
        found += ask(options, f"all-{half}", pooled(items, rejected), questions, embedder)
    return found


def ask(
    options: argparse.Namespace,
    name: str,
    files: dict[str, str],
    questions: Sequence[Question],
    embedder: CachedEmbedder,
) -> list[Outcome]:
    """Ask the questions of one base; read its files first, where they have changed."""
    address = os.environ.get("KB_LLM_BASE_URL", "none")
    settings = Settings(home=options.home / "kb", llm_base_url=address, embedding="embedded", database_url="")
    folder = options.home / "corpus" / name
    lay_out(folder, files)
    wanted = [one for one in questions if one.condition.startswith(tuple(options.only))]
    begin = time.perf_counter()
    with open_base(name, settings, embedder, folder) as kb, ThreadPoolExecutor(options.jobs) as threads:
        embedder.save()
        print(f"{name}: {len(files)} passages ready in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
        one = partial(outcome, ask=kb.ask_within, files=files)
        found = list(threads.map(one, wanted))
    embedder.save()
    print(f"{name}: {len(found)} questions, {time.perf_counter() - begin:.0f} s in all", file=sys.stderr)
    return found


def report(options: argparse.Namespace, found: Sequence[Outcome]) -> None:
    """Print the tables."""
    mode = "extracts" if found[0].mode == "extractive" else f"model {found[0].model}"
    print(f"RGB zh, pool {options.pool}, {mode}, KB_MIN_SCORE {Settings().min_score}, on {machine()}\n")
    print_table(COLUMNS, [row(name, some) for name, some in by_condition(found).items()])
    print_table(("over all", "value"), list(summary(found).items()))
    print_table(("cut-off of the best score", *CUT_OFFS), sweep(found))


def by_condition(found: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by measure, in the order in which they were asked."""
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for one in found:
        groups[one.condition].append(one)
    return dict(groups)


def as_json(options: argparse.Namespace, found: Sequence[Outcome]) -> dict[str, object]:
    """The same as data; with ``--details`` a line for each question too."""
    groups = {name: dict(zip(COLUMNS, row(name, some), strict=True)) for name, some in by_condition(found).items()}
    data: dict[str, object] = {"pool": options.pool, "mode": found[0].mode, "model": found[0].model}
    data |= {"min_score": Settings().min_score, "summary": summary(found), "conditions": groups}
    data["cut_offs"] = {str(name): dict(zip(map(str, CUT_OFFS), rest, strict=True)) for name, *rest in sweep(found)}
    if options.details:
        data["questions"] = [one.as_dict() for one in found]
    return data


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", choices=("item", "all"), default="item", help="whose passages a question sees")
    parser.add_argument("--home", type=Path, default=ROOT / ".cache/rgb", help="folder that keeps bases and vectors")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data of RGB")
    parser.add_argument("--only", nargs="+", default=[""], help="measures, by the begin of their names, e.g. rejection")
    parser.add_argument("--limit", type=int, default=0, help="items of each kind; 0 takes all")
    parser.add_argument("--passages", type=int, default=PASSAGES, help="passages of each question (--pool item)")
    parser.add_argument("--jobs", type=int, default=1, help="questions at a time; more where a server answers")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--details", action="store_true", help="with --json: each question too")
    return parser.parse_args()


def _limited(items: Sequence[Item], limit: int) -> list[Item]:
    """The first of each kind; of the rejections those of the items that are taken."""
    if not limit:
        return list(items)
    seen: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        seen[item.kind].append(item)
    taken = [item for kind, some in seen.items() if kind != REJECTION.kind for item in some[:limit]]
    folders = {item.folder for item in taken}
    return taken + [item for item in seen[REJECTION.kind] if item.folder in folders]


def main() -> None:
    """Measure, where the data are there."""
    options = _options()
    paths = [options.data / name for name in FILES]
    if missing := [path.name for path in paths if not path.is_file()]:
        print(f"RGB: not measured, {', '.join(missing)} not in {options.data}; name its folder with --data")
        return
    items = _limited([item for path in paths for item in read_items(path)], options.limit)
    found = measure(options, items, cached(options.home / "vectors.npz"))
    if not found:
        sys.exit(f"no measure begins with {' or '.join(options.only)}; those of --pool item are {', '.join(NAMES)}")
    if options.json:
        print(json.dumps(as_json(options, found), ensure_ascii=False))
    else:
        report(options, found)


if __name__ == "__main__":
    main()
