"""Pictures as documents: every format, every kind of bad input."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ingest import pulse
from ingest.parse import parse_file
from ingest.parsers.picture import MAX_PAGES, read_picture
from kb_app.errors import DocumentError
from tests.make_pictures import encoded, label, needs_font, page

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import ParsedDocument

TEXT = "Gate seven opens at nine"
KINDS = {"png": "PNG", "jpg": "JPEG", "bmp": "BMP", "tiff": "TIFF", "webp": "WEBP", "gif": "GIF"}


def text_of(parsed: ParsedDocument) -> str:
    return "\n".join(element.text for element in parsed.elements)


def refused(data: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_picture(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", KINDS)
def test_every_format_is_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"scan.{suffix}"
    path.write_bytes(encoded(label(TEXT), KINDS[suffix]))
    parsed = parse_file(path)
    assert text_of(parsed) == TEXT
    assert (parsed.pages, parsed.ocr, parsed.title) == (1, {1: "图片 picture"}, TEXT)
    assert parsed.elements[0].page == 1
    left, top, right, bottom = parsed.elements[0].lines[0].box
    assert (left, top, right, bottom) == pytest.approx((0.04, 0.25, 0.82, 0.66), abs=0.1)


@needs_font
@pytest.mark.parametrize("suffix", KINDS)
def test_every_format_is_read_in_chinese(suffix: str) -> None:
    parsed = read_picture(encoded(page(["第三车间安全须知", "", "进入车间须戴安全帽。"], width=700), KINDS[suffix]))
    assert [element.text for element in parsed.elements] == ["第三车间安全须知", "进入车间须戴安全帽。"]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "RGBA", "I;16"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    picture = label(TEXT)
    if mode in ("LA", "RGBA"):
        letters = picture.convert("L").point(lambda value: 255 - value)
        layer = Image.new(mode, picture.size)
        layer.putalpha(letters)
        picture = layer
    elif mode == "I;16":
        picture = picture.convert("L").convert("I").point(lambda value: value * 20 + 900).convert("I;16")
    else:
        picture = picture.convert(mode)
    assert text_of(read_picture(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"))) == TEXT


@pytest.mark.parametrize(("orientation", "degrees"), [(1, 0), (3, 180), (6, 90), (8, 270)])
def test_boxes_are_places_in_the_picture_as_the_camera_held_it(orientation: int, degrees: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    parsed = read_picture(encoded(label(TEXT).rotate(degrees, expand=True), "JPEG", exif=exif))
    left, top, right, _ = parsed.elements[0].lines[0].box
    assert text_of(parsed) == TEXT
    assert right - left > 0.6
    assert left < 0.1
    assert top < 0.5


def test_date_and_author_come_from_the_tags() -> None:
    exif = Image.Exif()
    exif[306], exif[315] = "2023:05:17 08:30:00", "Zhou Ming"
    assert read_picture(encoded(label(TEXT), "JPEG", exif=exif)).metadata == {
        "date": "2023-05-17",
        "author": "Zhou Ming",
    }
    taken = Image.Exif()
    taken.get_ifd(34665)[36867] = "2021:01:02 03:04:05"
    assert read_picture(encoded(label(TEXT), "JPEG", exif=taken)).metadata == {"date": "2021-01-02"}
    assert read_picture(encoded(label(TEXT))).metadata == {}


def test_pages_of_a_tiff_are_pages_and_each_gives_a_sign_of_life() -> None:
    pages = [label("First page"), Image.new("RGB", (400, 90), "white"), label("Third page")]
    beats: list[tuple[int, int]] = []
    pulse.listen(lambda done, total: beats.append((done, total)))
    parsed = read_picture(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [(element.text, element.page) for element in parsed.elements] == [("First page", 1), ("Third page", 3)]
    assert (parsed.pages, sorted(parsed.ocr)) == (3, [1, 2, 3])
    assert {(1, 3), (2, 3), (3, 3)} <= set(beats)


def test_of_a_moving_picture_the_first_frame_is_read() -> None:
    frames = [label("First frame"), label("Second frame")]
    for kind in ("GIF", "WEBP", "PNG"):
        parsed = read_picture(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert (text_of(parsed), parsed.pages) == ("First frame", 1)


def test_no_text_is_an_error_that_tells_the_size() -> None:
    assert refused(encoded(Image.new("RGB", (640, 480), "white"))) == (
        "no text found in it (picture of 640 x 480 pixels); nothing to search for"
    )


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_that_is_cut_off_is_an_error(suffix: str) -> None:
    picture = Image.effect_noise((400, 300), 80).convert("RGB")
    data = encoded(picture, KINDS[suffix])
    assert refused(data[: len(data) // 3]).endswith("is it broken or cut off?")


def test_a_page_that_is_broken_is_named() -> None:
    pages = [label("First page"), Image.effect_noise((400, 300), 80).convert("RGB")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    broken = bytearray(data)
    middle = len(data) - 60_000
    broken[middle : middle + 20_000] = bytes(20_000)
    assert refused(bytes(broken)).startswith("page 2: cannot be read as picture (")


@pytest.mark.parametrize("data", [b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(40), "这不是图片".encode()])
def test_what_is_no_picture_is_an_error(data: bytes) -> None:
    assert refused(data) == "cannot be read as picture (unknown format); is it broken or cut off?"


@pytest.mark.parametrize(("width", "height"), [(20_000, 10_000), (12_000, 9_000)])
def test_a_huge_picture_is_refused_without_being_decoded(width: int, height: int) -> None:
    data = encoded(Image.new("1", (width, height)))
    assert len(data) < 100_000
    found = f"{width:,} x {height:,}" if width * height < 170_000_000 else "more than 178,956,970"
    assert refused(data) == f"picture of {found} pixels, over the bound of 100,000,000; save it in a smaller size"


def test_too_many_pages_are_refused() -> None:
    dot = Image.new("1", (1, 1))
    data = encoded(dot, "TIFF", save_all=True, append_images=[dot] * MAX_PAGES)
    assert refused(data) == f"{MAX_PAGES + 1:,} pages, over the bound of {MAX_PAGES:,}; split the file"


_FUZZ = """
import random, re, sys
from kb_app.errors import DocumentError
from ingest.parsers.picture import read_picture

chance = random.Random(20)
samples = [open(name, "rb").read() for name in sys.argv[1:]]
read = failed = 0
for number in range(500):
    data = bytearray(samples[number % len(samples)])
    for _ in range(chance.choice((1, 3, 10))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    try:
        read_picture(bytes(data))
        read += 1
    except DocumentError as error:
        assert "\\n" not in str(error)
        failed += 1
# What getrusage tells begins with the memory of the process that started this one.
peak = re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())
print(read, failed, int(peak[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")
def test_mutated_pictures_give_an_error_or_a_result(tmp_path: Path) -> None:
    names = []
    for suffix, kind in KINDS.items():
        path = tmp_path / f"small.{suffix}"
        path.write_bytes(encoded(label("Gate 7", size=16, width=90, height=40), kind))
        names.append(str(path))
    done = subprocess.run([sys.executable, "-c", _FUZZ, *names], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    read, failed, megabytes = map(int, done.stdout.split())
    assert min(read, failed) > 50
    assert megabytes < 1024
