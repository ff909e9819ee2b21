"""Workbooks that xlperf builds: nothing is lost on the way out and back, and HR staff find what they need."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from effort import draws, one_by_default
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from sample_books import tables_of
from small_book import decided

from tests.languages import by_turns
from xlperf.core.problems import LANGUAGES, Lang
from xlperf.policy import schemes
from xlperf.policy.rules import RULES
from xlperf.policy.scheme import Scheme, scheme_of
from xlperf.samples import sample, sample_period
from xlperf.schema import SHEETS, find_sheet
from xlperf.schema.settings import SETTINGS
from xlperf.schema.tables import Table, table_of
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.scheme_workbook import build, fill_inputs, policy_frame
from xlperf.workbook.write.style import LINE, contrast, figure_formats, grade_fills, text_colour_on, text_width
from xlperf.workbook.write.table_sheet import VALIDATED_ROWS, columns_of, sheet_in, write_sheet

BOTH = pytest.mark.parametrize("lang", LANGUAGES)


def saved(workbook: Workbook) -> Workbook:
    """Return the workbook as it comes back from a file."""
    file = io.BytesIO()
    workbook.save(file)
    return reopened(file.getvalue())


def reopened(data: bytes) -> Workbook:
    """Return the workbook that a file holds."""
    return load_workbook(io.BytesIO(data))


def filled(name: str, lang: Lang) -> tuple[Scheme, dict[str, Table], Workbook]:
    scheme = schemes.load(name)
    period = sample_period(scheme)
    ours = scheme.with_settings(period=period.code, language=lang)
    tables = sample(name, period, lang)
    return ours, tables, build(ours, tables, lang)


@pytest.fixture(scope="module", params=one_by_default(LANGUAGES))
def crm(request: pytest.FixtureRequest, sample_path) -> tuple[Lang, Workbook]:
    return request.param, load_workbook(sample_path("securities-crm", request.param))


def table_of_sheet(ws: Worksheet) -> tuple[int, int, int, int]:
    (table,) = ws.tables.values()
    return range_boundaries(table.ref)


def tabular(workbook: Workbook) -> Iterator[Worksheet]:
    return (ws for ws in workbook.worksheets if ws.tables)


def headings(ws: Worksheet) -> dict[str, int]:
    left, top, right, _ = table_of_sheet(ws)
    return {ws.cell(top, column).value: column for column in range(left, right + 1)}


# Nothing is lost ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=by_turns(schemes.names(), 12))
def there_and_back(request, sample_path):
    """The scheme and the tables of a sample, and its workbook as read."""
    name, lang = request.param
    shipped = schemes.load(name)
    period = sample_period(shipped)
    scheme = shipped.with_settings(period=period.code, language=lang)
    return scheme, tables_of(name, lang=lang), read_book(sample_path(name, lang))


def test_a_scheme_comes_back_as_it_was(there_and_back):
    scheme, _, book = there_and_back
    assert decided(book.scheme) == decided(scheme)
    assert book.scheme.settings == scheme.settings


def test_our_own_workbook_reads_without_complaint(there_and_back):
    _, _, book = there_and_back
    assert not [each.found("en") for each in book.problems if each.level == "error"]
    assert not {each.code for each in book.problems} & {
        "sheet-unknown", "headings-missing", "heading-near", "heading-missing", "column-without-heading", "rows-skipped",
    }  # fmt: skip


def test_input_rows_come_back_as_they_were(there_and_back):
    _, tables, book = there_and_back
    for code, table in tables.items():
        for column in table.frame.columns:
            ours, theirs = table[column], book.tables[code][column]
            assert theirs.isna().tolist() == ours.isna().tolist(), (code, column)
            assert theirs.dropna().tolist() == ours.dropna().tolist(), (code, column)


def test_keys_dates_percentages_and_not_applicable_keep_their_type():
    scheme = schemes.load("securities-crm")
    clients = table_of(
        "clients",
        {
            "client_id": ["007", "1e5"],
            "opened_date": pd.to_datetime(["2026-10-01 00:00", None]),
            "return_rate": [0.125, None],
            "closing_assets": [1234.5, None],
            "client_status": ["lost", "existing"],
            "eigene Spalte": ["x", "=y"],
        },
    )
    marked = Table(
        clients.sheet,
        clients.frame,
        clients.title,
        clients.rows,
        clients.letters,
        {"return_rate": np.array([False, True])},
    )
    ws = saved(build(scheme, {"clients": marked}, "zh"))["客户"]
    at = headings(ws)
    first, second = ({name: ws.cell(row, column) for name, column in at.items()} for row in (2, 3))
    assert (first["客户编号 *"].value, first["客户编号 *"].number_format) == ("007", "@")
    assert second["客户编号 *"].value == "1e5"
    assert first["开户日期"].is_date
    assert f"{first['开户日期'].value:%Y-%m-%d}" == "2026-10-01"
    assert (first["投资回报率"].value, second["投资回报率"].value) == (0.125, "不适用")
    assert first["投资回报率"].number_format.endswith("%")
    assert (first["客户状态"].value, second["客户状态"].value) == ("流失", "现有")
    assert (second["eigene Spalte"].value, second["eigene Spalte"].data_type) == ("=y", "s")


def test_conditions_are_written_in_the_language_and_unreadable_ones_as_they_were():
    scheme = schemes.load("service-team")
    tables = dict(scheme.tables)
    outcomes = tables["outcomes"].frame.copy()
    outcomes.loc[0, "where"] = "among the best, I think"
    broken, problems = scheme_of(tables | {"outcomes": tables["outcomes"].with_frame(outcomes)})
    assert problems
    for lang, second in (("en", "top 10%"), ("zh", "前 10%")):
        assert policy_frame(broken, "outcomes", lang)["where"].tolist()[:2] == ["among the best, I think", second]


@BOTH
def test_conditions_may_name_columns_that_hr_added(lang, tmp_path):
    scheme = schemes.load("service-team")
    checks = table_of("checks", {"check_id": ["1"], "employee_id": ["7"], "Shift of day": ["late"]})
    indicators = scheme.tables["indicators"].frame.copy()
    indicators.loc[0, "where"] = '[Shift of day] = "late" and deduction > 1'
    tables = {**scheme.tables, "indicators": scheme.tables["indicators"].with_frame(indicators)}
    ours, problems = scheme_of(tables, {"checks": (checks.column("Shift of day"),)})
    assert not [each.code for each in problems if each.sheet == ours.table("indicators").title]
    build(ours, {"checks": checks}, lang).save(tmp_path / "book.xlsx")
    book = read_book(tmp_path / "book.xlsx")
    assert book.scheme.indicators[0].where == ours.indicators[0].where
    shown = load_workbook(tmp_path / "book.xlsx")[SHEETS["indicators"].title(lang)]
    where = shown.cell(2, headings(shown)[SHEETS["indicators"]["where"].name(lang)]).value
    assert ("扣分" in where) == (lang == "zh")


SAFE_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co"]), min_size=1, max_size=40
)


@settings(max_examples=draws(60))
@given(st.lists(SAFE_TEXTS | SAFE_TEXTS.map(lambda text: "=" + text), min_size=1, max_size=8))
@example(["=1+1", "+1", "-1", "@x", "{=1}", "#N/A", "=", "http://a.b", "00123", "TRUE", "1e5", "2026-10-01"])
def test_text_stays_text_whatever_it_begins_with(texts):
    workbook = Workbook()
    write_sheet(
        workbook.active, SHEETS["departments"], pd.DataFrame({"department": texts, "department_name": texts}), "en"
    )
    ws = saved(workbook).active
    for row, text in enumerate(texts, start=2):
        for column in (1, 2):
            cell = ws.cell(row, column)
            assert (cell.value, cell.data_type) == (text, "s")
            assert cell.number_format == "@"
            assert bool(cell.quotePrefix) == (len(text) > 1 and text[0] in "=+-@")


def test_what_a_cell_cannot_hold_is_left_out_instead_of_spoiling_the_file():
    workbook = Workbook()
    frame = pd.DataFrame({"department": ["a\x00b\x1f"], "department_name": ["x" * 40_000]})
    write_sheet(workbook.active, SHEETS["departments"], frame, "en")
    ws = saved(workbook).active
    assert (ws["A2"].value, len(ws["B2"].value)) == ("ab", 32767)


# What HR staff find ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", by_turns(schemes.names(), 6))
def test_home_comes_first_then_policy_then_inputs_and_hidden_lists_of_words_last(which):
    name, lang = which
    scheme = schemes.load(name)
    workbook = build(scheme, lang=lang)
    if lang == "en":  # the lists of Chinese words are short enough to stand in a validation
        assert (workbook.sheetnames[-1], workbook.worksheets[-1].sheet_state) == ("Words", "hidden")
    visible = [ws.title for ws in workbook.worksheets if ws.sheet_state == "visible"]
    found = [find_sheet(title) for title in visible]
    assert visible[0] == SHEETS["settings"].title(lang)
    assert [each.code for each in found if each and each.role == "input"] == scheme.input_sheets()
    roles = [each.role for each in found if each]
    assert roles == sorted(roles, key=("policy", "input").index)
    assert {"dimensions", "indicators", "grades", "targets", "outcomes"} <= {each.code for each in found if each}
    assert all(len(ws.title) <= 31 for ws in workbook.worksheets)


def test_home_shows_title_period_steps_links_and_every_setting(crm):
    lang, workbook = crm
    home = workbook.worksheets[0]
    scheme = schemes.load("securities-crm")
    texts = [cell.value for row in home.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert texts[0] == scheme.name(lang)
    assert "2026-10" in texts[1]
    for command in ("xlperf check", "xlperf run", "xlperf publish", "xlperf roll"):
        assert any(command in text for text in texts)
    left, top, _, bottom = table_of_sheet(home)
    rows = [[home.cell(row, left + at).value for at in range(3)] for row in range(top + 1, bottom + 1)]
    assert [row[0] for row in rows] == [setting.name(lang) for setting in scheme.switches()]
    assert [row[2] for row in rows] == [setting.meaning(lang) for setting in scheme.switches()]
    shown = dict(zip((each.code for each in scheme.switches()), (row[1] for row in rows), strict=True))
    assert shown["ties"] == SETTINGS["ties"].vocabulary[scheme.settings.ties](lang)
    assert shown["minimum_weight"] == scheme.settings.minimum_weight


def test_links_lead_to_sheets_that_exist(crm):
    _, workbook = crm
    links = [cell.hyperlink for ws in workbook.worksheets for row in ws.iter_rows() for cell in row if cell.hyperlink]
    titles = {re.fullmatch(r"'(.+)'!(A1|B\d+)", each.location)[1] for each in links} - {workbook.sheetnames[0]}
    listed = {ws.title for ws in workbook.worksheets[1:] if ws.sheet_state == "visible"}
    assert titles == listed


def test_every_table_is_a_sound_excel_table(crm):
    _, workbook = crm
    names = [table.displayName for ws in workbook.worksheets for table in ws.tables.values()]
    assert len(set(names)) == len(names) >= 15
    assert all(re.fullmatch(r"tbl[A-Z][A-Za-z_]+", name) for name in names)
    for ws in tabular(workbook):
        (table,) = ws.tables.values()
        left, top, right, bottom = range_boundaries(table.ref)
        shown = [ws.cell(top, column).value for column in range(left, right + 1)]
        assert table.column_names == shown
        assert len({name.casefold() for name in shown}) == len(shown)
        assert table.autoFilter.ref == table.ref
        rows = [[ws.cell(row, column).value for column in range(left, right + 1)] for row in range(top + 1, bottom + 1)]
        assert all(any(value is not None for value in row) for row in rows) or bottom == top + 1, ws.title


def test_every_heading_has_a_note_that_fits_its_text(crm):
    _, workbook = crm
    for ws in tabular(workbook):
        left, top, right, _ = table_of_sheet(ws)
        for column in range(left, right + 1):
            assert ws.cell(top, column).comment.text


@BOTH
def test_notes_tell_what_is_required_and_which_words_are_allowed(lang):
    ws = build(schemes.load("securities-crm"), lang=lang)[SHEETS["tasks"].title(lang)]
    notes = {name: ws.cell(1, column).comment for name, column in headings(ws).items()}
    key, status = SHEETS["tasks"]["task_id"], SHEETS["tasks"]["status"]
    assert ("必填" if lang == "zh" else "Required") in notes[key.name(lang) + " *"].text
    for word in status.vocabulary.values():
        assert word(lang) in notes[status.name(lang)].text
    assert notes[status.name(lang)].height > 30


def lists_of(ws: Worksheet) -> dict[int, tuple[str, str]]:
    """Return the source of each column's validation list, and the cells that it covers."""
    found = {}
    for validation in ws.data_validations.dataValidation:
        if validation.type == "list":
            for cells in validation.sqref.ranges:
                found[cells.min_col] = (validation.formula1, cells.coord)
    return found


