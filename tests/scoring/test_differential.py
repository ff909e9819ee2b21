"""Schemes, people and facts that nobody thought of: the run, native formulas and worksheet functions give the same."""

import pytest
import tomli_w
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from referees import as_values, decimals, differences, recalculate, recalculated, results, stored
from sample_books import written

from xlperf.addin import headless
from xlperf.core.problems import has_errors
from xlperf.policy.schemes import from_toml
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically

PERIOD = "2026-10"
HIGHER, LOWER = ("higher",), ("lower",)
BOTH = HIGHER + LOWER
NO_CLOCK = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def one_of(*choices):
    return st.sampled_from(choices)


def said(text, **values):
    """Write parameters, each drawn by itself; one that is drawn empty is left out."""
    return st.builds(text.format, **values).map(
        lambda text: "; ".join(part for part in text.split("; ") if not part.endswith("= "))
    )


caps, floors = one_of("", "100%", "120%", "150%"), one_of("", "0%", "40%")
steps, points = one_of("0.5", "1", "2", "5"), one_of("1", "2.5", "10")
counting = one_of("whole", "begun", "linear")
signs = one_of("at_least", "above", "at_most", "below")
RULES = {  # rule: its directions, and its parameters
    "proportional": (BOTH, said("cap = {cap}; floor = {floor}", cap=caps, floor=floors)),
    "bonus_over_target": (BOTH, said("step = 10%; points_each = {each}; unit = share; steps = {steps}; max_bonus = 20", each=points, steps=counting)),
    "extra_threshold": (HIGHER, said("value2 = 9.5; extra_points = {extra}", extra=points)),
    "deduct_per_step": (BOTH, said("step = {step}; points_each = {each}; steps = {steps}; floor = {floor}", step=steps, each=points, steps=counting, floor=floors)),
    "up_and_down": (BOTH, said("step = {step}; points_down = {each}; step_up = {wide}; points_up = {up}; steps = {steps}; floor = {floor}", step=steps, wide=steps, each=points, up=points, steps=counting, floor=floors)),
    "deduct_per_occurrence": (LOWER, said("points_each = {each}; floor = {floor}", each=points, floor=floors)),
    "zero_item": (LOWER, said("limit = {limit}", limit=one_of("0", "2.5", "8"))),
    "attainment_5432": (BOTH, st.just("met_at = 100%; near_at = 80%; level_above = 5; level_met = 4; level_near = 3; level_below = 2")),
    "pass_fail": (BOTH, said("operator = {sign}", sign=signs)),
    "bands": (BOTH, said("band_set = b; of = {of}", of=st.just("actual"))),
    "rating_scale": (BOTH, st.just("low = 0; high = 10")),
    "interpolated_levels": (HIGHER, st.just("value_a = 9; value_b = 6; value_c = 4; value_d = 2")),
    "symmetric_120": (BOTH, said("step = 5%; points_each = {each}; cap = 120%; floor = {floor}", each=points, floor=floors)),
    "range_scale": (HIGHER, said("worst = {worst}; best = 9", worst=one_of("0", "2"))),
    "target_range": (("range",), said("low = 4; high = 6; step = {step}; points_each = {each}; steps = {steps}; floor = {floor}", step=steps, each=points, steps=counting, floor=floors)),
    "rank_percentile": (BOTH, st.just("band_set = r")),
    "veto": (BOTH, said("operator = {sign}; effect = {effect}; limit_points = 59; limit_grade = C", sign=signs, effect=one_of("zero_total", "limit_total", "limit_grade"))),
}  # fmt: skip
MEASURES = (
    {"source": "actuals", "measure": "given", "unit": "分"},
    {"source": "tasks", "measure": "count", "unit": "项", "where": "due_date in period and status <> cancelled"},
    {"source": "tasks", "measure": "share", "unit": "%", "where": "due_date in period", "hit": "done_date <= due_date"},
    {"source": "tasks", "measure": "sum", "unit": "元", "where": "due_date in period", "column": "amount"},
    {
        "source": "tasks",
        "measure": "mean",
        "unit": "天",
        "where": "due_date in period",
        "column": "done_date - created_date",
    },
)
BANDS = [
    {"band_set": "b", "high": 3, "high_included": "no", "points": 10},
    {"band_set": "b", "low": 3, "low_included": "yes", "high": 8, "high_included": "no", "points": 60},
    {"band_set": "b", "low": 8, "low_included": "yes", "points": 100},
    {"band_set": "r", "high": 0.5, "high_included": "yes", "points": 100},
    {"band_set": "r", "low": 0.5, "low_included": "no", "points": 50},
]


