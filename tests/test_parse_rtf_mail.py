"""Mails whose text Outlook keeps as packed RTF, made of HTML or written as such."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.mail import read_msg
from ingest.parsers.rtf_mail import html_within, unpack_rtf
from kb_app.errors import DocumentError
from tests import fuzzing
from tests.make_mail import attachment, compound, message

if TYPE_CHECKING:
    from pathlib import Path

_START = 207
"""Bytes that the window holds before the first one."""


def escaped(text: str) -> str:
    return "".join(ch if ch.isascii() else "".join(f"\\'{byte:02x}" for byte in ch.encode("gbk")) for ch in text)


def pack(rtf: bytes) -> bytes:
    """Pack as Outlook does: eight tokens behind a byte of flags, each a byte or a place in the window with a length."""
    items: list[bytes | tuple[int, int]] = []
    at = 0
    while at < len(rtf):
        length = next(
            (n for n in range(17, 1, -1) if len(rtf) - at >= n and rtf.rfind(rtf[at : at + n], 0, at) >= 0), 1
        )
        found = rtf.rfind(rtf[at : at + length], max(0, at - 4000), at) if length > 1 else -1
        length = length if found >= 0 else 1
        items.append(((found + _START) % 4096, length) if found >= 0 else rtf[at : at + 1])
        at += length
    items.append(((len(rtf) + _START) % 4096, 2))
    body = b""
    for first in range(0, len(items), 8):
        group = items[first : first + 8]
        body += bytes([sum(1 << i for i, item in enumerate(group) if isinstance(item, tuple))])
        for item in group:
            body += struct.pack(">H", item[0] << 4 | item[1] - 2) if isinstance(item, tuple) else item
    return struct.pack("<IIII", len(body) + 12, len(rtf), 0x75465A4C, 0) + body


def mail(rtf: str, **texts: str) -> bytes:
    properties: dict[int, str | bytes] = {0x0037: "巡检通知", **({0x1000: texts["plain"]} if texts else {})}
    storage = message(properties)
    storage.streams["__substg1.0_10090102"] = pack(rtf.encode("ascii"))
    return compound(storage)


HEAD = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}{\f1\fswiss\fcharset0 Arial;}}"
WRITTEN = HEAD + rf"\pard\f0 {escaped('锅炉房每两小时巡检一次。')}\par {escaped('记录交动力科。')}\par" + "}"
MADE_OF_HTML = (
    HEAD.replace(r"\deff0", r"\fromhtml1 \deff0")
    + r"{\*\generator X;}{\*\htmltag19 <html>}{\*\htmltag50 <body>}"
    + r"{\*\htmltag64 <p class=\'22a\'22>}\htmlrtf {\f0\htmlrtf0 "
    + escaped("压力")
    + r"{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 0.4 MPa \u8451?\htmlrtf\par}\htmlrtf0 "
    + r"{\*\htmltag72 </p>}{\*\mhtmltag64 <p>}"
    + r"{\*\htmltag <table><tr><td>}"
    + escaped("设备")
    + r"{\*\htmltag </td><td>}"
    + escaped("结果")
    + r"{\*\htmltag </td></tr><tr><td>}"
    + escaped("二号泵")
    + r"{\*\htmltag </td><td>}\{"
    + escaped("漏油")
    + r"\}{\*\htmltag </td></tr></table>}{\*\htmltag58 </body>}{\*\htmltag27 </html>}}"
)


@pytest.mark.parametrize("times", [1, 40, 400])
def test_unpack(times: int) -> None:
    rtf = (
        "{\\rtf1 "
        + "abcabcabc 0123456789 " * times
        + "".join(chr(33 + i % 90) for i in range(9000 * (times > 40)))
        + "}"
    ).encode()
    assert unpack_rtf(pack(rtf)) == rtf


def test_a_reference_to_what_the_window_holds_at_first() -> None:
    tokens = struct.pack(">HcH", 6 - 2, b"}", (_START + 7) << 4)
    assert unpack_rtf(struct.pack("<IIII", 18, 7, 0x75465A4C, 0) + b"\x05" + tokens) == b"{\\rtf1}"


def test_stored_without_packing() -> None:
    assert unpack_rtf(struct.pack("<IIII", 19, 7, 0x414C454D, 0) + b"{\\rtf1}") == b"{\\rtf1}"
    assert unpack_rtf(b"") == b""


@pytest.mark.parametrize(
    ("data", "reason"),
    [(pack(WRITTEN.encode())[:90], "truncated"), (struct.pack("<IIII", 20, 8, 1, 0) + b"x" * 8, "unknown way")],
)
def test_what_cannot_be_unpacked_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        unpack_rtf(data)


def test_a_mail_that_was_written_as_rtf() -> None:
    parsed = read_msg(mail(WRITTEN))
    assert [element.text for element in parsed.elements] == ["巡检通知", "锅炉房每两小时巡检一次。", "记录交动力科。"]


def test_html_within_rtf() -> None:
    assert html_within(MADE_OF_HTML.encode()).startswith('<html><body><p class="a">压力&lt;0.4 MPa ℃</p><table>')
    assert html_within(WRITTEN.encode()) == ""


def test_a_mail_whose_html_is_within_rtf_keeps_its_table() -> None:
    parsed = read_msg(mail(MADE_OF_HTML, plain="压力<0.4 MPa ℃\n设备\n结果\n二号泵\n{漏油}"))
    *_, text, table = parsed.elements
    assert text.text == "压力<0.4 MPa ℃"
    assert table.text.split("\n")[::2] == ["| 设备 | 结果 |", "| 二号泵 | {漏油} |"]


def test_plain_text_serves_where_the_rtf_is_broken() -> None:
    storage = message({0x0037: "巡检通知", 0x1000: "改为每小时巡检。"})
    storage.streams["__substg1.0_10090102"] = pack(WRITTEN.encode())[:60]
    assert read_msg(compound(storage)).elements[-1].text == "改为每小时巡检。"


def test_a_mail_within_a_mail(tmp_path: Path) -> None:
    inner = message({0x0037: "原件"}, header=24)
    inner.streams["__substg1.0_10090102"] = pack(WRITTEN.encode())
    path = tmp_path / "a.msg"
    path.write_bytes(compound(message({0x0037: "转发", 0x1000: "见附件。"}, attachments=(attachment("原件", inner),))))
    (member,) = parse_file(path, scratch=tmp_path / "scratch").members
    assert parse_file(member.path, name=member.name).elements[-1].text == "记录交动力科。"


def test_mutated(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(mail(MADE_OF_HTML))
    fuzzing.survive("mail:read_msg", path)
