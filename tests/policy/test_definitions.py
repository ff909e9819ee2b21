"""A definition that was not understood is reported at its cell, once, and nothing is computed from it."""

import copy
from dataclasses import replace
from itertools import count

import pytest
import small
from effort import THOROUGH, one_by_default

from xlperf.core.problems import LANGUAGES, has_errors
from xlperf.policy.scheme import scheme_of
from xlperf.policy.schemes import from_toml, load
from xlperf.samples import MAKERS, sample, sample_period
from xlperf.schema import SHEETS, sheets_of
from xlperf.schema.coercion import read_table
from xlperf.schema.settings import SETTINGS
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Finished

ON_TIME = 'code = "on_time"'
SHARE, COUNT, MEAN = 'measure = "share"', 'measure = "count"', 'measure = "mean"'
CAPPED = 'target = 0.8\nrule = "proportional"\nparameters = "cap = 100%; floor = 0%"'
WHERE = 'where = "done_date in period"'
TARGET = '[[targets]]\nindicator = "done"\nscope = "{scope}"\n{more}\n\n'


def run(replaced, given=None):
    """Appraise the small tables under the small scheme with texts replaced."""
    text = small.SCHEME
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    scheme, problems = from_toml(text, "small")
    return appraise(given or small.tables(), scheme, found_before=problems)


def errors(stage):
    return [(each.code, each.place) for each in stage.problems if each.level == "error"]


