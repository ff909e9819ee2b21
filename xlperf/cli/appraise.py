"""The commands that appraise: check, run, explain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    FactsOption,
    FormulasOption,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    Way,
    app,
    appraised,
    chosen_language,
    console,
    fail,
    guarded,
    json_of,
    progress,
    say,
    show_differences,
    show_problems,
    show_results,
    show_units,
    sources_of,
    stale_with,
    written,
)
from xlperf.core.problems import Lang, Problem, Text, has_errors


@app.command()
def check(
    book: BookPath,
    period: PeriodOption = None,
    facts: FactsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every problem of a workbook at once, with its address. / 检查工作簿。"""
    said = chosen_language(lang, "en")
    sources = sources_of(facts, said, as_json)
    with progress(said, 2) as step:
        ours, appraisal = appraised(book, period, step, sources)
    said = chosen_language(lang, ours.lang)
    if as_json:
        typer.echo(json.dumps([each.as_dict(said) for each in appraisal.problems], ensure_ascii=False, indent=2))
    else:
        show_problems(appraisal.problems, said)
    raise typer.Exit(1 if has_errors(appraisal.problems) else 0)


@app.command()
def run(
    book: BookPath,
    output: OutPath = None,
    period: PeriodOption = None,
    facts: FactsOption = None,
    formulas: FormulasOption = Way.values,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing; fail where the results are stale. / 只核对，不写入。")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Appraise, and write the results into the workbook; the previous one is kept as a backup. / 运行考核。"""
    said = chosen_language(lang, "en")
    sources = sources_of(facts, said, as_json)
    with progress(said, 3) as step:
        ours, appraisal = appraised(book, period, step, sources)
        said = chosen_language(lang, ours.lang)
        if not appraisal.done:
            step(None)
            fail(appraisal.problems, said, as_json)
        if verify:
            step(Text("核对结果", "comparing the results"))
            stale = guarded(lambda: stale_with(ours, appraisal, said, formulas), said, as_json)
            step(None)
            _tell_verified(stale, book, said, as_json)
            return
        step(Text("写入结果", "writing the results"))
        target = output or book
        sheets = guarded(lambda: written(ours, appraisal, target, said, way=formulas), said, as_json)
    if as_json:
        typer.echo(json_of(sheets, appraisal, target, said))
        return
    if appraisal.differences is None:
        show_results(sheets["results"], appraisal.scheme, said)
        show_units(sheets.get("units"), appraisal.scheme, said)
    else:
        show_differences(appraisal.differences, appraisal.scheme, said)
    show_problems(appraisal.problems, said, brief=appraisal.differences is None)
    for item, value in sheets["formulas"].itertuples(index=False) if "formulas" in sheets else ():
        say(Text(f"{item}：{value}", f"{item}: {value}"), said)
    say(Text(f"结果已写入 {target}", f"The results are in {target}"), said)


def _tell_verified(stale: list[Problem], book: Path, lang: Lang, as_json: bool) -> None:
    if stale:
        fail(stale, lang, as_json)
    if as_json:
        typer.echo(json.dumps({"workbook": str(book), "stale": []}, ensure_ascii=False))
    else:
        say(Text(f"{book} 中的结果与现在计算的一致。", f"The results in {book} are those that a run gives."), lang)


@app.command()
def explain(
    book: BookPath,
    person: Annotated[str, typer.Argument(help="Employee ID or name. / 工号或姓名。", show_default=False)],
    indicator: Annotated[str | None, typer.Argument(help="Down to the rows. / 指标。")] = None,
    period: PeriodOption = None,
    facts: FactsOption = None,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page of the rows. / 明细的第几页。")] = 1,
    rows: Annotated[int | None, typer.Option("--rows", min=1, help="Rows of a page. / 每页行数。")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a result, from the grade down to the client and task rows. / 说明结果的来龙去脉。"""
    from xlperf.analysis.explain import as_lines
    from xlperf.analysis.explain import explain as story_of

    sources = sources_of(facts, chosen_language(lang, "en"), as_json)
    ours, appraisal = appraised(book, period, lambda _: None, sources)
    said = chosen_language(lang, ours.lang)
    if not appraisal.done:
        fail(appraisal.problems, said, as_json)
    story, problems = story_of(appraisal, person, indicator, said, page, rows)
    if story is None:
        fail(problems, said, as_json)
    if as_json:
        typer.echo(json.dumps(story.as_dict(), ensure_ascii=False, indent=2))
    else:
        console().print("\n".join(as_lines(story, said)), markup=False, highlight=False, soft_wrap=True)
