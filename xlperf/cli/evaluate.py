"""The command that judges the scheme itself: evaluate."""

from __future__ import annotations

import json
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
    appraised,
    chosen_language,
    console,
    fail,
    guarded,
    progress,
    say,
)
from xlperf.core.problems import Lang, Text

if TYPE_CHECKING:
    from xlperf.analysis.evaluation import Finding


@app.command()
def evaluate(
    book: BookPath,
    output: OutPath = None,
    write: Annotated[bool, typer.Option("--write", help="Write the Evaluation sheet. / 写入方案评估表。")] = False,
    period: PeriodOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the scheme itself: targets, survey, cost, spread, raters, stability, weights. / 评估方案是否有效。"""
    from xlperf.analysis.evaluation import evaluate as judge
    from xlperf.analysis.evaluation import evaluation_rows
    from xlperf.workbook.write.results import write_book

    said = chosen_language(lang, "en")
    with progress(said, 3) as step:
        ours, appraisal = appraised(book, period, step)
        said = chosen_language(lang, ours.lang)
        if not appraisal.done:
            step(None)
            fail(appraisal.problems, said, as_json)
        step(Text("评估方案", "judging the scheme"))
        findings = judge(appraisal)
        target = output or (book if write else None)
        if target is not None:
            sheets = {"evaluation": evaluation_rows(findings, said)}
            guarded(lambda: write_book(ours.path, target, sheets, appraisal.scheme, said), said, as_json)
    if as_json:
        data = {
            "workbook": str(target or book),
            "period": appraisal.period.code if appraisal.period else None,
            "findings": [each.as_dict(said) for each in findings],
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for topic, of_topic in groupby(findings, key=lambda each: each.topic(said)):
        show_findings(topic, of_topic, said)
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
        table.add_row(*(Styled(words[code]) for code in ("finding", "figure", "limit", "advice")))
    console().print(table)
    console().print()
