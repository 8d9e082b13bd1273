"""Settings: where they come from, which win, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_app.config import Settings, config_file, origins
from kb_app.errors import SettingsError
from kb_app.knowledge_base import KnowledgeBase
from kb_app.wiring import template_for
from tests.fakes import HashEmbedder
from tests.program import ROOT, Program

KEYS = ("KB_LLM_API_KEY", "KB_EMBEDDING_API_KEY")


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder and a configuration folder of the test's own."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def refusal(**values: object) -> str:
    """The one line that settings are refused with."""
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestOrder:
    def test_defaults(self) -> None:
        settings = Settings()
        assert (settings.embedding, settings.template, settings.top_k, settings.min_score) == (
            "embedded",
            "strict",
            6,
            0.09,
        )

    def test_argument_before_environment_before_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("kb.toml").write_text("top_k = 3\nmin_score = 0.3\nllm_timeout = 30\n", encoding="utf-8")
        monkeypatch.setenv("KB_MIN_SCORE", "0.4")
        monkeypatch.setenv("KB_LLM_TIMEOUT", "40")
        settings = Settings(llm_timeout=50)
        assert (settings.top_k, settings.min_score, settings.llm_timeout) == (3, 0.4, 50)
        found = origins({"llm_timeout": 50})
        assert (found["top_k"], found["min_score"], found["llm_timeout"]) == ("kb.toml", "KB_MIN_SCORE", "argument")
        assert found["template"] == "default"

    def test_a_variable_may_be_written_in_lower_case(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("kb_top_k", "9")
        assert Settings().top_k == 9

    def test_settings_do_not_change(self) -> None:
        with pytest.raises(Exception, match="frozen"):
            Settings().top_k = 9  # type: ignore[misc]  # what is tested

    def test_each_setting_stands_in_the_readme(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        assert [name for name in Settings.model_fields if f"`KB_{name.upper()}`" not in readme] == []


class TestFile:
    def test_its_places(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert config_file() is None
        ours = tmp_path / "config" / "kb-app" / "kb.toml"
        named = tmp_path / "另一个.toml"
        for path, value in ((ours, 2), (Path("kb.toml"), 3), (named, 4)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"top_k = {value}\n", encoding="utf-8")
        monkeypatch.setenv("KB_CONFIG", str(named))
        assert (config_file(), Settings().top_k) == (named, 4)
        monkeypatch.delenv("KB_CONFIG")
        assert (config_file(), Settings().top_k) == (Path("kb.toml"), 3)
        Path("kb.toml").unlink()
        assert (config_file(), Settings().top_k) == (ours, 2)

    def test_one_that_is_named_must_be_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_CONFIG", "没有.toml")
        assert refusal() == "KB_CONFIG names '没有.toml', which is not a file; correct or unset it"

    @pytest.mark.parametrize(
        "content",
        [b"top_k = ", b"top_k 3", b"\xcd\xd8 = 3", b"top_k = 3\ntop_k = 4"],
        ids=["cut", "no", "GBK", "twice"],
    )
    def test_one_that_is_no_toml_is_named(self, content: bytes) -> None:
        Path("kb.toml").write_bytes(content)
        assert refusal().startswith("kb.toml: ")
        assert refusal().endswith("; correct the file")

    def test_an_unknown_name_is_refused_with_the_one_that_was_meant(self) -> None:
        Path("kb.toml").write_text('llm_mode = "x"\n', encoding="utf-8")
        assert refusal().startswith(
            "unknown setting 'llm_mode' (settings file: kb.toml); remove it or write llm_model, "
        )
        Path("kb.toml").write_text('quack = "x"\n', encoding="utf-8")
        assert refusal().startswith("unknown setting 'quack' (settings file: kb.toml); remove it, known are home, ")

    def test_all_problems_are_named_at_once(self) -> None:
        Path("kb.toml").write_text("top_k = 0\nmin_score = 2\n", encoding="utf-8")
        assert "setting top_k is 0" in refusal()
        assert "setting min_score is 2" in refusal()


class TestEnvironment:
    def test_an_unknown_name_is_refused_with_the_one_that_was_meant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_TOPK", "3")
        line = refusal()
        assert line.startswith("unknown setting KB_TOPK in the environment; unset it or write KB_TOP_K, known are KB_")
        monkeypatch.setenv("KB_TOPK", "3")
        monkeypatch.setenv("KB_QUACK", "3")
        assert refusal().startswith("unknown setting KB_QUACK, KB_TOPK in the environment; unset it")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("KB_TOP_K", "many"),
            ("KB_TOP_K", ""),
            ("KB_TOP_K", "101"),
            ("KB_MIN_SCORE", "-0.1"),
            ("KB_MIN_SCORE", "nan"),
            ("KB_LLM_TIMEOUT", "0"),
            ("KB_PROCESSES", "65"),
            ("KB_READ_MEMORY", "1"),
            ("KB_READ_TIMEOUT", "-1"),
            ("KB_ALLOW_PRIVATE_URLS", "perhaps"),
            ("KB_EMBEDDING", ""),
        ],
    )
    def test_a_bad_value_is_shown_with_its_name(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        line = refusal()
        assert line.startswith(f"setting {name.removeprefix('KB_').lower()} is {value!r}: ")
        assert line.endswith(f"; correct {name}")

    def test_a_bad_argument(self) -> None:
        assert refusal(top_k=0).startswith("setting top_k is 0: ")
        assert refusal(topk=3).startswith("unknown setting 'topk'; remove it or write top_k, ")


@pytest.mark.parametrize("url", ["localhost", "127.0.0.1:8000", "ftp://model"])
def test_an_address_without_http_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("KB_LLM_BASE_URL", url)
    expected = f"setting llm_base_url is {url!r}: an address begins with http:// or https://, or is `none`"
    assert refusal() == f"{expected}; correct KB_LLM_BASE_URL"


class TestSecrets:
    @pytest.mark.parametrize("name", KEYS)
    @pytest.mark.parametrize(
        "value", ["sk-密钥abc", "sk-abc\x1b[0m", "sk-a\nbc"], ids=["Chinese", "escape", "two lines"]
    )
    def test_a_key_that_no_header_can_hold_is_one_line_without_the_key(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        line = refusal()
        assert line.startswith(f"setting {name.removeprefix('KB_').lower()}: ")
        assert "ASCII" in line
        assert line.endswith(f"; correct {name}")
        assert "abc" not in line

    def test_a_key_of_another_type_is_not_shown(self) -> None:
        Path("kb.toml").write_text("pdf_password = 271828\nllm_api_key = 314159\n", encoding="utf-8")
        assert "setting pdf_password: " in refusal()
        assert "setting llm_api_key: " in refusal()
        assert "271828" not in refusal()
        assert "314159" not in refusal()

    def test_white_space_around_a_key_is_no_part_of_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_LLM_API_KEY", " sk-abc\r\n")
        assert Settings().llm_api_key.get_secret_value() == "sk-abc"

    def test_a_password_of_a_document_may_be_in_any_script(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_PDF_PASSWORD", " 芝麻开门 ")
        assert Settings().pdf_password.get_secret_value() == " 芝麻开门 "

    def test_the_program_refuses_such_a_key_in_one_line(self, program: Program) -> None:
        for name in KEYS:
            assert program.run("list", **{name: "密钥"}).complaint.endswith(f"; correct {name}")

    def test_nothing_secret_is_shown(self, program: Program) -> None:
        secret = {
            "KB_LLM_API_KEY": "sk-quiet1",
            "KB_EMBEDDING_API_KEY": "sk-quiet2",
            "KB_PDF_PASSWORD": "quiet3",
            "KB_DATABASE_URL": "postgresql://kb:quiet4/@127.0.0.1/kb",
            "KB_LLM_BASE_URL": "http://me:quiet5@127.0.0.1:8000/v1",
            "KB_EMBEDDING": "openai:bge@http://me:quiet6@127.0.0.1:8001/v1",
        }
        for ran in (program.run("config", **secret), program.run("config", "--json", **secret)):
            assert ran.code == 0, ran.err
            assert "quiet" not in ran.out
        values = {row["name"]: row["value"] for row in ran.json}
        assert values["KB_LLM_API_KEY"] == "**********"
        assert values["KB_DATABASE_URL"] == "postgresql://kb:***@127.0.0.1/kb"
        assert values["KB_EMBEDDING"] == "openai:bge@http://me:***@127.0.0.1:8001/v1"

    def test_an_address_without_a_password_is_shown_as_it_is(self, program: Program) -> None:
        url = "http://127.0.0.1:8000/v1"
        rows = program.run("config", "--json", KB_LLM_BASE_URL=url, KB_EMBEDDING=f"openai:bge-m3@{url}").json
        values = {row["name"]: row["value"] for row in rows}
        assert (values["KB_LLM_BASE_URL"], values["KB_EMBEDDING"]) == (url, f"openai:bge-m3@{url}")


class TestTemplates:
    def test_an_unknown_one_names_those_that_can_be_chosen(self) -> None:
        known = "cot, fewshot, fewshot_cot, strict"
        with pytest.raises(SettingsError, match=f"^there is no prompt template 'nope'; known are {known}$"):
            template_for(Settings(), "nope")

    def test_ones_own_come_first(self, tmp_path: Path) -> None:
        text = "---\nname: {}\nvariables: passages, question\n---\n## user\n{{{{passages}}}} {{{{question}}}}\n"
        for name in ("strict", "brief"):
            (tmp_path / f"{name}.md").write_text(text.format(name), encoding="utf-8")
        settings = Settings(templates_dir=tmp_path)
        assert template_for(settings, "strict").system == ""
        with pytest.raises(SettingsError, match=r"known are brief, strict, cot, fewshot, fewshot_cot$"):
            template_for(settings, "nope")

    def test_a_folder_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"KB_TEMPLATES_DIR is '.*没有', which is not a folder"):
            template_for(Settings(templates_dir=tmp_path / "没有"), "strict")


def test_the_settings_handed_in_are_those_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "elsewhere"))
    with KnowledgeBase.open(settings=Settings(home=tmp_path / "home", top_k=1), embedder=HashEmbedder()) as kb:
        assert kb.settings.top_k == 1
    assert (tmp_path / "home").is_dir()
    assert not (tmp_path / "elsewhere").exists()