@pytest.mark.parametrize(
    ("old", "new", "code", "cell"),
    [
        (SHARE, 'measure = "shar"', "not-a-choice", "measure 1"),
        (SHARE, "", "cell-required", "measure 1"),
        (f"{COUNT}\n{WHERE}", f'measure = "sum"\ncolumn = "done_date"\n{WHERE}', "column-needs-number", "column 2"),
        (f"{COUNT}\n{WHERE}", f'measure = "mean"\ncolumn = "status"\n{WHERE}', "column-needs-number", "column 2"),
        ('"low = 1; high = 5"', '"low = 5; high = 5"', "parameters-reversed", "parameters 3"),
        (CAPPED, CAPPED.replace("cap = 100%", "cap = 0%"), "parameters-reversed", "parameters 1"),
        ('code = "B"', 'code = "a"', "words-alike", "code 2"),
        ('code = "done"', 'code = "ON_TIME"', "words-alike", "code 2"),
        ('name = "完成任务数"', 'name = "任务及时率"', "words-alike", "name 2"),
        (
            "[[outcomes]]",
            TARGET.format(scope="employee", more="target = 4") + "[[outcomes]]",
            "target-of-whom",
            "scope_id 1",
        ),
        ("[[outcomes]]", TARGET.format(scope="company", more="target = 0") + "[[outcomes]]", "target-zero", "target 1"),
        (
            "[[outcomes]]",
            TARGET.format(scope="company", more="target = -4") + "[[outcomes]]",
            "target-zero",
            "target 1",
        ),
        ("[[outcomes]]", '[[periods]]\nperiod = "P1"\n\n[[outcomes]]', "period-undated", "start 1"),
        (
            "[[outcomes]]",
            '[[periods]]\nperiod = "P1"\nstart = 2026-10-31\nend = 2026-10-01\n\n[[outcomes]]',
            "period-backward",
            "end 1",
        ),
        ("top 20%", "top 200%", "condition-share", "where 1"),
        ("top 20%", "last 0%", "condition-share", "where 1"),
        ("total >= 60", "total >= 60%", "condition-percent-of-points", "where 1"),
        ("total >= 60", "work >= 60%", "condition-percent-of-points", "where 1"),
        ("total >= 60", "grade = D", "condition-unknown-choice", "where 1"),
        (SHARE, 'measure = "given"', "measure-source", "measure 1"),
        ('source = "ratings"', 'source = "rating"', "not-a-choice", "source 3"),
        ('source = "ratings"', "", "cell-required", "source 3"),
        (COUNT, 'measure = "sum"', "indicator-needs-column", "column 2"),
        ('column = "score"', "", "indicator-needs-column", "column 3"),
        ('column = "score"', 'column = "__class__"', "condition-unknown-word", "column 3"),
        ('hit = "done_date <= due_date"', "", "indicator-needs-hit", "hit 1"),
        ('hit = "done_date <= due_date"', 'hit = "done_date <= due_dat"', "condition-unknown-word", "hit 1"),
        (WHERE, 'where = "done_date <= period end + 9999999 days"', "condition-shift-too-far", "where 2"),
        (WHERE, 'where = "done_date within 99999999999 days of created_date"', "condition-shift-too-far", "where 2"),
        (WHERE, f'where = "done_date <= due_date{" + 300 months" * 20}"', "condition-shift-too-far", "where 2"),
        (WHERE, 'where = "due_date <= 9999-12-31 + 30 days"', "condition-shift-too-far", "where 2"),
        (WHERE, f'where = "{"not " * 300}status = done"', "condition-too-deep", "where 2"),
        (WHERE, f'where = "done_date - due_date{" + 1" * 300} > 1"', "condition-too-deep", "where 2"),
        (
            CAPPED,
            CAPPED.replace("cap = 100%; floor = 0%", "cap = 50%; floor = 150%"),
            "parameters-reversed",
            "parameters 1",
        ),
        (
            CAPPED,
            CAPPED.replace("cap = 100%; floor = 0%", "cap = 100%; cap = 10%; floor = 0%"),
            "parameter-twice",
            "parameters 1",
        ),
        (
            CAPPED,
            CAPPED.replace("cap = 100%; floor = 0%", "cap = -100%; floor = -200%"),
            "parameter-value",
            "parameters 1",
        ),
        ('"low = 1; high = 5"', '"low = 5; high = 1"', "parameters-reversed", "parameters 3"),
        ('"low = 1; high = 5"', '"lowest_of = 1; high = 5"', "parameter-unknown", "parameters 3"),
        ("weight = 40", "weight = -40", "weight-negative", "weight 1"),
        ("weight = 40", 'weight = "forty"', "not-number", "weight 1"),
        ("coefficient = 1.2", "coefficient = -1.2", "coefficient-negative", "coefficient 1"),
        ("full_points = 100", "full_points = 0", "setting-value", "value 9"),
        ("full_points = 100", 'full_points = "100%"', "setting-value", "value 9"),
        ("decimals = 2", "decimals = 99", "setting-value", "value 11"),
        ("outlier = 5", "outlier = 500", "setting-value", "value 29"),
        ("outlier = 5", "outlier = 5\nnear_target = 95", "setting-value", "value 30"),
        ("outlier = 5", 'outlier = 5\nappeal_by = "soon"', "setting-value", "value 30"),
        ("outlier = 5", 'outlier = 5\nreturn_by = "2026-02-30"', "setting-value", "value 30"),
        ("outlier = 5", 'outlier = 5\ngates = ["training"]', "gate-unknown", "value 30"),
        ("commendation_least = 1", "commendation_least = 20", "settings-reversed", "value 27"),
        ('grading = "quota"', 'gradng = "quota"', "setting-unknown", "setting 15"),
        ('code = "ability"', 'code = "total"', "dimension-reserved", "code 2"),
    ],
)
def test_a_definition_that_is_not_understood_is_one_error_at_its_cell(old, new, code, cell):
    stage = run({old: new, **({'dimension = "ability"': 'dimension = "total"'} if new == 'code = "total"' else {})})
    places = [place.rpartition("!")[2] for found, place in errors(stage) if found == code]
    assert {found for found, _ in errors(stage)} == {code}
    assert places[0] == cell
    assert not isinstance(stage, Finished)
    for problem in stage.problems:
        for lang in LANGUAGES:
            assert "{" not in problem.found(lang) + problem.expected(lang) + problem.remedy(lang)


def test_similar_words_are_named():
    (problem,) = (each for each in run({SHARE: 'measure = "shar"'}).problems if each.level == "error")
    assert "Similar: share" in problem.expected("en")


