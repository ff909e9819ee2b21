"""The command that writes reminders: reminders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    PeriodOption,
    asked_language,
    chosen_language,
    command,
    done,
    print_json,
    problems_data,
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Text, some

FolderOption = Annotated[Path | None, typer.Option("--output", "-o", help="The folder of the files. / 输出文件夹。")]


@command()
def reminders(
    book: BookPath,
    output: FolderOption = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write reminders to who has not answered; nothing is sent. / 生成催办提醒，不发送。"""
    from xlperf.workflows.write_reminders import reminders

    with progress(chosen_language(lang, None), 3) as step:
        result = reminders(book, output, period=period, lang=asked_language(lang), on_step=step)
    found, said = done(result, lang, as_json)
    if as_json:
        people = [
            {"employee_id": each.employee_id, "name": each.name, "address": each.address, "text": each.text}
            for each in found.reminders
        ]
        data = {"folder": str(found.folder), "reminders": people, "removed": [str(each) for each in found.removed]}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    if found.problems:
        show_problems(found.problems, said)
    if found.reminders:
        who, count = some([each.employee_id for each in found.reminders]), len(found.reminders)
        say(
            Text(
                f"{count} 人还有待填内容（{who.zh}），提醒在 {found.folder}；没有发送。",
                f"Still to answer: {count} ({who.en}). The reminders are in {found.folder}; nothing was sent.",
            ),
            said,
        )
    else:
        say(Text("所有人都已填好。", "Everybody has answered."), said)
