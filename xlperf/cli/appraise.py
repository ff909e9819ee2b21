"""The commands that appraise: check, run, explain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlperf.cli.common import (
    BookPath,
    ByOption,
    DateOption,
    FactsOption,
    FormulasOption,
    JsonOption,
    LangOption,
    Language,
    OutPath,
    PeriodOption,
    Way,
    asked_language,
    chosen_language,
    command,
    done,
    facts_of,
    print_json,
    print_line,
    problems_data,
    progress,
    records,
    say,
    show_differences,
    show_problems,
    show_results,
    show_units,
    tell_problems,
)
from xlperf.core.problems import Lang, Text, has_errors

if TYPE_CHECKING:
    from xlperf.workflows.appraise_book import RunResult

DATA = ("results", "lists", "units", "pay_results", "differences")  # sheets that --json prints


@command()
def check(
    book: BookPath,
    period: PeriodOption = None,
    facts: FactsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every problem of a workbook at once, with its address. / 检查工作簿。"""
    from xlperf.workflows.appraise_book import check

    sources = facts_of(facts, lang, as_json)
    with progress(chosen_language(lang, None), 2) as step:
        found = check(book, period=period, facts=sources, on_step=step)
    tell_problems(found.problems, chosen_language(lang, found.lang), as_json)
    raise typer.Exit(1 if has_errors(found.problems) else 0)


@command()
def run(
    book: BookPath,
    output: OutPath = None,
    period: PeriodOption = None,
    facts: FactsOption = None,
    formulas: FormulasOption = Way.values,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing; fail where the results are stale. / 只核对，不写入。")
    ] = False,
    by: ByOption = None,
    date: DateOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run even if nothing has changed since the last run. / 没有变化也重新计算。")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Appraise, and write the results into the workbook; the previous one is kept as a backup. / 运行考核。"""
    from xlperf.workflows.appraise_book import UnchangedResult, run, run_if_changed

    sources = facts_of(facts, lang, as_json)
    if verify:
        _verify(book, period, sources, formulas, lang, as_json)
        return
    language = asked_language(lang)
    usual = formulas is Way.values and not (output or sources or by or date)
    with progress(chosen_language(lang, None), 3) as step:
        if usual and not (force or as_json):  # JSON asks for the figures themselves
            result = run_if_changed(book, period=period, lang=language, on_step=step)
        else:
            result = run(
                book, output, period=period, facts=sources, formulas=formulas.value, lang=language, by=by, date=date,
                on_step=step,
            )  # fmt: skip
    if isinstance(result, UnchangedResult):
        said = chosen_language(lang, result.lang)
        say(_unchanged(book), said)
        say(Text("结果见工作簿；加 --force 重新计算。", "It holds the results; --force computes them again."), said)
        return
    found, said = done(result, lang, as_json)
    if as_json:
        print_json(_run_data(found, book, said))
    else:
        _show_run(found, book, said)


def _verify(
    book: Path,
    period: str | None,
    sources: Mapping[str, str] | None,
    formulas: Way,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Say that the results are those of a run; stop where they are not."""
    from xlperf.workflows.appraise_book import verify

    with progress(chosen_language(lang, None), 3) as step:
        verified = verify(
            book, period=period, facts=sources, formulas=formulas.value, lang=asked_language(lang), on_step=step
        )
    _, said = done(verified, lang, as_json)
    if as_json:
        print_json({"workbook": str(book), "stale": [], "problems": []})
    else:
        say(Text(f"{book} 中的结果与现在计算的一致。", f"The results in {book} are those that a run gives."), said)


def _run_data(found: RunResult, book: Path, lang: Lang) -> dict[str, Any]:
    """Return what --json prints of a run."""
    target = found.written[0] if found.written else book
    return {
        "workbook": str(target),
        "period": found.period,
        "written": bool(found.written),
        **{code: records(found.sheets[code]) for code in DATA if code in found.sheets},
        "policy_changes": records(found.policy_changes),
        "problems": problems_data(found.problems, lang),
    }


def _show_run(found: RunResult, book: Path, lang: Lang) -> None:
    """Print the results of a run, its problems, and what was written; of a locked period what would differ."""
    from xlperf.schema import SHEETS
    from xlperf.scoring.stages import Locked

    appraisal, sheets = found.appraisal, found.sheets
    if isinstance(appraisal, Locked):
        show_differences(appraisal.differences, appraisal.scheme, lang)
    else:
        show_results(sheets["results"], appraisal.scheme, lang)
        show_units(sheets.get("units"), appraisal.scheme, lang)
    show_problems(found.problems, lang, brief=not isinstance(appraisal, Locked))
    for item, value in sheets["formulas"].itertuples(index=False) if "formulas" in sheets else ():
        say(Text(f"{item}：{value}", f"{item}: {value}"), lang)
    if changes := len(found.policy_changes):
        log = SHEETS["policy_log"].title
        say(
            Text(
                f"政策有改动，{log.zh}增加 {changes} 行。",
                f"The policy has changed; rows added to {log.en}: {changes}.",
            ),
            lang,
        )
    if found.written:
        target = found.written[0]
        say(Text(f"结果已写入 {target}", f"The results are in {target}"), lang)
    else:
        say(_unchanged(book), lang)


def _unchanged(target: Path) -> Text:
    return Text(
        f"与上次运行相比没有变化，{target} 未重新写入。",
        f"Nothing has changed since the last run: {target} was not written again.",
    )


@command()
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
    from xlperf.workflows.appraise_book import explain

    sources, language = facts_of(facts, lang, as_json), asked_language(lang)
    found, said = done(
        explain(book, person, indicator, period=period, facts=sources, page=page, rows=rows, lang=language),
        lang,
        as_json,
    )
    if as_json:
        print_json(found.story.as_dict() | {"problems": problems_data(found.problems, said)})
    else:
        for line in as_lines(found.story, said):
            print_line(line)
