"""The printable forms: every figure is that of the results, every page fits on its paper, every word in one language."""

import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import tomli_w
from effort import one_by_default
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests import small
from xlperf.cli import app, printing  # noqa: F401 - printing enters its command
from xlperf.core.periods import parse_period
from xlperf.policy.rules import RULES
from xlperf.policy.schemes import from_toml, load, names
from xlperf.reporting.forms import FORMS, fill_forms, find_form
from xlperf.reporting.forms.paper import Column, Fields, Figure, Form, Page, Passage, Row, Rows
from xlperf.reporting.forms.people import Item
from xlperf.reporting.forms.personal import strengths_and_weaknesses
from xlperf.reporting.forms.scoring import how_scored
from xlperf.reporting.output_tables import outputs
from xlperf.samples import sample
from xlperf.schema.tables import table_of
from xlperf.scoring.pipeline import appraise
from xlperf.workbook.write.print_forms import WIDTHS, draw

LANGUAGES = ("zh", "en")
CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uff60\u3000-\u303f]")
ENGLISH = re.compile(r"[A-Za-z]{2,}")
PERSONAL = ("targets", "feedback-card", "questionnaire", "monthly-record")
POSITIONS = [
    {
        "group": "desk",
        "name": "客服专员",
        "name_en": "Service agent",
        "staff_class": "front_line",
        "tier": "operating",
        "reports_to": "lead",
        "duties": "接听来电；处理工单",
        "duties_en": "1. Answer calls 2. Handle tickets",
        "requirements": "沟通能力强",
        "requirements_en": "Communicates well",
    },
    {"group": "lead", "name": "客服主管", "name_en": "Team leader", "tier": "management"},
    {"group": "spare", "name": "备用岗位", "name_en": "Spare position"},
]
PARTS = [
    {"code": "months", "name": "月考核平均", "name_en": "Monthly appraisals", "period_kind": "year",
     "source": "periods", "part_kind": "month", "weight": 40, "inner": "each", "if_missing": "redistribute"},
    {"code": "year_end", "name": "年终考评", "name_en": "Year-end appraisal", "period_kind": "year",
     "source": "appraisal", "weight": 60, "inner": "each", "if_missing": "redistribute"},
]  # fmt: skip
STAFF = [
    {"employee_id": "E1", "name": "=1+1", "group": "desk"},
    {"employee_id": "E2", "name": "Bo", "group": "desk"},
    {"employee_id": "E3", "name": "Cy", "group": "lead"},
    {"employee_id": "E4", "name": "Di", "group": "lead", "status": "intern"},
]
INDICATOR = small.scheme().indicators[0]
HISTORY = [
    {"period": f"2026-{month:02}", "employee_id": each, "total": total + month}
    for each, total in (("E1", 90), ("E2", 80), ("E3", 70.25))
    for month in range(1, 10)
]


def small_appraisal(more, period=None, **settings):
    """Appraise four people, an intern among them, under the small scheme with some sheets more."""
    read, problems = from_toml(tomli_w.dumps(more) + small.SCHEME, "small")
    assert not [each for each in problems if each.level == "error"], problems
    tables = small.tables(STAFF) | {"history": table_of("history", HISTORY)}
    done = appraise(tables, read.with_settings(**settings) if settings else read, period)
    assert done.done, [each.found("en") for each in done.problems]
    return done


@pytest.fixture(scope="module")
def of_positions():
    return small_appraisal({"positions": POSITIONS})


@pytest.fixture(scope="module")
def of_year():
    return small_appraisal({"parts": PARTS}, "2026")


@pytest.fixture(scope="module")
def team():
    """The customer-service department in both languages: appraisal, output frames, forms by code."""
    return {lang: team_in(lang) for lang in LANGUAGES}


def team_in(lang, change=lambda tables: tables):
    scheme = load("service-team").with_settings(period="2026-10")
    appraisal = appraise(change(sample("service-team", parse_period("2026-10"), lang)), scheme)
    sheets = outputs(appraisal, lang)
    forms, _ = fill_forms(appraisal, lang, sheets=sheets)
    return appraisal, sheets, {form.code: form for form in forms}


