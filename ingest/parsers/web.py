"""Web pages: saved ones (MHTML), and the one that a user names by its address.

unstructured reads no MHTML, and fetches an address wherever it leads.
"""

from __future__ import annotations

import ipaddress
import mimetypes
import re
import socket
import time
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.document import Member, ParsedDocument
from ingest.kinds import SUFFIXES
from ingest.parsers.markup import html_document
from ingest.parsers.mime import field_text, text_of
from ingest.parsers.plain import text_elements
from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    import httpx

MAX_BYTES = 100_000_000
MAX_SECONDS = 120.0
_PATIENCE = 20.0
_MAX_HOPS = 5
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_SUFFIXES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/plain": ".txt", "text/markdown": ".md",
    "application/json": ".json", "application/xml": ".xml", "text/xml": ".xml", "text/csv": ".csv",
    "application/pdf": ".pdf", "message/rfc822": ".eml", "multipart/related": ".mhtml",
}  # fmt: skip
_TELLS_NOTHING = frozenset(("", "application/octet-stream", "binary/octet-stream", "text/plain"))
_UNSAFE = re.compile(r'[\\:*?"<>|&=;%\s]+')
_LONGEST_NAME = 200


def read_mhtml(data: bytes) -> ParsedDocument:
    """Read a saved web page: its main part, without the pictures and frames around it.

    Raises:
        DocumentError: No page is in it.
    """
    message = message_from_bytes(data, policy=policy.compat32)
    part = _main_part(message)
    text = text_of(part) if part is not None else ""
    if part is None or not text.strip():
        raise DocumentError("no web page in it; save the page anew, as HTML or MHTML")
    if part.get_content_subtype() == "plain":
        return ParsedDocument(tuple(text_elements(text)))
    parsed = html_document(text)
    subject = next((str(value) for name, value in message.raw_items() if name.lower() == "subject"), "")
    return ParsedDocument(parsed.elements, title=parsed.title or field_text(subject))


def fetch(url: str, into: Path, *, allow_private: bool = False) -> Member:
    """Fetch one page or file from the web; every hop goes to an address that was checked.

    Args:
        url: Its address, ``http`` or ``https``.
        into: An existing folder.
        allow_private: Also go to addresses of this machine and its network.

    Returns:
        What was fetched: its name is host and path, with a suffix that tells what it is.

    Raises:
        DocumentError: It cannot be had, or not without risk.
    """
    import httpx

    end = time.monotonic() + MAX_SECONDS
    # A proxy of the environment would choose the address by itself.
    with httpx.Client(timeout=_PATIENCE, trust_env=False, follow_redirects=False) as client:
        try:
            return _fetch(client, _parsed(url), into, end, allow_private)
        except httpx.TimeoutException as error:
            raise DocumentError(f"{one_line(url)} did not answer within {_PATIENCE:.0f} s; try again later") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) as error:
            raise DocumentError(
                f"{one_line(url)} cannot be fetched: {one_line(str(error))}; check the address"
            ) from error


def _main_part(message: Message) -> Message | None:
    """The part that the page begins with: the one that is named as start, or the first page, or the first text."""
    leaves = [part for part in message.walk() if not part.is_multipart()]
    start = message.get_param("start")
    named = [part for part in leaves if isinstance(start, str) and start and part.get("content-id") == start]
    pages = [part for part in leaves if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    texts = [part for part in leaves if part.get_content_type() == "text/plain"]
    return next(iter([*(part for part in named if part in pages), *pages, *texts]), None)


def _fetch(client: httpx.Client, url: httpx.URL, into: Path, end: float, allow_private: bool) -> Member:
    for _ in range(_MAX_HOPS + 1):
        response = client.send(_request(client, url, allow_private), stream=True)
        with closing(response):
            if response.status_code in _REDIRECTS and "location" in response.headers:
                url = _parsed(str(url.join(response.headers["location"])))
                continue
            if response.status_code != 200:
                raise DocumentError(f"{one_line(str(url))} answered {response.status_code}; check the address")
            path = into / "00000"
            _save(response, path, end)
            return Member(_name(url, response.headers.get("content-type", "")), path)
    raise DocumentError(f"{one_line(str(url))} leads from one address to the next, more than {_MAX_HOPS} times")


def _parsed(text: str) -> httpx.URL:
    import httpx

    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise DocumentError(f"{one_line(text)} is not an address; it looks like https://example.com/page") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise DocumentError(f"{one_line(text)} is not an address of the web; only http:// and https:// are fetched")
    if url.userinfo:
        raise DocumentError(f"the address at {url.host} holds a user name; fetch the file yourself")
    return url


def _request(client: httpx.Client, url: httpx.URL, allow_private: bool) -> httpx.Request:
    """A request to the address that was checked, whatever the name resolves to a moment later."""
    host = url.raw_host.decode("ascii")
    address = _address(host, url.port or (443 if url.scheme == "https" else 80), allow_private)
    headers = {"host": url.netloc.decode("ascii"), "accept-encoding": "identity", "user-agent": "kb"}
    return client.build_request("GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": host})


def _address(host: str, port: int, allow_private: bool) -> str:
    """The address of a host; all that it has must be public, as another may be taken next time."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DocumentError(f"{one_line(host)} is not found; check the address and the network") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    private = next((address for address in addresses if not _is_public(address)), None)
    if private is not None and not allow_private:
        raise DocumentError(
            f"{one_line(host)} is at {private}, in a private network; allow it with KB_ALLOW_PRIVATE_URLS=true"
        )
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(str(inner))
    return address.is_global and not address.is_multicast


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def _save(response: httpx.Response, path: Path, end: float) -> None:
    size = 0
    try:
        with path.open("wb") as file:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > MAX_BYTES:
                    raise DocumentError(f"{response.url.host} sends more than {MAX_BYTES:,} bytes; fetch it yourself")
                if time.monotonic() > end:
                    raise DocumentError(f"{response.url.host} took more than {MAX_SECONDS:.0f} s; fetch it yourself")
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _name(url: httpx.URL, content_type: str) -> str:
    """Host and path as a file's name; the suffix is what the server says it is, or what the path says."""
    kind = content_type.partition(";")[0].strip().lower()
    raw = unquote(url.path).strip("/") or "index"
    if url.query:
        stem = PurePosixPath(raw)
        raw = f"{stem.with_suffix('')}_{unquote(url.query.decode('ascii', 'replace'))}{stem.suffix}"
    parts = [_UNSAFE.sub("_", one_line(part, _LONGEST_NAME)) for part in raw.split("/")]
    path = "/".join([url.host.replace(":", "_"), *(part for part in parts if part.strip("."))])
    told = _SUFFIXES.get(kind) or (mimetypes.guess_extension(kind) if kind not in _TELLS_NOTHING else None) or ""
    suffix = PurePosixPath(path).suffix.lower()
    known = suffix.lstrip(".") in SUFFIXES
    if known and (kind in _TELLS_NOTHING or suffix == told or not told):
        return path
    return path if not told or (known and told != ".html") else f"{path}{told}"
