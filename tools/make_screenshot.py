"""Makes the picture of the chat page in the README: the samples, a question, its answer with an opened source.

    python tools/make_screenshot.py data/images/chat-page.png

Needs Chromium and the extra ``dev``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.served import Reader, chromium, serve_page  # noqa: E402 - this script may be run from anywhere

QUESTION = "员工入职满一年有几天年假？"
NAME = "公司资料"


def main(picture: Path) -> None:
    """Read the samples, ask, open the first source, take the picture."""
    with tempfile.TemporaryDirectory() as home, serve_page(Path(home)) as url, chromium() as browser:
        reader = Reader.opens(browser, url, picture.parent, width=1280, height=800)
        reader.creates_base(NAME)
        reader.page.get_by_label("本机文件夹").fill(str(ROOT / "data" / "samples"))
        reader.page.get_by_role("button", name="读入文件夹").click()
        reader.settles("已读入")
        reader.page.get_by_role("button", name="知道了").click()
        reader.asks(QUESTION)
        reader.gets_answer()
        reader.page.locator(".kb-source summary").first.click()
        reader.page.mouse.move(1270, 790)
        reader.page.evaluate("document.activeElement.blur()")
        reader.page.wait_for_timeout(500)
        reader.page.locator(".kb-title").scroll_into_view_if_needed()
        reader.shot(picture.stem)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
