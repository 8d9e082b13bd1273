"""A model server whose engine costs no processor time: ``python -m benchmarks.paced_server [--pace 0.025]``.

It quotes the passages of the prompt with their marks, one piece of two characters every ``--pace`` seconds for each
reader, however many there are. Answers differ in length, from half of ``--tokens`` to one and a half, by their
prompts: of answers as long as each other, all readers would ask their next question in the same moment. Prints its
port. It runs as a process of its own, so that its work is not counted as
that of the program that is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import zlib
from dataclasses import dataclass

MODEL = "paced"
CONTEXT = 8192
_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_SENTENCE = re.compile(r"[^。；\n]{4,}")
_CHARACTERS = 2
_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Engine:
    """How it speaks, and how much it has said.

    Attributes:
        first: Seconds until the first piece.
        pace: Seconds between two pieces.
        tokens: Pieces of an answer of middle length.
        said: Pieces of all answers.
    """

    first: float
    pace: float
    tokens: int
    said: int = 0

    def pieces(self, prompt: str) -> list[str]:
        """The passages of a prompt, sentence by sentence, each with its mark; cut to the length of an answer."""
        sentences = [
            f"{sentence.strip()}[{number}]。"
            for number, text in _PASSAGE.findall(prompt)
            for sentence in _SENTENCE.findall(text)
        ]
        share = 0.5 + zlib.crc32(prompt.encode("utf-8", "replace")) / 2**32
        text = "".join(sentences)[: round(self.tokens * share) * _CHARACTERS] or "没有资料。"
        return [text[start : start + _CHARACTERS] for start in range(0, len(text), _CHARACTERS)]


def event(delta: dict[str, str], finish: str | None = None) -> bytes:
    """One event of a streamed answer, as a chunk of HTTP."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": MODEL, "choices": [choice]}
    return chunk(f"data: {json.dumps(body, ensure_ascii=False)}\n\n")


def chunk(text: str) -> bytes:
    """A chunk of HTTP."""
    data = text.encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


async def speak(engine: Engine, writer: asyncio.StreamWriter, prompt: str) -> None:
    """Stream one answer; each piece has its time, so that what one piece takes does not delay the next."""
    events = [event({"content": piece}) for piece in engine.pieces(prompt)]
    clock = asyncio.get_running_loop()
    begin = clock.time() + engine.first
    writer.write(_CHUNKED)
    for number, data in enumerate(events):
        await asyncio.sleep(max(0.0, begin + number * engine.pace - clock.time()))
        writer.write(data)
        await writer.drain()
        engine.said += 1
    writer.write(event({}, "stop") + chunk("data: [DONE]\n\n") + b"0\r\n\r\n")
    await writer.drain()


def plain(engine: Engine, path: str) -> tuple[int, str]:
    """Status and body of everything that is not an answer."""
    if path.endswith("/models"):
        return 200, json.dumps({"object": "list", "data": [{"id": MODEL, "max_model_len": CONTEXT}]})
    if path == "/metrics":
        return 200, f"vllm:generation_tokens_total {engine.said}\n"
    return 404, '{"error": {"message": "not here"}}'


async def serve(engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All requests of one connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"(?i)^content-length: *(\d+)", head, re.MULTILINE)
            body = await reader.readexactly(int(length.group(1)) if length else 0)
            path = head.split(" ", 2)[1]
            if path.endswith("/chat/completions"):
                await speak(engine, writer, json.loads(body)["messages"][-1]["content"])
                continue
            status, text = plain(engine, path)
            writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(text.encode())}\r\n\r\n{text}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        pass  # the reader has left
    finally:
        writer.close()


async def run(engine: Engine) -> None:
    """Serve until the process ends; the port is the first line of output."""
    server = await asyncio.start_server(lambda *streams: serve(engine, *streams), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=float, default=0.3, help="seconds until the first piece")
    parser.add_argument("--pace", type=float, default=0.025, help="seconds between two pieces")
    parser.add_argument("--tokens", type=int, default=200, help="pieces of an answer of middle length")
    arguments = parser.parse_args()
    asyncio.run(run(Engine(arguments.first, arguments.pace, arguments.tokens)))


if __name__ == "__main__":
    main()
