"""Native formulas follow every switch of the policy, and what HR changes in Excel; engines recompute the workbooks.

Each variation of the small scheme is run twice: as values and as formulas. The formulas, computed anew by an engine
that nobody here wrote, must give the values, cell by cell. Then cells of the policy are changed as HR would change
them: what the engine finds must be what a new run finds.
"""

from __future__ import annotations

import re
import shutil
from functools import cache

import openpyxl
import pytest
import small
from openpyxl.formula import Tokenizer
from referees import decimals, differences, recalculated, results

from xlperf.reporting.output_tables import outputs
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.formulas import FormulaWriter
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.results import write_book
from xlperf.workbook.write.scheme_workbook import build
from xlperf.xlsx.atomic_save import save_atomically

PORTABLE = {
    "ABS", "AND", "AVERAGE", "CHOOSE", "COUNT", "COUNTIF", "COUNTIFS", "DATE", "IF", "IFERROR", "INDEX", "INT", "ISNUMBER",
    "LEN", "LOG10", "LOWER", "MATCH", "MAX", "MIN", "NOT", "OR", "ROUND", "STDEVP", "SUBSTITUTE", "SUM", "SUMIF", "SUMIFS",
    "SUMPRODUCT", "TRIM",
}  # fmt: skip
PEOPLE = (
    {"employee_id": "E1", "name": "Ann", "department": "N", "hire_date": "2020-01-01", "performance_base": 6000.5},
    {"employee_id": "E2", "name": "Bob", "department": "N", "hire_date": "2020-01-01", "performance_base": 4000},
    {"employee_id": "E3", "name": "Cid", "department": "01", "hire_date": "2026-10-11"},
    {"employee_id": "E4", "name": "Dot", "department": "01", "hire_date": "2020-01-01"},
    {"employee_id": "E5", "name": "Eve", "department": "1", "hire_date": "2020-01-01"},
    {"employee_id": "E6", "name": "Fay", "department": "S*", "hire_date": "2020-01-01"},
    {"employee_id": "E7", "name": "Guy", "department": "S", "hire_date": "2020-01-01", "status": "intern"},
)
DEPARTMENTS = [{"department": code, "department_name": f"Dept {code}"} for code in ("N", "01", "1", "S*", "S")]
SCORES = {"E1": 5.0, "E2": 4.0, "E3": 4.0, "E4": 4.0, "E6": 2.0, "E7": 3.0}  # nobody has rated E5
VETO = """
[[indicators]]
code = "incidents"
name = "事故"
name_en = "Incidents"
dimension = "work"
weight = 0
unit = "次"
direction = "lower"
source = "tasks"
measure = "count"
where = "due_date in period and status = cancelled"
target = 0
rule = "veto"
parameters = "%s"

[[grades]]"""


def with_veto(parameters):
    return {"\n[[grades]]": VETO % parameters} if parameters else {}


def indicator(rule, parameters, target="target = 0.8\n"):
    return {
        'target = 0.8\nrule = "proportional"\nparameters = "cap = 100%; floor = 0%"': f'{target}rule = "{rule}"'
        f'\nparameters = "{parameters}"'
    }


def curve(name, anchors):
    """Return the rows of a curve: value, points, reading, what holds beyond the end."""
    rows = "".join(
        f'\n[[curves]]\ncurve = "{name}"\nvalue = {value}\npoints = {points}\n'
        + "".join(f'{code} = "{word}"\n' for code, word in (("reading", reading), ("beyond", beyond)) if word)
        for value, points, reading, beyond in anchors
    )
    return {"\n[[outcomes]]": rows + "\n[[outcomes]]"}


