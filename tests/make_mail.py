"""Writes mails: MIME with awkward names, and Outlook's MSG, which is a compound file of properties."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI = 512, 64
_SENT_AT = 0x0039


@dataclass
class Storage:
    """A folder of a compound file: streams and folders by name."""

    streams: dict[str, bytes] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)


def eml(*parts: str, subject: str = "季度例会", head: str = "", boundary: str = "b1") -> str:
    """A multipart mail of parts that are written out."""
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return (
        f"From: =?utf-8?b?546L6Iqz?= <wang@example.com>\nTo: all@example.com\nCc: li@example.com\n"
        f"Subject: {subject}\nDate: Tue, 3 Mar 2026 23:30:00 +0800\n{head}MIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n{body}--{boundary}--\n'
    )


def message(
    texts: dict[int, str | bytes], *, sent: int = 0, recipients: tuple[tuple[str, str, int], ...] = (),
    attachments: tuple[Storage, ...] = (), header: int = 32,
) -> Storage:  # fmt: skip
    """An Outlook message: text properties by id (bytes are of eight bits), and what hangs on it."""
    storage = _properties(texts, header, {_SENT_AT: (0x40, sent)} if sent else {})
    for number, (name, address, kind) in enumerate(recipients):
        part = _properties({0x3001: name, 0x3003: address}, 8, {0x0C15: (3, kind)})
        storage.storages[f"__recip_version1.0_#{number:08X}"] = part
    for number, part in enumerate(attachments):
        storage.storages[f"__attach_version1.0_#{number:08X}"] = part
    return storage


def attachment(name: str, data: bytes | Storage) -> Storage:
    """A file, or another message, on a message."""
    part = _properties({0x3707: name}, 8, {0x3705: (3, 1 if isinstance(data, bytes) else 5)})
    if isinstance(data, bytes):
        part.streams["__substg1.0_37010102"] = data
    else:
        part.storages["__substg1.0_3701000D"] = data
    return part


def _properties(texts: dict[int, str | bytes], header: int, fixed: dict[int, tuple[int, int]]) -> Storage:
    storage = Storage()
    entries = bytes(header)
    for number, text in texts.items():
        kind = 0x001F if isinstance(text, str) else 0x0102 if number == 0x1013 else 0x001E
        data = text.encode("utf-16-le") if isinstance(text, str) else text
        storage.streams[f"__substg1.0_{number:04X}{kind:04X}"] = data
        entries += struct.pack("<HHIQ", kind, number, 6, len(data))
    for number, (kind, value) in fixed.items():
        entries += struct.pack("<HHIQ", kind, number, 6, value)
    storage.streams["__properties_version1.0"] = entries
    return storage


def compound(root: Storage) -> bytes:
    """The bytes of a compound file."""
    entries: list[bytearray] = []
    big, mini = bytearray(), bytearray()
    fat: list[int] = []
    minifat: list[int] = []

    def chain(table: list[int], area: bytearray, data: bytes, size: int) -> int:
        start = len(table)
        count = -(-len(data) // size)
        table += [start + i + 1 for i in range(count - 1)] + [_END] * (count > 0)
        area += data.ljust(count * size, b"\0")
        return start if count else _END

    def entry(name: str, kind: int, start: int = 0, size: int = 0) -> int:
        raw = bytearray(128)
        coded = name.encode("utf-16-le") + b"\0\0"
        raw[: len(coded)] = coded
        struct.pack_into("<HBB3I", raw, 64, len(coded), kind, 1, _FREE, _FREE, _FREE)
        struct.pack_into("<IQ", raw, 116, start, size)
        entries.append(raw)
        return len(entries) - 1

    def fill(storage: Storage, parent: int) -> None:
        kids = []
        for name, data in storage.streams.items():
            small = len(data) < 4096
            start = chain(minifat, mini, data, _MINI) if small else chain(fat, big, data, _SECTOR)
            kids.append(entry(name, 2, start, len(data)))
        for name, inner in storage.storages.items():
            kids.append(entry(name, 1))
            fill(inner, kids[-1])
        # A tree that leans to the right is a tree.
        kids.sort(key=lambda kid: (struct.unpack_from("<H", entries[kid], 64)[0], bytes(entries[kid][:64])))
        for kid, following in zip(kids, [*kids[1:], _FREE], strict=True):
            struct.pack_into("<I", entries[kid], 72, following)
        struct.pack_into("<I", entries[parent], 76, kids[0] if kids else _FREE)

    fill(root, entry("Root Entry", 5))
    struct.pack_into("<IQ", entries[0], 116, chain(fat, big, bytes(mini), _SECTOR), len(mini))
    minifat_bytes = b"".join(struct.pack("<I", n) for n in minifat)
    minifat_bytes = minifat_bytes.ljust(-(-len(minifat_bytes) // _SECTOR) * _SECTOR, b"\xff")
    minifat_start = chain(fat, big, minifat_bytes, _SECTOR)
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * _SECTOR, b"\0")
    directory_start = chain(fat, big, directory, _SECTOR)
    sectors = next(n for n in range(1, 100) if n * 128 >= len(fat) + n)
    fat_start = len(fat)
    fat += [_FAT] * sectors
    table = b"".join(struct.pack("<I", n) for n in fat).ljust(sectors * _SECTOR, b"\xff")
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, sectors,
        directory_start, 0, 4096, minifat_start, len(minifat_bytes) // _SECTOR, _END, 0, fat_start,
    )  # fmt: skip
    difat = b"".join(struct.pack("<I", fat_start + i if i < sectors else _FREE) for i in range(1, 109))
    return header + difat + bytes(big) + table
