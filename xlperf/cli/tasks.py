"""The command that runs the task rules: tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    chosen_language,
    command,
    done,
    print_json,
    print_table,
    problems_data,
    progress,
    say,
    show_problems,
)
from xlperf.core.problems import Lang, Text

if TYPE_CHECKING:
    from xlperf.workflows.generate_tasks import TasksResult

COUNTED = {
    "new": Text("新建", "New"),
    "there": Text("已有", "Already there"),
    "closed": Text("完成", "Closed"),
    "cancelled": Text("取消", "Cancelled"),
    "moved": Text("转交", "Moved"),
    "dated": Text("补期限", "Due date filled in"),
}


@command()
def tasks(
    book: BookPath,
    output: OutPath = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the tasks of a period by the task rules, close and cancel what is due to be. / 按规则生成任务。"""
    from xlperf.workflows.generate_tasks import tasks

    with progress(chosen_language(lang, None), 3) as step:
        result = tasks(book, output, period=period, on_step=step)
    found, said = done(result, lang, as_json)
    rows, target = _rows(found, said), output or book
    if as_json:
        data = {"workbook": str(target), "period": found.period.code, "written": bool(found.written), "rules": rows}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    _show(rows, found.period.label(said), said)
    show_problems(found.problems, said, brief=True)
    if found.written:
        say(Text(f"任务已写入 {target}", f"The tasks are in {target}"), said)
    else:
        say(Text("任务没有变化，什么都没有写入。", "No task has changed; nothing was written."), said)


def _rows(found: TasksResult, lang: Lang) -> list[dict[str, Any]]:
    names = {rule.code: rule.name(lang) for rule in found.scheme.task_rules}
    return [{"rule": row["rule_code"], "name": names[row["rule_code"]]} | {code: row[code] for code in COUNTED}
            for row in found.counts.to_dict("records")]  # fmt: skip


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