FORMULA = """
[[indicators]]
code = "own"
name = "自定"
name_en = "Own"
dimension = "work"
weight = 0
unit = "分"
levels = "employee, department"
direction = "higher"
source = "indicators"
measure = "formula"
column = "(done - 1) / skill + on_time_numerator"
target = 2
rule = "proportional"

[[outcomes]]"""
PAY = """
[[pay]]
code = "plain"
name = "绩效工资"
name_en = "Performance pay"
way = "total"
base = "performance_base"

[[pay]]
code = "graded"
name = "奖金"
name_en = "Bonus"
way = "total_coefficient"
base = "performance_base"

[[pay]]
code = "line"
name = "年终奖"
name_en = "Year-end bonus"
way = "curve"
curve = "plan"
base = "performance_base"

[[pay]]
code = "prize"
name = "名次奖"
name_en = "Prize"
way = "place_amounts"
amounts = "300、200、100"

[[outcomes]]"""
LIMITS = """
[[pay]]
code = "tens"
name = "取整奖"
name_en = "In tens"
way = "total_coefficient"
base = "performance_base"
rounding_unit = 10

[[pay]]
code = "odd"
name = "按零点零五"
name_en = "In twentieths"
way = "total"
base = "performance_base"
rounding_unit = 0.05
prorate = "yes"

[[pay]]
code = "held"
name = "限额奖"
name_en = "Held"
way = "coefficient"
base = "performance_base"
least = 4200
most = 6500.25

[[pay]]
code = "sum"
name = "计件奖"
name_en = "By tasks"
way = "curve"
curve = "tasks"
figure = "done"

[[pay]]
code = "gift"
name = "得分奖"
name_en = "Gift"
way = "curve"
curve = "gifts"
most = 333

[[pay]]
code = "cut"
name = "有上限的奖"
name_en = "Within a budget"
way = "total"
base = "performance_base"
budget = 5000

[[outcomes]]"""
LIMIT_CURVES = "".join(
    curve(name, anchors)["\n[[outcomes]]"].removesuffix("\n[[outcomes]]")
    for name, anchors in (
        ("tasks", [(0, 20.5, "slice", "hold"), (3, 40.25, "", "hold")]),
        ("gifts", [(0, 0, "jump", "hold"), (60, 100, "line", ""), (100, 500.5, "", "hold")]),
    )
)
PAY_CURVE = curve("plan", [(0, 0, "jump", "hold"), (60, 0.5, "line", ""), (100, 1, "", "hold")])["\n[[outcomes]]"]
PAY_CURVE = PAY_CURVE.removesuffix("\n[[outcomes]]")
LESS = {'unit = "%"\ndirection = "higher"': 'unit = "%"\ndirection = "lower"'}
MISSING = {"if_missing": "redistribute"}
VARIATIONS = {
    "as it is": ({}, MISSING),
    "equal parts for gaps": ({}, {"if_missing": "equal", "if_not_applicable": "equal"}),
    "two ways for gaps": ({}, {"if_missing": "equal"}),
    "full marks for gaps": ({}, {"if_missing": "full"}),
    "nothing for gaps": ({}, {"if_missing": "zero"}),
    "weights within dimensions": (
        {"weight = 40\n": "weight = 60\n", "weight = 30\nunit = \"项\"": "weight = 40\nunit = \"项\"",
         "weight = 30\nunit = \"分\"": "weight = 100\nunit = \"分\""},
        {**MISSING, "weight_basis": "dimension"},
    ),
    "points added up": ({}, {**MISSING, "total_method": "sum"}),
    "capped": ({"floor = 0%\"\n\n[[indicators]]\ncode = \"done\"": "floor = 90%\"\n\n[[indicators]]\ncode = \"done\""},
               {**MISSING, "cap_total": "yes"}),
    "one decimal": ({}, {**MISSING, "decimals": 1}),
    "grades by score": ({}, {**MISSING, "grading": "bands"}),
    "no better than by score": ({}, {**MISSING, "grading": "quota_not_better"}),
    "no worse than by score": ({}, {**MISSING, "grading": "quota_not_worse"}),
    "lines rounded down": ({}, {**MISSING, "rounding": "floor"}),
    "lines rounded up": ({}, {**MISSING, "rounding": "ceiling"}),
    "largest remainders": ({"share = 0.6": "share = 0.55", "share = 0.2\ncoefficient = 1.2": "share = 0.25\ncoefficient = 1.2"},
                           {**MISSING, "rounding": "largest_remainder"}),
    "the rest to a grade": ({"share = 0.6": "share = 0.5"}, {**MISSING, "rest_grade": "C"}),
    "ties take the worse": ({}, {**MISSING, "ties": "worse"}),
    "ties told apart": ({}, {**MISSING, "ties": "chain", "tie_chain": ("ability", "hire_date")}),
    "pools by department": ({}, {**MISSING, "pool_by": ("department",), "pool_minimum": 2, "small_pool": "bands"}),
    "small pools without grades": ({}, {**MISSING, "pool_by": ("department",), "pool_minimum": 2, "small_pool": "none"}),
    "figures of places": ({}, {**MISSING, "place_figures": ("dense_place", "percent_rank", "percentile"),
                               "pool_by": ("department",), "pool_minimum": 1, "small_pool": "bands"}),
    "figures of places, ties told apart": ({}, {**MISSING, "place_figures": ("percent_rank", "percentile"), "ties": "chain",
                                                "tie_chain": ("ability",)}),
    "much must be measured": ({}, {**MISSING, "minimum_weight": 0.8}),
    "a veto to zero": (with_veto("operator = at_most; effect = zero_total"), MISSING),
    "a veto to a limit": (with_veto("operator = at_most; effect = limit_total; limit_points = 59.99"), MISSING),
    "a veto on the grade": (with_veto("operator = at_most; effect = limit_grade; limit_grade = C"), MISSING),
    "a veto with an excuse": (
        with_veto("operator = at_most; effect = zero_total; unless = done >= 5"), MISSING),
    "several conditions": (indicator("all_of", "condition = on_time >= 0.5 and not done < 2"), MISSING),
    "a rule by place": (indicator("rank_percentile", "band_set = places") | {
        "\n[[grades]]\ncode = \"A\"": "\n[[bands]]\nband_set = \"places\"\nlow = 0\nhigh = 0.5\nhigh_included = \"yes\"\n"
        "points = 0\n\n[[bands]]\nband_set = \"places\"\nlow = 0.5\nhigh = 1\nhigh_included = \"yes\"\npoints = 20\n"
        "\n[[grades]]\ncode = \"A\""}, MISSING),
    "standard scores": (indicator("standard_score", "centre = 60; spread = 10; cap = 75%; floor = 0%", ""), MISSING),
    "standard scores within departments, less is better": (
        indicator("standard_score", "centre = 50; spread = 10", "") | LESS,
        {**MISSING, "pool_by": ("department",), "pool_minimum": 2, "small_pool": "merge"}),
    "a curve of lines": (indicator("curve", "curve = plan; of = attainment; worth = share") | curve("plan", [
        (0.5, 0.2, "jump", "hold"), (0.8, 0.6, "line", ""), (1, 1, "line", ""), (1.2, 1.5, "line", "hold")]), MISSING),
    "a curve of slices, less is better": (
        indicator("curve", "curve = slices; of = attainment; lower_by = quotient") | LESS
        | curve("slices", [(0, 40, "slice", "hold"), (0.9, 90, "", ""), (1.1, 20, "", "hold")]), MISSING),
    "pay by totals and by a curve": ({"\n[[outcomes]]": PAY_CURVE + PAY}, MISSING),
    "pay in units and within limits": ({"\n[[outcomes]]": LIMIT_CURVES + LIMITS}, MISSING),
    "a formula of one's own": ({"\n[[outcomes]]": FORMULA}, MISSING),
    "a formula with a choice": ({"\n[[outcomes]]": FORMULA.replace(
        "(done - 1) / skill + on_time_numerator",
        "if(on_time >= 80% and not done < 3, round(done / (skill - 2), 1), max(abs(1 - skill), min(done, 3) / 2)) - 1")}, MISSING),
    "a formula that is undefined for some": ({"\n[[outcomes]]": FORMULA.replace(
        "(done - 1) / skill + on_time_numerator", "if(done / (skill - 2) > 1, min(4 / (5 - skill), 9), 7)")},
        {**MISSING, "if_not_applicable": "redistribute"}),
    "a formula whose condition is settled by a part": ({"\n[[outcomes]]": FORMULA.replace(
        "(done - 1) / skill + on_time_numerator",
        "if(skill <> 2 and done / (skill - 2) > 1, 3, 4) + if(not (1 / (skill - 4) > 0 or skill = 4), 2, 1 / (1 / done))")},
        {**MISSING, "if_not_applicable": "redistribute"}),
    "target by actual": (indicator("proportional", "cap = 150%; lower_by = quotient") | LESS, MISSING),
    "four levels": (indicator("attainment_5432", "met_at = 100%; near_at = 80%; level_above = 5; level_met = 4; "
                              "level_near = 3; level_below = 2"), MISSING),
    "a target of a joiner's own": ({
        "\n[[outcomes]]": '\n[[targets]]\nindicator = "done"\nscope = "employee"\nscope_id = "E3"\nperiod = "2026-10"\n'
        "target = 3\n\n[[outcomes]]"}, MISSING),
    "working days less absences": ({"target = 4": 'target = 4\nproration = "workdays_present"'}, MISSING),
    "people and units": ({'unit = "项"': 'unit = "项"\nlevels = "employee, department, company"',
                          'unit = "%"': 'unit = "%"\nlevels = "employee, department"'}, MISSING),
}  # fmt: skip
ADJUSTMENTS = [
    {"adjustment_id": "A1", "period": "2026-10", "employee_id": "E2", "adjustment_kind": "commendation", "points": 2.5,
     "clause": "1", "approver": "B"},
    {"adjustment_id": "A2", "period": "2026-10", "employee_id": "E2", "adjustment_kind": "penalty", "points": 1,
     "clause": "1", "approver": "B"},
    {"adjustment_id": "A3", "period": "2026-10", "employee_id": "E4", "adjustment_kind": "zero_item",
     "indicator": "on_time", "clause": "1", "approver": "B"},
]  # fmt: skip
ABSENCES = [
    {"employee_id": "E2", "start": "2026-10-12", "end": "2026-10-16"},
    {"employee_id": "E3", "start": "2026-10-20", "days": 1.5},
]
TARGETS = """
[[targets]]
indicator = "done"
scope = "department"
scope_id = "N"
target = 5

[[grades]]
code = "A\""""


