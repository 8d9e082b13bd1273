"""What the two READMEs say is true, and they say the same."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kb_app.cli import app
from kb_app.config import PREFIX, Settings

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "data").mkdir(exist_ok=True)
    if not (folder / "data/samples").exists():
        (folder / "data/samples").symlink_to(ROOT / "data/samples")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_both_have_the_same_code_blocks() -> None:
    english, chinese = (re.findall(r"^```.*?^```$", text(name), re.MULTILINE | re.DOTALL) for name in READMES)
    assert english == chinese
    assert len(english) >= 6


def test_both_have_the_same_headings_and_numbers() -> None:
    levels = [re.findall(r"^(#+) ", text(name), re.MULTILINE) for name in READMES]
    assert levels[0] == levels[1]
    numbers = [re.search(r"<!-- numbers -->(.*)<!-- /numbers -->", text(name), re.DOTALL) for name in READMES]
    assert all(numbers)
    digits = [re.findall(r"\d+(?:[.,]\d+)*", found.group(1)) for found in numbers if found]
    assert digits[0] == digits[1]


@pytest.mark.parametrize("number", range(len(blocks("README.md", "python"))))
def test_python_blocks_run(number: int, tmp_path: Path) -> None:
    ingested = run([sys.executable, "-m", "kb_app.cli", "ingest", "data/samples", "--kb", "handbook"], tmp_path)
    assert ingested.returncode == 0, ingested.stderr
    ran = run([sys.executable, "-c", blocks("README.md", "python")[number]], tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "制度/" in ran.stdout


def test_shell_lines_run(tmp_path: Path) -> None:
    lines = [line for block in blocks("README.md", "sh") for line in block.splitlines() if line.startswith("kb ")]
    lines.remove("kb ui")
    lines.remove("kb serve Qwen3-8B")  # a server of its own, see test_serve.py
    assert len(lines) >= 5
    for line in lines:
        ran = run([sys.executable, "-m", "kb_app.cli", *shlex.split(line)[1:]], tmp_path)
        assert ran.returncode == 0, f"{line}: {ran.stderr}"


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_described(name: str) -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    described = set(re.findall(r"^\| `kb (\w+)", text(name), re.MULTILINE))
    assert described == commands


@pytest.mark.parametrize("name", READMES)
def test_every_setting_is_described_with_its_default(name: str) -> None:
    rows = dict(re.findall(r"^\| `(KB_\w+)` \| (.*?) \|", text(name), re.MULTILINE))
    assert set(rows) == {PREFIX + field.upper() for field in Settings.model_fields}
    for field, info in Settings.model_fields.items():
        if isinstance(info.default, (str, int, float)) and info.default != "":
            assert rows[PREFIX + field.upper()].strip("`") == str(info.default)


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text(name))
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []
