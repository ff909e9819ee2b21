"""The command that makes paper: the printable forms."""

from __future__ import annotations

from typing import Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    asked_language,
    chosen_language,
    command,
    done,
    print_json,
    print_line,
    problems_data,
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Text

FormOption = Annotated[list[str] | None, typer.Option("--form", help="A form by code, title or number. / 表格。")]
PersonOption = Annotated[list[str] | None, typer.Option("--person", help="An employee ID or name. / 工号或姓名。")]


@command()
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
    from xlperf.workflows.fill_forms import forms

    language, wanted, people = asked_language(lang), form or (), person or ()
    with progress(chosen_language(lang, None), 4) as step:
        result = forms(book, output, form=wanted, person=people, period=period, lang=language, on_step=step)
    found, said = done(result, lang, as_json)
    (target,) = found.written
    if as_json:
        rows = [
            {"form": each.code, "title": each.title, "pages": count}
            for each, count in zip(found.forms, found.pages, strict=True)
        ]
        data = {"workbook": str(target), "forms": rows, "problems": problems_data(found.problems, said)}
        print_json(data)
        return
    for each, count in zip(found.forms, found.pages, strict=True):
        pages = Text(f"{count} 页", f"pages {count}")(said)
        print_line(f"  {each.title}  {pages}")
    show_problems(found.problems, said)
    say(Text(f"表格已写入 {target}", f"The forms are in {target}"), said)
