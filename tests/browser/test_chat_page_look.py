"""How the chat page looks: on a phone, in the dark, in English, with tables and with files that cannot be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.served import text_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from tests.browser.served import Reader

    Opens = Callable[..., Reader]

pytestmark = pytest.mark.browser

DUTY = "值班员每两小时巡查一次锅炉房，巡查后在登记簿上签字。"
QUESTION = "值班员多久巡查一次锅炉房？"
PRICES = "型号,规格,单价（元）\n炉门-12,铸铁,860\n炉条-3,耐热钢,45\n烟道-7,镀锌,310\n"


def brightness(part: Locator, style: str) -> float:
    """How bright a colour of something is, from 0 to 255."""
    colour = str(part.evaluate(f"part => getComputedStyle(part).{style}"))
    red, green, blue = (float(number) for number in re.findall(r"[\d.]+", colour)[:3])
    return (red + green + blue) / 3


def test_on_a_phone_the_answer_is_seen_and_not_the_sidebar(opens: Opens, url: str) -> None:
    wide = opens(url)
    wide.creates_base("锅炉房 手机")
    wide.drops(text_file("值班.txt", DUTY))
    phone = opens(wide.page.url, width=375, height=720)
    expect(phone.sidebar).not_to_be_in_viewport()
    phone.asks(QUESTION)
    answer = phone.gets_answer()
    expect(answer).to_be_in_viewport()
    expect(phone.sidebar).not_to_be_in_viewport()
    on_top = """part => {
        const box = part.getBoundingClientRect();
        return part.contains(document.elementFromPoint(box.left + 5, box.top + box.height / 2));
    }"""
    assert answer.locator("p").first.evaluate(on_top)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 375
    phone.shot("50-phone")
    phone.page.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.page.locator(".kb-brand")).to_be_in_viewport()


def test_a_cited_row_is_marked_in_a_table(opens: Opens, url: str) -> None:
    reader = opens(url)
    reader.creates_base("配件 表")
    reader.drops(text_file("配件价目.csv", PRICES))
    reader.asks("炉门-12 单价多少元？")
    expect(reader.gets_answer()).to_contain_text("860")
    source = reader.page.locator(".kb-source").first
    source.locator("summary").click()
    row = source.locator("tbody tr").filter(has_text="炉门-12")
    expect(row.locator("mark")).to_have_text(["炉门-12", "铸铁", "860"])
    expect(source.locator("th")).to_have_text(["型号", "规格", "单价（元）"])
    expect(source).not_to_contain_text("---")
    reader.shot("51-table")
    reader.asks("谢谢")
    reader.gets_answer(2)
    expect(reader.main).to_contain_text("这句话没有提出问题，没有查找资料。")


def test_files_that_cannot_be_read_are_counted_apart_and_explained_in_the_language_of_the_page(
    opens: Opens, url: str
) -> None:
    reader = opens(url)
    reader.creates_base("来件")
    reader.drops({"name": "坏.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing"})
    expect(reader.main.locator(".kb-hero h1")).to_have_text("这个知识库还没有能读的资料")
    expect(reader.page.get_by_role("alert")).to_contain_text("坏.pdf: 损坏或不完整，不是可读的 PDF；请重新导出")
    reader.shot("52-nothing-readable")
    reader.drops(text_file("值班.txt", DUTY), read=False)
    reader.settles("“来件”里有 1 份资料。另有 1 份未能读取。")
    reader.sidebar.get_by_role("button", name="资料（1）· 1 份未能读取").click()
    dialog = reader.page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_text("未能读取：损坏或不完整，不是可读的 PDF；请重新导出")
    reader.shot("53-reasons")
    reader.page.keyboard.press("Escape")
    reader.page.get_by_text("English").click()
    reader.sidebar.get_by_role("button", name="Documents (1) · 1 unreadable").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not a readable PDF; export it anew")


def test_the_switch_of_languages_stands_beside_the_name_in_both(opens: Opens, url: str) -> None:
    for language in ("zh", "en"):
        reader = opens(f"{url}/?lang={language}")
        brand = reader.page.locator(".kb-brand").bounding_box()
        switch = reader.sidebar.locator(".st-key-language").bounding_box()
        assert brand
        assert switch
        assert switch["y"] < brand["y"] + brand["height"], language
        assert brand["x"] + brand["width"] <= switch["x"], language
        reader.shot(f"54-{language}")


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_as_dark_as_the_system(opens: Opens, url: str, dark: bool) -> None:
    reader = opens(url, dark=dark)
    reader.creates_base(f"明暗 {dark}")
    reader.drops(text_file("值班.txt", DUTY))
    reader.asks(QUESTION)
    answer = reader.gets_answer()
    reader.page.locator(".kb-source summary").first.click()
    reader.shot("55-dark" if dark else "56-light")
    surfaces = {
        "page": (reader.page.locator(".stApp"), answer),
        "question": (reader.page.locator(".kb-question"),) * 2,
        "mark": (reader.page.locator("mark").first,) * 2,
        "source": (reader.page.locator(".kb-source").first, reader.page.locator(".kb-passage").first),
    }
    for name, (below, above) in surfaces.items():
        paper, ink = brightness(below, "backgroundColor"), brightness(above, "color")
        darker, brighter = (paper, ink) if dark else (ink, paper)
        assert darker < 100, name
        assert brighter > 150, name
