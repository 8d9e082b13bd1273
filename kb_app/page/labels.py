"""All words of the chat page, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kb_app.reasons import in_chinese

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.errors import KBError

Language = Literal["zh", "en"]
LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}

LABELS: dict[str, tuple[str, str]] = {
    "title": ("知识库", "Knowledge base"),
    "brand": ("知识库", "Knowledge"),
    "language": ("语言", "Language"),
    # Knowledge bases
    "base": ("知识库", "Knowledge base"),
    "new_base": ("新建知识库", "New knowledge base"),
    "base_name": ("名称", "Name"),
    "base_name_hint": ("例如：公司制度", "For example: Company handbook"),
    "default_name": ("我的知识库", "My knowledge base"),
    "create": ("创建", "Create"),
    "welcome": ("从您的文档里找到答案", "Answers from your own documents"),
    "welcome_text": (
        "先建一个知识库，再放入文件，就可以提问。每句回答都标明出处；文档没有说的，会直接告诉您。",
        "Make a knowledge base, put files into it, then ask. Every sentence names its source; "
        "what the documents do not tell is said plainly.",
    ),
    "name_empty": ("请先填写知识库名称。", "Give the knowledge base a name first."),
    "name_taken": (
        "已经有名为“{name}”的知识库，请换一个名称。",
        "There is a knowledge base “{name}” already; choose another name.",
    ),
    "base_gone": (
        "没有名为“{name}”的知识库，已打开另一个。",
        "There is no knowledge base “{name}”; another one is open.",
    ),
    # Documents
    "add": ("添加资料", "Add documents"),
    "drop_files": ("拖入文件", "Drop files"),
    "empty_base": ("这个知识库还没有资料", "This knowledge base is empty"),
    "empty_base_text": (
        "把文件拖到下面，或填写本机上的文件夹。读入的同时就可以提问。",
        "Drop files below, or name a folder on this machine. You can ask while they are being read.",
    ),
    "unread_base": ("这个知识库还没有能读的资料", "Nothing in this knowledge base can be read"),
    "unread_base_text": (
        "{failed} 份文件未能读取，原因见“资料”。可以在下面放入别的文件，或填写本机上的文件夹。",
        "{failed} files could not be read; see Documents for why. Drop others below, or name a folder.",
    ),
    "drop_here": ("或把文件拖到这里，每个不超过 200 MB", "or drop files here, up to 200 MB each"),
    "drop_browse": ("选择文件", "Choose files"),
    "folder": ("本机文件夹", "Folder on this machine"),
    "folder_hint": ("例如 /home/me/文档", "For example /home/me/documents"),
    "read_folder": ("读入文件夹", "Read the folder"),
    "folder_empty": ("请先填写文件夹路径。", "Name a folder first."),
    "no_folder": ("没有这个文件夹：{path}。请检查路径。", "There is no such folder: {path}. Check the path."),
    "documents": ("资料（{count}）", "Documents ({count})"),
    "documents_failed": ("资料（{count}）· {failed} 份未能读取", "Documents ({count}) · {failed} unreadable"),
    "documents_title": ("资料", "Documents"),
    "filter": ("按名称筛选", "Filter by name"),
    "remove": ("移除", "Remove"),
    "remove_busy": ("读入完成后可以移除", "Can be removed when reading has ended"),
    "more_documents": ("还有 {count} 个，请输入名称筛选。", "{count} more; filter by name to see them."),
    "no_documents": ("没有符合的资料。", "No document matches."),
    "chunks": ("{count} 段", "{count} passages"),
    "pages": ("{count} 页", "{count} pages"),
    "pending": ("{count} 段待计算", "{count} passages waiting"),
    "unreadable": ("未能读取：{reason}", "Could not be read: {reason}"),
    # Progress
    "starting": ("正在准备…", "Getting ready…"),
    "reading": ("正在读入：{files} / {all_files} 个文件", "Reading: {files} of {all_files} files"),
    "embedding": ("语义索引：{embedded} / {all_chunks} 段", "Indexing: {embedded} of {all_chunks} passages"),
    "ask_already": ("现在就可以提问", "You can ask already"),
    "done": ("已读入 {read} 个文件，用时 {seconds} 秒", "{read} files read in {seconds} s"),
    "done_unchanged": ("{unchanged} 个没有变化", "{unchanged} unchanged"),
    "done_failed": ("{failed} 个未能读取：", "{failed} could not be read:"),
    "dismiss": ("知道了", "Dismiss"),
    # Conversations
    "conversations": ("对话", "Conversations"),
    "new_conversation": ("新对话", "New conversation"),
    "manage": ("管理对话", "Manage this conversation"),
    "conversation_title": ("标题", "Title"),
    "rename": ("重命名", "Rename"),
    "export": ("导出 Markdown", "Export as Markdown"),
    "delete": ("删除对话", "Delete"),
    "ask_first": ("有什么想知道的？", "What would you like to know?"),
    "ask_first_text": ("“{name}”里有 {count} 份资料。", "“{name}” holds {count} documents."),
    "ask_first_failed": ("另有 {failed} 份未能读取。", " {failed} more could not be read."),
    # Asking
    "placeholder": ("向知识库提问", "Ask the knowledge base"),
    "placeholder_busy": ("正在回答，可先停止", "Answering; stop it to ask something else"),
    "stop": ("停止", "Stop"),
    "searching": ("正在查找资料…", "Searching…"),
    "thinking": ("正在思考…", "Thinking…"),
    "found": ("找到 {count} 段资料，正在回答…", "{count} passages found, answering…"),
    "stopped": ("已停止，以上是停止前的内容。", "Stopped; this is what came before."),
    "stopped_early": ("在回答开始前停止了。", "Stopped before the answer began."),
    "sources": ("出处", "Sources"),
    "page": ("第 {page} 页", "page {page}"),
    "unsupported_note": (
        "划线的句子在资料中没有找到依据，请谨慎采用。",
        "No source was found for the underlined sentences.",
    ),
    "thoughts": ("思考过程", "Reasoning"),
    "extract": ("原文摘录", "Quotes"),
    "original": ("原页 [{number}]", "Page [{number}]"),
    "original_help": ("看原文那一页，引用处已标出", "See the page itself, with the cited lines marked"),
    "whole_page": ("看整页", "The whole page"),
    "no_original": ("这一页无法显示。", "This page cannot be shown."),
    "seconds": ("{seconds} 秒", "{seconds} s"),
    # Model
    "model": ("语言模型", "Language model"),
    "model_looking": ("正在查看语言模型…", "Looking for a language model…"),
    "model_none": ("未连接语言模型，以原文摘录作答", "No language model; answers are quotes"),
    "model_trouble": ("语言模型不可用，以原文摘录作答", "Language model unavailable; answers are quotes"),
    "connect": ("如何连接", "How to connect one"),
    "connect_text": (
        "在有显卡的机器上一条命令启动模型（vLLM），再打开页面：",
        "Start a model (vLLM) on a machine with a GPU, then open the page:",
    ),
    "connect_restart": ("改变设置后请重新启动本页面。", "Start this page again after a change of settings."),
    "connect_looks_at": ("现在查看的地址：{url}", "Address it looks at now: {url}"),
    "connect_off": ("现在 KB_LLM_BASE_URL=none：不使用语言模型。", "KB_LLM_BASE_URL=none now: no model is asked."),
    "extractive_note": (
        "未连接语言模型，以上为资料原文。",
        "No language model is connected; these are the documents' own words.",
    ),
    "marks_added": (
        "模型没有标明出处，出处由程序对照原文补上。",
        "The model named no sources; they were found by matching its words.",
    ),
    "refused_offered": (
        "如果是接着上文问的，可以问：“{question}”。",
        "If it goes on from before, ask: “{question}”. ",
    ),
    "refused_unfound": ("没有找到足够相关的资料。", "Nothing found fits well enough. "),
    "refused_by_model": ("模型认为找到的资料没有说明答案。", "The model found no answer in what was found. "),
    "refused_by_samples": (
        "多数次回答认为找到的资料没有说明答案。",
        "Most of the model's answers found nothing in what was found. ",
    ),
    "nothing_asked": ("这句话没有提出问题，没有查找资料。", "That asks nothing, so nothing was searched for."),
    "differ": ("资料说法不一：", "The documents differ: "),
    "refused_nearest": ("最接近的是：{names}", "Nearest: {names}"),
    # Errors
    "error.SettingsError": ("设置有误。", "A setting is wrong."),
    "error.NotFoundError": ("没有找到。", "Not found."),
    "error.DocumentError": ("文件无法读取。", "The file cannot be read."),
    "error.IndexMismatchError": ("知识库与当前的嵌入模型不符。", "Built with another embedding model."),
    "error.StorageError": ("存储出了问题。", "Storage trouble."),
    "error.BusyError": ("知识库正在被写入，请稍候再试。", "The knowledge base is being written; try again soon."),
    "error.ModelError": ("模型不可用。", "The model is unavailable."),
    "error.QuestionError": ("这个问题无法处理。", "This question cannot be asked."),
    "error.KBError": ("出了问题。", "Something went wrong."),
    "error.unexpected": (
        "出了意外的问题，请查看终端里的日志。",
        "Something unexpected happened; see the log in the terminal.",
    ),
}


class Labels:
    """The labels in one language: ``labels("done", read=3, seconds=1.2)``."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._column = list(LANGUAGES).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The label of that key with its values filled in."""
        return LABELS[key][self._column].format(**values)

    def join(self, names: Sequence[str]) -> str:
        """Names in a row."""
        return ("、" if self.language == "zh" else ", ").join(names)

    def error(self, error: KBError) -> str:
        """What kind of trouble it is in the reader's language, then the message with its value and remedy."""
        key = f"error.{type(error).__name__}"
        return f"{self(key if key in LABELS else 'error.KBError')} {self.reason(str(error))}"

    def reason(self, english: str) -> str:
        """What went wrong, in the reader's language where it has words for it."""
        return in_chinese(english) if self.language == "zh" else english

    def trouble(self, error: Exception) -> str:
        """A line for any error: what a reader can cause is explained, anything else is in the log."""
        from kb_app.errors import KBError

        return self.error(error) if isinstance(error, KBError) else self("error.unexpected")


def language_of(code: str | None) -> Language:
    """The language of a code in the address; Chinese where it says nothing that is known."""
    return "en" if code == "en" else "zh"
