"""What the sheet Calibration shows beside the cells that HR fills: computed grades and places, and bonuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlperf.core.problems import Lang, Text
from xlperf.policy.scheme import Scheme
from xlperf.scoring.calibration import SHEET, Calibration, Quota
from xlperf.scoring.grades import coefficients
from xlperf.scoring.quota_limits import verdict
from xlperf.scoring.stages import Completed

RATED = ("coefficient", "product")  # ways of pay in which a grade's coefficient multiplies an amount
FACTORS = ("base", "unit_coefficient", "service")
TYPED = ("adjusted", "reason", "decided_by", "decided_on")
UP, DOWN = Text("▲ 升", "▲ up"), Text("▼ 降", "▼ down")
COMPLETE = Text("✓ 齐", "✓ complete")
LACKING = Text("⚠ 缺", "⚠ lacks ")
STRAY = Text("⚠ 未填等级", "⚠ no grade")
UNKNOWN = Text("⚠ 无此等级", "⚠ no such grade")


@dataclass(frozen=True)
class Board:
    """The sheet Calibration: its rows by column, the pools in order, and what head-counts are held against."""

    rows: pd.DataFrame
    pools: tuple[str, ...]
    quotas: tuple[Quota, ...]
    found: Calibration


def calibration_board(appraisal: Completed, lang: Lang) -> Board | None:
    """Return the sheet Calibration of a run; None where the book has none.

    Rows of other periods that somebody has filled in stand below, as they were typed.

    Parameters
    ----------
    appraisal : a run that is done
    lang : of the names of pools and grades
    """
    found = appraisal.calibration
    if found is None:
        return None
    scheme, ranking, before = appraisal.scheme, appraisal.ranking, found.computed
    graded = np.flatnonzero((before.grade >= 0) & (before.pools.code >= 0))
    frame = appraisal.people.frame
    order = sorted(graded.tolist(), key=lambda i: (before.pools.code[i], before.place[i], frame["employee_id"].iloc[i]))
    names = np.array([each.name(lang) for each in scheme.grades], object)
    pools = np.array([name(lang) for name in before.pools.names], object)
    people = frame.iloc[order]
    table = [each.coefficient for each in scheme.grades]
    rate = bonus_rates(appraisal).reindex(people["employee_id"]).to_numpy(np.float64)
    computed, final = before.grade[order], ranking.grade[order]
    rows = pd.DataFrame(
        {
            "employee_id": people["employee_id"].to_numpy(object),
            "name": people["name"].to_numpy(object),
            "department_name": people["department_name"].to_numpy(object),
            "pool": pools[before.pools.code[order]],
            "total": before.total[order],
            "place": before.place[order].astype(float),
            "grade_name": names[computed],
            "final_grade": names[final],
            "change": np.select([final < computed, final > computed], [UP(lang), DOWN(lang)], ""),
            "final_place": ranking.place[order].astype(float),
            "bonus_rate": rate,
            "bonus_before": _to_the_cent(rate * coefficients(computed, table)),
            "bonus_after": _to_the_cent(rate * coefficients(final, table)),
            "final_order": final + 1.0,
            "period": appraisal.period.code,
        }
    )
    changed = final != computed
    rows = _with_typed(rows, appraisal, lang).assign(verdict=lambda rows: np.where(
        np.append(changed, np.zeros(len(rows) - len(changed), bool)), COMPLETE(lang), ""))  # fmt: skip
    return Board(rows, tuple(pools), found.quotas, found)


def bonus_rates(appraisal: Completed) -> pd.Series:
    """Return what everybody would be paid by a coefficient of 1, by employee ID: what follows the grade.

    Parameters
    ----------
    appraisal : a run that is done; its items by coefficient and by product count
    """
    items = {each.name: each for each in appraisal.scheme.pay if each.way in RATED}
    paid = appraisal.pay.people
    if paid.empty or not items:
        return pd.Series(dtype=np.float64)
    mine = paid[[item in items for item in paid["pay_item"]]]
    product = np.ones(len(mine))
    for factor in FACTORS:
        used = (
            mine[factor].notna()
            if factor != "base"
            else np.array([bool(items[each].base) for each in mine["pay_item"]])
        )
        product = product * np.where(used, mine[factor], 1.0)
    rates: pd.Series = pd.Series(product, mine["employee_id"]).groupby(level=0).sum()
    return rates


def _to_the_cent(amounts: np.ndarray) -> np.ndarray:
    from xlperf.core.numbers import round_half_up

    return np.asarray(round_half_up(round_half_up(amounts, 8), 2))


def _with_typed(rows: pd.DataFrame, appraisal: Completed, lang: Lang) -> pd.DataFrame:
    """Add what HR has typed, a grade's name in the language of the sheet; a row of another period stands below."""
    given = appraisal.table(SHEET).frame
    names = {word: each.name(lang) for each in appraisal.scheme.grades for word in each.name}
    given = given.assign(adjusted=[names.get(word, word) for word in given["adjusted"]])
    of_period = appraisal.calendar.resolve(given["period"].dropna().unique(), appraisal.period)
    same = {label for label, each in of_period.items() if each.code == appraisal.period.code}
    now = given["period"].isna() | given["period"].isin(same)
    extra = [code for code in given.columns if code not in rows.columns]
    mine = given[now].set_index("employee_id")[extra].reindex(rows["employee_id"]).reset_index(drop=True)
    others = given[~now & given["adjusted"].notna()]
    return pd.concat([pd.concat([rows, mine], axis=1), others], ignore_index=True)


def total_pay(amounts: pd.Series) -> float:
    """Return what amounts come to, to the cent.

    >>> total_pay(pd.Series([0.1, 0.2, np.nan]))
    0.3
    """
    return float(_to_the_cent(np.array([amounts.sum()]))[0])


def quotas_of(board: Board, pool: int) -> Sequence[Quota]:
    """Return what the head-counts of a pool are held against.

    Parameters
    ----------
    board : the sheet
    pool : the position of the pool
    """
    return [each for each in board.quotas if each.pool == pool]


def calibration_lines(found: Calibration, scheme: Scheme, pay_before: float, pay_after: float) -> Iterator[Text]:
    """Say where a calibration stands: the changes, the quotas that do not hold, and what is paid more or less.

    Parameters
    ----------
    found, scheme : the calibration, and the scheme with the grades
    pay_before, pay_after : what is paid in all without and with the changes
    """
    for each in found.changes:
        before, after = (scheme.grades[g].name for g in (each.computed, each.final))
        day = f"{each.decided_on:%Y-%m-%d}"
        yield Text(
            f"{each.employee_id}：{before.zh} → {after.zh}（{each.decided_by}，{day}：{each.reason}）",
            f"{each.employee_id}: {before.en} → {after.en} ({each.decided_by}, {day}: {each.reason})",
        )
    for deviation in found.deviations:
        off, signed = verdict(deviation.over), Text("，已签字", ", signed") if deviation.signed else Text("", "")
        yield Text(
            f"{deviation.pool.zh} · {deviation.words.zh}：{deviation.count} 人 {off.zh}{signed.zh}",
            f"{deviation.pool.en} · {deviation.words.en}: {deviation.count} {off.en}{signed.en}",
        )
    if pay_before or pay_after:
        more = pay_after - pay_before
        yield Text(
            f"兑现金额：计算 {pay_before:,.2f}，最终 {pay_after:,.2f}，差额 {more:+,.2f}",
            f"Pay: computed {pay_before:,.2f}, final {pay_after:,.2f}, difference {more:+,.2f}",
        )
