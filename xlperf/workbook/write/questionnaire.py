"""Writes the eight questions as a sheet to fill in, for those who work in Excel only."""

from __future__ import annotations

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlperf.core.problems import Lang, Text
from xlperf.policy.questionnaire import QUESTIONS
from xlperf.workbook.read.answered_questions import ANSWER
from xlperf.workbook.write import style
from xlperf.workbook.write.style import Look
from xlperf.workbook.write.table_sheet import set_paper
from xlperf.xlsx.formula import put

SHEET_TITLE = Text("开始", "Begin")
_TITLE = Text("八个问题，建立自己的考核方案", "Eight questions to a scheme of your own")
_HINT = Text(
    "在浅黄色的格里回答，保存并关闭，然后运行  xlperf begin 本文件 ；留空即采用“空白时”一列。",
    "Answer in the cream cells, save, close, and run  xlperf begin THIS-FILE ; an empty cell means what If empty says.",
)
_COLUMNS: tuple[tuple[Text, float], ...] = (
    (Text("", ""), 4),
    (Text("问题", "Question"), 26),
    (ANSWER, 52),
    (Text("怎样回答", "How to answer"), 56),
    (Text("例如", "For example"), 46),
    (Text("空白时", "If empty"), 26),
)
_HEADING_ROW = 4


def questionnaire(lang: Lang) -> Workbook:
    """Return a workbook with the eight questions, to be answered in one column.

    >>> questionnaire("en").active["B5"].value
    'For whom is it?'
    """
    workbook = Workbook()
    ws = workbook.worksheets[0]
    ws.title = SHEET_TITLE(lang)
    _write(ws, "B1", _TITLE(lang), Look(lang, size=18, bold=True, colour=style.ACCENT, line=""))
    _write(ws, "B2", _HINT(lang), Look(lang, colour=style.MUTED, line=""))
    letters = "ABCDEF"
    for letter, (name, width) in zip(letters, _COLUMNS, strict=True):
        _write(ws, f"{letter}{_HEADING_ROW}", name(lang), style.heading_look("input", lang))
        ws.column_dimensions[letter].width = width
    for row, question in enumerate(QUESTIONS, start=_HEADING_ROW + 1):
        usual = question.usual(lang).format(name="…", period="…")
        texts: list[str | int | None] = [
            row - _HEADING_ROW,
            question.asks(lang),
            None,
            question.how(lang),
            question.example(lang),
            usual,
        ]
        for letter, text in zip(letters, texts, strict=True):
            _write(ws, f"{letter}{row}", text, _look(letter, lang))
        widths = [(str(text or ""), width) for text, (_, width) in zip(texts, _COLUMNS, strict=True)]
        ws.row_dimensions[row].height = max(style.row_height(widths), 2 * style.ROW_HEIGHT)
    for row in (1, 2):
        ws.row_dimensions[row].height = style.TALL_HEADING if row == 1 else style.ROW_HEIGHT
    ws.freeze_panes = f"C{_HEADING_ROW + 1}"
    ws.sheet_view.showGridLines = False
    set_paper(ws, _TITLE(lang), lang)
    return workbook


def _look(letter: str, lang: Lang) -> Look:
    if letter == "C":
        return Look(lang, fill=style.CREAM, line=style.CREAM_LINE, number_format="@", wrap=True)
    if letter == "B":
        return Look(lang, bold=True, colour=style.ACCENT, wrap=True)
    return Look(lang, colour=style.MUTED, wrap=True)


def _write(ws: Worksheet, place: str, text: str | int | None, look: Look) -> None:
    put(ws[place], text or None)
    look.register(ws).apply_to(ws[place])
