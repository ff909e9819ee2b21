"""Home lists the sheets in groups, in the order of work, and leads to each of them."""

from __future__ import annotations

import re

import pytest
from openpyxl.utils import get_column_letter

from tests.workbook.test_results import frames
from xlperf.core.problems import LANGUAGES
from xlperf.policy import schemes
from xlperf.schema import HIDDEN, RULES_TITLE, find_sheet
from xlperf.workbook.write.home import GROUPS, NEXT
from xlperf.workbook.write.results import write_results
from xlperf.workbook.write.scheme_workbook import build
from xlperf.workbook.write.table_sheet import WORDS_TITLE

CJK = re.compile("[\u4e00-\u9fff]")


def listed(workbook, lang):
    """Return the sheets below each group, with the place that each leads to."""
    home = workbook.worksheets[0]
    top = next(row for row in range(1, 40) if home.cell(row, 2).value == GROUPS[0][0](lang))
    assert [home.cell(top, 2 + at).value for at in range(4)] == [name(lang) for name, _ in GROUPS]
    found = []
    for column in range(2, 6):
        cells = []
        while (cell := home.cell(top + 1 + len(cells), column)).value:
            cells.append(cell)
        found.append({cell.value: cell.hyperlink and cell.hyperlink.location for cell in cells})
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["securities-crm", "service-team", "managers-360", "blank"])
def test_every_sheet_that_one_needs_stands_in_one_of_four_groups(name, lang):
    scheme = schemes.load(name)
    workbook = build(scheme, lang=lang)
    groups = listed(workbook, lang)
    titles = [title for group in groups for title in group]
    assert len(titles) == len(set(titles))
    there = {title for title in workbook.sheetnames[1:] if title != WORDS_TITLE}
    computed = {find_sheet(title).code for title in titles if title not in RULES_TITLE and title not in there}
    assert there <= set(titles)
    assert computed == set(scheme.output_sheets()) - HIDDEN
    assert max(map(len, groups)) <= 16  # on one screen
    links = {title: to for group in groups for title, to in group.items()}
    assert {title for title, to in links.items() if to} == there


def test_a_run_links_what_it_writes_in_whatever_group_it_stands():
    scheme = schemes.load("service-team")
    workbook = build(scheme, lang="en")
    write_results(workbook, frames(), scheme, "en")
    _, checked, used, _ = listed(workbook, "en")
    assert checked["Problems"] == "'Problems'!A1"
    assert checked["Results"] == "'Results'!A1"
    assert used["Lists"] == "'Lists'!A1"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_home_says_what_comes_next(lang):
    scheme = schemes.load("service-team")
    workbook = build(scheme, lang=lang)
    assert NEXT[False](lang) in [cell.value for cell in workbook.worksheets[0]["B"]]
    write_results(workbook, frames(), scheme, lang)
    said = [cell.value for cell in workbook.worksheets[0]["B"]]
    assert NEXT[True](lang) in said
    assert NEXT[False](lang) not in said


@pytest.mark.parametrize("name", ["securities-crm", "service-team", "managers-360"])
def test_remarks_and_names_that_one_sees_are_in_the_language_of_the_workbook(name):
    workbook = build(schemes.load(name), lang="en")
    for ws in workbook.worksheets[1:]:
        headings = [cell.value for cell in ws[1]]
        if "English name" in headings:
            assert headings.index("English name") == 1
            assert headings.index("Name *") == len(headings) - 1
            assert ws.column_dimensions[get_column_letter(len(headings))].hidden
        for column in ws.iter_cols(min_row=2):
            heading = ws.cell(1, column[0].column).value
            if heading == "Note":
                assert not [cell.value for cell in column if isinstance(cell.value, str) and CJK.search(cell.value)
                            and " / " in cell.value]  # fmt: skip
