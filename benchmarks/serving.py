"""What the chain around a model costs: ``python -m benchmarks.serving [--url http://127.0.0.1:8000/v1]``.

The same prompts go to the server straight and through ``KnowledgeBase.stream``, at 1, 8 and 32 readers, in turns within
one run. Without ``--url`` the server is ``benchmarks.paced_server``: a process of its own that speaks at a fixed pace
and costs almost nothing, as an engine on a graphics card. On one machine a real engine and the chain share the cores.
"""

from __future__ import annotations

import argparse
import json
import re
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
_TOKENS = re.compile(r"^vllm:generation_tokens_total(?:\{.*\})? (\S+)$", re.MULTILINE)
_HEADER = ("readers", "way", "requests/s", "tokens/s", "first token p50, s", "p95, s", "our CPU, ms a request", "ratio")


@dataclass(slots=True)
class Sum:
    """What the rounds of one way added up to."""

    requests: int = 0
    tokens: float = 0.0
    seconds: float = 0.0
    cpu: float = 0.0
    first: list[float] | None = None

    def cells(self) -> list[object]:
        """As in the table, without the ratio."""
        waited = percentiles(self.first or [0.0])
        rates = (self.requests / self.seconds, self.tokens / self.seconds)
        cpu = self.cpu / self.requests * 1000
        return [f"{rates[0]:.2f}", f"{rates[1]:.1f}", f"{waited['p50']:.2f}", f"{waited['p95']:.2f}", f"{cpu:.1f}"]


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


def round_of(ways: Sequence[Ask], readers: int, url: str, into: Sum) -> None:
    """Let readers ask until every request is answered, and add it up."""
    tokens, cpu, begin = generated(url), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(readers) as pool:
        first = list(pool.map(lambda ask: ask(), ways))
    into.seconds += time.perf_counter() - begin
    into.cpu += time.process_time() - cpu
    into.tokens += generated(url) - tokens
    into.requests += len(ways)
    into.first = [*(into.first or []), *first]


def generated(url: str) -> float:
    """Tokens that the server has made since it was started, by its own count."""
    text = httpx.get(f"{url.removesuffix('/v1')}/metrics", timeout=30).raise_for_status().text
    return sum(float(value) for value in _TOKENS.findall(text))


def measure(kb: KnowledgeBase, url: str, readers: int, rounds: int, bodies: dict[str, dict[str, Any]]) -> list[Sum]:
    """Both ways in turns: straight, through the chain, straight, ..."""
    count = max(2 * readers, 4)
    limits = httpx.Limits(max_connections=readers)
    sums = [Sum(), Sum()]
    with httpx.Client(timeout=600, limits=limits, trust_env=False) as client:
        chosen = list(islice(cycle(bodies.items()), count))
        plain: list[Ask] = [partial(straight, client, url, body) for _, body in chosen]
        chained: list[Ask] = [partial(through, kb, question) for question, _ in chosen]
        for _ in range(rounds):
            round_of(plain, readers, url, sums[0])
            round_of(chained, readers, url, sums[1])
    if not sums[1].tokens:
        raise SystemExit(f"the knowledge base got no token from {url}; ask it once with `kb ask` to see why")
    return sums


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
            sums = measure(asking, url, readers, arguments.rounds, bodies)
            ratio = (sums[1].tokens / sums[1].seconds) / (sums[0].tokens / sums[0].seconds)
            rows += [
                (readers, "straight to the server", *sums[0].cells(), ""),
                (readers, "through the knowledge base", *sums[1].cells(), ratio),
            ]
    print_table(_HEADER, rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="a running server; without it one that speaks at a fixed pace")
    parser.add_argument("--readers", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pace", default="0.025", help="seconds between two tokens of the paced server")
    arguments = parser.parse_args()
    engine = f"the server at {arguments.url}" if arguments.url else f"the paced server, {arguments.pace} s a token"
    print(f"A model behind the knowledge base: {engine}, on the same cores as all else; {machine()}")
    print("In turns within one run; the ratio is that of tokens a second.\n")
    with filled(SETS["data/eval"][0]) as kb:
        if arguments.url:
            report(kb, arguments.url.rstrip("/"), arguments)
        else:
            with paced("--pace", arguments.pace) as url:
                report(kb, url, arguments)


if __name__ == "__main__":
    main()
