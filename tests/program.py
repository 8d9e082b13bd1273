"""Runs the real ``kb`` as a process of its own, as a person would, on a home of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
KB = (sys.executable, "-m", "kb_app.cli")
COMPLAINT = "错误 error: "
READ = re.compile(r"  \w+ · .*字 characters.* s$")


@dataclass(frozen=True)
class Ran:
    """A command that has ended: exit status, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output; anything beside it is an error."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line that says what is wrong, where nothing else is said but what was read."""
        assert self.code == 1, (self.code, self.out, self.err)
        assert "Traceback" not in self.err
        (line,) = (line for line in self.err.splitlines() if not READ.search(line))
        assert line.startswith(COMPLAINT)
        return line.removeprefix(COMPLAINT)

    @property
    def complaints(self) -> list[str]:
        """The lines about files that failed, among those about files that were read; the last one is the summary."""
        assert self.code == 1, (self.code, self.out, self.err)
        *lines, _summary = self.err.splitlines()
        bad = [line for line in lines if not READ.search(line)]
        assert all(line.startswith(COMPLAINT) for line in bad), self.err
        return [line.removeprefix(COMPLAINT) for line in bad]


@dataclass(frozen=True)
class Program:
    """``kb`` with its data in ``home``, without a language model unless ``settings`` names one."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """No setting of this machine but the path to Python's packages."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
        own = {"KB_HOME": str(self.home), "KB_LLM_BASE_URL": "none", "PYTHONPATH": str(ROOT)}
        places = {"XDG_CONFIG_HOME": str(self.home / "config"), "COLUMNS": "80"}
        return kept | own | places | self.settings

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start a command and go on."""
        self.home.mkdir(parents=True, exist_ok=True)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [*KB, *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=self.home, env=self.environment, text=True, encoding="utf-8", **(pipes | options)
        )

    def run(self, *arguments: str | Path, stdin: str = "", **settings: str) -> Ran:
        """Run a command to its end; ``settings`` are more environment variables."""
        return self.run_python(["-m", "kb_app.cli", *map(str, arguments)], stdin=stdin, **settings)

    def run_python(self, arguments: list[str], *, stdin: str = "", **settings: str) -> Ran:
        """Run Python in the same surroundings."""
        self.home.mkdir(parents=True, exist_ok=True)
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home,
            env=self.environment | settings,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr)


def write(folder: Path, **texts: str) -> Path:
    """Write ``name=text`` as ``name.txt`` below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder
