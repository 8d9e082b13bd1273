"""The chat page as a person meets it: served by ``kb ui``, shown in Chromium, driven by what can be seen."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, FilePayload, Locator, Page, ViewportSize

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KB_UI = [sys.executable, "-m", "kb_app.cli", "ui"]
SECONDS = 1000
expect.set_options(timeout=30 * SECONDS)
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of loopback where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve_page(home: Path, **settings: str | None) -> Iterator[str]:
    """Run ``kb ui`` with data in ``home``; yields its address once it answers. A setting of None is not set."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    told = {"KB_HOME": str(home), "KB_LLM_BASE_URL": "none", "PYTHONPATH": str(ROOT)} | settings
    environment = kept | {name: value for name, value in told.items() if value is not None}
    home.mkdir(parents=True, exist_ok=True)
    log = (home / "page.log").open("w+")
    command = [*KB_UI, "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=home)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process, log.name)
        yield url
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the page did not start:\n{Path(log).read_text()}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that this machine has installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Reader:
    """Somebody in front of the page.

    Attributes:
        page: The browser's page.
        shots: Folder for screenshots.
        requested: Every address that the browser asked for.
    """

    page: Page
    shots: Path
    requested: list[str] = field(default_factory=list)

    @classmethod
    def opens(
        cls, browser: Browser, url: str, shots: Path, *, width: int = 1280, height: int = 860, dark: bool = False
    ) -> Reader:
        """A new window at an address, of a system that is light or dark."""
        window: ViewportSize = {"width": width, "height": height}
        context = browser.new_context(viewport=window, color_scheme="dark" if dark else "light", accept_downloads=True)
        reader = cls(context.new_page(), shots)
        reader.page.set_default_timeout(20 * SECONDS)
        reader.page.on("request", lambda request: reader.requested.append(request.url))
        reader.page.goto(url)
        reader.idle()
        return reader

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_test_id("stSidebar")

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def answers(self) -> Locator:
        return self.page.locator(".kb-answer:not(.kb-live)")

    @property
    def question_line(self) -> Locator:
        return self.page.get_by_test_id("stChatInputTextArea")

    def idle(self) -> None:
        """Wait until the page is drawn."""
        expect(self.page.locator(".kb-brand")).to_be_attached(timeout=30 * SECONDS)  # a narrow window hides it
        for _ in range(2):  # one drawing may ask for the next
            expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            self.page.wait_for_timeout(150)

    def shot(self, name: str) -> None:
        """Keep a picture of what is seen."""
        self.page.wait_for_timeout(400)
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.shots / f"{name}.png")

    def creates_base(self, name: str) -> None:
        """Make a knowledge base: with the form of an empty page, or behind the plus sign."""
        if self.page.locator(".st-key-base").count():
            self.page.locator("[class*='st-key-new-base-'] button").first.click()
        form = self.page.get_by_test_id("stForm").filter(has=self.page.get_by_label(re.compile("^(名称|Name)$")))
        form.get_by_role("textbox").fill(name)
        form.get_by_role("button").click()
        expect(self.main.locator(".kb-hero")).to_contain_text(re.compile("还没有资料|is empty"))
        self.idle()

    def opens_menu(self) -> None:
        """Open the menu of the conversation."""
        self.page.locator("[class*='st-key-menu-'] button:visible").first.click()

    def drops(self, *files: FilePayload, read: bool = True) -> None:
        """Drop files and, as a rule, wait until they are read."""
        self.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(list(files))
        if read:
            expect(self.page.get_by_text(re.compile("已读入|files read"))).to_be_visible(timeout=60 * SECONDS)
            self.idle()

    def asks(self, question: str) -> None:
        """Type a question and send it."""
        expect(self.question_line).to_be_enabled()
        self.question_line.fill(question)
        self.question_line.press("Enter")

    def gets_answer(self, count: int = 1) -> Locator:
        """Wait for the answer with that number in the conversation."""
        expect(self.answers).to_have_count(count)
        self.idle()
        return self.answers.nth(count - 1)

    def settles(self, text: str | re.Pattern[str]) -> None:
        """Wait until a text is seen."""
        expect(self.page.get_by_text(text).first).to_be_visible()
        self.idle()

    def leaves(self) -> None:
        """Close the window."""
        self.page.context.close()


def text_file(name: str, text: str) -> FilePayload:
    """A file as the drop zone takes it."""
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def lines(*sentences: str) -> Sequence[str]:
    """The words of a scripted answer in small pieces."""
    return [char for sentence in sentences for char in sentence]
