"""A button that is pressed without Excel keeps the buttons, the ribbon and the macros of its workbook, time after time."""

import pytest
from census import losses
from typer.testing import CliRunner

from tests.addin.test_xlsm import buttons_of, parts_of, ribbon_of
from xlperf import engine
from xlperf.addin import macros
from xlperf.cli import app as commands
from xlperf.workbook.read.book import read_book
from xlperf.workflows import error_log as telling


def pressed(path, *buttons):
    app = engine.start()
    book = app.books.open(path)
    book.set_mock_caller()
    for button in buttons:
        button()
    book.save()
    warnings = app.impl.warnings
    app.quit()
    return warnings


@pytest.mark.slow
def test_macros_keep_buttons_ribbon_and_macros(tmp_path, monkeypatch):
    monkeypatch.setenv(telling.LOG, str(tmp_path / "xlperf.log"))
    path = tmp_path / "book.xlsm"
    made = CliRunner().invoke(commands, ["new", "service-team", str(path), "--lang", "en", "--sample"])
    assert made.exit_code == 0, made.output
    before = path.read_bytes()
    assert pressed(path, macros.run) == []
    once = path.read_bytes()
    assert pressed(path, macros.check) == []
    twice = path.read_bytes()
    for after in (once, twice):
        assert parts_of(after)["xl/vbaProject.bin"] == parts_of(before)["xl/vbaProject.bin"]
        assert buttons_of(after) == buttons_of(before)
        assert ribbon_of(after) == ribbon_of(before)
        assert losses(before, after) == {}
    assert len(read_book(path).sheets) > 5
    assert parts_of(twice).keys() >= parts_of(once).keys()