@pytest.mark.parametrize("depth", [1, 50])
def test_a_condition_may_be_as_deep_as_people_write_them(depth):
    done = run({WHERE: f'where = "done_date in period{" or done_date in period" * depth}"'})
    assert isinstance(done, Finished)


def test_gaps_of_other_indicators_are_listed_beside_a_definition_that_is_not_understood():
    stage = run({SHARE: 'measure = "shar"'}, small.tables(ratings=[]))
    assert {code for code, _ in errors(stage)} == {"not-a-choice", "missing-figures"}


def test_a_person_whose_only_indicator_is_not_understood_is_no_second_error():
    mine = {ON_TIME: f'{ON_TIME}\ngroup = "service"', SHARE: 'measure = "shar"'}
    people = [{"employee_id": each, "name": each, "group": "service"} for each in ("E1", "E2")]
    assert [code for code, _ in errors(run(mine, small.tables(people)))] == ["not-a-choice"]


def test_a_scheme_that_was_not_understood_gives_no_results_when_its_problems_are_left_out():
    scheme, problems = from_toml(small.SCHEME.replace(SHARE, 'measure = "shar"'), "small")
    assert has_errors(problems)
    assert errors(appraise(small.tables(), scheme)) == [("cell-not-understood", "'small[indicators]'!measure 1")]


def test_words_of_tables_that_were_not_read_from_a_sheet_are_checked_too():
    tables = {sheet: table for sheet, table in small.scheme().tables.items() if sheet != "indicators"}
    rows = small.scheme().table("indicators").frame.assign(measure=["shar", "count", "mean"])
    _, problems = scheme_of({**tables, "indicators": table_of("indicators", rows)})
    assert [each.cells for each in problems if each.code == "not-a-choice"] == ["L2"]


@pytest.mark.parametrize(("sheet", "column"), [("tasks", "source"), ("ratings", "source")])
def test_a_source_whose_sheet_is_missing_is_an_error_at_the_indicators_that_need_it(sheet, column):
    given = {code: table for code, table in small.tables().items() if code != sheet}
    found = [each for each in run({}, given).problems if each.code == "source-without-sheet"]
    assert [each.cells.split(" ")[0] for each in found] == [column]
    assert sheet in found[0].found("en").lower()


def test_a_sheet_that_a_condition_looks_at_is_missing():
    stage = run({WHERE: 'where = "done_date in period and client.m_level = vip"'})
    assert [code for code, _ in errors(stage)] == ["source-without-sheet"]


@pytest.mark.parametrize(
    ("sheet", "column", "indicators"),
    [
        ("tasks", "due_date", ["任务及时率"]),
        ("tasks", "done_date", ["任务及时率", "完成任务数"]),
        ("tasks", "owner_id", ["任务及时率", "完成任务数"]),
        ("ratings", "score", ["业务能力"]),
    ],
)
def test_a_sheet_with_rows_that_lacks_a_column_is_one_error_for_all_that_counts_it(sheet, column, indicators):
    """The heading was overtyped: the column would be blank for everybody, which is a figure of 0 and no figure."""
    table = small.tables()[sheet]
    letters = {code: letter for code, letter in table.letters.items() if code != column}
    frame = table.frame.assign(**{column: table[column].where([False] * len(table))})
    stage = run({}, {**small.tables(), sheet: replace(table, frame=frame, letters=letters)})
    assert errors(stage) == [("source-without-column", table.title)]
    (problem,) = (each for each in stage.problems if each.code == "source-without-column")
    assert [each.zh for each in problem.details["indicators"]] == indicators
    empty = {**small.tables(), sheet: table.where([])}
    assert not [each for each in run({}, empty).problems if each.code == "source-without-column"]


def test_a_dimension_may_be_called_by_its_name():
    done = run({'dimension = "ability"': 'dimension = "能力"'})
    assert isinstance(done, Finished)
    assert [each.dimension for each in done.scheme.indicators] == ["work", "work", "ability"]


