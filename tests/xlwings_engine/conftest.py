"""The suite runs on the engine of this package; with XLPERF_EXCEL=1, where Excel is installed, on Excel itself."""

import os

import pytest

from xlperf import engine

IN_EXCEL = os.environ.get("XLPERF_EXCEL") == "1"


def started():
    import xlwings as xw

    if not IN_EXCEL:
        return engine.start()
    if "excel" not in [each.name for each in xw.engines]:
        pytest.skip("Excel is not installed")
    xw.engines["excel"].activate()
    return xw.App(visible=False, add_book=False)


@pytest.fixture
def app():
    running = started()
    yield running
    running.quit()


@pytest.fixture
def book(app):
    return app.books.add()


@pytest.fixture
def sheet(book):
    return book.sheets[0]


@pytest.fixture
def headless():
    """Skip what only an engine without Excel promises."""
    if IN_EXCEL:
        pytest.skip("not a promise of Excel's")