def tables():
    tasks = [
        small.task(10 * rank + n, each["employee_id"], done="2026-10-09" if n >= rank else "2026-10-20")
        for rank, each in enumerate(PEOPLE)
        for n in range(5)
    ]
    tasks += [small.task(100 + n, "E2", status="cancelled", done=None) for n in range(2)]
    ratings = [
        {"period": "2026-10", "employee_id": each, "indicator": "skill", "rater_id": "B", "relation": "manager",
         "score": score}
        for each, score in SCORES.items()
    ]  # fmt: skip
    return small.tables(PEOPLE, tasks, ratings, departments=DEPARTMENTS, adjustments=ADJUSTMENTS, absences=ABSENCES)


def run(path, target, way="native"):
    """Run a workbook; with "values", without formulas."""
    book = read_book(path)
    appraisal = appraise(book.tables, book.scheme, found_before=book.problems)
    assert appraisal.done, [each.found("en") for each in appraisal.problems if each.level == "error"]
    writer = FormulaWriter.of_file(appraisal, path, "en", way) if way != "values" else None
    write_book(path, target, outputs(appraisal, "en"), appraisal.scheme, "en", False, None, writer)
    return writer


@cache
def made(folder, name):
    """Make the workbook of a variation, and run it as formulas; return both and the summary of the run."""
    replaced, settings = VARIATIONS[name]
    replaced = {**replaced, '\n[[grades]]\ncode = "A"': TARGETS} if "[[bands]]" not in str(replaced) else replaced
    given = {"scored_status": ("active", "intern"), "pool_minimum": 1, "minimum_weight": 0.5, **settings}
    scheme = small.scheme(replaced, language="en", period="2026-10", **given)
    path, target = folder / f"{name}.xlsx", folder / f"{name} native.xlsx"
    save_atomically(build(scheme, tables(), "en"), path, keep_backup=False)
    return path, target, run(path, target)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("native")


