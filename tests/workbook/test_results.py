"""The sheets that a run writes: in order, plain, linked and coloured, and the same every time."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import LANGUAGES, Problem
from xlperf.policy import schemes
from xlperf.reporting.home_page import page_to_fill
from xlperf.reporting.output_tables import outputs
from xlperf.schema import SHEETS, find_sheet
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write import style
from xlperf.workbook.write.results import write_book, write_results
from xlperf.workbook.write.scheme_workbook import build, fill_inputs
from xlperf.xlsx.atomic_save import save_atomically

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
SCHEME = schemes.load("service-team")
NAN = float("nan")


def frames() -> dict[str, pd.DataFrame]:
    """Return hand-made rows of every output sheet."""
    grades = [grade.code for grade in SCHEME.grades]
    people = ["007", "008", "009"]
    return {
        "detail": pd.DataFrame(
            {
                "employee_id": ["007", "007", "008", "008"],
                "name": ["=Ann", "=Ann", "Bo", "Bo"],
                "dimension": "Results",
                "indicator": ["rate", "money", "count", "mean"],
                "indicator_name": ["Rate", "Money", "Count", "Mean"],
                "numerator": [1.0, 1500.5, 12.0, NAN],
                "denominator": NAN,
                "actual": [0.125, 1500.5, 12.0, 4.33333],
                "target": [0.5, 2000.0, 10.0, NAN],
                "unit": ["%", "yuan", "clients", None],
                "direction": "higher",
                "rule": "Proportional",
                "fact_status": ["measured", "measured", "missing", "measured"],
                "points": [25.0, 75.025, 100.0, NAN],
                "full": 100.0,
                "weight": [0.5, 0.5, 0.5, 0.5],
                "contribution": [12.5, 37.51, 50.0, NAN],
            }
        ),
        "results": pd.DataFrame(
            {
                "employee_id": people,
                "name": ["=Ann", "Bo", "Cy"],
                **{each.code: [10.0, 20.0, 30.125] for each in SCHEME.dimensions},
                "base": [90.0, 80.0, 70.0],
                "adjustment": [0.0, -1.0, 0.0],
                "total": [90.0, 79.0, 70.0],
                "pool": ["P", "P", "Q"],
                "place": [1.0, 2.0, NAN],
                "grade": [grades[0], grades[-1], None],
                "grade_name": [SCHEME.grades[0].name.en, SCHEME.grades[-1].name.en, ""],
                "coefficient": NAN,
                "outcome": "",
                "remark": ["", "", "not ranked"],
            }
        ),
        "ranking": pd.DataFrame(
            {
                "pool": ["P", "P", "Q", "Q"],
                "pool_size": [2, 2, 1, 1],
                "grade": grades[:2] * 2,
                "grade_name": ["Best", "Good"] * 2,
                "share": [0.5, 0.5] * 2,
                "exact": [1.0, 1.0, 0.5, 0.5],
                "quota": [1, 1, 1, 0],
                "last_place": [1, 2, 1, 1],
                "count": [2, 0, 1, 0],
                "difference": [1, -1, 0, 0],
            }
        ),
        "lists": pd.DataFrame(
            {"outcome": ["Raise"], "employee_id": ["007"], "name": ["=Ann"], "total": [90.0], "evidence": ["place 1"]}
        ),
        "problems": pd.DataFrame(
            [
                Problem("no-owner", "Employees", "A2:A3, A9 (3)", {"column": "x", "count": 3}).as_dict("en"),
                Problem("no-owner", "Employees", "", {"column": "x", "count": 3}).as_dict("en"),
                Problem("no-owner", "Gone", "F14", {"column": "x", "count": 3}).as_dict("en"),
            ]
        ),
        "run": pd.DataFrame({"item": ["xlperf", "formula"], "value": ["1.0", "=1+1"]}),
    }


def sheets_written() -> list:
    return [sheet for code, sheet in SHEETS.items() if code in frames()]


def workbook_with_results(lang: str = "en") -> Workbook:
    workbook = build(SCHEME, lang=lang)
    write_results(workbook, frames(), SCHEME, lang)
    return workbook


def saved(workbook: Workbook) -> Workbook:
    file = io.BytesIO()
    workbook.save(file)
    return load_workbook(file)


@pytest.fixture(scope="module")
def book() -> Workbook:
    return saved(workbook_with_results())


def column(ws: Worksheet, heading: str) -> list:
    """Return the cells of a column."""
    at = [cell.value for cell in ws[1]].index(heading) + 1
    return [ws.cell(row, at) for row in range(2, ws.max_row + 1)]


def values(ws: Worksheet, heading: str) -> list:
    return [cell.value for cell in column(ws, heading)]


def contents(workbook: Workbook) -> list:
    return [
        (ws.title, cell.coordinate, cell.value, cell.data_type, cell.number_format, cell.fill.fgColor.rgb, cell.font.b)
        for ws in workbook.worksheets
        for row in ws.iter_rows()
        for cell in row
    ]


# Where the sheets stand ------------------------------------------------------------------------------------------------


@BOTH
def test_results_stand_behind_the_inputs_in_the_order_of_the_layout(lang):
    workbook = saved(workbook_with_results(lang))
    known = [sheet for title in workbook.sheetnames if (sheet := find_sheet(title))]
    codes = [sheet.code for sheet in known]
    assert codes == [code for code in SHEETS if code in codes]
    assert [sheet.code for sheet in known if sheet.role == "output"] == [sheet.code for sheet in sheets_written()]
    colours = {role: {workbook[s.title(lang)].sheet_properties.tabColor.rgb for s in known if s.role == role}
               for role in ("policy", "input", "output")}  # fmt: skip
    assert all(len(colour) == 1 for colour in colours.values())
    assert len(set.union(*colours.values())) == 3


def test_writing_again_gives_the_same_cells():
    once = workbook_with_results()
    before = contents(once)
    write_results(once, frames(), SCHEME, "en")
    assert contents(once) == before
    assert contents(workbook_with_results()) == before


def test_another_language_replaces_the_words_of_the_first_but_no_title_that_formulas_may_refer_to():
    workbook = workbook_with_results("zh")
    titles = workbook.sheetnames
    write_results(workbook, frames(), SCHEME, "en")
    codes = [sheet.code for title in workbook.sheetnames if (sheet := find_sheet(title))]
    assert len(codes) == len(set(codes))
    assert workbook.sheetnames == titles
    assert workbook["考核结果"]["A1"].value == "Employee ID"


def test_sheets_and_decorations_of_hr_stay_where_they_are():
    workbook = workbook_with_results()
    workbook.create_sheet("Mine", 1)["A1"] = "=Results!A1"
    workbook.move_sheet("Results", -(len(workbook.sheetnames)))
    workbook["Employees"]["B2"].fill = PatternFill("solid", fgColor="00FF00")
    workbook = saved(workbook)
    titles = workbook.sheetnames
    write_results(workbook, frames(), SCHEME, "en")
    workbook = saved(workbook)
    assert workbook.sheetnames == titles
    assert workbook["Mine"]["A1"].value == "=Results!A1"
    assert workbook["Employees"]["B2"].fill.fgColor.rgb.endswith("00FF00")


def test_only_the_results_are_selected_when_the_workbook_opens(book):
    assert [ws.title for ws in book.worksheets if ws.sheet_view.tabSelected] == ["Results"]
    assert book.active.title == "Results"


def test_home_gets_links_to_the_results_and_a_title_that_is_up_to_date():
    workbook = build(SCHEME, lang="en")
    changed = SCHEME.with_settings(period="2031-07")
    assert not [cell for row in workbook["Home"].iter_rows() for cell in row if cell.hyperlink and "Results" in cell.hyperlink.location]  # fmt: skip
    write_results(workbook, frames(), changed, "en", home=page_to_fill(changed, {}))
    home = saved(workbook)["Home"]
    links = {cell.value: cell.hyperlink.location for row in home.iter_rows() for cell in row if cell.hyperlink}
    assert {title: links.get(title) for title in ("Detail", "Results", "Run")} == {
        "Detail": "'Detail'!A1", "Results": "'Results'!A1", "Run": "'Run'!A1",
    }  # fmt: skip
    assert "2031-07" in home["B3"].value


# What they show ---------------------------------------------------------------------------------------------------------


def test_dimensions_stand_before_the_base_score_and_empty_columns_are_left_out(book):
    shown = [cell.value for cell in book["Results"][1]]
    names = [each.name.en for each in SCHEME.dimensions]
    at = shown.index("Base score")
    assert shown[at - len(names) : at] == names
    assert {"Coefficient", "Outcome", "Department"}.isdisjoint(shown)
    assert {"Total", "Place", "Grade", "Remark"} <= set(shown)
    assert "Denominator" not in [cell.value for cell in book["Detail"][1]]


def test_rows_come_in_the_order_given_and_what_is_missing_is_blank(book):
    ws = book["Results"]
    assert values(ws, "Employee ID") == ["007", "008", "009"]
    assert values(ws, "Place") == [1, 2, "not ranked"]
    assert values(ws, "Remark") == [None, None, "not ranked"]


def test_everything_is_a_plain_value(book):
    for code in (sheet.title.en for sheet in sheets_written()):
        assert all(cell.data_type != "f" for row in book[code].iter_rows() for cell in row)
    assert values(book["Results"], "Name")[0] == "=Ann"
    assert column(book["Results"], "Name")[0].quotePrefix
    assert values(book["Run"], "Value") == ["1.0", "=1+1"]


def test_figures_have_the_format_of_their_unit(book):
    ws = book["Detail"]
    assert [cell.number_format for cell in column(ws, "Actual")] == ["0.00%", "#,##0.00", "#,##0", "#,##0.00##"]
    assert [cell.number_format for cell in column(ws, "Numerator")][:3] == ["#,##0", "#,##0.00", "#,##0"]
    assert {cell.number_format for cell in column(ws, "Weight")} == {"0%"}
    assert {cell.number_format for cell in column(book["Ranking"], "Over quota")} == {'+0;-0;"–"'}


@pytest.mark.parametrize(("decimals", "expected"), [(0, "#,##0"), (1, "#,##0.0"), (2, "#,##0.00")])
def test_scores_have_the_decimals_of_the_scheme(decimals, expected):
    workbook = Workbook()
    write_results(workbook, frames(), SCHEME.with_settings(decimals=decimals), "en")
    for heading in ("Total", "Base score", SCHEME.dimensions[0].name.en):
        assert {cell.number_format for cell in column(workbook["Results"], heading)} == {expected}


def test_grades_are_coloured_by_their_rank(book):
    fills = [cell.fill.fgColor.rgb for cell in column(book["Results"], "Grade code")]
    best, worst, none = fills
    assert len({best, worst, none}) == 3
    assert fills == [cell.fill.fgColor.rgb for cell in column(book["Results"], "Grade")]
    ranking = [cell.fill.fgColor.rgb for cell in column(book["Ranking"], "Grade code")]
    assert ranking[0] == ranking[2] == best
    assert ranking[1] == ranking[3] != best


def test_totals_have_bars(book):
    ws = book["Results"]
    (found,) = ws.conditional_formatting
    (rule,) = found.rules
    assert rule.type == "dataBar"
    assert (rule.dataBar.minLength, rule.dataBar.maxLength) == (0, 100)  # half the total is half the bar
    total = column(ws, "Total")
    assert found.sqref == f"{total[0].coordinate}:{total[-1].coordinate}"


def test_groups_are_told_apart_by_a_line(book):
    for title, heading, begins in (("Detail", "Employee ID", [2]), ("Ranking", "Pool", [2]), ("Results", "Pool", [2])):
        cells = column(book[title], heading)
        assert [at for at, cell in enumerate(cells) if cell.border.top.style] == begins


def test_the_name_of_a_group_is_strong_where_it_begins_and_grey_below(book):
    pools = column(book["Ranking"], "Pool")
    assert [cell.font.b for cell in pools] == [True, False, True, False]
    assert [cell.font.color.rgb[-6:] for cell in pools] == [style.ACCENT, style.MUTED] * 2
    assert values(book["Ranking"], "Pool") == ["P", "P", "Q", "Q"]  # in every row, so that filters find it


def test_people_without_a_place_stand_below_a_line_of_their_own():
    rows = frames()
    rows["results"] = rows["results"].assign(pool="P")
    workbook = Workbook()
    write_results(workbook, {"results": rows["results"]}, SCHEME, "en")
    ws = workbook["Results"]
    assert [cell.border.top.style for cell in column(ws, "Name")] == [None, None, "medium"]
    assert values(ws, "Place") == [1.0, 2.0, "not ranked"]
    assert values(ws, "Remark") == [None, None, "not ranked"]


def test_a_change_of_place_has_a_sign_and_a_colour():
    rows = frames()
    rows["results"] = rows["results"].assign(place_change=[2.0, -1.0, NAN])
    workbook = Workbook()
    write_results(workbook, {"results": rows["results"]}, SCHEME, "en")
    ws = workbook["Results"]
    cells = column(ws, "Change of place")
    assert {cell.number_format for cell in cells} == {style.PLACES}
    (found,) = (each for each in ws.conditional_formatting if cells[0].coordinate in str(each.sqref))
    assert {rule.formula[0]: rule.dxf.font.color.rgb[-6:] for rule in found.rules} == {
        f"{cells[0].coordinate}>0": style.GOOD, f"{cells[0].coordinate}<0": style.WARN,
        "TRUE": style.MUTED,
    }  # fmt: skip


def test_what_was_not_measured_stands_out(book):
    fills = [cell.fill.fgColor.rgb for cell in column(book["Detail"], "State")]
    assert fills[0] == fills[1] == fills[3] != fills[2]


def test_quota_and_head_count_are_drawn_for_every_pool():
    ws = workbook_with_results()["Ranking"]
    shown = {cell.value: cell.column_letter for cell in ws[1]}
    assert len(ws._charts) == 2
    for chart, rows in zip(ws._charts, ((2, 3), (4, 5)), strict=True):
        drawn = [series.val.numRef.f for series in chart.series]
        expected = [f"'Ranking'!${shown[name]}${rows[0]}:${shown[name]}${rows[1]}" for name in ("Quota", "Head-count")]
        assert drawn == expected
    places = [coordinate_to_tuple(chart.anchor) for chart in ws._charts]
    assert all(col > range_boundaries(ws.tables["tblRanking"].ref)[2] for _, col in places)
    assert places[1][0] > places[0][0]
    assert all(ws.row_dimensions[row].height for row in range(2, places[1][0] + 10))


def test_without_quotas_only_heads_are_drawn():
    rows = frames()
    rows["ranking"] = rows["ranking"].assign(quota=NAN, share=NAN, exact=NAN, last_place=NAN, difference=NAN)
    workbook = Workbook()
    write_results(workbook, {"ranking": rows["ranking"]}, SCHEME, "en")
    assert [len(chart.series) for chart in workbook["Ranking"]._charts] == [1, 1]
    assert "Quota" not in [cell.value for cell in workbook["Ranking"][1]]


def test_problems_lead_to_their_first_cell(book):
    ws = book["Problems"]
    cells, sheets = column(ws, "Cells"), column(ws, "Sheet")
    assert cells[0].hyperlink.location == "'Employees'!A2"
    assert sheets[1].hyperlink.location == "'Employees'!A1"
    assert cells[2].hyperlink is None
    assert sheets[2].hyperlink is None
    heights = [ws.row_dimensions[row].height for row in (2, 3, 4)]
    assert all(height >= 15 for height in heights)
    assert column(ws, "Found")[0].alignment.wrap_text


def test_long_texts_get_higher_rows():
    rows = frames()["problems"]
    rows.loc[1, "found"] = "a long story " * 60
    workbook = Workbook()
    write_results(workbook, {"problems": rows}, SCHEME, "en")
    ws = workbook["Problems"]
    assert ws.row_dimensions[3].height > 4 * ws.row_dimensions[2].height


@BOTH
def test_no_problems_are_said_in_words(lang):
    workbook = Workbook()
    write_results(workbook, {"problems": frames()["problems"][:0]}, SCHEME, lang)
    ws = workbook[SHEETS["problems"].title(lang)]
    assert values(ws, SHEETS["problems"]["found"].name(lang)) == [
        "没有发现问题。" if lang == "zh" else "No problems were found."
    ]


def test_sheets_without_rows_are_sound():
    workbook = Workbook()
    write_results(workbook, {code: frame[:0] for code, frame in frames().items()}, SCHEME, "zh")
    again = saved(workbook)
    for sheet in sheets_written():
        ws = again[sheet.title.zh]
        (table,) = ws.tables.values()
        assert range_boundaries(table.ref)[3] == 2
        assert table.column_names == [cell.value for cell in ws[1]][: len(table.column_names)]


def test_results_are_ready_to_be_printed(book):
    for sheet in sheets_written():
        ws = book[sheet.title.en]
        assert ws.print_title_rows == "$1:$1"
        assert ws.sheet_properties.pageSetUpPr.fitToPage
        assert ws.freeze_panes
        for at in range(1, range_boundaries(next(iter(ws.tables.values())).ref)[2] + 1):
            assert ws.column_dimensions[get_column_letter(at)].width > 5
            assert ws.cell(1, at).comment.text


# From file to file ------------------------------------------------------------------------------------------------------


def run(source: Path, target: Path, lang: str) -> None:
    book = read_book(source)
    appraisal = appraise(book.tables, book.scheme, None, book.problems)
    assert appraisal.done
    write_book(source, target, outputs(appraisal, lang, book.fingerprint), appraisal.scheme, lang, keep_backup=False)


@pytest.mark.parametrize(
    ("title", "last"),
    [("Results", "Remark"), ("Lists", "Evidence"), ("Problems", "What to do"), ("Detail", "Contribution")],
)
def test_what_must_be_on_paper_is_printed_on_one_page_across(book, title, last):
    ws = book[title]
    headings = {cell.value: cell.column for cell in ws[1]}
    printed = ws[ws.print_area.rpartition("!")[2]] if ws.print_area else ws[ws.dimensions]
    assert printed[0][-1].column >= headings[last]
    assert ws.page_setup.fitToWidth == 1


def test_what_the_policy_says_anyway_is_folded_on_detail(book):
    """Rule and direction stand on Indicators; where full points are added up, weights say no more than these."""
    ws = book["Detail"]
    folded = {cell.value: ws.column_dimensions[cell.column_letter].hidden for cell in ws[1]}
    further = {"Indicator code", "Numerator", "Denominator", "Direction", "Rule", "Weight"}
    assert {heading for heading, hidden in folded.items() if hidden} == further & folded.keys()


@pytest.mark.slow
def test_a_run_keeps_the_inputs_and_a_second_run_changes_nothing(sample_path, tmp_path):
    start, first, second = (sample_path("service-team", "zh"), tmp_path / "first.xlsx", tmp_path / "second.xlsx")
    run(start, first, "zh")
    run(first, second, "zh")
    assert read_book(first).fingerprint == read_book(start).fingerprint
    assert contents(load_workbook(second)) == contents(load_workbook(first))
    inputs = [ws for ws in load_workbook(start).worksheets if ws.sheet_state == "visible"][1:]
    after = load_workbook(first)
    for ws in inputs:
        assert contents_of(ws) == contents_of(after[ws.title])
        assert len(ws.data_validations.dataValidation) == len(after[ws.title].data_validations.dataValidation)


def contents_of(ws: Worksheet) -> list:
    return [(cell.value, cell.number_format, cell.comment and cell.comment.text) for row in ws.iter_rows() for cell in row]  # fmt: skip


def test_notes_keep_their_size_through_a_run(tmp_path):
    path = tmp_path / "book.xlsx"
    workbook = build(SCHEME, lang="en")
    sizes = {cell.coordinate: cell.comment.height for cell in workbook["Employees"][1]}
    workbook.save(path)
    again = load_workbook(path)
    write_results(again, {"run": frames()["run"]}, SCHEME, "en")
    assert {cell.coordinate: cell.comment.height for cell in again["Employees"][1]} == sizes


def test_inputs_are_written_into_the_sheets_of_a_workbook(tmp_path):
    workbook = build(SCHEME, lang="zh")
    people = table_of("employees", {"employee_id": ["007"], "name": ["安"]})
    fill_inputs(workbook, {"employees": people}, "zh")
    save_atomically(workbook, tmp_path / "book.xlsx")
    assert read_book(tmp_path / "book.xlsx").tables["employees"]["employee_id"].tolist() == ["007"]


def test_a_target_of_a_count_is_shown_whole_and_kept_exact():
    """148.06 clients are a sum of prorated targets, from which the points beside it were computed."""
    row = {"level": "company", "unit": "company", "indicator": "prospect_count", "figure_unit": "clients",
           "numerator": 163.0, "denominator": NAN, "actual": 163.0, "target": 148.064516, "points": 110.09,
           "fact_status": "measured"}  # fmt: skip
    rows = pd.DataFrame([row, {**row, "indicator": "churn_rate", "figure_unit": "%", "target": 0.05}])
    workbook = Workbook()
    write_results(workbook, {"unit_detail": rows}, schemes.load("securities-crm"), "en")
    targets = column(workbook["Unit detail"], "Target")
    assert [(cell.value, cell.number_format) for cell in targets] == [(148.064516, "#,##0"), (0.05, "0.00%")]
