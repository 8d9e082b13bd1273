"""Mail in every form: fields, bodies, attachments, mails within mails, mailboxes."""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers import unpacking
from ingest.parsers.mail import read_mail, read_msg
from kb_app.errors import DocumentError
from tests import fuzzing, make_files
from tests.make_mail import Storage, attachment, compound, eml, message

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import Member, ParsedDocument

PLAIN = "Content-Type: text/plain; charset=utf-8\n\n例会改到三楼会议室。"
FILE = "Content-Type: application/pdf{type}\nContent-Disposition: attachment{disposition}\n\n%PDF"
SENT = int((dt.datetime(2026, 3, 3, tzinfo=dt.UTC) - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 10**7


def read(mail: str | bytes) -> ParsedDocument:
    return read_mail(mail.encode() if isinstance(mail, str) else mail)


def texts(parsed: ParsedDocument) -> list[str]:
    return [element.text for element in parsed.elements]


def mailbox(path: Path, *mails: str) -> Path:
    path.write_bytes(b"".join(b"From a@example.com Tue Mar  3 09:00:00 2026\n" + m.encode() + b"\n\n" for m in mails))
    return path


def unpack(path: Path) -> tuple[Member, ...]:
    return parse_file(path, scratch=path.parent / "scratch").members


def test_fields() -> None:
    parsed = read(eml(PLAIN))
    assert parsed.title == "季度例会"
    assert parsed.metadata == {
        "subject": "季度例会",
        "from": "王芳 <wang@example.com>",
        "to": "all@example.com",
        "cc": "li@example.com",
        "date": "2026-03-03",
    }
    assert "Date: Tue, 3 Mar 2026 23:30:00 +0800" in texts(parsed)[1]
    assert texts(parsed)[-1] == "例会改到三楼会议室。"


@pytest.mark.parametrize("date", ["昨天", "Tue, 99 Mar 2026", "", "0"])
def test_a_date_that_is_none(date: str) -> None:
    assert "date" not in read(eml(PLAIN).replace("Tue, 3 Mar 2026 23:30:00 +0800", date)).metadata


def test_a_subject_cut_within_a_character() -> None:
    """Some programs break the line wherever it is full."""
    raw = "关于调整夏季作息时间的通知".encode("gb18030")
    words = [f"=?gb2312?B?{base64.b64encode(piece).decode()}?=" for piece in (raw[:9], raw[9:])]
    assert read(eml(PLAIN, subject="\n ".join(words))).title == "关于调整夏季作息时间的通知"


@pytest.mark.parametrize(
    "charset", ["", "; charset=us-ascii", "; charset=utf-8", "; charset=x-unknown", "; charset=gb2312"]
)
def test_a_body_whose_charset_is_missing_or_wrong(charset: str) -> None:
    mail = eml(f"Content-Type: text/plain{charset}\n\n@@", subject="test").encode()
    parsed = read(mail.replace(b"@@", "春节放假八天，朱镕基路办事处值班。".encode("gb18030")))
    assert texts(parsed)[-1] == "春节放假八天，朱镕基路办事处值班。"


def test_html_in_the_charset_of_its_meta_tag() -> None:
    html = '<html><head><meta charset="gb2312"></head><body><p>会议纪要见附件</p></body></html>'.encode("gbk")
    mail = eml(f"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(html).decode()}")
    assert texts(read(mail))[-1] == "会议纪要见附件"


def test_the_better_of_two_forms() -> None:
    inner = (
        'Content-Type: multipart/alternative; boundary="b2"\n\n'
        "--b2\nContent-Type: text/plain; charset=utf-8\n\n纯文本\n"
        "--b2\nContent-Type: text/html; charset=utf-8\n\n{}\n--b2--"
    )
    table = "<table><tr><th>日期</th><th>地点</th></tr><tr><td>三月</td><td>礼堂</td></tr></table>"
    parsed = read(eml(inner.format(table)))
    assert parsed.elements[-1].kind == "table"
    assert "纯文本" not in "".join(texts(parsed))
    assert texts(read(eml(inner.format("<style>p {}</style>"))))[-1] == "纯文本"


def test_texts_around_a_picture_are_all_read() -> None:
    data = base64.b64encode(bytes(3000)).decode()
    picture = f'Content-Type: image/png; name="平面图.png"\nContent-Transfer-Encoding: base64\n\n{data}'
    tiny = 'Content-Type: image/gif; name="点.gif"\nContent-Disposition: inline\n\nGIF89a'
    parsed = read(eml(PLAIN, picture, tiny, PLAIN.replace("例会", "茶会")))
    assert texts(parsed)[-2:] == ["例会改到三楼会议室。", "茶会改到三楼会议室。"]
    assert [file.name for file in parsed.attachments] == ["平面图.png"]


@pytest.mark.parametrize(
    ("kind", "disposition"),
    [
        ("", "; filename*=utf-8''%E5%B7%A5%E8%B5%84%E8%A1%A8.pdf"),
        ("", "; filename*0*=utf-8''%E5%B7%A5%E8%B5%84;\n filename*1*=%E8%A1%A8.pdf"),
        ("", "; filename*=gb2312''%B9%A4%D7%CA%B1%ED.pdf"),
        ("", '; filename="=?utf-8?B?5bel6LWE6KGoLnBkZg==?="'),
        ("", '; filename="=?gb2312?Q?=B9=A4=D7=CA=B1=ED?=.pdf"'),
        ('; name="=?utf-8?B?5bel6LWE6KGoLnBkZg==?="', ""),
        ("", '; filename="工资表.pdf"'),
        ("", '; filename="..\\\\..\\\\/tmp/工资表.pdf"'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_of_attachments(kind: str, disposition: str, encoding: str) -> None:
    mail = eml("Content-Type: text/plain\n\nok", FILE.format(type=kind, disposition=disposition), subject="test")
    (file,) = read(mail.encode(encoding)).attachments
    assert file.name == "工资表.pdf"
    assert file.data.startswith(b"%PDF")


def test_a_mail_within_a_mail_and_within_that_another() -> None:
    innermost = eml(PLAIN, subject="最初的通知", boundary="b3")
    middle = eml(f"Content-Type: message/rfc822\n\n{innermost}", subject="转发: 通知/一", boundary="b2")
    (first,) = read(eml(f"Content-Type: message/rfc822\n\n{middle}")).attachments
    assert first.name == "转发 通知 一.eml"
    (second,) = read_mail(first.data).attachments
    assert second.name == "最初的通知.eml"
    assert texts(read_mail(second.data))[-1] == "例会改到三楼会议室。"


def test_a_forwarded_mail_keeps_its_bytes() -> None:
    inner = eml("Content-Type: text/plain; charset=gb2312\n\n@@", boundary="b2", subject="test").encode()
    outer = eml("Content-Type: message/rfc822\n\n##").encode().replace(b"##", inner)
    (file,) = read_mail(outer.replace(b"@@", "值班表".encode("gbk"))).attachments
    assert texts(read_mail(file.data))[-1] == "值班表"


def test_attachments_come_out_as_files(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text(eml(PLAIN, FILE.format(type="", disposition='; filename="a.pdf"')), encoding="utf-8")
    (member,) = unpack(path)
    assert (member.name, member.path.read_bytes().strip()) == ("a.pdf", b"%PDF")


def test_text_that_is_no_mail(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="not a mail"):
        read("这只是一段文字。")


def test_mailbox(tmp_path: Path) -> None:
    second = eml(
        "Content-Type: text/plain; charset=utf-8\n\n各位：\n\n>From 起点到终点\nFrom here on", subject="路线/图"
    )
    path = mailbox(tmp_path / "a.mbox", eml(PLAIN), second, "From: x@example.com\n\n无主题")
    members = unpack(path)
    assert [member.name for member in members] == ["0001 季度例会.eml", "0002 路线 图.eml", "0003.eml"]
    assert texts(parse_file(members[0].path, name="a.eml"))[-1] == "例会改到三楼会议室。"
    assert "From 起点到终点\nFrom here on" in texts(parse_file(members[1].path, name="a.eml"))
    assert members[2].path.read_bytes().decode().strip().endswith("无主题")


def test_a_mailbox_with_windows_line_ends(tmp_path: Path) -> None:
    path = mailbox(tmp_path / "a.mbox", eml(PLAIN), eml(PLAIN))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(unpack(path)) == 2


def test_no_mailbox_and_too_large_a_mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mbox"
    path.write_text(eml(PLAIN), encoding="utf-8")
    with pytest.raises(DocumentError, match="not a mailbox"):
        unpack(path)
    monkeypatch.setattr(unpacking, "MAX_MEMBERS", 2)
    with pytest.raises(DocumentError, match="more than 2 files"):
        parse_file(mailbox(path, *[eml(PLAIN)] * 3), scratch=tmp_path / "other")


def outlook() -> Storage:
    inner = message({0x0037: "原始通知", 0x1000: "请各车间上报设备清单。"}, sent=SENT, header=24,
                    attachments=(attachment("清单.txt", "车床三台".encode() * 9),))  # fmt: skip
    return message(
        {0x0037: "转发：设备清单", 0x0C1A: "周到", 0x5D01: "zhou@example.com", 0x1000: "见附件。\r\n\r\n下周一截止。"},
        sent=SENT,
        recipients=(("设备科", "sbk@example.com", 1), ("厂办", "/O=FACTORY/CN=CB", 2)),
        attachments=(attachment("说明书.pdf", b"%PDF" + bytes(5000)), attachment("原始通知", inner)),
    )


def test_outlook(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(compound(outlook()))
    parsed = parse_file(path, scratch=tmp_path / "scratch")
    assert parsed.title == "转发：设备清单"
    assert parsed.metadata == {
        "subject": "转发：设备清单",
        "from": "周到 <zhou@example.com>",
        "to": "设备科 <sbk@example.com>",
        "cc": "厂办",
        "date": "2026-03-03",
    }
    assert texts(parsed)[-2:] == ["见附件。", "下周一截止。"]
    assert [member.name for member in parsed.members] == ["说明书.pdf", "原始通知.eml"]
    inner = parse_file(parsed.members[1].path, name="a.eml", scratch=tmp_path / "inner")
    assert texts(inner)[-1] == "请各车间上报设备清单。"
    assert [member.name for member in inner.members] == ["清单.txt"]


def test_outlook_of_old_without_a_code_page() -> None:
    old = message({0x0037: "关于防汛值班的通知".encode("gbk"), 0x1000: "各科室轮流值班，不得离岗。".encode("gbk")})
    parsed = read_msg(compound(old))
    assert parsed.title == "关于防汛值班的通知"
    assert texts(parsed)[-1] == "各科室轮流值班，不得离岗。"


def test_outlook_html() -> None:
    html = '<html><head><meta charset="gb2312"></head><body><h1>简报</h1><p>产量上升。</p></body></html>'.encode("gbk")
    parsed = read_msg(compound(message({0x0037: "简报", 0x1013: html})))
    assert texts(parsed)[-1] == "产量上升。"


def test_outlook_cut_off() -> None:
    with pytest.raises(DocumentError, match="broken or truncated"):
        read_msg(compound(outlook())[:2000])


@pytest.mark.parametrize("name", ["a.eml", "a.msg", "a.mbox"])
def test_mutated(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.msg":
        path.write_bytes(compound(outlook()))
    elif name == "a.mbox":
        mailbox(path, eml(PLAIN), eml(PLAIN))
    else:
        path.write_bytes(make_files.mail(html=True, charset="gb18030"))
    fuzzing.survive({"a.eml": "mail:read_mail", "a.msg": "mail:read_msg", "a.mbox": "mail:unpack_mbox"}[name], path)