OFTEN = (
    "as it is",
    "largest remainders",
)


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[] if each in OFTEN else pytest.mark.slow) for each in VARIATIONS]
)
def test_formulas_give_the_values_under_every_switch(folder, name):
    _, native, writer = made(folder, name)
    compared = differences(results(native), recalculated(native, "formualizer"), decimals(native))
    assert compared, str(compared)
    assert writer.summary.formulas > sum(writer.summary.values.values())


# What HR changes in Excel


def cell_of(book, sheet, column, **where):
    """Return the cell below a heading in the row where other columns hold what is asked for."""
    ws = book[sheet]
    rows = list(ws.iter_rows())
    named = [{str(cell.value or "").removesuffix(" *"): cell for cell in row} for row in rows]
    heading = next(row for row in named if row.keys() >= {column, *where})
    letters = {name: cell.column_letter for name, cell in heading.items()}
    for number in range(heading[column].row + 1, ws.max_row + 1):
        if all(ws[f"{letters[name]}{number}"].value == value for name, value in where.items()):
            return ws[f"{letters[column]}{number}"]
    raise LookupError(where)


WEIGHT, SHARE = "Weight or full points", "Share"
CHANGES = {
    "weights": [("Indicators", WEIGHT, {"Indicator code": "on_time"}, 50),
                ("Indicators", WEIGHT, {"Indicator code": "done"}, 20)],
    "a target": [("Indicators", "Target", {"Indicator code": "on_time"}, 0.9)],
    "a target of a department": [("Targets", "Target", {"Scope code": "N"}, 3)],
    "a lower bound": [("Grades", "From", {"Grade code": "A"}, 61)],
    "shares": [("Grades", SHARE, {"Grade code": "A"}, 0.4), ("Grades", SHARE, {"Grade code": "B"}, 0.4)],
    "a coefficient": [("Grades", "Coefficient", {"Grade code": "A"}, 1.5)],
    "the full points": [("Home", "Value", {"Setting": "Full points"}, 50)],
    "the decimals": [("Home", "Value", {"Setting": "Decimals"}, 0)],
    "points of an adjustment": [("Adjustments", "Points", {"Employee ID": "E2", "Points": 2.5}, 9)],
    "a task not done": [("Tasks", "Done", {"Task ID": "T034"}, None)],
    "a rating": [("Ratings", "Score", {"Appraisee": "E4"}, 1)],
}  # fmt: skip
WITHOUT_BOUNDS, WITHOUT_SHARES = {"a lower bound"}, {"shares"}  # grades by quota, grades by score
COMPARED = ("Detail", "Results", "Ranking")


