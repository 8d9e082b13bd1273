"""What went wrong, in Chinese: each English line that a reader of the page may see, with its values left open.

The English line is the key, so that whoever raises an error writes one sentence and nothing else, and what a catalog
has kept for years is understood too.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from kb_app.reading_reasons import READING

REASONS: dict[str, str] = READING | {
    # Questions, filters, names
    "the question is empty; ask something": "问题是空的；请写下要问的",
    "the question has {} characters, at most {} are allowed; shorten it, or add the text as a document": (
        "问题有 {} 个字，最多 {} 个；请缩短，或把文字作为资料放入"
    ),
    "filter {} is not KEY=VALUE; write for example -f folder=制度": (
        "筛选条件 {} 不是“名称=值”的形式；例如 -f folder=制度"
    ),
    "unknown filter {}; use {}": "没有 {} 这个筛选条件；可用的有 {}",
    "{}={} is no date; write 2024, 2024-05 or 2024-05-01": ("{}={} 不是日期；请写成 2024、2024-05 或 2024-05-01"),
    "the name {} of a knowledge base is empty; choose one such as 'handbook'": (
        "知识库名称 {} 是空的；请取一个名称，例如 handbook"
    ),
    "the name {} of a knowledge base is longer than {} characters; choose one such as 'handbook'": (
        "知识库名称 {} 超过 {} 个字；请取一个短的，例如 handbook"
    ),
    "no knowledge base {} (there are: {}); make one with `kb ingest FOLDER --kb NAME`": (
        "没有知识库 {}（现有：{}）；用 `kb ingest 文件夹 --kb 名称` 建一个"
    ),
    "no document {} in {}; `kb documents` lists them": "{1} 里没有资料 {0}；`kb documents` 可列出全部",
    # Conversations and what is kept
    "this conversation waits for an answer; stop it, or wait for it": "这个对话正在等待回答；请停止它，或等它答完",
    "this conversation was deleted meanwhile; ask again in a new one": "这个对话已被删除；请在新对话里再问",
    "cannot keep {}: {}; free disk space or check KB_HOME": "存不下 {}（{}）；请腾出磁盘空间，或检查 KB_HOME",
    "knowledge base {} is being written by {}; wait for it, or end it": "{1} 正在写入知识库 {0}；请等它完成，或结束它",
    "process {} ({}, since {})": "进程 {}（{}，{} 开始）",
    "another process": "另一个进程",
    "knowledge base {} was built with {}, but KB_EMBEDDING is {}; set it back, or make the vectors anew with "
    "`kb rebuild --kb {}`": (
        "知识库 {} 是用 {} 建的，而现在 KB_EMBEDDING 是 {}；请改回去，或用 `kb rebuild --kb {}` 重新计算向量"
    ),
    "cannot read the catalog: {}; check the database, then run again": "读不了目录（{}）；请检查数据库后再试",
    "cannot write the catalog: {}; free disk space or check the database, then run again: what is written stays, the "
    "rest is done then": "写不了目录（{}）；请腾出磁盘空间或检查数据库后再试：已写入的都保留，其余到时接着做",
    "the keyword index in {} cannot be used: {}; if the disk is full make room and run again, else run `kb rebuild`": (
        "{} 里的关键词索引用不了（{}）；磁盘满了就腾出空间再试，否则运行 `kb rebuild`"
    ),
    # Model servers
    "no model server answers at {}; start one, or set KB_LLM_BASE_URL": (
        "{} 没有模型服务回应；请启动一个，或改正 KB_LLM_BASE_URL"
    ),
    "the model server at {} lists no model; wait until it has loaded one": "{} 的模型服务还没有模型；请等它装载完",
    "the model server at {} has no model {}, only {}; set KB_LLM_MODEL": (
        "{} 的模型服务没有模型 {}，只有 {}；请改正 KB_LLM_MODEL"
    ),
    "the model server at {} does not answer; start it, or set KB_LLM_BASE_URL": (
        "{} 的模型服务没有回应；请启动它，或改正 KB_LLM_BASE_URL"
    ),
    "the model server at {} refuses the key; set KB_LLM_API_KEY ({})": (
        "{} 的模型服务不接受密钥；请改正 KB_LLM_API_KEY（{}）"
    ),
    "the model server at {} is still loading its model; ask again in a minute (HTTP {})": (
        "{} 的模型服务还在装载模型；请过一分钟再问（HTTP {}）"
    ),
    "the model server at {} is too slow; set KB_LLM_TIMEOUT higher, or ask again later": (
        "{} 的模型服务太慢；请调高 KB_LLM_TIMEOUT，或稍后再问"
    ),
    "the model {} answered nothing; ask again, or serve another one": "模型 {} 没有回答；请再问一次，或换一个模型",
}
"""The English lines are matched in this order: of two that fit, the first one counts."""


@lru_cache(maxsize=1000)
def in_chinese(reason: str) -> str:
    """An English line in Chinese, its values too where they are such lines; a line that is not known as it is."""
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(reason):
            return chinese.format(*map(in_chinese, found.groups()))
    return reason


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """A pattern for each English line that takes whatever stands at its values."""
    return [
        (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in REASONS.items()
    ]
