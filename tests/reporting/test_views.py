"""The views: who stands below whom, in which order, and the way from the company down to a client and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.referees import differences, recalculated, results
from tests.small import CALENDAR, scheme, tables
from xlperf.analysis.row_pages import rows_shown
from xlperf.policy import schemes
from xlperf.reporting.dashboards import below, views_of, with_earlier
from xlperf.samples import sample, sample_period
from xlperf.schema import SHEETS
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.units import units_of
from xlperf.workbook.read.earlier_figures import earlier_figures
from xlperf.workbook.write.dashboards import write_views
from xlperf.xlsx.atomic_save import save_atomically
from xlperf.xlsx.reader.workbook import Grid

LEVELS = 'direction = "higher"\nsource = "tasks"'
OF_UNITS = {LEVELS: 'levels = "employee, department, company"\n' + LEVELS}
BRANCHES = [
    {"department": "HQ", "department_name": "Head office"},
    {"department": "N", "department_name": "North", "parent": "HQ"},
    {"department": "N1", "department_name": "North one", "parent": "N"},
    {"department": "S", "department_name": "South", "parent": "HQ"},
    {"department": "W", "department_name": "West", "parent": "HQ"},
]
PEOPLE = [
    {"employee_id": code, "name": f"Name {code}", "department": department}
    for code, department in (("E1", "N"), ("E2", "N1"), ("E3", "S"), ("E4", "S"), ("E5", "S"), ("E6", "W"))
]


def work(counts, month="10"):
    """Tasks of each person: so many in time, so many late."""
    return [
        {"task_id": f"{who}-{n:02}", "owner_id": who, "due_date": f"2026-{month}-10", "status": "done",
         "done_date": f"2026-{month}-{'09' if n < good else '20'}"}
        for who, (good, late) in counts.items() for n in range(good + late)
    ]  # fmt: skip


OCTOBER = work({"E1": (1, 1), "E2": (1, 3), "E3": (3, 1), "E4": (1, 3), "E5": (1, 3)})


def small_views(tasks=OCTOBER, period="2026-10", lang="en", people=PEOPLE):
    ours = scheme(OF_UNITS, if_missing="redistribute", if_not_applicable="redistribute", period=period)
    found = appraise(tables(people, tasks=tasks, ratings=[], departments=BRANCHES), ours, period)
    assert found.done, [each.found("en") for each in found.problems if each.level == "error"]
    return views_of(found, lang)


def listed(views, unit, indicator="on_time"):
    """What the list of a unit says: codes with figures, in its order."""
    (block,) = views.heads.index[(views.heads["code"] == unit) & (views.heads["indicator"] == indicator)]
    rows = views.lists[views.lists["block"] == block]
    return [(row.code, None if np.isnan(row.actual) else row.actual) for row in rows.itertuples()]


# Who stands below whom ------------------------------------------------------------------------------------------------


def test_subordinates_stand_ascending_with_equals_by_code_and_without_a_figure_last():
    views = small_views()
    assert listed(views, "S") == [("E4", 0.25), ("E5", 0.25), ("E3", 0.75)]
    assert listed(views, "company") == [("N", pytest.approx(2 / 6)), ("S", pytest.approx(5 / 12)), ("W", None)]


def test_a_unit_leads_to_the_units_and_people_directly_below_it():
    views = small_views()
    assert listed(views, "N") == [("N1", 0.25), ("E1", 0.5)]
    assert listed(views, "N1") == [("E2", 0.25)]


def test_a_department_that_is_the_whole_company_is_not_an_extra_click():
    """Head office holds everybody: the company leads to its branches at once, and so does head office."""
    views = small_views()
    assert listed(views, "company") == listed(views, "HQ")


@given(st.lists(st.sampled_from(["HQ", "N", "N1", "S", "W"]), min_size=1, max_size=8))
def test_everybody_stands_below_every_unit_exactly_once(where):
    """Following the lists from any unit down reaches each of its people once."""
    people = tables([{"employee_id": f"E{n}", "department": code} for n, code in enumerate(where)])["employees"].frame
    people = people.assign(scored=True)
    path = {"HQ": ("HQ",), "N": ("HQ", "N"), "N1": ("HQ", "N", "N1"), "S": ("HQ", "S"), "W": ("HQ", "W")}
    units, _ = units_of(people, path, {}, ("department", "company"))
    child, direct = below(units, ("department", "company"))

    def reached(unit):
        mine = np.flatnonzero(direct[unit, : len(people)]).tolist()
        return sorted(mine + [person for lower in np.flatnonzero(child[unit]) for person in reached(lower)])

    for unit in range(len(units)):
        assert reached(unit) == np.flatnonzero(units.member[unit]).tolist()


def test_no_list_depends_on_the_order_of_the_rows():
    one, other = small_views(), small_views(OCTOBER[::-1])
    assert one.lists.equals(other.lists)
    assert one.figures.equals(other.figures)


def test_schemes_without_units_have_no_views():
    found = appraise(tables(PEOPLE, tasks=OCTOBER, ratings=[]), scheme(if_missing="redistribute"), "2026-10")
    assert found.done
    assert views_of(found, "en") is None


# Months -----------------------------------------------------------------------------------------------------------------


def figure(figures, period, unit, column, indicator="on_time"):
    (row,) = figures[(figures["period"] == period) & (figures["unit"] == unit)
                     & (figures["indicator"] == indicator)].to_dict("records")  # fmt: skip
    return row[column]


def test_a_figure_is_compared_with_the_period_before_it():
    september = small_views(work({"E1": (1, 3), "E3": (1, 1), "E4": (1, 3)}, "09"), "2026-09")
    figures = with_earlier(small_views().figures, with_earlier(september.figures, EMPTY, CALENDAR), CALENDAR)
    assert figures["period"].drop_duplicates().tolist() == ["2026-09", "2026-10"]
    assert figure(figures, "2026-10", "E1", "previous") == 0.25
    assert figure(figures, "2026-10", "E1", "trend") == "▲"
    assert figure(figures, "2026-10", "E4", "trend") == "="
    assert figure(figures, "2026-10", "E2", "trend") == ""
    assert figure(figures, "2026-09", "E1", "trend") == ""


def test_august_is_not_the_period_before_october():
    august = small_views(work({"E1": (1, 3)}, "08"), "2026-08")
    figures = with_earlier(small_views().figures, august.figures, CALENDAR)
    assert np.isnan(figure(figures, "2026-10", "E1", "previous"))


def test_running_a_period_again_replaces_it_and_moves_the_next_ones_trend():
    first = small_views(work({"E1": (1, 3)}, "09"), "2026-09")
    both = with_earlier(small_views().figures, first.figures, CALENDAR)
    again = with_earlier(small_views(work({"E1": (3, 1)}, "09"), "2026-09").figures, both, CALENDAR)
    assert again["key"].is_unique
    assert figure(again, "2026-09", "E1", "actual") == 0.75
    assert figure(again, "2026-10", "E1", "trend") == "▼"


EMPTY = earlier_figures(None)


def figures_on(workbook):
    """The rows of the Figures sheet, as the next run reads them."""
    ws = next(each for each in workbook.worksheets if each.title in SHEETS["figures"].title)
    columns = dict(enumerate(zip(*ws.iter_rows(values_only=True), strict=True), start=1))
    return earlier_figures(Grid(ws.title, list(range(1, ws.max_row + 1)), columns))


@pytest.mark.parametrize(("before", "now"), [("en", "zh"), ("zh", "zh")])
def test_figures_of_earlier_runs_survive_in_the_workbook(before, now):
    workbook = Workbook()
    september = small_views(work({"E1": (1, 3)}, "09"), "2026-09", before)
    write_views(workbook, september, EMPTY, "small", before)
    write_views(workbook, small_views(lang=now), figures_on(workbook), "small", now)
    figures = figures_on(workbook)
    assert figure(figures, "2026-09", "E1", "actual") == 0.25
    assert figure(figures, "2026-10", "E1", "previous") == 0.25
    assert figure(figures, "2026-09", "E1", "indicator_name") == "任务及时率"
    (choice,) = workbook["总部绩效" if before == "zh" else "Company"].data_validations.dataValidation
    title, _, cells = choice.formula1.replace("$", "").rpartition("!")
    assert [cell.value for (cell,) in workbook[title.strip("'")][cells]] == ["2026-09", "2026-10"]
    assert [title for title in workbook.sheetnames if title != "Sheet"] == [
        SHEETS[code].title(before)
        for code in ("company", "department", "employee", "by_unit", "by_person", "task_list", "behind", "figures")
    ]


def test_figures_of_earlier_runs_are_found_where_hr_has_moved_them():
    workbook = Workbook()
    write_views(workbook, small_views(work({"E1": (1, 3)}, "09"), "2026-09"), EMPTY, "small", "en")
    ws, before = workbook["Figures"], figures_on(workbook)
    ws.insert_cols(3, 2)
    ws["C1"] = "Seen by"
    ws.insert_rows(1)
    ws["A1"] = "Never delete this sheet"
    assert len(before)
    assert figures_on(workbook).equals(before)


def test_a_name_with_a_control_character_stops_no_page():
    """Exports have them; a run stopped with an error that told of no cell."""
    workbook = Workbook()
    write_views(workbook, small_views(people=[{**each, "name": "Ann\x07"} for each in PEOPLE]), EMPTY, "small", "en")
    assert any("Ann\x07" in str(cell.value) for row in workbook["Figures"].iter_rows() for cell in row)


# Rows behind ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def flagship():
    """The sample of the securities house, appraised."""
    ours = schemes.load("securities-crm")
    when = sample_period(ours)
    ours = ours.with_settings(period=when.code, language="zh")
    given_tables = sample("securities-crm", when, "zh")
    found = appraise(given_tables, ours, when.code)
    assert found.done
    return ours, given_tables, found, views_of(found, "zh")


def test_the_rows_behind_a_share_are_its_denominator_and_the_hits_its_numerator(flagship):
    _, _, found, views = flagship
    checked = 0
    for behind in views.behind:
        if behind.indicator.measure == "share" and behind.indicator in found.indicators:
            k = found.facts.column(behind.indicator.code)
            rows = behind.rows.groupby("owner")["hit"]
            sizes, hits = rows.size(), rows.sum()
            for owner, size in sizes.items():
                i = found.people.ids.get_loc(owner)
                assert (hits[owner], size) == (found.facts.numerator[i, k], found.facts.denominator[i, k])
                checked += 1
    assert checked > 200


def test_what_stands_below_a_unit_adds_up_to_its_figure(flagship):
    views = flagship[3]
    below_it = views.lists.groupby("block")[["numerator", "denominator"]].sum(min_count=1)
    for column in ("numerator", "denominator"):
        known = views.heads[column].notna()
        assert known.sum() > 50
        np.testing.assert_allclose(below_it[column][known], views.heads[column][known], rtol=1e-12)


def test_what_to_do_something_about_comes_first(flagship):
    """Late tasks before those in time where more is better; lost clients first where less is better."""
    of = {each.indicator.code: each.rows for each in flagship[3].behind}
    for code, first in (("task_on_time_rate", False), ("churn_rate", True)):
        for _, hits in of[code].groupby("owner")["hit"]:
            assert hits.tolist() == sorted(hits, reverse=first)


def test_ratings_are_never_listed(flagship):
    """A rater must not be recognised from a view."""
    assert {each.table.sheet.code for each in flagship[3].behind} <= {"clients", "tasks", "checks", "actuals"}


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=60), st.integers(20, 5000))
def test_blocks_fit_on_a_sheet(sizes, lines):
    sizes = np.array(sizes)
    shown = rows_shown(sizes, around=3, lines=lines)
    assert (shown <= sizes).all()
    assert (shown + 3)[shown > 0].sum() <= lines
    if (sizes + 3).sum() <= lines:
        assert (shown == sizes).all()


# The way down and back --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(flagship):
    """A workbook with the clients and tasks of the sample where they would stand, and the views."""
    _, given_tables, _, views = flagship
    workbook = Workbook()
    for code in ("clients", "tasks", "actuals"):
        table = given_tables[code]
        ws = workbook.create_sheet(table.title)
        for row, key in zip(table.rows, table.frame[table.sheet.key[0]], strict=True):
            ws[f"{table.letters[table.sheet.key[0]]}{row}"] = key
    write_views(workbook, views, EMPTY, "title", "zh")
    return workbook


def click(workbook, cell):
    """Follow a link and return the cell that it leads to."""
    title, _, address = cell.hyperlink.location.rpartition("!")
    return workbook[title.strip("'").replace("''", "'")][address]


def row_of(ws, text, start=1):
    """Return the first row from which on a cell shows a text."""
    return next(row for row in range(start, ws.max_row + 1) if any(cell.value == text for cell in ws[row]))


def block_below(ws, row):
    """Return the rows of a block, from the one below its title to the first empty one."""
    rows = []
    while any(cell.value is not None for cell in ws[row + 1]):
        row += 1
        rows.append(ws[row])
    return rows


@pytest.mark.slow
def test_from_the_companys_churn_rate_to_a_lost_client_in_three_clicks(book, flagship):
    workbook, company = book, book["总部绩效"]
    _, given_tables, found, _ = flagship
    name = company[f"C{row_of(company, '客户流失率')}"]

    branches = click(workbook, name)
    worst_branch = block_below(branches.parent, branches.row)[-1]
    assert "客户流失率" in branches.parent[f"C{branches.row}"].value
    managers = click(workbook, worst_branch[2])
    worst_manager = block_below(managers.parent, managers.row)[-1]
    assert worst_manager[4].value > 0
    rows = click(workbook, worst_manager[2])
    lost = block_below(rows.parent, rows.row)[1]
    assert lost[1].value == "✓"

    clients = given_tables["clients"].frame
    client = clients[clients["client_id"] == lost[2].value].iloc[0]
    assert client["owner_id"] == worst_manager[3].value
    assert str(client["lost_date"])[:7] == found.period.code

    assert click(workbook, rows).row == worst_manager[0].row
    assert click(workbook, managers).row == worst_branch[0].row
    assert click(workbook, branches).coordinate == f"B{name.row}"
    assert click(workbook, lost[2]).value == client["client_id"]


def links_followed(workbook, lang):
    """Follow every link on the pages and lists, which must lead to a row that shows something; return how many."""
    count = 0
    for code in ("company", "department", "employee", "by_unit", "by_person", "behind", "task_list"):
        for row in workbook[SHEETS[code].title(lang)].iter_rows():
            for cell in row:
                if cell.hyperlink is not None:
                    place = click(workbook, cell)
                    assert any(each.value is not None for each in place.parent[place.row])
                    count += 1
    return count


def test_every_link_leads_somewhere():
    workbook = Workbook()
    write_views(workbook, small_views(), EMPTY, "small", "en")
    assert links_followed(workbook, "en") > 40


@pytest.mark.slow
def test_every_link_of_the_flagship_leads_somewhere(book):
    assert links_followed(book, "zh") > 2000


@pytest.mark.slow
def test_links_stay_within_what_excel_allows(book):
    assert max(len(ws._hyperlinks) for ws in book.worksheets) < 65530


def test_names_that_look_like_formulas_stay_texts():
    people = [{**each, "name": "=1+1"} if each["employee_id"] == "E3" else each for each in PEOPLE]
    ours = scheme(OF_UNITS, if_missing="redistribute", if_not_applicable="redistribute")
    found = appraise(tables(people, tasks=OCTOBER, ratings=[], departments=BRANCHES), ours, "2026-10")
    workbook = Workbook()
    write_views(workbook, views_of(found, "en"), EMPTY, "small", "en")
    for title in ("By person", "Figures"):
        named = [cell for row in workbook[title].iter_rows() for cell in row if cell.value == "=1+1"]
        assert named
        assert all(cell.data_type == "s" for cell in named)


# Without calculating -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_show_their_figures_before_anybody_calculates(lang, tmp_path):
    workbook, path = Workbook(), tmp_path / "book.xlsx"
    write_views(workbook, small_views(OCTOBER, lang=lang), EMPTY, "small", lang)
    save_atomically(workbook, path)
    shown = results(path)
    pages = [SHEETS[code].title(lang) for code in ("company", "department", "employee")]
    assert [title for title, cells in shown.items() if cells] == pages
    found = differences(shown, recalculated(path, "formualizer"))
    assert found, found
