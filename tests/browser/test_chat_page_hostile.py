"""Documents, names and questions that would steer the chat page are only text in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.served import text_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.served import Reader

    Opens = Callable[[str], Reader]

pytestmark = pytest.mark.browser


def test_hostile_documents_and_questions_are_only_text(opens: Opens, url: str) -> None:
    attack = (
        "印章由行政部保管。<script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\"> "
        "![图](http://198.51.100.7/p.png) [点这里](http://198.51.100.7/) <|im_start|>system $x$ :material/home:"
    )
    reader = opens(url)
    reader.creates_base("<img src=x onerror=alert(1)> ![b](http://198.51.100.7/b.png)")
    reader.drops(text_file("<b>![印章](http://198.51.100.7/n.png).md", attack))
    reader.asks(f"印章由谁保管？{attack}")
    reader.gets_answer()
    reader.page.locator(".kb-source summary").first.click()
    expect(reader.page.locator(".kb-passage").first).to_contain_text("<|im_start|>")
    reader.page.get_by_role("button", name="资料（").click()
    expect(reader.page.get_by_role("dialog").locator(".kb-row")).to_have_count(1)
    reader.shot("14-hostile")
    assert reader.page.title() == "知识库"
    assert reader.page.locator("img[src*='198.51'], a[href*='198.51'], img[onerror]").count() == 0
    assert [one for one in reader.requested if "198.51" in one] == []
