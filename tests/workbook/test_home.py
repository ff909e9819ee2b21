"""Home on one page: the steps, what comes next, key figures, grades, problems, and links in four groups."""

from __future__ import annotations

import re

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from own_scorecard import CHOSEN, fill

import xlperf
from xlperf.core.problems import LANGUAGES
from xlperf.policy import schemes
from xlperf.reporting.home_page import TO_DO
from xlperf.schema import HIDDEN, RULES_TITLE, find_sheet
from xlperf.workbook.write.home import GROUPS, MORE, NAMES, SETTINGS_TITLE
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workbook.write.table_sheet import WORDS_TITLE

CJK = re.compile("[\u4e00-\u9fff]")
GROUP_COLUMNS = "BDGJ"  # where the titles of each group stand


def at(workbook, panel):
    """Return the row of a panel."""
    [(_, place)] = workbook.defined_names[f"xlperf_{panel}"].destinations
    return int(place.rpartition("$")[2])


def listed(workbook, lang):
    """Return the sheets of each group, on both pages, with the place that each leads to and how many rows it has."""
    home, top, more = workbook.worksheets[0], at(workbook, "links"), at(workbook, "more")
    found = []
    for letter, (name, _) in zip(GROUP_COLUMNS, GROUPS, strict=True):
        assert home[f"{letter}{top}"].value == name(lang)
        rows = [*range(top + 1, top + 11), *range(more + 1, at(workbook, "settings") - 1)]
        cells = [cell for row in rows if (cell := home[f"{letter}{row}"]).value]
        kept = [cell for cell in cells if not cell.value.startswith(MORE(lang))]
        assert len(cells) - len(kept) <= 1
        found.append({cell.value: cell.hyperlink and cell.hyperlink.location for cell in kept})
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["securities-crm", "service-team", "managers-360", "blank"])
def test_every_sheet_that_one_needs_stands_in_one_of_four_groups(name, lang):
    scheme = schemes.load(name)
    workbook = build(scheme, lang=lang)
    groups = listed(workbook, lang)
    assert fits_one_page(workbook.worksheets[0])
    assert at(workbook, "settings") <= 50  # headings are looked for in the first sixty rows
    assert groups[3].pop(SETTINGS_TITLE(lang)).endswith(f"B{at(workbook, 'settings')}")
    titles = [title for group in groups for title in group]
    assert len(titles) == len(set(titles))
    there = {title for title in workbook.sheetnames[1:] if title != WORDS_TITLE}
    computed = {find_sheet(title).code for title in titles if title not in RULES_TITLE and title not in there}
    assert there <= set(titles)
    assert computed == set(scheme.output_sheets()) - HIDDEN
    links = {title: to for group in groups for title, to in group.items()}
    assert {title for title, to in links.items() if to} == there


def fits_one_page(home):
    """Whether what stands above the page break is one page of A4 across, in print that can be read.

    A column of w characters is 7w + 5 pixels wide, a pixel 0.75 points; 784 × 530 points lie between the margins.
    """
    end = home.row_breaks.brk[0].id
    height = sum(home.row_dimensions[row].height for row in range(1, end + 1))
    width = sum(home.column_dimensions[letter].width * 7 + 5 for letter in "ABCDEFGHIJK") * 0.75
    return height * min(784 / width, 1) <= 530 and 784 / width >= 0.75


@pytest.fixture(scope="module", params=LANGUAGES)
def appraised(request, tmp_path_factory):
    """A scheme of one's own with its figures, run, and as it was before."""
    path = tmp_path_factory.mktemp("home") / "book.xlsx"
    xlperf.new("blank", path, lang=request.param)
    fill(path, CHOSEN, request.param, period="2026-10")
    before = openpyxl.load_workbook(path)
    found = xlperf.run(path, keep_backup=False)
    return request.param, before, found, path


def steps(workbook):
    row = at(workbook, "steps")
    return [workbook.worksheets[0][f"{letter}{row}"].value for letter in "BCEFHIK"]


def test_a_run_moves_home_on_from_filling_in_to_publishing(appraised):
    lang, before, _, path = appraised
    words = [TO_DO[code](lang) for code in ("filled", "sent", "collected", "checked", "run", "published", "rolled")]
    assert steps(before) == [f"▶ {words[0]}", *(f"{mark} {word}" for mark, word in zip(
        ("–", "–", "4", "5", "6", "7"), words[1:], strict=True))]  # fmt: skip
    after = openpyxl.load_workbook(path)
    assert steps(after) == [f"{mark} {word}" for mark, word in zip("✓––✓✓▶7", words, strict=True)]
    home, row = after.worksheets[0], at(after, "next")
    assert home[f"B{row}"].value.startswith({"zh": "下一步：核对结果", "en": "Next: look through the results"}[lang])
    assert find_sheet(home[f"J{row}"].hyperlink.location.partition("!")[0].strip("'")).code == "results"


