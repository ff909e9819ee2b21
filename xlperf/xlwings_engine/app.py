"""The engine, its apps and their books: what xlwings asks for first."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xlwings import base_classes

from xlperf.core.problems import Problem
from xlperf.xlwings_engine.book import Book
from xlperf.xlwings_engine.values import clean_value, prepare_value

NAME = "openpyxl"
ANSWERS = {"ok": "ok", "ok_cancel": "ok", "yes_no": "yes", "yes_no_cancel": "yes"}  # what people press first

_pids = itertools.count(1)


class Alert(NamedTuple):
    """A message box that a macro showed, and the button that was pressed."""

    prompt: str
    title: str
    buttons: str
    mode: str
    answer: str


class Engine:
    """The xlwings engine that works on files through openpyxl, without Excel."""

    name = NAME
    type = "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        """Turn a value of Python's into one for a cell."""
        return prepare_value(value)

    @staticmethod
    def clean_value_data(data: Any, dates: Any, empty: Any, numbers: Any, errors_as_text: bool) -> list[list[Any]]:
        """Turn raw values into what the options of a range ask for."""
        return [[clean_value(value, dates, empty, numbers, errors_as_text) for value in row] for row in data]


class Apps(base_classes.Apps):
    """The apps that are running; the one used last comes first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._apps: list[App] = []

    def keys(self) -> list[int]:
        """Return the numbers of the apps."""
        return [app.pid for app in self._apps]

    def add(self, spec: Any = None, add_book: bool | None = None, xl: Any = None, visible: bool | None = None) -> App:
        """Start an app, which becomes the active one."""
        app = App(self._engine, self)
        self._apps.insert(0, app)
        if add_book:
            app.books.add()
        return app

    def first(self, app: App) -> None:
        """Make an app the active one."""
        self._apps.sort(key=lambda each: each is not app)

    def drop(self, app: App) -> None:
        """Forget an app."""
        self._apps = [each for each in self._apps if each is not app]

    @staticmethod
    def cleanup() -> None:
        """Nothing lingers: an app is no process of its own."""

    def __iter__(self) -> Iterator[App]:
        return iter(list(self._apps))

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> App:
        for app in self._apps:
            if app.pid == pid:
                return app
        raise KeyError(pid)


class App(base_classes.App):
    """One running Excel, as far as a macro can tell.

    Attributes
    ----------
    alerts : the message boxes that it showed
    answers : the buttons that will be pressed in the next ones
    status_texts : what the status bar has shown
    macros : the Python functions that ``macro`` calls by name
    warnings : what was lost when a book was saved
    """

    xl = None
    version = "16.0"
    startup_path = path = ""
    hwnd = 0
    visible = False
    screen_updating = display_alerts = enable_events = interactive = True
    calculation = "automatic"
    cut_copy_mode: Any = False

    def __init__(self, engine: Engine, apps: Apps) -> None:
        self.engine = engine
        self._pid = next(_pids)
        self._books = Books(self)
        self._status: str | None = None
        self.alerts: list[Alert] = []
        self.answers: deque[str] = deque()
        self.status_texts: list[str] = []
        self.warnings: list[Problem] = []
        self.macros: dict[str, Callable[..., Any]] = {}
        self.clipboard: Any = None
        self._apps = apps

    @property
    def pid(self) -> int:
        """The number of the app."""
        return self._pid

    @property
    def books(self) -> Books:
        """The books that are open."""
        return self._books

    @property
    def api(self) -> App:
        """The app itself: there is nothing behind it."""
        return self

    @property
    def selection(self) -> Any:
        """The cells selected on the active sheet of the active book."""
        return self.books.active.sheets.active.selection if len(self.books) else None

    @property
    def status_bar(self) -> str | bool:
        """What the status bar says; False where nothing was said since it was given back."""
        return self._status if self._status is not None else False

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        self._status = value if isinstance(value, str) else None
        if isinstance(value, str):
            self.status_texts.append(value)

    def activate(self, steal_focus: bool = False) -> None:
        """Make it the active app."""
        self._apps.first(self)

    def calculate(self) -> None:
        """Leave the stored values of formulas as they are: nothing is computed here."""

    def alert(self, prompt: Any, title: Any, buttons: Any, mode: Any, callback: Any) -> str:
        """Record a message box, and press the next button that was asked for, else the first."""
        kind = buttons or "ok"
        answer = self.answers.popleft() if self.answers else ANSWERS[kind]
        self.alerts.append(Alert(str(prompt), str(title or ""), kind, mode or "info", answer))
        return answer

    def run(self, macro: str, args: Sequence[Any]) -> Any:
        """Call the Python function that is registered under the name of a macro, with or without its module."""
        name = macro.rpartition("!")[2].lower()
        known = {each.lower(): function for each, function in self.macros.items()}
        found = known.get(name) or known.get(name.rpartition(".")[2])
        if found is None:
            raise KeyError(macro)
        return found(*args)

    def quit(self) -> None:
        """Close all books without saving them, and the app."""
        for book in list(self.books):
            book.close()
        self._apps.drop(self)

    def kill(self) -> None:
        """Do as ``quit`` does."""
        self.quit()


class Books(base_classes.Books):
    """The books that are open in an app; the last one activated comes first."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._books: list[Book] = []
        self._made = itertools.count(1)

    @property
    def api(self) -> Books:
        """The collection itself."""
        return self

    @property
    def active(self) -> Book:
        """The active book."""
        if not self._books:
            raise KeyError("no book is open")
        return self._books[0]

    def __call__(self, name_or_index: int | str) -> Book:
        """Return a book by its number, in the order of opening, or by its name."""
        if isinstance(name_or_index, int):
            opened = sorted(self._books, key=lambda book: book.number)
            if not 1 <= name_or_index <= len(opened):
                raise KeyError(name_or_index)
            return opened[name_or_index - 1]
        for book in self._books:
            if book.name.lower() == str(name_or_index).lower():
                return book
        raise KeyError(name_or_index)

    def __contains__(self, name: object) -> bool:
        return any(book.name == name for book in self._books)

    def __len__(self) -> int:
        return len(self._books)

    def __iter__(self) -> Iterator[Book]:
        return iter(sorted(self._books, key=lambda book: book.number))

    def add(self) -> Book:
        """Make an empty book, which becomes the active one."""
        number = next(self._made)
        return self._opened(Book.empty(self.app, f"Book{number}", number))

    def open(self, fullname: str, *_: Any) -> Book:
        """Open a file, which becomes the active book; further arguments of Excel's are not needed."""
        return self._opened(Book.opened(self.app, Path(fullname), next(self._made)))

    def first(self, book: Book) -> None:
        """Make a book the active one."""
        self._books.sort(key=lambda each: each is not book)
        self.app.activate()

    def drop(self, book: Book) -> None:
        """Forget a book."""
        self._books = [each for each in self._books if each is not book]

    def _opened(self, book: Book) -> Book:
        self._books.insert(0, book)
        return book
