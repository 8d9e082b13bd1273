"""Prompt formats of model families: how a conversation becomes the text that a model was trained on.

The templates are files in ``formats/``, in the form of vLLM's ``--chat-template``. They take the system text of the
first message and then the turns; what a family's makers do not define is said in ``note``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kb_app.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Template

FOLDER = Path(__file__).with_name("formats")

_FIRST_TURN = "system text: in front of the first user turn; the family has no place of its own for it"
_OWN_PLACE = "system text: where the makers put theirs"


@dataclass(frozen=True, slots=True)
class Format:
    """How one family writes a conversation.

    Attributes:
        name: Name in the catalogue, and of the file.
        source: Repository and file in which the makers publish it.
        stop: Texts behind which an answer has ended, where no end-of-sequence token does it.
        begin: Who writes the tokens that begin a sequence: the ``template``, the ``tokenizer`` (a request to a
            server then goes with ``add_special_tokens``), or nobody (``none``).
        shipped: The weights bring the same template themselves, so an engine uses theirs.
        control: Words that steer the model; in a user's text they must be neutralised.
        note: Where the system text goes, and what else is ours.
    """

    name: str
    source: str
    stop: tuple[str, ...] = ()
    begin: Literal["template", "tokenizer", "none"] = "none"
    shipped: bool = False
    control: tuple[str, ...] = ()
    note: str = ""

    @property
    def path(self) -> Path | None:
        """File to give to an engine; none where the weights bring their own chat template."""
        return None if self.shipped else FOLDER / f"{self.name}.jinja"

    @property
    def template(self) -> str:
        """Text of that file; empty where the weights bring their own chat template."""
        return self.path.read_text(encoding="utf-8") if self.path else ""


FORMATS: dict[str, Format] = {
    item.name: item
    for item in (
        Format("own", "the chat template of the weights (chat_template.jinja or tokenizer_config.json)", shipped=True),
        Format(
            "chatml",
            "QwenLM/Qwen, tokenization_note.md; the weights bring a template of their own",
            stop=("<|im_end|>",),
            shipped=True,
            control=("<|im_start|>", "<|im_end|>"),
            note=_OWN_PLACE,
        ),
        Format(
            "chatglm",
            "THUDM/ChatGLM-6B, modeling_chatglm.py, chat",
            begin="tokenizer",
            control=("[Round 0]", "[gMASK]", "<sop>", "<eop>"),
            note=f"{_FIRST_TURN}; rounds count from 0, a lone question stands bare; [gMASK]<sop> come behind the text",
        ),
        Format(
            "chatglm2",
            "THUDM/ChatGLM2-6B, tokenization_chatglm.py, build_prompt",
            begin="tokenizer",
            control=("[Round 1]", "[gMASK]"),
            note=f"{_FIRST_TURN}; rounds count from 1; [gMASK]sop come before the text",
        ),
        Format(
            "chatglm3",
            "THUDM/ChatGLM3, PROMPT.md",
            stop=("<|user|>", "<|observation|>"),
            begin="template",
            shipped=True,
            control=("[gMASK]", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"),
            note=_OWN_PLACE,
        ),
        Format(
            "glm4",
            "THUDM/glm-4-9b-chat, tokenizer_config.json, chat_template",
            stop=("<|user|>", "<|observation|>"),
            begin="template",
            shipped=True,
            control=("[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"),
            note=_OWN_PLACE,
        ),
        Format(
            "llama2",
            "facebookresearch/llama, llama/generation.py, chat_completion",
            begin="template",
            control=("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>"),
            note=_OWN_PLACE,
        ),
        Format(
            "baichuan",
            "baichuan-inc/Baichuan-13B-Chat, modeling_baichuan.py, _build_chat_input (tokens 195 and 196)",
            control=("<reserved_102>", "<reserved_103>", "</s>"),
            note=_FIRST_TURN,
        ),
        Format(
            "baichuan2",
            "baichuan-inc/Baichuan2-13B-Chat, generation_utils.py, build_chat_input (tokens 195 and 196)",
            control=("<reserved_106>", "<reserved_107>", "</s>"),
            note=_OWN_PLACE,
        ),
        Format(
            "alpaca",
            "tatsu-lab/stanford_alpaca, train.py, PROMPT_DICT",
            stop=("### Instruction:",),
            begin="template",
            control=("### Instruction:", "### Response:", "</s>"),
            note="system text: in place of the makers' opening sentence; trained on single turns",
        ),
        Format(
            "chinese-alpaca",
            "ymcui/Chinese-LLaMA-Alpaca, scripts/inference/inference_hf.py, prompt_input",
            stop=("### Instruction:",),
            begin="template",
            control=("### Instruction:", "### Response:", "</s>"),
            note="system text: in place of the makers' opening sentence; as alpaca, with empty lines behind the titles",
        ),
        Format(
            "vicuna",
            "lm-sys/FastChat, fastchat/conversation.py, vicuna_v1.1 (v1.1 to v1.5)",
            stop=("USER:",),
            begin="template",
            control=("USER:", "ASSISTANT:", "</s>"),
            note="system text: in place of the makers' opening sentences",
        ),
        Format(
            "moss",
            "OpenLMLab/MOSS, README.md, examples",
            stop=("<eom>",),
            control=("<|Human|>", "<|MOSS|>", "<eoh>", "<eom>"),
            note="system text: behind the first sentence of the makers' meta instruction, in place of the rest of it",
        ),
        Format(
            "belle",
            "BelleGroup/BELLE-7B-2M, README.md",
            stop=("Human:",),
            control=("Human:", "Assistant:"),
            note=f"{_FIRST_TURN}; an empty line between turns is ours",
        ),
        Format(
            "rwkv-raven",
            "BlinkDL/ChatRWKV, v2/prompt/default/English-2.py",
            stop=("\n\n", "Bob:"),
            control=("Bob:", "Alice:"),
            note=f"{_OWN_PLACE}; an empty line ends a turn, so those within a text are taken out",
        ),
        Format(
            "rwkv-world",
            "BlinkDL/rwkv-4-world, README.md",
            stop=("\n\n", "User:"),
            control=("User:", "Assistant:"),
            note=f"{_FIRST_TURN}; an empty line ends a turn, so those within a text are taken out",
        ),
        Format(
            "guanaco",
            "artidoro/qlora, examples/guanaco_generate.py",
            stop=("### Human:",),
            begin="template",
            control=("### Human:", "### Assistant:", "</s>"),
            note="system text: in front of the conversation, where the makers put their opening sentences",
        ),
        Format(
            "plain",
            "bigscience/bloomz-7b1-mt, README.md: an instruction as it stands, no roles",
            note="system text and turns one after the other, with an empty line between; no conversation",
        ),
    )
}


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        NotFoundError: There is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    raise NotFoundError(f"prompt format {name!r} is unknown; write one of {', '.join(FORMATS)}")


def render(chosen: Format, messages: Sequence[Mapping[str, str]], *, bos: str = "<s>", eos: str = "</s>") -> str:
    """A conversation as one text, ready for an engine that only completes.

    Args:
        chosen: The format.
        messages: ``role`` and ``content`` of each, the system text first; the model answers next.
        bos: Beginning of a sequence; empty where the engine adds it.
        eos: End of a sequence.

    Raises:
        NotFoundError: The weights' own template is needed, which is not here.
    """
    if chosen.name == "own":
        raise NotFoundError(
            "prompt format 'own' lies with the weights; ask the engine for a chat, not for a completion"
        )
    turns = [dict(message) for message in messages]
    return _compiled(chosen.name).render(messages=turns, bos_token=bos, eos_token=eos, add_generation_prompt=True)


@cache
def _compiled(name: str) -> Template:
    """A template in the environment in which engines run it: nothing of this program can be reached from there."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((FOLDER / f"{name}.jinja").read_text(encoding="utf-8"))
