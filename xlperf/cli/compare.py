"""The commands that go from one period to the next: roll, diff."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    asked_language,
    chosen_language,
    command,
    done,
    print_json,
    print_line,
    print_rows,
    problems_data,
    progress,
    records,
    say,
)
from xlperf.core.problems import Lang, Text

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.scoring.stages import Appraisal

OldBook = Annotated[Path, typer.Argument(metavar="OLD", help="The earlier workbook. / 原工作簿。", show_default=False)]
NewBook = Annotated[Path, typer.Argument(metavar="NEW", help="The later workbook. / 新工作簿。", show_default=False)]
PersonArgument = Annotated[str | None, typer.Argument(help="Only one employee. / 只看一名员工。", show_default=False)]
ARROW = " → "


@command()
def roll(
    book: BookPath,
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The next workbook. / 新周期的工作簿。")],
    period: Annotated[str | None, typer.Option("--period", help="The period to begin. / 新周期。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin the next period: results become history, inputs are emptied, policy is kept. / 结转到下一周期。"""
    from xlperf.workflows.begin_period import roll

    with progress(chosen_language(lang, None), 3) as step:
        result = roll(book, output, period=period, on_step=step)
    found, said = done(result, lang, as_json)
    begun, carried = found.plan.begun, found.plan.carried
    if as_json:
        data = {"workbook": str(output), "period": begun.code, "changed": list(found.plan.emptied)}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    say(Text(f"已为新周期准备：{'、'.join(carried)}", f"Made ready for the period: {', '.join(carried)}"), said)
    say(
        Text(
            f"{begun.label('zh')}的工作簿：{output}。结果工作表在下次运行前仍是上期的。",
            f"{begun.label('en')} begins in {output}. Until it is run, its sheets of results are the old ones.",
        ),
        said,
    )


@command()
def diff(
    old: OldBook,
    new: NewBook,
    person: PersonArgument = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who moved between two workbooks, and the fact, target, rule or weight that moved them. / 比较两个工作簿。"""
    from xlperf.workflows.compare_books import diff

    with progress(chosen_language(lang, None), 4) as step:
        result = diff(old, new, person, lang=asked_language(lang), on_step=step)
    found, said = done(result, lang, as_json)
    moves, people = found.moves, found.people
    if as_json:
        causes = moves.causes[moves.causes["employee_id"].isin(people["employee_id"])]
        data = {"policy": records(moves.policy), "people": records(people), "causes": records(causes)}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    _show_policy(moves.policy, said)
    _show_people(people, moves.causes, found.after, said)


def _show_policy(policy: pd.DataFrame, lang: Lang) -> None:
    if len(policy):
        say(Text("政策的改动：", "What was decided otherwise:"), lang)
        for each in policy.to_dict("records"):
            place = " · ".join(filter(None, (each["sheet"], each["row"], each["column"])))
            who = ", ".join(filter(None, (each["by"], each["on"])))
            print_line(f"  {place}: {each['before']}{ARROW}{each['after']}" + (f" ({who})" if who else ""))
        print_line()


def _show_people(people: pd.DataFrame, causes: pd.DataFrame, after: Appraisal, lang: Lang) -> None:
    """Print who moved, one person a block, with the strongest causes first."""
    from xlperf.analysis.diff import CAUSES
    from xlperf.schema import SHEETS

    say(Text(f"有变化的员工：{len(people)} 人", f"People who moved: {len(people)}"), lang)
    digits = after.scheme.settings.decimals
    grades = {each.code: each.name(lang) for each in after.scheme.grades}
    names = {each.code: each.name(lang) for each in after.scheme.indicators}
    sheet = SHEETS["results"]
    lines = [
        {
            "employee_id": row["employee_id"],
            "name": row["name"] if row["name"] == row["name"] else "",
            "total": _moved(row, "total", lambda value: f"{value:,.{digits}f}"),
            "grade_name": _moved(row, "grade", lambda code: grades.get(code, code)),
            "place": _moved(row, "place", lambda value: f"{value:.0f}"),
            "why": _listed(causes[causes["employee_id"] == row["employee_id"]], names, CAUSES, lang) or _why(row)(lang),
        }
        for row in people.to_dict("records")
    ]
    headings = [sheet[code].name for code in ("employee_id", "name", "total", "grade_name", "place")]
    if lines:
        print_rows(lines, [*headings, Text("原因（影响总分）", "Why (points of the total)")], lang, as_json=False)


def _moved(row: Mapping[Any, Any], code: str, write: Any) -> str:
    old, new = ("" if value is None or value != value else write(value)
                for value in (row[f"{code}_before"], row[f"{code}_after"]))  # fmt: skip
    return old if old == new else f"{old or '–'}{ARROW}{new or '–'}"


def _listed(causes: pd.DataFrame, names: dict[str, str], words: dict[str, Text], lang: Lang) -> str:
    """Write the causes of one person, such as "On-time rate: actual 0.8 → 0.9 (+2.5)"."""
    lines = []
    for each in causes.to_dict("records"):
        figures = [f"{each[side]:.4g}" if each[side] == each[side] else "–" for side in ("before", "after")]
        change = "" if figures[0] == figures[1] else f" {ARROW.join(figures).replace('  ', ' ')}"
        subject = names.get(each["indicator"], each["indicator"])
        colon = "：" if lang == "zh" else ": "
        what = words[each["cause"]](lang)
        lines.append(f"{subject + colon if subject else ''}{what}{change} ({each['effect']:+.4g})")
    return "\n".join(lines)


def _why(row: Mapping[Any, Any]) -> Text:
    """Say what moved somebody whose total is the same."""
    if row["place_before"] == row["place_after"]:
        return Text("等级线的变动", "the line of the grade moved")
    return Text("其他人的变动", "others moved")
