"""``xlperf excel``: what ties xlperf to Excel and LibreOffice Calc."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import JsonOption, LangOption, app, chosen_language, fail, guarded, print_rows, say
from xlperf.problems import Problem, Text

excel = typer.Typer(help="Functions and buttons in Excel and LibreOffice. / 表格中的函数和按钮。", no_args_is_help=True)
app.add_typer(excel, name="excel")


@excel.command()
def functions(
    name: Annotated[str | None, typer.Argument(help="One of the functions. / 函数名。", show_default=False)] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the worksheet functions, or explain one. / 列出工作表函数，或说明其中一个。"""
    from xlperf.excel.reference import as_data, function_lines
    from xlperf.excel.registry import CATEGORIES, find_function
    from xlperf.excel.registry import functions as registered
    from xlperf.spelling import similar

    language = chosen_language(lang, "zh")
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
        near = similar(name.upper(), registered(), 3)
        fail([Problem("function-unknown", details={"cell": name, "near": near})], language, as_json, status=2)
    if as_json:
        typer.echo(json.dumps(as_data(found, language), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(function_lines(found, language)))


@excel.command()
def oxt(
    path: Annotated[Path, typer.Argument(help="The extension to write. / 要生成的扩展。", show_default=False)],
    python: Annotated[
        str,
        typer.Option("--python", help="The Python that has xlperf. / xlperf 所在的 Python。", show_default="this one"),
    ] = sys.executable,
    lang: LangOption = None,
) -> None:
    """Make the LibreOffice Calc extension with the worksheet functions. / 生成 LibreOffice Calc 函数扩展。"""
    from xlperf.books.saving import write_atomically
    from xlperf.excel.oxt import extension

    language = chosen_language(lang, "zh")
    guarded(lambda: write_atomically(extension(python), path, keep_backup=False), language, as_json=False)
    zh = f"已生成 {path}；请在 LibreOffice 的“工具 > 扩展管理器”中安装。"
    say(Text(zh, f"{path} is made; add it in LibreOffice under Tools > Extensions."), language)
