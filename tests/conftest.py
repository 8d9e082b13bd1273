"""Every test runs offline: only loopback can be reached."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from kb_app import KnowledgeBase, Settings
from tests.fakes import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The same examples on every run, however slow the machine is.
hypothesis_settings.register_profile("kb", deadline=None, derandomize=True)
hypothesis_settings.load_profile("kb")


# A shell ignores Ctrl-C in what it runs in the background, and programs that are started here would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of this machine reaches a test, and no test reaches this user's data."""
    for name in [name for name in os.environ if name.startswith("KB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KB_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("KB_LLM_BASE_URL", "none")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Data in a folder of the test's own, and no language model."""
    return Settings(home=tmp_path / "home", llm_base_url="none")


@pytest.fixture
def kb(settings: Settings) -> Iterator[KnowledgeBase]:
    """An empty knowledge base with the fake embedding model."""
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as opened:
        yield opened
