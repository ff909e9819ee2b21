"""What a card compares a person with: earlier totals, and means that tell nobody's own."""

import numpy as np
import pandas as pd

from tests.small import scheme, tables
from xlperf.reporting.card_history import PERIODS_SHOWN, has_earlier_totals, trend_rows
from xlperf.scoring.pipeline import appraise

PEOPLE = ("E1", "E2", "E3", "E4", "E5")


def kept(period, *totals):
    return [
        {"period": period, "employee_id": each, "total": total} for each, total in zip(PEOPLE, totals, strict=False)
    ]


def trend(history, hidden=()):
    people = [{"employee_id": each, "name": each, "department": "N"} for each in PEOPLE]
    appraisal = appraise(tables(people, history=history), scheme(), "2026-10")
    now = appraisal.results[["employee_id", "total"]]
    return appraisal, trend_rows(appraisal, now.assign(total=now["total"].mask(now["employee_id"].isin(hidden))))


def test_the_totals_stand_in_order_beside_the_mean_of_the_department():
    appraisal, rows = trend(kept("2026-09", 90, 80, 70, 60, 50) + kept("2026-08", 70, 70, 70, 70, 75))
    mine = rows[rows["employee_id"] == "E1"]
    assert mine["period"].tolist() == ["2026-08", "2026-09", "2026-10"]
    assert mine["total"].tolist()[:2] == [70, 90]
    assert mine["total"].iloc[2] == appraisal.results.set_index("employee_id").loc["E1", "total"]
    assert mine["mean"].tolist()[:2] == [71, 70]  # (4 × 70 + 75) ÷ 5; (90 + 80 + 70 + 60 + 50) ÷ 5


def test_a_mean_that_would_tell_somebodys_total_is_not_shown():
    _, of_two = trend(kept("2026-09", 90, 80))
    assert of_two[of_two["period"] == "2026-09"]["mean"].isna().all()
    _, one_hidden = trend(kept("2026-09", 90, 80, 70, 60, 50), hidden=["E5"])
    assert one_hidden[one_hidden["period"] == "2026-10"]["mean"].isna().all()


def test_without_an_earlier_period_of_the_kind_there_is_no_trend():
    for history in ([], kept("2026Q2", 90, 80, 70, 60, 50), kept("2026-11", 90, 80, 70, 60, 50)):
        appraisal, rows = trend(history)
        assert rows.empty
        assert not has_earlier_totals(appraisal)


def test_no_more_than_a_years_periods_are_shown_and_a_gap_stays_a_gap():
    months = [str(each) for each in pd.period_range("2025-07", "2026-09", freq="M") if str(each) != "2026-05"]
    _, rows = trend([row for month in months for row in kept(month, 80, 80, 80, 80, np.nan)])
    mine = rows[rows["employee_id"] == "E1"]["period"].tolist()
    assert len(mine) == PERIODS_SHOWN
    assert mine == [*months, "2026-10"][-PERIODS_SHOWN:]
    assert rows[rows["employee_id"] == "E5"]["period"].tolist() == ["2026-10"]