def words_of(workbook: Workbook, source: str) -> list[str]:
    if source.startswith('"'):
        return source[1:-1].split(",")
    sheet, _, cells = source.partition("!")
    return [row[0].value for row in workbook[sheet.strip("'")][cells.replace("$", "")]]


def test_columns_of_choices_offer_their_words(crm):
    lang, workbook = crm
    for ws in tabular(workbook):
        sheet = find_sheet(ws.title)
        if sheet is None or sheet.code == "settings":
            continue
        offered, at = lists_of(ws), headings(ws)
        for column in sheet:
            if column.words:
                place = at[column.name(lang) + (" *" if column.required else "")]
                source, cells = offered[place]
                assert words_of(workbook, source) == [word(lang) for word in column.vocabulary.values()]
                assert range_boundaries(cells)[3] >= VALIDATED_ROWS
                assert len(source) <= 255


def test_home_offers_the_words_of_each_setting(crm):
    lang, workbook = crm
    home = workbook.worksheets[0]
    _, top, _, _ = table_of_sheet(home)
    offered = {
        cells.min_row: each.formula1 for each in home.data_validations.dataValidation for cells in each.sqref.ranges
    }
    shown = schemes.load("securities-crm").switches()
    for row, setting in enumerate(shown, start=top + 1):
        if setting.words:
            assert words_of(workbook, offered[row]) == [word(lang) for word in setting.vocabulary.values()]
        elif setting.kind in ("number", "whole", "fraction"):
            assert offered[row] == "0"


