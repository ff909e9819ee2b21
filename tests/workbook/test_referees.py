"""The referees themselves can tell right from wrong, and what xlperf writes as formulas they compute to its numbers."""

import shutil

import pytest
import sample_books
from openpyxl import Workbook
from referees import (
    ENGINES,
    SENTINEL,
    CellError,
    Comparison,
    agree,
    as_values,
    cells,
    decimals,
    differences,
    recalculate,
    recalculated,
    results,
    stored,
    table_of_counts,
    with_results,
)

from tests.languages import LANGUAGES
from xlperf.addin import headless
from xlperf.policy import schemes

# reference, formula, its result
CELLS = (
    ("B1", "=A1*2", 6.0),
    ("B2", '=IF(A9="","",1)', ""),
    ("B3", "=A1=3", True),
    ("B4", "=A1/0", CellError("#DIV/0!")),
    ("B5", '="第"&A1&"名"', "第3名"),
    ("B6", "=ROUND(A2,2)", 2.68),
    ("B7", '=COUNTIFS(A3:A8,">="&DATE(2026,10,1))', 1.0),
    ("B8", "=A9", 0.0),
)
RIGHT = {ref: value for ref, _, value in CELLS}


@pytest.fixture
def book(tmp_path):
    """A workbook with a formula of every type, each with the result that it ought to have stored."""
    return made(tmp_path, RIGHT)


def made(folder, stored, **formulas):
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "得分 明细"
    sheet["A1"], sheet["A2"], sheet["A3"], sheet["A4"] = 3, 2.675, 46300, "46300"
    for ref, formula, _ in CELLS:
        sheet[ref] = formulas.get(ref, formula)
    sheet["B6"].number_format = "0.00"
    workbook.save(folder / "plain.xlsx")
    with_results(folder / "plain.xlsx", folder / "book.xlsx", lambda title, ref: stored[ref])
    return folder / "book.xlsx"


def engines(*slow):
    return [pytest.param(each, marks=pytest.mark.slow if each in slow else ()) for each in ENGINES]


def test_stored_results_are_read_with_their_types(book):
    assert results(book) == {"得分 明细": RIGHT}
    assert [type(each) for each in results(book)["得分 明细"].values()] == [type(each) for each in RIGHT.values()]


@pytest.mark.parametrize("engine", engines("libreoffice"))
def test_an_engine_finds_what_the_formulas_mean(book, engine):
    found = differences(results(book), recalculated(book, engine), decimals(book))
    assert found, found
    assert found.compared == {"得分 明细": len(CELLS)}


@pytest.mark.parametrize("engine", engines("libreoffice"))
@pytest.mark.parametrize(
    ("ref", "wrong"), [("B1", 6.01), ("B1", "6"), ("B2", 0.0), ("B3", 1.0), ("B4", "#DIV/0!"), ("B8", "")]
)
def test_a_wrong_stored_result_is_found(tmp_path, engine, ref, wrong):
    book = made(tmp_path, RIGHT | {ref: wrong})
    assert [each.ref for each in differences(results(book), recalculated(book, engine)).differing] == [ref]


@pytest.mark.parametrize("engine", engines("libreoffice"))
def test_a_wrong_formula_is_found(tmp_path, engine):
    book = made(tmp_path, RIGHT, B1="=A1*2.0000001", B7='=COUNTIFS(A3:A8,">"&DATE(2026,10,6))')
    found = differences(results(book), recalculated(book, engine))
    assert [each.ref for each in found.differing] == ["B1", "B7"]
    assert "得分 明细!B7: expected 1.0, found 0.0" in str(found)


@pytest.mark.parametrize("engine", engines("libreoffice"))
def test_no_engine_sees_what_was_stored(tmp_path, engine):
    """A function that nobody knows is an error, not the number that the file happens to hold."""
    book = made(tmp_path, RIGHT, B1="=PERF_UNKNOWN(A1)")
    found = recalculated(book, engine)["得分 明细"]["B1"]
    assert found != SENTINEL
    assert isinstance(found, CellError)


