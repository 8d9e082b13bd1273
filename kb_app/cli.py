"""The command ``kb``: parse, one call, show."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, suppress
from importlib.metadata import version
from typing import Annotated

import typer

from kb_app.commands import asking, console
from kb_app.commands import measure as cli_measure
from kb_app.commands import models as cli_models
from kb_app.commands import serve as cli_serve
from kb_app.commands.invocation import Json, Name, confirmed, open_base, open_to_ingest, run
from kb_app.config import Settings, origins, shown

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="本机知识库：读入文档，回答问题，每句话都有出处 · A knowledge base on your own machine.",
    epilog="Add --debug to any command to see where an error comes from.",
)


def _say_version(asked: bool) -> None:
    if asked:
        console.out.print(f"kb-app {version('kb-app')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="版本 · Print the version")
    ] = False,
) -> None:
    """What comes before every command."""


Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="文件夹、文件或网址 · Folders, files or URLs")]


@app.command()
def ingest(
    paths: Paths,
    kb: Name = "default",
    prune: Annotated[bool, typer.Option(help="移除已不存在的文件 · Remove what is gone from the folders")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明会做什么 · Only say what would be done")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="持续跟踪变化 · Go on as files change")] = False,
    password: Annotated[str, typer.Option(help="受保护 PDF 的密码 · Tried on protected PDFs")] = "",
    as_json: Json = False,
) -> None:
    """把文件夹读入知识库 · Read folders and files into a knowledge base."""
    from ingest import sync
    from ingest import watch as follow
    from ingest.sync import anything_there, each_path

    there = anything_there(each_path(paths))  # mistyped paths make no empty knowledge base
    tell = None if as_json else console.print_file
    with open_to_ingest(kb, create=there and not dry_run, password=password) as base, console.progress_bar() as show:
        if watch:
            console.say("正在跟踪变化，按 Ctrl-C 结束 · watching; press Ctrl-C to end")
            reports = follow(paths, base, prune=prune, on_progress=show, on_file=tell)
        else:
            reports = iter([sync(paths, base, prune=prune, dry_run=dry_run, on_progress=show, on_file=tell)])
        failed = False
        with suppress(KeyboardInterrupt) if watch else nullcontext():  # Ctrl-C is how it is meant to end
            for report in reports:
                failed = bool(report.failed)
                if as_json:
                    console.print_json(report, compact=watch)
                else:
                    console.print_report(report, dry_run=dry_run)
    if failed:
        raise typer.Exit(1)


app.command()(asking.search)
app.command()(asking.ask)
app.command()(asking.chat)


@app.command("list")
def list_bases(as_json: Json = False) -> None:
    """列出知识库 · List the knowledge bases."""
    from kb_app.maintenance import overview
    from kb_app.wiring import nothing_kept

    settings = Settings()
    bases = [] if nothing_kept(settings) else overview(settings)
    if as_json:
        console.print_json(bases)
        return
    if not bases:
        where = shown(settings.database_url) or settings.home.absolute()
        console.say(f"{where} 里还没有知识库，用 kb ingest FOLDER 建一个")
        console.say(f"none yet in {where}; make one with `kb ingest FOLDER`")
        return
    rows = [
        (b.name, b.counts.documents, b.counts.failed, b.counts.chunks, console.size(b.bytes), b.embedding)
        for b in bases
    ]
    console.table(("名称 name", "文档 documents", "失败 failed", "片段 chunks", "占用 size", "模型 embedding"), rows)


@app.command()
def status(kb: Name = "default", as_json: Json = False) -> None:
    """知识库的状况 · Documents, chunks, pending vectors, failures, models and disk."""
    from kb_app.maintenance import health

    with open_base(kb) as base:
        found = health(base)
    if as_json:
        console.print_json(found)
    else:
        console.print_health(found)


@app.command()
def documents(kb: Name = "default", as_json: Json = False) -> None:
    """列出文档 · List the documents of a knowledge base."""
    with open_base(kb) as base:
        found = base.documents()
    if as_json:
        console.print_json(found)
        return
    rows = [(d.source, d.chunks, d.pages or "", d.pending or "", d.error or d.title) for d in found]
    columns = ("来源 source", "片段 chunks", "页 pages", "待算 pending", "标题或错误 title or error")
    console.table(columns, rows)


@app.command()
def remove(source: Annotated[str, typer.Argument(metavar="SOURCE")], kb: Name = "default") -> None:
    """从知识库移除一个文档，文件不动 · Remove a document; the file stays."""
    with open_base(kb) as base:
        base.remove(source)
    console.say(f"已移除 removed: {source}")


@app.command()
def drop(
    kb: Name = "default",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再确认 · Do not ask")] = False,
) -> None:
    """删除整个知识库，文件不动 · Delete a knowledge base; the files stay."""
    from kb_app import maintenance

    if not yes and not confirmed(f"删除知识库 delete the knowledge base {kb!r}?"):
        console.say("未删除 nothing is deleted")
        raise typer.Exit(1)
    maintenance.drop(kb, Settings())
    console.say(f"已删除 deleted: {kb}")


@app.command()
def rebuild(kb: Name = "default") -> None:
    """重建索引，不重新读文件 · Make both indexes anew from the catalog."""
    from kb_app import maintenance

    embedded = maintenance.rebuild(kb, Settings())
    console.say(f"已重建 rebuilt: {kb} · 向量 embedded {embedded}")


@app.command()
def doctor(
    kb: Name = "default",
    repair: Annotated[bool, typer.Option("--repair", help="修复 · Mend what is found")] = False,
    as_json: Json = False,
) -> None:
    """检查目录与索引是否一致 · Find where the indexes and the catalog differ."""
    from kb_app import maintenance

    with open_base(kb) as base:
        found = maintenance.diagnose(base)
        if repair and not found.healthy:
            maintenance.repair(base, found)
            found = maintenance.diagnose(base)
    if as_json:
        console.print_json(found)
    else:
        console.print_diagnosis(found)
    if not found.healthy:
        raise typer.Exit(1)


app.command("eval")(cli_measure.evaluate)
app.command("calibrate")(cli_measure.calibrate)
app.command("models")(cli_models.models)
app.command("serve")(cli_serve.serve)


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · Port")] = 8501,
    host: Annotated[str, typer.Option(help="监听地址 · Address to listen on")] = "127.0.0.1",
) -> None:
    """打开聊天页面 · Open the chat page."""
    from kb_app.resources import resource

    Settings()
    options = {
        "server.port": port,
        "server.address": host,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "server.fileWatcherType": "none",
        "client.toolbarMode": "minimal",
        "runner.magicEnabled": "false",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    page = str(resource("streamlit_app.py"))
    console.say(f"聊天页面 chat page: http://{host}:{port}  (Ctrl-C 结束 ends)")
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", page, *flags])  # noqa: S606 - no shell


@app.command()
def config(as_json: Json = False) -> None:
    """当前设置及其来源 · The settings in force, and where each came from."""
    settings, sources = Settings(), origins({})
    rows = [
        {
            "name": f"KB_{name.upper()}",
            "value": shown(getattr(settings, name)),
            "from": sources[name],
            "help": field.description,
        }
        for name, field in type(settings).model_fields.items()
    ]
    if as_json:
        console.print_json(rows)
    else:
        console.table(("设置 setting", "值 value", "来自 from", "说明"), [list(row.values()) for row in rows])


def main() -> None:
    """Run ``kb``."""
    run(app)


if __name__ == "__main__":
    main()