def test_rules_and_codes_are_offered(crm):
    lang, workbook = crm
    indicators = sheet_in(workbook, "indicators")
    rule = headings(indicators)[SHEETS["indicators"]["rule"].name(lang) + " *"]
    assert words_of(workbook, lists_of(indicators)[rule][0]) == [each.name(lang) for each in RULES.values()]
    for code in ("ratings", "actuals", "adjustments"):
        ws = sheet_in(workbook, code)
        column = SHEETS[code]["indicator"]
        place = headings(ws)[column.name(lang) + (" *" if column.required else "")]
        assert f"'{indicators.title}'!$A$2" in lists_of(ws)[place][0]


def test_the_rules_sheet_explains_every_rule(crm):
    lang, workbook = crm
    ws = next(ws for ws in workbook.worksheets if "tblRules" in ws.tables)
    rows = {row[1]: row for row in ws.iter_rows(min_row=2, values_only=True)}
    assert set(rows) == set(RULES)
    for code, rule in RULES.items():
        assert rows[code][0] == rule.name(lang)
        assert rows[code][2] == rule.brief(lang)
        assert all(each.name(lang) in rows[code][4] for each in rule.parameters)


def test_sheets_are_ready_to_be_read_and_printed(crm):
    _, workbook = crm
    for ws in tabular(workbook):
        left, top, right, _ = table_of_sheet(ws)
        for column in range(left, right + 1):
            cell = ws.cell(top, column)
            if top == 1:  # on Home the last heading runs on over the columns to its right
                assert ws.column_dimensions[cell.column_letter].width >= min(text_width(cell.value), 30)
        assert ws.row_dimensions[top].height > 15
        assert ws.page_setup.paperSize == 9
        assert ws.sheet_properties.pageSetUpPr.fitToPage
        assert ws.page_setup.fitToHeight == 0
        assert ws.print_title_rows == f"${top}:${top}"
        assert "&P" in ws.oddFooter.center.text
        assert ws.oddHeader.left.text
        if top == 1:
            assert ws.freeze_panes.endswith("2")


