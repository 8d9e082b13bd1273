"""What the chain around a model costs: ``python -m benchmarks.serving [--url http://127.0.0.1:8000/v1]``.

The same prompts go to the server straight and through ``KnowledgeBase.stream``, at 1, 8 and 32 readers, in turns within
one run. Without ``--url`` the server is ``benchmarks.paced_server``: a process of its own that speaks at a fixed pace
and costs almost nothing, as an engine on a graphics card. On one machine a real engine and the chain share the cores.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.bases import ROOT, SETS, filled, machine, print_table
from benchmarks.recorder import recording
from kb_app import KnowledgeBase
from kb_app.evaluation import percentiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Ask = Callable[[], float]  # asks once, listens to the end, returns the seconds until the first token

_PROMPTS = 32
_QUESTIONS = 4
"""That each reader asks in a round: all begin at once, which they do not later on."""

_TOKENS = re.compile(r"^vllm:generation_tokens_total(?:\{.*\})? (\S+)$", re.MULTILINE)
_HEADER = (
    "readers", "way", "requests/s", "tokens/s", "first token p50, s", "p95, s", "our CPU, ms a request", "us a token",
    "ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """What readers got who asked until every question was answered.

    Attributes:
        requests: How many.
        tokens: That the server made meanwhile.
        seconds: Until the last answer was complete.
        cpu: Seconds of processor time that this process took, without the server.
        first: Seconds until the first token of each answer.
    """

    requests: int
    tokens: float
    seconds: float
    cpu: float
    first: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds


def cells(rounds: Sequence[Round]) -> list[str]:
    """The rounds of one way as in the table, without the ratio."""
    waited = percentiles([seconds for one in rounds for seconds in one.first])
    requests, seconds, cpu = (sum(getattr(one, name) for one in rounds) for name in ("requests", "seconds", "cpu"))
    rates = (requests / seconds, statistics.median(one.rate for one in rounds))
    return [
        f"{rates[0]:.2f}", f"{rates[1]:.1f}", f"{waited['p50']:.2f}", f"{waited['p95']:.2f}",
        f"{cpu / requests * 1000:.1f}", f"{cpu / sum(one.tokens for one in rounds) * 1e6:.0f}",
    ]  # fmt: skip


def ratios(plain: Sequence[Round], chained: Sequence[Round]) -> str:
    """The median of each round's ratio, with the least and the greatest."""
    each = sorted(ours.rate / theirs.rate for theirs, ours in zip(plain, chained, strict=True))
    return f"{statistics.median(each):.3f} ({each[0]:.3f} to {each[-1]:.3f})"


def straight(client: httpx.Client, url: str, body: dict[str, Any]) -> float:
    """A prompt to the server itself; every event is read, as any program must."""
    begin, first = time.perf_counter(), 0.0
    with client.stream("POST", f"{url}/chat/completions", json=body) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                if not first and choices and choices[0]["delta"].get("content"):
                    first = time.perf_counter() - begin
    return first


def through(kb: KnowledgeBase, question: str) -> float:
    """The same by way of the knowledge base: searched, packed, answered, checked.

    What a small model says may be replaced by an extract; it has been said all the same.
    """
    begin, first = time.perf_counter(), 0.0
    for event in kb.stream(question):
        if not first and event.kind == "token":
            first = time.perf_counter() - begin
    return first


def prompts(kb: KnowledgeBase, url: str, questions: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The request that each question leads to; questions that the documents do not answer have none."""
    found: dict[str, dict[str, Any]] = {}
    for question in questions:
        with recording(url) as recorder, _asking(kb, recorder.url) as recorded:
            next((event for event in recorded.stream(question) if event.kind == "token"), None)
        if bodies := recorder.chats():
            found[question] = bodies[-1]
        if len(found) == _PROMPTS:
            break
    return found


@contextmanager
def _asking(kb: KnowledgeBase, url: str) -> Iterator[KnowledgeBase]:
    """The same knowledge base with a model server."""
    settings = kb.settings.model_copy(update={"llm_base_url": url})
    with KnowledgeBase.open(kb.name, settings, create=False) as asking:
        yield asking


def round_of(ways: Sequence[Ask], readers: int, url: str) -> Round:
    """Let readers ask, one question after another, until every one is answered."""
    tokens, cpu, begin = generated(url), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(readers) as pool:
        first = tuple(pool.map(lambda ask: ask(), ways))
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    return Round(len(ways), generated(url) - tokens, seconds, cpu, first)


def generated(url: str) -> float:
    """Tokens that the server has made since it was started, by its own count."""
    text = httpx.get(f"{url.removesuffix('/v1')}/metrics", timeout=30).raise_for_status().text
    return sum(float(value) for value in _TOKENS.findall(text))


def measure(
    kb: KnowledgeBase, url: str, readers: int, rounds: int, bodies: dict[str, dict[str, Any]]
) -> tuple[list[Round], list[Round]]:
    """Both ways in turns: straight, through the chain, straight, ..."""
    plainly: list[Round] = []
    chained: list[Round] = []
    with httpx.Client(timeout=600, limits=httpx.Limits(max_connections=readers), trust_env=False) as client:
        chosen = list(islice(cycle(bodies.items()), _QUESTIONS * readers))
        for _ in range(rounds):
            plainly.append(round_of([partial(straight, client, url, body) for _, body in chosen], readers, url))
            chained.append(round_of([partial(through, kb, question) for question, _ in chosen], readers, url))
    if not all(one.tokens for one in chained):
        raise SystemExit(f"the knowledge base got no token from {url}; ask it once with `kb ask` to see why")
    return plainly, chained


@contextmanager
def paced(*arguments: str) -> Iterator[str]:
    """The server that costs nothing; its address."""
    command = [sys.executable, "-m", "benchmarks.paced_server", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()


def report(kb: KnowledgeBase, url: str, arguments: argparse.Namespace) -> None:
    """Measure and print."""
    lines = SETS["data/eval"][1].read_text("utf-8").splitlines()
    bodies = prompts(kb, url, [json.loads(line)["question"] for line in lines])
    rows = []
    with _asking(kb, url) as asking:
        list(asking.stream(next(iter(bodies))))  # what is loaded at first use
        for readers in arguments.readers:
            plainly, chained = measure(asking, url, readers, arguments.rounds, bodies)
            rows += [
                (readers, "straight to the server", *cells(plainly), ""),
                (readers, "through the knowledge base", *cells(chained), ratios(plainly, chained)),
            ]
    print_table(_HEADER, rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="a running server; without it one that speaks at a fixed pace")
    parser.add_argument("--readers", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pace", default="0.025", help="seconds between two tokens of the paced server")
    arguments = parser.parse_args()
    engine = f"the server at {arguments.url}" if arguments.url else f"the paced server, {arguments.pace} s a token"
    print(f"A model behind the knowledge base: {engine}, on the same cores as all else; {machine()}")
    print(
        "In turns within one run; the ratio is that of tokens a second, the median of the rounds (least to greatest).\n"
    )
    with filled(SETS["data/eval"][0]) as kb:
        if arguments.url:
            report(kb, arguments.url.rstrip("/"), arguments)
        else:
            with paced("--pace", arguments.pace) as url:
                report(kb, url, arguments)


if __name__ == "__main__":
    main()
