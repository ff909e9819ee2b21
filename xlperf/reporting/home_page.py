"""What Home shows: how far the work on a period is, what comes next, key figures, grades, problems and row counts.

The steps are told here for Home, which knows the workbook alone, and for ``xlperf status``, which also looks at the
files beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from xlperf.core.numbers import round_half_up
from xlperf.core.problems import Problem, Text, counted, has_errors, in_order
from xlperf.policy.scheme import Scheme
from xlperf.schema import LOGS, SHEETS
from xlperf.schema.tables import Tables
from xlperf.scoring.appeals import appeals_of
from xlperf.scoring.stages import Appraisal, Completed, Gathered, Locked

StepCode = Literal[
    "filled", "sent", "collected", "checked", "run", "calibrated", "published", "appealed", "rolled"
]  # fmt: skip
STEP_NAMES: dict[StepCode, Text] = {  # in the order of work
    "filled": Text("填写", "filled in"),
    "sent": Text("发出表格", "forms sent"),
    "collected": Text("回收", "collected"),
    "checked": Text("检查", "checked"),
    "run": Text("计算", "run"),
    "calibrated": Text("校准", "calibrated"),
    "published": Text("发布", "published"),
    "appealed": Text("申诉", "appeals"),
    "rolled": Text("转入下期", "rolled"),
}
TO_DO: dict[StepCode, Text] = {  # the same as what there is to do
    "filled": Text("填写", "Fill in"),
    "sent": Text("发出表格", "Send forms"),
    "collected": Text("回收", "Collect"),
    "checked": Text("检查", "Check"),
    "run": Text("计算", "Compute"),
    "calibrated": Text("校准", "Calibrate"),
    "published": Text("发布", "Publish"),
    "appealed": Text("申诉", "Appeals"),
    "rolled": Text("转入下期", "Roll over"),
}
NOT_YET = Text("尚未", "not yet")
NO_FORMS = Text("没有发出表格", "no forms were sent out")
SHOWN = 7  # steps that Home has room for
LEFT_OUT: tuple[StepCode, ...] = ("sent", "checked", "filled")  # of more steps, what others tell too
_MEAN, _MET = Text("平均分（分）", "Mean total"), Text("达标率", "Targets met")


@dataclass(frozen=True)
class Step:
    """A step of the work: whether it is done, and what was seen; ``done`` is None where it is not needed."""

    code: StepCode
    done: bool | None
    seen: Text


@dataclass(frozen=True)
class Figure:
    """A key figure: its name, the figure with its number format, and a remark below it."""

    name: Text
    value: float | None
    number_format: str
    remark: Text = Text("", "")


@dataclass(frozen=True)
class HomePage:
    """What Home shows.

    ``steps`` are as many as it has room for, ``opens`` is the code of the sheet that the next step leads to, ``counts``
    are rows by code.
    """

    steps: tuple[Step, ...]
    now: StepCode
    following: Text
    opens: str
    figures: tuple[Figure, ...]
    grades: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]


# Steps --------------------------------------------------------------------------------------------------------------


def filled_step(scheme: Scheme, tables: Tables, has_period: bool) -> Step:
    """Tell whether the policy has rows, the period is known, and every sheet that the indicators count has rows."""
    lacking = [Text("首页的考核周期", "the period on Home")] if not has_period else []
    lacking += [SHEETS[code].title for code in _empty_sheets(scheme, tables)]
    if not lacking:
        return _all_there(tables)
    zh, en = "、".join(each.zh for each in lacking), ", ".join(each.en for each in lacking)
    return Step("filled", False, Text(f"尚空：{zh}", f"still empty: {en}"))


def _all_there(tables: Tables) -> Step:
    count = len(tables.get("employees", ()))
    return Step("filled", True, Text(f"{count} 人", f"{count} people"))


def _empty_sheets(scheme: Scheme, tables: Tables) -> list[str]:
    needed = ["dimensions", "indicators", "grades"] if scheme.is_blank else ["grades"]
    needed += ["employees", *(code for code in SHEETS if code in {each.sheet for each in scheme.indicators})]
    if scheme.is_blank:
        needed += ["ratings", "actuals"]
    return [code for code in needed if not _has_rows(scheme, tables, code)]


def _has_rows(scheme: Scheme, tables: Tables, code: str) -> bool:
    table = tables.get(code) or (scheme.table(code) if SHEETS[code].role == "policy" else None)
    return table is not None and (len(table) > 0 or table.outside is not None)


def checked_step(problems: Sequence[Problem]) -> Step:
    """Tell whether the workbook is free of errors."""
    return Step("checked", not has_errors(problems), counted(problems))


def asked_for(scheme: Scheme, tables: Tables) -> frozenset[StepCode]:
    """Return the steps that only some workbooks have: calibrating grades, and deciding about appeals."""
    found: set[StepCode] = {"calibrated"} if "calibration" in tables or scheme.settings.calibration == "yes" else set()
    return frozenset(found | ({"appealed"} if "appeals" in tables else set()))


def calibrated_step(appraisal: Appraisal) -> Step:
    """Tell whether the calibration is closed, and how many grades it changes."""
    if isinstance(appraisal, Locked):
        return Step("calibrated", True, Text("周期已锁定", "the period is locked"))
    found = appraisal.calibration if isinstance(appraisal, Completed) else None
    if found is None:
        return Step("calibrated", False, NOT_YET)
    count, state = len(found.changes), Text("已定稿", "final") if found.final else Text("未定稿", "not final")
    changed = Text(f"，调整 {count} 人", f"; grades changed: {count}") if count else Text("", "")
    return Step("calibrated", found.final, Text(f"{state.zh}{changed.zh}", f"{state.en}{changed.en}"))


def appealed_step(appraisal: Appraisal) -> Step:
    """Tell how many appeals of the period there are, and how many wait for a decision."""
    if not isinstance(appraisal, Gathered):
        return Step("appealed", False, NOT_YET)
    state = appeals_of(appraisal)["state"]
    count, waiting = len(state), int((state == "filed").sum())
    if not count:
        return Step("appealed", None, Text("没有申诉", "there are none"))
    return Step("appealed", not waiting, Text(f"{count} 项，待处理 {waiting} 项", f"{count}, to be decided: {waiting}"))


_NEXT: dict[StepCode, tuple[Text, str]] = {  # what to do, and the sheet to open
    "filled": (Text("填写黄色标签的工作表", "fill in the sheets with yellow tabs"), "employees"),
    "checked": (Text("改正问题，然后重新检查", "mend the problems, then check again"), "problems"),
    "run": (Text("检查并计算", "check and compute"), "employees"),
    "calibrated": (Text("校准等级，然后定稿", "calibrate the grades, then close the calibration"), "calibration"),
    "published": (Text("核对结果，然后发布", "look through the results, then publish them"), "results"),
}


def _steps(scheme: Scheme, tables: Tables, known: Mapping[StepCode, Step]) -> tuple[tuple[Step, ...], StepCode]:
    """Return the steps as far as the workbook tells them, and the one that comes next."""
    forms = None if not scheme.raters else False
    of_forms: dict[StepCode, Step] = {code: Step(code, forms, NOT_YET) for code in ("sent", "collected")}
    steps, more = {**of_forms, **known}, asked_for(scheme, tables)
    order: tuple[StepCode, ...] = ("filled", "checked", "run", *(("calibrated",) if "calibrated" in more else ()))
    to_do: list[StepCode] = [code for code in order if code not in known or not known[code].done]
    now: StepCode = to_do[0] if to_do else "published"
    codes = [code for code in STEP_NAMES if code in more or code not in ("calibrated", "appealed")]
    for code in [each for each in LEFT_OUT if each != now][: len(codes) - SHOWN]:
        codes.remove(code)
    return tuple(steps.get(code, Step(code, False, NOT_YET)) for code in codes), now


def _following(scheme: Scheme, tables: Tables, now: StepCode, seen: Text) -> tuple[Text, str]:
    what, opens = _NEXT[now]
    if now == "filled":
        empty = _empty_sheets(scheme, tables)
        opens = empty[0] if empty else "settings"
    more = (
        Text(f"（{seen.zh.rstrip('。')}）", f" ({seen.en.rstrip('.')})")
        if now in ("filled", "checked")
        else Text("", "")
    )
    return Text(f"下一步：{what.zh}{more.zh}。", f"Next: {what.en}{more.en}."), opens


# Pages --------------------------------------------------------------------------------------------------------------


def page_to_fill(scheme: Scheme, tables: Tables) -> HomePage:
    """Return what Home shows before anything was checked or computed."""
    filled = filled_step(scheme, tables, bool(scheme.settings.period))
    steps, now = _steps(scheme, tables, {"filled": filled})
    now = "run" if now == "checked" else now
    what, opens = _following(scheme, tables, now, filled.seen)
    figures = (_people(tables), Figure(_MEAN, None, "0"), _open_problems(()), Figure(_MET, None, "0"))
    grades = tuple((each.code, 0) for each in scheme.grades)
    return HomePage(steps, now, what, opens, figures, grades, (), _counts(scheme, tables, {}))


def page_of(appraisal: Appraisal, sheets: Mapping[str, pd.DataFrame]) -> HomePage:
    """Return what Home shows after a run, or a check where the appraisal was not completed.

    ``sheets`` are the rows of the output sheets that are written.
    """
    scheme, tables = appraisal.scheme, appraisal.tables
    known: dict[StepCode, Step] = {
        "filled": filled_step(scheme, tables, appraisal.period is not None),
        "checked": checked_step(appraisal.problems),
    }
    if isinstance(appraisal, Completed) and "results" in sheets:
        label = appraisal.period.label
        known["filled"] = _all_there(tables)  # what is empty is so for good reason
        known["run"] = Step("run", True, Text(label("zh"), label("en")))
        ranked, mean, more = _figures_of(appraisal)
        grades = appraisal.ranking.counts.sum(axis=0).tolist()
    else:
        ranked, mean, more = _people(tables), Figure(_MEAN, None, "0"), Figure(_MET, None, "0")
        grades = [0] * len(scheme.grades)
    known |= {"calibrated": calibrated_step(appraisal), "appealed": appealed_step(appraisal)}
    steps, now = _steps(scheme, tables, known)
    serious = tuple(each for each in in_order(appraisal.problems) if each.level != "note")
    seen = known[now].seen if now in known else NOT_YET
    what, opens = _following(scheme, tables, now, seen)
    return HomePage(
        steps,
        now,
        what,
        opens,
        (ranked, mean, _open_problems(serious), more),
        tuple((each.code, count) for each, count in zip(scheme.grades, grades, strict=True)),
        serious,
        _counts(scheme, tables, sheets),
    )


def _people(tables: Tables) -> Figure:
    return Figure(Text("员工（人）", "Employees"), float(len(tables.get("employees", ()))), "0")


def _open_problems(problems: Sequence[Problem]) -> Figure:
    errors = sum(each.level == "error" for each in problems)
    warnings = len(problems) - errors
    remark = Text(f"错误 {errors}，警告 {warnings}", f"errors {errors}, warnings {warnings}")
    return Figure(Text("待处理问题（个）", "Open problems"), float(len(problems)), "0", remark)


def _figures_of(appraisal: Completed) -> tuple[Figure, Figure, Figure]:
    """Return how many are ranked, their mean total, and what they are paid, or how many targets are met."""
    ranking, results = appraisal.ranking, appraisal.results
    ranked = int(ranking.ranked.sum())
    others = int(appraisal.people.frame["scored"].sum()) - ranked
    digits = appraisal.scheme.settings.decimals
    form = "#,##0" + ("." + "0" * digits if digits else "")
    totals = results.loc[results["place"].notna(), "total"]
    mean = float(round_half_up(totals.mean(), digits)) if len(totals) else None
    spread = Text("", "")
    if len(totals):
        low, high = (f"{float(each):,.{digits}f}" for each in (totals.min(), totals.max()))
        spread = Text(f"最低 {low}，最高 {high}", f"lowest {low}, highest {high}")
    unranked = Text(f"另有 {others} 人不排名", f"{others} more unranked") if others else Text("", "")
    return (
        Figure(Text("参加排名（人）", "Ranked"), float(ranked), "0", unranked),
        Figure(_MEAN, mean, form, spread),
        _paid_or_met(results, int(appraisal.lists.member.any(axis=1).sum())),
    )


def _paid_or_met(results: pd.DataFrame, listed: int) -> Figure:
    """Return what people are paid; without pay how many targets they meet; without targets how many are on lists."""
    paid = results["pay"].dropna()
    if len(paid):
        people = Text(f"{len(paid)} 人", f"{len(paid)} people")
        return Figure(Text("兑现金额（元）", "Pay"), float(paid.sum()), "#,##0", people)
    met = results["targets_met"].dropna()
    if len(met):
        return Figure(_MET, float(met.mean()), "0.0%", Text("每人平均", "mean of people"))
    return Figure(SHEETS["lists"].title, float(listed), "0", Text("人", "people on them"))


def _counts(scheme: Scheme, tables: Tables, sheets: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """Return how many rows the sheets have, by code; of pages that are no tables, and of logs, nothing is said.

    A run adds to a log while it writes Home.
    """
    policy = {code: len(scheme.table(code)) for code, sheet in SHEETS.items() if sheet.role == "policy"}
    filled = {
        code: table.outside.count if table.outside is not None else len(table)
        for code, table in tables.items()
        if SHEETS[code].role == "input" and code not in LOGS
    }
    return {**policy, **filled, **{code: len(frame) for code, frame in sheets.items() if code != "run"}}