@st.composite
def indicators(draw, number, weight):
    rule = draw(st.sampled_from(list(RULES)))
    directions, parameters = RULES[rule]
    measured = draw(st.sampled_from(MEASURES))
    return {
        "code": f"i{number}",
        "name": f"指标{number}",
        "dimension": draw(one_of("d1", "d2")) if number > 1 else f"d{number + 1}",
        "weight": weight,
        "direction": draw(st.sampled_from(directions)),
        "target": draw(one_of(1, 5, 8, 0.8)),
        "rule": rule,
        "parameters": draw(parameters),
        **measured,
    }


def shares(draw, parts):
    """Split 100 into whole parts."""
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=parts - 1, max_size=parts - 1, unique=True)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]


@st.composite
def schemes(draw):
    """A scheme whose weights total 100, with every switch that changes a number set somehow."""
    asked = [draw(indicators(n, weight)) for n, weight in enumerate(shares(draw, draw(st.integers(2, 5))))]
    scored = [each for each in asked if each["rule"] != "veto"] or reject()
    for each in asked:
        if each["rule"] == "veto":  # it has no weight: the first of the others takes it
            scored[0]["weight"] += each["weight"]
            each["weight"] = 0
    dimensions = {each["dimension"]: 0 for each in asked}
    for each in asked:
        dimensions[each["dimension"]] += each["weight"]
    spread = shares(draw, 3)
    return {
        "settings": {
            "scheme": "invented", "version": "1", "name": "方案", "period": PERIOD, "period_kind": "month",
            "language": draw(one_of("zh", "en")),
            "total_method": draw(one_of("weighted", "sum")),
            "cap_total": draw(one_of("yes", "no")),
            "decimals": draw(st.integers(0, 3)),
            "if_not_applicable": draw(one_of("redistribute", "full", "zero")),
            "if_missing": draw(one_of("redistribute", "full", "zero")),
            "minimum_weight": draw(one_of(0.0, 0.5, 0.9)),
            "grading": draw(one_of("bands", "quota", "quota_not_better", "quota_not_worse")),
            "rounding": draw(one_of("lines", "largest_remainder", "floor", "ceiling")),
            "ties": draw(one_of("better", "worse", "chain")),
            "tie_chain": ["d1", "hire_date"],
            "pool_by": draw(one_of(["all"], ["department"], ["staff_class"])),
            "pool_minimum": draw(st.integers(1, 4)),
            "small_pool": draw(one_of("merge", "bands", "none")),
            "ranked_status": draw(one_of(["active"], ["active", "probation"])),
        },
        "dimensions": [{"code": code, "name": code.upper(), "weight": weight} for code, weight in dimensions.items()],
        "indicators": asked,
        "bands": BANDS,
        "grades": [
            {"code": code, "name": name, "lower": lower, "share": share / 100, "coefficient": coefficient}
            for (code, name, lower, coefficient), share in zip(
                [("A", "优", 85, 1.2), ("B", "良", 60, 1.0), ("C", "差", 0, 0.8)], spread, strict=True
            )
        ],
    }  # fmt: skip


