"""What every Office file is: a ZIP archive of bounded size."""

from __future__ import annotations

import io
import zipfile

from kb_app.errors import DocumentError

MAX_UNPACKED = 1_000_000_000
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"


def check_archive(data: bytes) -> None:
    """Refuse what is no archive or unpacks to more than fits into memory."""
    if data.startswith(_OLE_SIGNATURE):
        raise DocumentError("protected by a password or in the format of an old Office; save it anew without both")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise DocumentError("broken or truncated: not an Office file; open it in Office and save it anew") from error
    if unpacked > MAX_UNPACKED:
        raise DocumentError(f"unpacks to {unpacked:,} bytes, over the bound of {MAX_UNPACKED:,}; split the file")
