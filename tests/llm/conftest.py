"""One vLLM for all tests, and a knowledge base of one document that the real command has read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from kb_app import KnowledgeBase, Settings
from tests.llm.adapters import write_adapter
from tests.llm.serving import CONTEXT, MODEL, NAME, PYTHON, Server, environment, serving

BASE = "llm"

DOCUMENT = """# Travel rules

## Meals

The daily meal allowance on a business trip is 42 euros. Drinks at the hotel bar are paid by the traveller.

## Hotels

A single room may cost up to 130 euros a night. Breakfast is part of the price of the room.
"""

TEMPLATES = {
    # so small a model cites nothing of its own accord, but it can copy a line
    "copy": "{{passages}}\n\nCopy this line exactly with the [1] at its end and write nothing else:\n{{question}} [1]",
    "plain": "{{passages}}\n\n{{question}}",
    "long": "{{passages}}\n\n{{question}}\n\nWrite a very long story about a lighthouse keeper, in many chapters.",
}
_FRONT_MATTER = "---\nname: {name}\nversion: 1\nkind: answer\nvariables: passages, question\n---\n## user\n\n"

KB = Callable[..., "subprocess.Popen[str]"]


ADAPTERS = ("formal", "brief")


@pytest.fixture(scope="session")
def installed() -> None:
    """What `make test-llm` brings."""
    for needed in (PYTHON, MODEL / "config.json"):
        if not needed.exists():
            pytest.fail(f"{needed} is missing; `make test-llm` installs vLLM and makes the model", pytrace=False)


@pytest.fixture(scope="session")
def server(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests, with two adapters beside the model."""
    folder = tmp_path_factory.mktemp("vllm")
    adapters = [f"{name}={write_adapter(folder / name, MODEL, seed=seed)}" for seed, name in enumerate(ADAPTERS)]
    asked = [str(MODEL), "--engine", "vllm", "--name", NAME, "--max-model-len", str(CONTEXT)]
    loaded = [part for adapter in adapters for part in ("--adapter", adapter)]
    with serving(Server(folder, (*asked, *loaded), ("--enforce-eager",))) as running:
        yield running


@pytest.fixture(scope="session")
def settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of its own, the templates above, and the server as the language model."""
    templates = tmp_path_factory.mktemp("templates")
    for name, text in TEMPLATES.items():
        (templates / f"{name}.md").write_text(_FRONT_MATTER.format(name=name) + text + "\n", "utf-8")
    home = tmp_path_factory.mktemp("home")
    return Settings(home=home, llm_base_url=server.base_url, templates_dir=templates)


@pytest.fixture(scope="session")
def kb_command(settings: Settings) -> KB:
    """Start the command ``kb`` with these settings, on the knowledge base ``llm``."""
    variables = environment(settings.home) | {
        "KB_LLM_BASE_URL": settings.llm_base_url,
        "KB_TEMPLATES_DIR": str(settings.templates_dir),
    }

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kb_app.cli", *arguments, "--kb", BASE]
        return subprocess.Popen(
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=settings.home,
        )

    return start


@pytest.fixture(scope="session")
def ingested(kb_command: KB, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The document, read by ``kb ingest``."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "travel.md").write_text(DOCUMENT, "utf-8")
    process = kb_command("ingest", str(folder))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


@pytest.fixture
def base(settings: Settings, ingested: None) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(BASE, settings, create=False) as base:
        yield base
