"""ZIP, tar, 7z and single packed files: what is taken out, and what never is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import py7zr
import pytest

from ingest.parse import parse_file
from ingest.parsers import unpacking
from ingest.parsers.archive import check_archive
from kb_app.errors import DocumentError
from tests import fuzzing
from tests.make_archives import legacy_zip, write_7z, write_tar, write_zip

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import Member

FILES = {"制度/休假.txt": "年休假五天。", "制度/差旅.md": "# 差旅\n\n凭发票报销。", "readme.txt": "Read me first."}


def unpack(path: Path) -> tuple[Member, ...]:
    return parse_file(path, scratch=path.parent / "scratch").members


def contents(path: Path) -> dict[str, str]:
    return {member.name: member.error or member.path.read_text(encoding="utf-8") for member in unpack(path)}


def test_zip(tmp_path: Path) -> None:
    assert contents(write_zip(tmp_path / "a.zip", dict(FILES))) == FILES


def test_zip_by_its_content(tmp_path: Path) -> None:
    assert contents(write_zip(tmp_path / "a.txt", dict(FILES))) == FILES


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_in_other_methods(tmp_path: Path, method: int) -> None:
    assert contents(write_zip(tmp_path / "a.zip", dict(FILES), method=method)) == FILES


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8", "cp437"])
def test_zip_with_names_of_old(tmp_path: Path, encoding: str) -> None:
    names = {
        "gb18030": ["人事制度/休假管理办法.txt", "工资表.txt"],
        "big5": ["人事制度/員工請假須知.txt", "電話費用報銷單.txt"],
        "utf-8": ["人事制度/休假.txt"],
        "cp437": ["Müller/Größe.txt", "für alle.txt"],
    }[encoding]
    assert [member.name for member in unpack(legacy_zip(tmp_path / "a.zip", names, encoding))] == names


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar(tmp_path: Path, mode: str) -> None:
    path = write_tar(tmp_path / f"a.tar{mode[1:].replace(':', '.')}", FILES, mode)
    assert contents(path) == FILES


def test_tar_with_names_in_gbk(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, encoding="gb18030") as archive:
        archive.addfile(tarfile.TarInfo("通知/放假安排.txt"))
    assert [member.name for member in unpack(path)] == ["通知/放假安排.txt"]


def test_7z(tmp_path: Path) -> None:
    assert contents(write_7z(tmp_path / "a.7z", dict(FILES))) == FILES


def test_single_packed_files(tmp_path: Path) -> None:
    text = "排班记录\n三月一日 早班 王芳"
    (tmp_path / "日志.txt.bz2").write_bytes(bz2.compress(text.encode()))
    (tmp_path / "日志.txt.xz").write_bytes(lzma.compress(text.encode()))
    (tmp_path / "日志.txt.gz").write_bytes(gzip.compress(text.encode()))
    with gzip.GzipFile("排班.log", "wb", fileobj=(tmp_path / "b.gz").open("wb")) as named:
        named.write(text.encode())
    for path, name in (("日志.txt.bz2", "日志.txt"), ("日志.txt.xz", "日志.txt"), ("日志.txt.gz", "日志.txt")):
        (member,) = parse_file(tmp_path / path, scratch=tmp_path / f"scratch {path}").members
        assert (member.name, member.path.read_text(encoding="utf-8")) == (name, text)
    assert [member.error for member in unpack(tmp_path / "b.gz")] == [""]


def test_hidden_files_and_system_junk_stay_away(tmp_path: Path) -> None:
    junk = ["__MACOSX/._a.txt", ".DS_Store", "图/Thumbs.db", "~$合同.docx", ".git/config", "desktop.ini"]
    files = dict.fromkeys(junk, "x") | FILES
    for name, write in (("a.zip", write_zip), ("a.tar", write_tar), ("a.7z", write_7z)):
        path = write(tmp_path / name, files)
        assert {m.name for m in parse_file(path, scratch=tmp_path / f"scratch {name}").members} == set(FILES)


@pytest.mark.parametrize("name", ["../外面.txt", "/etc/外面.txt", "C:\\外面.txt", "甲/../../外面.txt", "..\\外面.txt"])
@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_paths_that_lead_out(tmp_path: Path, write: object, name: str) -> None:
    (tmp_path / "in").mkdir()
    path = write(tmp_path / "in" / "a.archive", {name: "坏", "好.txt": "好"})
    bad, good = parse_file(path, scratch=tmp_path / "in/scratch").members
    assert "leads out" in bad.error
    assert "外面.txt" in bad.name
    assert ".." not in bad.name
    assert not bad.name.startswith("/")
    assert not bad.path.exists()
    assert good.path.read_text(encoding="utf-8") == "好"
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} == {"a.archive", good.path.name}


def test_7z_path_that_leads_out(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr("坏", "aa/bad.txt")
        archive.writestr("好", "好.txt")
    # The header is plain, so that the name in it can be changed, and its checksums with it.
    data = path.read_bytes().replace("aa/bad".encode("utf-16-le"), "../bad".encode("utf-16-le"))
    start = data[12:28] + struct.pack("<I", zlib.crc32(data[32 + int.from_bytes(data[12:20], "little") :]))
    path.write_bytes(data[:8] + struct.pack("<I", zlib.crc32(start)) + start + data[32:])
    bad, good = unpack(path)
    assert (bad.name, bad.path.exists()) == ("bad.txt", False)
    assert "leads out" in bad.error
    assert good.path.read_text(encoding="utf-8") == "好"


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    kinds = {"链接": tarfile.SYMTYPE, "硬链接": tarfile.LNKTYPE, "设备": tarfile.CHRTYPE, "管道": tarfile.FIFOTYPE}
    with tarfile.open(path, "w") as archive:
        for name, kind in kinds.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        archive.addfile(tarfile.TarInfo("空.txt"))
    members = unpack(path)
    assert [m.name for m in members] == [*kinds, "空.txt"]
    assert [bool(m.error) for m in members] == [True] * 4 + [False]


def test_a_link_within_a_zip(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("链接")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("好.txt", "好")
    bad, good = unpack(tmp_path / "a.zip")
    assert "not followed" in bad.error
    assert not good.error


def test_a_link_within_a_7z(tmp_path: Path) -> None:
    (tmp_path / "目标.txt").write_text("目标", encoding="utf-8")
    (tmp_path / "链接").symlink_to("目标.txt")
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as archive:
        archive.write(tmp_path / "链接", "链接")
        archive.write(tmp_path / "目标.txt", "目标.txt")
    assert {m.name: bool(m.error) for m in unpack(tmp_path / "a.7z")} == {"链接": True, "目标.txt": False}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.xz", "a.7z", "a.gz"])
def test_a_bomb(tmp_path: Path, name: str) -> None:
    path, blank = tmp_path / name, " " * 30_000_000
    if name.endswith("zip"):
        write_zip(path, {"bomb.txt": blank, "好.txt": "好"})
        bad, good = unpack(path)
        assert "a bomb" in bad.error
        assert not good.error
        return
    if name == "a.gz":
        path.write_bytes(gzip.compress(blank.encode()))
    elif name == "a.7z":
        write_7z(path, {"bomb.txt": blank})
    else:
        write_tar(path, {"bomb.txt": blank}, f"w:{name[-2:]}")
    with pytest.raises(DocumentError, match="a bomb"):
        unpack(path)
    assert not any(p.is_file() for p in (tmp_path / "scratch").iterdir())


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"bomb.txt": " " * 30_000_000, "好.txt": "好"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.index(signature) + offset
        data[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    bad, good = unpack(path)
    assert bad.error
    assert not bad.path.exists()
    assert not good.error


def test_the_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "a.zip", dict(FILES), method=zipfile.ZIP_STORED)
    monkeypatch.setattr(unpacking, "MAX_MEMBER", 20)
    assert "unpacks to more than 20 bytes" in contents(path)["制度/差旅.md"]
    for bound, value in (("MAX_TOTAL", 30), ("MAX_MEMBERS", 2)):
        with monkeypatch.context() as bounded:
            bounded.setattr(unpacking, bound, value)
            with pytest.raises(DocumentError, match="split it"):
                parse_file(path, scratch=tmp_path / bound)
            assert not list((tmp_path / bound).iterdir())


def test_a_tar_header_of_gigabytes(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 4_000_000_000
    with gzip.open(tmp_path / "a.tgz", "wb") as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        for _ in range(40):
            file.write(bytes(1_000_000))
    with pytest.raises(DocumentError, match="bomb"):
        unpack(tmp_path / "a.tgz")


def test_protected(tmp_path: Path) -> None:
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w", password="geheim") as archive:
        archive.writestr("密", "密.txt")
    data = bytearray(write_zip(tmp_path / "a.zip", {"密.txt": "密"}).read_bytes())
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + offset] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    for name in ("a.7z", "a.zip"):
        with pytest.raises(DocumentError, match="protected by a password"):
            parse_file(tmp_path / name, scratch=tmp_path / f"scratch {name}")


def test_truncated(tmp_path: Path) -> None:
    long = {f"{i}.txt": "".join(chr(0x4E00 + (i * j * 7919) % 20000) for j in range(9000)) for i in range(1, 9)}
    for name, write in (("a.zip", write_zip), ("a.7z", write_7z)):
        path = write(tmp_path / name, long)
        path.write_bytes(path.read_bytes()[:-50_000])
        with pytest.raises(DocumentError, match="broken or truncated"):
            parse_file(path, scratch=tmp_path / f"scratch {name}")
    path = write_tar(tmp_path / "a.tar.gz", long, "w:gz")
    path.write_bytes(path.read_bytes()[:-50_000])
    *whole, last = unpack(path)
    assert whole
    assert whole[0].path.read_text(encoding="utf-8") == long["1.txt"]
    assert "broken or truncated" in last.error


def test_one_broken_member_of_a_zip(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"坏.txt": "甲" * 50, "好.txt": "乙"}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace("甲".encode(), "丙".encode(), 1))
    found = contents(path)
    assert "broken" in found["坏.txt"]
    assert found["好.txt"] == "乙"


def test_nothing_in_it(tmp_path: Path) -> None:
    for name, write in (("a.zip", write_zip), ("a.tar", write_tar), ("a.7z", write_7z)):
        with pytest.raises(DocumentError):
            parse_file(write(tmp_path / name, {}), scratch=tmp_path / f"scratch {name}")


def test_parts_of_an_office_file_that_overlap(tmp_path: Path) -> None:
    data = write_zip(tmp_path / "a.zip", {"a.xml": "甲" * 400, "b.xml": "乙"}, method=zipfile.ZIP_STORED).read_bytes()
    check_archive(data)
    lying = bytearray(data)
    place = lying.rindex(b"PK\x01\x02") + 20
    lying[place : place + 4] = struct.pack("<I", 5000)
    with pytest.raises(DocumentError, match="overlap"):
        check_archive(bytes(lying))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.zip", "zip"), ("a.tar", "tar"), ("a.tar.gz", "tar"), ("a.7z", "7z"), ("a.txt.xz", "tar")],
)
def test_mutated(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    if name == "a.txt.xz":
        path.write_bytes(lzma.compress("排班记录。".encode() * 20))
    elif name == "a.zip":
        write_zip(path, dict(FILES))
    elif name == "a.7z":
        write_7z(path, dict(FILES))
    else:
        write_tar(path, FILES, "w:gz" if name.endswith("gz") else "w")
    fuzzing.survive(f"archive:unpack_{kind}", path)