def test_the_step_may_be_called_as_the_worksheet_function_calls_it():
    rule = 'rule = "deduct_per_step"\nparameters = "{} = 1; points_each = 1; steps = whole; floor = 0%"'
    old = 'target = 4\nrule = "proportional"\nparameters = "cap = 100%; floor = 0%"'
    by_name, by_argument = (run({old: "target = 4\n" + rule.format(word)}) for word in ("step", "step_size"))
    assert by_name.results["total"].tolist() == by_argument.results["total"].tolist()


def test_a_weight_that_differs_from_those_of_its_indicators_is_one_error_for_all_positions():
    groups = "\n\n".join(f'[[positions]]\ngroup = "{each}"\nname = "{each}"' for each in ("g1", "g2"))
    stage = run({"weight = 70": "weight = 60", '\n[[outcomes]]': f"\n{groups}\n\n[[outcomes]]"},
                small.tables([{"employee_id": each, "name": each, "group": each} for each in ("g1", "g2")]))  # fmt: skip
    (problem,) = (each for each in stage.problems if each.code == "dimension-differs")
    assert "g1, g2" in problem.found("en")


def test_a_position_group_that_nobody_holds_is_pointed_out():
    people = [{"employee_id": each, "name": each, "group": "service"} for each in ("E1", "E2")]
    stage = run({ON_TIME: f'{ON_TIME}\ngroup = "sevice"'}, small.tables(people))
    (problem,) = (each for each in stage.problems if each.code == "group-not-held")
    assert problem.cells == "group 1"
    assert "service" in problem.expected("en")


@pytest.mark.parametrize(
    ("old", "new", "code", "cell"),
    [
        ("target = 0.8", "target = 80", "target-in-percent", "target 1"),
        ("coefficient = 1.2", "coefficient = 0.9", "coefficient-rises", "coefficient 2"),
        ("coefficient = 1.2", "coefficient = 120", "coefficient-in-percent", "coefficient 1"),
        (CAPPED, CAPPED.replace("cap = 100%", "cap = 100"), "parameter-in-percent", "parameters 1"),
        (COUNT, f'{COUNT}\ncolumn = "done_date"', "column-unused", "column 2"),
        ("lower = 85", "lower = 850", "grade-off-scale", "lower 1"),
        ("lower = 85\n", "lower = 8.5\n", "grade-off-scale", "lower 1"),
        ("full_points = 100", "full_points = 1000", "grade-off-scale", "lower 1"),
        (
            "[[outcomes]]",
            '[[periods]]\nperiod = "2026-10"\nstart = 2026-09-01\nend = 2026-09-30\n\n[[outcomes]]',
            "period-elsewhere",
            "start 1",
        ),
    ],
)
def test_what_is_likely_a_slip_is_a_warning_at_its_cell(old, new, code, cell):
    stage = run({old: new})
    assert [each.place.rpartition("!")[2] for each in stage.problems if each.code == code] == [cell]
    assert isinstance(stage, Finished)


@pytest.mark.parametrize(("year", "told"), [(2025, 1), (2026, 0)])
def test_a_calendar_without_the_year_of_the_period_is_warned_of_where_working_days_count(year, told):
    calendar = f'[[calendar]]\ndate = {year}-10-01\nday_kind = "holiday"\n\n[[outcomes]]'
    hit = {"done_date <= due_date": "done_date within 3 workdays of due_date"}
    assert [each.code for each in run({"[[outcomes]]": calendar, **hit}).problems].count(
        "calendar-of-another-year"
    ) == told
    assert not [each for each in run({"[[outcomes]]": calendar}).problems if each.code == "calendar-of-another-year"]


def test_two_targets_of_one_period_are_an_error_however_it_is_called():
    goals = "".join(
        f'[[targets]]\nindicator = "done"\nscope = "employee"\nscope_id = "E1"\nperiod = "{label}"\ntarget = {n}\n\n'
        for n, label in enumerate(("2026-10", "October 2026"), 4)
    )
    assert errors(run({"[[outcomes]]": goals + "[[outcomes]]"}))[0][0] == "key-twice"