def test_what_is_filled_in_looks_different_from_headings_and_from_what_is_computed(crm):
    _, workbook = crm
    ws = sheet_in(workbook, "tasks")
    _, _, right, bottom = table_of_sheet(ws)
    row = {ws.cell(2, column).fill.fgColor.rgb for column in range(1, right + 1)}
    blank = {ws.cell(bottom + 1, column).fill.fgColor.rgb for column in range(1, right + 1)}
    assert row == blank
    assert len(row) == 1
    assert ws.cell(1, 1).fill.fgColor.rgb not in row
    rules = next(each for each in workbook.worksheets if "tblRules" in each.tables)
    assert rules["A2"].fill.fgColor.rgb not in row


def test_keys_typed_far_below_keep_their_zeros():
    """The whole column has the format of text, not only the rows that are prepared."""
    ws = saved(build(schemes.load("service-team"), lang="en"))["Employees"]
    assert ws.column_dimensions["A"].number_format == "@"


def test_targets_are_shown_in_the_unit_of_their_indicator(crm):
    lang, workbook = crm
    ws = sheet_in(workbook, "indicators")
    at = headings(ws)
    target, unit = at[SHEETS["indicators"]["target"].name(lang)], at[SHEETS["indicators"]["unit"].name(lang)]
    for row in range(2, 40):
        if ws.cell(row, target).value is not None:
            assert (ws.cell(row, unit).value == "%") == ws.cell(row, target).number_format.endswith("%")


