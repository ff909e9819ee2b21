"""The guides do what they say: their commands are run word for word, and what one types is typed into the workbooks.

A block of ``sh`` is run, and the block of ``text`` after it is what the commands print, where ``…`` stands for lines
left out. A block of ``csv`` is a file. A table is typed below the headings of the sheet in bold, or into the cells
that it names, of the workbook named before it; a second name is that under which it is saved. ``Heading`` above the
first column says that the rows of the sheet stand side by side.
"""

import re
import shlex
import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from xlperf.cli import app
from xlperf.core.problems import LANGUAGES, LEVEL_NAMES

ROOT = Path(__file__).parents[2]
PART = re.compile(r"^```(sh|text|csv)\n(.*?)^```$|^((?:(?!```|[|#])[^\n]+\n)+)\n((?:\|[^\n]*\n)+)", re.M | re.S)
NAME, BOLD = re.compile(r"`([^`]+\.(?:xlsx|csv))`"), re.compile(r"\*\*(.+?)\*\*")
CELLS, SETTINGS, HEADINGS = ("Cell", "单元格"), ("Setting", "设置项"), ("Heading", "标题")


def steps(lang):
    """Yield each step of a guide: its kind, and what is to be done."""
    text = (ROOT / "docs" / f"guide-{lang}.md").read_text("utf-8")
    for part in PART.finditer(text):
        kind, body, said, table = part.groups()
        if kind == "csv":
            yield kind, (NAME.findall(text[: part.start()])[-1], body)
        elif kind:
            yield kind, body.splitlines()
        elif NAME.search(said) and BOLD.search(said):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
            rows = [rows[0], *rows[2:]]
            if rows[0][0] in HEADINGS:
                rows = list(zip(*rows[1:], strict=True))
            yield "table", (NAME.findall(said), BOLD.findall(said)[-1], rows)


def type_into(names, sheet, rows):
    book = openpyxl.load_workbook(names[0])
    ws, (headings, *records) = book[sheet], rows
    if headings[0] in CELLS:
        for address, value in records:
            type_cell(ws[address], value)
    elif headings[0] in SETTINGS:
        settings = {row[1].value: row[2] for row in ws.iter_rows(max_col=3)}
        for setting, value in records:
            type_cell(settings[setting], value)
    else:
        columns = {str(cell.value).rstrip(" *"): cell.column for cell in ws[1]}
        first = next(row for row in range(2, ws.max_row + 2) if ws.cell(row, 1).value is ws.cell(row, 2).value is None)
        for row, record in enumerate(records, start=first):
            for heading, value in zip(headings, record, strict=True):
                type_cell(ws.cell(row, columns[heading]), value)
    Path(names[-1]).parent.mkdir(exist_ok=True)
    book.save(names[-1])


def type_cell(cell, value):
    """Leave in a cell what Excel makes of what is typed: a number, unless the cell holds text."""
    if not value:
        return
    number = re.fullmatch(r"(-?\d+(?:\.\d+)?)(%?)", value)
    if cell.number_format == "@" or number is None:
        assert cell.number_format == "@" or not re.fullmatch(r"\d+[-/]\d+", value), f"{cell}: Excel makes a date of it"
        cell.value = value
    else:
        cell.value = float(number[1]) / 100 if number[2] else float(number[1]) if "." in value else int(value)


def printed(commands):
    """Run commands; return their exit status and lines, each blank once."""
    runner, lines, status = CliRunner(), [], 0
    for command in commands:
        words = shlex.split(command, comments=True)
        assert words[0] == "xlperf", command
        result = runner.invoke(app, words[1:], env={"COLUMNS": "100", "XLPERF_LANG": None})
        lines += [" ".join(line.split()) for line in result.output.splitlines() if line.strip()]
        status = max(status, result.exit_code)
    return status, lines


def as_pattern(shown):
    lines = [" ".join(line.split()) for line in shown if line.strip()]
    return "".join("(?:.*\n)*?" if line == "…" else re.escape(line) + "\n" for line in lines)


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_a_guide_does_what_it_says(lang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workbooks").mkdir()
    shutil.copy(ROOT / "workbooks" / f"mistakes-{lang}.xlsx", tmp_path / "workbooks")
    done, waiting = [], None
    for kind, what in [*steps(lang), ("end", None)]:
        if kind == "text":
            status, lines = waiting
            assert re.fullmatch(as_pattern(what), "".join(f"{line}\n" for line in lines)), "\n".join(lines)
            assert status == any(line.startswith(LEVEL_NAMES["error"](lang) + "  ") for line in what), lines
        elif waiting is not None:
            assert waiting[0] == 0, waiting[1]
        waiting = printed(what) if kind == "sh" else None
        if kind == "csv":
            Path(what[0]).write_text(what[1], "utf-8")
        elif kind == "table":
            type_into(*what)
        done.append(kind)
    assert (done.count("csv"), done.count("sh"), done.count("table")) == (1, 32, 22)


def test_both_guides_go_the_same_way():
    zh, en = ([kind for kind, _ in steps(lang)] for lang in LANGUAGES)
    assert zh == en
