"""``xlperf excel``: what ties xlperf to Excel and LibreOffice Calc."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    GuardedCommand,
    GuardedGroup,
    JsonOption,
    LangOption,
    app,
    chosen_language,
    fail,
    print_json,
    print_rows,
    problems_data,
    say,
    show_problems,
    show_refusals,
)
from xlperf.core.problems import NOTHING_WRITTEN, Problem, Text, has_errors, in_order

excel = typer.Typer(
    cls=GuardedGroup,
    help="Functions and buttons in Excel and LibreOffice. / 表格中的函数和按钮。",
    no_args_is_help=True,
)
app.add_typer(excel, name="excel")
command = partial(excel.command, cls=GuardedCommand)


@command()
def functions(
    name: Annotated[str | None, typer.Argument(help="One of the functions. / 函数名。", show_default=False)] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the worksheet functions, or explain one. / 列出工作表函数，或说明其中一个。"""
    from xlperf.binding.functions import find_function
    from xlperf.binding.functions import functions as registered
    from xlperf.binding.functions.registry import CATEGORIES, PREFIX
    from xlperf.binding.reference import as_data, function_lines
    from xlperf.core.spelling import similar

    language = chosen_language(lang, None)
    if name is None:
        rows = [
            {"function": each.name, "category": CATEGORIES[each.category](language), "text": each.text(language)}
            for each in registered().values()
        ]
        print_rows(rows, [Text("函数", "Function"), Text("类别", "Category"), Text("说明", "What it gives")],
                   language, as_json)  # fmt: skip
        return
    found = find_function(name)
    if found is None:
        near = similar(PREFIX + name.upper().removeprefix(PREFIX), registered(), 3)
        fail([Problem("function-unknown", details={"cell": name, "near": near})], language, as_json, status=2)
    if as_json:
        print_json(as_data(found, language))
    else:
        typer.echo("\n".join(function_lines(found, language)))


@command()
def oxt(
    path: Annotated[Path, typer.Argument(help="The extension to write. / 要生成的扩展。", show_default=False)],
    python: Annotated[
        str,
        typer.Option("--python", help="The Python that has xlperf. / 装有 xlperf 的 Python。", show_default="this"),
    ] = sys.executable,
    lang: LangOption = None,
) -> None:
    """Make the LibreOffice Calc extension with the worksheet functions. / 生成 LibreOffice Calc 函数扩展。"""
    from xlperf.addin.oxt import extension
    from xlperf.xlsx.atomic_save import write_atomically

    language = chosen_language(lang, None)
    with show_refusals(language, as_json=False):
        write_atomically(extension(python), path, keep_backup=False)
    zh = f"已生成 {path}；请在 LibreOffice 的“工具 > 扩展管理器”中安装。"
    say(Text(zh, f"{path} is made; add it in LibreOffice under Tools > Extensions."), language)


@command()
def install(
    add_in: Annotated[bool, typer.Option("--addin", help="The add-in too. / 同时安装加载项。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written. / 只显示。")] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell Excel on this computer where Python is. / 让本机的 Excel 找到 Python。"""
    from xlperf.addin.environment import this_computer
    from xlperf.addin.install import plan

    said = chosen_language(lang, None)
    steps, problems = plan(this_computer(), said, add_in)
    if problems:
        fail(problems, said, as_json)
    for step in steps:
        if not dry_run:
            with show_refusals(said, as_json):
                step.take()
    rows = [{"path": str(step.path), "what": step.what(said)} for step in steps]
    print_rows(rows, [Text("文件", "File"), Text("内容", "What it is")], said, as_json)
    if not as_json:
        done = Text("已写入。请重新启动 Excel。", "Written. Start Excel again.")
        say(NOTHING_WRITTEN if dry_run else done, said)


@command()
def doctor(
    file: Annotated[Path | None, typer.Argument(help="A macro workbook. / 宏工作簿。", show_default=False)] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what keeps Excel from calling Python, and how to mend it. / 检查 Excel 与 Python 的连接。"""
    from xlperf.addin.doctor import as_data, examine, refused
    from xlperf.addin.environment import this_computer
    from xlperf.binding.build import ribbon_language

    spoken = ribbon_language(file.read_bytes()) if file is not None and not refused(file) else None
    said = chosen_language(lang, spoken)
    findings = examine(this_computer(), file)
    problems = in_order(each.problem for each in findings if each.problem is not None)
    if as_json:
        print_json({"findings": as_data(findings, said), "problems": problems_data(problems, said)})
    else:
        print_rows(
            as_data(findings, said), [Text("", ""), Text("检查", "Looked at"), Text("情况", "Seen")], said, False
        )
        show_problems(problems, said)
    raise typer.Exit(1 if has_errors(problems) else 0)


@command()
def rebind(
    file: Annotated[Path, typer.Argument(help="An .xlsm, or an .xlsx. / 工作簿。", show_default=False)],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Renew VBA and ribbon for the xlwings installed here; an .xlsx gets an .xlsm beside it. / 更新宏工作簿。"""
    from xlperf.addin.doctor import refused
    from xlperf.binding.build import ribbon_language, with_macros
    from xlperf.binding.vba_project import BrokenProject
    from xlperf.workbook.read.book import read_book
    from xlperf.xlsx.atomic_save import write_atomically
    from xlperf.xlsx.reader.safety import check_package

    target = file.with_suffix(".xlsm") if file.suffix.lower() == ".xlsx" else file
    problems = refused(file) if target == file else [each for each in check_package(file) if each.level == "error"]
    if target != file and target.exists():
        problems.append(Problem("file-exists", details={"cell": target.name}))
    if problems:
        fail(problems, chosen_language(lang, None), as_json)
    spoken = ribbon_language(file.read_bytes()) or read_book(file).lang
    language = chosen_language(lang, spoken)
    try:
        renewed = with_macros(file.read_bytes(), language)
    except BrokenProject:
        fail([Problem("vba-damaged", details={"file": file.name})], language, as_json)
    with show_refusals(language, as_json):
        write_atomically(renewed, target)
    if as_json:
        print_json({"workbook": str(target), "language": language, "problems": []})
    else:
        say(Text(f"已更新 {target}", f"Renewed {target}"), language)
