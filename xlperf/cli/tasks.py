"""The command that runs the task rules: tasks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    app,
    chosen_language,
    fail,
    guarded,
    print_table,
    progress,
    read,
    say,
    show_problems,
)
from xlperf.core.problems import Lang, Text, has_errors, in_order

if TYPE_CHECKING:
    from xlperf.policy.scheme import Scheme
    from xlperf.scoring.tasks import Generated

COUNTED = {
    "new": Text("新建", "New"),
    "there": Text("已有", "Already there"),
    "closed": Text("完成", "Closed"),
    "cancelled": Text("取消", "Cancelled"),
    "moved": Text("转交", "Moved"),
    "dated": Text("补期限", "Due date filled in"),
}


@app.command()
def tasks(
    book: BookPath,
    output: OutPath = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the tasks of a period by the task rules, close and cancel what is due to be. / 按规则生成任务。"""
    from xlperf.policy.calendars import calendar_of
    from xlperf.reporting.task_run import refusals, tasks_of
    from xlperf.workbook.write.results import write_inputs

    said = chosen_language(lang, "en")
    with progress(said, 3) as step:
        step(Text("读取工作簿", "reading the workbook"))
        ours = read(book, lang, as_json)
        said = chosen_language(lang, ours.lang)
        calendar, found = calendar_of(ours.scheme)
        now = calendar.find(period or ours.scheme.settings.period)
        refused = refusals(ours.scheme, ours.problems, now, calendar, period)
        if now is None or has_errors(refused):
            step(None)
            fail([*found, *refused], said, as_json)
        step(Text("生成任务", "making tasks"))
        generated = tasks_of(ours.tables, ours.scheme, now, calendar, ours.lang)
        problems = in_order([*found, *refused, *generated.problems])
        step(Text("写入任务", "writing the tasks"))
        target = output or book
        written = bool(generated.changed or output)
        if written:
            filled = {"tasks": generated.tasks}
            guarded(lambda: write_inputs(book, target, filled, ours.lang), said, as_json)
    rows = _rows(generated, ours.scheme, said)
    if as_json:
        shown = [each.as_dict(said) for each in problems]
        data = {"workbook": str(target), "period": now.code, "written": written, "rules": rows, "problems": shown}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    _show(rows, now.label(said), said)
    show_problems(problems, said, brief=True)
    if written:
        say(Text(f"任务已写入 {target}", f"The tasks are in {target}"), said)
    else:
        say(Text("任务没有变化，什么都没有写入。", "No task has changed; nothing was written."), said)


def _rows(generated: Generated, scheme: Scheme, lang: Lang) -> list[dict[str, Any]]:
    names = {rule.code: rule.name(lang) for rule in scheme.task_rules}
    return [{"rule": row["rule_code"], "name": names[row["rule_code"]]} | {code: row[code] for code in COUNTED}
            for row in generated.counts.to_dict("records")]  # fmt: skip


def _show(rows: list[dict[str, Any]], title: str, lang: Lang) -> None:
    """Print a line a rule and their sum; the name of the rule gives way when the terminal is narrow."""
    from xlperf.schema import SHEETS

    totals = {code: sum(row[code] for row in rows) for code in COUNTED}
    shown = [code for code in COUNTED if totals[code] or code in ("new", "there")]
    lines = [[row["rule"], *(str(row[code]) for code in shown), row["name"]] for row in rows]
    lines.append([Text("合计", "Total")(lang), *(str(totals[code]) for code in shown), ""])
    sheet = SHEETS["task_rules"]
    headings = [sheet["code"].name(lang), *(COUNTED[code](lang) for code in shown), sheet["name"].name(lang)]
    print_table(title, headings, lines, set(shown), ["rule", *shown])
