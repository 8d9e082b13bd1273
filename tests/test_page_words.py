"""The words of the chat page, and how it is built: labels, lines, what no module of it may do."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

from kb_app.errors import BusyError, KBError, NotFoundError
from kb_app.page import labels, lines
from kb_app.page.jobs import ModelWatch
from kb_app.page.labels import LABELS, language_of
from tests.page_parts import HOSTILE, ROOT, ZH, assert_inert

PAGE = ROOT / "streamlit_app.py"


class TestLabels:
    def test_both_languages_have_every_label(self) -> None:
        assert all(len(pair) == 2 and all(pair) for pair in LABELS.values())

    def test_both_languages_take_the_same_values(self) -> None:
        for key, pair in LABELS.items():
            chinese, english = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair)
            assert chinese == english, key

    def test_chinese_labels_are_chinese_and_english_ones_are_not(self) -> None:
        for key, (chinese, english) in LABELS.items():
            assert re.search("[\u4e00-\u9fff]", chinese), key
            assert not re.search("[\u4e00-\u9fff]", english), key

    def test_every_label_that_the_page_names_exists_and_none_is_left_over(self) -> None:
        code = "".join(path.read_text() for path in [PAGE, *(ROOT / "kb_app/page").glob("*.py")])
        table = (ROOT / "kb_app/page/labels.py").read_text()
        named = set(re.findall(r'\b(?:say|labels|self)\(\s*"([a-z_.]+)"', code))
        assert named <= LABELS.keys()
        rest = code.replace(table, "")
        unused = [key for key in LABELS if not key.startswith("error.") and f'"{key}"' not in rest]
        assert unused == [], unused

    def test_every_error_class_has_a_line(self) -> None:
        assert {f"error.{cls.__name__}" for cls in [KBError, *KBError.__subclasses__()]} <= LABELS.keys()

    def test_an_error_is_one_line_with_its_remedy(self) -> None:
        assert (
            ZH.trouble(BusyError("process 7 writes; wait")) == "知识库正在被写入，请稍候再试。 process 7 writes; wait"
        )

    def test_an_unexpected_error_shows_nothing_of_the_program(self) -> None:
        assert "secret" not in ZH.trouble(RuntimeError("secret path"))

    @pytest.mark.parametrize(("code", "language"), [(None, "zh"), ("en", "en"), ("zh", "zh"), ("<b>", "zh")])
    def test_the_language_of_an_address(self, code: str | None, language: str) -> None:
        assert language_of(code) == language


class TestLines:
    def test_a_model_name_is_text(self) -> None:
        watch = ModelWatch(lambda: None)
        watch.trouble = HOSTILE
        assert_inert(lines.model_html(watch, ZH, known=True))

    def test_the_end_of_a_list_says_what_is_not_shown(self) -> None:
        assert "还有 3 个" in lines.end_of_list_html(53, 50, ZH)
        assert lines.end_of_list_html(50, 50, ZH) == ""
        assert "没有符合的资料" in lines.end_of_list_html(0, 50, ZH)

    def test_the_style_of_the_page_is_style_alone(self) -> None:
        assert not re.sub(r"<style>.*?</style>", "", lines.page_style(ZH), flags=re.DOTALL).strip()
        assert ZH("drop_here") in lines.page_style(ZH)

    def test_what_nobody_foresaw_is_logged_and_what_a_reader_caused_is_not(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert lines.logged_trouble(NotFoundError("gone; look"), ZH) == "没有找到。 gone; look"
        assert caplog.records == []
        assert lines.logged_trouble(RuntimeError("secret path"), ZH) == ZH("error.unexpected")
        assert "secret path" in caplog.text

    def test_failures_are_shown_with_their_reasons(self) -> None:
        from ingest import SyncReport

        report = SyncReport(added=["a.md"], seconds=1.23)
        report.fail("坏<b>.pdf", "it is broken; mend it")
        html = lines.report_html(report, NotFoundError("gone; look"), ZH)
        assert "已读入 1 个文件，用时 1.2 秒" in html
        assert "1 个未能读取：<br>坏&lt;b&gt;.pdf: it is broken; mend it" in html
        assert "没有找到。 gone; look" in html


def test_nothing_below_the_page_imports_streamlit() -> None:
    for path in Path(labels.__file__).parent.glob("*.py"):
        assert not re.search(r"^\s*(?:import|from) streamlit", path.read_text(), re.MULTILINE), path


def test_no_html_is_allowed_unsafely() -> None:
    assert "unsafe_allow" not in PAGE.read_text()


def test_no_value_of_the_page_is_drawn_by_standing_alone() -> None:
    """Streamlit draws whatever stands alone on a line where it is not told to leave that."""
    alone = [node.value for node in ast.walk(ast.parse(PAGE.read_text())) if isinstance(node, ast.Expr)]
    drawn = [ast.unparse(one) for one in alone if not isinstance(one, ast.Call | ast.Constant | ast.Yield)]
    assert drawn == []
    assert tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["runner"] == {"magicEnabled": False}
