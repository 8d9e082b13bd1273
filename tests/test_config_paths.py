"""Settings that name a folder: ``~``, nothing at all, and folders that are not there; and tables of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_app.config import Settings, config_file
from kb_app.errors import SettingsError
from tests.program import Program


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user, who works in a folder of it that has no ``kb.toml``."""
    work = tmp_path / "user" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(work.parent))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KB_HOME")
    return work.parent


def refusal(**values: object) -> str:
    """The one line that settings are refused with."""
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


FOLDERS = ("home", "templates_dir", "embedding", "reranker")


class TestHomeOfTheUser:
    @pytest.mark.parametrize("name", FOLDERS)
    def test_in_the_file_in_the_environment_and_in_an_argument(
        self, user: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        expected = str(user / "数据" / "kb")
        Path("kb.toml").write_text(f'{name} = "~/数据/kb"\n', encoding="utf-8")
        assert str(getattr(Settings(), name)) == expected
        Path("kb.toml").unlink()
        monkeypatch.setenv(f"KB_{name.upper()}", "~/数据/kb")
        assert str(getattr(Settings(), name)) == expected
        monkeypatch.delenv(f"KB_{name.upper()}")
        assert str(getattr(Settings(**{name: "~/数据/kb"}), name)) == expected

    def test_as_a_path_that_a_program_hands_in(self, user: Path) -> None:
        assert Settings(home=Path("~/kb")).home == user / "kb"

    def test_in_the_place_of_the_settings_file(self, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (user / "我的.toml").write_text("top_k = 3\n", encoding="utf-8")
        monkeypatch.setenv("KB_CONFIG", "~/我的.toml")
        assert (config_file(), Settings().top_k) == (user / "我的.toml", 3)

    @pytest.mark.parametrize("name", FOLDERS)
    def test_of_a_user_who_is_not_known_here(self, name: str) -> None:
        line = refusal(**{name: "~nobody-of-that-name/kb"})
        assert line.startswith(f"setting {name} is '~nobody-of-that-name/kb': no user of that name has a home here")

    def test_a_tilde_within_a_name_is_a_letter(self) -> None:
        assert Settings(home="数据/~kb").home == Path("数据/~kb")
        assert Settings(embedding="openai:bge~1@http://127.0.0.1:1/v1").embedding.startswith("openai:bge~1@")


class TestNothing:
    @pytest.mark.parametrize("value", ["", "  "])
    def test_a_home_is_not_the_current_folder(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("KB_HOME", value)
        assert refusal() == f"setting home is {value!r}: it is empty; name a folder, or unset it; correct KB_HOME"
        assert list(Path().iterdir()) == []

    def test_no_templates_of_ones_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_TEMPLATES_DIR", "")
        assert Settings().templates_dir is None


class TestTables:
    @pytest.mark.parametrize("name", ["KB_MODELS", "kb_models"])
    def test_a_variable_that_holds_none_is_named(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        Path("kb.toml").write_text("top_k = 3\n", encoding="utf-8")
        monkeypatch.setenv(name, "小模型")
        assert refusal() == (
            "setting models is '小模型': not valid JSON, which a table of settings is; correct KB_MODELS"
        )

    def test_one_of_another_form_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_MODELS", "[1]")
        line = refusal()
        assert line.startswith("setting models is [1]: ")
        assert line.endswith("; correct KB_MODELS")


def test_the_program_keeps_its_data_below_the_home_of_the_user(user: Path, tmp_path: Path) -> None:
    program = Program(tmp_path / "cwd", {"HOME": str(user), "KB_HOME": "~/kb"})
    (tmp_path / "河.txt").write_text("清河水位每天早晨八点记录一次。", encoding="utf-8")
    assert program.run("ingest", tmp_path / "河.txt").code == 0
    assert (user / "kb" / "catalog.sqlite").is_file()
    assert not list(program.home.glob("~*"))
    assert "KB_HOME" in program.run("list", KB_HOME="").complaint