def test_several_workbooks_are_told_apart(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = made(tmp_path / "one", RIGHT), made(tmp_path / "two", RIGHT, B1="=A1*3")
    found = recalculate([one, two], "formualizer")
    assert (found[one]["得分 明细"]["B1"], found[two]["得分 明细"]["B1"]) == (6.0, 9.0)


def test_functions_of_our_own_are_called(tmp_path):
    book = made(tmp_path, RIGHT, B1="=PERF_TWICE(A1)")
    found = recalculated(
        book, "formualizer", lambda workbook: workbook.register_function("PERF_TWICE", lambda x: x * 2)
    )
    assert differences(results(book), found)


@pytest.mark.parametrize(
    ("expected", "found", "shown"),
    [(1.0, 1.0 + 2e-9, None), (0.125 + 4e-10, 0.125 - 4e-10, 2), (1.0, True, None), ("", None, None), (None, None, None),
     ("a", "A", None), (float("nan"), float("nan"), None), (CellError("#N/A"), "#N/A", None)],
)  # fmt: skip
def test_what_does_not_agree(expected, found, shown):
    assert not agree(expected, found, shown)


@pytest.mark.parametrize(
    ("expected", "found", "shown"),
    [(1e6, 1e6 + 1e-4, None), (0.1 + 0.2, 0.3, 2), (1.005, 1.00499999999999989, 2), ("", "", None), (True, True, None)],
)
def test_what_agrees(expected, found, shown):
    assert agree(expected, found, shown)


def test_cells_that_nobody_expected_differ():
    assert [each.ref for each in differences({"S": {"A1": 1.0}}, {"S": {"A1": 1.0, "A2": 1.0}}).differing] == ["A2"]


def test_nothing_compared_is_no_agreement():
    assert not differences({"S": {"A1": 1.0}}, {})


def test_the_table_counts_by_sheet_and_engine():
    good = differences({"S": {"A1": 1.0}}, {"S": {"A1": 1.0}})
    bad = differences({"S": {"A1": 1.0}}, {"S": {"A1": 2.0}})
    table = table_of_counts({("one", "formualizer"): good, ("one", "ironcalc"): bad, ("two", "formualizer"): good})
    assert [line.split("  ") for line in table.splitlines()][-1][0] == "all"
    assert "0 differing of 2" in table.splitlines()[-1]
    assert "1 differing of 1" in table.splitlines()[-1]
    assert isinstance(good, Comparison)


# What xlperf writes ---------------------------------------------------------------------------------------------------


def written(sample, folder, lang, *ways):
    """Write a sample's results with formulas; return what each of the files should show."""
    plain, *books = sample_books.written(shutil.copy(sample, folder / sample.name), lang, "values", *ways)
    return {book: as_values(plain, book) for book in books}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def small_books(sample_path, folder):
    return written(sample_path("sales-pipeline", "zh"), folder, "zh", "native", "udf")


def test_what_is_stored_with_formulas_is_what_a_run_finds(small_books):
    for book, wanted in small_books.items():
        found = differences(wanted, stored(book), decimals(book))
        assert found, found


@pytest.mark.parametrize("engine", ["formualizer", "ironcalc"])
def test_native_formulas_compute_to_what_a_run_finds(small_books, engine):
    native, _ = small_books
    comparisons = compared({native: small_books[native]}, engine)
    print(table_of_counts(comparisons))
    assert not [str(each) for each in comparisons.values() if not each]


def test_calls_of_worksheet_functions_compute_to_what_a_run_finds(small_books):
    _, book = small_books
    assert any("PERF_" in each.formula for each in cells(book))
    found = differences(small_books[book], recalculated(book, "formualizer", headless.register), decimals(book))
    assert found, found


def compared(books, engine, register=None):
    return {
        (book.stem, engine): differences(books[book], values, decimals(book))
        for book, values in recalculate(books, engine, register).items()
    }


LOTS = 6  # LibreOffice is started once a lot


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(LOTS))
def test_every_scheme_computes_to_what_a_run_finds(sample_path, folder, capsys, lot):
    """Native formulas and calls of worksheet functions, in the one language or the other: these differ in words only."""
    books = {}
    for number, name in list(enumerate(schemes.names()))[lot::LOTS]:
        lang = LANGUAGES[number // LOTS % 2]
        books |= written(sample_path(name, lang), folder, lang, "native", "udf")
    native = {book: wanted for book, wanted in books.items() if "native" in book.stem}
    calls = {book: wanted for book, wanted in books.items() if book not in native}
    kept = {(book.stem, "stored"): differences(books[book], stored(book), decimals(book)) for book in books}
    comparisons = {key: each for engine in ENGINES for key, each in compared(native, engine).items()}
    comparisons |= compared(calls, "formualizer", headless.register)
    with capsys.disabled():
        print(f"\n{table_of_counts(comparisons)}")
    assert not [f"{key}: {each}" for key, each in (kept | comparisons).items() if not each]
