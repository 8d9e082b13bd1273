"""Word and PowerPoint files from before 2007, by way of LibreOffice where it is installed.

No library reads these formats well; LibreOffice writes them anew as DOCX and PPTX.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ingest import pulse
from ingest.parsers.slides import read_pptx
from ingest.parsers.word import read_docx
from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from ingest.document import ParsedDocument

SECONDS = 120
"""Time that LibreOffice may take for one file."""

_PACKAGES = {"docx": "libreoffice-writer", "pptx": "libreoffice-impress"}
# No macros, no links to elsewhere; what would still be fetched meets a proxy that is not there.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def read_doc(data: bytes) -> ParsedDocument:
    """Read a ``.doc`` or ``.wps`` file."""
    return read_docx(convert(data, "doc", "docx"))


def read_ppt(data: bytes) -> ParsedDocument:
    """Read a ``.ppt``, ``.pps`` or ``.dps`` file."""
    return read_pptx(convert(data, "ppt", "pptx"))


def convert(data: bytes, suffix: str, target: str, *, seconds: float = SECONDS) -> bytes:
    """A file in another format, by LibreOffice.

    Raises:
        DocumentError: LibreOffice is not there, does not read the file, or takes too long.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise DocumentError(
            f"an old .{suffix} file, which only LibreOffice reads: install it (apt install {_PACKAGES[target]}), "
            f"or save the file as {target.upper()}"
        )
    # The process outlives its files now and then for a moment.
    with tempfile.TemporaryDirectory(prefix="kb-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = folder / f"source.{suffix}"
        source.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        said = _run([program, *_arguments(profile, target, folder / "out"), str(source)], folder, seconds)
        result = folder / "out" / f"source.{target}"
        if not result.is_file():
            reason = one_line(said, 160) or "no reason given"
            raise DocumentError(f"LibreOffice cannot read it ({reason}); open it in its program and save it anew")
        return result.read_bytes()


def _arguments(profile: Path, target: str, out: Path) -> list[str]:
    return [
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--invisible", "--norestore", "--nolockcheck", "--nologo", "--nodefault"),
        *("--convert-to", target, "--outdir", str(out)),
    ]


def _run(command: list[str], folder: Path, seconds: float) -> str:
    """Run a program in a group of its own, which ends with it.

    Raises:
        DocumentError: It did not end in time.
    """
    pulse.beat(0, 1)
    proxy = "http://127.0.0.1:9"
    environment = os.environ | {"HOME": str(folder), "http_proxy": proxy, "https_proxy": proxy}
    process = subprocess.Popen(  # noqa: S603 - no shell; the file's name is ours
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            f"LibreOffice needed more than {seconds:g} s for it; open it in its program and save it anew"
        ) from error
    finally:
        _end(process)
    pulse.beat(1, 1)
    return output.decode("utf-8", "replace").strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
