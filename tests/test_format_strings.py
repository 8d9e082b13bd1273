"""Patterns that are put together: no repetition count is lost in an f-string."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lost(source: str) -> list[int]:
    """The lines on which an f-string holds a bare number, or a pair of them, where a repetition was meant."""
    values = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FormattedValue)]
    return [value.lineno for value in values if _is_constant(value)]


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Tuple) and all(map(_is_constant, value.elts)))


def test_no_f_string_holds_a_bare_constant() -> None:
    files = [*ROOT.glob("kb_app/**/*.py"), *ROOT.glob("ingest/**/*.py"), *ROOT.glob("*.py")]
    assert len(files) > 100
    found = {str(path.relative_to(ROOT)): lines for path in files if (lines := lost(path.read_text("utf-8")))}
    assert found == {}


def test_one_would_be_seen() -> None:
    assert lost("count = 2\npattern = rf'.{{0,3}}{count}a{0,3}b'") == [2]
    assert lost("pattern = rf'.{3}'") == [1]
