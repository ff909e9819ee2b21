"""Nothing is lost: a decorated workbook comes back from ten runs with everything that it had, openpyxl's save shown beside."""

import re
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from census import changed_members, losses, members
from openpyxl import load_workbook

pytest.importorskip("xlsxwriter")

from decorated import FEATURES, counted, decorated

from xlperf.policy import schemes
from xlperf.workbook.write.results import write_book
from xlperf.xlsx.package.zip_members import Parts

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
SCHEME = schemes.load("service-team")
FRAMES = {
    "results": pd.DataFrame(
        {"employee_id": ["E1", "E2"], "name": ["Ann", "Bo"], "total": [88.5, 70.0], "grade_name": ["A", "C"]}
    ),
    "run": pd.DataFrame({"item": ["xlperf"], "value": ["1"]}),
}
OF_THE_PACKAGE = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
OF_PIVOTS = {"xl/pivotCache/pivotCacheDefinition1.xml"}


@pytest.fixture(scope="module")
def before() -> bytes:
    return decorated()


@pytest.fixture(scope="module")
def after(before, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("fidelity") / "book.xlsm"
    path.write_bytes(before)
    for _ in range(10):
        write_book(path, path, FRAMES, SCHEME, "en", keep_backup=False)
    return path.read_bytes()


def test_the_workbook_has_every_feature(before):
    assert {feature for feature, number in counted(before).items() if not number} == set()


def test_nothing_is_lost_in_ten_runs(before, after):
    assert losses(before, after) == {}
    assert {feature for feature, number in counted(before).items() if counted(after)[feature] < number} == set()


def test_members_that_a_run_has_no_business_with_are_the_same_bytes(before, after):
    assert changed_members(before, after) <= OF_THE_PACKAGE | OF_PIVOTS


def test_a_pivot_table_over_results_is_refreshed_when_the_workbook_is_opened(after):
    assert b'refreshOnLoad="1"' in members(after)["xl/pivotCache/pivotCacheDefinition1.xml"]


def test_the_results_are_there_and_readable(after):
    rows = list(load_workbook(BytesIO(after), keep_links=False)["Results"].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["Employee ID", "E1", "E2"]


DEFAULTS = {
    "centred": (
        rb"(<cellXfs[^>]*>)<xf [^>]*?/>",
        rb'\1<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
        rb'<alignment horizontal="center" vertical="center" wrapText="1"/></xf>',
    ),
    "bold": (rb"(<fonts[^>]*><font>)", rb"\1<b/><i/>"),
    "with a number format": (rb'(<cellXfs[^>]*><xf )numFmtId="0"', rb'\1numFmtId="4" applyNumberFormat="1"'),
    "filled": (rb'(<cellXfs[^>]*><xf numFmtId="0" fontId="0" )fillId="0"', rb'\1fillId="1" applyFill="1"'),
    "as usual": (rb"(<styleSheet)", rb"\1"),
}


@pytest.mark.parametrize("default", DEFAULTS)
def test_a_second_run_changes_no_byte_whatever_the_default_format_is(before, tmp_path, default):
    parts = Parts.read(before)
    old = parts["xl/styles.xml"]
    parts["xl/styles.xml"] = re.sub(*DEFAULTS[default], old, count=1)
    assert default == "as usual" or parts["xl/styles.xml"] != old
    path = tmp_path / "book.xlsm"
    path.write_bytes(parts.packed())
    seen = []
    for _ in range(3):
        write_book(path, path, FRAMES, SCHEME, "en", keep_backup=False)
        seen.append(path.read_bytes())
    assert seen[0] == seen[1] == seen[2]


def table(before: bytes, after: bytes) -> str:
    saved = BytesIO()
    load_workbook(BytesIO(before), keep_vba=True, rich_text=True).save(saved)
    other, kept, first = counted(saved.getvalue()), counted(after), counted(before)
    lines = ["| feature | before | after ten runs | saved by openpyxl |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {feature} | {first[feature]} | {kept[feature]} | {other[feature]} |" for feature in FEATURES]
    return "\n".join(lines)


def test_the_page_shows_what_was_counted(before, after):
    assert table(before, after) in PAGE.read_text("utf-8")
