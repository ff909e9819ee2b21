"""How macros talk: one message box in words, whatever happens; what is a mistake of xlperf's own goes to a log file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from xlperf.core.problems import Lang, Problem, Text, counted, in_order

if TYPE_CHECKING:
    import xlwings as xw

TITLE = "xlperf"
SHOWN = 3  # problems that a message box has room for
LOG = "XLPERF_LOG"  # the variable that names another log file
LOG_BYTES = 1 << 20

Buttons = Literal["ok", "ok_cancel", "yes_no", "yes_no_cancel"]

_NOTHING_WRITTEN = Text("什么都没有写入。", "Nothing was written.")
_ALL_LISTED = Text("点击“检查”可以列出全部问题。", "The button Check lists all of them.")
_OUR_MISTAKE = Text(
    "这是 xlperf 的错误，不是您的工作簿的问题。工作簿可能只写了一部分，请不要保存，重新打开后再试。\n详情已记入 {log}",
    "This is a mistake in xlperf, not in your workbook. Some of the sheets may be half written: "
    "please do not save, and open the workbook again.\nThe details are in {log}",
)


class Refused(Exception):  # noqa: N818 - a refusal, told to the user in the words of its problems
    """A macro cannot go on; nothing was written."""

    def __init__(self, problems: Iterable[Problem], lang: Lang) -> None:
        self.problems, self.lang = in_order(problems), lang
        super().__init__(counted(self.problems)("en"))


@dataclass(frozen=True)
class Desk:
    """The workbook that a button was pressed in, and the way to whoever pressed it."""

    book: xw.Book

    def say(self, words: Text, lang: Lang, critical: bool = False) -> None:
        """Show a message box."""
        self.book.app.alert(words(lang), TITLE, "ok", "critical" if critical else "info")

    def ask(self, words: Text, lang: Lang, buttons: Buttons) -> str:
        """Show a message box and return the button that was pressed."""
        return str(self.book.app.alert(words(lang), TITLE, buttons, "info"))


def macro(work: Callable[[Desk], None]) -> Callable[[], None]:
    """Make what a button does a macro: it finds its workbook, and tells in words what keeps it from its work."""

    @wraps(work)
    def run() -> None:
        import xlwings as xw

        from xlperf.xlsx.errors import CannotSave

        desk = Desk(xw.Book.caller())
        try:
            with desk.book.app.properties(status_bar=f"xlperf: {work.__name__} …"):
                work(desk)
        except Refused as refusal:
            desk.say(refused_words(refusal.problems), refusal.lang, critical=True)
        except CannotSave as refusal:
            desk.say(refused_words([refusal.problem]), language_of(desk.book), critical=True)
        except Exception as mistake:
            path = note(mistake)
            words = Text(*(each.format(log=path) for each in _OUR_MISTAKE))
            desk.say(words, language_of(desk.book), critical=True)

    return run


def refused_words(problems: list[Problem]) -> Text:
    """Say what keeps a macro from its work: the first errors in full, and how many problems there are."""
    first = [each for each in problems if each.level == "error"][:SHOWN]
    return Text(*("\n\n".join(_lines(first, problems, lang)) for lang in ("zh", "en")))


def _lines(first: list[Problem], problems: list[Problem], lang: Lang) -> list[str]:
    more = [_ALL_LISTED(lang)] if len(problems) > len(first) else []
    return [
        *(in_words(each, lang) for each in first),
        " ".join([counted(problems)(lang), *more, _NOTHING_WRITTEN(lang)]),
    ]


def in_words(problem: Problem, lang: Lang) -> str:
    """Say one problem: where it is, what is wrong, what was expected and what to do."""
    where = f"{problem.place}  " if problem.place else ""
    return "\n".join([where + problem.found(lang), problem.expected(lang), problem.remedy(lang)])


def language_of(book: xw.Book) -> Lang:
    """Return the language of most of the titles that the layout knows."""
    from xlperf.schema import SHEETS

    titles = set(book.sheet_names)
    known = {lang: sum(sheet.title(lang) in titles for sheet in SHEETS.values()) for lang in ("zh", "en")}
    return "en" if known["en"] > known["zh"] else "zh"


# The log ----------------------------------------------------------------------------------------------------------


def log_path() -> Path:
    """Return where mistakes of xlperf's own are noted: in the home folder, unless a variable names another file."""
    return Path(os.environ.get(LOG) or Path.home() / ".xlperf" / "xlperf.log")


def note(mistake: BaseException) -> Path:
    """Note where in the code something went wrong; what stands in the workbook is not written down."""
    path = log_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.Logger(TITLE)
    logger.addHandler(handler)
    try:
        logger.error("a macro stopped", exc_info=mistake)
    finally:
        handler.close()
    return path
