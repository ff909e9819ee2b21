"""Large books: the whole journey at the size of a company, and rounding on a million values."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

from tests.small import scheme
from xlperf.core.numbers import round_half_up
from xlperf.reporting.output_tables import outputs
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise

pytestmark = pytest.mark.slow


def test_twenty_thousand_people_and_three_hundred_thousand_tasks():
    random = np.random.default_rng(11)
    people = np.array([f"E{n:05}" for n in range(20_000)])
    days = pd.Timestamp("2026-09-20") + pd.to_timedelta(random.integers(0, 50, 300_000), unit="D")
    late = pd.to_timedelta(random.integers(-3, 3, 300_000), unit="D")
    tasks = pd.DataFrame(
        {
            "task_id": [f"T{n:06}" for n in range(300_000)],
            "owner_id": random.choice(people, 300_000),
            "due_date": days,
            "done_date": days + late,
            "status": random.choice(["done", "cancelled"], 300_000, p=[0.9, 0.1]),
        }
    )
    employees = pd.DataFrame({"employee_id": people, "department": random.choice(["N", "S", "W"], 20_000)})
    ratings = pd.DataFrame(
        {"employee_id": people, "indicator": "skill", "score": random.integers(1, 6, 20_000).astype(float)}
    )
    tables = {
        "employees": table_of("employees", employees),
        "tasks": table_of("tasks", tasks),
        "ratings": table_of("ratings", ratings),
    }
    appraisal = appraise(tables, scheme(pool_by=("department",), minimum_weight=0.1))
    assert appraisal.done
    results = outputs(appraisal, "en")["results"].set_index("employee_id")
    here = tasks[
        (tasks["due_date"] >= "2026-10-01") & (tasks["due_date"] <= "2026-10-31") & (tasks["status"] != "cancelled")
    ]
    on_time = (here["done_date"] <= here["due_date"]).groupby(here["owner_id"]).mean().reindex(people)
    assert np.allclose(appraisal.facts.actual[:, 0], on_time, equal_nan=True)
    ordered = results.sort_values(["pool", "place"])
    assert (ordered.groupby("pool")["total"].diff().dropna() <= 0).all()
    assert results.groupby(["pool", "total"])["grade"].nunique().max() == 1


def test_a_million_values_round_as_the_decimal_rule_does():
    random = np.random.default_rng(5)
    values = np.concatenate([random.integers(-(10**7), 10**7, 500_000) / 1000, random.normal(0, 1000, 500_000)])
    expected = [float(Decimal(f"{x:.15g}").quantize(Decimal("0.01"), ROUND_HALF_UP)) + 0.0 for x in values.tolist()]
    assert (round_half_up(values) == np.array(expected)).all()
