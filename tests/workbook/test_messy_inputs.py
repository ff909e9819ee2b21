"""Messy inputs kind by kind, in both languages: read as meant, or told; never a crash, a lost row or a silent slip."""

import re
import tomllib
from pathlib import Path

import openpyxl
import pytest
import small
from small_book import policy, save

from xlperf.schema import SHEETS
from xlperf.scoring.pipeline import appraise
from xlperf.scoring.stages import Scored
from xlperf.workbook.read.book import read_book
from xlperf.workbook.write.table_sheet import cell_values

ROOT = Path(__file__).parents[2]
CASES = tomllib.loads((ROOT / "tests/cases/messy.toml").read_text("utf-8"))["case"]
TRIED = [(case, value) for case in CASES for value in case.get("values", case.get("do", ()))]
PEOPLE = ("E1", "E2", "E3", "E4")


def sheets(lang):
    """Return a sound workbook as rows: four people with five tasks and a rating each."""
    tables = small.tables(
        [{"employee_id": each, "name": f"Name {each}", "hire_date": "2020-01-01", "leave_date": None,
          "status": "active"} for each in PEOPLE],
        [small.task(10 * rank + n, each, done="2026-10-09" if n >= rank else "2026-10-20")
         | {"task_kind": "phone call", "client_id": f"K{n}", "amount": 100, "created_date": "2026-10-01"}
         for rank, each in enumerate(PEOPLE) for n in range(5)],
    )  # fmt: skip
    found = policy(lang)
    for table in tables.values():
        columns = [column for column in table.sheet if column.code in table.letters]
        cells = [cell_values(table[column.code], column, lang) for column in columns]
        found[table.sheet.title(lang)] = [
            [column.name(lang) for column in columns],
            *map(list, zip(*cells, strict=True)),
        ]
    return found


def on_tasks(wanted, rows, lang):
    """Do something to the Tasks sheet as a whole, in memory; what only a file can hold is done to the file."""
    heads, *records = rows
    width = [None] * (len(heads) - 1)
    word = dict(zip(("zh", "en"), range(2), strict=True))[lang]
    due = SHEETS["tasks"]["due_date"]
    renamed = {
        "a synonym": ("截止日期", "due date")[word],
        "capitals and blanks": f" {due.name(lang).upper()} ",
        "an overtyped heading": "7",
        "a heading twice": SHEETS["tasks"]["done_date"].name(lang),
    }
    below = {
        "a total": ("合计", "Total")[word],
        "an average": ("平均", "Average")[word],
        "a remark": ("备注：以系统为准", "Note: as in the system")[word],
    }
    if wanted in renamed:
        return [[renamed[wanted] if each == due.name(lang) else each for each in heads], *records]
    if wanted in below:
        return [*rows, [below[wanted], *width]]
    title = [("任务表", "List of tasks")[word], *width]
    return {
        "title": [title, *rows],
        "title and a blank row": [title, [None], *rows],
        "a line of another period": [[("考核周期：2026-09", "Period: 2026-09")[word], *width], *rows],
        "two empty columns": [[None, None, *row] for row in rows],
        "blank rows": [heads, *(each for row in records for each in (row, [None], [""]))],
        "columns the other way round": [row[::-1] for row in rows],
        "a column of HR's own": [[*heads, "甲乙"], *([*row, 1] for row in records)],
        "rows the other way round": [heads, *records[::-1]],
    }.get(wanted, rows)


def on_file(wanted, path, title):
    book = openpyxl.load_workbook(path)
    ws = book[title]
    if wanted == "a hidden row":
        ws.row_dimensions[3].hidden = True
    elif wanted == "a hidden column":
        ws.column_dimensions["A"].hidden = True
    elif wanted == "a hidden sheet":
        ws.sheet_state = "hidden"
    book.save(path)


def changed(case, value, lang, folder):
    """Write the workbook with one thing changed; return it, and the address that was changed."""
    rows, cell = sheets(lang), ""
    tasks, ratings = SHEETS["tasks"].title(lang), SHEETS["ratings"].title(lang)
    if "set" in case:
        code, number, column = case["set"].split()
        table = rows[SHEETS[code].title(lang)]
        place = table[0].index(SHEETS[code][column].name(lang))
        table[int(number)][place] = value
        cell = f"{openpyxl.utils.get_column_letter(place + 1)}{int(number) + 1}"
    elif value == "another score of the same rater":
        rows[ratings].append([*rows[ratings][1][:-1], 2])
    else:
        rows[tasks] = on_tasks(value, rows[tasks], lang)
    path = save(folder / "messy.xlsx", rows)
    if isinstance(value, str) and "hidden" in value:
        on_file(value, path, tasks)
    return path, cell


def outcome(case, value, lang, folder):
    """Return what went wrong, nothing where the case is as it must be."""
    path, cell = changed(case, value, lang, folder)
    book = read_book(path)
    stage = appraise(book.tables, book.scheme, None, book.problems)
    found = {each.code: each for each in stage.problems}
    wrong = []
    if "reads" in case:
        code, number, column = case["set"].split()
        table = {**book.tables, **book.scheme.tables}[code]
        read, wanted = table[column].iloc[int(number) - 1], value if case["reads"] == "same" else case["reads"]
        if (str(read)[:10] if column.endswith("date") else read) != wanted:
            wrong.append(f"read as {read!r}")
    if "told" in case:
        told = [found[code] for code in case["told"].split() if code in found]
        places = " ".join(each.cells for each in told)
        if not told or (case.get("here") and not re.search(rf"\b{cell}\b", places)):
            wrong.append(f"not told at {cell}: {sorted(found)} {places}")
        wrong += [f"{each.code} says nothing" for each in told for part in ("found", "remedy")
                  if not getattr(each, part)(lang)]  # fmt: skip
    if "total" in case and (not isinstance(stage, Scored) or stage.totals.total[0] != case["total"]):
        wrong.append(f"total {stage.totals.total[0] if isinstance(stage, Scored) else sorted(found)}")
    if "set" not in case and len(book.tables["tasks"]) != 20:
        wrong.append(f"{len(book.tables['tasks'])} tasks")
    return wrong


KINDS = sorted({case["kind"] for case in CASES}, key=lambda kind: int(kind[1:]))


def wrong_of(tried, lang, folder):
    return {repr(value): found for case, value in tried if (found := outcome(case, value, lang, folder))}


@pytest.mark.parametrize("kind", KINDS[::4])
def test_one_of_some_kinds_is_read_as_meant_or_told(kind, tmp_path):
    lang = ("zh", "en")[KINDS.index(kind) % 2]
    assert wrong_of([each for each in TRIED if each[0]["kind"] == kind][:1], lang, tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_messy_is_read_as_meant_or_told(kind, lang, tmp_path):
    assert wrong_of([each for each in TRIED if each[0]["kind"] == kind], lang, tmp_path) == {}


def test_the_page_on_inputs_says_how_many_were_tried():
    tried = {}
    for case, _ in TRIED:
        tried[case["kind"]] = tried.get(case["kind"], 0) + 2  # in two languages
    page = (ROOT / "docs/inputs.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| (M[0-9]+) \| ([0-9]+) \| 0 \| 0 \| 0 \|$", page, re.MULTILINE))
    assert {kind: int(number) for kind, number in listed.items()} == tried
