"""Ratings by letters and words: read wherever ratings come in, checked on the policy sheet, said by their labels."""

from dataclasses import replace

import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from small_book import one, policy, save

from tests.policy.test_checks import found, the_one
from xlperf.analysis.explain import as_lines, explain
from xlperf.policy.scheme import level_said
from xlperf.reporting.card_history import sentences
from xlperf.reporting.forms.scoring import how_scored
from xlperf.reporting.output_tables import outputs
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.read.importing import import_files

LEVELS = [("A", "", 5, "远超要求", "Far above what is asked"), ("良好", "Good", 4, "超出要求", "Above"),
          ("C", "", 3, "达到要求", "As asked"), ("D", "", 2, "有差距", "Below"), ("E", "", 1, "不合格", "Far below")]  # fmt: skip
LEVEL = """
[[rating_levels]]
indicators = "{of}"
label = "{label}"
label_en = "{english}"
value = {value}
anchor = "{anchor}"
anchor_en = "{anchor_en}"
"""
GRADES = '\n[[grades]]\ncode = "A"'


def levels(rows=LEVELS, of=""):
    return "".join(
        LEVEL.format(of=of, label=label, english=english, value=value, anchor=anchor, anchor_en=anchor_en)
        for label, english, value, anchor, anchor_en in rows
    )


def with_levels(rows=LEVELS, of="", more=""):
    return {GRADES: levels(rows, of) + more + GRADES}


def book_of(tmp_path, scores, scheme=None, name="book.xlsx"):
    """Write a workbook with one rating of each person, typed as given."""
    people = [f"E{n}" for n in range(1, len(scores) + 1)]
    sheets = policy(scheme=scheme or small.scheme(with_levels()))
    sheets["员工"] = [["工号", "姓名", "入职日期", "在职状态"], *([who, who, "2020-01-01", "在职"] for who in people)]
    rated = [["2026-10", who, "业务能力", "B", "直接上级", score] for who, score in zip(people, scores, strict=True)]
    sheets["评分"] = [["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"], *rated]
    sheets["任务"] = [["任务编号", "任务类型", "责任人工号", "应完成日期", "完成日期", "状态"],
                    *([f"T{who}", "service", who, "2026-10-05", "2026-10-05", "已完成"] for who in people)]  # fmt: skip
    return save(tmp_path / name, sheets)


def errors(problems):
    return [each.found("en") for each in problems if each.level == "error"]


# Read ---------------------------------------------------------------------------------------------------------------

TYPED = [
    ("A", 5, "a letter"), ("a", 5, "in lower case"), ("Ａ", 5, "in full width"), (" A  ", 5, "with blanks"),
    ("良好", 4, "a word"), ("良 好", 4, "a word with a blank"), ("Good", 4, "in English"), ("GOOD", 4, "in capitals"),
    (4, 4, "the score itself"), ("3", 3, "the score as text"), (3.5, 3.5, "between two levels"),
]  # fmt: skip


def test_labels_are_read_on_the_sheet_of_ratings(tmp_path):
    book = read_book(book_of(tmp_path, [typed for typed, _, _ in TYPED]))
    assert errors(book.problems) == []
    assert book.tables["ratings"]["score"].tolist() == [value for _, value, _ in TYPED], [why for *_, why in TYPED]


def test_a_rating_by_label_counts_as_its_value(tmp_path):
    """良好 is 4 on a scale from 1 to 5: (4 − 1) ÷ (5 − 1) × 100 = 75 points, as the score 4 has."""
    book = read_book(book_of(tmp_path, ["良好", 4]))
    appraisal = appraise(book.tables, book.scheme)
    assert appraisal.points.points[:, appraisal.facts.column("skill")].tolist() == [75, 75]


def test_an_unknown_label_is_an_error_with_the_levels_there_are(tmp_path):
    book = read_book(book_of(tmp_path, ["A", "优", "优", "F"]))
    told = [each for each in book.problems if each.code == "rating-label-unknown"]
    assert [(each.cells, each.details["cell"]) for each in told] == [("F3:F4 (2)", "优"), ("F5", "F")]
    assert told[0].expected("zh") == "下列档次之一：A = 5、良好 = 4、C = 3、D = 2、E = 1；也可以直接填分数。"
    assert told[0].level == "error"
    assert book.tables["ratings"]["score"].isna().tolist() == [False, True, True, True]


