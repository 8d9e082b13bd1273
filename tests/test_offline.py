"""Nothing but this machine is ever called, and little is loaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.program import SAMPLES, Program
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from pathlib import Path

# Runs `kb` under an audit hook: every name that is looked up and every address that is called, other than
# loopback, is written to the file named first and then refused.
GUARD = """
import sys

NOTES = sys.argv[1]
LOCAL = {"127.0.0.1", "::1", "localhost", "", None}

def place(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        return address[0] if isinstance(address, tuple) else None  # a Unix socket has a path
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        return arguments[0]

def watch(event, arguments):
    host = place(event, arguments)
    host = host.decode() if isinstance(host, bytes) else host
    if host not in LOCAL:
        with open(NOTES, "a") as notes:
            notes.write(f"{event} {host}\\n")
        raise OSError(f"{host} is blocked")

sys.addaudithook(watch)
sys.argv[:] = ["kb", *sys.argv[2:]]
"""
RUN_KB = GUARD + "from kb_app.cli import main\nmain()\n"
# Settings of other people's libraries that would send questions elsewhere.
TRACING = {
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_TRACING": "true",
    "LANGSMITH_API_KEY": "of nobody",
    "ANONYMIZED_TELEMETRY": "True",
}
LOADED = """
import sys
from kb_app.cli import main

try:
    main()
finally:
    print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A home whose documents, one of each format, were read under the guard; nothing else was called."""
    home = tmp_path_factory.mktemp("offline")
    program = Program(home, TRACING)
    notes = home / "tried"
    ran = program.run_python(["-c", RUN_KB, str(notes), "ingest", str(SAMPLES)])
    assert ran.code == 0, ran.err
    assert "新增 added 14" in ran.err
    assert not notes.exists(), notes.read_text()
    return program


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "tried"


def test_the_guard_notices_a_call_and_a_look_up(guarded: Program, notes: Path) -> None:
    call = "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))\n"
    look_up = "import socket\nsocket.getaddrinfo('nowhere.example', 443)\n"
    for script in (call, look_up):
        assert "is blocked" in guarded.run_python(["-c", GUARD + script, str(notes)]).err
    noted = ["socket.connect 192.0.2.1", "socket.getaddrinfo nowhere.example"]
    assert notes.read_text().splitlines() == noted


def test_search_and_extracts_call_nobody(guarded: Program, notes: Path) -> None:
    found = guarded.run_python(["-c", RUN_KB, str(notes), "search", "年假有几天", "--json"])
    assert json.loads(found.out)[0]["source"] == "制度/员工手册.docx"
    answer = guarded.run_python(["-c", RUN_KB, str(notes), "ask", "入职满一年有几天年假？", "--json"])
    assert json.loads(answer.out)["citations"]
    assert not notes.exists(), notes.read_text()


def test_an_answer_of_a_model_calls_its_server_alone(guarded: Program, notes: Path) -> None:
    with serve(Script(answers=[["每年享有7天带薪年假[1]。"]])) as server:
        ran = guarded.run_python(
            ["-c", RUN_KB, str(notes), "ask", "入职满一年有几天年假？", "--json"], KB_LLM_BASE_URL=server.base_url
        )
    assert json.loads(ran.out)["mode"] == "llm"
    assert len(server.requests) == 1
    assert not notes.exists(), notes.read_text()


def test_the_package_is_light_to_import(guarded: Program) -> None:
    script = "import time; begin = time.perf_counter(); import kb_app; print(time.perf_counter() - begin)"
    ran = guarded.run_python(["-X", "importtime", "-c", script])
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.err.splitlines()}
    heavy = {"chromadb", "onnxruntime", "tokenizers", "tantivy", "sqlalchemy", "httpx", "openai"}
    surfaces = {"langchain", "langchain_core", "langchain_openai", "streamlit", "unstructured", "torch", "typer"}
    assert "kb_app" in loaded
    assert not loaded & (heavy | surfaces)
    assert float(ran.out) < 1.0  # 0.3 s on a machine at rest; tracing the imports and other tests take their part


def test_a_search_loads_neither_parsers_nor_the_page_nor_a_language_model(guarded: Program) -> None:
    ran = guarded.run_python(["-c", LOADED, "search", "年假"])
    loaded = set(ran.err.splitlines()[-1].split())
    assert ran.code == 0, ran.err
    assert "onnxruntime" in loaded
    assert not {name for name in loaded if name.startswith("langchain")}
    assert not loaded & {"unstructured", "streamlit", "openai", "docx", "pptx", "pypdfium2", "torch", "ingest"}