def block(page, kind):
    (found,) = [each for each in page.blocks if isinstance(each, kind)]
    return found


def rows_of(page):
    return [row.cells for row in block(page, Rows).rows]


def texts_of(form):
    """Yield every word that is printed."""
    yield from (form.title, form.subtitle, *(column.heading for column in form.columns))
    for page in form.pages:
        for each in page.blocks:
            for part in vars(each).values():
                yield from words_in(part)


def words_in(part):
    if isinstance(part, str):
        yield part
    elif isinstance(part, Figure):
        yield part.unit
    elif isinstance(part, tuple):
        for each in part:
            yield from words_in(vars(each)["cells"] if hasattr(each, "cells") else each)


def saved(forms, lang="en"):
    file = io.BytesIO()
    draw(forms, lang).save(file)
    return load_workbook(file)


# Figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", one_by_default(LANGUAGES))
def test_a_record_has_the_figures_of_detail_and_results(team, lang):
    _, sheets, forms = team[lang]
    results = sheets["results"].set_index("employee_id")
    assert [page.key for page in forms["monthly-record"].pages] == sorted(results.index)
    for page in forms["monthly-record"].pages:
        mine, result = sheets["detail"][sheets["detail"]["employee_id"] == page.key], results.loc[page.key]
        *items, subtotal, added, total = rows_of(page)
        assert [cells[:2] for cells in items] == [*zip(mine["dimension"], mine["indicator_name"], strict=True)]
        assert [cells[2].value for cells in items] == pytest.approx(list(mine["weight"] * 100))
        assert [cells[5].value for cells in items] == list(mine["contribution"])
        for cells in items:
            deducted = cells[4].value if isinstance(cells[4], Figure) else 0.0
            assert cells[2].value - deducted == pytest.approx(cells[5].value)
        assert [subtotal[5].value, added[5].value, total[5].value] == [
            result["base"],
            result["adjustment"],
            result["total"],
        ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_lists_every_deduction_of_the_period_with_its_clause(team, lang):
    appraisal, _, forms = team[lang]
    checks = appraisal.tables["checks"].frame
    counted = checks[(checks["deduction"] > 0) & (checks["date"] >= "2026-10-01") & (checks["date"] <= "2026-10-31")]
    names = {each.code: each.name(lang) for each in appraisal.indicators}
    pages = {page.key: {cells[1]: cells for cells in rows_of(page)} for page in forms["monthly-record"].pages}
    counted = counted[counted["employee_id"].isin(list(pages))]
    assert len(counted) > 100
    for row in counted.itertuples():
        said = pages[row.employee_id][names[row.indicator]][3]
        assert row.clause in said
        assert f"{row.date:%m-%d}" in said
        assert f"−{row.deduction:g}" in said
    for (who, code), group in counted.groupby(["employee_id", "indicator"]):
        standard, said, deducted = (pages[who][names[code]][place] for place in (2, 3, 4))
        lines = said.split("\n")
        zeroed = len(lines) == len(group) + 1
        assert zeroed or len(lines) == len(group)
        expected = standard.value if zeroed else min(group["deduction"].sum(), standard.value)
        assert deducted.value == pytest.approx(expected)


def test_an_item_that_was_taken_away_and_a_commendation_name_clause_and_approver(team):
    _, _, forms = team["en"]
    words = "\n".join(texts_of(forms["monthly-record"]))
    assert re.search(r"rules of reward, 8\), approved by .+, \+8", words)
    assert re.search(r"Quarrelled with a client.*approved by .+, zero the item", words)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_statistics_are_the_results_pool_by_pool(team, lang):
    appraisal, sheets, forms = team[lang]
    results, codes = sheets["results"], [each.code for each in appraisal.scheme.dimensions]
    seen = []
    for page in forms["monthly-statistics"].pages:
        _, *lines, mean, highest, lowest, count = rows_of(page)
        members = results.set_index("employee_id").loc[[cells[1] for cells in lines]]
        seen += list(members.index)
        for number, (cells, (_, row)) in enumerate(zip(lines, members.iterrows(), strict=True), start=1):
            assert cells[0].value == number
            expected = [*row[codes], row["adjustment"], row["total"]]
            assert [cell.value for cell in cells[3:9]] == expected
            assert (cells[9].value if isinstance(cells[9], Figure) else None) == (
                row["place"] if row["place"] > 0 else None
            )
            assert cells[10] == row["grade_name"]
            assert row["outcome"] in cells[11]
            assert row["remark"] in cells[11]
        for place, code in [*enumerate(codes, start=3), (8, "total")]:
            exact = sum(Fraction(f"{each:.10g}") for each in members[code]) / len(members)
            assert mean[place].value == float(exact)
            assert (highest[place].value, lowest[place].value) == (members[code].max(), members[code].min())
        assert count[3].value == len(members)
    assert sorted(seen) == sorted(results["employee_id"])


def test_the_year_has_a_column_for_every_part(of_year):
    forms, problems = fill_forms(of_year, "en")
    year = next(form for form in forms if form.code == "yearly-statistics")
    results = outputs(of_year, "en")["results"].set_index("employee_id")
    assert year.title == "Yearly appraisal statistics"
    assert [column.heading for column in year.columns[3:5]] == ["Monthly appraisals\n40%", "Year-end appraisal\n60%"]
    lines = [cells for page in year.pages for cells in rows_of(page)[1:-4]]
    assert len(lines) == 3
    for cells in lines:
        row = results.loc[cells[1]]
        assert [cells[3].value, cells[4].value, cells[6].value] == [
            row["part:months"],
            row["part:year_end"],
            row["total"],
        ]
    left_out = {each.details["form"].en for each in problems if each.code == "form-left-out"}
    assert "Monthly appraisal statistics" in left_out


def test_the_record_of_a_year_goes_from_its_own_appraisal_to_the_total(of_year):
    (form,), _ = fill_forms(of_year, "en", ["monthly-record"])
    assert form.title == "Yearly appraisal record"
    for page in form.pages:
        row = outputs(of_year, "en")["results"].set_index("employee_id").loc[page.key]
        assert [cells[5].value for cells in rows_of(page)[-4:]] == [
            row["own"],
            row["part:months"],
            row["adjustment"],
            row["total"],
        ]


def test_an_item_that_was_not_measured_has_a_dash_and_no_zero():
    tables = small.tables(tasks=[small.task(n, each) for n, each in enumerate(("E1", "E2", "E3", "E4"))])
    (form,), _ = fill_forms(appraise(tables, small.scheme()), "en", ["monthly-record"], ["E5"])
    (page,) = form.pages
    on_time = rows_of(page)[0]
    assert on_time[1:] == ("On-time rate", "—", "not applicable", "", "—")


# Targets, feedback, questionnaire ---------------------------------------------------------------------------------


def test_targets_are_those_in_force_and_weights_total_a_hundred(of_positions):
    targets = [
        {"indicator": "done", "scope": "employee", "scope_id": "E2", "target": 7.0},
        {"indicator": "done", "scope": "group", "scope_id": "desk", "target": 5.0},
    ]
    own = small_appraisal({"targets": targets})
    (form,), _ = fill_forms(own, "en", ["targets"])
    done = {page.key: rows_of(page)[1] for page in form.pages}
    assert {who: cells[5].value for who, cells in done.items()} == {"E1": 5, "E2": 7, "E3": 4}
    for page in form.pages:
        *items, total = rows_of(page)
        assert [cells[2].value for cells in items] == pytest.approx([0.4, 0.3, 0.3])
        assert total[2].value == 1
        assert total[2].percent


def test_four_levels_are_told_in_words():
    small_scheme = small.scheme(
        {'rule = "proportional"\nparameters = "cap = 100%; floor = 0%"\n\n[[indicators]]\ncode = "done"':
         'rule = "attainment_5432"\nparameters = "met_at = 100%; near_at = 80%; level_above = 5; level_met = 4; level_near = 3; level_below = 2"\n\n'
         '[[indicators]]\ncode = "done"'}
    )  # fmt: skip
    words = how_scored(small_scheme.indicators[0], small_scheme, "zh")
    assert words == "超出标准（完成率高于 100%）5 分；达标（100%）4 分；达到标准的 80% 3 分；低于标准的 80% 2 分"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", names())
def test_every_indicator_that_ships_says_how_it_is_scored(name, lang):
    scheme, foreign = load(name), {"zh": ENGLISH, "en": CHINESE}[lang]
    for each in scheme.indicators:
        words = how_scored(each, scheme, lang)
        assert RULES[each.rule].name(lang) in words or each.rule == "attainment_5432"
        assert not foreign.search(words.replace(each.unit, "")), words


def items(pairs):
    return [Item(INDICATOR, "", "", 0, standard, standard * rate, 1, 1, "measured", ()) for standard, rate in pairs]


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 5.0, 7.5, 30.0]), st.sampled_from([0.0, 0.5, 0.8, 1.0, 1.2])), max_size=12)
)
def test_strengths_are_never_worse_than_weaknesses(pairs):
    strong, weak = strengths_and_weaknesses(items(pairs))
    rates = [rate for standard, rate in pairs if standard]
    assert len(strong) <= 3
    assert len(weak) <= 3
    assert not {id(each) for each in strong} & {id(each) for each in weak}
    if rates:
        assert max(each.rate for each in strong) == pytest.approx(max(rates))
        assert bool(weak) == (len(set(rates)) > 1)
    for each in weak:
        assert all(each.rate < other.rate for other in strong)
    if weak:
        assert min(each.rate for each in weak) == pytest.approx(min(rates))


