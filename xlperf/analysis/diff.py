"""Who moved between two appraisals, and the fact, target, rule or weight that moved them.

What moves a total is told in points of the total, and adds up: the causes of a person sum to the difference of the two
totals. A weight that changed is charged with what the earlier points would have brought under it, the fact, target or
rule with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlperf.core.problems import Lang, Text
from xlperf.policy.policy_log import LOG, last_changes, where_changed
from xlperf.policy.scheme.cells import changed_cells, policy_cells, shown_cell
from xlperf.scoring.stages import Finished

CAUSES: dict[str, Text] = {
    "fact": Text("实际值", "actual"),
    "target": Text("目标值", "target"),
    "fact_and_target": Text("实际值和目标值", "actual and target"),
    "rule": Text("评分规则", "scoring rule"),
    "weight": Text("权重", "weight"),
    "new": Text("新增指标", "a new indicator"),
    "dropped": Text("取消指标", "no longer an indicator"),
    "adjustment": Text("加减分", "adjustments"),
    "rest": Text("其他周期的得分、封顶和取整", "scores of other periods, cap and rounding"),
}
COLUMNS = ("employee_id", "indicator", "cause", "before", "after", "effect")
MOVED = ("total", "grade", "place")
_THERE = {True: Text("有", "there"), False: Text("无", "not there")}
DUST = 1e-9  # points: less is not a cause but the way computers add


@dataclass(frozen=True)
class Moves:
    """What differs between two appraisals.

    ``people`` has a row for everybody whose total, grade or place differs: ``employee_id``, ``name``, each figure with
    ``_before`` and ``_after``; who is in one of the two only has nothing in the other. ``causes`` has a row a cause of
    these people, the strongest first: indicator (empty for the total as a whole), a key of ``CAUSES``, the figure
    before and after, and the effect in points of the total. ``policy`` are the cells of policy sheets that differ.
    """

    people: pd.DataFrame
    causes: pd.DataFrame
    policy: pd.DataFrame


def moves(before: Finished, after: Finished, lang: Lang) -> Moves:
    """Compare two appraisals that are both done.

    Parameters
    ----------
    before, after : of the same people in two periods or workbooks
    lang : the language of names

    Returns
    -------
    Moves, in the order of the employee IDs.
    """
    people = _people(before, after)
    stayed = people.loc[people["total_before"].notna() & people["total_after"].notna(), "employee_id"]
    causes = _causes(before, after, pd.Index(stayed))
    return Moves(people, causes, policy_changes(before, after, lang))


def _people(before: Finished, after: Finished) -> pd.DataFrame:
    old, new = (each.results.set_index("employee_id") for each in (before, after))
    either = (old[list(MOVED)].add_suffix("_before"), new[list(MOVED)].add_suffix("_after"))
    both = pd.concat(either, axis=1).sort_index()
    differs = np.zeros(len(both), bool)
    for code in MOVED:
        left, right = both[f"{code}_before"], both[f"{code}_after"]
        differs |= ~((left == right) | (left.isna() & right.isna())).to_numpy(bool)
    names = pd.concat([new["name"], old["name"]])
    both.insert(0, "name", names[~names.index.duplicated()].reindex(both.index))
    moved: pd.DataFrame = both[differs].rename_axis("employee_id").reset_index()
    return moved


# Causes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Side:
    """The figures of some people in one of the two appraisals, one column an indicator of either; NaN for none."""

    ids: pd.Index
    actual: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    contribution: np.ndarray
    has: np.ndarray
    adjustment: np.ndarray
    total: np.ndarray


def _causes(before: Finished, after: Finished, ids: pd.Index) -> pd.DataFrame:
    codes = list(dict.fromkeys(each.code for side in (after, before) for each in side.indicators))
    old, new = _side(before, ids, codes), _side(after, ids, codes)
    alike = np.array([_scored_alike(before, after, code) for code in codes], bool)
    frames = [*_of_points(old, new, codes, alike), *_of_weights(old, new, codes)]
    frames.append(_frame(ids, "", "adjustment", old.adjustment, new.adjustment, new.adjustment - old.adjustment))
    explained = sum((frame["effect"].to_numpy() for frame in frames), np.zeros(len(ids)))
    none = np.full(len(ids), np.nan)
    frames.append(_frame(ids, "", "rest", none, none, new.total - old.total - explained))
    found = pd.concat(frames, ignore_index=True)
    found = found[found["effect"].abs() > DUST].assign(strength=lambda rows: -rows["effect"].abs())
    ordered = found.sort_values(["employee_id", "strength", "indicator", "cause"], kind="stable")
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _frame(
    ids: pd.Index, indicator: str, cause: str | np.ndarray, before: np.ndarray, after: np.ndarray, effect: np.ndarray
) -> pd.DataFrame:
    cells = {"indicator": indicator, "cause": cause, "before": before, "after": after, "effect": effect}
    return pd.DataFrame({"employee_id": ids, **cells}, columns=list(COLUMNS))


def _side(appraisal: Finished, ids: pd.Index, codes: list[str]) -> _Side:
    people, facts, points, totals = appraisal.people, appraisal.facts, appraisal.points, appraisal.totals
    at = people.ids.get_indexer(ids)
    place = {each.code: k for k, each in enumerate(appraisal.indicators)}

    def of(matrix: np.ndarray, missing: float) -> np.ndarray:
        columns = [matrix[at, place[code]] if code in place else np.full(len(ids), missing) for code in codes]
        return np.column_stack(columns) if columns else np.zeros((len(ids), 0))

    return _Side(
        ids,
        actual=of(facts.actual, np.nan),
        target=of(points.targets, np.nan),
        weight=of(totals.weights, 0.0),
        contribution=of(totals.contribution, 0.0),
        has=of(appraisal.applies, 0.0) > 0,
        adjustment=totals.adjustment[at],
        total=appraisal.ranking.total[at],
    )


def _scored_alike(before: Finished, after: Finished, code: str) -> bool:
    """Whether both score an indicator by the same rule, with the same parameters, in the same direction."""
    told = [
        (each.rule, dict(each.parameters), each.direction)
        for side in (before, after)
        for each in side.indicators
        if each.code == code
    ]
    same_bands = before.scheme.table("bands").frame.equals(after.scheme.table("bands").frame)
    return all(each == told[0] for each in told) and same_bands


def _carried(old: _Side, new: _Side) -> np.ndarray:
    """Return what the earlier points would have contributed under the later weights."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((old.weight > 0) & old.has & new.has, old.contribution * new.weight / old.weight, 0.0)


