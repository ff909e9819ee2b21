"""The command that makes paper: the printable forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    app,
    appraised,
    chosen_language,
    console,
    fail,
    guarded,
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Lang, Problem, Text, has_errors, in_order

if TYPE_CHECKING:
    from xlperf.reporting.forms import Form

FormOption = Annotated[list[str] | None, typer.Option("--form", help="A form by code, title or number. / 表格。")]
PersonOption = Annotated[list[str] | None, typer.Option("--person", help="An employee ID or name. / 工号或姓名。")]


@app.command()
def forms(
    book: BookPath,
    output: OutPath = None,
    form: FormOption = None,
    person: PersonOption = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fill in the forms to print, all of them for everybody unless some are named. / 生成可打印的表格。"""
    from xlperf.reporting.forms import fill_forms

    target = output or book.with_name(f"{book.stem}-forms.xlsx")
    refused = _refusals(book, target)
    if refused:
        fail(refused, chosen_language(lang, "en"), as_json)
    with progress(chosen_language(lang, "en"), 4) as step:
        ours, appraisal = appraised(book, period, step)
        said = chosen_language(lang, ours.lang)
        step(Text("填写表格", "filling in the forms"))
        filled, problems = fill_forms(appraisal, said, form or (), person or ()) if appraisal.done else ([], [])
        if not filled or has_errors(problems):
            step(None)
            fail([*appraisal.problems, *problems] if not appraisal.done else problems, said, as_json)
        step(Text("写入表格", "writing the forms"))
        guarded(lambda: _write(filled, target, said), said, as_json)
    rows = [{"form": each.code, "title": each.title, "pages": len(each.pages)} for each in filled]
    if as_json:
        shown = [each.as_dict(said) for each in in_order(problems)]
        data = {"workbook": str(target), "forms": rows, "problems": shown}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for row in rows:
        pages = Text(f"{row['pages']} 页", f"pages {row['pages']}")(said)
        console().print(f"  {row['title']}  {pages}", markup=False)
    show_problems(problems, said)
    say(Text(f"表格已写入 {target}", f"The forms are in {target}"), said)


def _refusals(book: Path, target: Path) -> list[Problem]:
    """Refuse a target that is no workbook, or the workbook itself."""
    if target.suffix != ".xlsx":
        return [Problem("file-kind", details={"cell": target.name})]
    if target.resolve() == book.resolve():
        return [Problem("forms-into-book", details={"cell": target.name})]
    return []


def _write(filled: list[Form], target: Path, lang: Lang) -> None:
    from xlperf.workbook.write.print_forms import write_forms

    write_forms(filled, target, lang)
