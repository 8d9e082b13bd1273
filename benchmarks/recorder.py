"""Stands between a program and a server, hands everything on, and keeps what the program asked."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHAT = re.compile(rb"POST \S*/chat/completions HTTP.*?\r\n\r\n", re.DOTALL)
_BUFFER = 65_536


class Recorder:
    """The bytes that were sent, connection by connection.

    Attributes:
        url: The address that takes the place of the server's.
    """

    def __init__(self, target: str) -> None:
        """Stand in front of ``target``, an address such as ``http://127.0.0.1:8000/v1``."""
        place = urlsplit(target)
        self._target = place
        self._sent: list[bytearray] = []
        self.url = ""

    def chats(self) -> list[dict[str, Any]]:
        """The bodies of all chat requests, in the order of their connections."""
        return [
            json.JSONDecoder().raw_decode(bytes(sent[match.end() :]).decode("utf-8", "ignore"))[0]
            for sent in self._sent
            for match in _CHAT.finditer(sent)
        ]

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = bytearray()
        self._sent.append(sent)
        try:
            back, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:
            writer.close()
            return
        with suppress(asyncio.CancelledError):  # the recorder leaves while a reader still listens
            await asyncio.gather(_pump(reader, forth, sent), _pump(back, writer, bytearray()))

    async def _serve(self, ready: threading.Event, leave: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{self._target.path}"
        ready.set()
        await leave.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, kept: bytearray) -> None:
    with suppress(OSError):
        while data := await source.read(_BUFFER):
            kept += data
            sink.write(data)
            await sink.drain()
    sink.close()


@contextmanager
def recording(target: str) -> Iterator[Recorder]:
    """A recorder in front of a server, for as long as the block lasts."""
    recorder, ready = Recorder(target), threading.Event()
    loop, leave = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(recorder._serve(ready, leave)), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield recorder
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join(10)