def test_what_is_no_label_keeps_the_message_it_has(tmp_path):
    """An open placeholder and an error value are told as such; without the sheet a letter is no number."""
    book = read_book(book_of(tmp_path, ["[待定]", "#N/A"]))
    assert {each.code for each in book.problems if each.level == "error"} == {"placeholder", "cell-error-value"}
    plain = read_book(book_of(tmp_path, ["A"], small.scheme(), "plain.xlsx"))
    assert "not-number" in {each.code for each in plain.problems}


def test_plus_and_minus_tell_levels_apart(tmp_path):
    rows = [("A+", "", 5, "", ""), ("A", "", 4, "", ""), ("A-", "", 3, "", "")]
    book = read_book(book_of(tmp_path, ["A+", "a＋", "A", "A-", "A−"], small.scheme(with_levels(rows))))
    assert book.tables["ratings"]["score"].tolist() == [5, 5, 4, 3, 3]


def test_an_indicator_with_levels_of_its_own_has_no_others(tmp_path):
    own = [("强", "", 5, "", ""), ("弱", "", 1, "", "")]
    scheme = small.scheme({GRADES: levels() + levels(own, of="业务能力") + GRADES})
    book = read_book(book_of(tmp_path, ["强", "弱", "A"], scheme))
    assert book.tables["ratings"]["score"].tolist()[:2] == [5, 1]
    assert one(book.problems, "rating-label-unknown").details["cell"] == "A"


def test_labels_are_read_on_import(tmp_path):
    book = read_book(book_of(tmp_path, [4]))
    rows = [["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"],
            ["2026-10", "E1", "业务能力", "C", "同事", "b "], ["2026-10", "E1", "业务能力", "D", "同事", "c "]]  # fmt: skip
    result = import_files(book, [save(tmp_path / "more.xlsx", {"评分": rows})])
    assert result.tables["ratings"]["score"].tolist()[-1] == 3
    assert one(result.problems, "rating-label-unknown").details["cell"] == "b"


def test_a_label_stays_as_it_is_typed_where_the_sheet_is_written_again(tmp_path):
    from openpyxl import load_workbook

    from xlperf.workbook.write.scheme_workbook import fill_inputs

    path = book_of(tmp_path, ["良好", 3])
    workbook = load_workbook(path)
    fill_inputs(workbook, {"ratings": read_book(path).tables["ratings"]}, "zh")
    assert [workbook["评分"].cell(row, 6).value for row in (2, 3)] == ["良好", 3]


def test_imported_labels_stay_labels_and_numbers_numbers(tmp_path):
    from openpyxl import load_workbook

    from xlperf.workbook.write.scheme_workbook import fill_inputs

    path = book_of(tmp_path, ["良好", 3])
    rows = [["周期", "被评人工号", "指标编号", "评价人工号", "评价关系", "评分"],
            ["2026-10", "E1", "业务能力", "C", "同事", 2], ["2026-10", "E1", "业务能力", "D", "同事", "c "],
            ["2026-10", "E2", "业务能力", "D", "同事", "A"]]  # fmt: skip
    result = import_files(read_book(path), [save(tmp_path / "more.xlsx", {"评分": rows})])
    assert result.tables["ratings"]["score"].tolist() == [4, 3, 2, 3, 5]
    workbook = load_workbook(path)
    fill_inputs(workbook, {"ratings": result.tables["ratings"]}, "zh")
    assert [workbook["评分"].cell(row, 6).value for row in range(2, 7)] == ["良好", 3, 2, "c ", "A"]


def lists_on(ws, column):
    return [each.formula1 for each in ws.data_validations.dataValidation if f"{column}3" in each.sqref]


