"""What went wrong, told in Chinese: every line that a reader of files may write has its Chinese one."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import sync
from kb_app.errors import QuestionError
from kb_app.page.labels import Labels
from kb_app.reasons import REASONS, in_chinese
from kb_app.search.selection import matching_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app import KnowledgeBase

ROOT = Path(__file__).resolve().parents[1]
RAISED = {"DocumentError", "MemberError"}


def written(node: ast.expr) -> str:
    """A text as the program writes it, with something at the place of each value; empty where it is no text."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in node.values)
    return ""


def raised() -> Iterator[str]:
    """Every line with which reading a file may end, as it stands in the source."""
    for path in sorted((ROOT / "ingest").rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        named = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args]
        yield from filter(None, (written(node.args[0]) for node in named))


def test_every_reason_of_a_reader_of_files_has_its_chinese() -> None:
    lines = list(raised())
    assert len(lines) > 60
    assert [line for line in lines if not re.search("[\u4e00-\u9fff]", in_chinese(line))] == []


def test_each_line_is_told_with_its_values_in_their_places() -> None:
    for english, chinese in REASONS.items():
        values = [f"⟨{number}⟩" for number in range(english.count("{}"))]
        assert in_chinese(english.format(*values)) == chinese.format(*values), english
        assert all(value in chinese.format(*values) for value in values), english


def test_a_reason_within_a_reason_is_told_too() -> None:
    told = in_chinese("cannot be opened: Permission denied; check its permissions")
    assert told == "打不开（没有权限）；请检查权限"
    inner = "cannot be read as picture (unknown format); is it broken or cut off?"
    assert in_chinese(f"page 3: {inner}") == "第 3 页：不能当作图片读取（格式不明），可能已损坏或不完整"


@given(st.text(st.characters(exclude_characters="{}"), max_size=30))
def test_what_is_not_known_stays(text: str) -> None:
    line = f"⟨{text}⟩"
    assert in_chinese(line) == line


def test_a_reader_of_chinese_is_told_in_chinese_what_is_wrong_with_a_file(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "来件"
    folder.mkdir()
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "空.txt").write_bytes(b"")
    (folder / "程序.exe").write_bytes(b"MZ" + bytes(range(256)) * 20)
    errors = sync([folder], kb).errors
    told = {source: Labels("zh").reason(reason) for source, reason in errors.items()}
    assert told["坏.pdf"] == "损坏或不完整，不是可读的 PDF；请重新导出"
    assert told["空.txt"] == "文件是空的（0 字节）"
    assert not re.search("[a-z]{3}", told["程序.exe"].replace("exe", ""))
    assert {source: Labels("en").reason(reason) for source, reason in errors.items()} == errors


@pytest.mark.parametrize(
    ("where", "told"),
    [({"部门": "甲"}, "没有 '部门' 这个筛选条件"), ({"after": "去年"}, "after=去年 不是日期")],
)
def test_filters(where: dict[str, str], told: str) -> None:
    with pytest.raises(QuestionError) as raised:
        matching_documents([], where)
    assert told in Labels("zh").error(raised.value)