def test_a_card_names_what_was_best_and_worst(team):
    _, sheets, forms = team["en"]
    for page in forms["feedback-card"].pages:
        mine = sheets["detail"][sheets["detail"]["employee_id"] == page.key]
        rates = (mine["contribution"] / (mine["weight"] * 100)).round(9)
        passages = {each.label: each.text for each in page.blocks if isinstance(each, Passage)}
        best = set(mine["indicator_name"][rates == rates.max()])
        worst = set(mine["indicator_name"][rates == rates.min()])
        assert re.split(r" \d+%", passages["Strengths"])[0] in best
        assert re.split(r" \d+%", passages["Weaknesses"])[0] in (worst if rates.nunique() > 1 else {"None"})
        assert passages["Measures agreed"] == ""


def test_a_questionnaire_asks_what_is_rated_on_the_scale_of_the_scheme(of_positions):
    (form,), _ = fill_forms(of_positions, "zh", ["questionnaire"])
    assert [column.heading for column in form.columns[3:]] == ["5", "4", "3", "2", "1"]
    assert rows_of(form.pages[0]) == [("1", "能力", "业务能力", *"□□□□□")]


# Positions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "duties"), [("zh", "1. 接听来电\n2. 处理工单"), ("en", "1. Answer calls\n2. Handle tickets")]
)
def test_a_page_for_every_position_that_is_held(of_positions, lang, duties):
    (form,), _ = fill_forms(of_positions, lang, ["job-description"])
    assert [page.key for page in form.pages] == ["desk", "lead"]
    header = dict(field for line in block(form.pages[0], Fields).lines for field in line)
    assert (
        list(header.values())[:5]
        == {
            "zh": ["客服专员", "desk", "一线员工", "操作层", "客服主管"],
            "en": ["Service agent", "desk", "front-line staff", "operating level", "Team leader"],
        }[lang]
    )
    assert [each for each in header.values() if isinstance(each, Figure)] == [Figure(2, 0)]
    assert duties in list(texts_of(form))
    assert [cells[2].value for cells in rows_of(form.pages[0])] == [0.4, 0.3, 0.3]


