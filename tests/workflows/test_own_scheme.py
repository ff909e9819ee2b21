"""A scheme of one's own: the blank workbook, filled by hand."""

import openpyxl
import pytest
from own_scorecard import CHOSEN, fill

import xlperf
from xlperf.core.problems import LANGUAGES
from xlperf.policy.schemes import BLANK, load, names, offered
from xlperf.schema import SHEETS


def codes(result, level="error"):
    return sorted(each.code for each in result.problems if each.level == level)


@pytest.fixture(scope="module")
def blanks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blank")
    made = {lang: folder / f"{lang}.xlsx" for lang in LANGUAGES}
    for lang, path in made.items():
        assert not xlperf.new(BLANK, path, lang=lang).refused
    return made


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blank_workbook_has_the_sheets_to_fill_in_and_no_policy(blanks, lang):
    sheets = openpyxl.load_workbook(blanks[lang], read_only=True).sheetnames
    wanted = ("settings", "dimensions", "indicators", "grades", "employees", "ratings", "actuals")
    titles = [SHEETS[code].title(lang) for code in wanted]
    assert [each for each in sheets if each in {sheet.title(lang) for sheet in SHEETS.values()}] == titles
    book = xlperf.read_book(blanks[lang])
    assert [code for code, table in book.tables.items() if code != "settings" and len(table)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blank_workbook_says_what_to_fill_in_first(blanks, lang):
    found = xlperf.check(blanks[lang])
    assert codes(found) == ["period-missing", "scheme-blank"]
    (blank,) = (each for each in found.problems if each.code == "scheme-blank")
    places = [blank.remedy(lang).find(SHEETS[code].title(lang)) for code in ("dimensions", "indicators", "grades")]
    assert -1 < places[0] < places[1] < places[2]
    assert xlperf.run(blanks[lang]).refused


def test_each_sheet_that_is_still_blank_is_told(blanks, tmp_path):
    path = tmp_path / "book.xlsx"
    steps = (
        ("dimensions", ["indicators-missing", "grades-missing", "nobody-scored"]),
        ("indicators", ["grades-missing", "nobody-scored"]),
        ("grades", ["nobody-scored"]),
    )
    for number, (_, expected) in enumerate(steps, start=1):
        path.write_bytes(blanks["zh"].read_bytes())
        fill(path, {code: CHOSEN[code] for code, _ in steps[:number]}, period="2026-10")
        assert codes(xlperf.check(path)) == sorted(expected)


def test_a_filled_blank_runs(blanks, tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(blanks["zh"].read_bytes())
    fill(path, CHOSEN, period="2026-10", name="客服部考核")
    done = xlperf.run(path)
    assert not done.refused, [each.found("en") for each in done.problems]
    results = done.sheets["results"].set_index("employee_id")
    assert results["total"].to_dict() == {"001": 60 + 40 * 0.75, "002": 60 * 0.8 + 40 * 0.5}
    assert results["grade"].to_dict() == {"001": "A", "002": "B"}
    assert not xlperf.verify(path).refused


def test_a_blank_workbook_takes_the_kind_of_its_period(tmp_path):
    path = tmp_path / "book.xlsx"
    xlperf.new(BLANK, path, period="2026Q4")
    settings = xlperf.read_book(path).scheme.settings
    assert (settings.period, settings.period_kind) == ("2026Q4", "quarter")


def test_the_blank_scheme_states_every_switch_and_is_offered_first():
    scheme = load(BLANK)
    assert [each for each in scheme.switches() if each.required and each.usual != scheme.settings.values()[each.code]
            and each.code not in ("scheme", "name")] == []  # fmt: skip
    assert offered() == (BLANK, *names())


@pytest.mark.parametrize(("word", "near"), [("blnk", ["blank"]), ("service-taem", ["service-team"]), ("payroll", [])])
def test_only_what_is_similar_is_called_similar(tmp_path, word, near):
    (problem,) = xlperf.new(word, tmp_path / "x.xlsx").problems
    assert problem.code == "scheme-unknown"
    assert problem.details["near"][: len(near)] == near
    assert len(problem.details["near"]) <= 3
    assert bool(problem.details["near"]) == bool(near)


def test_a_blank_workbook_has_no_sample(tmp_path):
    assert codes(xlperf.new(BLANK, tmp_path / "x.xlsx", sample=True)) == ["scheme-no-sample"]
    assert not (tmp_path / "x.xlsx").exists()


def test_a_workbook_in_english_asks_for_one_name_and_an_english_one_is_enough(blanks, tmp_path):
    headings = [cell.value for cell in openpyxl.load_workbook(blanks["en"])["Dimensions"][1]]
    assert headings == ["Dimension code *", "Name *", "Weight or points *"]
    path = tmp_path / "shipped.xlsx"
    xlperf.new("service-team", path, lang="en", period="2026-10")
    book = openpyxl.load_workbook(path)
    ws = book["Dimensions"]
    last = ws.max_row + 1
    names = [ws.cell(row, 2).value for row in range(2, last)]
    row = next(row for row in range(2, last) if ws.cell(row, 1).value is None)
    for column, value in enumerate(["care", "Care", 0], start=1):
        ws.cell(row, column).value = value
    book.save(path)
    dimensions, problems = xlperf.read_book(path).scheme.table("dimensions"), xlperf.check(path).problems
    assert dimensions["name"].iloc[-1] == "Care"
    assert dimensions["name_en"].tolist()[:-1] == [name for name in names if name]
    assert not {each.code for each in problems} & {"cell-required", "hidden-data"}
