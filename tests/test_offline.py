"""The program reaches no host but those its settings name, and loads nothing heavy before it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]

# Runs kb in a process that notes every look-up and every connection but those to this machine.
GUARD = """
import json, socket, sys
tried = []
real_lookup, real_connect = socket.getaddrinfo, socket.socket.connect
def lookup(host, *rest, **options):
    if host not in ("127.0.0.1", "localhost", "::1", None):
        tried.append(str(host))
        raise OSError("no network in this test")
    return real_lookup(host, *rest, **options)
def connect(self, address):
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
        tried.append(str(address))
        raise OSError("no network in this test")
    return real_connect(self, address)
socket.getaddrinfo, socket.socket.connect = lookup, connect
from kb_app.cli import main
status = 0
try:
    main()
except SystemExit as end:
    status = end.code or 0
print(json.dumps({"tried": tried, "status": status, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def guarded(arguments: Sequence[str], home: Path, **environment: str) -> tuple[str, dict[str, object]]:
    """What ``kb`` printed, and what the guard noted."""
    process = subprocess.run(
        [sys.executable, "-c", GUARD, *arguments],
        env=os.environ | {"KB_HOME": str(home)} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return process.stdout, json.loads(process.stderr.strip().splitlines()[-1])


def test_ingest_search_and_extracts_reach_no_host(tmp_path: Path) -> None:
    tracing = {"LANGCHAIN_TRACING_V2": "true", "LANGSMITH_API_KEY": "x"}
    for arguments in (
        ["ingest", "data/samples"],
        ["search", "年假有几天"],
        ["ask", "入职满一年有几天年假？"],
        ["status"],
    ):
        printed, noted = guarded(arguments, tmp_path, **tracing)
        assert noted["tried"] == []
        assert noted["status"] == 0
    assert "14" in printed


def test_an_absent_model_server_on_loopback_is_all_that_is_asked(tmp_path: Path) -> None:
    guarded(["ingest", "data/samples/制度/员工手册.docx"], tmp_path)
    printed, noted = guarded(["ask", "入职满一年有几天年假？"], tmp_path, KB_LLM_BASE_URL="http://127.0.0.1:9/v1")
    assert noted["tried"] == []
    assert "7天" in printed


def test_search_loads_only_what_it_needs(tmp_path: Path) -> None:
    guarded(["ingest", "data/samples/制度/员工手册.docx"], tmp_path)
    _, noted = guarded(["search", "年假"], tmp_path)
    modules = noted["modules"]
    assert isinstance(modules, list)
    heavy = {"unstructured", "streamlit", "torch", "langchain_core", "langchain_openai", "spacy"}
    assert heavy.isdisjoint(modules)


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys, kb_app; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"pydantic", "sqlalchemy", "chromadb", "onnxruntime", "numpy", "langchain_core"}.isdisjoint(modules)
    assert "kb_app" in modules