def test_a_job_description_names_only_what_can_change_a_result(of_positions):
    """What is only shown, without weight, is nothing that somebody is appraised on."""
    scheme = of_positions.scheme
    shown = tuple(replace(each, weight=0.0) if each.code == "done" else each for each in scheme.indicators)
    (form,), _ = fill_forms(replace(of_positions, scheme=replace(scheme, indicators=shown)), "en", ["job-description"])
    (before,), _ = fill_forms(of_positions, "en", ["job-description"])
    assert len(rows_of(form.pages[0])) == len(rows_of(before.pages[0])) - 1


def test_a_form_that_cannot_be_filled_is_left_out_with_a_note(team):
    appraisal, sheets, _ = team["en"]
    bare = replace(appraisal, scheme=replace(appraisal.scheme, positions=()))
    forms, problems = fill_forms(bare, "en", ["job-description"], sheets=sheets)
    assert forms == []
    assert [each.level for each in problems] == ["note"]
    assert "Positions" in problems[0].found("en")


@pytest.mark.parametrize(
    ("position", "positions", "expected"),
    [
        ("", POSITIONS, []),
        ("desk", POSITIONS, ["position-of-others"]),
        ("clerk", POSITIONS, ["position-not-described", "position-of-others"]),
        ("clerk", [], ["position-of-others"]),
    ],
)
def test_a_scheme_for_one_position_is_compared_with_the_positions(position, positions, expected):
    more = {"positions": positions} if positions else {}
    problems = small_appraisal(more, position=tuple(position.split())).problems
    found = [each for each in problems if each.code.startswith("position-")]
    assert [each.code for each in found] == expected
    assert all(each.level == "warning" and position in each.found("zh") for each in found)


# Choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, 8))
def test_a_form_has_a_number_a_code_and_two_titles(number):
    code = list(FORMS)[number - 1]
    for word in (code, *FORMS[code].title, str(number), f"表{number}", f"Form {number}"):
        assert find_form(word).code == code


def test_an_unknown_form_is_answered_with_the_known_ones(of_positions):
    _, problems = fill_forms(of_positions, "en", ["表8"])
    (found,) = problems
    assert found.level == "error"
    assert all(code in found.expected("en") for code in FORMS)


def test_forms_of_one_person_show_nobody_else(of_positions):
    forms, problems = fill_forms(of_positions, "en", people=["Cy"])
    assert {form.code: [page.key for page in form.pages] for form in forms} == {
        "job-description": ["lead"],
        **{code: ["E3"] for code in PERSONAL},
    }
    assert "Bo" not in " ".join(word for form in forms for word in texts_of(form))
    assert any("everybody" in each.found("en") for each in problems)


@pytest.mark.parametrize(("person", "code"), [("E9", "person-unknown"), ("E4", "form-of-unscored")])
def test_somebody_without_a_result_is_an_error(of_positions, person, code):
    forms, problems = fill_forms(of_positions, "en", people=[person])
    assert forms == []
    assert [each.code for each in problems if each.level == "error"] == [code]


def test_the_order_of_rows_changes_nothing(team):
    def shuffled(tables):
        random = np.random.default_rng(1)
        return {
            code: table_of(code, table.frame.iloc[random.permutation(len(table))].reset_index(drop=True))
            for code, table in tables.items()
        }

    assert team_in("en", shuffled)[2] == team["en"][2]


# On paper ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_form_is_in_the_language_of_its_reader(team, lang):
    foreign = {"zh": ENGLISH, "en": CHINESE}[lang]
    for form in team[lang][2].values():
        codes = {each.group for each in load("service-team").positions}  # the company's own
        assert [text for text in texts_of(form) if foreign.search(text) and text not in codes] == []


@pytest.fixture(scope="module", params=one_by_default(LANGUAGES))
def printed(request, team):
    """The workbook of the department, with its forms."""
    forms = team[request.param][2]
    return draw(list(forms.values()), request.param), list(forms.values())


def ends_of_pages(ws):
    return [*(each.id for each in ws.row_breaks.brk), ws.max_row]


