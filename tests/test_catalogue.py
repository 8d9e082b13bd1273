"""The catalogue of language models: its entries, those a user adds, what fits a card, and ``kb models``."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from kb_app import Settings
from kb_app.errors import NotFoundError, SettingsError
from kb_app.serving.catalogue import Model, Variant, find_model, fits, load_catalogue, needed
from kb_app.serving.formats import FORMATS
from tests.program import Program

CATALOGUE = load_catalogue()
MODELS = list(CATALOGUE.values())
WEIGHTS = [model for model in MODELS if model.huggingface]
ASKED_FOR = [
    "ChatGLM-6B", "ChatGLM2-6B", "ChatGLM3-6B", "GLM-4-9B-chat", "GLM-4.5-Air", "GLM-4.6", "GLM-5.1",
    "Chinese-Llama-2-7b", "Llama-2-7b-chat", "Baichuan-7B", "Baichuan-13B-Chat", "Baichuan2-7B-Chat",
    "Baichuan2-13B-Chat", "Stanford-Alpaca-7B", "Chinese-Alpaca-Plus-7B", "Chinese-Alpaca-2-7B", "Vicuna-7B-v1.5",
    "Vicuna-13B-v1.5", "MOSS-moon-003-sft", "BLOOMZ-7B1", "BLOOMZ-7B1-mt", "BELLE-7B-2M", "RWKV-4-Raven-7B",
    "RWKV-4-World-7B", "Anima-33B", "Guanaco-33B", "ChatGPT", "OpenAI-compatible", "Qwen3-0.6B", "Qwen3-32B",
    "Qwen3-30B-A3B", "Qwen3.5-9B", "Qwen2.5-7B-Instruct", "DeepSeek-V3", "DeepSeek-R1",
    "DeepSeek-R1-Distill-Qwen-14B", "InternLM3-8B-Instruct", "MiniCPM4-8B", "Hunyuan-7B-Instruct",
    "ERNIE-4.5-21B-A3B", "Seed-OSS-36B-Instruct", "Kimi-K2-Instruct-0905",
]  # fmt: skip
CARD = "#!/bin/sh\necho 'NVIDIA GeForce RTX 4090, 24564, 8.9'\n"


def card(memory: float, **values: float) -> tuple[Model, float]:
    """A model of 8 billion parameters whose cache takes 128 KiB a token, and a card."""
    return Model("测试", **({"memory": {"bf16": 15.0, "int8": 8.0, "int4": 5.0}, "kv_bytes": 2**17} | values)), memory


def refusal(**entry: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_catalogue({"本地模型": entry})
    message = str(caught.value)
    assert "\n" not in message
    return message


class TestEntries:
    @pytest.mark.parametrize("name", ASKED_FOR)
    def test_is_known(self, name: str) -> None:
        assert CATALOGUE[name].name == name

    def test_weights_follow_from_the_parameters_and_the_smaller_kinds_are_smaller(self) -> None:
        for model in WEIGHTS:
            sizes = [model.memory[kind] for kind in ("bf16", "int8", "int4") if kind in model.memory]
            assert sizes == sorted(sizes, reverse=True), model.name
            if "bf16" in model.memory:
                assert model.memory["bf16"] == pytest.approx(model.parameters * 2e9 / 2**30, rel=0.05, abs=0.05)
            if "int4" in model.memory:
                assert 0.5 <= model.memory["int4"] * 2**30 / 1e9 / model.parameters <= 1.0, model.name

    def test_other_weights_belong_to_the_model_and_name_an_engine(self) -> None:
        for model in WEIGHTS:
            for variant in model.variants:
                assert variant.huggingface.split("/")[0] == model.huggingface.split("/")[0]
                assert variant.engines
                assert variant.memory > 0
                assert set(variant.engines) <= {support.name for support in model.engines}, model.name

    def test_a_model_that_can_be_switched_says_how(self) -> None:
        for model in MODELS:
            assert (model.thinking == "switch") is bool(model.thinking_switch), model.name
        assert CATALOGUE["Qwen3-8B"].thinking_switch == {
            "on": {"enable_thinking": True},
            "off": {"enable_thinking": False},
        }
        assert CATALOGUE["DeepSeek-V3.1"].thinking_switch["on"] == {"thinking": True}
        assert CATALOGUE["Seed-OSS-36B-Instruct"].thinking_switch["off"] == {"thinking_budget": 0}
        assert CATALOGUE["DeepSeek-R1"].thinking == "always"

    def test_cache_of_a_token(self) -> None:
        # Qwen3-8B: 36 layers, 8 key-value heads of 128, keys and values, 2 bytes each
        assert CATALOGUE["Qwen3-8B"].kv_bytes == 2 * 36 * 8 * 128 * 2
        assert CATALOGUE["RWKV-6-World-7B"].kv_bytes == 0

    def test_an_engine_that_dropped_a_model_says_when(self) -> None:
        for name in ("Baichuan-7B", "Baichuan-13B-Chat", "Baichuan2-7B-Chat", "Baichuan2-13B-Chat"):
            (vllm,) = (support for support in CATALOGUE[name].engines if support.name == "vllm")
            assert vllm.until == "0.22"

    def test_the_first_chatglm_is_not_given_to_an_engine_that_reads_the_second(self) -> None:
        first, second = CATALOGUE["ChatGLM-6B"], CATALOGUE["ChatGLM2-6B"]
        assert first.architecture == second.architecture
        assert "vllm" not in {support.name for support in first.engines}
        assert "vllm" in {support.name for support in second.engines}

    def test_a_service_has_no_weights(self) -> None:
        service = CATALOGUE["OpenAI-compatible"]
        assert (service.huggingface, service.memory, service.engines) == ("", {}, ())
        assert "KB_LLM_BASE_URL" in service.note


class TestAdded:
    def test_a_model_of_ones_own(self) -> None:
        added = load_catalogue(
            {"部门助手": {"huggingface": "/srv/models/assistant", "parameters": 7.0, "context": 8192}}
        )
        model = added["部门助手"]
        assert (model.name, model.huggingface, model.context) == ("部门助手", "/srv/models/assistant", 8192)
        assert model.memory == {"bf16": 13.0, "int8": 7.2, "int4": 4.2}
        assert len(added) == len(CATALOGUE) + 1

    def test_a_known_family_gives_what_is_not_said(self) -> None:
        model = load_catalogue({"微调": {"family": "Qwen3", "huggingface": "/srv/tuned"}})["微调"]
        assert (model.thinking, model.reasoning_parser, model.architecture) == ("switch", "qwen3", "Qwen3ForCausalLM")

    def test_a_known_name_changes_only_what_is_said(self) -> None:
        changed = load_catalogue({"qwen3-8b": {"huggingface": "/srv/Qwen3-8B"}})
        assert len(changed) == len(CATALOGUE)
        assert changed["Qwen3-8B"].huggingface == "/srv/Qwen3-8B"
        assert changed["Qwen3-8B"].kv_bytes == CATALOGUE["Qwen3-8B"].kv_bytes
        assert load_catalogue()["Qwen3-8B"] == CATALOGUE["Qwen3-8B"]

    def test_stops_are_those_of_the_format_to_the_letter(self) -> None:
        assert load_catalogue({"甲": {"prompt_format": "rwkv-world"}})["甲"].stop == ("\n\n", "User:")
        assert load_catalogue({"甲": {"prompt_format": "rwkv-world", "stop": ["完"]}})["甲"].stop == ("完",)

    def test_from_kb_toml(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        lines = '[models."Factory-7B"]\nhuggingface = "/srv/factory"\nvariants = [{ kind = "awq", memory = 4.5 }]\n'
        Path("kb.toml").write_text(lines, encoding="utf-8")
        model = load_catalogue(Settings().models)["Factory-7B"]
        assert model.variants == (Variant("awq", memory=4.5),)

    def test_a_misspelt_field(self) -> None:
        assert refusal(contxt=4096) == "model '本地模型', field contxt: there is no such field; write context"

    def test_a_wrong_value(self) -> None:
        assert refusal(context="很长").startswith(
            "model '本地模型', field context is '很长': Input should be a valid integer"
        )
        assert "field engines.0.name is 'ollama'" in refusal(engines=[{"name": "ollama"}])

    def test_an_unknown_format_names_the_known(self) -> None:
        message = refusal(prompt_format="qwen")
        assert message.startswith("model '本地模型', field prompt_format: 'qwen' is unknown; write one of own, chatml")
        assert all(name in message for name in FORMATS)

    def test_a_switch_needs_both_states(self) -> None:
        message = refusal(thinking="switch", thinking_switch={"on": {"thinking": True}})
        assert message == (
            "model '本地模型', field thinking_switch: a model that can be switched needs `on` and `off`; write both"
        )

    def test_sizes(self) -> None:
        assert "a size is below 0" in refusal(context=-1)
        assert refusal(memory={"fp16": 14}) == (
            "model '本地模型', field memory: 'fp16' is no precision; write bf16, int8, int4"
        )


class TestFind:
    def test_in_any_case(self) -> None:
        assert find_model(" qwen3-8B ", CATALOGUE) is CATALOGUE["Qwen3-8B"]

    def test_near_names(self) -> None:
        with pytest.raises(
            NotFoundError, match=r"model 'qwen3-7b' is not in the catalogue; perhaps Qwen3-.*`kb models`"
        ):
            find_model("qwen3-7b", CATALOGUE)

    def test_nothing_near(self) -> None:
        with pytest.raises(NotFoundError, match=r"^model '茶' is not in the catalogue; `kb models` lists all$"):
            find_model("茶", CATALOGUE)


class TestFits:
    def test_weights_engine_and_cache_within_ninety_percent(self) -> None:
        model, _ = card(0)
        assert needed(model, "bf16") == 15.0 + 1.5 + 1.0
        assert fits(model, 17.5 / 0.9 + 0.01) == "bf16"
        assert fits(model, 17.5 / 0.9 - 0.01) == "int8"
        assert fits(model, 10.5 / 0.9 - 0.01) == "int4"
        assert fits(model, 7.5 / 0.9 - 0.01) == ""

    def test_a_short_context_needs_less_cache(self) -> None:
        model, _ = card(0, context=2048)
        assert needed(model, "int4") == 5.0 + 1.5 + 0.25

    def test_a_service_fits_nothing(self) -> None:
        assert fits(CATALOGUE["ChatGPT"], 80) == ""

    def test_a_larger_card_never_takes_a_worse_kind(self) -> None:
        order = ["", "int4", "int8", "bf16"]
        for model in MODELS:
            found = [order.index(fits(model, size)) for size in (8, 16, 24, 48, 80)]
            assert found == sorted(found), model.name


class TestCommand:
    @pytest.fixture
    def kb(self, tmp_path: Path) -> Program:
        return Program(tmp_path / "home", {"PATH": "/nonexistent"})

    def test_lists_all_with_all_fields(self, kb: Program) -> None:
        listed = kb.run("models", "--json").json
        assert {model["name"] for model in listed} == set(CATALOGUE)
        assert all({field.name for field in fields(Model)} <= set(model) for model in listed)

    def test_what_fits_a_size(self, kb: Program) -> None:
        ran = kb.run("models", "--memory", "16", "--family", "qwen3")
        assert ran.code == 0
        lines = ran.out.splitlines()
        assert [line.split()[0] for line in lines[1:]] == [
            *("Qwen3-0.6B", "Qwen3-1.7B", "Qwen3-4B", "Qwen3-8B", "Qwen3-14B", "Qwen3-4B-Instruct-2507"),
        ]
        assert [line.split()[-1] for line in lines[1:]] == ["bf16", "bf16", "bf16", "int8", "int4", "bf16"]

    def test_the_card_at_hand(self, kb: Program, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        smi = tmp_path / "bin" / "nvidia-smi"
        smi.write_text(CARD, encoding="utf-8")
        smi.chmod(0o755)
        ran = kb.run("models", "--family", "Qwen3", PATH=str(smi.parent))
        assert "NVIDIA GeForce RTX 4090 24 GiB" in ran.err
        kinds = {line.split()[0]: line.split()[-1] for line in ran.out.splitlines()[1:]}
        assert (kinds["Qwen3-8B"], kinds["Qwen3-30B-A3B"]) == ("bf16", "int4")
        assert kinds["Qwen3-235B-A22B"] not in {"bf16", "int8", "int4"}

    def test_without_a_card_says_how_to_ask(self, kb: Program) -> None:
        ran = kb.run("models", "--family", "MOSS")
        assert "--memory GIB" in ran.err
        assert ran.out.splitlines()[1].startswith("MOSS-moon-003-sft")

    def test_explains_one(self, kb: Program) -> None:
        shown = kb.run("models", "show", "baichuan2-13b-chat", "--memory", "24").out
        for words in (
            *("baichuan-inc/Baichuan2-13B-Chat", "ModelScope", "BaichuanForCausalLM", "4,096 tokens"),
            *("<reserved_106>", "generation_utils.py", "✓ vLLM", "up to 0.22", "int8", "kb serve Baichuan2-13B-Chat"),
        ):
            assert words in shown

    def test_says_which_engines_do_not_run_one(self, kb: Program) -> None:
        shown = kb.run("models", "show", "ChatGLM-6B").out
        assert "✗ vLLM" in shown
        assert "✓ fastllm" in shown
        assert "another layout" in shown

    def test_says_how_thinking_is_switched(self, kb: Program) -> None:
        shown = kb.run("models", "Qwen3-4B").out
        assert 'chat_template_kwargs {"enable_thinking": false}' in shown

    def test_says_how_another_program_would_call_tools(self, kb: Program) -> None:
        shown = kb.run("models", "Qwen3-4B", COLUMNS="200").out
        assert "kb serve Qwen3-4B -- --enable-auto-tool-choice --tool-call-parser hermes" in shown
        assert "tool-call-parser" not in kb.run("models", "Vicuna-7B-v1.5", COLUMNS="200").out

    def test_a_service_is_set_not_started(self, kb: Program) -> None:
        shown = kb.run("models", "show", "OpenAI-compatible").out
        assert "KB_LLM_BASE_URL, KB_LLM_MODEL, KB_LLM_API_KEY" in shown
        assert "kb serve" not in shown

    def test_one_as_json(self, kb: Program) -> None:
        found = kb.run("models", "show", "qwen3-8b", "--json", "--memory", "24").json
        assert (found["name"], found["fits"], found["engines"][0]) == (
            "Qwen3-8B",
            "bf16",
            {"name": "vllm", "since": "0.8.5", "until": "", "note": ""},
        )

    def test_an_entry_of_the_user(self, kb: Program) -> None:
        entry = json.dumps({"工厂助手": {"huggingface": "/srv/factory", "parameters": 4}})
        assert kb.run("models", "show", "工厂助手", "--json", KB_MODELS=entry).json["huggingface"] == "/srv/factory"
        bad = json.dumps({"工厂助手": {"parametres": 4}})
        assert kb.run("models", KB_MODELS=bad).complaint == (
            "model '工厂助手', field parametres: there is no such field; write parameters"
        )

    def test_unknown_names(self, kb: Program) -> None:
        assert "perhaps Qwen3" in kb.run("models", "show", "Qwen3-9B").complaint
        assert kb.run("models", "--family", "茶").complaint.startswith(
            "family '茶' is not in the catalogue; known are "
        )

    def test_wrong_usage(self, kb: Program) -> None:
        ran = kb.run("models", "delete", "Qwen3-8B")
        assert ran.code == 2
        assert "kb models show NAME" in " ".join(ran.err.replace("│", " ").split())
