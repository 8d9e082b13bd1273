"""The chat page: draws what ``kb_app.page`` holds, and passes on what the reader does."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

import kb_app.page
from kb_app.errors import KBError
from kb_app.page import export, lines, render
from kb_app.page.labels import LANGUAGES, Labels, language_of
from kb_app.page.markdown import plain_label
from kb_app.page.visit import BASE, CONVERSATION, LANGUAGE, Visit, open_visit
from kb_app.page.workspace import Shelf, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app.page.jobs import AnswerJob, IngestJob
    from kb_app.storage.history import Conversation, Turn

STYLE = Path(kb_app.page.__file__).with_name("page.css")
MAX_ROWS = 50
say = Labels(language_of(st.query_params.get(LANGUAGE)))


@st.cache_resource(show_spinner=False)
def workspace() -> Workspace:
    """What all sessions share; opened once a process."""
    return Workspace()


def draw() -> None:
    """The sidebar, then the conversation."""
    space = workspace()
    with st.sidebar, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(lines.line_html(say("brand"), "brand"), width="content")
        language_switch()
    names = space.names()
    if not names:
        st.html(lines.heading_html(say("welcome"), say("welcome_text")))
        create_form(space, say("default_name"))
        return
    with st.sidebar:
        name = base_chooser(space, names)
    visit = open_visit(space, name, st.query_params.get(CONVERSATION))
    go(visit.address)
    with st.sidebar:
        if visit.documents:
            library(visit)
        conversation_list(visit)
        st.fragment(model_status, run_every=10)(visit.shelf)
    conversation_page(visit)


# The sidebar


def language_switch() -> None:
    """Chinese or English."""
    st.segmented_control(
        say("language"),
        list(LANGUAGES),
        default=say.language,
        required=True,
        format_func=LANGUAGES.__getitem__,
        key="language",
        label_visibility="collapsed",
        on_change=lambda: st.query_params.update({LANGUAGE: st.session_state.language}),
    )


def base_chooser(space: Workspace, names: list[str]) -> str:
    """The knowledge base of the address, or the first; another can be chosen or made."""
    wanted = st.query_params.get(BASE, names[0])
    if wanted not in names:
        st.html(lines.line_html(say("base_gone", name=wanted), "error"))
    st.session_state.base = name = wanted if wanted in names else names[0]
    with st.container(horizontal=True, gap="small"):
        st.selectbox(
            say("base"),
            names,
            key="base",
            label_visibility="collapsed",
            on_change=lambda: go({BASE: st.session_state.base}),
        )
        # Another menu after each knowledge base that was made, so that it is closed.
        with st.popover("", icon=":material/add:", help=say("new_base"), key=f"new-base-{len(names)}"):
            create_form(space)
    return name


def create_form(space: Workspace, proposed: str = "") -> None:
    """A form that makes a knowledge base and opens it."""
    key = f"base-name-{len(space.names())}"  # another field after each that was made, so that it is empty
    with st.form("create", border=False):
        name = st.text_input(say("base_name"), proposed, key=key, placeholder=say("base_name_hint"), max_chars=60)
        pressed = st.form_submit_button(say("create"), type="primary")
    if pressed and (trouble := space.name_trouble(name)):
        st.html(lines.line_html(say(trouble, name=name), "error"))
    elif pressed:
        go({BASE: space.create(name)})
        st.rerun()


def library(visit: Visit) -> None:
    """Add documents, look at them, see how reading goes on."""
    with st.expander(say("add"), icon=":material/upload_file:"):
        add_documents(visit)
    if st.button(
        say("documents", count=visit.documents), icon=":material/folder_open:", key="documents", width="stretch"
    ):
        st.dialog(say("documents_title"), width="medium", on_dismiss="rerun")(document_list)(visit)
    reading(visit.shelf.ingest)


def add_documents(visit: Visit) -> None:
    """Drop files, or name a folder."""
    dropped = st.session_state.setdefault("dropped", 0)
    files = st.file_uploader(
        say("drop_files"), accept_multiple_files=True, key=f"drop-{dropped}", label_visibility="collapsed"
    )
    if files:
        st.session_state.dropped += 1
        with calm():
            visit.space.upload(visit.shelf, [(file.name, file.getbuffer()) for file in files])
        st.rerun()
    with st.form("folder", border=False):
        folder = st.text_input(say("folder"), placeholder=say("folder_hint"))
        pressed = st.form_submit_button(say("read_folder"))
    if pressed and (trouble := visit.space.folder_trouble(folder)):
        st.html(lines.line_html(say(trouble, path=folder), "error"))
    elif pressed:
        visit.space.read_folder(visit.shelf, folder)
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
    show_notice()
    for document in found[:MAX_ROWS]:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.html(lines.document_html(document, say))
            key = f"remove-{document.doc_id}"
            if st.button(say("remove"), key=key, disabled=busy, help=say("remove_busy") if busy else None):
                with calm():
                    visit.space.remove(visit.shelf, document)
                st.rerun(scope="fragment")
    if len(found) > MAX_ROWS:
        st.html(lines.line_html(say("more_documents", count=len(found) - MAX_ROWS)))
    elif not found:
        st.html(lines.line_html(say("no_documents")))


def conversation_list(visit: Visit) -> None:
    """A new conversation, and those that were held."""
    st.html(lines.line_html(say("conversations"), "label"))
    base = {BASE: visit.shelf.kb.name}
    with st.container(key="conversations"):
        st.button(
            say("new_conversation"),
            key="conversation-new",
            icon=":material/edit_square:",
            disabled=visit.conversation is None,
            width="stretch",
            on_click=go,
            args=(base,),
        )
        for one in visit.conversations[:MAX_ROWS]:
            st.button(
                plain_label(one.title),
                key=f"conversation-{one.id}",
                disabled=one == visit.conversation,
                width="stretch",
                on_click=go,
                args=({**base, CONVERSATION: one.id},),
            )


def model_status(shelf: Shelf) -> None:
    """Which model answers, or how to start one."""
    watch = shelf.model
    known = watch.look()
    st.html(lines.model_html(watch, say, known=known))
    if known and not watch.model:
        with st.popover(say("connect"), type="tertiary"):
            st.html(lines.model_help_html(watch, shelf.kb.settings, say))
            st.code(lines.MODEL_COMMANDS, language=None)
            st.html(lines.line_html(say("connect_restart")))


# The conversation


def conversation_page(visit: Visit) -> None:
    """The questions with their answers, and the line that takes the next one."""
    if visit.conversation:
        title_line(visit, visit.conversation)
    elif visit.documents:
        text = say("ask_first_text", name=visit.shelf.kb.name, count=visit.documents)
        st.html(lines.heading_html(say("ask_first"), text))
    if not visit.documents:
        st.html(lines.heading_html(say("empty_base"), say("empty_base_text")))
        add_documents(visit)
        reading(visit.shelf.ingest)
    for turn in visit.turns:
        told(visit, turn)
    if visit.job:
        coming(visit.job)
    show_notice()
    placeholder = say("placeholder_busy" if visit.busy else "placeholder")
    st.chat_input(placeholder, disabled=visit.busy, key="question", on_submit=ask, args=(visit,))


def ask(visit: Visit) -> None:
    """Begin the answer to what was typed, and show its conversation."""
    with calm():
        go(visit.ask(st.session_state.question))


def title_line(visit: Visit, conversation: Conversation) -> None:
    """The title of the conversation, and a menu of what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(lines.line_html(conversation.title, "title"), width="content")
        menu = st.popover(
            "", icon=":material/more_horiz:", help=say("manage"), type="tertiary", key=f"menu-{conversation.title}"
        )
    with menu:
        with st.form("rename", border=False):
            title = st.text_input(say("conversation_title"), conversation.title, max_chars=80)
            if st.form_submit_button(say("rename"), width="stretch") and title.strip():
                visit.shelf.kb.history.rename(conversation.id, title)
                st.rerun()
        st.download_button(
            say("export"),
            export.conversation_markdown(conversation.title, visit.turns, say),
            export.file_name(conversation.title),
            "text/markdown",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        if st.button(say("delete"), icon=":material/delete:", width="stretch"):
            visit.space.delete_conversation(visit.shelf, conversation.id)
            go({BASE: visit.shelf.kb.name})
            st.rerun()


def told(visit: Visit, turn: Turn) -> None:
    """A question, its answer with the sources, and the reader's vote."""
    st.html(render.question_html(turn.question))
    st.html(render.answer_html(turn.answer, say, lambda passage: visit.space.context(visit.shelf, passage)))
    key = f"vote-{turn.id}"
    thumb = {1: 1, -1: 0}.get(turn.vote)
    vote = st.feedback("thumbs", key=key, default=thumb)
    if vote != thumb:
        visit.shelf.kb.history.vote(turn.id, {1: 1, 0: -1, None: 0}[vote])


def coming(job: AnswerJob) -> None:
    """A question whose answer is on its way, or did not arrive."""
    st.html(render.question_html(job.question))
    if job.error:
        st.html(lines.line_html(say.trouble(job.error), "error"))
    else:
        st.fragment(live, run_every=0.2)(job)


def live(job: AnswerJob) -> None:
    """The answer so far, and the button that stops it."""
    if job.done.is_set():
        st.rerun()
    st.html(render.live_html(job, say))
    st.button(say("stop"), icon=":material/stop_circle:", key="stop", on_click=job.stop)


# What several places need


def go(address: dict[str, str]) -> None:
    """Show another place; the language stays."""
    kept = {LANGUAGE: st.query_params[LANGUAGE]} if LANGUAGE in st.query_params else {}
    st.query_params.from_dict({**kept, **address})


@contextmanager
def calm() -> Iterator[None]:
    """What a reader can cause becomes a line at the next ``show_notice``."""
    try:
        yield
    except KBError as error:
        st.session_state.notice = say.error(error)


def show_notice() -> None:
    """The line that ``calm`` left, once."""
    if notice := st.session_state.pop("notice", ""):
        st.html(lines.line_html(notice, "error"))


st.set_page_config(page_title=say("title"), layout="centered", initial_sidebar_state="expanded")
st.html(STYLE)
st.html(lines.widget_style(say))
try:
    draw()
except KBError as problem:
    st.html(lines.line_html(say.error(problem), "error"))
except Exception as problem:
    logging.getLogger("kb_app.page").exception("the page could not be drawn")
    st.html(lines.line_html(say.trouble(problem), "error"))
