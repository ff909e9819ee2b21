"""Judges the scheme itself: targets, spread, redundancy, agreement of raters, stability, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlperf.core.problems import Lang, Text
from xlperf.workflows.appraise_book import graded, write_outputs
from xlperf.workflows.result import OnStep, Result, no_step, workflow
from xlperf.workflows.store import BookOrPath, store_of

if TYPE_CHECKING:
    import pandas as pd

    from xlperf.analysis.evaluation import Finding


@dataclass(frozen=True)
class EvaluationResult(Result):
    """What was found about the scheme; ``unusual`` are the rows of the sheet Unusual ratings."""

    period: str
    findings: Sequence[Finding]
    unusual: pd.DataFrame


@workflow
def evaluate(
    book: BookOrPath,
    output: str | Path | None = None,
    *,
    write: bool = False,
    period: str | None = None,
    lang: Lang | None = None,
    on_step: OnStep = no_step,
) -> EvaluationResult:
    """Judge the scheme itself.

    Parameters
    ----------
    book : the file, or a workbook that is open in Excel
    output : another file to write the Evaluation sheet to
    write : whether the sheet is written into the workbook itself
    period, lang, on_step : as for :func:`xlperf.run`

    Returns
    -------
    EvaluationResult; Refusal where there are no results.
    """
    from xlperf.analysis.evaluation import evaluate as judge
    from xlperf.analysis.evaluation import evaluation_rows, unusual_rows

    store = store_of(book)
    ours, appraisal = graded(store, period, None, on_step)
    said = lang or ours.lang
    on_step(Text("评估方案", "judging the scheme"))
    findings, unusual = judge(appraisal), unusual_rows(appraisal, said)
    written: tuple[Path, ...] = ()
    if write or output is not None:
        target = Path(output) if output is not None else None
        rows = {"evaluation": evaluation_rows(findings, said)} | ({"unusual": unusual} if len(unusual) else {})
        written = write_outputs(store, appraisal, rows, said, target, with_views=False)
    code = appraisal.period.code if appraisal.period is not None else ""
    return EvaluationResult(tuple(appraisal.problems), ours.lang, written, code, findings, unusual)
