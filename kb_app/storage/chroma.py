"""Opens Chroma, in this process or on a server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb_app.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

_reopening = threading.Lock()


def open_client(folder: Path, url: str) -> Any:
    """A client that sees what is there now.

    Args:
        folder: Where an embedded Chroma keeps its files.
        url: Address of a server to use instead; empty means none.

    Raises:
        StorageError: The address is none.
    """
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    quiet = Settings(anonymized_telemetry=False)
    if url:
        host, port, is_tls = _server(url)
        return chromadb.HttpClient(host=host, port=port, ssl=is_tls, settings=quiet)
    with _reopening:
        # Chroma shares one system per path for the life of the process; a new one sees the disk as it is.
        SharedSystemClient.clear_system_cache()
        return chromadb.PersistentClient(path=str(folder), settings=quiet)


def _server(url: str) -> tuple[str, int, bool]:
    """Host, port and whether to encrypt, of a Chroma server's URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StorageError(f"KB_CHROMA_URL is {url!r}, which is no address; write for example http://127.0.0.1:8000")
    is_tls = parts.scheme == "https"
    return parts.hostname, port or (443 if is_tls else 8000), is_tls
