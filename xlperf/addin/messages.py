"""How macros talk: one message box in words, whatever happens; what is a mistake of xlperf's own goes to a log file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Literal, TypeVar

from xlperf.core.problems import NOTHING_WRITTEN, Lang, Problem, Text, counted
from xlperf.workflows.error_log import HALF_WRITTEN, mistake_problem
from xlperf.workflows.result import Refusal, Refused, Result

if TYPE_CHECKING:
    import xlwings as xw

    from xlperf.addin.live_store import LiveStore

Done = TypeVar("Done", bound=Result)

TITLE = "xlperf"
SHOWN = 3  # problems that a message box has room for

Buttons = Literal["ok", "ok_cancel", "yes_no", "yes_no_cancel"]

_ALL_LISTED = Text("点击“检查”可以列出全部问题。", "The button Check lists all of them.")


@dataclass(frozen=True)
class Desk:
    """The workbook that a button was pressed in, and the way to whoever pressed it."""

    book: xw.Book

    @property
    def store(self) -> LiveStore:
        """The workbook, as workflows read and change it."""
        from xlperf.addin.live_store import LiveStore

        return LiveStore(self.book)

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

        from xlperf.workbook.read.book import language_of_titles

        desk = Desk(xw.Book.caller())
        try:
            with desk.book.app.properties(status_bar=f"xlperf: {work.__name__} …"):
                work(desk)
        except Refused as refusal:
            lang = refusal.lang or language_of_titles(desk.book.sheet_names)
            desk.say(refused_words(list(refusal.problems)), lang, critical=True)
        except Exception as mistake:
            problem = mistake_problem(mistake, work.__name__, HALF_WRITTEN)
            words = Text(in_words(problem, "zh"), in_words(problem, "en"))
            desk.say(words, language_of_titles(desk.book.sheet_names), critical=True)

    return run


def done(result: Done | Refusal) -> Done:
    """Return the result of a workflow; a refusal ends the macro, which tells it."""
    if isinstance(result, Refusal):
        raise Refused(result.problems, result.lang)
    return result


def refused_words(problems: list[Problem]) -> Text:
    """Say what keeps a macro from its work: the first errors in full, and how many problems there are."""
    first = [each for each in problems if each.level == "error"][:SHOWN]
    return Text(*("\n\n".join(_lines(first, problems, lang)) for lang in ("zh", "en")))


def _lines(first: list[Problem], problems: list[Problem], lang: Lang) -> list[str]:
    more = [_ALL_LISTED(lang)] if len(problems) > len(first) else []
    return [
        *(in_words(each, lang) for each in first),
        " ".join([counted(problems)(lang), *more, NOTHING_WRITTEN(lang)]),
    ]


def in_words(problem: Problem, lang: Lang) -> str:
    """Say one problem: where it is, what is wrong, what was expected and what to do."""
    where = f"{problem.place}  " if problem.place else ""
    return "\n".join([where + problem.found(lang), problem.expected(lang), problem.remedy(lang)])
