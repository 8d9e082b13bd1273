"""Opens Chroma, in this process or on a server, and ends it again."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb_app.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_reopening = threading.Lock()


class Opening:
    """A collection as it is when it is first used: opened once, for all threads."""

    def __init__(self, folder: Path, name: str, *, url: str) -> None:
        """Of that name, in a folder or on the server at ``url``."""
        self._folder = folder
        self._name = name
        self._url = url
        self._collection: Any = None
        self._lock = threading.Lock()

    def collection(self) -> Any:
        """The collection; made if there is none."""
        with self._lock:
            if self._collection is None:
                self._collection = _open_collection(self._folder, self._url, self._name)
            return self._collection


def delete_collection(name: str, *, url: str) -> None:
    """Delete a collection on a server.

    Raises:
        chromadb.errors.NotFoundError: There is none of that name.
    """
    client, end = _connect(url)
    try:
        client.delete_collection(name)
    finally:
        end()


def _open_collection(folder: Path, url: str, name: str) -> Any:
    client, end = _connect(url) if url else _open(folder)
    try:
        opened = client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
    except BaseException:
        end()
        raise
    # Threads may be asking it while it is replaced: it ends when the last of them lets go of it.
    weakref.finalize(opened, end).atexit = False
    return opened


def _open(folder: Path) -> tuple[Any, Callable[[], None]]:
    """A client of the files as they are now, and what ends its threads and closes its files."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient

    with _reopening:
        # Chroma shares one system per path for the life of the process; a new one sees the disk as it is.
        SharedSystemClient.clear_system_cache()
        client: Any = chromadb.PersistentClient(path=str(folder), settings=_quiet())
        # Closing the client would end the system that has its path by then.
        return client, client._system.stop


def _connect(url: str) -> tuple[Any, Callable[[], None]]:
    """A client of a server, and what closes its connections."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient

    host, port, is_tls = _server(url)
    with _reopening:
        try:
            client: Any = chromadb.HttpClient(host=host, port=port, ssl=is_tls, settings=_quiet())
        finally:  # Chroma remembers every client for the life of the process
            SharedSystemClient.clear_system_cache()
    # Nothing that Chroma offers closes them.
    sessions = [server._session for server in (client._server, client._admin_client._server)]

    def end() -> None:
        for session in sessions:
            session.close()

    return client, end


def _quiet() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


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
