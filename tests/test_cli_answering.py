"""The options of ``kb ask`` that say how to answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.library import library, prompts_sent
from tests.program import Program
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from pathlib import Path

SAID = "教职工婚假为三天[1]。"
FINDINGS = json.dumps({"findings": [{"number": 1, "finding": "supported"}]})


def test_samples_and_a_second_look_are_asked_for_on_the_command_line(tmp_path: Path) -> None:
    with library(tmp_path, None) as kb:
        name = kb.name
    with serve(Script(answers=[[SAID], [SAID], [SAID], [FINDINGS]])) as server:
        program = Program(tmp_path / "home", {"KB_LLM_BASE_URL": server.base_url})
        answer = program.run("ask", "教职工婚假有几天？", "--kb", name, "--samples", "3", "--verify", "--json").json
    assert answer["text"] == SAID
    assert answer["verdicts"] == [{"sentence": "教职工婚假为三天。", "finding": "supported"}]
    assert len(prompts_sent(server)) == 4