def test_a_rating_of_an_indicator_that_is_measured_is_told_at_its_cell():
    given = small.tables()
    ratings = given["ratings"].frame.to_dict("records")
    rows = [*ratings, {**ratings[0], "indicator": "done"}]
    found = run({}, {**given, "ratings": table_of("ratings", rows)})
    assert [each.cells for each in found.problems if each.code == "row-of-other-source"] == ["C7"]


# Every cell of every policy sheet ------------------------------------------------------------------------------------

WRONG = ("", "zzqx", -7, 1e15, "#REF!", "[待定]")
KINDS = (
    "choice",
    "choices",
    "condition",
    "expression",
    "parameters",
    "number",
    "fraction",
    "date",
)  # not just any text
TEXTS = ("text", "key", "list")  # settings that hold a word of HR's own


def records_of(scheme, period):
    """Return the rows of the policy sheets of a scheme, as they are typed."""
    values = {code: value for code, value in scheme.settings.values().items() if value not in ("", ())} | {
        "period": period
    }
    settings = [{"setting": code, "value": ", ".join(v) if isinstance(v, tuple) else v} for code, v in values.items()]
    others = {code: table.frame for code, table in scheme.tables.items() if code != "settings" and len(table)}
    records = {
        code: frame.astype(object).where(frame.notna(), None).to_dict("records") for code, frame in others.items()
    }
    return {**records, "settings": settings}


def read(records):
    """Read records the way the sheets of a workbook are read."""
    tables, problems = {}, []
    for sheet in sheets_of("policy"):
        if rows := records.get(sheet.code):
            columns = {column.code: [row.get(column.code) for row in rows] for column in sheet}
            numbers = range(2, len(rows) + 2)
            tables[sheet.code], found = read_table(sheet, columns, numbers, {}, sheet.code)
            problems += found
    scheme, found = scheme_of(tables)
    return scheme, [*problems, *found]


def silent(scheme, period, given, values, turn=0, turns=1):
    """Put values into the first row of each column, and every setting; return the nonsense that was accepted.

    Of all these trials every ``turns``-th is made, beginning with number ``turn``.
    """
    records, number = records_of(scheme, period), count()
    for sheet, rows in records.items():
        for column in SHEETS[sheet]:
            for row in range(len(rows)) if sheet == "settings" and column.code == "value" else (0,):
                for value in values:
                    if next(number) % turns != turn:
                        continue
                    changed = copy.deepcopy(records)
                    changed[sheet][row][column.code] = value
                    scheme, problems = read(changed)
                    stage = appraise(given, scheme, found_before=problems)
                    kinds = column.kind in KINDS or (sheet == "settings" and rows[row]["setting"] in WORDED)
                    if isinstance(stage, Finished) and (value in ("#REF!", "[待定]") or (kinds and value == "zzqx")):
                        yield f"{sheet}.{column.code} {row}: {value}"


WORDED = [code for code, setting in SETTINGS.items() if setting.kind not in TEXTS]


TURNS = 16


@pytest.mark.parametrize("turn", one_by_default(range(TURNS)))
def test_no_value_of_a_policy_cell_ends_in_a_traceback_and_no_unknown_word_is_accepted(turn):
    assert not list(silent(small.scheme(), "2026-10", small.tables(("E1", "E2")), WRONG, turn, TURNS))


@pytest.mark.slow
@pytest.mark.parametrize(("turn", "name"), list(enumerate(sorted(MAKERS))))
def test_no_value_of_a_policy_cell_of_the_schemes_ends_in_a_traceback(turn, name):
    """By turns: a trial takes a tenth of a second, and a scheme has thousands of them."""
    scheme = load(name)
    period = sample_period(scheme)
    turns = (4 if THOROUGH else 8) * len(MAKERS)
    assert not list(silent(scheme, period.code, sample(name, period, "en"), WRONG, turn, turns))
