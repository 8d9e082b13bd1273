"""What an answer says of its making: lines of ``Answer.reason``, and marks in its text, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_MODEL = (
    "未连接语言模型，以下是资料原文摘录；用 kb serve 启动一个（如 vLLM），或以 KB_LLM_BASE_URL 指明兼容 OpenAI 的服务。"
    "No language model is connected, so these are quotes: start one such as vLLM with `kb serve`, "
    "or name an OpenAI-compatible server by KB_LLM_BASE_URL."
)
MARKS_ADDED = (
    "模型没有标明出处，出处由程序对照原文补上。The model named no sources; they were found by matching its words."
)
MODEL_FAILED = "语言模型没有给出可用的回答，以下是资料原文摘录（the model failed, so these are quotes）："
MODEL_REFUSED = "模型认为找到的资料没有说明答案。The model found no answer in the passages."
SAMPLES_REFUSED = "多数次回答认为找到的资料没有说明答案。Most of the model's answers found nothing in the passages."
NOTHING_ASKED = "这句话没有提出问题，没有查找资料。That asks nothing, so nothing was searched for."
ASK = "有问题请直接问，我到资料里查找。"
ASK_EN = "Ask a question, and it is looked up in the documents."
CUT_OFF = (
    "回答达到长度上限，只保留到最后一个完整的句子。"
    "The answer reached its longest length and ends with its last whole sentence."
)

GENERAL_LINE = "以下内容不是来自资料，而是模型的一般知识。"
GENERAL_LINE_EN = "What follows is not from the documents; it is the model's general knowledge."
UNFOUNDED = "（未找到依据）"
UNFOUNDED_EN = " (unsupported)"

_CJK = re.compile(f"[{CJK}]")
_UNFOUNDED = re.compile(f"{re.escape(UNFOUNDED)}|{re.escape(UNFOUNDED_EN)}")
_TAIL = re.compile(r"\s*\|?\s*\Z")
_NOT_MENTIONED = re.compile(r"相关资料没有提到.+?。|No relevant passage mentions .+?\.(?= |\Z)")
_OFFERED = re.compile("如果是接着上文问的，可以问：“(.+?)” If it goes on")


def left_out(count: int) -> str:
    """That passages did not fit; empty where all did."""
    return (
        f"有 {count} 段资料放不进模型的上下文，没有采用。{count} passages did not fit the model's context."
        if count
        else ""
    )


def corrected(count: int) -> str:
    """That marks named a passage which does not hold their sentence, and now name one that does; empty where none."""
    return (
        f"有 {count} 处出处标错了，已改为写着这句话的资料。{count} marks named another passage and were set right."
        if count
        else ""
    )


def dropped(count: int) -> str:
    """That sentences without support are gone; empty where none is."""
    return f"去掉了 {count} 句没有依据的话。{count} unsupported sentences were left out." if count else ""


def disagreed(samples: int, count: int) -> str:
    """That several answers were asked for, and how many claims of the chosen one the others do not make."""
    return (
        f"由 {samples} 次回答中多数一致的内容组成，去掉了 {count} 句不一致的话。"
        f"Made of what most of {samples} answers share; {count} other sentences were left out."
    )


def sampled(number: int, count: int) -> str:
    """That one of several answers is there."""
    return f"已得到 {count} 次回答中的第 {number} 次 · answer {number} of {count}"


def no_general(error: Exception) -> str:
    """That the model could not answer from its general knowledge, and why."""
    return f"模型也没有给出一般知识的回答（no general answer）：{error}"


def not_verified(error: Exception) -> str:
    """That the second look failed, and why."""
    return f"未能再次核对回答（the second look failed）：{error}"


def general_line(question: str) -> str:
    """The first line of an answer that rests on no document, in the language of the question."""
    return GENERAL_LINE if _CJK.search(question) else GENERAL_LINE_EN


def not_mentioned(names: Sequence[str], question: str) -> str:
    """That no passage which fits speaks of what a question names, in the language of the question."""
    if _CJK.search(question):
        return f"相关资料没有提到{'、'.join(names)}。"
    return f"No relevant passage mentions {' or '.join(names)}."


def not_mentioned_in(reason: str) -> str:
    """What ``not_mentioned`` said in a reason; empty where it said nothing."""
    found = _NOT_MENTIONED.match(reason)
    return found.group() if found else ""


def before_quotes(names: Sequence[str], asked: str, question: str) -> str:
    """The line above quotes that are no full answer, in the language of the question; empty where they may be one.

    Args:
        names: What the question names and no passage speaks of.
        asked: The words of the question that ask for what no quote has the form of; empty where one has.
        question: As it was asked.
    """
    if not _CJK.search(question):
        told = [f"mention {' or '.join(names)}"] * bool(names) + [f'say "{asked}"'] * bool(asked)
        return f"These quotes are the nearest, but they do not {' nor '.join(told)}:" if told else ""
    told = [f"没有提到{'、'.join(names)}"] * bool(names) + [f"没有写明“{asked}”"] * bool(asked)
    return f"以下摘录与问题最接近，但{'，也'.join(told)}：" if told else ""


def how_to_ask(question: str) -> str:
    """What is said to someone who asks nothing, in the language of what was said."""
    return ASK if _CJK.search(question) else ASK_EN


def may_ask(question: str) -> str:
    """The question to ask where one goes on about what was asked before; empty where there is none."""
    return f"如果是接着上文问的，可以问：“{question}” If it goes on from before, ask so." if question else ""


def offered_in(reason: str) -> str:
    """The question that ``may_ask`` named in a reason; empty where it named none."""
    found = _OFFERED.search(reason)
    return found.group(1) if found else ""


def mark_unfounded(sentence: str) -> str:
    """A sentence of an answer with the mark that nothing supports it, in its own language."""
    tail = _TAIL.search(sentence)
    end = tail.start() if tail else len(sentence)
    return sentence[:end] + (UNFOUNDED if _CJK.search(sentence) else UNFOUNDED_EN) + sentence[end:]


def without_unfounded_marks(text: str) -> str:
    """A text without those marks: for showing it otherwise, and for what a model reads of its own answers."""
    return _UNFOUNDED.sub("", text)
