"""This knowledge base beside others: ``python -m benchmarks.peers [--set eval] [--system langchain]``.

Needs the group ``peers``, in an environment of its own. Every system gets the same documents, the same questions and
the same embedding model, and is set up as its documentation says for Chinese or, where it says nothing, with its
defaults. Documents are ranked by their best chunk among 50; where two searches are merged, each brings 10. Nothing is
fetched from the network; what cannot be set up without it is named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.bases import ROOT, SETS, machine, print_table
from benchmarks.vectors import cached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers.common import Result
    from benchmarks.vectors import CachedEmbedder

MODULES = ("ours", "langchain", "llamaindex", "haystack", "txtai")
NAMES = {"cmrc": "CMRC 2018", "eval": "data/eval"}
PACKAGES = ("langchain-chroma", "langchain-classic", "llama-index-core", "haystack-ai", "txtai", "jieba")
QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
}
COLUMNS = (
    "system",
    "hit@1",
    "hit@5",
    "MRR@10",
    "in what it hands on",
    "AUROC",
    "chunks",
    "index, s",
    "embedding, s",
    "p50, ms",
)
LEGEND = """\
in what it hands on: the document is among the chunks that the system finds by default (their number behind it).
AUROC: the best score of questions with an answer against those without; a dash where a system gives no score.
index: to take in the documents when all vectors are there; embedding: what the model takes for its chunks, measured
once for each text, so that both together are a first index.
p50: one search + what the model takes for the question, which is the same for all.
"""


def systems(wanted: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What makes each wanted system, by name; and why the others cannot be made."""
    made: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for module in MODULES:
        try:
            made |= import_module(f"benchmarks.peers.{module}").SYSTEMS
        except ImportError as error:
            missing[module] = f"{error}; install the group `peers`"
    unknown = [name for name in wanted if name not in made and name.partition("-")[0] not in missing]
    if unknown:
        sys.exit(f"unknown system {', '.join(unknown)}; known are {', '.join(made)}")
    return {name: make for name, make in made.items() if not wanted or name in wanted}, missing


def measure_set(
    options: argparse.Namespace, docs: Path, questions: Path, embedder: CachedEmbedder
) -> tuple[dict[str, Result], dict[str, str]]:
    """Results of the systems on one set, and why others have none."""
    from benchmarks.peers.common import UnavailableError, measure, read_asked, read_documents

    makers, missing = systems(options.system)
    documents, asked = read_documents(docs), read_asked(questions, options.limit)
    results: dict[str, Result] = {}
    for name, make in makers.items():
        with TemporaryDirectory(prefix="kb-bench-", ignore_cleanup_errors=True) as folder:
            begin = time.perf_counter()
            try:
                results[name] = measure(partial(make, embedder), documents, asked, embedder, Path(folder))
            except (UnavailableError, ImportError) as error:
                missing[name] = str(error)
            print(f"{name}: {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    embedder.save()
    return results, missing


def row(name: str, result: Result) -> tuple[object, ...]:
    """A line of the table."""
    scores = result.scores
    return (
        name,
        *(scores.hit_at_1, scores.hit_at_5, scores.mrr_at_10),
        f"{result.handed_on:.3f} ({result.hands_on})",
        "–" if result.area is None else result.area,
        result.chunks,
        *(f"{seconds:.1f}" for seconds in (result.index, result.embedding)),
        f"{result.search * 1000:.1f} + {result.question * 1000:.1f}",
    )


def versions() -> str:
    """The versions of the packages that are compared."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=tuple(NAMES), nargs="+", default=list(NAMES), help="documents and questions")
    parser.add_argument("--system", nargs="+", default=[], help="systems to measure; all by default")
    parser.add_argument("--limit", type=int, default=0, help="questions with an answer; 0 takes all")
    parser.add_argument("--vectors", type=Path, default=ROOT / ".cache/peers.npz", help="file that keeps the vectors")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Measure every set that is there, and print."""
    options = _options()
    os.environ.update(QUIET)
    embedder = cached(options.vectors)
    data: dict[str, Any] = {"machine": machine(), "versions": versions()}
    for name in options.set:
        docs, questions = SETS[NAMES[name]]
        if not docs.is_dir():
            print(f"{NAMES[name]}: not measured, {docs} is not on this machine", file=sys.stderr)
            continue
        results, missing = measure_set(options, docs, questions, embedder)
        data[name] = {"systems": {system: asdict(result) for system, result in results.items()}, "left out": missing}
        if not options.json:
            _print(NAMES[name], results, missing)
    if options.json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print(f"{LEGEND}{data['versions']}\n{data['machine']}")


def _print(name: str, results: dict[str, Result], missing: dict[str, str]) -> None:
    print(f"{name}\n")
    print_table(COLUMNS, [row(system, result) for system, result in results.items()])
    for system, reason in missing.items():
        print(f"{system}: left out, {reason}")
    print()


if __name__ == "__main__":
    main()