@pytest.mark.parametrize(("lang", "title"), [("zh", "评分档次"), ("en", "Rating levels")])
def test_the_labels_are_offered_on_the_sheet_of_ratings(lang, title):
    from xlperf.workbook.write.scheme_workbook import build

    scheme = small.scheme(with_levels(), language=lang)
    workbook = build(scheme, small.tables(), lang)
    ratings = workbook["评分" if lang == "zh" else "Ratings"]
    score = next(cell.column_letter for cell in ratings[1] if str(cell.value).startswith(("评分", "Score")))
    (source,) = lists_on(ratings, score)
    assert f"{title}'!$B$2" in source
    assert [workbook[title].cell(row, 2).value for row in (2, 3)] == ["A", {"zh": "良好", "en": "Good"}[lang]]
    without = build(small.scheme(language=lang), small.tables(), lang)[ratings.title]
    assert lists_on(without, score) == []


def test_levels_that_are_added_later_are_offered_too(tmp_path):
    from openpyxl import load_workbook

    from xlperf.workbook.write.scheme_workbook import build
    from xlperf.workflows.sheet_catalogue import add

    path = tmp_path / "book.xlsx"
    build(small.scheme(language="en"), small.tables(), "en").save(path)
    before = lists_on(load_workbook(path)["Ratings"], "B")
    assert not add(path, "rating_levels").refused
    ratings = load_workbook(path)["Ratings"]
    score = next(cell.column_letter for cell in ratings[1] if str(cell.value).startswith("Score"))
    assert ["Rating levels" in source for source in lists_on(ratings, score)] == [True]
    assert lists_on(ratings, "B") == before


def test_a_condition_may_name_a_label():
    mean = 'unit = "分"\ndirection = "higher"\nsource = "ratings"\nmeasure = "mean"\ncolumn = "score"\nrule = "rating_scale"'
    share = 'unit = "%"\ndirection = "higher"\nsource = "ratings"\nmeasure = "share"\nhit = "评分 >= 良好"\nrule = "proportional"'
    replaced = {GRADES: levels() + GRADES, mean: share, 'parameters = "low = 1; high = 5"': "target = 1"}
    counted = small.scheme(replaced)
    rated = [{"period": "2026-10", "employee_id": "E1", "indicator": "skill", "rater_id": f"R{n}", "score": score}
             for n, score in enumerate((5.0, 4.0, 3.0, 1.0))]  # fmt: skip
    appraisal = appraise(small.tables(["E1"], ratings=rated), counted)
    assert appraisal.facts.actual[0, appraisal.facts.column("skill")] == 0.5  # 2 of 4 are at least 良好


@given(st.permutations(LEVELS))
def test_the_order_of_the_rows_does_not_matter(rows):
    scheme = small.scheme(with_levels(rows))
    labels = scheme.rating_labels
    assert [each.value for each in labels.levels_of("skill")] == [5, 4, 3, 2, 1]
    assert {label: labels.value("skill", label) for label, *_ in rows} == {"A": 5, "良好": 4, "C": 3, "D": 2, "E": 1}


# Checked ------------------------------------------------------------------------------------------------------------


def row(label, value, english=""):
    return (label, english, value, "", "")


@pytest.mark.parametrize(
    ("rows", "code", "why"),
    [
        ([row("A", 5), row("Ａ ", 4)], "rating-label-twice", "the same letter in full width"),
        ([row("优", 5, "Good"), row("good", 4)], "rating-label-twice", "the English label of the other row"),
        ([row("A", 5), row("优", 5)], "rating-value-twice", "two labels for 5"),
        ([row("A", 6)], "rating-value-off-scale", "the scale ends at 5"),
        ([row("A", 0)], "rating-value-off-scale", "the scale begins at 1"),
        ([row("1", 5)], "rating-label-number", "1 for the best: is 1 the level or the score?"),
    ],
)
def test_the_sheet_is_checked(rows, code, why):
    problem = found(with_levels(rows), code)
    assert problem.level == "error", why
    assert problem.cells


def test_a_level_of_an_unknown_indicator_or_one_that_is_not_rated_is_told():
    _, problems = small.problems_of(with_levels([row("A", 5)], of="skil"))
    assert the_one(problems, "code-unknown").details["cell"] == "skil"
    assert found(with_levels([row("A", 5)], of="done"), "rating-levels-unrated").level == "error"


