"""How often the buttons call Excel: a few times a sheet, never for a cell or a row.

The engine takes the place of Excel. Each call that xlwings makes of it is one that Excel would get; it is written down
with the sheet that it is about. Questions of xlwings itself, in which workbook a sheet is, are left out.
"""

import importlib
import inspect
import pkgutil
from collections import Counter

import pytest
from xlwings import base_classes

from xlperf import engine, xlwings_engine
from xlperf.addin import macros
from xlperf.addin.read_live import LiveSheets
from xlperf.addin.standin import StandIn
from xlperf.schema import SHEETS, find_sheet
from xlperf.xlsx.formula import put

MOST = 6  # calls for a sheet of results that is new
MOST_AGAIN = 16  # for one that stands there: what HR has added stays, so that its cells are replaced and not the sheet
INTERFACES = {each for each in vars(base_classes).values() if isinstance(each, type)}
IDENTITY = {"App.pid", "App.engine", "Book.app", "Book.name", "Sheet.book", "Sheet.name", "Range.max_cells_per_read"}


@pytest.fixture
def calls(monkeypatch):
    """The calls so far: what was called, and the title of the sheet that it is about."""
    written, inside = [], []

    def recorded(function, name):
        def call(self, *args, **options):
            counts = not inside and name not in IDENTITY
            inside.append(name)  # what the engine asks of itself is no call of it
            try:
                if counts:
                    written.append((name, getattr(getattr(self, "worksheet", None), "title", "")))
                return function(self, *args, **options)
            finally:
                inside.pop()

        return call

    for module in pkgutil.iter_modules(xlwings_engine.__path__):
        parts = vars(importlib.import_module(f"{xlwings_engine.__name__}.{module.name}"))
        for kind in [each for each in parts.values() if isinstance(each, type) and INTERFACES & {*each.__mro__[1:]}]:
            for name, member in [*vars(kind).items()]:
                label = f"{kind.__name__}.{name}"
                if inspect.isfunction(member) and not name.startswith("__init"):
                    monkeypatch.setattr(kind, name, recorded(member, label))
                elif isinstance(member, property):
                    ways = [each and recorded(each, label) for each in (member.fget, member.fset)]
                    monkeypatch.setattr(kind, name, property(*ways))
    return written


@pytest.fixture
def excel():
    apps = engine.start()
    yield apps
    apps.quit()


def fill(ws, rows):
    """Write people with texts, codes, numbers and a formula; some cells are blank."""
    for column, heading in enumerate(("Employee ID", "Name", "Total", "Twice"), start=1):
        ws.cell(1, column, heading)
    for row in range(2, rows + 2):
        for column, value in enumerate((f"{row:05}", f"Ann {row}" if row % 2 else None, row / 8), start=1):
            put(ws.cell(row, column), value)
        ws.cell(row, 4, f"=C{row}*2")


@pytest.fixture
def counted(calls, excel):
    def of(rows):
        """Return the calls that take a sheet of results into a workbook, renew it, and read it again."""
        book = excel.books.add()
        counts = []
        for _ in range(2):
            calls.clear()
            standin = StandIn(book, lambda _: None)
            if "Results" in standin.workbook:
                del standin.workbook["Results"]
            fill(standin.workbook.create_sheet("Results"), rows)
            standin.carry()
            counts.append(len(calls))
        for title in ("Results", book.sheets[0].name):
            calls.clear()
            LiveSheets(book).grid(title)
            counts.append(len(calls))
        return counts

    return of


def test_a_hundred_times_the_rows_take_no_more_calls(counted):
    assert counted(4) == counted(400)


def test_the_inputs_are_read_by_whole_ranges(calls, excel):
    counts = []
    for rows in (3, 300):
        book = excel.books.add()
        sheet = book.sheets.add(SHEETS["employees"].title.en)
        sheet.range((1, 1)).value = [["Employee ID", "Name"], *([f"{row:05}", "Ann"] for row in range(rows))]
        calls.clear()
        LiveSheets(book).grid(sheet.name)
        counts.append(len(calls))
    assert counts[0] == counts[1]
    assert counts[0] <= 15, "where it is and what it shows, formats, what is hidden or merged"


def test_a_sheet_of_results_takes_few_calls(calls, excel, sample_path, tmp_path, monkeypatch):
    """Each is copied from the workbook that was written; what is there already is replaced in whole blocks."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(sample_path("business-evaluation", "en").read_bytes())
    book = excel.books.open(path)
    book.set_mock_caller()
    carry, carried = StandIn.carry, []

    def only_carry(self):
        calls.clear()
        carry(self)
        carried.append(Counter(title for _, title in calls))

    monkeypatch.setattr(StandIn, "carry", only_carry)
    engine.answer(excel, "yes")
    macros.run()
    macros.run()
    results = [title for title in book.sheet_names if (sheet := find_sheet(title)) and sheet.role == "output"]
    assert len(results) > 8
    for most, counts in zip((MOST, MOST_AGAIN), carried, strict=True):
        assert {title: counts[title] for title in results if counts[title] > most} == {}
