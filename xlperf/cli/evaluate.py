"""The command that judges the scheme itself: evaluate."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    app,
    asked_language,
    chosen_language,
    command,
    console,
    done,
    print_json,
    print_rows,
    printable,
    problems_data,
    progress,
    records,
    say,
)
from xlperf.core.problems import Lang, Text

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.evaluation import Finding

__all__ = ["app", "evaluate"]


@command()
def evaluate(
    book: BookPath,
    output: OutPath = None,
    write: Annotated[bool, typer.Option("--write", help="Write the Evaluation sheet. / 写入方案评估表。")] = False,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the scheme itself: targets, survey, cost, spread, raters, stability, weights. / 评估方案是否有效。"""
    from xlperf.workflows.evaluate_scheme import evaluate

    language = asked_language(lang)
    with progress(chosen_language(lang, None), 3) as step:
        result = evaluate(book, output, write=write, period=period, lang=language, on_step=step)
    found, said = done(result, lang, as_json)
    target = found.written[0] if found.written else None
    if as_json:
        findings = [each.as_dict(said) for each in found.findings]
        data = {"workbook": str(target or book), "period": found.period, "findings": findings}
        data |= {"unusual": records(found.unusual)}
        print_json(data | {"problems": problems_data(found.problems, said)})
        return
    for topic, of_topic in groupby(found.findings, key=lambda each: each.topic(said)):
        show_findings(topic, of_topic, said)
    unusual = found.unusual[found.unusual["verdict"] != ""]
    if len(unusual):
        show_unusual(unusual, said)
    if target is not None:
        say(Text(f"方案评估已写入 {target}", f"The evaluation is in {target}"), said)


def show_findings(topic: str, findings: Iterable[Finding], lang: Lang) -> None:
    """Print the findings of a topic: what was found, the figure, what it is compared with, what to do."""
    from rich.table import Table
    from rich.text import Text as Styled

    from xlperf.schema import SHEETS

    table = Table(title=Styled(topic, style="bold"), title_justify="left", box=None, header_style="dim", pad_edge=False)
    for code, ratio in (("finding", 4), ("figure", 0), ("limit", 2), ("advice", 3)):
        heading = SHEETS["evaluation"][code].name(lang)
        table.add_column(heading, justify="left" if ratio else "right", ratio=ratio or None, no_wrap=not ratio)
    for each in findings:
        words = each.as_dict(lang)
        table.add_row(*(Styled(printable(words[code])) for code in ("finding", "figure", "limit", "advice")))
    console().print(table)
    console().print()


def show_unusual(rows: pd.DataFrame, lang: Lang) -> None:
    """Print managers and raters who are unusual: the difference with its interval, and the verdict.

    Parameters
    ----------
    rows : of the sheet Unusual ratings
    lang : of the words
    """
    from xlperf.schema import SHEETS

    sheet = SHEETS["unusual"]
    lines = [
        {
            **{code: row[code] or "" for code in ("role", "employee_id", "name")},
            "people": f"{row['people']:.0f}",
            "difference": f"{row['difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]",
            "effect": f"{row['effect']:+.2f}",
            "shrunken": f"{row['shrunken']:+.2f}",
            "verdict": row["verdict"],
        }
        for row in rows.to_dict("records")
    ]
    print_rows(lines, [sheet[code].name for code in lines[0]], lang, as_json=False)
