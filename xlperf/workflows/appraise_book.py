"""Checks, runs, verifies and explains the appraisal of a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from xlperf.core.problems import Lang, Text
from xlperf.workflows.decisions import Decision
from xlperf.workflows.policy_record import PolicyRecord, check_record, policy_record
from xlperf.workflows.result import OnStep, Refusal, Refused, Result, no_step, refuse_errors, refusing, workflow
from xlperf.workflows.store import BookOrPath, WorkbookStore, read_from, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.explain import Story
    from xlperf.scoring.stages import Appraisal, Completed, Finished
    from xlperf.workbook.read.book import Book
    from xlperf.workbook.run_mark import RunOptions

Way = Literal["values", "native", "udf"]  # how computed cells are written
COMPARING = Text("与上次运行比较", "comparing with the last run")
READING = Text("读取工作簿", "reading the workbook")
SCORING = Text("计分与排名", "scoring and ranking")
WRITING = Text("写入结果", "writing the results")


@dataclass(frozen=True)
class CheckResult(Result):
    """Every problem of a workbook. ``period`` is the code of the period; None where it is not known."""

    period: str | None


@dataclass(frozen=True)
class RunResult(Result):
    """The results of a run.

    ``sheets`` are the rows of the output sheets by code, as they were written; ``policy_changes`` the rows that were
    added to the policy log.
    """

    period: str
    appraisal: Appraisal
    sheets: Mapping[str, pd.DataFrame]
    policy_changes: pd.DataFrame


@dataclass(frozen=True)
class UnchangedResult(Result):
    """The workbook still is what its last run left: nothing was computed, and nothing written."""


@dataclass(frozen=True)
class VerifyResult(Result):
    """The results in the workbook are those of a run."""

    period: str


@dataclass(frozen=True)
class ExplainResult(Result):
    """How somebody came to the result."""

    story: Story


@workflow
def check(
    book: BookOrPath,
    *,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    write_sheet: bool = False,
    on_step: OnStep = no_step,
) -> CheckResult:
    """Find every problem of a workbook.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    period : such as ``2026-10``; the one on Home, if none is given
    facts : sheets whose rows come from outside, and where from
    write_sheet : whether the problems are listed on the Problems sheet too; nothing is written otherwise
    on_step : called with a sentence at each step

    Returns
    -------
    CheckResult; Refusal where the workbook cannot be read.
    """
    store = store_of(book)
    ours, appraisal = appraised(store, period, facts, on_step)
    written: tuple[Path, ...] = ()
    if write_sheet:
        from xlperf.reporting.output_tables import problem_rows

        rows = problem_rows(appraisal.problems, ours.lang)
        written = write_outputs(store, appraisal, {"problems": rows}, ours.lang, with_views=False)
    code = appraisal.period.code if appraisal.period is not None else None
    return CheckResult(tuple(appraisal.problems), ours.lang, written, code)


@workflow
def run(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    formulas: Way = "values",
    lang: Lang | None = None,
    by: str | None = None,
    date: str | None = None,
    keep_backup: bool = True,
    on_step: OnStep = no_step,
) -> RunResult:
    """Appraise a workbook, and write its sheets of results.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : another file to write; the workbook itself, if none is given, with the previous one as a backup beside it
    period : such as ``2026-10``; the one on Home, if none is given
    facts : sheets whose rows come from outside, and where from
    formulas : how computed cells are written: as values, native formulas or calls of worksheet functions
    lang : of the sheets of results; that of the workbook, if none is given
    by, date : who has changed the policy since the last run, and on which day, for the policy log; without them who
        saved the file last, and when
    keep_backup : whether a file that is replaced is kept
    on_step : called with a sentence at each step

    Returns
    -------
    RunResult; Refusal where a problem is an error, or the file cannot be written.
    """
    from xlperf.workbook.run_mark import RunOptions

    store = store_of(book)
    ours, appraisal = graded(store, period, facts, on_step)
    refuse_errors(Decision(None, by, date).problems({}), ours.lang)
    sheets = output_sheets(ours, appraisal, lang or ours.lang)
    record = policy_record(store, ours, appraisal, by, date)
    on_step(WRITING)
    target = Path(output) if output is not None else None
    options = RunOptions(formulas, period, lang, facts)
    written = write_outputs(
        store, appraisal, sheets, lang or ours.lang, target, formulas, keep_backup, record=record, options=options
    )
    problems, code = tuple(appraisal.problems), _code(appraisal)
    return RunResult(problems, ours.lang, written, code, appraisal, sheets, record.entries)


def run_if_changed(
    book: BookOrPath, *, period: str | None = None, lang: Lang | None = None, on_step: OnStep = no_step
) -> RunResult | UnchangedResult | Refusal:
    """Run a workbook, unless it still is what its last run left: same inputs, policy, options, results and version.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    period, lang, on_step : as for :func:`run`, which takes more options and runs in any case

    Returns
    -------
    UnchangedResult where nothing has changed; otherwise what :func:`run` returns.
    """
    from xlperf.workbook.run_mark import RunOptions

    store = store_of(book)
    on_step(COMPARING)
    said = store.left_by_run(RunOptions(period=period, lang=lang))
    if said is not None:
        return UnchangedResult((), said, ())
    return run(store, period=period, lang=lang, on_step=on_step)


@workflow
def verify(
    book: str | Path,
    *,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    formulas: Way = "values",
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> VerifyResult:
    """Tell whether the results in a workbook are those that a run gives; nothing is written.

    Parameters
    ----------
    book : the file
    period, facts, formulas, lang, on_step : as for :func:`run`

    Returns
    -------
    VerifyResult; Refusal where the results are stale, with the cells, or where there can be no run.
    """
    from xlperf.workbook.run_mark import RunOptions
    from xlperf.workbook.write.verify import stale_results

    store = store_of(book)
    ours, appraisal = graded(store, period, facts, on_step)
    said = lang or ours.lang
    on_step(Text("核对结果", "comparing the results"))
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / store.path.name
        sheets = output_sheets(ours, appraisal, said)
        record = policy_record(store, ours, appraisal)
        options = RunOptions(formulas, period, lang, facts)
        write_outputs(
            store, appraisal, sheets, said, fresh, formulas, keep_backup=False, record=record, options=options
        )
        refuse_errors(stale_results(store.path, fresh), ours.lang)
    return VerifyResult(tuple(appraisal.problems), ours.lang, (), _code(appraisal))


@workflow
def explain(
    book: BookOrPath,
    person: str,
    indicator: str | None = None,
    *,
    period: str | None = None,
    facts: Mapping[str, str] | None = None,
    page: int = 1,
    rows: int | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> ExplainResult:
    """Explain a result, from the grade down to the client and task rows.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    person : an employee ID or a name, or a unit
    indicator : down to the rows of this one
    page, rows : which page of the rows, and how many a page has
    period, facts, lang, on_step : as for :func:`run`

    Returns
    -------
    ExplainResult; Refusal where there are no results, or nobody is called so.
    """
    from xlperf.analysis.explain import explain as story_of

    ours, appraisal = graded(store_of(book), period, facts, on_step)
    story, problems = story_of(appraisal, person, indicator, lang or ours.lang, page, rows)
    if story is None:
        raise Refused(problems, ours.lang)
    return ExplainResult(tuple(problems), ours.lang, (), story)


# What workflows share ---------------------------------------------------------------------------------------------


def appraised(
    store: WorkbookStore, period: str | None, facts: Mapping[str, str] | None, on_step: OnStep
) -> tuple[Book, Appraisal]:
    """Read a workbook, and facts from outside, and appraise it.

    Parameters
    ----------
    store : the workbook
    period : such as ``2026-10``; the one on Home, if None
    facts : sheets whose rows come from outside, and where from
    on_step : called with a sentence at each step

    Raises
    ------
    Refused
        Where the workbook cannot be read, or is not xlperf's.
    """
    from xlperf.scoring.pipeline import appraise

    on_step(READING)
    ours = read_from(store, facts)
    on_step(SCORING)
    appraisal = appraise(ours.tables, ours.scheme, period, ours.problems)
    return ours, appraisal.with_problems(check_record(store, ours, _code(appraisal)))


def graded(
    store: WorkbookStore, period: str | None, facts: Mapping[str, str] | None, on_step: OnStep
) -> tuple[Book, Finished]:
    """Appraise a workbook, as ``appraised`` does with its period and facts, so that its results may be written.

    Raises
    ------
    Refused
        Where a problem is an error: then there are no results.
    """
    from xlperf.scoring.stages import Finished

    ours, appraisal = appraised(store, period, facts, on_step)
    if not isinstance(appraisal, Finished):
        raise Refused(appraisal.problems, ours.lang)
    return ours, appraisal


def graded_again(ours: Book, period: str | None) -> Completed:
    """Appraise a workbook in memory in which something was changed, such as a decision of HR.

    Parameters
    ----------
    ours : its tables as they are now
    period : such as ``2026-10``; the one on Home, if None

    Raises
    ------
    Refused
        Where a problem is an error.
    """
    from xlperf.scoring.pipeline import appraise
    from xlperf.scoring.stages import Completed

    appraisal = appraise(ours.tables, ours.scheme, period, ours.problems)
    if not isinstance(appraisal, Completed):
        raise Refused(appraisal.problems, ours.lang)
    return appraisal


def output_sheets(ours: Book, appraisal: Appraisal, lang: Lang) -> dict[str, pd.DataFrame]:
    """Return the rows of the output sheets by code."""
    from xlperf.reporting.output_tables import outputs

    return outputs(appraisal, lang, ours.fingerprint)


def write_outputs(
    store: WorkbookStore,
    appraisal: Appraisal,
    sheets: dict[str, pd.DataFrame],
    lang: Lang,
    target: Path | None = None,
    formulas: Way = "values",
    keep_backup: bool = True,
    with_views: bool = True,
    inputs: Sequence[str] = (),
    edit_inputs: Callable[[Any], object] | None = None,
    record: PolicyRecord | None = None,
    options: RunOptions | None = None,
) -> tuple[Path, ...]:
    """Write output sheets into a workbook, and return the files that were written.

    Parameters
    ----------
    store : the workbook
    appraisal : what was found
    sheets : the rows of the output sheets by code; where formulas are written, how many cells they are joins them
    lang : of the sheets
    target : another file to write; the workbook itself, if None
    formulas : how computed cells are written
    keep_backup : whether a file that is replaced is kept
    with_views : whether the pages of company, departments and employees are written too
    inputs, edit_inputs : sheets of HR's that are changed with the results, and what changes them
    record : what is noted about the policy; nothing, if None
    options : those of the run; None where it is no run
    """
    from xlperf.reporting.calibration_board import calibration_board
    from xlperf.reporting.dashboards import views_of
    from xlperf.reporting.home_page import page_of
    from xlperf.schema import SHEETS
    from xlperf.scoring.stages import Completed, Finished
    from xlperf.workbook.formulas import FormulaWriter
    from xlperf.workbook.formulas.cell_addresses import Policy
    from xlperf.workbook.read.earlier_figures import earlier_figures
    from xlperf.workbook.write.calibration_sheet import fresh_board, write_calibration
    from xlperf.workbook.write.curve_charts import draw_curves_of_book
    from xlperf.workbook.write.ninebox import write_ninebox
    from xlperf.workbook.write.results import write_results
    from xlperf.workbook.write.table_sheet import fresh_sheet
    from xlperf.workbook.write.update import looked_at_in_full

    views = views_of(appraisal, lang) if with_views and appraisal.scheme.has_views() else None
    earlier = earlier_figures(store.grid("figures")) if views is not None else None
    home = page_of(appraisal, sheets)
    if record is not None:
        sheets["run"] = record.noted(sheets["run"], lang)
    with refusing(lang):
        writer = None
        if formulas != "values" and isinstance(appraisal, Finished):
            writer = FormulaWriter.of_file(appraisal, store.path, lang, formulas)
    whole = appraisal if isinstance(appraisal, Completed) and "results" in sheets else None
    board = calibration_board(whole, lang) if whole is not None else None

    def edit(workbook: Any) -> None:
        if edit_inputs is not None:
            edit_inputs(workbook)
        if record is not None:  # before Home lists the sheets
            record.write(workbook, lang)
            if record.has_changed("curves"):
                draw_curves_of_book(workbook, appraisal.scheme, lang)
        if board is not None:
            fresh_board(workbook, board, lang)
        if whole is not None and whole.boxes is not None:
            fresh_sheet(workbook, SHEETS["ninebox"], lang)
        write_results(workbook, sheets, appraisal.scheme, lang, views, writer, earlier, home)
        if whole is None or (board is None and whole.boxes is None):
            return
        policy = writer.policy if writer is not None else Policy.of_file(appraisal.scheme, store.path)
        if board is not None:
            write_calibration(workbook, board, whole.scheme, policy, lang, whole.period.label(lang))
        if whole.boxes is not None:
            write_ninebox(workbook, whole, policy, lang)

    looked_at = looked_at_in_full("settings", "calibration_log", "policy_log", "curves", *inputs)
    written = store.change(looked_at, edit, target, keep_backup, options)
    if writer is not None:
        sheets["formulas"] = writer.record()
    return written


def _code(appraisal: Appraisal) -> str:
    return appraisal.period.code if appraisal.period is not None else ""