def _of_weights(old: _Side, new: _Side, codes: list[str]) -> Iterator[pd.DataFrame]:
    effect = np.where((old.weight > 0) & old.has & new.has, _carried(old, new) - old.contribution, 0.0)
    for k, code in enumerate(codes):
        yield _frame(old.ids, code, "weight", old.weight[:, k], new.weight[:, k], effect[:, k])


def _of_points(old: _Side, new: _Side, codes: list[str], alike: np.ndarray) -> Iterator[pd.DataFrame]:
    """Yield for each indicator what is left when the weight has its share, with the reason."""
    stays = (old.weight > 0) & old.has & new.has
    effect = new.contribution - np.where(stays, _carried(old, new), old.contribution)
    same_fact, same_target = (_same(a, b) for a, b in ((old.actual, new.actual), (old.target, new.target)))
    reasons = [~old.has & new.has, old.has & ~new.has, ~same_fact & ~same_target, ~same_fact, ~same_target, ~alike]
    names = ["new", "dropped", "fact_and_target", "fact", "target", "rule"]
    cause = np.select([np.broadcast_to(each, effect.shape) for each in reasons], names, default="weight")
    of_target = cause == "target"
    was, now = (np.where(of_target, side.target, side.actual) for side in (old, new))
    for k, code in enumerate(codes):
        yield _frame(old.ids, code, cause[:, k], was[:, k], now[:, k], effect[:, k])


def _same(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray((before == after) | (np.isnan(before) & np.isnan(after)))


# Policy -----------------------------------------------------------------------------------------------------------


def policy_changes(before: Finished, after: Finished, lang: Lang) -> pd.DataFrame:
    """Return what HR decided otherwise: ``sheet``, ``row``, ``column``, ``before`` and ``after``, as texts.

    A row that is in one of the two only has an empty ``column``. ``by`` and ``on`` are who changed a cell and when, as
    the later workbook's policy log tells; empty where it does not.
    """
    own = after.scheme.settings.language
    changes, in_log = (
        changed_cells(*(policy_cells(each.scheme, said) for each in (before, after))) for said in (lang, own)
    )
    logged = last_changes(after.table(LOG))
    rows = []
    for each, entry in zip(changes, in_log, strict=True):
        both = (
            [_THERE[cells is not None](lang) for cells in (each.before, each.after)]
            if each.before is None or each.after is None
            else [shown_cell(each, cells, lang) for cells in (each.before, each.after)]
        )
        who = logged.get(where_changed(entry, own), ("", ""))
        rows.append((*where_changed(each, lang), *both, *who))
    return pd.DataFrame(rows, columns=["sheet", "row", "column", "before", "after", "by", "on"])
