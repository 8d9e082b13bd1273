"""Chromium once, a page without a model once; each test has a knowledge base and windows of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.served import CHROMIUM, Reader, chromium, serve_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

SHOTS_VARIABLE = "CHAT_PAGE_SHOTS"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("no Chromium on this machine; install the package chromium")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def url(home: Path) -> Iterator[str]:
    """A page without a language model."""
    with serve_page(home) as url:
        yield url


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    return Path(os.environ.get(SHOTS_VARIABLE) or tmp_path)


@pytest.fixture
def opens(browser: Browser, shots: Path) -> Iterator[Callable[..., Reader]]:
    """Open an address in a window of its own; no window may ask for anything beyond this machine."""
    readers: list[Reader] = []

    def open_window(url: str, **window: Any) -> Reader:
        readers.append(Reader.opens(browser, url, shots, **window))
        return readers[-1]

    yield open_window
    for reader in readers:
        reader.leaves()
    foreign = [one for reader in readers for one in reader.requested if not one.startswith(LOCAL)]
    assert foreign == []


LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:http://127.0.0.1:")
