"""A small sheet on which somebody fills in what a button must know: the questions on the left, the answers beside them.

Excel has an input box that only some of its editions let Python open; a sheet is there in all of them, and what was
typed on it can be looked through before the button is pressed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlperf.core.problems import Lang, Problem, Text
from xlperf.policy.scheme.codec import cell_word
from xlperf.workflows.result import Refused

if TYPE_CHECKING:
    import xlwings as xw

WIDTHS = (26.0, 44.0)  # of questions and answers, in characters
HINT = Text("在右边填写，再点击“{button}”。", "Fill in the right column, then press {button} again.")


@dataclass(frozen=True)
class Field:
    """One question; ``needed`` tells that it must be answered, ``form`` what is expected."""

    code: str
    label: Text
    form: Text
    needed: bool = True


def ask_on_sheet(
    book: xw.Book, title: str, button: Text, fields: Sequence[Field], lang: Lang, given: Mapping[str, str]
) -> None:
    """Show a sheet with some questions.

    Parameters
    ----------
    title : of the sheet
    button : that is pressed when the questions are answered
    given : answers that are known already, by the code of the field
    """
    sheet = book.sheets.add(title, after=book.sheets[-1])
    sheet.range("A1").value = HINT(lang).format(button=button(lang))
    rows = [[each.label(lang), given.get(each.code, "")] for each in fields]
    answers = sheet.range((2, 1)).resize(len(rows), 2)
    answers.number_format = "@"
    answers.value = rows
    sheet.range("A1").font.bold = True
    for column, width in zip("AB", WIDTHS, strict=True):
        sheet.range(f"{column}:{column}").column_width = width
    sheet.activate()
    sheet.range("B2").select()


def answers_on_sheet(book: xw.Book, title: str, fields: Sequence[Field], lang: Lang) -> dict[str, str]:
    """Return the answers on such a sheet, by the code of the field; one that was left empty is an empty text.

    Parameters
    ----------
    title, fields, lang : as they were asked

    Raises
    ------
    Refused
        Where an answer that is needed is empty.
    """
    cells: Any = book.sheets[title].range((2, 2)).resize(len(fields), 1).options(ndim=1).value
    answers = {
        each.code: "" if cell is None else cell_word(cell).strip() for each, cell in zip(fields, cells, strict=True)
    }
    lacking = [
        Problem("option-needs", title, f"B{row}", {"option": each.label, "form": each.form})
        for row, each in enumerate(fields, start=2)
        if each.needed and not answers[each.code]
    ]
    if lacking:
        raise Refused(lacking, lang)
    return answers