def test_labels_of_different_indicators_do_not_clash():
    second = """
[[indicators]]
code = "manner"
name = "态度"
name_en = "Manner"
dimension = "ability"
weight = 0
direction = "higher"
source = "ratings"
measure = "mean"
column = "score"
rule = "rating_scale"
parameters = "low = 0; high = 10"
"""
    from xlperf.policy.validation.rating_levels import CHECKS

    both = levels([row("A", 5)], "skill") + levels([row("A", 10)], "manner") + second
    scheme = small.scheme({GRADES: both + GRADES})
    assert [problem for check in CHECKS for problem in check(scheme)] == []
    assert [scheme.rating_labels.value(code, "a") for code in ("skill", "manner")] == [5, 10]


# Said ---------------------------------------------------------------------------------------------------------------


def rated(*scores):
    return [{"period": "2026-10", "employee_id": "E1", "indicator": "skill", "rater_id": f"R{n}", "relation": "manager",
             "score": score} for n, score in enumerate(scores)]  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "zh", "en"),
    [((4.0,), "良好（4/5）", "Good (4 of 5)"), ((5.0, 3.0), "8 ÷ 2 = 良好（4/5）", "8 ÷ 2 = Good (4 of 5)"),
     ((4.0, 3.0), "7 ÷ 2 = 3.5 分", "7 ÷ 2 = 3.5 points")],
)  # fmt: skip
def test_the_explanation_says_the_label(scores, zh, en):
    appraisal = appraise(small.tables(["E1"], ratings=rated(*scores)), small.scheme(with_levels()))
    stories = [explain(appraisal, "E1", "skill", lang=lang)[0] for lang in ("zh", "en")]
    assert [story.indicators[0].figure for story in stories] == [zh, en]
    said = "\n".join(as_lines(stories[1], "en"))
    assert ("Good (4 of 5)" in said) == (4.0 in scores or scores == (5.0, 3.0))


def test_the_card_says_the_label():
    appraisal = appraise(small.tables(["E1"], ratings=rated(4.0)), small.scheme(with_levels()))
    detail = outputs(appraisal, "en")["detail"]
    items = {each.code: each for each in appraisal.scheme.indicators}
    said = dict(
        zip(detail["indicator"], sentences(detail, items, "en", levels=appraisal.scheme.rating_levels), strict=True)
    )
    assert said["skill"] == "▼ Good (4 of 5): 75 of 100 points"
    assert said["done"] == "target met: 100 of 100 points"


def test_paper_says_what_the_levels_mean():
    scheme = small.scheme(with_levels())
    said = how_scored(next(each for each in scheme.indicators if each.code == "skill"), scheme, "en")
    assert "Good = 4 (Above)" in said


def test_a_rating_without_a_label_is_said_as_it_is():
    scheme = small.scheme(with_levels())
    skill = next(each for each in scheme.indicators if each.code == "skill")
    assert level_said(skill, scheme.rating_levels, 3.5) is None
    assert level_said(replace(skill, source="actuals"), scheme.rating_levels, 4.0) is None


def test_labels_in_a_file_of_facts_are_read(tmp_path):
    path = book_of(tmp_path, [3, 3])
    facts = tmp_path / "ratings.csv"
    rows = [
        "周期,被评人工号,指标编号,评价人工号,评价关系,评分",
        "2026-10,E1,业务能力,B,直接上级,良好",
        "2026-10,E2,业务能力,B,直接上级,a",
    ]
    facts.write_text("\n".join(rows) + "\n", "utf-8")
    assert read_book(path, {"ratings": str(facts)}).tables["ratings"]["score"].tolist() == [4, 5]


@pytest.mark.parametrize(("typed", "scores", "unknown"), [("good", [4, 5], 0), ("great", [5], 1)])
def test_labels_in_a_table_with_an_indicator_a_column_are_read(tmp_path, typed, scores, unknown):
    book = read_book(book_of(tmp_path, [3, 3]))
    wide = save(
        tmp_path / "wide.xlsx", {"十月": [["工号", "姓名", "业务能力"], ["E1", "E1", typed], ["E2", "E2", "A"]]}
    )
    result = import_files(book, [wide])
    assert len([each for each in result.problems if each.code == "rating-label-unknown"]) == unknown
    assert result.tables["ratings"]["score"].dropna().tolist()[2:] == scores
