"""Titles that Excel takes: none too long, none with its signs, none that it keeps for itself."""

import pytest

from xlperf.schema import RULES_TITLE, SHEETS, find_sheet
from xlperf.xlwings_engine.limits import check_title


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_excel_takes_every_title_and_each_sheet_has_its_own(lang):
    titles = []
    for title in (RULES_TITLE(lang), *(sheet.title(lang) for sheet in SHEETS.values())):
        titles.append(check_title(title, titles))


def test_a_sheet_is_found_by_its_title_of_earlier_versions():
    assert find_sheet("History") is find_sheet("Past results") is find_sheet("历史") is SHEETS["history"]