@st.composite
def facts(draw):
    """People, what they did, and what is known of them."""
    ids = [f"E{number}" for number in range(1, draw(st.integers(2, 7)) + 1)]
    figures = st.sampled_from([0.0, 1.0, 2.5, 4.0, 5.0, 7.9, 8.0, 10.0, 33.3])
    day = st.integers(1, 31).map("2026-10-{:02}".format) | st.just("2026-11-02")
    people = [
        {
            "employee_id": each, "name": each, "department": draw(one_of("N", "S")),
            "staff_class": draw(one_of("front_line", "office")), "status": draw(one_of("active", "active", "probation")),
        }
        for each in ids
    ]  # fmt: skip
    tasks = [
        {"task_id": f"T{number}", "owner_id": draw(st.sampled_from(ids)), "created_date": "2026-10-01", "due_date": due,
         "done_date": draw(day | st.none()), "status": draw(one_of("done", "open", "cancelled")), "amount": draw(figures | st.none())}
        for number, due in enumerate(draw(st.lists(day, max_size=12)))
    ]  # fmt: skip
    actuals = []
    for each in ids:
        for number in range(5):
            kind = draw(one_of("actual", "actual", "ratio", "none", "not applicable"))
            row = {"period": PERIOD, "employee_id": each, "indicator": f"i{number}"}
            if kind == "actual":
                actuals.append({**row, "actual": draw(figures)})
            elif kind == "ratio":
                actuals.append({**row, "numerator": draw(figures), "denominator": draw(one_of(0.0, 1.0, 4.0))})
            elif kind == "not applicable":
                actuals.append({**row, "not_applicable": "yes"})
    adjusted = draw(st.lists(st.tuples(st.sampled_from(ids), st.integers(1, 10)), max_size=2))
    adjustments = [
        {"adjustment_id": f"A{number}", "employee_id": each, "adjustment_kind": "commendation", "points": float(points),
         "clause": "1", "approver": "B"}
        for number, (each, points) in enumerate(adjusted)
    ]  # fmt: skip
    departments = [{"department": each, "department_name": each} for each in ("N", "S")]
    return {
        "departments": departments,
        "employees": people,
        "tasks": tasks,
        "actuals": actuals,
        "adjustments": adjustments,
    }


def workbook(folder, invented, sheets):
    """Write the invented scheme and facts as a workbook; some inventions are none that can be graded."""
    known = {each["code"] for each in invented["indicators"] if each["source"] == "actuals"}
    sheets = {**sheets, "actuals": [row for row in sheets["actuals"] if row["indicator"] in known]}
    scheme, problems = from_toml(tomli_w.dumps(invented))
    if has_errors(problems):
        reject()
    lang = scheme.settings.language
    path = folder / "invented.xlsx"
    tables = {sheet: table_of(sheet, rows, lang) for sheet, rows in sheets.items() if rows}
    save_atomically(build(scheme, tables, lang), path, keep_backup=False)
    book = read_book(path)
    if not appraise(book.tables, book.scheme, found_before=book.problems).done:
        reject()
    return path, lang


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("invented")


def agree(folder, invented, sheets, *engines):
    """Let engines compute the workbook with native formulas, and the one that calls worksheet functions."""
    path, lang = workbook(folder, invented, sheets)
    plain, native, calls = written(path, lang, "values", "native", "udf")
    for book in (native, calls):
        kept = differences(as_values(plain, book), stored(book), decimals(book))
        assert kept, (book.stem, "stored", str(kept))
    for engine in engines:
        found = differences(results(native), recalculated(native, engine), decimals(native))
        assert found, (engine, str(found))
    found = differences(results(calls), recalculated(calls, "formualizer", headless.register), decimals(calls))
    assert found, ("worksheet functions", str(found))


@settings(**NO_CLOCK, max_examples=2, phases=[Phase.explicit, Phase.reuse, Phase.generate], derandomize=True)
@given(schemes(), facts())
def test_run_formulas_and_functions_agree(folder, invented, sheets):
    agree(folder, invented, sheets, "formualizer", "ironcalc")


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(4))  # so that processes share them
@settings(**NO_CLOCK, max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(schemes(), facts())
def test_run_formulas_and_functions_agree_on_many(folder, lot, invented, sheets):
    agree(folder, invented, sheets, "formualizer", "ironcalc")


@pytest.mark.slow
def test_libreoffice_agrees(folder):
    """LibreOffice is started once for all that is invented."""
    books = []

    @settings(**NO_CLOCK, max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(schemes(), facts())
    def invent(invented, sheets):
        apart = folder / f"book {len(books)}"
        apart.mkdir(exist_ok=True)
        books.extend(written(*workbook(apart, invented, sheets), "native"))

    invent()
    assert len(books) > 4
    for book, found in recalculate(books, "libreoffice").items():
        compared = differences(results(book), found, decimals(book))
        assert compared, (book, str(compared))