def changes():
    """Return the changes that matter under two ways of grading: one of the first by default, the others are slow."""
    for variation, idle in (("as it is", WITHOUT_BOUNDS), ("grades by score", WITHOUT_SHARES)):
        for number, change in enumerate(each for each in CHANGES if each not in idle):
            quick = variation == "as it is" and number == 0
            yield pytest.param(variation, change, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize(("variation", "change"), list(changes()))
def test_what_hr_changes_in_excel_is_what_a_new_run_finds(folder, variation, change):
    """The change is made in the native workbook and computed by an engine, and in the inputs and run by xlperf."""
    path, native, _ = made(folder, variation)
    wanted, changed = folder / f"{change} wanted.xlsx", folder / f"{change} changed.xlsx"
    for source, target in ((path, wanted), (native, changed)):
        book = openpyxl.load_workbook(source)
        for sheet, column, where, value in CHANGES[change]:
            cell_of(book, sheet, column, **where).value = value
        book.save(target)
    run(wanted, wanted, "values")
    found, new = recalculated(changed, "formualizer"), by_key(wanted)
    assert new != by_key(native), "the change changes nothing"
    assert by_key(changed, found) == new


def by_key(path, found=None):
    """Return the computed cells of the output sheets by their keys and headings, numbers rounded to a billionth."""
    book = openpyxl.load_workbook(path, data_only=True)
    cells = {}
    for title in COMPARED:
        heading, *rows = book[title].iter_rows()
        names = [cell.value for cell in heading]
        keys = [at for at, name in enumerate(names) if name in ("Employee ID", "Indicator code", "Grade code", "Pool")]
        keys = keys if title != "Results" else keys[:1]
        for row in rows:
            key = tuple(row[at].value for at in keys)
            for name, cell in zip(names, row, strict=True):
                if name in ("State", "Remark", "Outcome", "List") or name in NATIVE_ONLY:
                    continue
                value = (found or {}).get(title, {}).get(cell.coordinate, cell.value)
                value = round(float(value), 9) if isinstance(value, (int, float)) else value or None
                if value is not None:
                    cells[(title, *key, name)] = value
    return cells


NATIVE_ONLY = ("Points counted", "Weight stated", "Weight with gaps shared", "Target met")


# What formulas are made of


@pytest.mark.slow
@pytest.mark.parametrize("way", ["native", "udf"])
def test_formulas_are_portable(folder, way):
    """Functions of 2010, plain addresses; worksheet functions have their blanks guarded outside."""
    path, native, _ = made(folder, "people and units")
    if way == "udf":
        shutil.copy(path, native := folder / "udf.xlsx")
        run(path, native, "udf")
    called, texts = set(), set()
    for ws in openpyxl.load_workbook(native):
        texts |= {cell.value for row in ws.iter_rows() for cell in row if cell.data_type == "f"}
    for text in texts:
        assert len(text) <= 8000
        assert text.isascii() or re.sub(r"'[^']*'|\"[^\"]*\"", "", text).isascii()
        tokens = Tokenizer(text).items
        called |= {each.value.rstrip("(") for each in tokens if each.type == "FUNC" and each.subtype == "OPEN"}
        for each in tokens:
            if each.subtype == "RANGE":
                assert re.fullmatch(r"('[^']+'!)?\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?", each.value), text
    own = {name for name in called if name.startswith("PERF_")}
    assert called - own <= PORTABLE
    assert own == ({"PERF_PROPORTIONAL", "PERF_RATING_SCALE", "PERF_ROUND", "PERF_QUOTAS"} if way == "udf" else set())
    assert all(text.startswith(("=IF(", "=INDEX(")) for text in texts if "PERF_" in text)


def test_inputs_have_no_formulas(folder):
    """But for what stands beside the indicators: how each is scored, and the check of weights."""
    _, native, _ = made(folder, "as it is")
    book = openpyxl.load_workbook(native)
    with_formulas = {ws.title for ws in book if any(cell.data_type == "f" for row in ws.iter_rows() for cell in row)}
    assert with_formulas - {"Indicators"} == set(COMPARED)


def test_stored_results_are_the_values_of_a_run_without_formulas(folder):
    path, native, _ = made(folder, "as it is")
    run(path, folder / "plain.xlsx", "values")
    assert by_key(native) == by_key(folder / "plain.xlsx")


def test_worksheet_functions_give_the_values(folder):
    from xlperf.addin.headless import register

    path, _, _ = made(folder, "people and units")
    target = folder / "called.xlsx"
    run(path, target, "udf")
    compared = differences(results(target), recalculated(target, "formualizer", register), decimals(target))
    assert compared, str(compared)


def test_grades_that_do_not_stand_together_have_no_range_to_call(folder):
    """A blank row parts them: the worksheet function takes ranges, so the native formula stays."""
    path, target = folder / "apart.xlsx", folder / "apart called.xlsx"
    book = openpyxl.load_workbook(made(folder, "grades by score")[0])
    grades = book["Grades"]
    last = max(cell.row for cell in grades["A"] if cell.value)
    grades.move_range(f"A{last}:{grades.cell(last, grades.max_column).coordinate}", rows=1)
    book.save(path)
    run(path, target, "udf")
    formulas = [str(cell.value) for row in openpyxl.load_workbook(target)["Results"] for cell in row]
    assert any(each.startswith("=") for each in formulas)
    assert [each for each in formulas if "PERF_GRADE" in each] == []
