"""What an answer says of its making: the lines that stand in ``Answer.reason``, in both languages."""

from __future__ import annotations

NO_MODEL = (
    "未连接语言模型，以下是资料原文摘录；启动一个兼容 OpenAI 接口的模型服务（如 vLLM），用 KB_LLM_BASE_URL 指明地址。"
    "No language model is connected, so these are quotes: start an OpenAI-compatible server such as vLLM "
    "and set KB_LLM_BASE_URL."
)
MARKS_ADDED = (
    "模型没有标明出处，出处由程序对照原文补上。The model named no sources; they were found by matching its words."
)
MODEL_FAILED = "语言模型没有给出可用的回答，以下是资料原文摘录（the model failed, so these are quotes）："
MODEL_REFUSED = "模型认为找到的资料没有说明答案。The model found no answer in the passages."
