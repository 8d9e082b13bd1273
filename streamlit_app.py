"""The chat page: draws what ``kb_app.page`` holds, and passes on what the reader does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from kb_app.errors import KBError
from kb_app.page import lines, render
from kb_app.page.labels import LANGUAGES, Labels, language_of
from kb_app.page.markdown import plain_label
from kb_app.page.sources import place
from kb_app.page.visit import BASE, CONVERSATION, LANGUAGE, MAX_ROWS, Visit, known_base, open_visit, with_language
from kb_app.page.workspace import Shelf, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kb_app.page.jobs import AnswerJob, IngestJob
    from kb_app.page.original import Original
    from kb_app.storage.history import Conversation, Turn

BAR: dict[str, Any] = {"horizontal": True, "vertical_alignment": "center", "horizontal_alignment": "distribute"}
say = Labels(language_of(st.query_params.get(LANGUAGE)))


@st.cache_resource(show_spinner=False)
def workspace() -> Workspace:
    """What all sessions share; opened once a process."""
    return Workspace()


def draw() -> None:
    """The sidebar, then the conversation."""
    space = workspace()
    with st.sidebar, st.container(key="brand", **BAR):
        st.html(lines.line_html(say("brand"), "brand"), width="content")
        st.segmented_control(
            say("language"), list(LANGUAGES), default=say.language, required=True, format_func=LANGUAGES.__getitem__,
            key="language", label_visibility="collapsed",
            on_change=lambda: st.query_params.update({LANGUAGE: st.session_state.language}),
        )  # fmt: skip
    if not (names := space.names()):
        st.html(lines.heading_html(say("welcome"), say("welcome_text")))
        create_form(space, say("default_name"))
        return
    with st.sidebar:
        name = base_chooser(space, names)
    visit = open_visit(space, name, st.query_params.get(CONVERSATION))
    go(visit.address)
    with st.sidebar:
        if label := visit.library_label(say):
            library(visit, label)
        conversation_list(visit)
        st.fragment(model_status, run_every=10)(visit.shelf)
    conversation_page(visit)


def base_chooser(space: Workspace, names: list[str]) -> str:
    """The knowledge base of the address, or the first; another can be chosen or made."""
    wanted = st.query_params.get(BASE, names[0])
    st.session_state.base = name = known_base(names, wanted)
    alert("" if name == wanted else say("base_gone", name=wanted))
    with st.container(horizontal=True, gap="small"):
        st.selectbox(
            say("base"), names, key="base", label_visibility="collapsed",
            on_change=lambda: go({BASE: st.session_state.base}),
        )  # fmt: skip
        # Another menu after each knowledge base that was made, so that it is closed.
        with st.popover("", icon=":material/add:", help=say("new_base"), key=f"new-base-{len(names)}"):
            create_form(space)
    return name


def create_form(space: Workspace, proposed: str = "") -> None:
    """A form that makes a knowledge base and opens it."""
    key = f"base-name-{len(space.names())}"  # another field after each that was made, so that it is empty
    field = {"key": key, "value": proposed, "placeholder": say("base_name_hint"), "max_chars": 60}
    if name := form("base_name", "create", space.name_trouble, **field):
        go({BASE: space.create(name)})
        st.rerun()


def library(visit: Visit, label: str) -> None:
    """Add documents, look at them, see how reading goes on."""
    if visit.documents:
        with st.expander(say("add"), icon=":material/upload_file:"):
            add_documents(visit)
    if st.button(label, icon=":material/folder_open:", key="documents", width="stretch"):
        st.dialog(say("documents_title"), width="medium", on_dismiss="rerun")(document_list)(visit)
    if visit.documents:
        reading(visit.shelf.ingest)


def add_documents(visit: Visit) -> None:
    """Drop files, or name a folder."""
    key = f"drop-{st.session_state.setdefault('dropped', 0)}"
    if files := st.file_uploader(say("drop_files"), accept_multiple_files=True, key=key, label_visibility="collapsed"):
        st.session_state.dropped += 1
        with calm():
            visit.space.upload(visit.shelf, [(file.name, file.getbuffer()) for file in files])
        st.rerun()
    if path := form("folder", "read_folder", visit.space.folder_trouble, placeholder=say("folder_hint")):
        visit.space.read_folder(visit.shelf, path)
        st.rerun()


def reading(job: IngestJob) -> None:
    """What is being read, or how the last reading ended."""
    if job.running:
        st.fragment(reading_progress, run_every=0.5)(job)
    elif job.error or job.report:
        st.html(lines.report_html(job.report, job.error, say))
        st.button(say("dismiss"), on_click=job.dismiss, type="tertiary")


def reading_progress(job: IngestJob) -> None:
    """How far it is, in numbers that are counted."""
    if not job.running:
        st.rerun()
    bars = lines.progress_bars(job.progress, say)
    for share, text in bars:
        st.progress(share, text)
    st.html(lines.line_html(say("ask_already" if bars else "starting")))


def document_list(visit: Visit) -> None:
    """The documents, each with a button that removes it."""
    wanted = st.text_input(say("filter"), key="filter", label_visibility="collapsed", placeholder=say("filter"))
    found = visit.space.find_documents(visit.shelf, wanted)
    busy = visit.shelf.ingest.running
    alert(st.session_state.pop("notice", ""))
    for document in found[:MAX_ROWS]:
        with st.container(**BAR):
            st.html(lines.document_html(document, say))
            key = f"remove-{document.doc_id}"
            if st.button(say("remove"), key=key, disabled=busy, help=say("remove_busy") if busy else None):
                with calm():
                    visit.space.remove(visit.shelf, document)
                st.rerun(scope="fragment")
    if end := lines.end_of_list_html(len(found), MAX_ROWS, say):
        st.html(end)


def conversation_list(visit: Visit) -> None:
    """A new conversation, and those that were held."""
    st.html(lines.line_html(say("conversations"), "label"))
    with st.container(key="conversations"):
        for item in visit.menu(say):
            st.button(item.label, on_click=go, args=(item.address,), **item.look)


def model_status(shelf: Shelf) -> None:
    """Which model answers, or how to start one."""
    known = shelf.model.look()
    choices, st.session_state.model = shelf.model.offer(st.session_state.get("chosen_model", ""))
    st.html(lines.model_html(shelf.model, say, known=known))
    if choices:
        st.selectbox(
            say("model"), choices, key="model", label_visibility="collapsed",
            on_change=lambda: st.session_state.update(chosen_model=st.session_state.model),
        )  # fmt: skip
    if known and not shelf.model.model:
        with st.popover(say("connect"), type="tertiary"):
            st.html(lines.model_help_html(shelf.model, shelf.kb.settings, say))
            st.code(lines.MODEL_COMMANDS, language=None)
            st.html(lines.line_html(say("connect_restart")))


def conversation_page(visit: Visit) -> None:
    """The questions with their answers, and the line that takes the next one."""
    if visit.conversation:
        title_line(visit, visit.conversation)
    if greeting := visit.greeting(say):
        st.html(lines.heading_html(*greeting))
    if not visit.documents:
        add_documents(visit)
        reading(visit.shelf.ingest)
    for turn in visit.turns:
        st.html(render.question_html(turn.question))
        st.html(render.answer_html(turn.answer, say, lambda passage: visit.space.context(visit.shelf, passage)))
        original_buttons(visit, turn)
        visit.vote(turn, st.feedback("thumbs", key=f"vote-{turn.id}", default=visit.thumb(turn)))
    if job := visit.job:
        st.html(render.question_html(job.question))
        if job.error:
            alert(say.trouble(job.error))
        else:
            st.fragment(live, run_every=0.2)(job)
    alert(st.session_state.pop("notice", ""))
    st.chat_input(visit.placeholder(say), disabled=visit.busy, key="question", on_submit=ask, args=(visit,))


def original_buttons(visit: Visit, turn: Turn) -> None:
    """A button for each cited file that can be shown as it was printed."""
    if not (found := visit.originals(turn)):
        return
    with st.container(horizontal=True, gap="small", key=f"originals-{turn.id}"):
        for one in found:
            label, key = say("original", number=one.source.number), f"original-{turn.id}-{one.source.number}"
            icon, hint = ":material/find_in_page:", say("original_help")
            if st.button(plain_label(label), key=key, icon=icon, help=hint, type="tertiary"):
                st.dialog(plain_label(place(one.source.passage, say)), width="medium")(show_original)(visit, one)


def show_original(visit: Visit, original: Original) -> None:
    """The cited lines, marked, on their pages; each whole page below them."""
    pages = visit.pictures(original)
    for one in pages:
        st.image(one.part or one.whole, caption=plain_label(say("page", page=one.page)), width="stretch")
        if one.part:
            with st.expander(say("whole_page")):
                st.image(one.whole, width="stretch")
    alert("" if pages else say("no_original"))


def ask(visit: Visit) -> None:
    """Begin the answer to what was typed, and show its conversation."""
    with calm():
        go(visit.ask(st.session_state.question, st.session_state.get("chosen_model", "")))


def title_line(visit: Visit, conversation: Conversation) -> None:
    """The title of the conversation, and a menu of what can be done with it."""
    with st.container(**BAR):
        st.html(lines.line_html(conversation.title, "title"), width="content")
        key = f"menu-{conversation.title}"
        menu = st.popover("", icon=":material/more_horiz:", help=say("manage"), type="tertiary", key=key)
    with menu:
        with st.form("rename", border=False):
            title = st.text_input(say("conversation_title"), conversation.title, max_chars=80)
            if st.form_submit_button(say("rename"), width="stretch") and title.strip():
                visit.shelf.kb.history.rename(conversation.id, title)
                st.rerun()
        file = visit.exported(say)
        st.download_button(say("export"), *file, on_click="ignore", icon=":material/download:", width="stretch")
        if st.button(say("delete"), icon=":material/delete:", width="stretch"):
            go(visit.delete(conversation))
            st.rerun()


def live(job: AnswerJob) -> None:
    """The answer so far, and the button that stops it."""
    if job.done.is_set():
        st.rerun()
    st.html(render.live_html(job, say))
    st.button(say("stop"), icon=":material/stop_circle:", key="stop", on_click=job.stop)


def form(label: str, button: str, check: Callable[[str], str], **field: Any) -> str:
    """A form of one field; what was typed once it was sent, or an empty text and a line that says what is wrong."""
    with st.form(button, border=False):
        typed = st.text_input(say(label), **field)
        sent = st.form_submit_button(say(button), type="primary" if button == "create" else "secondary")
    troubles = st.session_state.setdefault("troubles", {})
    if sent:  # what was wrong stays until the form is sent again, however often the page is drawn
        trouble = check(typed)
        troubles[button] = trouble and say(trouble, name=typed, path=typed)
    alert(troubles.get(button, ""))
    return typed if sent and not troubles[button] else ""


def go(address: Mapping[str, str]) -> None:
    """Show another place; the language stays."""
    st.query_params.from_dict(with_language(st.query_params, address))


@contextmanager
def calm() -> Iterator[None]:
    """What a reader can cause becomes a line when the page is drawn again."""
    try:
        yield
    except KBError as error:
        st.session_state.notice = say.error(error)


def alert(text: str) -> None:
    """A line that says what is wrong, if anything is."""
    if text:
        st.html(lines.line_html(text, "error"))


st.set_page_config(page_title=say("title"), layout="centered", initial_sidebar_state="auto")
st.html(lines.page_style(say))
try:
    draw()
except Exception as problem:  # noqa: BLE001 - whatever it is, the reader gets a line
    alert(lines.logged_trouble(problem, say))
