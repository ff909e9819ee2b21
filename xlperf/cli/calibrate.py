"""The command that calibrates grades: calibrate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xlperf.cli.common import (
    BookPath,
    ByOption,
    DateOption,
    FactsOption,
    JsonOption,
    LangOption,
    OutPath,
    PeriodOption,
    ReasonOption,
    asked_language,
    chosen_language,
    command,
    done,
    facts_of,
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
    from xlperf.workflows.calibrate_grades import CalibrationResult


@command()
def calibrate(
    book: BookPath,
    output: OutPath = None,
    person: Annotated[str | None, typer.Option("--person", help="Whose grade. / 谁的等级。")] = None,
    grade: Annotated[str | None, typer.Option("--grade", help="The final grade. / 最终等级。")] = None,
    reason: ReasonOption = None,
    by: ByOption = None,
    date: DateOption = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take a change back. / 撤销此人的调整。")] = False,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign for quotas that do not hold. / 为不符的名额签字。")
    ] = False,
    finalise: Annotated[bool, typer.Option("--finalise", help="Close the calibration. / 定稿。")] = False,
    period: PeriodOption = None,
    facts: FactsOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change grades with reason, person and date; show quotas, cost and log. / 校准等级，显示名额、奖金与记录。"""
    from xlperf.workflows.calibrate_grades import calibrate

    sources, language = facts_of(facts, lang, as_json), asked_language(lang)
    with progress(chosen_language(lang, None), 3) as step:
        result = calibrate(
            book, output, person=person, grade=grade, reason=reason, by=by, date=date, undo=undo, sign=sign,
            finalise=finalise, period=period, facts=sources, lang=language, on_step=step,
        )  # fmt: skip
    found, said = done(result, lang, as_json)
    if as_json:
        print_json(calibration_data(found, said) | {"problems": problems_data(found.problems, said)})
        return
    show_calibration(found, said)
    show_problems(found.problems, said, brief=True)
    if found.written:
        say(Text(f"已写入 {found.written[0]}", f"Written to {found.written[0]}"), said)


def calibration_data(found: CalibrationResult, lang: Lang) -> dict[str, object]:
    """Return where a calibration stands as plain data.

    Parameters
    ----------
    found : what the workflow gave
    lang : of the names of grades and pools
    """
    calibration, scheme = found.appraisal.calibration, found.appraisal.scheme
    assert calibration is not None
    names = [grade.name(lang) for grade in scheme.grades]
    return {
        "period": found.period,
        "final": calibration.final,
        "changes": [
            {
                "employee_id": each.employee_id,
                "from": names[each.computed],
                "to": names[each.final],
                "reason": each.reason,
                "decided_by": each.decided_by,
                "decided_on": f"{each.decided_on:%Y-%m-%d}",
            }
            for each in calibration.changes
        ],
        "deviations": [
            {
                "pool": each.pool(lang),
                "grades": each.words(lang),
                "count": each.count,
                "least": each.least,
                "most": each.most,
                "signed": each.signed,
            }
            for each in calibration.deviations
        ],
        "pay_before": found.pay_before,
        "pay_after": found.pay_after,
        "log": records(found.log.assign(decided_on=found.log["decided_on"].dt.strftime("%Y-%m-%d"))),
    }


def show_calibration(found: CalibrationResult, lang: Lang) -> None:
    """Print the changes, the quotas that do not hold, what is paid, the log, and whether all is final.

    Parameters
    ----------
    found : what the workflow gave
    lang : of the words
    """
    from xlperf.core.vocabulary import WORDS
    from xlperf.reporting.calibration_board import calibration_lines
    from xlperf.schema import SHEETS
    from xlperf.scoring.calibration import LOG

    calibration, scheme = found.appraisal.calibration, found.appraisal.scheme
    assert calibration is not None
    for line in calibration_lines(calibration, scheme, found.pay_before, found.pay_after):
        say(line, lang)
    if len(found.log):
        codes = [
            "entry",
            "action",
            "employee_id",
            "pool",
            "grade_from",
            "grade_to",
            "reason",
            "decided_by",
            "decided_on",
        ]
        log = found.log[codes].astype(object).where(found.log[codes].notna(), "")
        log["action"] = [WORDS["calibration_action"][each](lang) for each in log["action"]]
        log["decided_on"] = [f"{day:%Y-%m-%d}" if day else "" for day in log["decided_on"]]
        print_line()
        rows = [{str(code): str(value) for code, value in row.items()} for row in log.to_dict("records")]
        print_rows(rows, [SHEETS[LOG][code].name for code in codes], lang, as_json=False)
    say(Text("已定稿。", "Final.") if calibration.final else Text("未定稿。", "Not final."), lang)