def test_figures_are_shown_in_their_unit():
    formats = figure_formats(pd.Series(["%", "yuan", "clients", None]), pd.Series([0.5, 3.0, np.nan, 2.25]))
    assert formats == ["0.00%", "#,##0.00", "#,##0", "#,##0.00##"]


@pytest.mark.parametrize("count", range(1, 9))
def test_grades_have_colours_of_their_own(count):
    fills = grade_fills(count)
    assert len(set(fills)) == count
    assert all(re.fullmatch("[0-9A-F]{6}", fill) and fill != LINE for fill in fills)
    assert all(contrast(text_colour_on(fill), fill) >= 4.5 for fill in fills)  # WCAG 2.1, level AA


def test_a_big_sheet_has_one_style_for_equal_cells():
    workbook = Workbook()
    frame = pd.DataFrame({"task_id": [f"T{each}" for each in range(3000)], "amount": np.arange(3000.0)})
    area = write_sheet(workbook.active, SHEETS["tasks"], frame, "zh")
    assert area.ref == "A1:N3001"
    assert len(workbook._cell_styles) < 60


# New rows into an old workbook ---------------------------------------------------------------------------------------


def staff(*ids: str, **more: list[object]) -> Table:
    return table_of("employees", {"employee_id": list(ids), "name": [f"name {each}" for each in ids], **more})


@pytest.fixture(scope="module")
def file_of_hr() -> bytes:
    """The file of a workbook that HR staff have made their own."""
    workbook = build(schemes.load("service-team"), {"employees": staff("01", "02", Seat=["3a", "4b"])}, "en")
    ws = workbook["Employees"]
    ws["B2"].fill = PatternFill("solid", fgColor="FF00FF")
    free = ws.max_column + 1
    for row, text in enumerate(("Age", "=1+1", "=2+2"), start=1):
        ws.cell(row, free, text)
    ws["B3"].comment = Comment("on leave in May", "Ann")
    workbook.create_sheet("Ann's notes", 2)["A1"] = "keep me"
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


@pytest.fixture
def decorated(file_of_hr: bytes) -> Workbook:
    return reopened(file_of_hr)


def column_of(ws: Worksheet, heading: str) -> list[object]:
    at = next(cell.column for cell in ws[1] if cell.value == heading)
    return [cell.value for cell in next(ws.iter_cols(at, at, 2, 4))]


