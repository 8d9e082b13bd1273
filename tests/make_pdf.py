"""Makes PDFs: columns, tables, forms, scans, broken text layers, of an imaginary factory's papers."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL.Image import Image as Picture

CHINESE = "STSong-Light"
SAFETY = (
    "进入冲压车间必须戴好安全帽和护目镜，长发要收进帽内。开机以前由当班组长逐项检查急停按钮、光栅和双手按钮，"
    "检查结果记在交接班本上。任何一项不合格都不得开机，并在半小时以内报设备科。"
)
STORE = (
    "仓库按先进先出发料，领料单由班组长和仓管员两人签字。化学品单独存放，温度保持在五度到三十度之间，"
    "每天上午九点和下午三点各记录一次。"
)
POWER = "停电以后先断开总闸，再逐台关闭设备的电源开关。恢复供电时由电工确认电压稳定，方可按顺序合闸。"
ENGLISH = (
    "The night shift hands over the measuring instruments before six o'clock and signs the register. "
    "Instruments that show a deviation are locked away and calibrated by the laboratory within two days."
)
ROWS = [
    ["设备", "编号", "保养周期"],
    ["冲压机", "CY-01", "每月"],
    ["空压机", "KY-07", "每季"],
    ["行车", "XC-02", "每年"],
]
WIDTH, HEIGHT = A4


@contextmanager
def document(**options: Any) -> Iterator[tuple[Canvas, io.BytesIO]]:
    """A canvas and the bytes that it becomes once the block ends."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, **({"pagesize": A4} | options))
    yield canvas, buffer
    canvas.save()


def drawn(*pages: Callable[[Canvas], None], **options: Any) -> bytes:
    """A PDF whose pages are drawn by functions; options are those of the canvas."""
    with document(**options) as (canvas, buffer):
        for draw in pages:
            draw(canvas)
            canvas.showPage()
    return buffer.getvalue()


def say(canvas: Canvas, x: float, y: float, text: str, size: float = 11) -> None:
    """One line at a place, from the lower left corner."""
    canvas.setFont("Helvetica" if text.isascii() else CHINESE, size)
    canvas.drawString(x, y, text)


def lines_of(text: str, width: float, size: float = 11) -> list[str]:
    """A text, broken where it does not fit."""
    if text.isascii():
        from reportlab.lib.utils import simpleSplit

        return list(simpleSplit(text, "Helvetica", size, width))
    count = int(width / size)
    return [text[i : i + count] for i in range(0, len(text), count)]


def flow(canvas: Canvas, text: str, *, x: float = 70, y: float = 760, width: float = 440, size: float = 11) -> float:
    """A paragraph; returns where the next one begins."""
    for line in lines_of(text, width, size):
        say(canvas, x, y, line, size)
        y -= 1.4 * size
    return y - 0.6 * size


def side_by_side(canvas: Canvas, texts: Sequence[str], *, y: float = 700, gap: float = 24, size: float = 10) -> None:
    """Columns, written line by line across them, as some programs do."""
    width = (WIDTH - 120 - gap * (len(texts) - 1)) / len(texts)
    columns = [lines_of(text, width, size) for text in texts]
    for row in range(max(map(len, columns))):
        for number, column in enumerate(columns):
            if row < len(column):
                say(canvas, 60 + number * (width + gap), y - row * 1.4 * size, column[row], size)


def ruled(
    canvas: Canvas,
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float] = (120, 120, 120),
    y: float = 700,
    tall: float = 24,
    spans: Sequence[tuple[int, int, int, int]] = (),
) -> None:
    """A table with rules; a span is a row, a column, and how many rows and columns it covers."""
    hidden = {(r + i, c + j): (r, c) for r, c, h, w in spans for i in range(h) for j in range(w)}
    covers = {(r, c): (h, w) for r, c, h, w in spans}
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if hidden.get((r, c), (r, c)) == (r, c):
                h, w = covers.get((r, c), (1, 1))
                left, top = 70 + sum(widths[:c]), y - r * tall
                canvas.rect(left, top - h * tall, sum(widths[c : c + w]), h * tall, stroke=1, fill=0)
                say(canvas, left + 6, top - h * tall / 2 - 4, text, 10)


def scan(*pictures: Picture) -> bytes:
    """A PDF of pictures, as a scanner makes it."""
    buffer = io.BytesIO()
    pictures[0].save(buffer, "PDF", save_all=True, append_images=list(pictures[1:]), resolution=150)
    return buffer.getvalue()


def picture_on(canvas: Canvas, picture: Picture, x: float, y: float, width: float) -> None:
    """A picture at a place."""
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(picture), x, y, width, width * picture.height / picture.width)


def without_map(text: str, mapping: Callable[[str], str]) -> bytes:
    """A page whose letters look right and are named wrongly: its font maps each to ``mapping`` of it.

    Written by hand: a Type 3 font whose glyphs are boxes is enough for a text layer.
    """
    letters = list(dict.fromkeys(text))
    if len(letters) > 90:
        raise ValueError("at most 90 different letters")
    codes = {letter: 0x21 + i for i, letter in enumerate(letters)}
    names = " ".join(f"/g{i}" for i in range(len(letters)))
    glyphs = " ".join(f"/g{i} 6 0 R" for i in range(len(letters)))
    mapped = "\n".join(
        f"<{codes[letter]:02X}> <{mapping(letter).encode('utf-16-be').hex().upper()}>" for letter in letters
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{mapped}\nendbfchar endcmap end end"
    )
    shown = []
    for number, line in enumerate(lines_of(text, 420, 12)):
        hexes = "".join(f"{codes[letter]:02X}" for letter in line)
        shown.append(f"BT /F1 12 Tf 10 {90 - number * 18} Td <{hexes}> Tj ET")
    return assembled([
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 440 110] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        stream("\n".join(shown)),
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 33"
        f" /LastChar {32 + len(letters)} /Widths [{' '.join(['1000'] * len(letters))}]"
        f" /Encoding << /Type /Encoding /Differences [33 {names}] >> /CharProcs << {glyphs} >> /ToUnicode 7 0 R >>",
        stream("1000 0 0 0 900 900 d1 100 100 700 700 re f"),
        stream(cmap),
    ])  # fmt: skip


def stream(content: str) -> str:
    """The body of a stream object."""
    return f"<< /Length {len(content.encode('latin-1'))} >>\nstream\n{content}\nendstream"


def assembled(objects: Sequence[str]) -> bytes:
    """A PDF of these objects, the first one its catalog."""
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def pages_only(count: int) -> bytes:
    """A PDF of so many pages without content."""
    kids = " ".join(f"{number} 0 R" for number in range(3, count + 3))
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    catalog = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>"]
    return assembled([*catalog, *[page] * count])
