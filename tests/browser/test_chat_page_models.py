"""Which model answers on the chat page: one that is chosen, one that is started later; and leaving before it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.served import SECONDS, lines, serve_page, text_file
from tests.scripted_server import Script, serve
from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.served import Reader

    Opens = Callable[[str], Reader]

pytestmark = pytest.mark.browser

TEXT = "窑炉每班升温前须检查三次气压。\n\n釉料库的钥匙由夜班班长保管。"
QUESTION = "升温前须检查几次气压？"
SAID = "窑炉每班升温前须检查三次气压。[1]"


def prepared(reader: Reader) -> None:
    reader.creates_base("瓷厂")
    reader.drops(text_file("窑炉.txt", TEXT))


def test_a_model_or_an_adapter_is_chosen_for_what_is_asked_next(opens: Opens, tmp_path: Path) -> None:
    script = Script(answers=[lines(SAID)], model="青松-8B", adapters=("青松-公文", "青松-合同"))
    with serve(script) as server, serve_page(tmp_path, KB_LLM_BASE_URL=server.base_url) as url:
        reader = opens(url)
        prepared(reader)
        box = reader.sidebar.locator(".st-key-model").get_by_role("combobox")
        expect(box).to_have_value("青松-8B")
        reader.asks(QUESTION)
        reader.gets_answer()
        box.click()
        reader.shot("30-models")
        reader.page.get_by_role("option", name="青松-合同").click()
        expect(box).to_have_value("青松-合同")
        reader.idle()
        reader.asks("钥匙由谁保管？")
        reader.gets_answer(2)
        assert [body["model"] for body in server.requests][:: len(server.requests) - 1] == ["青松-8B", "青松-合同"]
        notes = reader.main.locator(".kb-note")
        expect(notes.filter(has_text="青松-8B ·")).to_have_count(1)
        expect(notes.filter(has_text="青松-合同 ·")).to_have_count(1)
        reader.shot("31-chosen")
        stranger = opens(reader.page.url)
        expect(stranger.sidebar.locator(".st-key-model").get_by_role("combobox")).to_have_value("青松-8B")


def test_a_single_model_leaves_nothing_to_choose(opens: Opens, tmp_path: Path) -> None:
    with serve(Script(model="青松-8B")) as server, serve_page(tmp_path, KB_LLM_BASE_URL=server.base_url) as url:
        reader = opens(url)
        reader.creates_base("瓷厂")
        expect(reader.sidebar.locator(".kb-status")).to_have_text("青松-8B")
        expect(reader.sidebar.locator(".st-key-model")).to_have_count(0)


def test_a_server_that_is_started_later_is_found_and_answers(opens: Opens, tmp_path: Path) -> None:
    serving = Serving(tmp_path)
    with serve_page(serving.kb.home, KB_LLM_BASE_URL=None) as url:
        reader = opens(url)
        prepared(reader)
        started = serving.kb.run(*serving.command(options=("--detach",)))
        try:
            assert started.code == 0, started.err
            expect(reader.sidebar.locator(".kb-status")).to_have_text("小模型", timeout=30 * SECONDS)
            reader.asks(QUESTION)
            expect(reader.gets_answer()).to_contain_text("小模型：")
        finally:
            serving.end()


@pytest.mark.parametrize("fault", ["silent", "pings"])
def test_stopping_hangs_up_before_the_first_word(opens: Opens, tmp_path: Path, fault: str) -> None:
    script = Script(answers=[[], lines(SAID)], fault=fault)  # type: ignore[arg-type]  # one of the faults
    with serve(script) as server, serve_page(tmp_path, KB_LLM_BASE_URL=server.base_url) as url:
        reader = opens(url)
        prepared(reader)
        reader.asks(QUESTION)
        expect(reader.page.locator(".kb-live ~ .kb-note")).to_contain_text("正在回答")
        reader.page.get_by_role("button", name="停止").click()
        assert server.hung_up.wait(1.5)
        reader.gets_answer()
        expect(reader.main).to_contain_text("在回答开始前停止了。")
        reader.shot(f"32-stopped-{fault}")
        script.fault = ""
        reader.asks(QUESTION)
        expect(reader.gets_answer(2)).to_contain_text("三次气压")
