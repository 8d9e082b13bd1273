"""``winmail.dat``: the files that Outlook packed, in a mail and by itself."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.mail import read_mail
from ingest.parsers.tnef import SIGNATURE, read_tnef, unpack_tnef
from kb_app.errors import DocumentError
from tests.fuzzing import survive
from tests.make_mail import eml

if TYPE_CHECKING:
    from pathlib import Path

NOTE = "会议室钥匙在前台，用毕归还。".encode("gb18030")
TITLE, DATA, FILE, NEXT, BODY, MESSAGE = 0x18010, 0x6800F, 0x69005, 0x69002, 0x2800C, 0x69003


def attribute(kind: int, value: bytes) -> bytes:
    level = 1 if kind in (BODY, MESSAGE) else 2
    return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def tnef(*attributes: bytes) -> bytes:
    code_page = attribute(0x69007, struct.pack("<II", 936, 0))
    return SIGNATURE + b"\x01\x00" + code_page + b"".join(attributes)


def file(name: bytes, data: bytes, *more: bytes) -> bytes:
    return attribute(NEXT, bytes(14)) + attribute(TITLE, name + b"\0") + attribute(DATA, data) + b"".join(more)


def properties(*entries: bytes) -> bytes:
    return struct.pack("<I", len(entries)) + b"".join(entries)


def wide(number: int, text: str) -> bytes:
    data = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HHII", 0x1F, number, 1, len(data)) + data + bytes(-len(data) % 4)


def named(text: str) -> bytes:
    """A property with a name of its own, as Outlook writes before others."""
    name = text.encode("utf-16-le") + b"\0\0"
    head = struct.pack("<HH", 0x03, 0x8001) + bytes(16) + struct.pack("<II", 1, len(name))
    return head + name + bytes(-len(name) % 4) + struct.pack("<I", 7)


def binary(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<HHII", kind, number, 1, len(data)) + data + bytes(-len(data) % 4)


def packed(data: bytes, name: str = "winmail.dat", kind: str = "application/ms-tnef") -> str:
    encoded = base64.encodebytes(data).decode()
    return f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n\n{encoded}'


def test_files_in_a_winmail_of_a_mail() -> None:
    data = tnef(file("须知.txt".encode("gb18030"), NOTE), file(b"b.csv", b"a,b\n1,2\n"))
    mail = read_mail(eml("Content-Type: text/plain; charset=utf-8\n\n请看附件。", packed(data)).encode())
    assert [(one.name, one.data) for one in mail.attachments] == [("须知.txt", NOTE), ("b.csv", b"a,b\n1,2\n")]
    assert mail.elements[-1].text == "请看附件。"


def test_it_is_known_whatever_it_is_called() -> None:
    mail = read_mail(eml(packed(tnef(file(b"a.txt", NOTE)), "ATT00001.dat", "application/octet-stream")).encode())
    assert [one.name for one in mail.attachments] == ["a.txt"]


def test_the_long_name_and_the_text_of_a_mail_that_has_no_other() -> None:
    long = attribute(FILE, properties(named("排序"), wide(0x3707, "一号会议室使用须知（修订）.txt")))
    html = "<p>周五试行新的会议室办法。</p>".encode()
    message = attribute(MESSAGE, properties(named("来源"), binary(0x1013, 0x102, html)))
    mail = read_mail(eml(packed(tnef(message, file(b"YIHAO~1.TXT", NOTE, long)))).encode())
    assert [one.name for one in mail.attachments] == ["一号会议室使用须知（修订）.txt"]
    assert mail.elements[-1].text == "周五试行新的会议室办法。"


def test_a_mail_within_it() -> None:
    inner = tnef(attribute(BODY, "转来的原件见附件。".encode("gb18030") + b"\0"), file(b"a.txt", NOTE))
    within = attribute(FILE, properties(binary(0x3701, 0x0D, bytes(16) + inner)))
    outer = unpack_tnef(tnef(attribute(NEXT, bytes(14)), attribute(TITLE, "转发".encode("gb18030")), within))
    (mail,) = outer.files
    assert mail.name == "转发"
    parsed = read_tnef(mail.data)
    assert [element.text for element in parsed.elements] == ["转来的原件见附件。"]
    assert [one.data for one in parsed.attachments] == [NOTE]


def test_one_that_lies_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "winmail.dat").write_bytes(tnef(file(b"..\\..\\a.txt", NOTE)))
    (member,) = parse_file(tmp_path / "winmail.dat", scratch=tmp_path / "within").members
    assert (member.name, member.path.read_bytes()) == ("a.txt", NOTE)


def test_one_that_is_cut_keeps_what_was_whole(tmp_path: Path) -> None:
    data = tnef(file(b"a.txt", NOTE), file(b"b.txt", NOTE))
    mail = read_mail(eml(packed(data[:-10])).encode())
    assert [one.name for one in mail.attachments] == ["a.txt"]
    (tmp_path / "winmail.dat").write_bytes(data[:30])
    with pytest.raises(DocumentError, match="no text found"):
        parse_file(tmp_path / "winmail.dat", scratch=tmp_path / "within")
    with pytest.raises(DocumentError, match="ask the sender"):
        read_tnef(b"no such thing")


def test_mutated_files_never_crash_the_reader(tmp_path: Path) -> None:
    message = attribute(MESSAGE, properties(named("来源"), wide(0x1000, "正文")))
    long = attribute(FILE, properties(named("排序"), wide(0x3707, "须知.txt")))
    (tmp_path / "a.dat").write_bytes(tnef(message, file(b"a.txt", NOTE, long)))
    assert survive("tnef:read_tnef", tmp_path / "a.dat") > 0
