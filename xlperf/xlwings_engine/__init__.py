"""An xlwings engine on openpyxl: macros written for Excel run on files, where there is no Excel.

Only the freely licensed part of xlwings is used. After :func:`register`, ``xw.Book("file.xlsx")`` opens the file here,
and ordinary xlwings code reads, writes and saves it. Nothing is computed: formulas keep the values that the file stores
for them. No macro of a workbook is ever run; :func:`macro` gives the Python function that stands for one.

Nouns: an engine, its apps, books, sheets and ranges, as xlwings names them. What a range can do goes into the module of
its subject, and ``ranges`` hands it on.

Examples
--------
>>> import xlwings as xw
>>> app = start()
>>> sheet = app.books.add().sheets[0]
>>> sheet["A1"].value = [["Name", "Points"], ["Li", 92.5]]
>>> sheet["A1"].expand().value
[['Name', 'Points'], ['Li', 92.5]]
>>> app.quit()
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlwings as xw

from xlperf.xlwings_engine.app import NAME, Alert, Engine
from xlperf.xlwings_engine.values import as_text

__all__ = ["NAME", "Alert", "alerts", "answer", "as_text", "macro", "open_book", "register", "start"]


def register(activate: bool = True) -> xw.Engine:
    """Make the engine known to xlwings, once, and the one that ``xw.Book`` uses.

    >>> register() is register()
    True
    """
    engine: xw.Engine
    if NAME in xw.engines.engines_by_name:
        engine = xw.engines[NAME]
    else:
        engine = xw.Engine(impl=Engine())
        xw.engines.add(engine)
    if activate:
        engine.activate()
    return engine


def start() -> xw.App:
    """Start an app without a book."""
    return register().apps.add(add_book=False)


def open_book(path: str | Path) -> xw.Book:
    """Open a workbook in the active app of the engine, or in a new one."""
    app = register().apps.active or start()
    return app.books.open(str(path))


def alerts(app: xw.App) -> list[Alert]:
    """Return the message boxes that an app has shown."""
    shown: list[Alert] = app.impl.alerts
    return shown


def answer(app: xw.App, *buttons: str) -> None:
    """Say which buttons will be pressed in the next message boxes."""
    app.impl.answers.extend(buttons)


def macro(app: xw.App, name: str, function: Callable[..., Any]) -> None:
    """Let ``book.macro(name)`` call a Python function."""
    app.impl.macros[name] = function