def rows_of(ws: Worksheet, count: int) -> list[tuple[object, object]]:
    return [(ws.cell(row, 1).value, ws.cell(row, 2).value) for row in range(2, count + 2)]


def test_new_rows_leave_everything_else_alone(decorated):
    before = decorated.sheetnames
    fill_inputs(decorated, {"employees": staff("01", "02", "03", Seat=["3a", "5c", None])}, "en")
    workbook = saved(decorated)
    ws = workbook["Employees"]
    assert workbook.sheetnames == before
    assert workbook["Ann's notes"]["A1"].value == "keep me"
    assert rows_of(ws, 4) == [("01", "name 01"), ("02", "name 02"), ("03", "name 03"), (None, None)]
    assert column_of(ws, "Seat")[:2] == ["3a", "5c"]
    assert column_of(ws, "Age")[:2] == ["=1+1", "=2+2"]
    assert ws["B2"].fill.fgColor.rgb.endswith("FF00FF")
    assert ws["B3"].comment.text == "on leave in May"
    assert ws["A4"].number_format == "@"
    (table,) = ws.tables.values()
    assert range_boundaries(table.ref)[3] == 4
    assert table.autoFilter.ref == table.ref
    assert table.column_names == [ws.cell(1, column).value for column in range(1, len(table.column_names) + 1)]


def test_formulas_stay_even_where_rows_bring_their_results(decorated):
    fill_inputs(decorated, {"employees": staff("01", "02", "03", Age=[2.0, 4.0, 6.0])}, "en")
    ws = saved(decorated)["Employees"]
    assert column_of(ws, "Age") == ["=1+1", "=2+2", 6]


def test_fewer_rows_leave_no_trace_of_the_old_ones(decorated):
    fill_inputs(decorated, {"employees": staff("09")}, "en")
    ws = saved(decorated)["Employees"]
    assert rows_of(ws, 3) == [("09", "name 09"), (None, None), (None, None)]
    assert range_boundaries(next(iter(ws.tables.values())).ref)[3] == 2


def test_what_stands_below_the_table_moves_down(decorated):
    ws = decorated["Employees"]
    ws["A4"], ws["B4"] = "合计", "=COUNTA(B2:B3)"
    fill_inputs(decorated, {"employees": staff("01", "02", "03", "04")}, "en")
    ws = saved(decorated)["Employees"]
    assert [row[0] for row in rows_of(ws, 5)] == ["01", "02", "03", "04", "合计"]
    assert str(ws["B6"].value).startswith("=COUNTA")


def test_a_new_column_gets_a_heading_on_the_right(decorated):
    fill_inputs(decorated, {"employees": staff("01", "02", Shoe=[41.0, 42.5])}, "en")
    ws = saved(decorated)["Employees"]
    assert ws.cell(1, ws.max_column).value == "Shoe"
    assert column_of(ws, "Shoe")[:2] == [41, 42.5]


def test_a_sheet_that_was_not_there_comes_to_its_place(decorated):
    fill_inputs(decorated, {"clients": table_of("clients", {"client_id": ["c1"]})}, "en")
    titles = saved(decorated).sheetnames
    assert titles.index("Clients") == titles.index("Employees") + 1


@pytest.mark.parametrize("lang", one_by_default(LANGUAGES))
def test_import_and_read_agree(lang, tmp_path):
    scheme, tables, workbook = filled("service-team", lang)
    again = build(scheme, {}, lang)
    fill_inputs(again, tables, lang)
    for name, book in (("whole", workbook), ("filled", again)):
        book.save(tmp_path / f"{name}.xlsx")
    assert read_book(tmp_path / "whole.xlsx").fingerprint == read_book(tmp_path / "filled.xlsx").fingerprint


def test_columns_of_hr_follow_those_of_the_sheet():
    frame = pd.DataFrame({"Zone": [1.0], "employee_id": ["1"]})
    assert [column.code for column in columns_of(SHEETS["employees"], frame)][-2:] == ["note", "Zone"]