def test_home_shows_the_figures_of_the_run(appraised):
    _, _, found, path = appraised
    workbook = openpyxl.load_workbook(path)
    home, row = workbook.worksheets[0], at(workbook, "figures") + 1
    results = found.sheets["results"]
    ranked = results[results["place"].notna()]
    assert home[f"B{row}"].value == len(ranked)
    assert home[f"C{row}"].value == pytest.approx(ranked["total"].mean(), abs=0.005)
    assert home[f"E{row}"].value == sum(each.level != "note" for each in found.problems)
    top = at(workbook, "grades")
    shown = {home[f"H{line}"].value: home[f"I{line}"].value for line in range(top, top + 6)}
    counts = ranked["grade_name"].value_counts()
    assert {name: count for name, count in shown.items() if count} == counts.to_dict()
    assert sum(home[f"K{line}"].value or 0 for line in range(top, top + 6)) == pytest.approx(1)


def test_a_run_links_what_it_writes_and_counts_its_rows(appraised):
    lang, _, found, path = appraised
    workbook = openpyxl.load_workbook(path)
    links = {title: to for group in listed(workbook, lang) for title, to in group.items()}
    shown = [each.title for each in workbook.worksheets[1:] if each.sheet_state == "visible"]
    assert all(links[title] for title in shown if title != WORDS_TITLE)
    home, top = workbook.worksheets[0], at(workbook, "links")
    row = next(row for row in range(top, top + 12) if (home[f"D{row}"].value or "") == find_results(lang))
    assert re.sub("[^0-9]", "", str(home[f"F{row}"].value)) == str(len(found.sheets["results"]))


def find_results(lang):
    return {"zh": "考核结果", "en": "Results"}[lang]


@pytest.mark.slow
def test_a_home_of_an_earlier_version_keeps_its_page_and_gets_its_links(tmp_path):
    """Without the names of the panels only the title, the next step and the links of sheets are renewed."""
    path = tmp_path / "old.xlsx"
    xlperf.new("blank", path, lang="en")
    fill(path, CHOSEN, "en", period="2026-10")
    workbook = openpyxl.load_workbook(path)
    for name in NAMES[3:]:
        del workbook.defined_names[name]
    before = [workbook.worksheets[0][f"{letter}5"].value for letter in "BCEFHIK"]
    workbook.save(path)
    xlperf.run(path, keep_backup=False)
    home = openpyxl.load_workbook(path).worksheets[0]
    assert [home[f"{letter}5"].value for letter in "BCEFHIK"] == before
    linked = {cell.value for row in home.iter_rows() for cell in row if cell.hyperlink is not None}
    assert "Results" in linked


@pytest.mark.parametrize("name", ["securities-crm", "service-team", "managers-360"])
def test_remarks_and_names_that_one_sees_are_in_the_language_of_the_workbook(name):
    workbook = build(schemes.load(name), lang="en")
    for ws in workbook.worksheets[1:]:
        headings = [cell.value for cell in ws[1]]
        if "English name" in headings:
            assert headings.index("English name") == 1
            others = range(headings.index("Name *"), max(at for at, each in enumerate(headings) if each) + 1)
            hidden = [ws.column_dimensions[get_column_letter(at + 1)].hidden for at in others if headings[at]]
            assert all(hidden)  # in the other language, behind all that one sees
        for column in ws.iter_cols(min_row=2):
            heading = ws.cell(1, column[0].column).value
            if heading == "Note":
                assert not [cell.value for cell in column if isinstance(cell.value, str) and CJK.search(cell.value)
                            and " / " in cell.value]  # fmt: skip


def test_a_line_of_home_in_the_other_language_is_not_seen():
    home = build(schemes.load("service-team"), lang="en").worksheets[0]
    seen = [row for row in home.iter_rows() if not home.row_dimensions[row[0].row].hidden]
    assert not [cell.value for row in seen for cell in row if isinstance(cell.value, str) and CJK.search(cell.value)]


@pytest.mark.parametrize(("name", "rows"), [("service-team", 0), ("securities-crm", 1 + 6)])
def test_rows_for_more_links_are_seen_only_where_there_are_some(name, rows):
    """The longest group of the flagship has fifteen links: nine on the first page, and six more below a title."""
    home = build(schemes.load(name), lang="en").worksheets[0]
    titles = [str(home.cell(row, 2).value) for row in range(1, home.max_row + 1)]
    settings = titles.index("Settings") + 1
    assert sum(not home.row_dimensions[row].hidden for row in range(settings - 9, settings)) == rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_xlperf_hides_on_home_is_no_problem(tmp_path, lang):
    path = tmp_path / "book.xlsx"
    xlperf.new("service-team", path, lang=lang)
    assert not [each for each in xlperf.read_book(path).problems if each.code == "hidden-data"]
