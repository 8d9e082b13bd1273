"""Command lines of every engine as data: what is chosen for which model and which cards."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import ModelError
from kb_app.serving.catalogue import EngineSupport
from kb_app.serving.choosing import Request, choose
from kb_app.serving.engines import ENGINES
from kb_app.serving.fitting import Wish
from kb_app.serving.formats import find_format
from kb_app.serving.gpu import Gpu
from kb_app.serving.versions import Installed, check
from kb_app.serving.weights import cache_bytes
from tests.serving import ADA, AMPERE, CATALOGUE, EIGHT, HOPPER, PRIVATE, ask, flags, folder, shipped

if TYPE_CHECKING:
    from pathlib import Path


class TestVllm:
    def test_one_card_of_24_gib(self) -> None:
        choice = shipped("Qwen3-8B", [ADA])
        assert choice.command.arguments == (
            *("python", "-m", "vllm.entrypoints.openai.api_server"),
            *("--model", "Qwen/Qwen3-8B", "--served-model-name", "Qwen3-8B", "--host", "127.0.0.1", "--port", "8000"),
            *("--max-model-len", "17408", "--tensor-parallel-size", "1", "--gpu-memory-utilization", "0.9"),
            *("--kv-cache-dtype", "fp8", "--enable-prefix-caching", "--enable-chunked-prefill"),
            *("--reasoning-parser", "qwen3"),
            *("--override-generation-config", '{"temperature": 0.6, "top_k": 20, "top_p": 0.95}'),
        )
        assert choice.command.environment == PRIVATE

    def test_no_tool_parser_since_weights_may_lack_its_tokens_and_nobody_calls_tools(self) -> None:
        for name in ("DeepSeek-R1-Distill-Qwen-14B", "Hunyuan-7B-Instruct", "Qwen3-8B"):
            arguments = shipped(name, [HOPPER]).command.arguments
            assert "--reasoning-parser" in arguments, name
            assert not {"--tool-call-parser", "--enable-auto-tool-choice"} & set(arguments), name

    def test_a_card_that_cannot_calculate_in_8_bit_keeps_its_cache_in_16(self) -> None:
        chosen = flags(ask(cards=[AMPERE]))
        assert "--kv-cache-dtype" not in chosen
        assert chosen["--max-model-len"] == "8192"

    def test_two_cards_of_80_gib_and_32_billion_parameters(self) -> None:
        choice = shipped("Qwen3-32B", [HOPPER, HOPPER], port=8080, called="问答")
        assert choice.command.arguments[3:17] == (
            *("--model", "Qwen/Qwen3-32B", "--served-model-name", "问答", "--host", "127.0.0.1", "--port", "8080"),
            *("--max-model-len", "32768", "--tensor-parallel-size", "2", "--gpu-memory-utilization", "0.9"),
        )
        assert "--quantization" not in choice.command.arguments

    def test_no_card(self) -> None:
        choice = ask(cards=[])
        assert choice.command.arguments[3:15] == (
            *("--model", "qingsong/Qingsong-8B", "--served-model-name", "青松-8B", "--host", "127.0.0.1"),
            *("--port", "8000", "--max-model-len", "8192", "--enable-prefix-caching", "--enable-chunked-prefill"),
        )
        assert choice.command.environment == {**PRIVATE, "VLLM_CPU_KVCACHE_SPACE": "2"}

    def test_cache_that_the_user_has_set_bounds_the_context_without_a_card(self) -> None:
        choice = ask(cards=[], wish=Wish(cpu_cache=1))
        assert choice.command.environment["VLLM_CPU_KVCACHE_SPACE"] == "1"
        assert int(flags(choice)["--max-model-len"]) * EIGHT.kv_bytes <= 2**30

    def test_weights_as_exact_as_fit(self) -> None:
        assert flags(ask(cards=[Gpu("L20", 16.0, 8.9)]))["--quantization"] == "fp8"
        small = flags(ask(cards=[Gpu("T4", 16.0, 7.5)]))
        assert (small["--model"], "--quantization" in small) == ("qingsong/Qingsong-8B-AWQ", False)
        assert flags(ask(wish=Wish(kind="awq")))["--model"] == "qingsong/Qingsong-8B-AWQ"

    def test_what_does_not_fit_is_refused_with_figures(self) -> None:
        with pytest.raises(ModelError, match=r"smallest weights \(awq\) take 5\.7 GiB .* here are 1 x 6 GiB"):
            ask(cards=[Gpu("small", 6.0, 8.9)])
        with pytest.raises(ModelError, match=r"no weights of kind 'gguf' for this engine, only bf16, awq, fp8"):
            ask(wish=Wish(kind="gguf"))
        with pytest.raises(ModelError, match="no weights of 老松-6B are known for this engine"):
            ask("老松-6B", engine="llamacpp")
        with pytest.raises(ModelError, match="a shorter --max-model-len"):
            ask(wish=Wish(context=200_000, kind="bf16"))

    def test_cards_divide_the_heads(self, tmp_path: Path) -> None:
        weights = folder(tmp_path / "seven", heads=28, gib=0)
        assert flags(ask(str(weights), [HOPPER] * 8, wish=Wish(tensor=4)))["--tensor-parallel-size"] == "4"
        config = json.loads((weights / "config.json").read_text("utf-8"))
        assert cache_bytes(config) == 2 * 4 * 2 * 28 * 16

    def test_adapters(self, tmp_path: Path) -> None:
        for name, rank in (("a", 8), ("b", 24)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "adapter_config.json").write_text(json.dumps({"r": rank}), "utf-8")
        choice = ask(adapters=(f"公文={tmp_path}/a", f"合同={tmp_path}/b"), runtime_adapters=True)
        assert choice.command.arguments[-8:] == (
            *("--enable-lora", "--max-loras", "2", "--max-lora-rank", "32"),
            *("--lora-modules", f"公文={tmp_path}/a", f"合同={tmp_path}/b"),
        )
        assert choice.command.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "True"
        with pytest.raises(ModelError, match="takes no adapters while it is served"):
            ask("老松-6B", adapters=(f"公文={tmp_path}/a",))

    def test_several_machines(self) -> None:
        wish = Wish(tensor=8, pipeline=2)
        choice = shipped("Qwen3-32B", [ADA] * 8, wish=wish, backend="ray", data=2)
        assert flags(choice)["--tensor-parallel-size"] == "8"
        assert choice.command.arguments[-8:] == (
            *("--pipeline-parallel-size", "2", "--data-parallel-size", "2", "--data-parallel-backend", "ray"),
            *("--distributed-executor-backend", "ray"),
        )
        with pytest.raises(ModelError, match="16 cards are asked for, here are 8"):
            shipped("Qwen3-32B", [ADA] * 8, wish=wish)

    def test_copies_on_one_machine_share_its_cards(self) -> None:
        chosen = flags(ask(cards=[AMPERE] * 2, data=2))
        assert (chosen["--data-parallel-size"], chosen["--tensor-parallel-size"]) == ("2", "1")
        with pytest.raises(ModelError, match="3 cards are asked for, here are 2"):
            ask(cards=[AMPERE] * 2, data=3)

    def test_modelscope_and_flags_of_the_user_come_last(self) -> None:
        choice = ask(origin="modelscope", extra=("--seed", "7"))
        assert flags(choice)["--model"] == "qingsong-ms/Qingsong-8B"
        assert choice.command.environment == {**PRIVATE, "VLLM_USE_MODELSCOPE": "true"}
        assert choice.command.arguments[-2:] == ("--seed", "7")
        with pytest.raises(ModelError, match="not published on modelscope"):
            ask("老松-6B", engine="vllm", origin="modelscope")


class TestOthers:
    def test_fastllm_runs_what_vllm_does_not(self) -> None:
        choice = ask("老松-6B")
        assert choice.engine.name == "fastllm"
        assert choice.command.arguments == (
            *("python", "-m", "ftllm.cli", "server", "qingsong/Laosong-6B", "--model_name", "老松-6B"),
            *("--host", "127.0.0.1", "--port", "8000", "--device", "cuda", "--gpu_mem_ratio", "0.9"),
            *("--max_context_length", "2048", "--prefix_cache", "true"),
            *("--chat_template", str(find_format("chatglm").path)),
        )

    def test_chatglm_6b_of_the_catalogue_is_served_by_fastllm(self) -> None:
        choice = shipped("ChatGLM-6B", [ADA])
        assert choice.command.arguments[1:4] == ("-m", "ftllm.cli", "server")
        with pytest.raises(ModelError, match=r"transformers does not serve ChatGLM-6B; choose .*: fastllm"):
            shipped("ChatGLM-6B", [ADA], engine="transformers")

    def test_llamacpp(self) -> None:
        choice = ask(engine="llamacpp", cards=[])
        assert choice.command.arguments == (
            *("llama-server", "--hf-repo", "qingsong/Qingsong-8B-GGUF", "--alias", "青松-8B"),
            *("--host", "127.0.0.1", "--port", "8000", "--ctx-size", "8192"),
            *("--temp", "0.6", "--top-p", "0.95", "--top-k", "20"),
        )
        assert choice.command.environment == {}
        modelscope = ask(engine="llamacpp", origin="modelscope").command
        assert modelscope.environment == {"MODEL_ENDPOINT": "https://www.modelscope.cn/"}

    def test_transformers(self) -> None:
        choice = ask(engine="transformers", cards=[])
        assert choice.command.arguments == (
            *("python", "-m", "transformers.cli.transformers", "serve", "qingsong/Qingsong-8B"),
            *("--host", "127.0.0.1", "--port", "8000", "--device", "cpu"),
        )
        assert choice.job.name == "qingsong/Qingsong-8B"
        quantized = ask(engine="transformers", cards=[Gpu("T4", 15.0, 7.5)])
        assert quantized.command.arguments[-2:] == ("--quantization", "bnb-8bit")

    def test_transformers_takes_a_template_as_one_of_the_words_that_render_a_conversation(self) -> None:
        choice = ask("老松-6B", engine="transformers", cards=[])
        template = find_format("chatglm").template
        told = json.dumps({"chat_template": template}, ensure_ascii=False)
        assert choice.command.arguments[3:] == (
            *("serve", "qingsong/Laosong-6B", "--host", "127.0.0.1", "--port", "8000", "--device", "cpu"),
            *("--chat-template-kwargs", told),
        )
        assert "\n" not in choice.command.as_shell()

    def test_a_template_that_an_engine_does_not_take_is_put_into_the_folder(self, tmp_path: Path) -> None:
        weights = folder(tmp_path / "老松-6B")
        old = ask(str(weights), engine="transformers").job
        with pytest.raises(
            ModelError, match=r"serve 5\.8\.1 takes none, only from 5\.9; upgrade it, or copy \S+/chatglm.jinja into"
        ):
            check(ENGINES["transformers"], Installed("transformers", "5.8.1"), old, has_card=True)
        check(ENGINES["transformers"], Installed("transformers", "5.9.0"), old, has_card=True)
        model = replace(CATALOGUE["老松-6B"], engines=(EngineSupport("lmdeploy"),))
        with pytest.raises(ModelError, match=r"LMDeploy takes none; copy \S+/chatglm.jinja into their folder as chat_"):
            choose(Request(str(weights), "python"), {"老松-6B": model}, [ADA])
        (weights / "chat_template.jinja").write_text("{{ messages }}", "utf-8")
        kept = ask(str(weights), engine="transformers")
        assert kept.command.environment == {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(weights)}
        assert "--chat-template-kwargs" not in kept.command.arguments
        check(ENGINES["transformers"], Installed("transformers", "5.8.1"), kept.job, has_card=True)

    def test_lmdeploy(self) -> None:
        choice = ask(engine="lmdeploy", cards=[AMPERE, AMPERE], wish=Wish(tensor=2))
        assert choice.command.arguments == (
            *("python", "-m", "lmdeploy", "serve", "api_server", "qingsong/Qingsong-8B", "--model-name", "青松-8B"),
            *("--server-name", "127.0.0.1", "--server-port", "8000", "--tp", "2", "--session-len", "32768"),
            *("--enable-prefix-caching", "--reasoning-parser", "default"),
        )

    def test_lightllm_wants_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"reads weights from a folder only; download qingsong/Qingsong-8B"):
            ask(engine="lightllm")
        weights = folder(tmp_path / "weights")
        choice = ask(engine="lightllm", origin=str(weights))
        assert choice.command.arguments == (
            *("python", "-m", "lightllm.server.api_server", "--model_dir", str(weights), "--model_name", "青松-8B"),
            *("--host", "127.0.0.1", "--port", "8000", "--tp", "1", "--mem_fraction", "0.9"),
            *("--max_req_total_len", "32768"),
        )

    @pytest.mark.parametrize("engine", [name for name in ENGINES if name != "vllm"])
    def test_several_machines_are_for_vllm(self, engine: str) -> None:
        with pytest.raises(ModelError, match="use --engine vllm"):
            ask(engine=engine, cards=[HOPPER] * 4, wish=Wish(pipeline=2))
