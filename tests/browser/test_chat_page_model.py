"""The chat page with a language model that follows a script."""

from __future__ import annotations

import re
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.served import lines, serve_page, text_file
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.browser.served import Reader
    from tests.scripted_server import ScriptedServer

    Opens = Callable[[str], Reader]

pytestmark = pytest.mark.browser

TEXT = "员工入职满一年后，每年享有五天带薪年假。\n\n病假须在三天内提交医院证明。"
QUESTION = "入职满一年有几天年假？"
LONG = "".join(f"第{n}条，员工入职满一年后，每年享有五天带薪年假。[1]" for n in range(1, 60))
SUPPORTED = "入职满一年后，每年享有五天带薪年假。[1]"


@contextmanager
def asked(opens: Opens, home: Path, script: Script) -> Iterator[tuple[Reader, ScriptedServer]]:
    """A reader with one document, before a page whose model follows the script."""
    with serve(script) as server, serve_page(home, KB_LLM_BASE_URL=server.base_url) as url:
        reader = opens(url)
        reader.creates_base("制度")
        reader.drops(text_file("假期.txt", TEXT))
        yield reader, server


def test_a_streamed_answer_is_seen_growing_and_checked(opens: Opens, tmp_path: Path) -> None:
    words = lines(SUPPORTED, "公司另外提供一百万元购房补贴。[1]")
    script = Script(answers=[words], reasoning=["先看假期", "再看年限"], delay=0.08, model="通义 <b>")
    with asked(opens, tmp_path, script) as (reader, _):
        expect(reader.sidebar.locator(".kb-status")).to_have_text("通义 <b>")
        reader.asks(QUESTION)
        live = reader.page.locator(".kb-live")
        expect(live).to_contain_text("入职满一年后")
        early = live.inner_text()
        reader.shot("20-streaming")
        meanwhile = reader.main.inner_text()
        expect(live).to_contain_text("五天带薪年假")
        assert "购房" not in early
        assert "None" not in meanwhile
        assert meanwhile.rstrip().endswith("停止"), "nothing stands below the button"
        expect(reader.gets_answer()).to_contain_text("购房补贴")
        expect(reader.page.locator(".kb-unsupported")).to_contain_text("公司另外提供一百万元购房补贴。")
        assert reader.page.locator(".kb-unsupported").count() == 1
        expect(reader.main).to_contain_text("划线的句子在资料中没有找到依据")
        reader.page.locator(".kb-thoughts summary").click()
        expect(reader.page.locator(".kb-thoughts")).to_contain_text("先看假期再看年限")
        reader.shot("21-checked")


def test_stopping_stops_the_model_and_keeps_what_came(opens: Opens, tmp_path: Path) -> None:
    script = Script(answers=[lines(SUPPORTED, LONG), lines(SUPPORTED)], delay=0.05)
    with asked(opens, tmp_path, script) as (reader, server):
        reader.asks(QUESTION)
        expect(reader.page.locator(".kb-live")).to_contain_text("五天带薪年假。1")
        expect(reader.question_line).to_be_disabled()
        reader.page.get_by_role("button", name="停止").click()
        expect(reader.gets_answer()).to_contain_text("五天带薪年假")
        assert server.hung_up.wait(5)
        expect(reader.main).to_contain_text("已停止，以上是停止前的内容。")
        reader.page.locator(".kb-source summary").first.click()
        expect(reader.page.locator("mark").first).to_contain_text("五天带薪年假")
        reader.shot("22-stopped")
        reader.page.reload()
        expect(reader.gets_answer()).to_contain_text("五天带薪年假")
        reader.asks("病假呢？")
        reader.gets_answer(2)


def test_a_reload_finds_an_answer_that_is_still_coming(opens: Opens, tmp_path: Path) -> None:
    with asked(opens, tmp_path, Script(answers=[lines(LONG[:120])], delay=0.06)) as (reader, server):
        reader.asks(QUESTION)
        expect(reader.page.locator(".kb-live")).to_contain_text("入职满一年后")
        reader.page.reload()
        expect(reader.page.locator(".kb-live")).to_contain_text("五天带薪年假")
        reader.gets_answer()
        assert len(server.requests) == 1


def test_a_slow_answer_of_one_reader_does_not_hold_up_another(opens: Opens, tmp_path: Path) -> None:
    with asked(opens, tmp_path, Script(answers=[lines(LONG), lines(SUPPORTED)], delay=0.06)) as (reader, _):
        other = opens(re.sub(r"&c=\w+", "", reader.page.url))
        reader.asks(QUESTION)
        expect(reader.page.locator(".kb-live")).to_contain_text("入职满一年后")
        other.asks(QUESTION)
        other.gets_answer()
        expect(reader.page.locator(".kb-live")).to_be_visible()
        reader.page.get_by_role("button", name="停止").click()
        reader.gets_answer()


def test_a_model_that_breaks_off_leaves_extracts_and_the_reason(opens: Opens, tmp_path: Path) -> None:
    with asked(opens, tmp_path, Script(answers=[lines(SUPPORTED)], fault="dies")) as (reader, _):
        reader.asks(QUESTION)
        expect(reader.gets_answer()).to_contain_text("五天带薪年假")
        expect(reader.main).to_contain_text("语言模型没有给出可用的回答")
        reader.shot("23-broken-off")


def test_a_hostile_model_is_only_text(opens: Opens, tmp_path: Path) -> None:
    attack = (
        "<script>document.title='hit'</script> ![a](http://198.51.100.7/a.png) [b](http://198.51.100.7/) "
        "http://198.51.100.7/c $x$ :material/home: :red[r]\n\n[1]: http://198.51.100.7/d\n\n"
    )
    with asked(opens, tmp_path, Script(answers=[[SUPPORTED, attack, SUPPORTED]], delay=0.3)) as (reader, _):
        reader.asks(QUESTION)
        expect(reader.gets_answer()).to_contain_text("![a](http://198.51.100.7/a.png)")
        assert reader.page.title() == "知识库"
        assert reader.page.locator("a[href*='198.51'], img[src*='198.51'], .katex").count() == 0
        reader.shot("24-hostile-model")


def test_a_server_that_never_answers_does_not_slow_the_page(opens: Opens, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/v1"
        with serve_page(tmp_path, KB_LLM_BASE_URL=address) as url:
            opens(url).creates_base("制度")
            begin = time.monotonic()
            reader = opens(url)
            assert time.monotonic() - begin < 5  # seconds that the server itself is waited for
            expect(reader.sidebar.locator(".kb-status")).to_be_visible()
            reader.sidebar.get_by_role("button", name="如何连接").click()
            reader.settles(f"现在查看的地址：{address}")
            reader.shot("25-how-to-connect")
