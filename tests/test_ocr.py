"""What is read in pictures of text: how much of it is right, in which order, and what is left out."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from ingest.ocr import picture_text, read_lines
from tests.make_pictures import columns, encoded, label, needs_font, page, ruled_table, vertical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image as Picture

    from ingest.ocr import OcrLine

NOTICE = (
    "青石镇第二小学关于调整作息时间的通知",
    "自十月八日起，上午第一节课改为八点二十分开始。",
    "联系人：周老师，电话 0571-88234567，综合楼 302 室",
)
TRADITIONAL = ("臺北辦事處設備採購說明", "驗收不合格者，廠商須於十五日內更換。")
ENGLISH = ("Every pump is inspected twice a year.", "Report leaks to the control room, phone 4411.")
POEM = ("山路十八弯处有一座石桥", "春来茶园采茶人唱着歌", "老李守着渡口从未误过船")


def lines_of(picture: Picture) -> list[OcrLine]:
    return read_lines(np.asarray(picture.convert("RGB")))


def accuracy(wanted: Iterable[str], lines: Iterable[OcrLine]) -> float:
    """Share of the characters that are right, in order, without white space; what is too much counts as wrong."""
    want, got = ("".join("".join(part).split()) for part in (wanted, [line.text for line in lines]))
    right = sum(block.size for block in SequenceMatcher(None, want, got, autojunk=False).get_matching_blocks())
    return right / max(len(want), len(got))


@needs_font
@pytest.mark.parametrize(
    ("text", "degrees"),
    [(NOTICE, 0), (NOTICE, 90), (NOTICE, 180), (NOTICE, 270), (TRADITIONAL, 180), (ENGLISH, 90), (ENGLISH, 180)],
)
def test_a_page_is_read_however_it_lies(text: tuple[str, ...], degrees: int) -> None:
    lines = lines_of(page(text, width=900).rotate(degrees, expand=True))
    assert accuracy(text, lines) >= 0.95
    assert len(lines) == len(text)


@needs_font
def test_boxes_are_places_in_the_picture_as_it_was_given() -> None:
    upright = page(NOTICE, width=900)
    first = lines_of(upright)[0]
    turned = lines_of(upright.rotate(90, expand=True))[0]
    left, top, right, bottom = first.box
    assert turned.text == first.text
    assert turned.box == pytest.approx((top, 1 - right, bottom, 1 - left), abs=0.02)


@needs_font
def test_columns_of_characters_are_read_from_right_to_left() -> None:
    lines = lines_of(vertical(POEM))
    assert [line.text for line in lines] == list(POEM)
    assert lines[0].box[0] > lines[2].box[2]


@needs_font
@pytest.mark.parametrize("degrees", [3, -3])
def test_a_page_that_is_askew(degrees: int) -> None:
    picture = page(NOTICE, width=900).rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    assert accuracy(NOTICE, lines_of(picture)) >= 0.95


@needs_font
def test_light_letters_on_a_dark_ground() -> None:
    assert accuracy(NOTICE, lines_of(page(NOTICE, width=900, ink="white", paper="#203040"))) >= 0.95


@needs_font
def test_a_poor_scan() -> None:
    picture = page(NOTICE, size=30, width=900).filter(ImageFilter.GaussianBlur(1))
    noise = np.random.default_rng(7).normal(0, 16, (picture.height, picture.width, 1))
    grey = (np.asarray(picture) * 0.75 + 40 + noise).clip(0, 255).astype(np.uint8)
    lines = lines_of(Image.open(_stream(encoded(Image.fromarray(grey), "JPEG", quality=40))))
    assert accuracy(NOTICE, lines) >= 0.95


@needs_font
@pytest.mark.parametrize("size", [10, 90])
def test_small_and_large_letters(size: int) -> None:
    assert accuracy(NOTICE, lines_of(page(NOTICE, size=size, width=size * 30, margin=size))) >= 0.95


@needs_font
def test_small_labels_on_a_large_drawing() -> None:
    picture = Image.new("RGB", (3600, 3400), "white")
    labels = [f"阀门编号 V-{number}" for number in range(200, 208)]
    for number, text in enumerate(labels):
        picture.paste(page([text], size=24, width=300, margin=10), (200 + 370 * number, 300 + 380 * number))
    assert accuracy(labels, lines_of(picture)) >= 0.95


@needs_font
def test_a_long_screenshot_is_read_once_from_top_to_bottom() -> None:
    text = [f"第{number}条记录：仓库温度{15 + number % 9}度" for number in range(40)]
    lines = lines_of(page(text, size=28, width=640, margin=20).resize((640, 4600)))
    assert accuracy(text, lines) >= 0.97
    assert len(lines) == len(text)


@needs_font
def test_a_very_wide_line() -> None:
    text = "每日巡检记录：" + "一号泵正常，二号泵停机检修，" * 9
    assert accuracy([text], lines_of(page([text], size=28, width=4200, margin=20))) >= 0.95


LEFT = ("甲栏写着仓库管理的规定", "出入库须由两人共同登记", "盘点差异在三日内说明", "报废物资经审批后处理")
RIGHT = ("乙栏写着车辆使用的规定", "油卡由行政部统一保管好", "违章罚款由驾驶人承担", "年检保养按季度去安排")


@needs_font
@pytest.mark.parametrize("texts", [(LEFT, RIGHT), (LEFT, RIGHT, TRADITIONAL * 2)], ids=["two", "three"])
def test_columns_are_read_one_after_the_other(texts: tuple[tuple[str, ...], ...]) -> None:
    lines = lines_of(columns(texts, size=22))
    assert accuracy([line for column in texts for line in column], lines) >= 0.95


@needs_font
def test_a_title_above_columns_and_a_note_below_them() -> None:
    title, note = "仓库与车辆管理办法汇编", "以上两栏的内容自七月一日起执行，由行政部负责解释。"
    picture = Image.new("RGB", (1240, 640), "white")
    picture.paste(columns([LEFT, RIGHT]), (0, 100))
    picture.paste(page([title], size=50, width=700, margin=10), (300, 40))
    picture.paste(page([note], size=26, width=1000, margin=10), (70, 530))
    assert accuracy([title, *LEFT, *RIGHT, note], lines_of(picture)) >= 0.95


@needs_font
def test_words_that_stand_apart_are_one_row() -> None:
    picture = page(["姓名　　　　　　部门　　　　　　电话", "周明　　　　　　仓储科　　　　　6021"], width=900)
    assert [line.text for line in lines_of(picture)] == ["姓名 部门 电话", "周明 仓储科 6021"]


@needs_font
def test_cells_of_a_ruled_table_know_their_place() -> None:
    lines = lines_of(ruled_table([["零件", "数量"], ["法兰", "24"], ["垫片", "200"]], (240, 240)))
    assert [(line.text, line.cell and (line.cell.row, line.cell.column)) for line in lines] == [
        ("零件", (0, 0)), ("数量", (0, 1)), ("法兰", (1, 0)), ("24", (1, 1)), ("垫片", (2, 0)), ("200", (2, 1)),
    ]  # fmt: skip


def _textures() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    noise = random.integers(0, 256, (500, 700, 3), dtype=np.uint8)
    cloud = np.asarray(Image.fromarray(noise[:20, :30]).resize((700, 500), Image.Resampling.BICUBIC))
    bars = np.zeros((400, 500, 3), dtype=np.uint8)
    bars[:, ::12] = 200
    bars[::40] = 90
    discs = Image.new("RGB", (600, 400), "#775533")
    for x, y in random.integers(0, 600, (60, 2)):
        ImageDraw.Draw(discs).ellipse((x, y, x + 30, y + 30), fill="#aa8866", outline="#553311")
    blank = np.full((400, 400, 3), 255, np.uint8)
    return {"noise": noise, "cloud": cloud, "bars": bars, "discs": np.asarray(discs), "blank": blank}


@pytest.mark.parametrize("name", ["noise", "cloud", "bars", "discs", "blank"])
def test_textures_hold_no_text(name: str) -> None:
    texture = _textures()[name]
    assert read_lines(texture) == []
    assert picture_text(encoded(Image.fromarray(texture))) == ""


@needs_font
def test_the_text_of_a_picture_within_a_document() -> None:
    text = picture_text(encoded(page(["锅炉房值班表", "", "夜班由李强负责，交接时间是二十二点。"], width=800)))
    assert text == "锅炉房值班表\n夜班由李强负责，交接时间是二十二点。"


@pytest.mark.parametrize(
    "data",
    [
        encoded(label("ok", size=14, width=20, height=20)),
        encoded(label("Gate 7"))[:300],
        b"\x01\0\0\0" + bytes(36) + b" EMF" + bytes(60),
        b"",
        b"no picture at all",
    ],
    ids=["icon", "cut", "emf", "empty", "words"],
)
def test_a_picture_within_a_document_never_fails(data: bytes) -> None:
    assert picture_text(data) == ""


def test_threads_do_not_mix_their_pictures() -> None:
    words = ["Gate seven", "Valve twelve", "Pump thirty", "Boiler forty"] * 2
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda word: [line.text for line in lines_of(label(word))], words))
    assert found == [[word] for word in words]


def test_reading_is_silent_loads_models_late_and_needs_no_network() -> None:
    script = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise OSError('no network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "import ingest.ocr\n"
        "assert not {'rapidocr', 'onnxruntime', 'cv2'} & set(sys.modules)\n"
        "text = ingest.ocr.picture_text(sys.stdin.buffer.read())\n"
        "sys.stdout.write(text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=encoded(label("Gate seven opens at 9")), capture_output=True, check=False
    )
    assert (done.stdout.decode(), done.stderr.decode()) == ("Gate seven opens at 9", "")


def _stream(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)
