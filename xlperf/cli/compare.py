"""The commands that go from one period to the next: roll, diff."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    app,
    appraised,
    chosen_language,
    console,
    fail,
    guarded,
    print_rows,
    progress,
    say,
)
from xlperf.core.problems import Lang, Problem, Text

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.diff import Moves
    from xlperf.scoring.stages import Appraisal

OldBook = Annotated[Path, typer.Argument(metavar="OLD", help="The earlier workbook. / 原工作簿。", show_default=False)]
NewBook = Annotated[Path, typer.Argument(metavar="NEW", help="The later workbook. / 新工作簿。", show_default=False)]
PersonArgument = Annotated[str | None, typer.Argument(help="Only one employee. / 只看一名员工。", show_default=False)]
ARROW = " → "


@app.command()
def roll(
    book: BookPath,
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The next workbook. / 新周期的工作簿。")],
    period: Annotated[str | None, typer.Option("--period", help="The period to begin. / 新周期。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin the next period: results become history, inputs are emptied, policy is kept. / 结转到下一周期。"""
    from xlperf.reporting.next_period import rolled
    from xlperf.workbook.write.next_period import write_next_period

    said = chosen_language(lang, "en")
    with progress(said, 3) as step:
        ours, appraisal = appraised(book, None, step)
        said = chosen_language(lang, ours.lang)
        same = [Problem("roll-onto-itself", details={"cell": book.name})] if output.resolve() == book.resolve() else []
        if same or not appraisal.done:
            step(None)
            fail(same or appraisal.problems, said, as_json)
        begun, problems = rolled(ours.tables, appraisal, ours.lang, period or "")
        if begun is None:
            step(None)
            fail(problems, said, as_json)
        step(Text("写入新周期", "writing the next period"))
        guarded(lambda: write_next_period(ours, begun, output), said, as_json)
    if as_json:
        emptied = [sheet for sheet in begun.tables if sheet != "history"]
        typer.echo(json.dumps({"workbook": str(output), "period": begun.period.code, "changed": emptied}))
        return
    carried = [table.title for table in begun.tables.values()]
    say(Text(f"已为新周期准备：{'、'.join(carried)}", f"Made ready for the period: {', '.join(carried)}"), said)
    say(
        Text(
            f"{begun.period.label('zh')}的工作簿：{output}。结果工作表在下次运行前仍是上期的。",
            f"{begun.period.label('en')} begins in {output}. Until it is run, its sheets of results are the old ones.",
        ),
        said,
    )


@app.command()
def diff(
    old: OldBook,
    new: NewBook,
    person: PersonArgument = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who moved between two workbooks, and the fact, target, rule or weight that moved them. / 比较两个工作簿。"""
    from xlperf.analysis.diff import moves

    said = chosen_language(lang, "en")
    with progress(said, 4) as step:
        _, before = appraised(old, None, step)
        theirs, after = appraised(new, None, step)
        said = chosen_language(lang, theirs.lang)
        for each in (before, after):
            if not each.done:
                step(None)
                fail(each.problems, said, as_json)
    found = moves(before, after, said)
    people = found.people if person is None else found.people[_is_person(found.people, person)]
    if as_json:
        typer.echo(json.dumps(_data(found, people), ensure_ascii=False, indent=2))
        return
    _show_policy(found.policy, said)
    _show_people(people, found.causes, after, said)


def _is_person(people: pd.DataFrame, word: str) -> pd.Series:
    return (people["employee_id"] == word) | (people["name"] == word)


def _data(found: Moves, people: pd.DataFrame) -> dict[str, Any]:
    def records(frame: pd.DataFrame) -> Any:
        return json.loads(frame.to_json(orient="records", double_precision=15))

    causes = found.causes[found.causes["employee_id"].isin(people["employee_id"])]
    return {"policy": records(found.policy), "people": records(people), "causes": records(causes)}


def _show_policy(policy: pd.DataFrame, lang: Lang) -> None:
    if len(policy):
        say(Text("政策的改动：", "What was decided otherwise:"), lang)
        for each in policy.to_dict("records"):
            place = " · ".join(filter(None, (each["sheet"], each["row"], each["column"])))
            console().print(f"  {place}: {each['before']}{ARROW}{each['after']}", markup=False, highlight=False)
        say(Text("", ""), lang)


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
            "name": row["name"],
            "total": _moved(row, "total", lambda value: f"{value:,.{digits}f}"),
            "grade_name": _moved(row, "grade", lambda code: grades.get(code, code)),
            "place": _moved(row, "place", lambda value: f"{value:.0f}"),
            "why": _listed(causes[causes["employee_id"] == row["employee_id"]], names, CAUSES, lang),
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
    told = []
    for each in causes.to_dict("records"):
        figures = [f"{each[side]:.4g}" if each[side] == each[side] else "–" for side in ("before", "after")]
        change = "" if figures[0] == figures[1] else f" {ARROW.join(figures).replace('  ', ' ')}"
        subject = names.get(each["indicator"], each["indicator"])
        colon = "：" if lang == "zh" else ": "
        what = words[each["cause"]](lang)
        told.append(f"{subject + colon if subject else ''}{what}{change} ({each['effect']:+.4g})")
    return "\n".join(told) or Text("其他人的变动", "others moved")(lang)