def test_every_page_has_paper_of_its_own(printed):
    book, forms = printed
    for form in forms:
        ws = book[form.title]
        longer = len(ends_of_pages(ws)) - len(form.pages)  # a table of many people runs on to more paper
        assert longer > 0 if form.code == "monthly-statistics" else longer == 0
        assert form.code not in PERSONAL or len(form.pages) == 38


def test_every_page_fits_on_a4(printed):
    book, forms = printed
    for form in forms:
        check_paper(book[form.title], form)


@pytest.mark.parametrize("rows", [5, 30, 40, 50])
def test_a_long_page_is_printed_smaller_and_still_fills_the_width(rows):
    cells = tuple(Row((f"Item {number}", "Some words about it", Figure(4.5))) for number in range(rows))
    columns = (Column("Item", 12), Column("About", 30), Column("Score", 10, "center"))
    form = Form("long", "Long", "2026", columns, (Page("E1", (Rows(cells),)), Page("E2", (Rows(cells[:2]),))))
    ws = draw([form], "en")["Long"]
    check_paper(ws, form)
    scale = ws.page_setup.scale / 100
    assert (scale == 1) == (rows <= 30)
    assert sum(each.width for each in ws.column_dimensions.values()) * scale == pytest.approx(WIDTHS[False])


def test_no_word_of_a_running_table_is_broken_in_two():
    """Eight columns of one long word each: 8 × (15 + 2) ÷ 0.96 = 142 characters, of which 120 ÷ 0.8 hold all."""
    words = tuple(f"{letter * 15}" for letter in "abcdefgh")
    columns = tuple(Column("Grade", 10) for _ in words)
    page = Page("pool", (Rows((Row(words),), headed=False),))
    form = Form("running", "Running", "2026", columns, (page,), Fields(((("Pool", "all"),),)), landscape=True)
    ws = draw([form], "en")["Running"]
    assert ws.page_setup.scale == 80
    assert all(each.width >= 15 + 2 for each in ws.column_dimensions.values())


def test_a_number_that_is_too_wide_is_written_smaller():
    """Excel shows ##### in place of a number that its cell does not hold."""
    columns = (Column("Item", 90), Column("Amount", 10, "center"))
    amounts = tuple(Row(("Sum", Figure(value, 2))) for value in (1.0, 123456789.0))
    ws = draw([Form("sums", "Sums", "2026", columns, (Page("E1", (Rows(amounts),)),))], "en")["Sums"]
    small_sum, large_sum = ws["B4"], ws["B5"]
    assert (small_sum.value, large_sum.value) == (1.0, 123456789.0)
    assert large_sum.font.size <= small_sum.font.size * ws.column_dimensions["B"].width / len("123,456,789.00")


def check_paper(ws, form):
    """Reckon from what the file says: heights in points, widths in digits of Arial 10 (5.56 points each)."""
    assert ws.page_setup.paperSize == 9
    assert not ws.sheet_properties.pageSetUpPr.fitToPage
    across = ws.page_setup.orientation == "landscape"
    width, height = (841.9, 595.3) if across else (595.3, 841.9)
    margins, scale = ws.page_margins, ws.page_setup.scale / 100
    columns = sum(each.width for each in ws.column_dimensions.values())
    assert columns * 5.56 * scale <= width - (margins.left + margins.right) * 72
    assert ws.print_area.replace("$", "").endswith(f"!A1:{ws.cell(ws.max_row, len(form.columns)).coordinate}")
    assert all(ws.row_dimensions[row].height for row in range(1, ws.max_row + 1))
    if not across:
        for first, last in pairwise([0, *ends_of_pages(ws)]):
            points = sum(ws.row_dimensions[row].height for row in range(first + 1, last + 1))
            assert points * scale <= height - (margins.top + margins.bottom) * 72


def test_a_running_table_repeats_its_headings(printed):
    book, forms = printed
    ws = next(book[form.title] for form in forms if form.code == "monthly-statistics")
    first, last = map(int, ws.print_title_rows.replace("$", "").split(":"))
    headings = {cell.value for cell in ws[last]}
    assert first == 1
    assert headings & {"总分", "Total"}
    assert "&P" in ws.oddFooter.center.text


