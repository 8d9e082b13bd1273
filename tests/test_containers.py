"""Archives and mails in a folder: what is in them becomes documents of their own, and follows the file over time."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from ingest.containers import MAX_DEPTH
from kb_app.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kb_app import KnowledgeBase

LEAVE = "员工入职满一年后每年有七天年假，当年没有休完的可以顺延到次年三月底。"
HOTEL = "出差到一线城市的住宿费每晚不超过六百元，超出部分由本人承担。"
BONUS = "年终奖按考核等级发放，优秀为两个月工资，合格为一个月工资。"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "制度.zip").write_bytes(zipped({"人事/年假.txt": LEAVE, "住宿.txt": HOTEL}))
    return folder


def test_members_are_documents_below_the_archives_name(kb: KnowledgeBase, docs: Path) -> None:
    report = sync([docs], kb)
    assert report.added == ["制度.zip", "制度.zip/人事/年假.txt", "制度.zip/住宿.txt"]
    assert report.chunks == 2
    assert kb.search("年假有几天")[0].source == "制度.zip/人事/年假.txt"
    assert [p.source for p in kb.search("年假", where={"folder": "人事"})] == ["制度.zip/人事/年假.txt"]
    again = sync([docs], kb)
    assert (again.unchanged, again.files) == (report.added, [])
    assert not list(kb.folder.glob("unpacked*"))


def test_of_a_changed_archive_only_what_changed_is_read(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    (docs / "制度.zip").write_bytes(zipped({"人事/年假.txt": LEAVE, "奖金.txt": BONUS}))
    report = sync([docs], kb)
    assert (report.added, report.updated) == (["制度.zip/奖金.txt"], ["制度.zip"])
    assert (report.unchanged, report.removed) == (["制度.zip/人事/年假.txt"], ["制度.zip/住宿.txt"])
    assert report.embedded == 1
    assert all("住宿" not in passage.text for passage in kb.search("住宿费上限"))


def test_a_renamed_archive_takes_its_members_along(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    (docs / "制度.zip").rename(docs / "旧制度.zip")
    report = sync([docs], kb, prune=True)
    assert report.renamed == ["旧制度.zip", "旧制度.zip/人事/年假.txt", "旧制度.zip/住宿.txt"]
    assert (report.embedded, report.removed) == (0, [])
    assert kb.search("年假有几天")[0].source == "旧制度.zip/人事/年假.txt"


def test_what_is_gone_or_removed_goes_with_all_that_is_in_it(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    kb.remove("制度.zip/住宿.txt")
    assert len(kb.documents()) == 2
    kb.remove("制度.zip")
    assert kb.documents() == []
    sync([docs], kb)
    (docs / "制度.zip").unlink()
    assert len(sync([docs], kb, prune=True).removed) == 3
    with pytest.raises(NotFoundError):
        kb.remove("制度.zip")


def test_a_member_that_cannot_be_read_fails_alone_and_is_tried_again(kb: KnowledgeBase, docs: Path) -> None:
    (docs / "制度.zip").write_bytes(zipped({"年假.txt": LEAVE, "坏.docx": b"PK\x03\x04 cut off", "空.txt": ""}))
    report = sync([docs], kb)
    assert report.added == ["制度.zip", "制度.zip/年假.txt"]
    assert report.failed == ["制度.zip/坏.docx", "制度.zip/空.txt"]
    again = sync([docs], kb)
    assert (again.failed, again.unchanged, again.embedded) == (report.failed, ["制度.zip/年假.txt"], 0)


def test_archives_within_archives_are_opened_to_a_depth(kb: KnowledgeBase, docs: Path) -> None:
    packed = LEAVE.encode()
    for depth in range(MAX_DEPTH + 1):
        packed = zipped(
            {f"{depth}.zip" if depth else "年假.txt": packed, f"第{depth}层.txt": f"这是第{depth}层的说明文字。"}
        )
    (docs / "制度.zip").write_bytes(packed)
    report = sync([docs], kb)
    assert report.failed == ["制度.zip/3.zip/2.zip/1.zip"]
    assert "nested too deep" in report.errors[report.failed[0]]
    assert "制度.zip/3.zip/2.zip/第1层.txt" in report.added
    assert sync([docs], kb).embedded == 0


def test_attachments_of_a_mail_are_documents_below_it(kb: KnowledgeBase, docs: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Date"] = (
        "年终奖办法",
        "财务部 <cw@plant.example>",
        "Mon, 06 Jan 2025 09:00:00 +0800",
    )
    mail.set_content("各位同事：附件是新的年终奖办法，请在周五前反馈意见。")
    mail.add_attachment(BONUS.encode(), maintype="text", subtype="plain", filename="年终奖办法.txt")
    (docs / "通知.eml").write_bytes(bytes(mail))
    report = sync([docs], kb)
    assert "通知.eml/年终奖办法.txt" in report.added
    assert kb.search("年终奖 优秀")[0].source == "通知.eml/年终奖办法.txt"
    assert kb.search("请在周五前反馈意见")[0].source == "通知.eml"
    mail.clear_content()
    mail.set_content("附件撤回，另行通知。")
    (docs / "通知.eml").write_bytes(bytes(mail))
    assert sync([docs], kb).removed == ["通知.eml/年终奖办法.txt"]


def test_two_members_of_one_name_are_both_kept(kb: KnowledgeBase, docs: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "两份附件", "a@plant.example"
    mail.set_content("见附件，共两份，名称相同。")
    for text in (LEAVE, HOTEL):
        mail.add_attachment(text.encode(), maintype="text", subtype="plain", filename="说明.txt")
    (docs / "通知.eml").write_bytes(bytes(mail))
    added = sync([docs], kb).added
    assert {"通知.eml/说明.txt", "通知.eml/说明 (2).txt"} <= set(added)
