"""The command about appeals: appeals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    ByOption,
    DateOption,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    ReasonOption,
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
    show_problems,
)
from xlperf.core.problems import Lang, Text

if TYPE_CHECKING:
    import pandas as pd


@command()
def appeals(
    book: BookPath,
    output: OutPath = None,
    appeal: Annotated[str | None, typer.Option("--id", help="One appeal. / 申诉编号。")] = None,
    decide: Annotated[
        str | None, typer.Option("--decide", help="upheld, rejected or withdrawn. / 成立、不成立或撤回。")
    ] = None,
    points: Annotated[float | None, typer.Option("--points", help="Added to the total. / 加到总分上的分值。")] = None,
    reason: ReasonOption = None,
    by: ByOption = None,
    date: DateOption = None,
    take: Annotated[bool, typer.Option("--take", help="Take the decision and write it. / 作出决定并写入。")] = False,
    forms: Annotated[Path | None, typer.Option("--forms", help="Write forms into a folder. / 生成申诉表。")] = None,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List appeals, show what a decision changes, take it; hand out forms. / 查看申诉、决定的影响并作出决定。"""
    from xlperf.workflows import decide_appeals as workflows

    language = asked_language(lang)
    with progress(chosen_language(lang, None), 3) as step:
        if forms is not None:
            made = workflows.appeal_forms(book, forms, period=period, lang=language, on_step=step)
        else:
            result = workflows.appeals(
                book, output, appeal=appeal, decide=decide, points=points, reason=reason,
                by=by, date=date, take=take, period=period, lang=language, on_step=step,
            )  # fmt: skip
    if forms is not None:
        written, said = done(made, lang, as_json)
        if as_json:
            data = {"folder": str(written.folder), "forms": written.forms}
            print_json(data | {"problems": problems_data(written.problems, said)})
        else:
            zh, en = f"{written.forms} 份申诉表在 {written.folder}", f"{written.forms} forms are in {written.folder}"
            say(Text(zh, en), said)
        return
    found, said = done(result, lang, as_json)
    if as_json:
        data = {"appeals": records(_dated(found.appeals)), "effect": records(found.effect)}
        data |= {"written": bool(found.written), "problems": problems_data(found.problems, said)}
        print_json(data)
        return
    show_appeals(found.appeals, found.effect, said)
    show_problems(found.problems, said, brief=True)
    if found.written:
        say(Text(f"决定已写入 {found.written[0]}", f"The decision is in {found.written[0]}"), said)
    elif decide is not None:
        say(Text("尚未写入；加上 --take 作出决定。", "Nothing was written; add --take to take the decision."), said)


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Write days as text."""
    days = {code: rows[code].dt.strftime("%Y-%m-%d") for code in ("filed_on", "decided_on") if code in rows}
    return rows.assign(**days)


def show_appeals(appeals: pd.DataFrame, effect: pd.DataFrame, lang: Lang) -> None:
    """Print the appeals, and whose result a decision changes.

    Parameters
    ----------
    appeals : rows of the sheet
    effect : one row a person
    lang : of the words
    """
    from xlperf.core.vocabulary import WORDS
    from xlperf.schema import SHEETS

    sheet, results = SHEETS["appeals"], SHEETS["results"]
    codes = ["appeal_id", "employee_id", "filed_on", "about", "state", "points", "reason", "decided_by"]
    words = WORDS["appeal_state"]
    rows = [
        {code: "" if row[code] != row[code] or row[code] is None else str(row[code]) for code in codes}
        | {"state": words[row["state"]](lang) if row["state"] in words else ""}
        for row in _dated(appeals).to_dict("records")
    ]
    if rows:
        print_rows(rows, [sheet[code].name for code in codes], lang, as_json=False)
    else:
        say(Text("本期没有申诉。", "There are no appeals in the period."), lang)
    if len(effect):
        print_line()
        compared = ("total", "place", "grade_name", "pay")
        lines = [
            {"employee_id": str(row["employee_id"]), "name": str(row["name"])}
            | {code: _change(row[f"{code}_before"], row[f"{code}_after"]) for code in compared}
            for row in effect.to_dict("records")
        ]
        print_rows(lines, [results[code].name for code in ("employee_id", "name", *compared)], lang, as_json=False)


def _change(before: object, after: object) -> str:
    one, other = ("–" if each != each or each is None else f"{each:g}" if isinstance(each, float) else str(each)
                  for each in (before, after))  # fmt: skip
    return one if one == other else f"{one} → {other}"