def test_every_figure_is_a_number_on_the_sheet(printed):
    book, forms = printed
    for form in forms:
        cells = [
            cell.value for row in book[form.title].iter_rows() for cell in row if isinstance(cell.value, (int, float))
        ]
        figures = [
            cell.value
            for page in form.pages
            for each in page.blocks
            for cell in (
                [cell for row in each.rows for cell in row.cells] if isinstance(each, Rows)
                else [cell for line in each.lines for _, cell in line] if isinstance(each, Fields) else []
            )
            if isinstance(cell, Figure)
        ]  # fmt: skip
        assert cells[-len(figures) :] == pytest.approx(figures)


def test_a_name_that_looks_like_a_formula_stays_text(of_positions):
    forms, _ = fill_forms(of_positions, "en")
    book = saved(forms)
    found = [cell for ws in book.worksheets for row in ws.iter_rows() for cell in row if cell.value == "=1+1"]
    assert len(found) >= 4
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


def test_no_cell_but_the_first_of_a_merged_area_holds_anything(printed):
    book, _ = printed
    for ws in book.worksheets:
        seen = set()
        for area in ws.merged_cells.ranges:
            cells = {(row, column) for row, column in area.cells}
            assert not seen & cells
            seen |= cells


def test_a_very_long_text_is_shared_out_over_several_rows(of_positions):
    long = [POSITIONS[0] | {"duties_en": "; ".join(["Does this and that"] * 80)}]
    (form,), _ = fill_forms(small_appraisal({"positions": long}), "en", ["job-description"])
    ws = saved([form])["Job description"]
    heights = [each.height for each in ws.row_dimensions.values()]
    assert max(heights) <= 409
    assert sum(heights) > 80 * 12


# The command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("forms") / "team.xlsx"
    call("new", "service-team", path, "--lang", "en", "--sample")
    return path


def call(*words, status=0):
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    assert done.exit_code == status, done.output
    return done.output


def test_forms_are_written_beside_the_book(book):
    before = book.read_bytes()
    said = json.loads(call("forms", book, "--person", "00706", "--form", "5", "--form", "targets", "--json"))
    assert [(each["form"], each["pages"]) for each in said["forms"]] == [("targets", 1), ("monthly-record", 1)]
    made = load_workbook(book.with_name("team-forms.xlsx"))
    assert made.sheetnames == ["Appraisal targets", "Monthly appraisal record"]
    assert book.read_bytes() == before


@pytest.mark.slow
def test_the_language_may_be_chosen(book, tmp_path):
    said = call(
        "forms", book, "-o", tmp_path / "zh.xlsx", "--form", "反馈卡", "--form", "表3", "--lang", "zh", status=1
    )
    assert "没有表格“反馈卡”" in said
    said = call("forms", book, "-o", tmp_path / "zh.xlsx", "--form", "表3", "--lang", "zh")
    assert "主管副总反馈卡" in said
    assert load_workbook(tmp_path / "zh.xlsx").sheetnames == ["主管副总反馈卡"]


def test_what_cannot_be_done_writes_nothing(book, tmp_path):
    before = book.read_bytes()
    assert "itself" in call("forms", book, "-o", book, "--lang", "en", status=1)
    assert ".xlsx" in call("forms", book, "-o", tmp_path / "x.pdf", "--lang", "en", status=1)
    assert "00706" in call("forms", book, "-o", tmp_path / "x.xlsx", "--person", "0706", "--lang", "en", status=1)
    assert list(tmp_path.iterdir()) == []
    assert book.read_bytes() == before


def test_frames_at_hand_are_not_computed_again(team):
    """Results that HR has calibrated in the frames are what the forms show."""
    appraisal, sheets, _ = team["en"]
    raised = sheets | {"results": sheets["results"].assign(total=pd.Series(88.5, sheets["results"].index))}
    (form,), _ = fill_forms(appraisal, "en", ["monthly-record"], ["00706"], raised)
    assert rows_of(form.pages[0])[-1][5] == Figure(88.5, 2)
